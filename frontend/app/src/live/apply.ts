/** How the state changes: by events of the server, answers to requests, and one's own writes. Pure functions. */
import type { Attendance, EventMap, Mode, OutboxEntry, StreamEvent } from "@carillon/sdk";
import type {
  Amendment,
  HistoryPage,
  InboxItem,
  InboxMark,
  InboxPage,
  LiveState,
  Member,
  Mention,
  Message,
  PendingMessage,
  Preferences,
  Room,
  RoomState,
  Snapshot,
  Unread,
} from "./model.ts";
import { draftsByKey, withDraft } from "./drafts.ts";
import { withJob, withJobProgress, withoutJob } from "./jobs.ts";
import { withKeywords } from "./keywords.ts";
import { isMark, type Mark, markOf, repinned, withSaved, withUnread } from "./marks.ts";
import { amended, appended, merged, onlyInThread } from "./messages.ts";
import { roleAfter, withBlock, withHeld, withoutHeld, withoutTrimmed, withPerson, withReport, withRole } from "./moderation.ts";
import { withFavourites } from "./rooms.ts";
import { withAttendance, withReceipts, withStatuses } from "./presence.ts";
import { withoutReminder, withReminder } from "./reminders.ts";
import { withoutScheduled, withScheduled } from "./scheduled.ts";
import {
  threadsFrom,
  withAmendmentInThreads,
  withFollowed,
  withMentionInThread,
  withoutThreadsOf,
  withReply,
  withThreadRead,
  withUnfollowed,
} from "./threads.ts";
import { isWanted } from "./wanted.ts";

const TYPING_LASTS_MS = 6_000;
/** Messages that a room keeps while another one is open. */
const KEPT_MESSAGES = 100;
/** Messages that the open room keeps around what is looked at: who scrolls through 100,000 has no more than these. */
const WINDOW = 600;
const KEPT_NOTIFICATIONS = 50;

export function apply(state: LiveState, event: StreamEvent, nowMs: number): LiveState {
  switch (event.name) {
    case "chat.message_created": {
      const { message } = event.data;
      return withReply(withMessage(state, message), message, isToldOf(state, message.mentions, message.author.id));
    }
    case "chat.message_edited": {
      const { number, text, html = "", mentions, edited_at: editedAt, author = 0, only_in_thread } = event.data;
      const onlyIn = only_in_thread ?? null;
      return withAmendment(state, roomOf(event), { kind: "edited", number, text, html, mentions, editedAt, author, onlyInThread: onlyIn });
    }
    case "chat.message_deleted":
      return withAmendment(state, roomOf(event), { kind: "deleted", number: event.data.number });
    case "chat.message_restored": {
      const { message } = event.data;
      return withAmendment(state, message.room, { kind: "restored", number: message.number, me: state.me.id, message });
    }
    case "chat.thread_changed":
      return withAmendment(state, roomOf(event), { kind: "thread", number: event.data.number, thread: event.data.thread });
    case "chat.thread_followed":
      return withFollowed(state, event.data.thread);
    case "chat.thread_unfollowed":
      return withUnfollowed(state, event.data.root);
    case "chat.thread_read":
      return withThreadRead(state, event.data.root, event.data.room, event.data.number);
    case "chat.files_changed": {
      const { number, files } = event.data;
      return withAmendment(state, roomOf(event), { kind: "attached", number, change: { files } });
    }
    case "chat.previews_changed": {
      const { number, previews } = event.data;
      return withAmendment(state, roomOf(event), { kind: "attached", number, change: { previews } });
    }
    case "chat.room_previews_changed":
      return withLinkPreviews(state, event.data.room, event.data.link_previews);
    case "chat.mentioned":
      if (typeof event.data.only_in_thread === "number") {
        return withMentionInThread(state, event.data.only_in_thread, event.data.room, event.data.number);
      }
      return inRoom(state, event.data.room, (room) => ({ ...room, room: mentionedBy(room.room, event.data.number) }));
    case "chat.member_joined":
      return withMemberJoined(state, roomOf(event), { ...event.data.user, role: event.data.role ?? "member" }, event.data.member_count);
    case "chat.member_left":
      return withMemberLeft(state, roomOf(event), event.data.user_id, event.data.member_count);
    case "chat.room_changed":
      return withRoomChanged(state, event.data);
    case "chat.favourites_changed":
      return withFavourites(state, event.data.favourites);
    case "chat.keywords_changed":
      return withKeywords(state, event.data.words);
    case "chat.role_changed":
      return inRoom(state, roomOf(event), (room) => withRole(room, state.me.id, event.data.user, event.data.role));
    case "chat.rules_changed":
      return inRoom(state, roomOf(event), (room) => ({ ...room, room: { ...room.room, ...event.data } }));
    case "chat.messages_trimmed":
      return inRoom(state, roomOf(event), (room) => withoutTrimmed(room, event.data.up_to, event.data.hidden ?? 0));
    case "chat.person_changed":
      return inRoom(state, roomOf(event), (room) => withPerson(room, event.data.person));
    case "chat.muted": {
      const { room: id, muted, until: muted_until, reason: mute_reason } = event.data;
      return inRoom(state, id, (room) => ({ ...room, room: { ...room.room, muted, muted_until, mute_reason } }));
    }
    case "chat.barred":
      return inRoom(state, event.data.room, (room) => ({ ...room, room: { ...room.room, barred: event.data.barred } }));
    case "chat.block_changed":
      return withBlock(state, event.data);
    case "moderation.report_changed":
      return withReport(state, event.data.report);
    case "moderation.message_held":
      return withHeld(state, event.data.held);
    case "moderation.held_judged":
      return withoutHeld(state, event.data.held);
    case "chat.typing":
      return withTyping(state, event.data.room, event.data.user, nowMs);
    case "chat.room_added":
      return withRoom(state, event.data.room);
    case "chat.room_removed":
      return withoutRoom(state, event.data.room);
    case "chat.room_read":
      return withRead(state, event.data.room, event.data.number, event.data.hidden ?? 0);
    case "chat.room_unread":
      return inRoom(state, event.data.room, (room) => ({ ...room, room: withUnread(room.room, event.data) }));
    case "chat.reactions_changed":
    case "chat.message_pinned":
    case "chat.message_unpinned":
    case "chat.ack_changed":
    case "chat.poll_changed":
    case "chat.poll_voted": {
      const roomId = event.name === "chat.poll_voted" ? event.data.room : roomOf(event);
      const repinnedState = inRoom(state, roomId, (room) => ({ ...room, pins: repinned(room.pins, event) }));
      return withAmendment(repinnedState, roomId, markOf(event, state.me.id));
    }
    case "chat.saved_changed":
      return withSaved(state, event.data);
    case "chat.draft_changed":
      return withDraft(state, event.data.draft);
    case "chat.schedule_changed":
      return withScheduled(state, event.data.scheduled);
    case "chat.schedule_ended":
      return withoutScheduled(state, event.data.id);
    case "notifications.created":
      return withCounted(withInboxItem(state, event.data.item, event.data.own_unread === null), numbersOf(event.data), event.at);
    case "notifications.read":
      return withCounted(withInboxMark(state, event.data.items, "read"), event.data.unread, event.at);
    case "notifications.read_all":
      return withCounted(withInboxReadUpTo(state, event.data.up_to), event.data.unread, event.at);
    case "notifications.marked":
      return withCounted(withInboxMark(state, event.data.items, event.data.mark as InboxMark), event.data.unread, event.at);
    case "notifications.removed":
      return withCounted(withoutInboxItems(state, event.data.items), numbersOf(event.data), event.at);
    case "notifications.preferences_changed":
      return withPreferences(state, event.data.preferences);
    case "notifications.reminder_set":
      return withReminder(state, event.data.reminder);
    case "notifications.reminder_ended":
      return withoutReminder(state, event.data.reminder);
    case "jobs.changed":
      return withJob(state, event.data.job);
    case "jobs.progressed":
      return withJobProgress(state, event.data);
    case "jobs.removed":
      return withoutJob(state, event.data.job);
    case "chat.own_status_changed":
      return { ...state, own: event.data.own };
    case "chat.status_changed":
      return withStatuses(state, [event.data.status]);
    case "chat.read_by": {
      const { room: id, user, number } = event.data;
      return inRoom(state, id, (room) => withReceipts(room, [{ user, read: number, delivered: 0 }]));
    }
    case "chat.delivered": {
      const { room: id, user, seq } = event.data;
      return inRoom(state, id, (room) => withReceipts(room, [{ user, read: 0, delivered: seq }]));
    }
    case "presence.changed": // the client library keeps who is online
    case "live.created": // for pages of administrators
    case "live.updated":
    case "live.deleted":
    case "notifications.broadcast_figures":
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
  loadedTo: null,
  amendments: [],
  pending: [],
  typing: {},
  members: null,
  online: new Map<number, Mode>(),
  present: 0,
  receipts: {},
  pins: null,
} as const satisfies Omit<RoomState, "room">;

/** Messages that were there stay in sight until their room's next page replaces them: they may have changed meanwhile. */
export function fromSnapshot(snapshot: Snapshot, before: LiveState | null): LiveState {
  const rooms: Record<number, RoomState> = {};
  for (const room of snapshot.rooms) {
    const { pending, online, present, messages, history, loadedTo } = before?.rooms[room.id] ?? NOTHING_LOADED;
    const shown = messages.length === 0 || loadedTo !== null || history === "none" ? {} : ({ messages, history: "stale" } as const);
    rooms[room.id] = { ...NOTHING_LOADED, room, pending, online, present, ...shown };
  }
  const { items, unread } = snapshot.inbox;
  const inbox = { items, unread, next: null, hasOlder: items.length > 0 };
  const { user: me, jobs, saved, status: own, blocked = [] } = snapshot;
  const unfetched = { preferences: null, reminders: null, keywords: null, queue: null, scheduled: null };
  const drafts = draftsByKey(snapshot.drafts);
  const threads = threadsFrom(snapshot.threads);
  return { me, ...unfetched, rooms, threads, openThread: null, inbox, jobs, own, statuses: before?.statuses ?? {}, blocked, drafts, saved };
}

/** What is worth keeping for the next start: no more than a snapshot has. */
export function cacheable(live: LiveState): LiveState {
  const rooms = Object.values(live.rooms).map(({ room }) => [room.id, { ...NOTHING_LOADED, room }] as const);
  const { items, unread } = live.inbox;
  const inbox = { items: items.slice(0, KEPT_NOTIFICATIONS), unread, next: null, hasOlder: items.length > 0 };
  return { ...live, rooms: Object.fromEntries(rooms), openThread: null, inbox, reminders: null, scheduled: null };
}

/** Messages of an earlier visit, for a room of which nothing is loaded yet. */
export function withCachedMessages(state: LiveState, roomId: number, messages: readonly Message[]): LiveState {
  return inRoom(state, roomId, (room) => {
    if (messages.length === 0 || room.messages.length > 0 || room.history === "ready") return room;
    return { ...room, messages: messages.map((message) => room.amendments.reduce(amended, message)), history: "stale" };
  });
}

/** A history that is shown already stays so while its page is on the way. */
export function withHistoryLoading(state: LiveState, roomId: number): LiveState {
  return inRoom(state, roomId, (room) => ({ ...room, history: isShown(room) ? room.history : "loading" }));
}

export function withHistoryFailed(state: LiveState, roomId: number): LiveState {
  return inRoom(state, roomId, (room) => ({ ...room, history: isShown(room) ? room.history : "failed" }));
}

/** Whether a page may be on its way that does not know yet what changes now. */
const isAwaited = ({ history }: RoomState) => history === "loading" || history === "stale";

const isShown = ({ history }: RoomState) => history === "ready" || history === "stale";

/** The newest page. It goes on what came since; whatever else was there, it replaces, unless the two overlap. */
export function withHistory(state: LiveState, roomId: number, page: HistoryPage): LiveState {
  return inRoom(state, roomId, (room) => {
    const last = page.items.at(-1)?.number ?? 0;
    const since = room.history === "stale" || room.loadedTo !== null ? room.messages.filter(({ number }) => number > last) : room.messages;
    const older = since.some(({ number }) => number < (page.items[0]?.number ?? 0));
    return settled(room, page, since, { hasOlder: older ? room.hasOlder : page.has_more, loadedTo: null });
  });
}

/** A page that ends before what is there. */
export function withOlder(state: LiveState, roomId: number, page: HistoryPage): LiveState {
  return inRoom(state, roomId, (room) => settled(room, page, room.messages, { hasOlder: page.has_more, loadedTo: room.loadedTo }));
}

/** The page that follows what is there, up to `upTo`. */
export function withNewer(state: LiveState, roomId: number, page: HistoryPage, upTo: number): LiveState {
  return inRoom(state, roomId, (room) => settled(room, page, room.messages, { hasOlder: room.hasOlder, loadedTo: until(room, upTo) }));
}

/** No more than a window of the history: what is cut off is fetched again when it is wanted. */
export function withinWindow(state: LiveState, roomId: number, end: "start" | "end"): LiveState {
  return inRoom(state, roomId, (room) => {
    if (room.messages.length <= WINDOW) return room;
    if (end === "start") return { ...room, messages: room.messages.slice(-WINDOW), hasOlder: true };
    const messages = room.messages.slice(0, WINDOW);
    return { ...room, messages, loadedTo: messages.at(-1)?.number ?? null };
  });
}

/** A page from the midst of the history, in place of what was there. */
export function withWindow(state: LiveState, roomId: number, page: HistoryPage, upTo: number): LiveState {
  return inRoom(state, roomId, (room) =>
    settled(room, page, [], { hasOlder: page.has_more, loadedTo: until(room, upTo) }),
  );
}

/** To the end, if that is the last that the timeline shows. */
const until = ({ room }: RoomState, upTo: number) => (upTo >= (room.last_message?.number ?? room.last_number) ? null : upTo);

function settled(room: RoomState, page: HistoryPage, others: readonly Message[], more: Pick<RoomState, "hasOlder" | "loadedTo">): RoomState {
  const loaded = page.items.map((message) => room.amendments.reduce(amended, message));
  const messages = merged(loaded, others);
  const pending = room.pending.filter(({ clientId }) => !messages.some((message) => message.client_id === clientId));
  return { ...room, ...more, messages, pending, history: "ready", amendments: [] };
}

/** A room that is left keeps its newest messages; older ones are fetched again when they are wanted. */
export function withRoomLeft(state: LiveState, roomId: number): LiveState {
  return inRoom(state, roomId, (room) => {
    if (room.loadedTo !== null) return { ...room, messages: [], history: "none", hasOlder: true, loadedTo: null };
    if (room.messages.length <= KEPT_MESSAGES) return room;
    return { ...room, messages: room.messages.slice(-KEPT_MESSAGES), hasOlder: true };
  });
}

// ---- messages

function withMessage(state: LiveState, message: Message): LiveState {
  const mine = message.author.id === state.me.id;
  return inRoom(state, message.room, (room) => {
    const { [message.author.id]: _wrote, ...typing } = room.typing;
    const isNew = message.number > room.room.last_number;
    const isHidden = onlyInThread(message) !== null;
    const hidden = message.hidden ?? 0;
    const last_message = isHidden ? room.room.last_message : message;
    const known = isNew ? { ...room.room, last_number: message.number, hidden, last_message } : room.room;
    const reads = mine && isNew && !isHidden && message.number > (known.unread_as_of ?? 0);
    const read = reads ? readUpTo(known, message.number, hidden) : known;
    return {
      ...room,
      typing,
      messages: room.history === "none" || room.loadedTo !== null || isHidden ? room.messages : appended(room.messages, message),
      pending: mine ? room.pending.filter(({ clientId }) => clientId !== message.client_id) : room.pending,
      room: !isHidden && isToldOf(state, message.mentions, message.author.id) ? mentionedBy(read, message.number) : read,
    };
  });
}

export function withAmendment(state: LiveState, roomId: number, amendment: Amendment): LiveState {
  const change = (message: Message) => amended(message, amendment);
  const after = inRoom(state, roomId, (room) => {
    const { last_message: last } = room.room;
    const known = last === null ? room.room : { ...room.room, last_message: change(last) };
    return {
      ...room,
      room: isMark(amendment) ? known : withAmendedMention(known, amendment, state),
      messages: room.messages.map(change),
      pins: room.pins && room.pins.map((pin) => ({ ...pin, message: change(pin.message) })),
      amendments: isAwaited(room) ? [...room.amendments, amendment].slice(-KEPT_MESSAGES) : [],
    };
  });
  return withAmendmentInThreads(after, roomId, amendment, amendmentMeansMe(amendment, state));
}

/** Whether what a message says now mentions this person; whom @here and groups mean, only the server knows. */
function amendmentMeansMe(amendment: Amendment, state: LiveState): "yes" | "no" | "perhaps" {
  if (amendment.kind !== "edited" && amendment.kind !== "restored") return "no";
  const mentions = amendment.kind === "edited" ? amendment.mentions : amendment.message.mentions;
  const author = amendment.kind === "edited" ? amendment.author : amendment.message.author.id;
  if (isToldOf(state, mentions, author)) return "yes";
  return mentions.some(({ kind, refused }) => (kind === "here" || kind === "group") && refused === "") ? "perhaps" : "no";
}

// ---- mentions

/** Whether a message mentions this person for certain: whom @here and groups mean, only the server knows. */
export function meansMe(mentions: readonly Mention[], me: number): boolean {
  return mentions.some(({ kind, user, refused }) => refused === "" && (kind === "room" || user === me));
}

/** The same, unless it comes from somebody whom they block. */
function isToldOf(state: LiveState, mentions: readonly Mention[], author: number): boolean {
  return !state.blocked.includes(author) && meansMe(mentions, state.me.id);
}

function mentionedBy(room: Room, number: number): Room {
  if (number <= room.read_number || room.mentioned.includes(number)) return room;
  return { ...room, mentioned: [...room.mentioned, number].sort((a, b) => a - b) };
}

/** As long as a message says @here, or names a group, an edit takes nobody's mention away. */
function withAmendedMention(room: Room, amendment: Exclude<Amendment, Mark>, state: LiveState): Room {
  const { number } = amendment;
  if (amendment.kind === "attached" || amendment.kind === "thread" || isOnlyInThread(amendment)) return room;
  switch (amendmentMeansMe(amendment, state)) {
    case "yes":
      return mentionedBy(room, number);
    case "perhaps":
      return room;
    case "no":
      return { ...room, mentioned: room.mentioned.filter((one) => one !== number) };
  }
}

function isOnlyInThread(amendment: Amendment): boolean {
  if (amendment.kind === "edited") return amendment.onlyInThread !== null;
  return amendment.kind === "restored" && onlyInThread(amendment.message) !== null;
}

function readUpTo(room: Room, number: number, hidden: number): Room {
  if (number <= room.read_number) return room;
  return { ...room, read_number: number, read_hidden: hidden, mentioned: room.mentioned.filter((one) => one > number) };
}

// ---- one's own writes

export function withPending(state: LiveState, entry: OutboxEntry): LiveState {
  if (entry.name !== "chat.message_send") return state;
  const failure = entry.failure?.message ?? null;
  const pending: PendingMessage = {
    clientId: entry.clientId,
    text: entry.args.text,
    files: entry.args.files ?? [],
    createdAtMs: entry.createdAtMs,
    thread: entry.args.thread ?? null,
    alsoInRoom: entry.args.also_in_room ?? false,
    status: failure === null ? "sending" : "failed",
    failure,
  };
  return withPendingMessage(state, entry.args.room, pending);
}

export function withPendingMessage(state: LiveState, roomId: number, pending: PendingMessage): LiveState {
  return inRoom(state, roomId, (room) => {
    const open = state.openThread;
    const stored = pending.thread !== null && pending.thread === open?.rootId ? [...room.messages, ...open.messages] : room.messages;
    if (stored.some(({ client_id }) => client_id === pending.clientId)) return room;
    return { ...withoutPendingIn(room, pending.clientId), pending: inOrder(room.pending, pending) };
  });
}

export function withoutPendingMessage(state: LiveState, roomId: number, clientId: string): LiveState {
  return inRoom(state, roomId, (room) => withoutPendingIn(room, clientId));
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
  const setBack = (room.unread_version ?? 0) > (before.unread_version ?? 0);
  const read = setBack ? room : readUpTo(room, before.read_number, before.read_hidden ?? 0);
  if (before.last_number <= room.last_number) return read;
  const { last_number, last_message, hidden } = before;
  return before.mentioned.reduce(mentionedBy, { ...read, last_number, last_message, hidden: hidden ?? 0 });
}

export function withoutRoom(state: LiveState, roomId: number): LiveState {
  const { [roomId]: _left, ...rooms } = state.rooms;
  return withoutThreadsOf({ ...state, rooms }, roomId);
}

/** `hidden`: how many messages up to `number` the timeline does not show, where the server says so. */
export function withRead(state: LiveState, roomId: number, number: number, hidden?: number): LiveState {
  return inRoom(state, roomId, (room) => ({ ...room, room: readUpTo(room.room, number, hidden ?? hiddenUpTo(room, number)) }));
}

function hiddenUpTo({ room, messages }: RoomState, number: number): number {
  if (number >= room.last_number) return room.hidden ?? 0;
  const last = messages.findLast((message) => message.number <= number);
  return last === undefined ? (room.read_hidden ?? 0) : number - last.number + (last.hidden ?? 0);
}

export function withMembers(state: LiveState, roomId: number, members: readonly Member[]): LiveState {
  return inRoom(state, roomId, (room) => ({ ...room, members }));
}

export function withOnline(state: LiveState, roomId: number, attendance: Attendance): LiveState {
  return inRoom(state, roomId, (room) => withAttendance(room, attendance));
}

const NOBODY: Attendance = { modes: new Map(), count: 0, listed: true };

/** Without a connection nobody can be said to be online. */
export function withNobodyOnline(state: LiveState): LiveState {
  const rooms = Object.values(state.rooms).map((room) => [room.room.id, withAttendance(room, NOBODY)] as const);
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

function withRoomChanged(state: LiveState, change: EventMap["chat.room_changed"]): LiveState {
  const { id, name, topic, owners, mention_all, kind, description, archived } = change;
  // An event of an older server does not have them.
  const facts = (before: Room) => ({
    kind: kind ?? before.kind,
    description: description ?? before.description ?? "",
    archived: archived ?? before.archived ?? false,
  });
  return inRoom(state, id, (room) => ({
    ...room,
    room: { ...room.room, name, topic, mention_all, role: roleAfter(owners, state.me.id, room.room.role), ...facts(room.room) },
    members: room.members && room.members.map((member) => ({ ...member, role: roleAfter(owners, member.id, member.role) })),
  }));
}

function withLinkPreviews(state: LiveState, roomId: number, on: boolean): LiveState {
  return inRoom(state, roomId, (room) => ({ ...room, room: { ...room.room, link_previews: on } }));
}

function withTyping(state: LiveState, roomId: number, userId: number, nowMs: number): LiveState {
  if (userId === state.me.id) return state;
  return inRoom(state, roomId, (room) => ({ ...room, typing: { ...room.typing, [userId]: nowMs + TYPING_LASTS_MS } }));
}

function inRoom(state: LiveState, roomId: number, change: (room: RoomState) => RoomState): LiveState {
  const room = state.rooms[roomId];
  const changed = room && change(room);
  return changed === room || changed === undefined ? state : { ...state, rooms: { ...state.rooms, [roomId]: changed } };
}

// ---- inbox

function withInboxItem(state: LiveState, item: InboxItem, isForAll: boolean): LiveState {
  if (!isWanted(item, state.preferences)) return state;
  const { inbox } = state;
  const isNew = !inbox.items.some(({ id }) => id === item.id);
  const others = inbox.items.filter(({ id }) => id !== item.id);
  const place = others.findIndex((other) => isBefore(other, item));
  // Older than all that is loaded: it comes with its page.
  const isFurtherDown = place === -1 && inbox.hasOlder && others.length > 0;
  const at = place === -1 ? others.length : place;
  const items = isFurtherDown ? others : [...others.slice(0, at), item, ...others.slice(at)];
  const shared = inbox.unread.shared + (isForAll && isNew && !item.read ? 1 : 0);
  return { ...state, inbox: { ...inbox, items, unread: { ...inbox.unread, shared } } };
}

/** The server's order: by time, and within a moment by kind and number. */
function isBefore(one: InboxItem, other: InboxItem): boolean {
  const [first, second] = [comparable(one.created_at), comparable(other.created_at)];
  if (first !== second) return first < second;
  if (one.id.charAt(0) !== other.id.charAt(0)) return one.id.charAt(0) < other.id.charAt(0);
  return Number(one.id.slice(1)) < Number(other.id.slice(1));
}

/** The server leaves out zeros at the end of a fraction, and all of it where there is none. */
function comparable(at: string): string {
  return at.replace(/(?:\.(\d+))?Z$/, (_, fraction: string | undefined) => `.${(fraction ?? "").padEnd(6, "0")}Z`);
}

export function withOlderInbox(state: LiveState, page: InboxPage): LiveState {
  const known = new Set(state.inbox.items.map(({ id }) => id));
  const items = [...state.inbox.items, ...page.items.filter(({ id }) => !known.has(id))];
  return { ...state, inbox: { items, unread: page.unread, next: page.next, hasOlder: page.next !== null } };
}

/** The newest page, asked for anew: lines that the person wants again are among it. */
export function withInboxPage(state: LiveState, page: InboxPage): LiveState {
  const known = new Set(page.items.map(({ id }) => id));
  const others = state.inbox.items.filter(({ id }) => !known.has(id));
  const items = [...page.items, ...others].sort((one, other) => (isBefore(one, other) ? 1 : -1));
  return { ...state, inbox: { ...state.inbox, items, unread: page.unread } };
}

const MARKED = {
  seen: { seen: true },
  read: { seen: true, read: true },
  clicked: { seen: true, read: true },
  unread: { read: false },
} as const;

/** Loaded items as the mark leaves them. The numbers follow those that changed, until the server says its own. */
export function withInboxMark(state: LiveState, ids: readonly string[], mark: InboxMark): LiveState {
  if (mark === "archived" || mark === "restored") return mark === "archived" ? withoutInboxItems(state, ids) : state;
  const { inbox } = state;
  const items = inbox.items.map((item) => (ids.includes(item.id) ? { ...item, ...MARKED[mark] } : item));
  return { ...state, inbox: { ...inbox, items, unread: changedBy(inbox.unread, inbox.items, items) } };
}

export function withoutInboxItems(state: LiveState, ids: readonly string[]): LiveState {
  const { inbox } = state;
  const items = inbox.items.filter(({ id }) => !ids.includes(id));
  return { ...state, inbox: { ...inbox, items, unread: changedBy(inbox.unread, inbox.items, items) } };
}

/** Whatever is newer than `upTo` is among the loaded items, for they are the newest. */
export function withInboxReadUpTo(state: LiveState, upTo: string): LiveState {
  const last = comparable(upTo);
  const items = state.inbox.items.map((item) => (comparable(item.created_at) <= last ? { ...item, seen: true, read: true } : item));
  const unread = { own: unreadOf(items, isOwn), shared: unreadOf(items, isShared) };
  return { ...state, inbox: { ...state.inbox, items, unread } };
}

interface Counted {
  own: number | null;
  shared: number | null;
}

const numbersOf = ({ own_unread: own, shared_unread: shared }: { own_unread: number | null; shared_unread: number | null }): Counted => ({ own, shared });

/** The server's numbers as of `at`; null for what did not change. What an audience got since then is counted on top. */
function withCounted(state: LiveState, counted: Counted, at: string): LiveState {
  const { inbox } = state;
  const later = unreadOf(inbox.items, (item) => isShared(item) && comparable(item.created_at) > comparable(at));
  const own = counted.own ?? inbox.unread.own;
  const shared = counted.shared === null ? inbox.unread.shared : counted.shared + later;
  return { ...state, inbox: { ...inbox, unread: { own, shared } } };
}

function changedBy(unread: Unread, before: readonly InboxItem[], after: readonly InboxItem[]): Unread {
  const own = unread.own + unreadOf(after, isOwn) - unreadOf(before, isOwn);
  const shared = unread.shared + unreadOf(after, isShared) - unreadOf(before, isShared);
  return { own: Math.max(0, own), shared: Math.max(0, shared) };
}

const isShared = ({ id }: InboxItem) => id.startsWith("b");
const isOwn = (item: InboxItem) => !isShared(item);

function unreadOf(items: readonly InboxItem[], kind: (item: InboxItem) => boolean): number {
  return items.filter((item) => !item.read && kind(item)).length;
}

// ---- preferences

/** Answers and events come in any order: the higher version is the newer one. */
export function withPreferences(state: LiveState, preferences: Preferences): LiveState {
  const isOld = state.preferences !== null && preferences.version < state.preferences.version;
  if (isOld) return state;
  const { inbox } = state;
  const items = inbox.items.filter((item) => isWanted(item, preferences));
  return { ...state, preferences, inbox: { ...inbox, items, unread: changedBy(inbox.unread, inbox.items, items) } };
}
