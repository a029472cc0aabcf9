/** One's own account: theme, password, devices, the way out. */
import { lazy, Suspense, useCallback, useState } from "react";
import { logOut } from "../live/account.ts";
import { hasSounds, setSounds } from "../live/attention.ts";
import { openJobs, openList } from "../live/place.ts";
import { openOverlay, useLive } from "../live/store.ts";
import { type Contrast, savedContrast, savedTheme, setContrast, setTheme, type Theme } from "../live/theme.ts";
import { nameOf } from "../text/names.ts";
import { t } from "../text/t.ts";
import { BellIcon, BookmarkIcon, ChatIcon, ClockIcon, LeaveIcon, LockIcon, PeopleIcon, QuestionIcon, TasksIcon } from "../ui/icons.tsx";
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuLine } from "../ui/menu.tsx";
import { Avatar } from "../ui/parts.tsx";
import { useAccountOrder } from "./moderation/AccountOrder.tsx";

const DevicesDialog = lazy(() => import("./DevicesDialog.tsx").then((module) => ({ default: module.DevicesDialog })));
const GroupsDialog = lazy(() => import("./GroupsDialog.tsx").then((module) => ({ default: module.GroupsDialog })));
const PasswordDialog = lazy(() => import("./PasswordDialog.tsx").then((module) => ({ default: module.PasswordDialog })));
const StatusDialog = lazy(() => import("./StatusDialog.tsx").then((module) => ({ default: module.StatusDialog })));

const themes = (): Record<Theme, string> => ({ system: t("System"), light: t("Light"), dark: t("Dark") });

const contrasts = (): Record<Contrast, string> => ({ system: t("As the system"), more: t("High") });

export function AccountMenu() {
  const me = useLive((live) => live.me);
  const availability = useLive((live) => live.own.availability);
  const [theme, setShownTheme] = useState(savedTheme);
  const [dialog, setDialog] = useState<"status" | "groups" | "password" | "devices" | null>(null);
  const choose = (chosen: Theme) => {
    setTheme(chosen);
    setShownTheme(chosen);
  };
  const [contrast, setShownContrast] = useState(savedContrast);
  const chooseContrast = (chosen: Contrast) => {
    setContrast(chosen);
    setShownContrast(chosen);
  };
  const [sounds, setShownSounds] = useState(hasSounds);
  const chooseSounds = (chosen: "on" | "off") => {
    setSounds(chosen === "on");
    setShownSounds(chosen === "on");
  };
  const close = useCallback(() => setDialog(null), []);
  const order = useAccountOrder();
  return (
    <>
      <Menu
        trigger={
          <button type="button" aria-label={t("Your account, {name}", { name: nameOf(me) })} title={nameOf(me)} className="rounded-full">
            <Avatar person={me} size="small" mode={availability === "dnd" ? "dnd" : null} />
          </button>
        }
      >
        <MenuLabel>{t("Logged in as {name}", { name: me.username })}</MenuLabel>
        <MenuLine />
        <MenuLabel>{t("Appearance")}</MenuLabel>
        <MenuChoice value={theme} choices={themes()} onChange={choose} />
        <MenuLabel>{t("Contrast")}</MenuLabel>
        <MenuChoice value={contrast} choices={contrasts()} onChange={chooseContrast} />
        <MenuLabel>{t("Sounds")}</MenuLabel>
        <MenuChoice value={sounds ? "on" : "off"} choices={{ on: t("On"), off: t("Off") }} onChange={chooseSounds} />
        <MenuLine />
        <MenuItem icon={<ChatIcon />} onSelect={() => setDialog("status")}>
          {t("Your status")}
        </MenuItem>
        <MenuItem icon={<BookmarkIcon />} onSelect={() => openList("saved")}>
          {t("Saved messages")}
        </MenuItem>
        <MenuItem icon={<ClockIcon />} onSelect={() => openList("scheduled")}>
          {t("Scheduled messages")}
        </MenuItem>
        <MenuItem icon={<PeopleIcon />} onSelect={() => setDialog("groups")}>
          {t("Groups of people")}
        </MenuItem>
        <MenuItem icon={<BellIcon />} onSelect={() => openOverlay("preferences")}>
          {t("What you are told")}
        </MenuItem>
        <MenuItem icon={<LockIcon />} onSelect={() => setDialog("password")}>
          {t("Change password")}
        </MenuItem>
        <MenuItem icon={<LockIcon />} onSelect={() => setDialog("devices")}>
          {t("Your devices")}
        </MenuItem>
        <MenuItem icon={<TasksIcon />} onSelect={openJobs}>
          {t("Your tasks and data")}
        </MenuItem>
        <MenuItem icon={<QuestionIcon />} onSelect={() => openOverlay("shortcuts")}>
          {t("Keyboard shortcuts")}
        </MenuItem>
        {order.items}
        {me.is_staff && (
          <MenuItem icon={<LockIcon />} onSelect={() => location.assign("/admin/")}>
            {t("Administration")}
          </MenuItem>
        )}
        <MenuLine />
        <MenuItem icon={<LeaveIcon />} onSelect={() => void logOut()}>
          {t("Log out")}
        </MenuItem>
      </Menu>
      {order.dialog}
      <Suspense>
        {dialog === "status" && <StatusDialog onClose={close} />}
        {dialog === "groups" && <GroupsDialog onClose={close} />}
        {dialog === "password" && <PasswordDialog onClose={close} />}
        {dialog === "devices" && <DevicesDialog onClose={close} />}
      </Suspense>
    </>
  );
}
