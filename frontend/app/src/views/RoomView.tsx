/** One open room: its head, its messages, who is writing, the composer, and its people at the side. */
import { type FormEvent, useCallback, useEffect, useState } from "react";
import { currentSession } from "../live/account.ts";
import type { Message, Person, Room, RoomState } from "../live/model.ts";
import { goToRoom } from "../live/place.ts";
import { useLive, usePage } from "../live/store.ts";
import { nameOf, otherPerson, roomName, typingSentence } from "../text/names.ts";
import { useNow, useRequest } from "../ui/hooks.ts";
import { BackIcon, HashIcon, InviteIcon, LeaveIcon, LockIcon, MoreIcon, PencilIcon, PeopleIcon } from "../ui/icons.tsx";
import { Menu, MenuItem } from "../ui/menu.tsx";
import { Avatar, Button, Dialog, ErrorText, Field, IconButton } from "../ui/parts.tsx";
import { Composer } from "./Composer.tsx";
import { InviteDialog } from "./InviteDialog.tsx";
import { MemberPanel } from "./MemberPanel.tsx";
import { MessageList } from "./MessageList.tsx";

export function RoomView({ roomId }: { roomId: number }) {
  const state = useLive((live) => live.rooms[roomId]);
  const me = useLive((live) => live.me.id);
  const [panel, setPanel] = useState(() => window.matchMedia("(min-width: 1200px)").matches);
  const [editing, setEditing] = useState<number | null>(null);
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

  if (state === undefined) return null;
  const editLast = () => setEditing(lastOwn(state.messages, me)?.id ?? null);
  return (
    <div className="relative flex min-w-0 flex-1">
      <section aria-label={roomName(state.room, me)} className="flex min-w-0 flex-1 flex-col">
        <RoomHead state={state} me={me} panel={panel} onPanel={() => setPanel(!panel)} />
        <MessageList state={state} me={me} editing={editing} onEdit={setEditing} />
        <TypingLine state={state} />
        <Composer roomId={roomId} name={roomName(state.room, me)} onEditLast={editLast} />
      </section>
      {panel && <MemberPanel state={state} onClose={() => setPanel(false)} />}
    </div>
  );
}

function RoomHead({ state, me, panel, onPanel }: { state: RoomState; me: number; panel: boolean; onPanel: () => void }) {
  const { room } = state;
  const other = otherPerson(room, me);
  const [dialog, setDialog] = useState<"invite" | "change" | "leave" | null>(null);
  const close = useCallback(() => setDialog(null), []);
  return (
    <header className="flex items-center gap-2.5 border-b border-line py-2.5 pr-2.5 pl-2 md:pl-5">
      <IconButton label="Back to the rooms" className="md:hidden" onClick={() => goToRoom(null)}>
        <BackIcon />
      </IconButton>
      {other !== null && <Avatar person={other} online={state.online.has(other.id)} />}
      <div className="min-w-0 flex-1">
        <h1 className="flex items-center gap-1.5 font-serif text-lg leading-snug font-semibold">
          {room.kind === "public" && <HashIcon width={17} height={17} className="shrink-0 text-muted" />}
          {room.kind === "private" && <LockIcon width={17} height={17} className="shrink-0 text-muted" />}
          <span className="truncate">{roomName(room, me)}</span>
        </h1>
        <p className="truncate text-[13px] text-muted">{subtitle(state, other)}</p>
      </div>
      <IconButton label={panel ? "Hide members" : "Show members"} aria-pressed={panel} className={panel ? "text-accent" : ""} onClick={onPanel}>
        <PeopleIcon />
      </IconButton>
      {room.kind !== "direct" && (
        <Menu
          trigger={
            <IconButton label="Room actions">
              <MoreIcon />
            </IconButton>
          }
        >
          <MenuItem icon={<InviteIcon />} onSelect={() => setDialog("invite")}>
            Invite somebody
          </MenuItem>
          {room.role === "owner" && (
            <MenuItem icon={<PencilIcon />} onSelect={() => setDialog("change")}>
              Change name or topic
            </MenuItem>
          )}
          <MenuItem icon={<LeaveIcon />} danger onSelect={() => setDialog("leave")}>
            Leave this room
          </MenuItem>
        </Menu>
      )}
      {dialog === "invite" && <InviteDialog state={state} onClose={close} />}
      {dialog === "change" && <ChangeDialog room={room} onClose={close} />}
      {dialog === "leave" && <LeaveDialog state={state} onClose={close} />}
    </header>
  );
}

function subtitle({ room, online }: RoomState, other: Person | null): string {
  if (other !== null) return online.has(other.id) ? "Online" : "Not online";
  const people = `${room.member_count} ${room.member_count === 1 ? "member" : "members"}`;
  const here = online.size > 0 ? `${people}, ${online.size} online` : people;
  return room.topic === "" ? here : `${here} · ${room.topic}`;
}

function ChangeDialog({ room, onClose }: { room: Room; onClose: () => void }) {
  const { busy, error, run } = useRequest();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    run(async () => {
      await currentSession().changeRoom(room.id, { name: String(form.get("name")), topic: String(form.get("topic")) });
      onClose();
    });
  };
  return (
    <Dialog title="Change this room" onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Field label="Name">
          <input className="field" name="name" required maxLength={64} autoComplete="off" defaultValue={room.name} data-autofocus />
        </Field>
        <Field label="Topic">
          <input className="field" name="topic" maxLength={250} autoComplete="off" defaultValue={room.topic} />
        </Field>
        <ErrorText>{error}</ErrorText>
        <Button type="submit" disabled={busy}>
          Save
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
    state.room.kind === "private" ? "Somebody has to invite you before you can come back." : "You can join again at any time.";
  return (
    <Dialog title={`Leave ${state.room.name}?`} onClose={onClose}>
      <p className="mb-5 text-muted">{consequence}</p>
      <ErrorText>{error}</ErrorText>
      <div className="flex justify-end gap-2">
        <Button tone="outline" onClick={onClose}>
          Stay
        </Button>
        <Button tone="danger" disabled={busy} onClick={leave}>
          Leave
        </Button>
      </div>
    </Dialog>
  );
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
  return person === undefined ? "Somebody" : nameOf(person);
}

function lastOwn(messages: readonly Message[], me: number): Message | undefined {
  return messages.findLast(({ author, deleted }) => author.id === me && !deleted);
}
