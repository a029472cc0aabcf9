/** The rooms one is in, what is unread in them, and the way to more. */
import { type KeyboardEvent, lazy, memo, Suspense, useMemo, useState } from "react";
import { currentSession } from "../live/account.ts";
import { type Draft, keyOf } from "../live/drafts.ts";
import { sayFiles } from "../live/files.ts";
import { unreadIn } from "../live/messages.ts";
import type { RoomState } from "../live/model.ts";
import { sectionsOf } from "../live/rooms.ts";
import { openOverlay, useLive, usePage } from "../live/store.ts";
import { nameOf, otherPerson, roomName } from "../text/names.ts";
import { plainText } from "../text/rich.ts";
import { t } from "../text/t.ts";
import { shortMoment } from "../text/times.ts";
import { HashIcon, LockIcon, Mark, PlusIcon, SearchIcon } from "../ui/icons.tsx";
import { Badge, Button, EmptyState, IconButton, MentionBadge } from "../ui/parts.tsx";
import { ROOM_LIST } from "../ui/shortcuts.ts";
import { AccountMenu } from "./AccountMenu.tsx";
import { DirectSign } from "./DirectSign.tsx";
import { FavouriteItem } from "./FavouriteItem.tsx";
import { Inbox } from "./Inbox.tsx";
import { JobsButton } from "./JobsButton.tsx";
import { SearchButton } from "./SearchButton.tsx";
import { ThreadsLink } from "./ThreadsLink.tsx";

const RoomBrowser = lazy(() => import("./RoomBrowser.tsx").then(({ RoomBrowser: view }) => ({ default: view })));

const POINTED_FOR_MS = 60;

export function Sidebar() {
  const [browsing, setBrowsing] = useState(false);
  const [filter, setFilter] = useState("");
  const Wordmark = usePage((state) => state.roomId === null && !state.showsThreads) ? "h1" : "span"; // an open room has the heading
  return (
    <nav aria-label={t("Rooms")} className="flex h-full flex-col bg-paper">
      <header className="flex items-center gap-2.5 px-4 pt-3.5 pb-2">
        <Mark width={28} height={28} />
        <Wordmark className="flex-1 font-serif text-xl font-semibold tracking-tight">Carillon</Wordmark>
        <SearchButton />
        <JobsButton />
        <Inbox />
        <AccountMenu />
      </header>
      <div className="flex items-center gap-1.5 px-3 pb-2">
        <Filter value={filter} onChange={setFilter} />
        <IconButton label={t("New room or conversation")} onClick={() => openOverlay("new_room")}>
          <PlusIcon />
        </IconButton>
      </div>
      <ThreadsLink />
      <RoomList filter={filter} onBrowse={() => setBrowsing(true)} onChosen={() => setFilter("")} />
      <Suspense>{browsing && <RoomBrowser onClose={() => setBrowsing(false)} />}</Suspense>
    </nav>
  );
}

function Filter({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const list = document.getElementById(ROOM_LIST);
    if (event.key === "Escape") onChange("");
    if (event.key === "ArrowDown") list?.querySelector<HTMLElement>("a")?.focus();
    if (event.key === "Enter") list?.querySelector<HTMLElement>("a")?.click();
  };
  return (
    <div className="relative min-w-0 flex-1">
      <SearchIcon width={16} height={16} className="pointer-events-none absolute top-1/2 start-2.5 -translate-y-1/2 text-muted" />
      <input
        type="search"
        className="field py-1.5 ps-8 text-sm"
        placeholder={t("Find a room")}
        aria-label={t("Find a room")}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}

function RoomList({ filter, onBrowse, onChosen }: { filter: string; onBrowse: () => void; onChosen: () => void }) {
  const rooms = useLive((live) => live.rooms);
  const me = useLive((live) => live.me.id);
  const showsArchived = usePage(({ roomId }) => roomId !== null && rooms[roomId]?.room.archived === true);
  const all = useMemo(() => Object.values(rooms).sort(byNewest), [rooms]);
  const sought = filter.trim().toLocaleLowerCase();
  const shown = sought === "" ? all : all.filter(({ room }) => roomName(room, me).toLocaleLowerCase().includes(sought));
  if (all.length === 0) {
    return (
      <EmptyState icon={<HashIcon width={36} height={36} />} title={t("No rooms yet")}>
        <p>{t("Join a room that is open to everybody, make your own, or write to somebody.")}</p>
        <Button onClick={() => openOverlay("new_room")}>{t("Find or make a room")}</Button>
      </EmptyState>
    );
  }
  const { favourites, open, direct, archived } = sectionsOf(shown);
  const groups = [
    { title: t("Rooms"), way: "new_room", add: t("New room"), rooms: open },
    { title: t("Direct messages"), way: "write_to", add: t("New message"), rooms: direct },
  ] as const;
  return (
    <div id={ROOM_LIST} className="min-h-0 flex-1 overflow-y-auto px-2 pb-4" onKeyDown={moveFocus} onClick={onChosen} onPointerOver={prepare} onFocus={prepare}>
      {shown.length === 0 && <p className="px-3 py-6 text-center text-sm text-muted">{t("No room is called so.")}</p>}
      {favourites.length > 0 && (
        <section aria-label={t("Favourites")}>
          <h2 className="pt-3 pb-1.5 ps-2.5 text-xs font-medium text-muted">{t("Favourites")}</h2>
          <ul className="flex flex-col gap-px">
            {favourites.map((state) => (
              <FavouriteItem key={state.room.id} roomId={state.room.id}>
                <RoomItem state={state} me={me} />
              </FavouriteItem>
            ))}
          </ul>
        </section>
      )}
      {groups.map(
        (group) =>
          (group.rooms.length > 0 || filter === "") && (
            <section key={group.title} aria-label={group.title}>
              <header className="flex items-center justify-between pt-2 pe-1 ps-2.5">
                <h2 className="flex-1 text-xs font-medium text-muted">{group.title}</h2>
                {group.way === "new_room" && (
                  <IconButton label={t("Browse rooms")} className="size-7" onClick={onBrowse}>
                    <SearchIcon width={15} height={15} />
                  </IconButton>
                )}
                <IconButton label={group.add} className="size-7" onClick={() => openOverlay(group.way)}>
                  <PlusIcon width={15} height={15} />
                </IconButton>
              </header>
              <ul className="flex flex-col gap-px">
                {group.rooms.map((state) => (
                  <li key={state.room.id} className="[content-visibility:auto] [contain-intrinsic-size:auto_3.5rem]">
                    <RoomItem state={state} me={me} />
                  </li>
                ))}
              </ul>
            </section>
          ),
      )}
      {archived.length > 0 && (
        <details className="pt-2" open={filter !== "" || showsArchived}>
          <summary className="cursor-pointer rounded-lg px-2.5 py-1 text-xs font-medium text-muted hover:bg-hover">
            {t("Archived ({n})", { n: archived.length })}
          </summary>
          <ul className="flex flex-col gap-px" aria-label={t("Archived rooms")}>
            {archived.map((state) => (
              <li key={state.room.id} className="[content-visibility:auto] [contain-intrinsic-size:auto_3.5rem]">
                <RoomItem state={state} me={me} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

const RoomItem = memo(function RoomItem({ state, me }: { state: RoomState; me: number }) {
  const { room } = state;
  const current = usePage(({ roomId }) => roomId === room.id); // here, not in the list, of which a switch changes two items
  const blocked = useLive((live) => room.last_message !== null && live.blocked.includes(room.last_message.author.id));
  const unread = unreadIn(room);
  const draft = useLive((live) => sayDraft(live.drafts[keyOf({ room: room.id, thread: null })]));
  const weight = unread > 0 ? "font-semibold" : "font-medium";
  return (
    <a
      href={`#/room/${room.id}`}
      data-room={room.id}
      data-unread={unread > 0}
      aria-current={current ? "page" : undefined}
      className={`flex items-center gap-3 rounded-xl px-2.5 py-2 transition-colors ${current ? "bg-accent-soft" : "hover:bg-hover"}`}
    >
      <RoomSign state={state} me={me} />
      <span className="min-w-0 flex-1">
        <span className="flex items-baseline gap-2">
          <span className={`min-w-0 flex-1 truncate ${weight}`} dir="auto">
            {roomName(room, me)}
          </span>
          {room.last_message !== null && (
            <time dateTime={room.last_message.created_at} className="shrink-0 text-xs text-muted">
              {shortMoment(new Date(room.last_message.created_at), new Date())}
            </time>
          )}
        </span>
        <span className="flex items-center gap-2">
          <span className="flex min-w-0 flex-1 gap-1 text-[13px] text-muted">
            {blocked ? <Line>{t("Somebody whom you block")}</Line> : current || draft === "" ? <Preview state={state} me={me} /> : <DraftText text={draft} />}
          </span>
          <MentionBadge count={room.mentioned.length} />
          <Badge count={unread} label={t("{n} unread", { n: unread })} />
        </span>
      </span>
    </a>
  );
});

function RoomSign({ state, me }: { state: RoomState; me: number }) {
  if (state.room.kind === "direct") return <DirectSign state={state} me={me} />;
  const Sign = state.room.kind === "private" ? LockIcon : HashIcon;
  return (
    <span className="inline-flex size-9 shrink-0 items-center justify-center rounded-xl bg-tower text-muted">
      <Sign width={18} height={18} aria-label={state.room.kind === "private" ? t("Private room") : t("Open room")} aria-hidden={undefined} role="img" />
    </span>
  );
}

function sayDraft(draft: Draft | undefined): string {
  return draft === undefined ? "" : draft.text || sayFiles(draft.files);
}

function DraftText({ text }: { text: string }) {
  return (
    <>
      <span className="shrink-0 font-medium text-bronze">{t("Draft:")}</span>
      <Line>{text.replace(/\s+/g, " ")}</Line>
    </>
  );
}

/** Cut off at its own end: what stands before it may be of a script that runs the other way. */
function Line({ children }: { children: string }) {
  return (
    <span className="min-w-0 flex-1 truncate" dir="auto">
      {children}
    </span>
  );
}

function Preview({ state: { room }, me }: { state: RoomState; me: number }) {
  const last = room.last_message;
  if (last === null) return <Line>{room.topic || t("Nothing here yet")}</Line>;
  const text = last.deleted ? t("Message deleted") : plainText(last) || sayFiles(last.files);
  if (last.author.id === me) {
    return (
      <>
        <span className="shrink-0">{t("You:")}</span>
        <Line>{text}</Line>
      </>
    );
  }
  return <Line>{otherPerson(room, me) !== null ? text : `${nameOf(last.author)}: ${text}`}</Line>;
}

/** The newest message first; a room without any is new itself. */
function byNewest(a: RoomState, b: RoomState): number {
  const at = ({ room }: RoomState) => room.last_message?.created_at ?? "9999";
  if (at(a) === at(b)) return b.room.id - a.room.id;
  return at(a) < at(b) ? 1 : -1;
}

let pointedAt: ReturnType<typeof setTimeout>;

/** A room that one points at, and does not only pass by, is likely the next to be opened. */
function prepare({ target }: { target: EventTarget }): void {
  clearTimeout(pointedAt);
  const room = target instanceof Element ? target.closest<HTMLElement>("[data-room]")?.dataset["room"] : undefined;
  if (room !== undefined) pointedAt = setTimeout(() => currentSession().prepareRoom(Number(room)), POINTED_FOR_MS);
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
