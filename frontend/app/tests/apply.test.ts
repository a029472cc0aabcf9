import type { StreamEvent } from "@carillon/sdk";
import { describe, expect, test } from "vitest";
import {
  apply,
  fromSnapshot,
  withHistory,
  withHistoryLoading,
  withPending,
  withRead,
  withRoomLeft,
  withStored,
} from "../src/live/apply.ts";
import type { InboxItem, LiveState, Message, Room, RoomState } from "../src/live/model.ts";

const ANA = { id: 1, username: "ana", display_name: "Ana" };
const BEN = { id: 2, username: "ben", display_name: "Ben" };
const NOW_MS = Date.parse("2026-11-22T08:00:00Z");

function message(number: number, more: Partial<Message> = {}): Message {
  return {
    id: 100 + number,
    room: 5,
    number,
    seq: number,
    author: BEN,
    text: `text ${number}`,
    created_at: "2026-11-22T07:00:00Z",
    edited_at: null,
    deleted: false,
    client_id: `c${number}`,
    ...more,
  };
}

function room(more: Partial<Room> = {}): Room {
  return {
    id: 5,
    kind: "public",
    name: "Lobby",
    topic: "",
    role: "member",
    last_number: 0,
    read_number: 0,
    member_count: 2,
    members: [],
    last_message: null,
    ...more,
  };
}

function item(id: string, more: Partial<InboxItem> = {}): InboxItem {
  return { id, title: id, text: "", level: "info", link: "", created_at: "2026-11-22T07:00:00Z", read: false, ...more };
}

function start(more: { rooms?: Room[]; items?: InboxItem[]; unread?: number } = {}): LiveState {
  const { rooms = [room()], items = [], unread = items.filter(({ read }) => !read).length } = more;
  return fromSnapshot({ user: { ...ANA, is_staff: false }, rooms, inbox: { unread, items }, cursors: {} }, null);
}

/** A room whose history is loaded, and empty. */
const opened = () => withHistory(start(), 5, { items: [], has_more: false });

const event = (name: string, data: unknown, stream = "room:5") =>
  ({ name, data, stream, seq: 1, at: "2026-11-22T08:00:00Z" }) as StreamEvent;

function after(state: LiveState, ...events: StreamEvent[]): LiveState {
  return events.reduce((reached, one) => apply(reached, one, NOW_MS), state);
}

function lobby(state: LiveState): RoomState {
  const found = state.rooms[5];
  if (found === undefined) throw new Error("The room is gone.");
  return found;
}

const created = (...messages: Message[]) => messages.map((one) => event("chat.message_created", { message: one }));
const numbers = (state: LiveState) => lobby(state).messages.map(({ number }) => number);
const queued = (clientId: string, text = "hi", failure: { code: string; message: string } | null = null) =>
  ({ clientId, name: "chat.message_send", args: { room: 5, text }, createdAtMs: NOW_MS, order: 1, failure }) as const;

describe("messages", () => {
  test("of others make a room unread and are its preview", () => {
    const { room: seen } = lobby(after(start(), ...created(message(1), message(2))));
    expect(seen).toMatchObject({ last_number: 2, read_number: 0, last_message: { number: 2 } });
  });

  test("of one's own are read by having been written", () => {
    const { room: seen } = lobby(after(start(), ...created(message(1), message(2, { author: ANA }))));
    expect(seen.read_number).toBe(2);
  });

  test("applied twice are there once", () => {
    expect(numbers(after(opened(), ...created(message(1), message(1))))).toEqual([1]);
  });

  test("keep their order around a page of history that overlaps them", () => {
    let state = withHistoryLoading(start(), 5);
    state = after(state, ...created(message(4)));
    state = withHistory(state, 5, { items: [message(2), message(3), message(4)], has_more: true });
    state = withHistory(state, 5, { items: [message(1)], has_more: false });
    expect(numbers(state)).toEqual([1, 2, 3, 4]);
    expect(lobby(state)).toMatchObject({ history: "ready", hasOlder: false });
  });

  test("show an edit, also as the preview", () => {
    const edit = event("chat.message_edited", { id: 101, number: 1, text: "better", edited_at: "2026-11-22T08:00:00Z" });
    const { messages, room: seen } = lobby(after(opened(), ...created(message(1)), edit));
    expect(messages[0]).toMatchObject({ text: "better", edited_at: "2026-11-22T08:00:00Z" });
    expect(seen.last_message).toMatchObject({ text: "better" });
  });

  test("that were deleted lose their text and stay deleted after a late edit", () => {
    const edit = event("chat.message_edited", { id: 101, number: 1, text: "late", edited_at: "2026-11-22T08:00:00Z" });
    const { messages } = lobby(after(opened(), ...created(message(1)), event("chat.message_deleted", { id: 101, number: 1 }), edit));
    expect(messages[0]).toMatchObject({ deleted: true, text: "" });
  });

  test("deleted while their page was on its way arrive deleted", () => {
    const state = after(withHistoryLoading(start(), 5), event("chat.message_deleted", { id: 101, number: 1 }));
    const { messages } = lobby(withHistory(state, 5, { items: [message(1)], has_more: false }));
    expect(messages[0]).toMatchObject({ deleted: true });
  });

  test("of a room that nobody opened are counted, and not kept", () => {
    const { messages, room: seen } = lobby(after(start(), ...created(message(1), message(2))));
    expect(messages).toEqual([]);
    expect(seen.last_number).toBe(2);
  });

  test("of a room that is left are kept up to a hundred", () => {
    const all = Array.from({ length: 150 }, (_, index) => message(index + 1));
    const { messages, hasOlder } = lobby(withRoomLeft(after(opened(), ...created(...all)), 5));
    expect(messages.map(({ number }) => number)).toEqual(Array.from({ length: 100 }, (_, index) => index + 51));
    expect(hasOlder).toBe(true);
  });

  test("of a room that is not known change nothing", () => {
    const state = start();
    expect(after(state, ...created(message(1, { room: 9 })))).toBe(state);
  });
});

describe("one's own message", () => {
  test("is shown at once, and replaced by the stored one", () => {
    let state = withPending(opened(), queued("mine"));
    expect(lobby(state).pending).toMatchObject([{ clientId: "mine", status: "sending" }]);
    state = withStored(state, queued("mine"));
    expect(lobby(state).pending).toMatchObject([{ status: "stored" }]);
    state = after(state, ...created(message(1, { author: ANA, client_id: "mine" })));
    expect(lobby(state)).toMatchObject({ pending: [], messages: [{ client_id: "mine" }] });
  });

  test("is not shown twice when its event came before the acknowledgement or the history brings it", () => {
    const state = after(opened(), ...created(message(1, { author: ANA, client_id: "mine" })));
    expect(lobby(withPending(state, queued("mine"))).pending).toEqual([]);
    const loaded = withHistory(withPending(start(), queued("mine")), 5, { items: [message(1, { author: ANA, client_id: "mine" })], has_more: false });
    expect(lobby(loaded).pending).toEqual([]);
  });

  test("says why it was refused", () => {
    const state = withPending(start(), queued("mine", "hi", { code: "too_long", message: "The message is too long." }));
    expect(lobby(state).pending).toMatchObject([{ status: "failed", failure: "The message is too long." }]);
  });

  test("outlives a fresh snapshot", () => {
    const before = withPending(start(), queued("mine"));
    const snapshot = { user: before.me, rooms: [room()], inbox: { unread: 0, items: [] }, cursors: {} };
    expect(lobby(fromSnapshot(snapshot, before)).pending).toHaveLength(1);
  });
});

describe("rooms", () => {
  test("read marks only move forward", () => {
    const state = withRead(start({ rooms: [room({ last_number: 9 })] }), 5, 7);
    expect(lobby(after(state, event("chat.room_read", { room: 5, number: 3 }, "user:1"))).room.read_number).toBe(7);
    expect(lobby(after(state, event("chat.room_read", { room: 5, number: 9 }, "user:1"))).room.read_number).toBe(9);
  });

  test("come and go", () => {
    const state = after(start(), event("chat.room_added", { room: room({ id: 6, name: "New" }), cursor: { epoch: "k", seq: 0 } }, "user:1"));
    expect(state.rooms[6]?.room.name).toBe("New");
    expect(after(state, event("chat.room_removed", { room: 6 }, "user:1")).rooms[6]).toBeUndefined();
  });

  test("that are told of again are not set back", () => {
    const added = event("chat.room_added", { room: room(), cursor: { epoch: "k", seq: 0 } }, "user:1");
    const { room: seen } = lobby(after(start(), ...created(message(1, { author: ANA })), added));
    expect(seen).toMatchObject({ last_number: 1, read_number: 1, last_message: { number: 1 } });
  });

  test("are renamed, and change owners", () => {
    const change = event("chat.room_changed", { id: 5, name: "Hall", topic: "All", owners: [1] });
    expect(lobby(after(start(), change)).room).toMatchObject({ name: "Hall", topic: "All", role: "owner" });
  });

  test("count their members", () => {
    const joined = event("chat.member_joined", { user: BEN, member_count: 3 });
    expect(lobby(after(start(), joined)).room.member_count).toBe(3);
    const left = event("chat.member_left", { user_id: 2, member_count: 2, kicked: true });
    expect(lobby(after(start(), joined, left)).room.member_count).toBe(2);
  });

  test("show who is writing until the message is there", () => {
    const typing = after(start(), event("chat.typing", { room: 5, user: 2 }), event("chat.typing", { room: 5, user: 1 }));
    expect(lobby(typing).typing).toEqual({ 2: NOW_MS + 6000 });
    expect(lobby(after(typing, ...created(message(1)))).typing).toEqual({});
  });
});

describe("the inbox", () => {
  const created_ = (one: InboxItem) => event("notifications.created", { item: one }, "audience:all");

  test("shows the newest first and counts what is unread, once", () => {
    const state = after(start({ items: [item("n1")] }), created_(item("b2")), created_(item("b2")));
    expect(state.inbox.items.map(({ id }) => id)).toEqual(["b2", "n1"]);
    expect(state.inbox.unread).toBe(2);
  });

  test("counts down for what was read on another device, loaded here or not", () => {
    const state = start({ items: [item("n1"), item("n2", { read: true })], unread: 5 });
    const read = event("notifications.read", { items: ["n1", "n2", "n99"] }, "user:1");
    expect(after(state, read).inbox).toMatchObject({ unread: 3, items: [{ read: true }, { read: true }] });
    expect(after(state, read, event("notifications.read", { items: ["n1"] }, "user:1")).inbox.unread).toBe(3);
  });

  test("leaves unread what came after everything was marked", () => {
    const state = after(
      start({ items: [item("n1")], unread: 40 }),
      created_(item("b2", { created_at: "2026-11-22T09:00:00Z" })),
      event("notifications.read_all", { up_to: "2026-11-22T08:00:00Z" }, "user:1"),
    );
    expect(state.inbox).toMatchObject({ unread: 1, items: [{ id: "b2", read: false }, { id: "n1", read: true }] });
  });
});

test("an event of a newer server changes nothing", () => {
  const state = start();
  expect(after(state, event("chat.poll_opened", {}))).toBe(state);
});
