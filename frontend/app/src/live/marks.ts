/** What others, and oneself, put on messages: reactions, pins, acknowledgements, votes. Pure functions. */
import type { CommandMap, EventMap, StreamEvent } from "@carillon/sdk";
import type { LiveState, Message, Room, RoomState } from "./model.ts";

export type Reaction = NonNullable<Message["reactions"]>[number];
export type Ack = NonNullable<Message["ack"]>;
export type Poll = NonNullable<Message["poll"]>;
export type Pin = EventMap["chat.message_pinned"]["pin"];
export type SentPoll = CommandMap["chat.poll_create"]["args"];

/** A change to what is on a message, by its number. `me` is whoever looks at it. */
export type Mark = { number: number; me: number } & (
  | { kind: "reacted"; reaction: Reaction; user: number; added: boolean }
  /** One's own, before the server has said so. */
  | { kind: "toggled"; emoji: string; on: boolean }
  | { kind: "pinned"; pinned: boolean }
  | { kind: "acknowledged"; ack: Ack; user: number }
  | { kind: "polled"; poll: Poll }
  | { kind: "voted"; options: number[] }
);

export type MarkEvent = Extract<
  StreamEvent,
  {
    name:
      | "chat.reactions_changed"
      | "chat.message_pinned"
      | "chat.message_unpinned"
      | "chat.ack_changed"
      | "chat.poll_changed"
      | "chat.poll_voted";
  }
>;

export function markOf(event: MarkEvent, me: number): Mark {
  switch (event.name) {
    case "chat.reactions_changed": {
      const { number, reaction, user, added } = event.data;
      return { kind: "reacted", number, me, reaction, user, added };
    }
    case "chat.message_pinned":
      return { kind: "pinned", number: event.data.pin.message.number, me, pinned: true };
    case "chat.message_unpinned":
      return { kind: "pinned", number: event.data.number, me, pinned: false };
    case "chat.ack_changed": {
      const { number, ack, user } = event.data;
      return { kind: "acknowledged", number, me, ack, user };
    }
    case "chat.poll_changed":
      return { kind: "polled", number: event.data.number, me, poll: event.data.poll };
    case "chat.poll_voted":
      return { kind: "voted", number: event.data.number, me, options: event.data.options };
  }
}

export function isMark(change: { kind: string }): change is Mark {
  return ["reacted", "toggled", "pinned", "acknowledged", "polled", "voted"].includes(change.kind);
}

export function marked(message: Message, mark: Mark): Message {
  switch (mark.kind) {
    case "reacted":
      return { ...message, reactions: reacted(message.reactions ?? [], mark.reaction, mark) };
    case "toggled":
      return { ...message, reactions: toggled(message.reactions ?? [], mark) };
    case "pinned":
      return { ...message, pinned: mark.pinned };
    case "acknowledged": {
      const mine = mark.user === mark.me || isMine(message.ack, mark.me);
      return { ...message, ack: mine ? withMeFirst(mark.ack, mark.me) : mark.ack };
    }
    case "polled":
      return { ...message, poll: { ...mark.poll, mine: message.poll?.mine ?? [] } };
    case "voted":
      return message.poll ? { ...message, poll: { ...message.poll, mine: mark.options } } : message;
  }
}

/** A message that comes back as everybody sees it, with what was known of one's own part in it. */
export function restored(before: Message, message: Message, me: number): Message {
  const after = { ...message };
  after.reactions &&= after.reactions.map((one) => {
    const known = before.reactions?.find(({ emoji }) => emoji === one.emoji);
    return isMine(known, me) ? withMeFirst(one, me) : one;
  });
  after.ack &&= isMine(before.ack, me) ? withMeFirst(after.ack, me) : after.ack;
  after.poll &&= { ...after.poll, mine: before.poll?.mine ?? [] };
  return after;
}

/** Whether one is among those who did: where not all are named, oneself comes first. */
export function isMine(mark: { users: number[] } | null | undefined, me: number): boolean {
  return mark?.users.includes(me) ?? false;
}

function withMeFirst<T extends { users: number[] }>(mark: T, me: number): T {
  const others = mark.users.filter((user) => user !== me);
  return { ...mark, users: [me, ...others].slice(0, mark.users.length) };
}

/** Each emoji stays in its place; a new one comes last; one that nobody has any more goes. */
function reacted(before: readonly Reaction[], reaction: Reaction, { user, added, me }: { user: number; added: boolean; me: number }): Reaction[] {
  const known = before.find(({ emoji }) => emoji === reaction.emoji);
  const mine = user === me ? added : isMine(known, me);
  return replaced(before, mine ? withMeFirst(reaction, me) : reaction);
}

function toggled(before: readonly Reaction[], { emoji, on, me }: { emoji: string; on: boolean; me: number }): Reaction[] {
  const known = before.find((one) => one.emoji === emoji) ?? { emoji, count: 0, users: [] };
  if (isMine(known, me) === on) return [...before];
  const others = known.users.filter((user) => user !== me);
  return replaced(before, { emoji, count: known.count + (on ? 1 : -1), users: on ? [me, ...others] : others });
}

function replaced(before: readonly Reaction[], reaction: Reaction): Reaction[] {
  const known = before.some(({ emoji }) => emoji === reaction.emoji);
  const after = known ? before.map((one) => (one.emoji === reaction.emoji ? reaction : one)) : [...before, reaction];
  return after.filter(({ count }) => count > 0);
}

// ---- pins of a room

export function withPins(room: RoomState, pins: readonly Pin[]): RoomState {
  return { ...room, pins };
}

/** Before they were fetched nothing is known of them, and there is nothing to change. */
export function repinned(pins: readonly Pin[] | null, event: MarkEvent): readonly Pin[] | null {
  if (pins === null) return null;
  switch (event.name) {
    case "chat.message_pinned": {
      const { pin } = event.data;
      return [pin, ...pins.filter(({ message }) => message.id !== pin.message.id)];
    }
    case "chat.message_unpinned":
      return pins.filter(({ message }) => message.id !== event.data.id);
    default:
      return pins;
  }
}

// ---- the read mark, set back

export function withUnread(room: Room, { number, hidden, mentioned, unread_version, unread_as_of }: EventMap["chat.room_unread"]): Room {
  if (unread_version < (room.unread_version ?? 0)) return room;
  // Beyond that it was raised by what came later, on the room's own stream.
  const isBeyond = room.read_number > unread_as_of;
  const read_number = isBeyond ? room.read_number : number;
  const read_hidden = (isBeyond ? room.read_hidden : hidden) ?? 0;
  const all = [...new Set([...mentioned, ...room.mentioned])].filter((one) => one > read_number).sort((a, b) => a - b);
  return { ...room, read_number, read_hidden, mentioned: all, unread_version, unread_as_of };
}

// ---- saved messages

export function withSaved(state: LiveState, { message, saved }: EventMap["chat.saved_changed"]): LiveState {
  const others = state.saved.filter((id) => id !== message);
  return { ...state, saved: saved ? [...others, message] : others };
}
