import type { StreamEvent } from "@carillon/sdk";
import { describe, expect, test } from "vitest";
import { apply, fromSnapshot, withAmendment, withHistory, withHistoryLoading } from "../src/live/apply.ts";
import type { Pin, Poll, Reaction } from "../src/live/marks.ts";
import { marked, withPins } from "../src/live/marks.ts";
import type { LiveState, Message, Room } from "../src/live/model.ts";
import { type Scheduled, withAllScheduled } from "../src/live/scheduled.ts";
import { whoSentence } from "../src/text/people.ts";
import { BEN, event, message, room, snapshot } from "./builders.ts";

const ME = 1;
const ANA = { id: ME, username: "ana", display_name: "Ana Lee", is_staff: false };

const start = (more: Partial<Room> = {}): LiveState => fromSnapshot(snapshot({ user: ANA, rooms: [room(more)] }), null);

const opened = (...items: Message[]) => withHistory(start(), 5, { items, has_more: false });
const after = (state: LiveState, ...events: StreamEvent[]) => events.reduce((reached, one) => apply(reached, one, 0), state);
const first = (state: LiveState) => state.rooms[5]!.messages[0]!;
const lobby = (state: LiveState) => state.rooms[5]!.room;

const reacted = (reaction: Reaction, user: number, added = true) =>
  event("chat.reactions_changed", { id: 101, number: 1, reaction, user, added });
const thumbs = (count: number, users: number[]): Reaction => ({ emoji: "👍", count, users });

describe("reactions", () => {
  test("come, in the order in which the emojis came, and go", () => {
    const heart = { emoji: "❤️", count: 1, users: [2] };
    const state = after(opened(message(1)), reacted(thumbs(1, [2]), 2), reacted(heart, 2), reacted(thumbs(2, [2, ME]), ME));
    expect(first(state).reactions).toEqual([thumbs(2, [ME, 2]), heart]);
    expect(first(after(state, reacted(thumbs(2, [2, ME]), ME))).reactions).toEqual(first(state).reactions);
    expect(first(after(state, reacted(thumbs(0, []), 2, false))).reactions).toEqual([heart]);
  });

  test("one knows of oneself in a crowd, whatever others do", () => {
    const crowd = after(opened(message(1, { reactions: [thumbs(9, [ME, 2, 3, 4, 5])] })), reacted(thumbs(10, [2, 3, 4, 5, 6]), 11));
    expect(first(crowd).reactions).toEqual([thumbs(10, [ME, 2, 3, 4, 5])]);
    const left = after(crowd, reacted(thumbs(9, [2, 3, 4, 5, 6]), ME, false));
    expect(first(left).reactions).toEqual([thumbs(9, [2, 3, 4, 5, 6])]);
    expect(first(after(left, reacted(thumbs(10, [2, 3, 4, 5, 6]), 12))).reactions).toEqual([thumbs(10, [2, 3, 4, 5, 6])]);
  });

  test("one's own are shown at once, and taken back where the server refuses", () => {
    const toggle = { kind: "toggled", number: 1, me: ME, emoji: "👍" } as const;
    const one = message(1, { reactions: [thumbs(1, [2])] });
    const on = marked(one, { ...toggle, on: true });
    expect(on.reactions).toEqual([thumbs(2, [ME, 2])]);
    expect(marked(on, { ...toggle, on: true })).toEqual(on);
    expect(marked(on, { ...toggle, on: false }).reactions).toEqual(one.reactions);
    expect(marked(marked(message(2), { ...toggle, on: true }), { ...toggle, on: false }).reactions).toEqual([]);
  });

  test("that come while the history is loading are not lost", () => {
    const loading = after(withHistoryLoading(start(), 5), reacted(thumbs(1, [2]), 2));
    expect(first(withHistory(loading, 5, { items: [message(1)], has_more: false })).reactions).toEqual([thumbs(1, [2])]);
  });

  test("come back with a message whose deletion is undone, and one's own part with them", () => {
    const poll = { options: [], multiple: false, anonymous: true, voters: 1, ends_at: null, closed: false };
    const one = message(1, { reactions: [thumbs(9, [ME, 2, 3, 4, 5])], poll: { ...poll, mine: [0] } });
    const bare = message(1, { reactions: [thumbs(9, [2, 3, 4, 5, 6])], poll: { ...poll, mine: [] } });
    const state = after(opened(one), event("chat.message_deleted", { id: 101, number: 1 }), event("chat.message_restored", { message: bare }));
    expect(first(state)).toMatchObject({ deleted: false, reactions: [thumbs(9, [ME, 2, 3, 4, 5])], poll: { mine: [0] } });
  });
});

describe("pins", () => {
  const pin = (number: number): Pin => ({ message: message(number, { pinned: true }), pinned_by: BEN, pinned_at: "2026-11-22T08:00:00Z" });
  const loaded = (state: LiveState, pins: Pin[]) => ({ ...state, rooms: { 5: withPins(state.rooms[5]!, pins) } });
  const numbers = (state: LiveState) => state.rooms[5]!.pins?.map((one) => one.message.number);

  test("come first, once, and go; the message says so", () => {
    const state = after(loaded(opened(message(1)), [pin(7)]), event("chat.message_pinned", { pin: pin(1) }), event("chat.message_pinned", { pin: pin(1) }));
    expect([numbers(state), first(state).pinned]).toEqual([[1, 7], true]);
    const gone = after(state, event("chat.message_unpinned", { id: 101, number: 1 }));
    expect([numbers(gone), first(gone).pinned]).toEqual([[7], false]);
  });

  test("say what the message says now, loaded or not", () => {
    const edit = event("chat.message_edited", { id: 107, number: 7, text: "better", mentions: [], edited_at: "2026-11-22T08:00:00Z" });
    const state = after(loaded(opened(message(1)), [pin(7)]), edit, event("chat.message_deleted", { id: 107, number: 7 }));
    expect(state.rooms[5]!.pins?.[0]?.message).toMatchObject({ text: "", deleted: true });
    expect(numbers(after(opened(message(1)), event("chat.message_pinned", { pin: pin(1) })))).toBeUndefined();
  });
});

test("a poll's numbers come from the room, one's own answers from one's own devices", () => {
  const poll = (votes: number): Poll => ({ options: [{ text: "Yes", votes, users: [] }], multiple: false, anonymous: true, voters: votes, ends_at: null, closed: false, mine: [] });
  const state = after(
    opened(message(1, { poll: poll(0) })),
    event("chat.poll_voted", { room: 5, id: 101, number: 1, options: [0] }, "user:1"),
    event("chat.poll_changed", { id: 101, number: 1, poll: poll(3) }),
  );
  expect(first(state).poll).toEqual({ ...poll(3), mine: [0] });
});

test("an acknowledgement of one's own is known in a crowd", () => {
  const ack = (count: number, users: number[], user: number) => event("chat.ack_changed", { id: 101, number: 1, ack: { count, users }, user });
  const state = after(opened(message(1, { ack: { count: 5, users: [2, 3, 4, 5, 6] } })), ack(6, [2, 3, 4, 5, 6], ME), ack(7, [2, 3, 4, 5, 6], 9));
  expect(first(state).ack).toEqual({ count: 7, users: [ME, 2, 3, 4, 5] });
});

describe("marking unread", () => {
  const unread = (more: object) => event("chat.room_unread", { room: 5, number: 3, mentioned: [4], unread_version: 1, unread_as_of: 10, ...more }, "user:1");
  const own = event("chat.message_created", { message: message(11, { author: ANA }) });
  const fresh = () => start({ last_number: 10, read_number: 10 });

  test("sets the mark back, with the mentions", () => {
    expect(lobby(after(fresh(), unread({})))).toMatchObject({ read_number: 3, mentioned: [4], unread_version: 1, unread_as_of: 10 });
  });

  test("ends where oneself wrote later, in whatever order the streams come", () => {
    for (const events of [[unread({}), own], [own, unread({})]]) expect(lobby(after(fresh(), ...events)).read_number).toBe(11);
  });

  test("holds where oneself wrote before, in whatever order the streams come", () => {
    const later = unread({ unread_as_of: 11 });
    for (const events of [[later, own], [own, later]]) expect(lobby(after(fresh(), ...events)).read_number).toBe(3);
  });

  test("of which the snapshot knows more changes nothing", () => {
    const state = start({ last_number: 10, read_number: 8, unread_version: 2, unread_as_of: 10 });
    expect(lobby(after(state, unread({}))).read_number).toBe(8);
  });
});

test("what is saved is known by its id", () => {
  const saved = (id: number, on: boolean) => event("chat.saved_changed", { message: id, saved: on }, "user:1");
  expect(after(start(), saved(7, true), saved(8, true), saved(7, true), saved(8, false)).saved).toEqual([7]);
});

test("what is sent later is kept in the order of when, once it was fetched", () => {
  const one = (id: number, send_at: string): Scheduled => ({ id, room: 5, text: "x", send_at, failure: "" });
  const changed = (scheduled: Scheduled) => event("chat.schedule_changed", { scheduled }, "user:1");
  expect(after(start(), changed(one(1, "2026-12-01T08:00:00Z"))).scheduled).toBeNull();
  const loaded = withAllScheduled(start(), [one(1, "2026-12-03T08:00:00Z")]);
  const state = after(loaded, changed(one(2, "2026-12-02T08:00:00Z")), changed(one(1, "2026-12-01T08:00:00Z")));
  expect(state.scheduled?.map(({ id }) => id)).toEqual([1, 2]);
  expect(after(state, event("chat.schedule_ended", { id: 1, outcome: "sent" }, "user:1")).scheduled?.map(({ id }) => id)).toEqual([2]);
});

test("a mark on a message in the room list, too", () => {
  const state = start({ last_number: 1, last_message: message(1) });
  expect(lobby(withAmendment(state, 5, { kind: "pinned", number: 1, me: ME, pinned: true })).last_message?.pinned).toBe(true);
});

test("people are told by their first names, and the rest by their number", () => {
  const cy = { id: 3, username: "cy", display_name: "" };
  expect(whoSentence({ me: true, others: [ANA, cy], count: 3 })).toBe("You, Ana and cy");
  expect(whoSentence({ me: false, others: [ANA], count: 1 })).toBe("Ana");
  expect(whoSentence({ me: false, others: [ANA, cy], count: 3 })).toBe("Ana, cy and 1 other");
  expect(whoSentence({ me: true, others: [], count: 9 })).toBe("You and 8 others");
  expect(whoSentence({ me: false, others: [], count: 4 })).toBe("4 people");
});
