/** What somebody says of themselves, next to their name: the emoji, and the text for who looks closer. */
import { useLive } from "../live/store.ts";
import { statusOf } from "../live/presence.ts";

export function StatusSign({ user, withText = false }: { user: number; withText?: boolean }) {
  const status = useLive((live) => statusOf(live, user, new Date()));
  if (status === null) return null;
  if (withText) {
    return (
      <span className="block truncate text-xs text-muted" dir="auto">
        {status.emoji} {status.text}
      </span>
    );
  }
  return (
    <span className="shrink-0" title={status.text}>
      <span aria-hidden="true">{status.emoji || "💬"}</span>
      <span className="sr-only">{status.text}</span>
    </span>
  );
}
