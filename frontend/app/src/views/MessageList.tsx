/** The messages of a room: newest at the bottom, older ones as one scrolls up, only what is in sight in the page. */
import { useCallback, useEffect, useEffectEvent, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import { currentSession } from "../live/account.ts";
import { unreadIn } from "../live/messages.ts";
import type { Message, Room, RoomState } from "../live/model.ts";
import { goToThread } from "../live/place.ts";
import { usePage } from "../live/store.ts";
import { type Row, timeline } from "../live/timeline.ts";
import { asSentence } from "../text/errors.ts";
import { roomName } from "../text/names.ts";
import { t } from "../text/t.ts";
import { useLooking } from "../ui/hooks.ts";
import { AlertIcon, ChatIcon, DownIcon } from "../ui/icons.tsx";
import { Button, EmptyState } from "../ui/parts.tsx";
import { TimelineRow } from "./TimelineRow.tsx";
import { useShifted } from "./useShifted.ts";

/** This near the bottom counts as at the bottom: new messages then scroll into sight. */
const BOTTOM_PX = 60;
/** Older messages are fetched this long before the top comes into sight. */
const FETCH_AHEAD_PX = 600;
/** What was read already stays in sight above the mark of what is new. */
const CONTEXT_PX = 80;
/** So long a message that was looked for stands out. */
const STANDS_OUT_MS = 3_000;

interface ListProps {
  state: RoomState;
  me: number;
  editing: number | null;
  onEdit: (messageId: number | null) => void;
}

export function MessageList(props: ListProps) {
  const { state, me } = props;
  const { room, history } = state;
  const connected = usePage(({ connection }) => connection.kind === "live");
  const failed = useRef(false);
  failed.current = history === "failed";
  useEffect(() => {
    if (history === "none" || (history === "stale" && connected)) void currentSession().loadHistory(room.id);
  }, [room.id, history, connected]);
  useEffect(() => {
    if (connected && failed.current) void currentSession().loadHistory(room.id);
  }, [room.id, connected]);
  if (history === "failed") {
    return (
      <EmptyState icon={<AlertIcon width={36} height={36} />} title={t("The messages did not load")}>
        <Button tone="outline" onClick={() => void currentSession().loadHistory(room.id)}>
          {t("Try again")}
        </Button>
      </EmptyState>
    );
  }
  if (history !== "ready" && history !== "stale" && state.pending.length === 0) return <Skeleton />;
  if (state.messages.length === 0 && state.pending.length === 0) {
    return (
      <EmptyState icon={<ChatIcon width={40} height={40} />} title={beginning(room, me)}>
        <p>{t("Nobody has written here yet. Somebody has to be the first.")}</p>
      </EmptyState>
    );
  }
  return <Scroller {...props} />;
}

function beginning(room: Room, me: number): string {
  const name = roomName(room, me);
  return room.kind === "direct" ? t("Your conversation with {name} begins here", { name }) : t("This is the beginning of {name}", { name });
}

function Scroller({ state, me, editing, onEdit }: ListProps) {
  const { room, messages } = state;
  const pending = useMemo(() => state.pending.filter(({ thread, alsoInRoom }) => thread === null || alsoInRoom), [state.pending]);
  const looking = useLooking();
  const list = useRef<VirtualizerHandle>(null);
  const atBottom = useRef(true);
  const frame = useRef<HTMLDivElement>(null);
  const [away, setAway] = useState(false);
  /** Not before the room stands where reading goes on is anything read. */
  const [placed, setPlaced] = useState(unreadIn(room) === 0);
  const readUpTo = useReadMark(state, away || !placed);
  const { loadedTo, hasOlder } = state;
  const older = useMore(hasOlder && state.history === "ready", t("Loading older messages…"), () => currentSession().loadOlder(room.id));
  const newer = useMore(loadedTo !== null, t("Loading newer messages…"), () => currentSession().loadNewer(room.id));
  const rows = useMemo(() => timeline({ me, messages, pending, readUpTo, hasOlder }), [me, messages, pending, readUpTo, hasOlder]);
  const shifted = useShifted(messages[0]?.number, list);
  const toBottom = () => list.current?.scrollToIndex(rows.length - 1, { align: "end" });
  const toNewest = () => {
    atBottom.current = true;
    if (loadedTo !== null) void currentSession().loadHistory(room.id);
    else toBottom();
  };

  const sent = pending.at(-1)?.clientId;
  const showSent = useEffectEvent(toNewest);
  useLayoutEffect(() => {
    if (sent !== undefined) showSent(); // one's own new message is always shown
  }, [sent]);
  const place = useEffectEvent(() => {
    measure();
    setPlaced(true);
  });
  useFirstUnread(state, rows, (at) => {
    if (at >= 0) {
      atBottom.current = false;
      list.current?.scrollToIndex(at, { align: "start", offset: -CONTEXT_PX });
    }
    requestAnimationFrame(() => requestAnimationFrame(() => place()));
  });
  useLayoutEffect(() => {
    if (atBottom.current) list.current?.scrollToIndex(rows.length - 1, { align: "end" });
  }, [rows]);

  const heightPx = useRef(0);
  /** The composer grew or the window changed: nobody scrolled, so the newest stays in sight. */
  const keepBottom = useCallback(() => {
    const element = frame.current;
    if (element === null || element.clientHeight === heightPx.current) return;
    heightPx.current = element.clientHeight;
    if (atBottom.current) element.scrollTop = element.scrollHeight;
  }, []);
  useEffect(() => {
    const observer = new ResizeObserver(keepBottom);
    if (frame.current !== null) observer.observe(frame.current);
    return () => observer.disconnect();
  }, [keepBottom]);

  const found = useSought(state, rows, (at) => {
    atBottom.current = false;
    list.current?.scrollToIndex(at, { align: "center" });
  });

  const fill = useEffectEvent(() => {
    // A page that does not fill a tall window gives nobody anything to scroll.
    const element = frame.current;
    if (element === null || element.scrollHeight >= element.clientHeight + FETCH_AHEAD_PX) return;
    if (older.note === null) older.load();
    if (newer.note === null) newer.load();
  });
  useEffect(() => fill(), [rows, older.note, newer.note]);

  const measure = () => {
    const element = frame.current;
    if (element === null) return;
    const belowPx = element.scrollHeight - element.scrollTop - element.clientHeight;
    atBottom.current = belowPx < BOTTOM_PX && loadedTo === null;
    setAway(!atBottom.current);
    if (placed && !atBottom.current && looking) markSeen(list.current, rows, room.id);
    if (belowPx < FETCH_AHEAD_PX) newer.load();
  };
  const onScroll = () => {
    keepBottom();
    measure();
    if ((frame.current?.scrollTop ?? 0) < FETCH_AHEAD_PX) older.load();
  };
  const note = older.note ?? newer.note;
  return (
    <div className="relative min-h-0 flex-1">
      {note !== null && (
        <p
          role="status"
          className={`absolute inset-x-0 z-10 mx-auto w-fit rounded-full border border-line bg-raised px-3 py-1 text-xs text-muted ${older.note === null ? "bottom-2" : "top-2"}`}
        >
          {note}
        </p>
      )}
      <div ref={frame} className="flex h-full flex-col overflow-y-auto overscroll-contain pt-3 pb-1" tabIndex={0} role="region" aria-label={t("Messages")}>
        <div className="grow" />
        <Virtualizer ref={list} data={rows} shift={shifted} onScroll={onScroll} onResize={() => atBottom.current && toBottom()}>
          {(row) => <TimelineRow key={row.key} row={row} me={me} found={found} editing={editing} onEdit={onEdit} />}
        </Virtualizer>
      </div>
      {away && (
        <Button
          tone="outline"
          className="rise absolute end-5 bottom-2 rounded-full! bg-raised! px-3.5 py-1.5 text-sm shadow-float"
          onClick={toNewest}
        >
          <DownIcon width={16} height={16} />
          {unreadIn(room) > 0 ? t("{n} new", { n: unreadIn(room) }) : t("Newest")}
        </Button>
      )}
    </div>
  );
}

/**
 * Tells the server what was seen, and keeps where the mark "New" stands: set when the room is opened or the person
 * looks elsewhere, so that it is still there to read on return.
 */
function useReadMark(state: RoomState, away: boolean): number | null {
  const { room } = state;
  const looking = useLooking();
  const [mark, setMark] = useState<number | null>(unreadIn(room) > 0 ? room.read_number : null);
  const lastNumber = useRef(room.last_number);
  lastNumber.current = room.last_number;
  useEffect(() => {
    if (!looking) setMark(lastNumber.current);
  }, [looking]);
  const [unreadVersion, setUnreadVersion] = useState(room.unread_version);
  if (unreadVersion !== room.unread_version) {
    setUnreadVersion(room.unread_version); // the person has marked something as unread
    setMark(room.read_number);
  }
  const isUnread = unreadIn(room) > 0 || room.mentioned.length > 0;
  useEffect(() => {
    if (looking && !away && isUnread && state.history === "ready" && state.loadedTo === null) currentSession().markRead(room.id, room.last_number);
  }, [looking, away, isUnread, state.history, state.loadedTo, room.id, room.last_number]);
  return mark;
}

/** Read as far as it was in sight, while there is more below. */
function markSeen(list: VirtualizerHandle | null, rows: readonly Row[], roomId: number): void {
  if (list === null) return;
  const last = list.findItemIndex(list.scrollOffset + list.viewportSize - 1);
  const seen = rows.slice(0, last + 1).findLast((row) => row.kind === "message");
  if (seen?.kind === "message") currentSession().markRead(roomId, seen.message.number);
}

/** A room opens where reading goes on: at the mark of what is new, which may be far above what was loaded first. */
function useFirstUnread(state: RoomState, rows: readonly Row[], show: (at: number) => void): void {
  const { room, messages, history } = state;
  const target = usePage((page) => page.target);
  const first = useRef(unreadIn(room) > 0 ? room.read_number + 1 : null);
  const asked = useRef(false);
  const open = useEffectEvent(() => {
    if (first.current === null || history !== "ready") return;
    const number = first.current;
    const loadedFrom = messages[0]?.number ?? number;
    if (target !== null) {
      first.current = null;
      show(-1);
    } else if (loadedFrom > number && state.hasOlder && !asked.current) {
      asked.current = true;
      void currentSession().openFrom(room.id, room.read_number).catch(() => undefined); // then it opens at the newest
    } else {
      first.current = null;
      show(rows.findIndex(({ kind }) => kind === "unread"));
    }
  });
  useLayoutEffect(() => open(), [rows, history]);
}

/**
 * Brings the message that the address names into sight, once; of a reply that only its thread shows, the root, and opens the
 * thread. Returns its number for as long as it is to stand out.
 */
function useSought(state: RoomState, rows: readonly Row[], show: (at: number) => void): number | null {
  const target = usePage((page) => page.target);
  const [found, setFound] = useState<number | null>(null);
  const sought = useRef<{ number: number } | null>(null);
  const asked = useRef<{ number: number } | null>(null);
  const { room } = state;
  const bring = (at: number) => {
    const row = rows[at];
    if (row?.kind !== "message") return;
    show(at);
    setFound(row.message.number);
  };
  const openThread = useEffectEvent((reply: Message) => {
    bring(rows.findIndex((row) => row.kind === "message" && row.message.id === reply.root));
    goToThread(room.id, reply.root ?? 0, reply.number, { replaces: true });
  });
  const seek = useEffectEvent(() => {
    if (target === null || sought.current === target || state.history !== "ready") return;
    const at = rows.findIndex((row) => row.kind === "message" && row.message.number >= target.number);
    const row = rows[at];
    if (row?.kind !== "message" || row.message.number !== target.number) {
      if (asked.current !== target) {
        asked.current = target;
        const settle = (reply: Message | null) => (reply === null ? setSettled((times) => times + 1) : openThread(reply));
        currentSession().openAt(room.id, target.number).then(settle, () => settle(null)); // as near as what is loaded comes
        return;
      }
      if (!settled) return;
    }
    sought.current = target;
    bring(at);
  });
  const [settled, setSettled] = useState(0);
  useEffect(() => seek(), [target, rows, state.history, settled]);
  useEffect(() => {
    if (found === null) return;
    const timer = setTimeout(() => setFound(null), STANDS_OUT_MS);
    return () => clearTimeout(timer);
  }, [found]);
  return found;
}

function useMore(hasMore: boolean, loadingNote: string, fetchMore: () => Promise<void>): { load: () => void; note: string | null } {
  const [note, setNote] = useState<string | null>(null);
  const loading = useRef(false);
  const done = (said: string | null) => {
    loading.current = false;
    setNote(said);
  };
  const load = () => {
    if (loading.current || !hasMore) return;
    loading.current = true;
    setNote(loadingNote);
    fetchMore().then(
      () => done(null),
      (reason: unknown) => done(asSentence(reason)),
    );
  };
  return { load, note };
}

function Skeleton() {
  return (
    <div role="status" aria-label={t("Loading messages")} className="flex flex-1 flex-col justify-end gap-5 overflow-hidden p-5">
      {["w-2/5", "w-3/5", "w-1/3", "w-1/2"].map((width) => (
        <div key={width} className="flex animate-pulse gap-3">
          <span className="size-9 rounded-full bg-line" />
          <span className="flex flex-1 flex-col gap-2 pt-1">
            <span className="h-3 w-24 rounded bg-line" />
            <span className={`h-3 rounded bg-line/60 ${width}`} />
          </span>
        </div>
      ))}
    </div>
  );
}
