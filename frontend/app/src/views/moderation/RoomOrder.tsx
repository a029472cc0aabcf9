/** What keeping order adds to the menu of a room: who is banned, what was done, and taking the room along. */
import { lazy, type ReactNode, Suspense, useState } from "react";
import { changeLive } from "../../live/store.ts";
import { withJob } from "../../live/jobs.ts";
import { exportRoom, moderates } from "../../live/moderation.ts";
import type { Room } from "../../live/model.ts";
import { openJobs } from "../../live/place.ts";
import { t } from "../../text/t.ts";
import { BlockIcon, DownloadIcon, ShieldIcon } from "../../ui/icons.tsx";
import { MenuItem } from "../../ui/menu.tsx";

const AuditDialog = lazy(() => import("./AuditDialog.tsx").then((module) => ({ default: module.AuditDialog })));
const BansDialog = lazy(() => import("./BansDialog.tsx").then((module) => ({ default: module.BansDialog })));

export function useRoomOrder(room: Room, run: (request: () => Promise<void>) => void): { items: ReactNode; dialog: ReactNode } {
  const [open, setOpen] = useState<"bans" | "audit" | null>(null);
  const close = () => setOpen(null);
  const takeAlong = () =>
    run(async () => {
      const job = await exportRoom(room.id);
      changeLive((live) => withJob(live, job));
      openJobs();
    });
  const items = (
    <>
      {moderates(room.role) && (
        <MenuItem icon={<BlockIcon />} onSelect={() => setOpen("bans")}>
          {t("Who is banned")}
        </MenuItem>
      )}
      {room.role === "owner" && (
        <>
          <MenuItem icon={<ShieldIcon />} onSelect={() => setOpen("audit")}>
            {t("What was done here")}
          </MenuItem>
          <MenuItem icon={<DownloadIcon />} onSelect={takeAlong}>
            {t("Export this room")}
          </MenuItem>
        </>
      )}
    </>
  );
  const dialog = open !== null && (
    <Suspense>
      {open === "bans" && <BansDialog room={room} onClose={close} />}
      {open === "audit" && <AuditDialog room={room} onClose={close} />}
    </Suspense>
  );
  return { items, dialog };
}
