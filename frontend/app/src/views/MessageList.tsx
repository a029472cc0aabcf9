/** The messages of a room: newest at the bottom, older ones as one scrolls up, only what is in sight in the page. */
import { useCallback, useEffect, useEffectEvent, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import { currentSession } from "../live/account.ts";
import type { Room, RoomState } from "../live/model.ts";
import { usePage } from "../live/store.ts";
import { type Row, timeline } from "../live/timeline.ts";
import { asSentence } from "../text/errors.ts";
import { roomName } from "../text/names.ts";
import { dayName } from "../text/times.ts";
import { useLooking } from "../ui/hooks.ts";
import { AlertIcon, ChatIcon, DownIcon } from "../ui/icons.tsx";
import { Button, EmptyState } from "../ui/parts.tsx";
import { MessageRow, PendingRow } from "./MessageRow.tsx";

/** This near the bottom counts as at the bottom: new messages then scroll into sight. */
const BOTTOM_PX = 60;
/** Older messages are fetched this long before the top comes into sight. */
const FETCH_AHEAD_PX = 600;

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
    if (history === "none") void currentSession().loadHistory(room.id);
  }, [room.id, history]);
  useEffect(() => {
    if (connected && failed.current) void currentSession().loadHistory(room.id);
  }, [room.id, connected]);
  if (history === "failed") {
    return (
      <EmptyState icon={<AlertIcon width={36} height={36} />} title="The messages did not load">
        <Button tone="outline" onClick={() => void currentSession().loadHistory(room.id)}>
          Try again
        </Button>
      </EmptyState>
    );
  }
  if (history !== "ready" && state.pending.length === 0) return <Skeleton />;
  if (state.messages.length === 0 && state.pending.length === 0) {
    return (
      <EmptyState icon={<ChatIcon width={40} height={40} />} title={beginning(room, me)}>
        <p>Nobody has written here yet. Somebody has to be the first.</p>
      </EmptyState>
    );
  }
  return <Scroller {...props} />;
}

function beginning(room: Room, me: number): string {
  const name = roomName(room, me);
  return room.kind === "direct" ? `Your conversation with ${name} begins here` : `This is the beginning of ${name}`;
}

function Scroller({ state, me, editing, onEdit }: ListProps) {
  const { room, messages, pending } = state;
  const list = useRef<VirtualizerHandle>(null);
  const atBottom = useRef(true);
  const frame = useRef<HTMLDivElement>(null);
  const [away, setAway] = useState(false);
  const readUpTo = useReadMark(state, away);
  const older = useOlder(state);
  const rows = useMemo(() => timeline({ me, messages, pending, readUpTo }), [me, messages, pending, readUpTo]);
  const prepended = usePrepended(messages[0]?.number);
  const toBottom = () => list.current?.scrollToIndex(rows.length - 1, { align: "end" });

  const sent = pending.at(-1)?.clientId;
  useLayoutEffect(() => {
    if (sent !== undefined) atBottom.current = true; // one's own new message is always shown
  }, [sent]);
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

  const loadOlder = useEffectEvent(older.load);
  useEffect(() => {
    // A page that does not fill a tall window gives nobody anything to scroll.
    const element = frame.current;
    if (older.note === null && element !== null && element.scrollHeight < element.clientHeight + FETCH_AHEAD_PX) loadOlder();
  }, [rows, older.note]);

  const onScroll = () => {
    const element = frame.current;
    if (element === null) return;
    keepBottom();
    atBottom.current = element.scrollHeight - element.scrollTop - element.clientHeight < BOTTOM_PX;
    setAway(!atBottom.current);
    if (element.scrollTop < FETCH_AHEAD_PX) older.load();
  };
  return (
    <div className="relative min-h-0 flex-1">
      {older.note !== null && (
        <p role="status" className="absolute top-2 left-1/2 z-10 -translate-x-1/2 rounded-full border border-line bg-raised px-3 py-1 text-xs text-muted">
          {older.note}
        </p>
      )}
      <div ref={frame} className="flex h-full flex-col overflow-y-auto overscroll-contain pt-3 pb-1" tabIndex={0} role="region" aria-label="Messages">
        <div className="grow" />
        <Virtualizer ref={list} data={rows} shift={prepended} onScroll={onScroll} onResize={() => atBottom.current && toBottom()}>
          {(row) => <OneRow key={row.key} row={row} me={me} editing={editing} onEdit={onEdit} />}
        </Virtualizer>
      </div>
      {away && (
        <Button
          tone="outline"
          className="rise absolute right-5 bottom-2 rounded-full! bg-raised! px-3.5 py-1.5 text-sm shadow-float"
          onClick={() => {
            atBottom.current = true;
            toBottom();
          }}
        >
          <DownIcon width={16} height={16} />
          {room.last_number > room.read_number ? `${room.last_number - room.read_number} new` : "Newest"}
        </Button>
      )}
    </div>
  );
}

function OneRow({ row, me, editing, onEdit }: { row: Row; me: number } & Pick<ListProps, "editing" | "onEdit">) {
  switch (row.kind) {
    case "day":
      return <DayLine at={row.at} />;
    case "unread":
      return <UnreadLine />;
    case "message":
      return (
        <MessageRow
          message={row.message}
          opensGroup={row.opensGroup}
          mine={row.message.author.id === me}
          editing={editing === row.message.id}
          onEdit={onEdit}
        />
      );
    case "pending":
      return <PendingRow pending={row.pending} opensGroup={row.opensGroup} />;
  }
}

function DayLine({ at }: { at: Date }) {
  return (
    <div className="flex items-center gap-4 px-5 pt-5 pb-2" role="separator">
      <span className="h-px flex-1 bg-line" />
      <h2 className="text-xs font-semibold text-muted">{dayName(at, new Date())}</h2>
      <span className="h-px flex-1 bg-line" />
    </div>
  );
}

function UnreadLine() {
  return (
    <div className="flex items-center gap-3 px-5 py-1.5 text-xs font-semibold text-bronze" role="separator">
      <span className="h-px flex-1 bg-bronze/50" />
      New
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
  const [mark, setMark] = useState<number | null>(room.last_number > room.read_number ? room.read_number : null);
  const lastNumber = useRef(room.last_number);
  lastNumber.current = room.last_number;
  useEffect(() => {
    if (!looking) setMark(lastNumber.current);
  }, [looking]);
  useEffect(() => {
    if (looking && !away && state.history === "ready") currentSession().markRead(room.id, room.last_number);
  }, [looking, away, state.history, room.id, room.last_number]);
  return mark;
}

function useOlder(state: RoomState): { load: () => void; note: string | null } {
  const [note, setNote] = useState<string | null>(null);
  const loading = useRef(false);
  const done = (said: string | null) => {
    loading.current = false;
    setNote(said);
  };
  const load = () => {
    if (loading.current || !state.hasOlder) return;
    loading.current = true;
    setNote("Loading older messages…");
    currentSession()
      .loadOlder(state.room.id)
      .then(
        () => done(null),
        (reason: unknown) => done(asSentence(reason)),
      );
  };
  return { load, note };
}

/** True for the one rendering in which older messages were put in front: the list then keeps its place from the end. */
function usePrepended(firstNumber: number | undefined): boolean {
  const before = useRef(firstNumber);
  const prepended = before.current !== undefined && firstNumber !== undefined && firstNumber < before.current;
  useLayoutEffect(() => {
    before.current = firstNumber;
  });
  return prepended;
}

function Skeleton() {
  return (
    <div role="status" aria-label="Loading messages" className="flex flex-1 flex-col justify-end gap-5 overflow-hidden p-5">
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
