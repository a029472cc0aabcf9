/** The bell: what happened that concerns one, and what the administrators and one's rooms let everybody know. */
import * as Popover from "@radix-ui/react-popover";
import { lazy, Suspense, useCallback, useState } from "react";
import type { InboxItem } from "../live/model.ts";
import { openOverlay, useLive } from "../live/store.ts";
import { t } from "../text/t.ts";
import { BellIcon } from "../ui/icons.tsx";
import { IconButton } from "../ui/parts.tsx";

const InboxPanel = lazy(() => import("./InboxPanel.tsx").then(({ InboxPanel: view }) => ({ default: view })));
const RemindDialog = lazy(() => import("./RemindDialog.tsx").then(({ RemindDialog: view }) => ({ default: view })));
const WhyDialog = lazy(() => import("./WhyDialog.tsx").then(({ WhyDialog: view }) => ({ default: view })));

export type Opened = { kind: "why" | "remind"; item: InboxItem };

export function Inbox() {
  const [open, setOpen] = useState(false);
  const [dialog, setDialog] = useState<Opened | null>(null);
  const close = useCallback(() => setDialog(null), []);
  const show = (opened: Opened) => {
    setOpen(false);
    setDialog(opened);
  };
  const tune = () => {
    setOpen(false);
    openOverlay("preferences");
  };
  const unread = useLive((live) => live.inbox.unread.own + live.inbox.unread.shared);
  return (
    <>
      <Popover.Root open={open} onOpenChange={setOpen}>
        <Popover.Trigger asChild>
          <IconButton label={unread > 0 ? t("Notifications, {n} unread", { n: unread }) : t("Notifications")}>
            <BellIcon key={unread} className={unread > 0 ? "swing text-bronze" : ""} />
            {unread > 0 && (
              <span
                aria-hidden="true"
                className="absolute -top-0.5 -end-0.5 inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-full bg-bronze-fill px-1 text-[11px] font-semibold text-on-bronze tabular-nums"
              >
                {unread > 99 ? "99+" : unread}
              </span>
            )}
          </IconButton>
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content
            align="start"
            sideOffset={8}
            collisionPadding={10}
            aria-label={t("Notifications")}
            className="rise z-40 flex max-h-[min(36rem,80dvh)] w-[min(24rem,calc(100vw-1.25rem))] flex-col overflow-hidden rounded-2xl border border-line bg-raised shadow-float"
          >
            <Suspense fallback={<p className="px-4 py-6 text-center text-sm text-muted">{t("Loading…")}</p>}>
              <InboxPanel unread={unread} onOpen={show} onPreferences={tune} />
            </Suspense>
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
      <Suspense>
        {dialog?.kind === "why" && <WhyDialog item={dialog.item} onClose={close} />}
        {dialog?.kind === "remind" && <RemindDialog about={`notification:${dialog.item.id}`} title={dialog.item.title} onClose={close} />}
      </Suspense>
    </>
  );
}
