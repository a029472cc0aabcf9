/** The way to one's threads, and how much is unread in them. */
import { useLive, usePage } from "../live/store.ts";
import { unreadInThreads } from "../live/threads.ts";
import { plural, t } from "../text/t.ts";
import { ThreadIcon } from "../ui/icons.tsx";
import { Badge, MentionBadge } from "../ui/parts.tsx";

export function ThreadsLink() {
  const current = usePage((page) => page.showsThreads);
  const unread = useLive((live) => unreadInThreads(live).unread);
  const mentioned = useLive((live) => unreadInThreads(live).mentioned);
  return (
    <a
      href="#/threads"
      aria-current={current ? "page" : undefined}
      className={`mx-2 mb-1 flex items-center gap-3 rounded-xl px-2.5 py-1.5 transition-colors ${current ? "bg-accent-soft" : "hover:bg-hover"}`}
    >
      <ThreadIcon width={18} height={18} className="mx-2 text-muted" />
      <span className={`flex-1 ${unread > 0 ? "font-semibold" : "font-medium"}`}>{t("Threads")}</span>
      <MentionBadge count={mentioned} />
      <Badge count={unread} label={plural(unread, "{n} unread reply", "{n} unread replies")} />
    </a>
  );
}
