import type { StreamEvent } from "@carillon/sdk";
import { describe, expect, test } from "vitest";
import { apply, fromSnapshot, withHistory, withNewer, withPending, withRead, withRoomLeft, withWindow } from "../src/live/apply.ts";
import { unreadIn } from "../src/live/messages.ts";
import type { FollowedThread, LiveState, Mention, Message, Room, RoomState, ThreadInfo, ThreadPage } from "../src/live/model.ts";
import { unreadInThreads, withMoreReplies, withThreadOpening, withThreadPage } from "../src/live/threads.ts";
import { ANA, BEN, event, message, room, snapshot } from "./builders.ts";

const NOW_MS = Date.parse("2026-11-22T08:00:00Z");

const ROOM = 5;
const ROOT = 101;

/** Replies after the root, which has the number 1: the n-th message is the n-1-th that the timeline does not show. */
const reply = (number: number, more: Partial<Message> = {}) => message(number, { root: ROOT, hidden: number - 1, ...more });

const naming = (user: number): Mention => ({ start: 0, length: 4, kind: "user", user, refused: "" });
const info = (replies: number, version: number): ThreadInfo => ({ replies, last_at: "2026-11-22T07:00:00Z", participants: [BEN], version });
const followed = (more: Partial<FollowedThread> = {}): FollowedThread => ({ root: ROOT, room: ROOM, number: 1, read_number: 1, unread: [], mentioned: [], ...more });

function start(threads: FollowedThread[] = [], more: Partial<Room> = {}): LiveState {
  const rooms = [room({ last_number: 1, read_number: 1, last_message: message(1), ...more })];
  return withHistory(fromSnapshot(snapshot({ rooms, threads }), null), ROOM, { items: [message(1)], has_more: false });
}

const created = (...messages: Message[]) => messages.map((one) => event("chat.message_created", { message: one }));
const after = (state: LiveState, ...events: StreamEvent[]) => events.reduce((reached, one) => apply(reached, one, NOW_MS), state);
const lobby = (state: LiveState): RoomState => state.rooms[ROOM]!;
const numbers = (state: LiveState) => lobby(state).messages.map(({ number }) => number);
const page = (items: Message[], more: Partial<ThreadPage> = {}): ThreadPage => ({
  root: message(1),
  items,
  has_more: false,
  has_newer: false,
  following: true,
  read_number: 1,
  ...more,
});

describe("a reply", () => {
  test("is not in the timeline, its preview and what is unread of the room", () => {
    const state = after(start(), ...created(reply(2), reply(3, { also_in_room: true, hidden: 1 }), reply(4, { hidden: 2 })));
    expect(numbers(state)).toEqual([1, 3]);
    expect(lobby(state).room).toMatchObject({ last_number: 4, hidden: 2, last_message: { number: 3 } });
    expect(unreadIn(lobby(state).room)).toBe(1);
    expect(unreadIn(lobby(withRead(state, ROOM, 4)).room)).toBe(0);
    expect(unreadIn(lobby(withRead(state, ROOM, 2)).room)).toBe(1);
    expect(unreadIn(lobby(after(state, event("chat.room_read", { room: ROOM, number: 3, hidden: 1 }, "user:1"))).room)).toBe(0);
  });

  test("of one's own leaves the room as unread as it was", () => {
    const state = after(start(), ...created(message(2), reply(3, { author: ANA, hidden: 1 })));
    expect(unreadIn(lobby(state).room)).toBe(1);
    expect(unreadIn(lobby(after(state, ...created(message(4, { author: ANA, hidden: 1 })))).room)).toBe(0);
  });

  test("that mentions the reader counts in its thread, not in the room", () => {
    const state = after(start([followed()]), ...created(reply(2, { mentions: [naming(ANA.id)] })));
    expect(lobby(state).room.mentioned).toEqual([]);
    expect(unreadInThreads(state)).toEqual({ unread: 1, mentioned: 1 });
    const edit = { id: 102, number: 2, text: "x", mentions: [], edited_at: "2026-11-22T08:00:00Z", only_in_thread: ROOT };
    expect(unreadInThreads(after(state, event("chat.message_edited", edit)))).toEqual({ unread: 1, mentioned: 0 });
    const again = after(state, event("chat.message_edited", { ...edit, mentions: [naming(ANA.id)] }));
    expect(unreadInThreads(again)).toEqual({ unread: 1, mentioned: 1 });
    expect(lobby(again).room.mentioned).toEqual([]);
  });

  test("that was deleted is unread no longer, until it comes back", () => {
    let state = after(start([followed()]), ...created(reply(2), reply(3)), event("chat.message_deleted", { id: 102, number: 2 }));
    expect(state.threads[ROOT]?.unread).toEqual([3]);
    state = after(state, event("chat.message_restored", { message: reply(2) }));
    expect(state.threads[ROOT]?.unread).toEqual([2, 3]);
  });
});

describe("following", () => {
  test("may be heard of after the replies that it concerns", () => {
    let state = after(start(), ...created(reply(2), reply(3), reply(4)));
    expect(unreadInThreads(state).unread).toBe(0);
    state = after(state, event("chat.thread_followed", { thread: followed({ read_number: 2, unread: [3] }) }, "user:1"));
    expect(state.threads[ROOT]).toMatchObject({ following: true, readNumber: 2, unread: [3, 4] });
    state = after(state, event("chat.thread_read", { root: ROOT, room: ROOM, number: 3 }, "user:1"));
    expect(state.threads[ROOT]?.unread).toEqual([4]);
    state = after(state, ...created(reply(5, { author: ANA })), event("chat.thread_unfollowed", { root: ROOT }, "user:1"));
    expect(state.threads[ROOT]).toMatchObject({ following: false, unread: [], readNumber: 5 });
  });

  test("ends with the room", () => {
    const state = withThreadOpening(start([followed({ unread: [2] })]), ROOM, ROOT);
    expect(after(state, event("chat.room_removed", { room: ROOM }, "user:1"))).toMatchObject({ threads: {}, openThread: null });
  });
});

describe("a thread", () => {
  const changed = (replies: number, version: number) => event("chat.thread_changed", { root: ROOT, number: 1, thread: info(replies, version) });

  test("shows at its root what the newest account says, in whatever order they come", () => {
    const state = after(start(), changed(2, 2), changed(1, 1));
    expect(lobby(state).messages[0]?.thread).toEqual(info(2, 2));
    expect(lobby(state).room.last_message?.thread).toEqual(info(2, 2));
    const restored = after(state, event("chat.message_restored", { message: message(1, { thread: info(1, 1) }) }));
    expect(lobby(restored).messages[0]?.thread).toEqual(info(2, 2));
  });

  test("that is open has what came while it was fetched, and no holes", () => {
    let state = withThreadOpening(start(), ROOM, ROOT);
    expect(state.openThread).toMatchObject({ root: { number: 1 }, messages: [] });
    state = after(state, ...created(reply(4)), event("chat.message_deleted", { id: 103, number: 3 }), changed(3, 7));
    state = withThreadPage(state, page([reply(2), reply(3)], { root: message(1, { thread: info(2, 6) }) }));
    expect(state.openThread?.messages.map(({ number, deleted }) => [number, deleted])).toEqual([
      [2, false],
      [3, true],
      [4, false],
    ]);
    expect(state.openThread?.root?.thread).toEqual(info(3, 7));
    state = withThreadPage(state, page([reply(9)], { has_newer: true, has_more: true }));
    state = after(state, ...created(reply(20)));
    expect(state.openThread?.messages.map(({ number }) => number)).toEqual([9]);
    state = withMoreReplies(state, page([reply(10), reply(20)]), "newer");
    state = withMoreReplies(state, page([reply(8)]), "older");
    expect(state.openThread?.messages.map(({ number }) => number)).toEqual([8, 9, 10, 20]);
    expect(state.openThread).toMatchObject({ hasOlder: false, hasNewer: false });
  });

  test("brings what was on its way", () => {
    const args = { room: ROOM, text: "hi", thread: ROOT };
    const entry = { clientId: "mine", name: "chat.message_send", args, createdAtMs: NOW_MS, order: 1, failure: null } as const;
    const state = withPending(withThreadOpening(start(), ROOM, ROOT), entry);
    expect(lobby(state).pending).toMatchObject([{ thread: ROOT, alsoInRoom: false }]);
    expect(lobby(withThreadPage(state, page([reply(2, { client_id: "mine" })]))).pending).toEqual([]);
  });
});

describe("a quote", () => {
  const quoting = message(2, { quote: { id: 101, number: 1, author: BEN, text: "text 1", deleted: false } });
  const quoted = (state: LiveState) => lobby(state).messages[1]?.quote;

  test("says what the quoted message says now", () => {
    let state = after(start(), ...created(quoting));
    const edit = { id: 101, number: 1, text: "🎉".repeat(400), mentions: [], edited_at: "2026-11-22T08:00:00Z" };
    state = after(state, event("chat.message_edited", edit));
    expect(quoted(state)).toMatchObject({ text: "🎉".repeat(300), deleted: false });
    expect(lobby(state).room.last_message?.quote?.text).toBe("🎉".repeat(300));
    state = after(state, event("chat.message_deleted", { id: 101, number: 1 }));
    expect(quoted(state)).toMatchObject({ text: "", deleted: true });
    state = after(state, event("chat.message_restored", { message: message(1) }));
    expect(quoted(state)).toMatchObject({ text: "text 1", deleted: false });
  });
});

describe("a timeline around a message that was looked for", () => {
  const far = () =>
    withWindow(after(start(), ...created(message(90), message(91), reply(92, { hidden: 1 }))), ROOM, { items: [message(10), message(11)], has_more: true }, 11);

  test("takes no new ones until it reaches them", () => {
    let state = after(far(), ...created(message(93, { hidden: 1 })));
    expect(numbers(state)).toEqual([10, 11]);
    expect(lobby(state)).toMatchObject({ hasOlder: true, loadedTo: 11, room: { last_number: 93 } });
    state = withNewer(state, ROOM, { items: [message(90), message(91)], has_more: true }, 91);
    expect(lobby(state).loadedTo).toBe(91);
    state = withNewer(state, ROOM, { items: [message(93)], has_more: true }, 93);
    expect(lobby(state).loadedTo).toBeNull();
    expect(numbers(after(state, ...created(message(94))))).toEqual([10, 11, 90, 91, 93, 94]);
  });

  test("is whole where it reaches the last one that the timeline shows", () => {
    const state = withWindow(far(), ROOM, { items: [message(90), message(91)], has_more: true }, 91);
    expect(numbers(state)).toEqual([90, 91]);
    expect(lobby(state).loadedTo).toBeNull();
    expect(lobby(withRoomLeft(far(), ROOM))).toMatchObject({ messages: [], history: "none", loadedTo: null });
  });
});
