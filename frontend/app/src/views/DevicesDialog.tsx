/** Where one is logged in, and the way out there. */
import { useCallback, useEffect, useState } from "react";
import { type Device, listDevices, revokeDevice } from "../live/account.ts";
import { t } from "../text/t.ts";
import { fullMoment } from "../text/times.ts";
import { useRequest } from "../ui/hooks.ts";
import { Button, Dialog, ErrorText } from "../ui/parts.tsx";

export function DevicesDialog({ onClose }: { onClose: () => void }) {
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
