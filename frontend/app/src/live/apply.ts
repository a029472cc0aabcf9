/** How the state changes: by events of the server, answers to requests, and one's own writes. Pure functions. */
import type { OutboxEntry, StreamEvent } from "@carillon/sdk";
import type {
  Amendment,
  HistoryPage,
  InboxItem,
  InboxPage,
  LiveState,
  Member,
  Message,
  PendingMessage,
  Room,
  RoomState,
  Snapshot,
} from "./model.ts";

const TYPING_LASTS_MS = 6_000;
const KEPT_MESSAGES = 100;

export function apply(state: LiveState, event: StreamEvent, nowMs: number): LiveState {
  switch (event.name) {
    case "chat.message_created":
      return withMessage(state, event.data.message);
    case "chat.message_edited": {
      const { number, text, edited_at: editedAt } = event.data;
      return withAmendment(state, roomOf(event), { kind: "edited", number, text, editedAt });
    }
    case "chat.message_deleted":
      return withAmendment(state, roomOf(event), { kind: "deleted", number: event.data.number });
    case "chat.member_joined":
      return withMemberJoined(state, roomOf(event), { ...event.data.user, role: "member" }, event.data.member_count);
    case "chat.member_left":
      return withMemberLeft(state, roomOf(event), event.data.user_id, event.data.member_count);
    case "chat.room_changed":
      return withRoomChanged(state, event.data);
    case "chat.typing":
      return withTyping(state, event.data.room, event.data.user, nowMs);
    case "chat.room_added":
      return withRoom(state, event.data.room);
    case "chat.room_removed":
      return withoutRoom(state, event.data.room);
    case "chat.room_read":
      return withRead(state, event.data.room, event.data.number);
    case "notifications.created":
      return withInboxItem(state, event.data.item);
    case "notifications.read":
      return withInboxRead(state, event.data.items);
    case "notifications.read_all":
      return withInboxReadUpTo(state, event.data.up_to);
    case "presence.changed": // the client library keeps who is online
    case "live.created": // for pages of administrators
    case "live.updated":
    case "live.deleted":
    case "notifications.broadcast_progress":
      return state;
    default:
      return unknownEvent(state, event);
  }
}

/** An event of a newer server. One that this version knows and forgot above does not compile. */
function unknownEvent(state: LiveState, _event: never): LiveState {
  return state;
}

function roomOf(event: StreamEvent): number {
  return Number(event.stream.slice("room:".length));
}

// ---- snapshot and history

const NOTHING_LOADED = {
  messages: [],
  history: "none",
  hasOlder: true,
  amendments: [],
  pending: [],
  typing: {},
  members: null,
  online: new Set<number>(),
} as const satisfies Omit<RoomState, "room">;

export function fromSnapshot(snapshot: Snapshot, before: LiveState | null): LiveState {
  const rooms: Record<number, RoomState> = {};
  for (const room of snapshot.rooms) {
    const { pending, online } = before?.rooms[room.id] ?? NOTHING_LOADED;
    rooms[room.id] = { ...NOTHING_LOADED, room, pending, online };
  }
  const { items, unread } = snapshot.inbox;
  return { me: snapshot.user, rooms, inbox: { items, unread, next: null, hasOlder: items.length > 0 } };
}

export function withHistoryLoading(state: LiveState, roomId: number): LiveState {
  return inRoom(state, roomId, (room) => ({ ...room, history: room.history === "ready" ? "ready" : "loading" }));
}

export function withHistoryFailed(state: LiveState, roomId: number): LiveState {
  return inRoom(state, roomId, (room) => ({ ...room, history: room.history === "ready" ? "ready" : "failed" }));
}

/** Merges a page that ends before, or overlaps, what is there. */
export function withHistory(state: LiveState, roomId: number, page: HistoryPage): LiveState {
  return inRoom(state, roomId, (room) => {
    const loaded = page.items.map((message) => room.amendments.reduce(amended, message));
    const messages = merged(loaded, room.messages);
    const pending = room.pending.filter(({ clientId }) => !messages.some((message) => message.client_id === clientId));
    return { ...room, messages, pending, history: "ready", hasOlder: page.has_more, amendments: [] };
  });
}

/** A room that is left keeps its newest messages; older ones are fetched again when they are wanted. */
export function withRoomLeft(state: LiveState, roomId: number): LiveState {
  return inRoom(state, roomId, (room) => ({
    ...room,
    messages: room.messages.slice(-KEPT_MESSAGES),
    hasOlder: room.hasOlder || room.messages.length > KEPT_MESSAGES,
  }));
}

function merged(older: readonly Message[], newer: readonly Message[]): Message[] {
  const byNumber = new Map<number, Message>();
  for (const message of [...older, ...newer]) byNumber.set(message.number, message);
  return [...byNumber.values()].sort((a, b) => a.number - b.number);
}

// ---- messages

function withMessage(state: LiveState, message: Message): LiveState {
  const mine = message.author.id === state.me.id;
  return inRoom(state, message.room, (room) => {
    const { [message.author.id]: _wrote, ...typing } = room.typing;
    const isNew = message.number > room.room.last_number;
    const read = mine ? Math.max(room.room.read_number, message.number) : room.room.read_number;
    return {
      ...room,
      typing,
      messages: room.history === "none" ? room.messages : appended(room.messages, message),
      pending: mine ? room.pending.filter(({ clientId }) => clientId !== message.client_id) : room.pending,
      room: isNew ? { ...room.room, last_number: message.number, last_message: message, read_number: read } : room.room,
    };
  });
}

function appended(messages: readonly Message[], message: Message): readonly Message[] {
  const last = messages.at(-1);
  return last === undefined || message.number > last.number ? [...messages, message] : merged(messages, [message]);
}

function withAmendment(state: LiveState, roomId: number, amendment: Amendment): LiveState {
  return inRoom(state, roomId, (room) => {
    const { last_message: last } = room.room;
    return {
      ...room,
      room: last === null ? room.room : { ...room.room, last_message: amended(last, amendment) },
      messages: room.messages.map((message) => amended(message, amendment)),
      amendments: room.history === "loading" ? [...room.amendments, amendment] : [],
    };
  });
}

function amended(message: Message, amendment: Amendment): Message {
  if (message.number !== amendment.number) return message;
  switch (amendment.kind) {
    case "edited":
      return message.deleted ? message : { ...message, text: amendment.text, edited_at: amendment.editedAt };
    case "deleted":
      return { ...message, text: "", deleted: true };
  }
}

// ---- one's own writes

export function withPending(state: LiveState, entry: OutboxEntry): LiveState {
  if (entry.name !== "chat.message_send") return state;
  const failure = entry.failure?.message ?? null;
  const pending: PendingMessage = {
    clientId: entry.clientId,
    text: entry.args.text,
    createdAtMs: entry.createdAtMs,
    status: failure === null ? "sending" : "failed",
    failure,
  };
  return inRoom(state, entry.args.room, (room) => {
    if (room.messages.some(({ client_id }) => client_id === entry.clientId)) return room;
    return { ...withoutPendingIn(room, entry.clientId), pending: inOrder(room.pending, pending) };
  });
}

function inOrder(all: readonly PendingMessage[], one: PendingMessage): PendingMessage[] {
  const others = all.filter(({ clientId }) => clientId !== one.clientId);
  return [...others, one].sort((a, b) => a.createdAtMs - b.createdAtMs);
}

/** Acknowledged: it stays as it is until its event, or the history, brings it. */
export function withStored(state: LiveState, entry: OutboxEntry): LiveState {
  if (entry.name !== "chat.message_send") return state;
  return inRoom(state, entry.args.room, (room) => ({
    ...room,
    pending: room.pending.map((one) => (one.clientId === entry.clientId ? { ...one, status: "stored" } : one)),
  }));
}

export function withoutPending(state: LiveState, entry: OutboxEntry): LiveState {
  if (entry.name !== "chat.message_send") return state;
  return inRoom(state, entry.args.room, (room) => withoutPendingIn(room, entry.clientId));
}

function withoutPendingIn(room: RoomState, clientId: string): RoomState {
  return { ...room, pending: room.pending.filter((one) => one.clientId !== clientId) };
}

// ---- rooms and people

/** A room that is there already has seen its own stream since: what that told is not set back. */
export function withRoom(state: LiveState, room: Room): LiveState {
  const before = state.rooms[room.id];
  const after = before === undefined ? { ...NOTHING_LOADED, room } : { ...before, room: newest(before.room, room) };
  return { ...state, rooms: { ...state.rooms, [room.id]: after } };
}

function newest(before: Room, room: Room): Room {
  const read_number = Math.max(before.read_number, room.read_number);
  if (before.last_number <= room.last_number) return { ...room, read_number };
  return { ...room, read_number, last_number: before.last_number, last_message: before.last_message };
}

export function withoutRoom(state: LiveState, roomId: number): LiveState {
  const { [roomId]: _left, ...rooms } = state.rooms;
  return { ...state, rooms };
}

export function withRead(state: LiveState, roomId: number, number: number): LiveState {
  return inRoom(state, roomId, (room) =>
    number <= room.room.read_number ? room : { ...room, room: { ...room.room, read_number: number } },
  );
}

export function withMembers(state: LiveState, roomId: number, members: readonly Member[]): LiveState {
  return inRoom(state, roomId, (room) => ({ ...room, members }));
}

export function withOnline(state: LiveState, roomId: number, online: ReadonlySet<number>): LiveState {
  return inRoom(state, roomId, (room) => ({ ...room, online }));
}

/** Without a connection nobody can be said to be online. */
export function withNobodyOnline(state: LiveState): LiveState {
  const rooms = Object.values(state.rooms).map((room) => [room.room.id, { ...room, online: new Set<number>() }] as const);
  return { ...state, rooms: Object.fromEntries(rooms) };
}

function withMemberJoined(state: LiveState, roomId: number, member: Member, memberCount: number): LiveState {
  return inRoom(state, roomId, (room) => ({
    ...room,
    room: { ...room.room, member_count: memberCount },
    members: room.members && [...room.members.filter(({ id }) => id !== member.id), member],
  }));
}

function withMemberLeft(state: LiveState, roomId: number, userId: number, memberCount: number): LiveState {
  return inRoom(state, roomId, (room) => ({
    ...room,
    room: { ...room.room, member_count: memberCount },
    members: room.members && room.members.filter(({ id }) => id !== userId),
  }));
}

function withRoomChanged(state: LiveState, change: { id: number; name: string; topic: string; owners: number[] }): LiveState {
  const { id, name, topic, owners } = change;
  const roleOf = (userId: number) => (owners.includes(userId) ? "owner" : "member");
  return inRoom(state, id, (room) => ({
    ...room,
    room: { ...room.room, name, topic, role: roleOf(state.me.id) },
    members: room.members && room.members.map((member) => ({ ...member, role: roleOf(member.id) })),
  }));
}

function withTyping(state: LiveState, roomId: number, userId: number, nowMs: number): LiveState {
  if (userId === state.me.id) return state;
  return inRoom(state, roomId, (room) => ({ ...room, typing: { ...room.typing, [userId]: nowMs + TYPING_LASTS_MS } }));
}

function inRoom(state: LiveState, roomId: number, change: (room: RoomState) => RoomState): LiveState {
  const room = state.rooms[roomId];
  return room === undefined ? state : { ...state, rooms: { ...state.rooms, [roomId]: change(room) } };
}

// ---- inbox

function withInboxItem(state: LiveState, item: InboxItem): LiveState {
  const { inbox } = state;
  if (inbox.items.some(({ id }) => id === item.id)) return state;
  return { ...state, inbox: { ...inbox, items: [item, ...inbox.items], unread: inbox.unread + (item.read ? 0 : 1) } };
}

export function withOlderInbox(state: LiveState, page: InboxPage): LiveState {
  const known = new Set(state.inbox.items.map(({ id }) => id));
  const items = [...state.inbox.items, ...page.items.filter(({ id }) => !known.has(id))];
  return { ...state, inbox: { items, unread: page.unread, next: page.next, hasOlder: page.next !== null } };
}

export function withInboxRead(state: LiveState, ids: readonly string[]): LiveState {
  const { inbox } = state;
  const alreadyRead = new Set(inbox.items.filter(({ read }) => read).map(({ id }) => id));
  const newlyRead = ids.filter((id) => !alreadyRead.has(id)).length;
  const items = inbox.items.map((item) => (ids.includes(item.id) ? { ...item, read: true } : item));
  return { ...state, inbox: { ...inbox, items, unread: Math.max(0, inbox.unread - newlyRead) } };
}

/** Whatever is newer than `upTo` is among the loaded items, for they are the newest. */
export function withInboxReadUpTo(state: LiveState, upTo: string): LiveState {
  const upToMs = Date.parse(upTo);
  const items = state.inbox.items.map((item) => (Date.parse(item.created_at) <= upToMs ? { ...item, read: true } : item));
  return { ...state, inbox: { ...state.inbox, items, unread: items.filter(({ read }) => !read).length } };
}
