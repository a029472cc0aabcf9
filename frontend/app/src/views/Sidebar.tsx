/** The rooms one is in, what is unread in them, and the way to more. */
import { type KeyboardEvent, memo, useEffect, useMemo, useRef, useState } from "react";
import type { RoomState } from "../live/model.ts";
import { goToRoom } from "../live/place.ts";
import { useLive, usePage } from "../live/store.ts";
import { nameOf, otherPerson, roomName } from "../text/names.ts";
import { shortMoment } from "../text/times.ts";
import { HashIcon, LockIcon, Mark, PlusIcon, SearchIcon } from "../ui/icons.tsx";
import { Avatar, Badge, Button, EmptyState, IconButton } from "../ui/parts.tsx";
import { AccountMenu } from "./AccountMenu.tsx";
import { Inbox } from "./Inbox.tsx";
import { NewRoomDialog } from "./NewRoomDialog.tsx";

export function Sidebar() {
  const [adding, setAdding] = useState(false);
  const [filter, setFilter] = useState("");
  const Wordmark = usePage((state) => state.roomId === null) ? "h1" : "span"; // an open room has the heading
  return (
    <nav aria-label="Rooms" className="flex h-full flex-col bg-paper">
      <header className="flex items-center gap-2.5 px-4 pt-3.5 pb-2">
        <Mark width={28} height={28} />
        <Wordmark className="flex-1 font-serif text-xl font-semibold tracking-tight">Carillon</Wordmark>
        <Inbox />
        <AccountMenu />
      </header>
      <div className="flex items-center gap-1.5 px-3 pb-2">
        <Filter value={filter} onChange={setFilter} />
        <IconButton label="New room or conversation" onClick={() => setAdding(true)}>
          <PlusIcon />
        </IconButton>
      </div>
      <RoomList filter={filter} onAdd={() => setAdding(true)} onChosen={() => setFilter("")} />
      {adding && <NewRoomDialog onClose={() => setAdding(false)} />}
    </nav>
  );
}

function Filter({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const ref = useRef<HTMLInputElement>(null);
  useShortcut((event) => (event.ctrlKey || event.metaKey) && event.key === "k", () => ref.current?.focus());
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const list = document.getElementById("room-list");
    if (event.key === "Escape") onChange("");
    if (event.key === "ArrowDown") list?.querySelector<HTMLElement>("a")?.focus();
    if (event.key === "Enter") list?.querySelector<HTMLElement>("a")?.click();
  };
  return (
    <div className="relative min-w-0 flex-1">
      <SearchIcon width={16} height={16} className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-muted" />
      <input
        ref={ref}
        type="search"
        className="field py-1.5 pl-8 text-sm"
        placeholder="Find a room"
        aria-label="Find a room"
        aria-keyshortcuts="Control+K"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}

function RoomList({ filter, onAdd, onChosen }: { filter: string; onAdd: () => void; onChosen: () => void }) {
  const rooms = useLive((live) => live.rooms);
  const me = useLive((live) => live.me.id);
  const roomId = usePage((state) => state.roomId);
  const all = useMemo(() => Object.values(rooms).sort(byNewest), [rooms]);
  const shown = all.filter(({ room }) => roomName(room, me).toLocaleLowerCase().includes(filter.trim().toLocaleLowerCase()));
  useShortcut(
    (event) => event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp"),
    (event) => {
      const at = shown.findIndex(({ room }) => room.id === roomId);
      const next = shown.at((at + (event.key === "ArrowDown" ? 1 : -1)) % shown.length);
      if (next !== undefined) goToRoom(next.room.id);
    },
  );
  if (all.length === 0) {
    return (
      <EmptyState icon={<HashIcon width={36} height={36} />} title="No rooms yet">
        <p>Join a room that is open to everybody, make your own, or write to somebody.</p>
        <Button onClick={onAdd}>Find or make a room</Button>
      </EmptyState>
    );
  }
  const groups = [
    { title: "Rooms", rooms: shown.filter(({ room }) => room.kind !== "direct") },
    { title: "People", rooms: shown.filter(({ room }) => room.kind === "direct") },
  ];
  return (
    <div id="room-list" className="min-h-0 flex-1 overflow-y-auto px-2 pb-4" onKeyDown={moveFocus} onClick={onChosen}>
      {shown.length === 0 && <p className="px-3 py-6 text-center text-sm text-muted">No room is called so.</p>}
      {groups.map(
        (group) =>
          group.rooms.length > 0 && (
            <section key={group.title} aria-label={group.title}>
              <h2 className="px-2.5 pt-3 pb-1 text-xs font-medium text-muted">{group.title}</h2>
              <ul className="flex flex-col gap-px">
                {group.rooms.map((state) => (
                  <RoomItem key={state.room.id} state={state} me={me} current={state.room.id === roomId} />
                ))}
              </ul>
            </section>
          ),
      )}
    </div>
  );
}

const RoomItem = memo(function RoomItem({ state, me, current }: { state: RoomState; me: number; current: boolean }) {
  const { room } = state;
  const unread = Math.max(0, room.last_number - room.read_number);
  const weight = unread > 0 ? "font-semibold" : "font-medium";
  return (
    <li>
      <a
        href={`#/room/${room.id}`}
        aria-current={current ? "page" : undefined}
        className={`flex items-center gap-3 rounded-xl px-2.5 py-2 transition-colors ${current ? "bg-accent-soft" : "hover:bg-hover"}`}
      >
        <RoomSign state={state} me={me} />
        <span className="min-w-0 flex-1">
          <span className="flex items-baseline gap-2">
            <span className={`min-w-0 flex-1 truncate ${weight}`}>{roomName(room, me)}</span>
            {room.last_message !== null && (
              <time dateTime={room.last_message.created_at} className="shrink-0 text-xs text-muted">
                {shortMoment(new Date(room.last_message.created_at), new Date())}
              </time>
            )}
          </span>
          <span className="flex items-center gap-2">
            <span className="min-w-0 flex-1 truncate text-[13px] text-muted">{preview(state, me)}</span>
            <Badge count={unread} label={`${unread} unread`} />
          </span>
        </span>
      </a>
    </li>
  );
});

function RoomSign({ state, me }: { state: RoomState; me: number }) {
  const other = otherPerson(state.room, me);
  if (other !== null) return <Avatar person={other} online={state.online.has(other.id)} />;
  const Sign = state.room.kind === "private" ? LockIcon : HashIcon;
  return (
    <span className="inline-flex size-9 shrink-0 items-center justify-center rounded-xl bg-tower text-muted">
      <Sign width={18} height={18} aria-label={state.room.kind === "private" ? "Private room" : "Open room"} aria-hidden={undefined} role="img" />
    </span>
  );
}

function preview({ room }: RoomState, me: number): string {
  const last = room.last_message;
  if (last === null) return room.topic || "Nothing here yet";
  const text = last.deleted ? "Message deleted" : last.text.replace(/\s+/g, " ");
  if (last.author.id === me) return `You: ${text}`;
  return room.kind === "direct" ? text : `${nameOf(last.author)}: ${text}`;
}

/** The newest message first; a room without any is new itself. */
function byNewest(a: RoomState, b: RoomState): number {
  const at = ({ room }: RoomState) => room.last_message?.created_at ?? "9999";
  return at(b).localeCompare(at(a)) || b.room.id - a.room.id;
}

/** Arrow keys walk through the rooms. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || event.altKey) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>("a")];
  const at = links.findIndex((link) => link === document.activeElement);
  links[Math.min(links.length - 1, Math.max(0, at + step))]?.focus();
  event.preventDefault();
}

function useShortcut(matches: (event: globalThis.KeyboardEvent) => boolean, run: (event: globalThis.KeyboardEvent) => void): void {
  const latest = useRef({ matches, run });
  useEffect(() => {
    latest.current = { matches, run };
  });
  useEffect(() => {
    const onKeyDown = (event: globalThis.KeyboardEvent) => {
      if (!latest.current.matches(event)) return;
      event.preventDefault();
      latest.current.run(event);
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}
