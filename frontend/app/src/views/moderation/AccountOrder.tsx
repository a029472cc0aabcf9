/** What keeping order adds to the menu of one's account: the queue, whom one blocks, and the end of the account. */
import { lazy, type ReactNode, Suspense, useState } from "react";
import { moderatesAnything } from "../../live/moderation.ts";
import { openModeration } from "../../live/place.ts";
import { useLive } from "../../live/store.ts";
import { t } from "../../text/t.ts";
import { BlockIcon, ShieldIcon, TrashIcon } from "../../ui/icons.tsx";
import { MenuItem } from "../../ui/menu.tsx";

const BlockedDialog = lazy(() => import("./BlockedDialog.tsx").then((module) => ({ default: module.BlockedDialog })));
const EndDialog = lazy(() => import("./EndDialog.tsx").then((module) => ({ default: module.EndDialog })));

export function useAccountOrder(): { items: ReactNode; dialog: ReactNode } {
  const [open, setOpen] = useState<"blocked" | "end" | null>(null);
  const hasQueue = useLive(moderatesAnything);
  const close = () => setOpen(null);
  const items = (
    <>
      {hasQueue && (
        <MenuItem icon={<ShieldIcon />} onSelect={openModeration}>
          {t("Moderation")}
        </MenuItem>
      )}
      <MenuItem icon={<BlockIcon />} onSelect={() => setOpen("blocked")}>
        {t("People you block")}
      </MenuItem>
      <MenuItem icon={<TrashIcon />} onSelect={() => setOpen("end")}>
        {t("End your account")}
      </MenuItem>
    </>
  );
  const dialog = open !== null && (
    <Suspense>
      {open === "blocked" && <BlockedDialog onClose={close} />}
      {open === "end" && <EndDialog onClose={close} />}
    </Suspense>
  );
  return { items, dialog };
}
