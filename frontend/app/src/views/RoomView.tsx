/** One open room: its head, its messages, who is writing, the composer, and its people at the side. */
import { type FormEvent, lazy, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { currentSession } from "../live/account.ts";
import type { MentionAll, Message, Person, Room, RoomState } from "../live/model.ts";
import { goToRoom } from "../live/place.ts";
import { loadReceipts, MODES } from "../live/presence.ts";
import { openSearch } from "../live/search.ts";
import { useLive, usePage } from "../live/store.ts";
import { nameOf, otherPerson, roomName, typingSentence } from "../text/names.ts";
import { quoted } from "../text/searching.ts";
import { plural, sentence, t } from "../text/t.ts";
import { useSwipe } from "../ui/gestures.ts";
import { useNow, useRequest } from "../ui/hooks.ts";
import { BackIcon, HashIcon, InviteIcon, LeaveIcon, LockIcon, MoreIcon, PencilIcon, PeopleIcon, SearchIcon } from "../ui/icons.tsx";
import { Menu, MenuItem } from "../ui/menu.tsx";
import { Button, Dialog, ErrorText, Field, IconButton } from "../ui/parts.tsx";
import { DropZone } from "./Attachments.tsx";
import { Composer } from "./Composer.tsx";
import { DirectSign } from "./DirectSign.tsx";
import { MessageList } from "./MessageList.tsx";
import { PreviewSwitch } from "./MessagePreviews.tsx";
import { PinnedButton } from "./PinnedButton.tsx";
import { ArchiveItem, FavouriteItems } from "./RoomMenuItems.tsx";
import { useRoomOrder } from "./moderation/RoomOrder.tsx";
import { RulesFields, saveRules } from "./moderation/RulesFields.tsx";
import { WriteGate } from "./moderation/WriteGate.tsx";

const InviteDialog = lazy(() => import("./InviteDialog.tsx").then((module) => ({ default: module.InviteDialog })));
const MemberPanel = lazy(() => import("./MemberPanel.tsx").then((module) => ({ default: module.MemberPanel })));
const ThreadPanel = lazy(() => import("./ThreadPanel.tsx").then(({ ThreadPanel: view }) => ({ default: view })));
const IntegrationsDialog = lazy(() => import("./IntegrationsDialog.tsx"));

export function RoomView({ roomId }: { roomId: number }) {
  const state = useLive((live) => live.rooms[roomId]);
  const me = useLive((live) => live.me.id);
  const [panel, setPanel] = useState(() => window.matchMedia("(min-width: 1200px)").matches);
  const [editing, setEditing] = useState<number | null>(null);
  const threadId = usePage((page) => page.threadId);
  const connected = usePage(({ connection }) => connection.kind === "live");
  const membersKnown = state?.members !== null;

  useEffect(() => {
    currentSession().watchRoom(roomId);
    return () => currentSession().watchRoom(null);
  }, [roomId]);
  useEffect(() => {
    // Where it fails, the panel says that it is loading, and the next connection tries again.
    if (!membersKnown && connected) void currentSession().loadMembers(roomId).catch(() => undefined);
  }, [roomId, membersKnown, connected]);
  useEffect(() => {
    if (connected) loadReceipts(roomId).catch(() => undefined); // without them no face stands at a message
  }, [roomId, connected]);

  const room = useRef<HTMLElement>(null);
  useSwipe(room, (toward, from) => {
    const message = from.closest<HTMLElement>("article");
    if (toward === "end") leaveOnPhone();
    else if (message === null) setPanel(true);
    else answer(message);
  });

  if (state === undefined) return null;
  const editLast = () => setEditing(lastOwn(state.messages, me)?.id ?? null);
  return (
    <div className="relative flex min-w-0 flex-1">
      <section ref={room} aria-label={roomName(state.room, me)} className="flex min-w-0 flex-1 flex-col">
        <RoomHead state={state} me={me} panel={panel} onPanel={() => setPanel(!panel)} />
        <MessageList state={state} me={me} editing={editing} onEdit={setEditing} />
        <TypingLine state={state} />
        {state.room.archived ? (
          <ArchivedNote />
        ) : (
          <WriteGate state={state}>
            <DropZone room={roomId} />
            <Composer state={state} name={roomName(state.room, me)} onEditLast={editLast} />
          </WriteGate>
        )}
      </section>
      {threadId !== null && (
        <Suspense>
          <ThreadPanel key={threadId} state={state} rootId={threadId} />
        </Suspense>
      )}
      <Suspense>{panel && threadId === null && <MemberPanel state={state} onClose={() => setPanel(false)} />}</Suspense>
    </div>
  );
}

function leaveOnPhone(): void {
  if (window.matchMedia("(max-width: 767px)").matches) goToRoom(null);
}

/** What a swipe over a message does: the action that is marked for it, else it shows what can be done. */
function answer(message: HTMLElement): void {
  const action = message.querySelector<HTMLElement>("[data-swipe]");
  if (action === null) message.focus();
  else action.click();
}

function RoomHead({ state, me, panel, onPanel }: { state: RoomState; me: number; panel: boolean; onPanel: () => void }) {
  const { room } = state;
  const [dialog, setDialog] = useState<"invite" | "change" | "integrations" | "leave" | null>(null);
  const close = useCallback(() => setDialog(null), []);
  const { error, run } = useRequest();
  const order = useRoomOrder(room, run);
  return (
    <header className="flex items-center gap-2.5 border-b border-line py-2.5 pe-2.5 ps-2 md:ps-5">
      <IconButton label={t("Back to the rooms")} className="md:hidden" onClick={() => goToRoom(null)}>
        <BackIcon className="rtl:-scale-x-100" />
      </IconButton>
      {room.kind === "direct" && <DirectSign state={state} me={me} />}
      <div className="min-w-0 flex-1">
        <h1 className="flex items-center gap-1.5 font-serif text-lg leading-snug font-semibold">
          {room.kind === "public" && <HashIcon width={17} height={17} className="shrink-0 text-muted" />}
          {room.kind === "private" && <LockIcon width={17} height={17} className="shrink-0 text-muted" />}
          <span className="truncate" dir="auto">{roomName(room, me)}</span>
        </h1>
        <p className="truncate text-[13px] text-muted">{subtitle(state, otherPerson(room, me))}</p>
      </div>
      <PinnedButton state={state} />
      <IconButton label={t("Search in this room")} className="max-sm:hidden" onClick={() => openSearch(inThisRoom(room, me))}>
        <SearchIcon />
      </IconButton>
      <IconButton label={panel ? t("Hide members") : t("Show members")} aria-pressed={panel} className={panel ? "text-accent" : ""} onClick={onPanel}>
        <PeopleIcon />
      </IconButton>
      <Menu
        trigger={
          <IconButton label={t("Room actions")}>
            <MoreIcon />
          </IconButton>
        }
      >
        <MenuItem icon={<SearchIcon />} onSelect={() => openSearch(inThisRoom(room, me))}>
          {t("Search in this room")}
        </MenuItem>
        <FavouriteItems room={room} />
        {room.kind !== "direct" && (
          <>
            {!room.archived && (
              <MenuItem icon={<InviteIcon />} onSelect={() => setDialog("invite")}>
                {t("Invite somebody")}
              </MenuItem>
            )}
            {room.role === "owner" && (
              <>
                <MenuItem icon={<PencilIcon />} onSelect={() => setDialog("change")}>
                  {t("Change name or topic")}
                </MenuItem>
                <MenuItem icon={<HashIcon />} onSelect={() => setDialog("integrations")}>
                  {t("Integrations")}
                </MenuItem>
                <PreviewSwitch room={room} />
                <ArchiveItem room={room} />
              </>
            )}
            {order.items}
            <MenuItem icon={<LeaveIcon />} danger onSelect={() => setDialog("leave")}>
              {t("Leave this room")}
            </MenuItem>
          </>
        )}
      </Menu>
      <ErrorText>{error}</ErrorText>
      {order.dialog}
      <Suspense>{dialog === "invite" && <InviteDialog state={state} onClose={close} />}</Suspense>
      {dialog === "change" && <ChangeDialog room={room} onClose={close} />}
      {dialog === "integrations" && (
        <Suspense>
          <IntegrationsDialog room={room} onClose={close} />
        </Suspense>
      )}
      {dialog === "leave" && <LeaveDialog state={state} onClose={close} />}
    </header>
  );
}

function subtitle({ room, online, present }: RoomState, other: Person | null): string {
  if (other !== null) {
    const mode = online.get(other.id);
    return mode === undefined ? t("Not online") : t(MODES[mode]);
  }
  const n = room.member_count;
  const people = room.kind === "direct" ? plural(n, "{n} person", "{n} people") : plural(n, "{n} member", "{n} members");
  const here = present > 0 ? t("{people}, {n} online", { people, n: present }) : people;
  return room.topic === "" ? here : `${here} · ${room.topic}`;
}

const MENTION_ALL: Record<MentionAll, string> = {
  small_rooms: sentence("Every member; in a large room, its owners"),
  members: sentence("Every member"),
  owners: sentence("Owners only"),
};

function ChangeDialog({ room, onClose }: { room: Room; onClose: () => void }) {
  const { busy, error, run } = useRequest();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    run(async () => {
      await currentSession().changeRoom(room.id, {
        name: String(form.get("name")),
        topic: String(form.get("topic")),
        description: String(form.get("description")),
        kind: form.get("kind") === "public" ? "public" : "private",
        mention_all: String(form.get("mention_all")) as MentionAll,
      });
      await saveRules(room, form);
      onClose();
    });
  };
  return (
    <Dialog title={t("Change this room")} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Field label={t("Name")}>
          <input className="field" name="name" required maxLength={64} autoComplete="off" defaultValue={room.name} data-autofocus />
        </Field>
        <Field label={t("Topic")}>
          <input className="field" name="topic" maxLength={250} autoComplete="off" defaultValue={room.topic} />
        </Field>
        <Field label={t("Description")} hint={t("Shown to whoever looks around.")}>
          <textarea className="field" name="description" rows={3} maxLength={2000} defaultValue={room.description} />
        </Field>
        <Field label={t("Who can find and join it")} hint={t("An open room shows everybody what was said in it before.")}>
          <select className="field" name="kind" defaultValue={room.kind}>
            <option value="public">{t("Everybody")}</option>
            <option value="private">{t("People who are invited")}</option>
          </select>
        </Field>
        <Field label={t("Who may notify everybody, with @room or @here")}>
          <select className="field" name="mention_all" defaultValue={room.mention_all}>
            {Object.entries(MENTION_ALL).map(([rule, meaning]) => (
              <option key={rule} value={rule}>
                {t(meaning)}
              </option>
            ))}
          </select>
        </Field>
        <RulesFields room={room} />
        <ErrorText>{error}</ErrorText>
        <Button type="submit" disabled={busy}>
          {t("Save")}
        </Button>
      </form>
    </Dialog>
  );
}

function LeaveDialog({ state, onClose }: { state: RoomState; onClose: () => void }) {
  const { busy, error, run } = useRequest();
  const leave = () =>
    run(async () => {
      await currentSession().leaveRoom(state.room.id);
      goToRoom(null);
    });
  const consequence =
    state.room.kind === "private" ? t("Somebody has to invite you before you can come back.") : t("You can join again at any time.");
  return (
    <Dialog title={t("Leave {room}?", { room: state.room.name })} onClose={onClose}>
      <p className="mb-5 text-muted">{consequence}</p>
      <ErrorText>{error}</ErrorText>
      <div className="flex justify-end gap-2">
        <Button tone="outline" onClick={onClose}>
          {t("Stay")}
        </Button>
        <Button tone="danger" disabled={busy} onClick={leave}>
          {t("Leave")}
        </Button>
      </div>
    </Dialog>
  );
}

function ArchivedNote() {
  return (
    <p role="status" className="mx-3 mb-3 rounded-2xl border border-line bg-tower px-4 py-3 text-center text-sm text-muted md:mx-5 md:mb-5">
      {t("This room is archived: it can be read, but nobody writes here.")}
    </p>
  );
}

/** A search that begins with this room; conversations of several have no name that can be asked for. */
function inThisRoom(room: Room, me: number): string {
  const other = otherPerson(room, me);
  if (other !== null) return `in:@${other.username} `;
  return room.kind === "direct" ? "is:direct " : `in:${quoted(room.name)} `;
}

function TypingLine({ state }: { state: RoomState }) {
  const now = useNow(1000, Object.keys(state.typing).length > 0);
  const names = Object.entries(state.typing)
    .filter(([, untilMs]) => untilMs > now)
    .map(([id]) => knownName(state, Number(id)));
  return (
    <p className="flex h-6 items-center gap-2 px-5 text-[13px] text-muted" role="status">
      {names.length > 0 && (
        <>
          <span aria-hidden="true" className="flex gap-0.5">
            <span className="dot size-1.5 rounded-full bg-accent" />
            <span className="dot size-1.5 rounded-full bg-accent" />
            <span className="dot size-1.5 rounded-full bg-accent" />
          </span>
          {typingSentence(names)}
        </>
      )}
    </p>
  );
}

function knownName(state: RoomState, id: number): string {
  const person =
    state.members?.find((member) => member.id === id) ??
    state.room.members.find((member) => member.id === id) ??
    state.messages.find(({ author }) => author.id === id)?.author;
  return person === undefined ? t("Somebody") : nameOf(person);
}

function lastOwn(messages: readonly Message[], me: number): Message | undefined {
  return messages.findLast(({ author, deleted }) => author.id === me && !deleted);
}
