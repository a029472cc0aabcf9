/** One's own account: theme, password, devices, the way out. */
import { type FormEvent, lazy, Suspense, useCallback, useEffect, useState } from "react";
import { changePassword, type Device, listDevices, logOut, revokeDevice } from "../live/account.ts";
import { hasSounds, setSounds } from "../live/attention.ts";
import { openJobs, openList } from "../live/place.ts";
import { openOverlay, useLive } from "../live/store.ts";
import { type Contrast, savedContrast, savedTheme, setContrast, setTheme, type Theme } from "../live/theme.ts";
import { nameOf } from "../text/names.ts";
import { t } from "../text/t.ts";
import { fullMoment } from "../text/times.ts";
import { useRequest } from "../ui/hooks.ts";
import { BellIcon, BookmarkIcon, ChatIcon, ClockIcon, LeaveIcon, LockIcon, PeopleIcon, QuestionIcon, TasksIcon } from "../ui/icons.tsx";
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuLine } from "../ui/menu.tsx";
import { Avatar, Button, Dialog, ErrorText, Field } from "../ui/parts.tsx";
import { useAccountOrder } from "./moderation/AccountOrder.tsx";

const StatusDialog = lazy(() => import("./StatusDialog.tsx").then((module) => ({ default: module.StatusDialog })));

const GroupsDialog = lazy(() => import("./GroupsDialog.tsx").then((module) => ({ default: module.GroupsDialog })));

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
      </Suspense>
      {dialog === "password" && <PasswordDialog onClose={close} />}
      {dialog === "devices" && <DevicesDialog onClose={close} />}
    </>
  );
}

function PasswordDialog({ onClose }: { onClose: () => void }) {
  const username = useLive((live) => live.me.username);
  const { busy, error, run } = useRequest();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    run(async () => {
      await changePassword({ old_password: String(form.get("old")), new_password: String(form.get("new")) });
      onClose();
    });
  };
  return (
    <Dialog title={t("Change password")} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        {/* tells password managers whose password changes */}
        <input hidden readOnly name="username" autoComplete="username" value={username} />
        <Field label={t("Present password")}>
          <input className="field" type="password" name="old" autoComplete="current-password" required data-autofocus />
        </Field>
        <Field label={t("New password")} hint={t("Your other devices will be logged out.")}>
          <input className="field" type="password" name="new" autoComplete="new-password" minLength={8} required />
        </Field>
        <ErrorText>{error}</ErrorText>
        <Button type="submit" disabled={busy}>
          {t("Change password")}
        </Button>
      </form>
    </Dialog>
  );
}

function DevicesDialog({ onClose }: { onClose: () => void }) {
  const [devices, setDevices] = useState<Device[] | null>(null);
  const { busy, error, run } = useRequest();
  const load = useCallback(() => run(async () => setDevices(await listDevices())), [run]);
  useEffect(load, [load]);
  const revoke = (device: Device) =>
    run(async () => {
      await revokeDevice(device.id);
      setDevices(await listDevices());
    });
  return (
    <Dialog title={t("Your devices")} onClose={onClose}>
      <ErrorText>{error}</ErrorText>
      {devices === null && error === null && <p className="py-6 text-center text-muted">{t("Loading…")}</p>}
      <ul className="flex flex-col divide-y divide-line">
        {devices?.map((device) => (
          <li key={device.id} className="flex items-center gap-3 py-3">
            <span className="min-w-0 flex-1">
              <span className="block truncate font-medium">{device.name || (device.kind === "browser" ? t("Browser") : t("App"))}</span>
              <span className="block text-sm text-muted">
                {device.current ? t("This browser") : t("Last seen {when}", { when: fullMoment(new Date(device.last_seen_at)) })}
              </span>
            </span>
            {!device.current && (
              <Button tone="outline" disabled={busy} onClick={() => revoke(device)}>
                {t("Log out")}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
