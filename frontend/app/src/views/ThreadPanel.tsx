/** A thread beside its room, over it on a phone: the message that begins it, its replies, and where one replies. */
import { useEffect, useEffectEvent, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import { currentSession } from "../live/account.ts";
import type { OpenThread, PendingMessage, RoomState } from "../live/model.ts";
import { goToRoom } from "../live/place.ts";
import { changeLive, useLive, usePage } from "../live/store.ts";
import { followThread, loadMoreReplies, loadThread, markThreadRead, withThreadClosed } from "../live/threads.ts";
import { type Row, timeline } from "../live/timeline.ts";
import { roomName } from "../text/names.ts";
import { plural, t } from "../text/t.ts";
import { useLooking } from "../ui/hooks.ts";
import { AlertIcon, BellIcon, CloseIcon } from "../ui/icons.tsx";
import { Button, EmptyState, IconButton } from "../ui/parts.tsx";
import { Composer } from "./Composer.tsx";
import { WriteGate } from "./moderation/WriteGate.tsx";
import { MessageRow } from "./MessageRow.tsx";
import { TimelineRow } from "./TimelineRow.tsx";
import { useShifted } from "./useShifted.ts";

/** This near the end counts as at the end: new replies then scroll into sight. */
const END_PX = 60;
/** More replies are fetched this long before the edge comes into sight. */
const FETCH_AHEAD_PX = 400;
const STANDS_OUT_MS = 3_000;

export function ThreadPanel({ state, rootId }: { state: RoomState; rootId: number }) {
  const { room } = state;
  const me = useLive((live) => live.me.id);
  const thread = useLive((live) => (live.openThread?.rootId === rootId ? live.openThread : null));
  const following = useLive((live) => live.threads[rootId]?.following ?? false);
  const target = usePage((page) => page.threadTarget);
  const connected = usePage(({ connection }) => connection.kind === "live");
  const [editing, setEditing] = useState<number | null>(null);
  const close = useEffectEvent(() => goToRoom(room.id));

  const isKnown = thread !== null;
  const failed = thread?.history === "failed";
  const open = useEffectEvent((number: number | null) => void loadThread(room.id, rootId, number));
  useEffect(() => {
    if (!isKnown) open(target?.number ?? null);
  }, [isKnown, target]);
  useEffect(() => {
    if (failed && connected) open(target?.number ?? null);
  }, [failed, connected, target]);
  useEffect(() => () => changeLive(withThreadClosed), []);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented && document.querySelector("dialog[open]") === null) close();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);

  const editLast = () => setEditing(thread?.messages.findLast(({ author, deleted, forwarded }) => author.id === me && !deleted && forwarded == null)?.id ?? null);
  const name = roomName(room, me);
  return (
    <aside
      aria-label={t("Thread")}
      className="flex w-[26rem] shrink-0 flex-col border-s border-line bg-surface max-lg:absolute max-lg:inset-y-0 max-lg:end-0 max-lg:z-20 max-lg:w-[min(26rem,100%)] max-lg:shadow-float max-md:start-0 max-md:w-full max-md:border-0"
    >
      <header className="flex items-center gap-1 border-b border-line py-2.5 pe-2 ps-4">
        <div className="min-w-0 flex-1">
          <h2 className="font-serif text-lg leading-snug font-semibold">{t("Thread")}</h2>
          <p className="truncate text-[13px] text-muted">{name}</p>
        </div>
        <Button
          tone={following ? "quiet" : "outline"}
          className="px-3 py-1 text-sm"
          aria-pressed={following}
          title={following ? t("You are told of new replies") : t("Be told of new replies")}
          onClick={() => followThread(currentSession(), rootId, room.id, !following)}
        >
          <BellIcon width={15} height={15} />
          {following ? t("Following") : t("Follow")}
        </Button>
        <IconButton label={t("Close the thread")} onClick={() => goToRoom(room.id)}>
          <CloseIcon />
        </IconButton>
      </header>
      {failed ? (
        <EmptyState icon={<AlertIcon width={36} height={36} />} title={t("The thread did not load")}>
          <p>{t("It may be gone, or the server cannot be reached.")}</p>
          <Button tone="outline" onClick={() => open(target?.number ?? null)}>
            {t("Try again")}
          </Button>
        </EmptyState>
      ) : (
        <Replies thread={thread} pending={state.pending} rootId={rootId} me={me} editing={editing} onEdit={setEditing} />
      )}
      <WriteGate state={state}>
        <Composer state={state} name={name} onEditLast={editLast} threadId={rootId} />
      </WriteGate>
    </aside>
  );
}

interface RepliesProps {
  thread: OpenThread | null;
  pending: readonly PendingMessage[];
  rootId: number;
  me: number;
  editing: number | null;
  onEdit: (messageId: number | null) => void;
}

function Replies({ thread, pending: all, rootId, me, editing, onEdit }: RepliesProps) {
  const list = useRef<VirtualizerHandle>(null);
  const frame = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [isAway, setIsAway] = useState(false);
  const loading = useRef(false);
  const pending = useMemo(() => all.filter(({ thread: root }) => root === rootId), [all, rootId]);
  const readUpTo = useReadMark(thread, rootId, isAway);
  const messages = thread?.messages ?? NONE;
  const rows = useMemo(() => timeline({ me, messages, pending, readUpTo }), [me, messages, pending, readUpTo]);
  const found = useSought(thread, rows, (at) => {
    atEnd.current = false;
    list.current?.scrollToIndex(at + 1, { align: "center" });
  });
  const prepended = useShifted(messages[0]?.number, list);

  const sent = pending.at(-1)?.clientId;
  useLayoutEffect(() => {
    if (sent !== undefined) atEnd.current = true;
  }, [sent]);
  useLayoutEffect(() => {
    if (atEnd.current) list.current?.scrollToIndex(rows.length, { align: "end" });
  }, [rows]);

  const more = (side: "older" | "newer") => {
    if (loading.current || thread?.history !== "ready" || !(side === "older" ? thread.hasOlder : thread.hasNewer)) return;
    loading.current = true;
    const done = () => {
      loading.current = false;
    };
    loadMoreReplies(side).then(done, done); // where it fails, scrolling on asks again
  };
  const fill = useEffectEvent(() => {
    const element = frame.current;
    if (element !== null && element.scrollHeight < element.clientHeight + FETCH_AHEAD_PX) more("older");
  });
  useEffect(() => fill(), [rows]);
  const onScroll = () => {
    const element = frame.current;
    if (element === null) return;
    const belowPx = element.scrollHeight - element.scrollTop - element.clientHeight;
    atEnd.current = belowPx < END_PX && thread?.hasNewer === false;
    setIsAway(!atEnd.current);
    if (element.scrollTop < FETCH_AHEAD_PX) more("older");
    if (belowPx < FETCH_AHEAD_PX) more("newer");
  };
  return (
    <div ref={frame} className="min-h-0 flex-1 overflow-y-auto overscroll-contain py-3" tabIndex={0} role="region" aria-label={t("Replies")}>
      <Virtualizer ref={list} shift={prepended} onScroll={onScroll} onResize={() => atEnd.current && list.current?.scrollToIndex(rows.length, { align: "end" })}>
        <div key="root">
          {thread?.root != null && (
            <MessageRow message={thread.root} me={me} found={false} opensGroup editing={editing === thread.root.id} onEdit={onEdit} inThread />
          )}
          <ReplyCount thread={thread} />
        </div>
        {rows.map((row) => (
          <TimelineRow key={row.key} row={row} me={me} found={found} editing={editing} onEdit={onEdit} inThread />
        ))}
      </Virtualizer>
    </div>
  );
}

const NONE: OpenThread["messages"] = [];

function ReplyCount({ thread }: { thread: OpenThread | null }) {
  const replies = thread?.root?.thread?.replies ?? 0;
  const words =
    thread === null || thread.history === "loading"
      ? t("Loading…")
      : replies === 0
        ? t("No replies yet")
        : plural(replies, "{n} reply", "{n} replies");
  return (
    <p className="flex items-center gap-3 px-5 pt-3 pb-1 text-xs text-muted" role="status">
      {words}
      <span className="h-px flex-1 bg-line" />
    </p>
  );
}

/** Tells the server what was seen, and keeps where the mark "New" stood when the thread was opened. */
function useReadMark(thread: OpenThread | null, rootId: number, isAway: boolean): number | null {
  const looking = useLooking();
  const marks = useLive((live) => live.threads[rootId]);
  const [mark, setMark] = useState<number | null>(marks !== undefined && marks.unread.length > 0 ? marks.readNumber : null);
  const last = thread?.hasNewer === false ? (thread.messages.at(-1)?.number ?? 0) : 0;
  const isUnread = marks !== undefined && last > marks.readNumber;
  const ready = thread?.history === "ready";
  const roomId = thread?.roomId ?? 0;
  useEffect(() => {
    if (!looking) setMark(last);
  }, [looking, last]);
  useEffect(() => {
    if (looking && ready && isUnread && !isAway) markThreadRead(currentSession(), rootId, roomId, last);
  }, [looking, ready, isUnread, isAway, rootId, roomId, last]);
  return mark;
}

/** Brings the reply that the address names into sight, once. Returns its number for as long as it is to stand out. */
function useSought(thread: OpenThread | null, rows: readonly Row[], show: (at: number) => void): number | null {
  const target = usePage((page) => page.threadTarget);
  const [found, setFound] = useState<number | null>(null);
  const sought = useRef<{ number: number } | null>(null);
  const seek = useEffectEvent(() => {
    if (target === null || sought.current === target || thread === null || thread.history !== "ready") return;
    const at = rows.findIndex((row) => row.kind === "message" && row.message.number === target.number);
    sought.current = target;
    if (at < 0) return void loadAgain(thread, target);
    show(at);
    setFound(target.number);
  });
  const loadAgain = ({ roomId, rootId }: OpenThread, { number }: { number: number }) =>
    loadThread(roomId, rootId, number).then(() => {
      const at = latest.current.findIndex((row) => row.kind === "message" && row.message.number === number);
      if (at < 0) return;
      show(at);
      setFound(number);
    });
  const latest = useRef(rows);
  useLayoutEffect(() => {
    latest.current = rows;
  });
  useEffect(() => seek(), [target, rows, thread?.history]);
  useEffect(() => {
    if (found === null) return;
    const timer = setTimeout(() => setFound(null), STANDS_OUT_MS);
    return () => clearTimeout(timer);
  }, [found]);
  return found;
}
