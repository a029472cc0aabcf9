/** Notifications as they arrive. Critical ones stay until they are dismissed. F8 moves the focus here. */
import * as RadixToast from "@radix-ui/react-toast";
import { hideToast, type Toast, usePage } from "../live/store.ts";
import type { Level } from "../live/model.ts";
import { safeHref } from "../text/links.ts";
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
    <RadixToast.Provider swipeDirection="right" label="Notification">
      {toasts.map((toast) => (
        <OneToast key={toast.id} toast={toast} />
      ))}
      <RadixToast.Viewport className="fixed top-3 right-3 z-50 flex w-[min(24rem,calc(100vw-1.5rem))] list-none flex-col gap-2" />
    </RadixToast.Provider>
  );
}

function OneToast({ toast }: { toast: Toast }) {
  const href = safeHref(toast.link);
  return (
    <RadixToast.Root
      duration={SHOWN_FOR_MS[toast.level]}
      type={toast.level === "critical" || toast.level === "warning" ? "foreground" : "background"}
      onOpenChange={(open) => {
        if (!open) hideToast(toast.id);
      }}
      className={`rise flex items-start gap-3 rounded-xl border bg-raised py-3 pr-2 pl-4 shadow-float ${EDGES[toast.level]}`}
    >
      <LevelIcon level={toast.level} className="mt-0.5 shrink-0" />
      <div className="min-w-0 flex-1">
        <RadixToast.Title className="font-semibold break-words">{toast.title}</RadixToast.Title>
        {toast.text !== "" && (
          <RadixToast.Description className="line-clamp-4 text-sm break-words whitespace-pre-wrap text-muted">
            {toast.text}
          </RadixToast.Description>
        )}
        {href !== null && (
          <RadixToast.Action asChild altText="Open the link of this notification">
            <a href={href} className="mt-1 inline-block text-sm font-medium text-accent underline underline-offset-4">
              Open
            </a>
          </RadixToast.Action>
        )}
      </div>
      <RadixToast.Close asChild>
        <IconButton label="Dismiss" className="size-8">
          <CloseIcon width={16} height={16} />
        </IconButton>
      </RadixToast.Close>
    </RadixToast.Root>
  );
}
