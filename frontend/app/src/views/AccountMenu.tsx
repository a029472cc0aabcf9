/** One's own account: theme, password, devices, the way out. */
import { type FormEvent, useCallback, useEffect, useState } from "react";
import { changePassword, type Device, listDevices, logOut, revokeDevice } from "../live/account.ts";
import { useLive } from "../live/store.ts";
import { savedTheme, setTheme, type Theme } from "../live/theme.ts";
import { nameOf } from "../text/names.ts";
import { fullMoment } from "../text/times.ts";
import { useRequest } from "../ui/hooks.ts";
import { LeaveIcon, LockIcon, PeopleIcon } from "../ui/icons.tsx";
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuLine } from "../ui/menu.tsx";
import { Avatar, Button, Dialog, ErrorText, Field } from "../ui/parts.tsx";

const THEMES: Record<Theme, string> = { system: "System", light: "Light", dark: "Dark" };

export function AccountMenu() {
  const me = useLive((live) => live.me);
  const [theme, setShownTheme] = useState(savedTheme);
  const [dialog, setDialog] = useState<"password" | "devices" | null>(null);
  const choose = (chosen: Theme) => {
    setTheme(chosen);
    setShownTheme(chosen);
  };
  const close = useCallback(() => setDialog(null), []);
  return (
    <>
      <Menu
        trigger={
          <button type="button" aria-label={`Your account, ${nameOf(me)}`} title={nameOf(me)} className="rounded-full">
            <Avatar person={me} size="small" />
          </button>
        }
      >
        <MenuLabel>Logged in as {me.username}</MenuLabel>
        <MenuLine />
        <MenuLabel>Appearance</MenuLabel>
        <MenuChoice value={theme} choices={THEMES} onChange={choose} />
        <MenuLine />
        <MenuItem icon={<LockIcon />} onSelect={() => setDialog("password")}>
          Change password
        </MenuItem>
        <MenuItem icon={<PeopleIcon />} onSelect={() => setDialog("devices")}>
          Your devices
        </MenuItem>
        {me.is_staff && (
          <MenuItem icon={<LockIcon />} onSelect={() => location.assign("/admin/")}>
            Administration
          </MenuItem>
        )}
        <MenuLine />
        <MenuItem icon={<LeaveIcon />} onSelect={() => void logOut()}>
          Log out
        </MenuItem>
      </Menu>
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
    <Dialog title="Change password" onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        {/* tells password managers whose password changes */}
        <input hidden readOnly name="username" autoComplete="username" value={username} />
        <Field label="Present password">
          <input className="field" type="password" name="old" autoComplete="current-password" required data-autofocus />
        </Field>
        <Field label="New password" hint="Your other devices will be logged out.">
          <input className="field" type="password" name="new" autoComplete="new-password" minLength={8} required />
        </Field>
        <ErrorText>{error}</ErrorText>
        <Button type="submit" disabled={busy}>
          Change password
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
    <Dialog title="Your devices" onClose={onClose}>
      <ErrorText>{error}</ErrorText>
      {devices === null && error === null && <p className="py-6 text-center text-muted">Loading…</p>}
      <ul className="flex flex-col divide-y divide-line">
        {devices?.map((device) => (
          <li key={device.id} className="flex items-center gap-3 py-3">
            <span className="min-w-0 flex-1">
              <span className="block truncate font-medium">{device.name || (device.kind === "browser" ? "Browser" : "App")}</span>
              <span className="block text-sm text-muted">
                {device.current ? "This browser" : `Last seen ${fullMoment(new Date(device.last_seen_at))}`}
              </span>
            </span>
            {!device.current && (
              <Button tone="outline" disabled={busy} onClick={() => revoke(device)}>
                Log out
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
