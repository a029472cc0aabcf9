/** Who cannot come into a room, why and until when; and letting them back. */
import { useCallback, useEffect, useState } from "react";
import { currentSession } from "../../live/account.ts";
import { type Ban, bansOf, liftBan } from "../../live/moderation.ts";
import type { Room } from "../../live/model.ts";
import { endOf } from "../../live/sanctions.ts";
import { nameOf } from "../../text/names.ts";
import { t } from "../../text/t.ts";
import { useRequest } from "../../ui/hooks.ts";
import { Avatar, Button, Dialog, ErrorText } from "../../ui/parts.tsx";

export function BansDialog({ room, onClose }: { room: Room; onClose: () => void }) {
  const [bans, setBans] = useState<Ban[] | null>(null);
  const { busy, error, run } = useRequest();
  const load = useCallback(() => run(async () => setBans(await bansOf(room.id))), [run, room.id]);
  useEffect(load, [load]);
  const lift = ({ user }: Ban) =>
    run(async () => {
      await liftBan(currentSession(), room.id, user.id);
      setBans(await bansOf(room.id));
    });
  return (
    <Dialog title={t("Banned from {name}", { name: room.name })} onClose={onClose}>
      <ErrorText>{error}</ErrorText>
      {bans?.length === 0 && <p className="py-6 text-center text-muted">{t("Nobody is banned.")}</p>}
      <ul className="flex flex-col divide-y divide-line">
        {bans?.map((ban) => (
          <li key={ban.user.id} className="flex items-center gap-3 py-3">
            <Avatar person={ban.user} />
            <span className="min-w-0 flex-1">
              <span className="block truncate font-medium">{nameOf(ban.user)}</span>
              <span className="block text-sm break-words text-muted">
                {endOf(ban.until)} {ban.reason}
              </span>
            </span>
            <Button tone="outline" disabled={busy} aria-label={t("Lift the ban of {name}", { name: nameOf(ban.user) })} onClick={() => lift(ban)}>
              {t("Lift")}
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
