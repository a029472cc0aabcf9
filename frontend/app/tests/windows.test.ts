/** The history of a room as a window: what is loaded, cut off, kept and replaced. */
import type { StreamEvent } from "@carillon/sdk";
import { describe, expect, test } from "vitest";
import {
  apply,
  cacheable,
  fromSnapshot,
  withCachedMessages,
  withHistory,
  withHistoryFailed,
  withHistoryLoading,
  withinWindow,
  withNewer,
  withOlder,
  withRoomLeft,
  withWindow,
} from "../src/live/apply.ts";
import type { LiveState, Message, Room, RoomState, Snapshot } from "../src/live/model.ts";

const BEN = { id: 2, username: "ben", display_name: "Ben" };
const WINDOW = 600;

const message = (number: number, text = `text ${number}`) =>
  ({ id: 100 + number, room: 5, number, seq: number, author: BEN, text, mentions: [], created_at: "2026-11-22T07:00:00Z", edited_at: null, deleted: false, client_id: "" }) as unknown as Message;
const messages = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => message(from + at));
const page = (from: number, to: number) => ({ items: messages(from, to), has_more: from > 1 });
const snapshot = (last: number) =>
  ({ user: { id: 1, username: "ana", display_name: "Ana", is_staff: false }, rooms: [{ id: 5, kind: "public", name: "Lobby", last_number: last, read_number: 0, mentioned: [], members: [], last_message: null } as unknown as Room], inbox: { items: [], unread: { own: 0, shared: 0 } }, threads: [], jobs: [], drafts: [], saved: [], cursors: {} }) as unknown as Snapshot;
const start = (last: number) => fromSnapshot(snapshot(last), null);
const created = (number: number) =>
  ({ name: "chat.message_created", data: { message: message(number) }, stream: "room:5", seq: number, at: "2026-11-22T08:00:00Z" }) as unknown as StreamEvent;
const deleted = (number: number) =>
  ({ name: "chat.message_deleted", data: { id: 100 + number, number }, stream: "room:5", seq: 1, at: "2026-11-22T08:00:00Z" }) as unknown as StreamEvent;

function room(state: LiveState): RoomState {
  const found = state.rooms[5];
  if (found === undefined) throw new Error("The room is gone.");
  return found;
}
const span = (state: LiveState) => [room(state).messages[0]?.number, room(state).messages.at(-1)?.number];

/** Everybody who scrolls up for long: page by page to the very beginning. */
function scrolledUp(last: number): LiveState {
  let state = withHistory(start(last), 5, page(last - 49, last));
  for (let first = last - 49; first > 1; first -= 50) state = withinWindow(withOlder(state, 5, page(first - 50, first - 1)), 5, "end");
  return state;
}

describe("a window", () => {
  test("never has more than so many messages, however far one scrolls", () => {
    const state = scrolledUp(5_000);
    expect(span(state)).toEqual([1, WINDOW]);
    expect(room(state)).toMatchObject({ hasOlder: false, loadedTo: WINDOW });
  });

  test("goes on to the newest again, without a hole", () => {
    let state = scrolledUp(1_000);
    while (room(state).loadedTo !== null) {
      const upTo = (room(state).loadedTo ?? 0) + 50;
      state = withinWindow(withNewer(state, 5, page(upTo - 49, Math.min(upTo, 1_000)), upTo), 5, "start");
    }
    expect(span(state)).toEqual([401, 1_000]);
    expect(room(state).messages.every(({ number }, at) => number === 401 + at)).toBe(true);
    expect(room(state).hasOlder).toBe(true);
  });

  test("away from the newest takes no message that arrives, and knows that it is there", () => {
    const state = apply(scrolledUp(1_000), created(1_001), 0);
    expect(span(state)).toEqual([1, WINDOW]);
    expect(room(state).room.last_number).toBe(1_001);
    expect(span(withHistory(state, 5, page(952, 1_001)))).toEqual([952, 1_001]);
    expect(room(withHistory(state, 5, page(952, 1_001))).loadedTo).toBeNull();
  });

  test("that reached the end while another message arrived is not at the end", () => {
    const state = apply(withWindow(start(100), 5, page(1, 50), 50), created(101), 0);
    expect(room(withNewer(state, 5, page(51, 100), 100)).loadedTo).toBe(100);
  });

  test("opens anywhere, in place of what was there", () => {
    const state = withWindow(withHistory(start(1_000), 5, page(951, 1_000)), 5, page(276, 325), 325);
    expect(span(state)).toEqual([276, 325]);
    expect(room(state)).toMatchObject({ hasOlder: true, loadedTo: 325 });
  });

  test("away from the newest is given up when the room is left", () => {
    expect(room(withRoomLeft(scrolledUp(1_000), 5))).toMatchObject({ messages: [], history: "none", loadedTo: null });
  });
});

describe("a history from the cache", () => {
  const cached = () => withCachedMessages(withHistoryLoading(start(50), 5), 5, messages(1, 40));

  test("is shown until the server's page replaces it, with what changed meanwhile", () => {
    const state = apply(apply(cached(), created(51), 0), deleted(40), 0);
    expect(span(state)).toEqual([1, 51]);
    const loaded = withHistory(state, 5, page(21, 50));
    expect(span(loaded)).toEqual([21, 51]);
    expect(room(loaded)).toMatchObject({ history: "ready", hasOlder: true });
    expect(room(loaded).messages.find(({ number }) => number === 40)?.deleted).toBe(true);
  });

  test("stays where the server is out of reach", () => {
    expect(room(withHistoryFailed(cached(), 5))).toMatchObject({ history: "stale" });
  });

  test("comes too late where the server was quicker", () => {
    const state = withCachedMessages(withHistory(start(50), 5, page(1, 50)), 5, [message(1, "as it was")]);
    expect(room(state).messages[0]?.text).toBe("text 1");
  });

  test("is what a break leaves, too", () => {
    const state = fromSnapshot(snapshot(60), withHistory(start(50), 5, page(1, 50)));
    expect(room(state)).toMatchObject({ history: "stale", room: { last_number: 60 } });
    expect(span(withHistory(state, 5, page(11, 60)))).toEqual([11, 60]);
  });

  test("is kept apart from the state, which has no more than a snapshot", () => {
    const kept = cacheable(withHistory(start(50), 5, page(1, 50)));
    expect(room(kept)).toMatchObject({ messages: [], history: "none", pending: [], members: null });
    expect(structuredClone(kept)).toEqual(kept);
  });
});
