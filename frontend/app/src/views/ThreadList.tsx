/** The threads that one follows, unread ones first, in place of a room. */
import { useEffect, useState } from "react";
import { goToRoom, goToThread } from "../live/place.ts";
import { useLive } from "../live/store.ts";
import { type ListedThread, threadList } from "../live/threads.ts";
import { nameOf, roomName } from "../text/names.ts";
import { plainText } from "../text/rich.ts";
import { plural, t } from "../text/t.ts";
import { shortMoment } from "../text/times.ts";
import { useRequest } from "../ui/hooks.ts";
import { BackIcon, ThreadIcon } from "../ui/icons.tsx";
import { Avatar, Badge, Button, EmptyState, ErrorText, IconButton } from "../ui/parts.tsx";

export function Threads() {
  const [items, setItems] = useState<readonly ListedThread[] | null>(null);
  const [hasMore, setHasMore] = useState(false);
  const { busy, error, run } = useRequest();
  const marks = useLive((live) => live.threads);
  // Whenever one of them got a reply, was read or followed on another device, the list is asked for anew.
  const known = Object.values(marks)
    .filter(({ following }) => following)
    .map(({ root, unread }) => `${root}:${unread.at(-1) ?? ""}`)
    .join();
  const load = (offset: number) =>
    run(async () => {
      const page = await threadList(offset);
      const roots = new Set(page.items.map(({ thread }) => thread.root));
      setItems((before) => (offset === 0 ? page.items : [...(before ?? []).filter(({ thread }) => !roots.has(thread.root)), ...page.items]));
      setHasMore(page.has_more);
    });
  useEffect(() => load(0), [known]);
  return (
    <section aria-label={t("Threads")} className="flex min-w-0 flex-1 flex-col">
      <header className="flex items-center gap-2.5 border-b border-line py-2.5 pe-2.5 ps-2 md:ps-5">
        <IconButton label={t("Back to the rooms")} className="md:hidden" onClick={() => goToRoom(null)}>
          <BackIcon />
        </IconButton>
        <h1 className="font-serif text-lg leading-snug font-semibold">{t("Threads")}</h1>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto p-3 md:p-5">
        <ErrorText>{error}</ErrorText>
        {items === null && error === null && <p className="p-6 text-center text-muted">{t("Loading…")}</p>}
        {items?.length === 0 && (
          <EmptyState icon={<ThreadIcon width={40} height={40} />} title={t("No threads yet")}>
            <p>{t("Threads that you begin, reply in or are mentioned in are listed here.")}</p>
          </EmptyState>
        )}
        <ul className="mx-auto flex max-w-3xl flex-col gap-2">
          {items?.map((item) => (
            <ThreadCard key={item.thread.root} item={item} />
          ))}
        </ul>
        {hasMore && (
          <p className="pt-4 text-center">
            <Button tone="outline" disabled={busy} onClick={() => load(items?.length ?? 0)}>
              {t("More threads")}
            </Button>
          </p>
        )}
      </div>
    </section>
  );
}

function ThreadCard({ item: { thread, root } }: { item: ListedThread }) {
  const me = useLive((live) => live.me.id);
  const room = useLive((live) => live.rooms[thread.room]?.room);
  const marks = useLive((live) => live.threads[thread.root]);
  const unread = marks?.unread.length ?? thread.unread.length;
  const info = root.thread ?? null;
  const replies = info === null || info.replies === 0 ? t("No replies yet") : plural(info.replies, "{n} reply", "{n} replies");
  return (
    <li>
      <button
        type="button"
        className="w-full rounded-xl border border-line bg-raised px-4 py-3 text-start hover:border-accent"
        onClick={() => goToThread(thread.room, thread.root)}
      >
        <span className="flex items-baseline gap-2 text-xs text-muted">
          <span className="min-w-0 flex-1 truncate">{room === undefined ? "" : roomName(room, me)}</span>
          {info?.last_at != null && <time dateTime={info.last_at}>{shortMoment(new Date(info.last_at), new Date())}</time>}
        </span>
        <span className="flex gap-3 pt-1.5">
          <Avatar person={root.author} size="small" />
          <span className="min-w-0 flex-1">
            <span className="block truncate font-semibold">{nameOf(root.author)}</span>
            <span className={`line-clamp-2 break-words ${root.deleted ? "text-muted italic" : ""}`}>{root.deleted ? t("Message deleted") : plainText(root)}</span>
          </span>
        </span>
        <span className="flex items-center gap-2 pt-1.5 text-sm text-accent">
          <span className="flex-1">{replies}</span>
          <Badge count={unread} label={plural(unread, "{n} unread reply", "{n} unread replies")} />
        </span>
      </button>
    </li>
  );
}
