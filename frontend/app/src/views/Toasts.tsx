/** Notifications as they arrive. Critical ones stay until they are dismissed. F8 moves the focus here. */
import * as RadixToast from "@radix-ui/react-toast";
import { hideToast, type Toast, usePage } from "../live/store.ts";
import type { Level } from "../live/model.ts";
import { safeHref } from "../text/links.ts";
import { t } from "../text/t.ts";
import { CloseIcon } from "../ui/icons.tsx";
import { LevelIcon } from "../ui/levels.tsx";
import { IconButton } from "../ui/parts.tsx";

const SHOWN_FOR_MS: Record<Level, number> = {
  info: 7_000,
  success: 7_000,
  warning: 12_000,
  critical: Number.POSITIVE_INFINITY,
};

const EDGES: Record<Level, string> = {
  info: "border-line",
  success: "border-line",
  warning: "border-bronze",
  critical: "border-danger border-2",
};

export function Toasts() {
  const toasts = usePage((state) => state.toasts);
  return (
    <RadixToast.Provider swipeDirection={document.documentElement.dir === "rtl" ? "left" : "right"} label={t("Notification")}>
      {toasts.map((toast) => (
        <OneToast key={toast.id} toast={toast} />
      ))}
      <RadixToast.Viewport className="fixed top-3 end-3 z-50 flex w-[min(24rem,calc(100vw-1.5rem))] list-none flex-col gap-2" />
    </RadixToast.Provider>
  );
}

function OneToast({ toast }: { toast: Toast }) {
  const href = safeHref(toast.link);
  const { action } = toast;
  return (
    <RadixToast.Root
      duration={SHOWN_FOR_MS[toast.level]}
      type={toast.level === "critical" || toast.level === "warning" ? "foreground" : "background"}
      onOpenChange={(open) => {
        if (!open) hideToast(toast.id);
      }}
      className={`rise flex items-start gap-3 rounded-xl border bg-raised py-3 pe-2 ps-4 shadow-float ${EDGES[toast.level]}`}
    >
      <LevelIcon level={toast.level} className="mt-0.5 shrink-0" />
      <div className="min-w-0 flex-1">
        <RadixToast.Title className="font-semibold break-words" dir="auto">{toast.title}</RadixToast.Title>
        {toast.text !== "" && (
          <RadixToast.Description className="line-clamp-4 text-sm break-words whitespace-pre-wrap text-muted" dir="auto">
            {toast.text}
          </RadixToast.Description>
        )}
        {href !== null && (
          <RadixToast.Action asChild altText={t("Open the link of this notification")}>
            <a href={href} className="mt-1 inline-block text-sm font-medium text-accent underline underline-offset-4">
              {t("Open")}
            </a>
          </RadixToast.Action>
        )}
        {action !== undefined && (
          <RadixToast.Action asChild altText={action.label}>
            <button type="button" onClick={action.run} className="mt-1 text-sm font-semibold text-accent underline underline-offset-4">
              {action.label}
            </button>
          </RadixToast.Action>
        )}
      </div>
      <RadixToast.Close asChild>
        <IconButton label={t("Dismiss")} className="size-8">
          <CloseIcon width={16} height={16} />
        </IconButton>
      </RadixToast.Close>
    </RadixToast.Root>
  );
}
