import type { StreamEvent } from "@carillon/sdk";
import { describe, expect, test } from "vitest";
import {
  apply,
  fromSnapshot,
  withHistory,
  withHistoryLoading,
  withInboxMark,
  withInboxPage,
  withPending,
  withPreferences,
  withRead,
  withRoomLeft,
  withStored,
} from "../src/live/apply.ts";
import type { InboxItem, LiveState, Mention, Message, Preferences, Room, RoomState, Unread } from "../src/live/model.ts";
import { ANA, BEN, event, message, room, snapshot } from "./builders.ts";

const NOW_MS = Date.parse("2026-11-22T08:00:00Z");

function item(id: string, more: Partial<InboxItem> = {}): InboxItem {
  return { id, title: id, text: "", level: "info", link: "", created_at: "2026-11-22T07:00:00Z", read: false, seen: false, count: 1, ...more };
}

function start(more: { rooms?: Room[]; items?: InboxItem[]; unread?: Unread } = {}): LiveState {
  const { rooms = [room()], items = [], unread = { own: items.filter(({ read }) => !read).length, shared: 0 } } = more;
  return fromSnapshot(snapshot({ rooms, inbox: { unread, items } }), null);
}

/** A room whose history is loaded, and empty. */
const opened = () => withHistory(start(), 5, { items: [], has_more: false });


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

const naming = (user: number | null, more: Partial<Mention> = {}): Mention => ({
  start: 0,
  length: 4,
  kind: user === null ? "room" : "user",
  user,
  refused: "",
  ...more,
});

describe("mentions", () => {
  const mentioned = (state: LiveState) => lobby(state).room.mentioned;
  const edited = (number: number, ...mentions: Mention[]) =>
    event("chat.message_edited", { id: 100 + number, number, text: "x", mentions, edited_at: "2026-11-22T08:00:00Z" });

  test("of oneself and of everybody are kept until they are read", () => {
    const state = after(
      start(),
      ...created(
        message(1, { mentions: [naming(ANA.id)] }),
        message(2, { mentions: [naming(BEN.id), naming(null, { kind: "here" })] }),
        message(3, { mentions: [naming(null)] }),
        message(4, { mentions: [naming(null, { refused: "not_allowed" })] }),
      ),
      ...created(message(3, { mentions: [naming(null)] })),
    );
    expect(mentioned(state)).toEqual([1, 3]);
    expect(mentioned(withRead(state, 5, 2))).toEqual([3]);
    expect(mentioned(after(state, ...created(message(5, { author: ANA, mentions: [naming(ANA.id)] }))))).toEqual([]);
  });

  test("by @here come from the server, and not for what is read", () => {
    const state = after(start(), ...created(message(1), message(2)));
    const told = [1, 2, 2].map((number) => event("chat.mentioned", { room: 5, number }, "user:1"));
    expect(mentioned(after(withRead(state, 5, 1), ...told))).toEqual([2]);
  });

  test("follow edits, deletions and their undoing", () => {
    const first = message(1, { mentions: [naming(ANA.id)] });
    let state = after(opened(), ...created(first), edited(1));
    expect(mentioned(state)).toEqual([]);
    state = after(state, edited(1, naming(null)));
    expect(mentioned(state)).toEqual([1]);
    expect(mentioned(after(state, edited(1, naming(null, { kind: "here" }))))).toEqual([1]);
    state = after(state, event("chat.message_deleted", { id: 101, number: 1 }));
    expect(mentioned(state)).toEqual([]);
    state = after(state, event("chat.message_restored", { message: first }));
    expect(mentioned(state)).toEqual([1]);
    expect(lobby(state).messages).toEqual([first]);
  });
});

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
    const edit = event("chat.message_edited", { id: 101, number: 1, text: "better", mentions: [], edited_at: "2026-11-22T08:00:00Z" });
    const { messages, room: seen } = lobby(after(opened(), ...created(message(1)), edit));
    expect(messages[0]).toMatchObject({ text: "better", mentions: [], edited_at: "2026-11-22T08:00:00Z" });
    expect(seen.last_message).toMatchObject({ text: "better" });
  });

  test("that were deleted lose their text and stay deleted after a late edit", () => {
    const edit = event("chat.message_edited", { id: 101, number: 1, text: "late", mentions: [], edited_at: "2026-11-22T08:00:00Z" });
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
    expect(lobby(fromSnapshot(snapshot({ user: before.me, rooms: [room()] }), before)).pending).toHaveLength(1);
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
  const shared = (one: InboxItem) => event("notifications.created", { item: one, own_unread: null, shared_unread: null }, "audience:all");
  const own = (one: InboxItem, unread: number) => event("notifications.created", { item: one, own_unread: unread, shared_unread: null }, "user:1");
  const ids = (state: LiveState) => state.inbox.items.map(({ id }) => id);

  test("shows the newest first and counts what is unread, once", () => {
    const news = shared(item("b2", { created_at: "2026-11-22T07:00:00.5Z" }));
    const state = after(start({ items: [item("n1")] }), news, news);
    expect(ids(state)).toEqual(["b2", "n1"]);
    expect(state.inbox.unread).toEqual({ own: 1, shared: 1 });
  });

  test("moves up a line that says something new, and counts as the server does", () => {
    const state = start({ items: [item("n2", { created_at: "2026-11-22T08:00:00Z" }), item("n1")] });
    const grown = item("n1", { created_at: "2026-11-22T09:00:00Z", title: "Ada and 3 others", count: 4 });
    expect(after(state, own(grown, 2), own(grown, 2)).inbox).toMatchObject({
      items: [{ id: "n1", count: 4 }, { id: "n2" }],
      unread: { own: 2, shared: 0 },
    });
  });

  test("leaves what is older than the loaded lines to its page", () => {
    const state = start({ items: [item("n5", { created_at: "2026-11-22T08:00:00Z" })] });
    expect(ids(after(state, own(item("n1"), 2)))).toEqual(["n5"]);
  });

  test("takes the numbers of what was done on another device, loaded here or not", () => {
    const state = start({ items: [item("n1"), item("n2", { read: true })], unread: { own: 5, shared: 1 } });
    const unread = { own: 3, shared: 1 };
    const read = event("notifications.read", { items: ["n1", "n2", "n99"], unread }, "user:1");
    expect(after(state, read, read).inbox).toMatchObject({ unread, items: [{ read: true, seen: true }, { read: true }] });
    const again = event("notifications.marked", { items: ["n2"], mark: "unread", unread: { own: 4, shared: 1 } }, "user:1");
    expect(after(state, read, again).inbox).toMatchObject({ unread: { own: 4 }, items: [{}, { read: false }] });
  });

  test("loses what was put away or taken back", () => {
    const state = start({ items: [item("n1"), item("b2")], unread: { own: 3, shared: 2 } });
    const away = { items: ["n1"], reason: "archived", own_unread: 2, shared_unread: 2 };
    const recalled = { items: ["b2"], reason: "recalled", own_unread: null, shared_unread: null };
    const left = after(state, event("notifications.removed", away, "user:1"), event("notifications.removed", recalled, "audience:all"));
    expect(left.inbox).toMatchObject({ items: [], unread: { own: 2, shared: 1 } });
  });

  test("leaves unread what came after everything was marked", () => {
    const state = after(
      start({ items: [item("n1")], unread: { own: 40, shared: 0 } }),
      shared(item("b2", { created_at: "2026-11-22T09:00:00Z" })),
      // Counted before that came, and told after it.
      event("notifications.read_all", { up_to: "2026-11-22T08:00:00Z", unread: { own: 0, shared: 0 } }, "user:1"),
    );
    expect(state.inbox).toMatchObject({ unread: { own: 0, shared: 1 }, items: [{ id: "b2", read: false }, { id: "n1", read: true }] });
  });

  test("shows one's own marks before the server has them", () => {
    const state = start({ items: [item("n1"), item("n2")], unread: { own: 7, shared: 0 } });
    expect(withInboxMark(state, ["n1"], "read").inbox).toMatchObject({ unread: { own: 6 }, items: [{ read: true }, { read: false }] });
    expect(withInboxMark(state, ["n1"], "archived").inbox).toMatchObject({ unread: { own: 6 }, items: [{ id: "n2" }] });
  });
});

test("an event of a newer server changes nothing", () => {
  const state = start();
  expect(after(state, event("chat.poll_opened", {}))).toBe(state);
});

describe("preferences", () => {
  const preferences = (version: number): Preferences => ({
    version,
    time_zone: "",
    language: "",
    quiet_hours: null,
    working_days: [1],
    muted_until: null,
    choices: [],
    scopes: [],
  });
  const changed = (version: number) => event("notifications.preferences_changed", { preferences: preferences(version) }, "user:1");

  test("the newest of answers and events is kept, in whatever order they come", () => {
    const state = apply(withPreferences(start(), preferences(2)), changed(1), NOW_MS);
    expect(state.preferences?.version).toBe(2);
    expect(apply(state, changed(3), NOW_MS).preferences?.version).toBe(3);
    expect(apply(start(), changed(1), NOW_MS).preferences?.version).toBe(1);
  });

  const without = (category: string): Preferences => ({ ...preferences(1), choices: [{ category, channel: "in_app", frequency: "off" }] });
  const news = (id: string, more: Partial<InboxItem> = {}) => item(id, { category: "broadcasts", ...more });
  const created = (one: InboxItem) => event("notifications.created", { item: one, own_unread: null, shared_unread: null }, "audience:all");

  test("what everybody gets is left out for who has turned its kind off, unless it is critical", () => {
    const state = withPreferences(start({ items: [] }), without("broadcasts"));
    expect(apply(state, created(news("b1")), NOW_MS)).toEqual(state);
    expect(apply(state, created(news("b2", { category: "orders" })), NOW_MS).inbox.unread.shared).toBe(1);
    expect(apply(state, created(news("b3", { critical: true })), NOW_MS).inbox.items.map(({ id }) => id)).toEqual(["b3"]);
    expect(apply(state, created(news("n4")), NOW_MS).inbox.items.map(({ id }) => id)).toEqual(["n4"]);
  });

  test("what came before they were known goes when they are, and comes back with its page", () => {
    const early = apply(start({ items: [item("n1", { read: true })] }), created(news("b2", { created_at: "2026-11-22T07:30:00Z" })), NOW_MS);
    expect(early.inbox.unread.shared).toBe(1);
    const known = withPreferences(early, without("broadcasts"));
    expect([known.inbox.unread.shared, known.inbox.items.map(({ id }) => id)]).toEqual([0, ["n1"]]);
    const page = { items: [news("b2", { created_at: "2026-11-22T07:30:00Z" })], unread: { own: 0, shared: 1 }, next: null };
    const again = withInboxPage(known, page);
    expect([again.inbox.unread.shared, again.inbox.items.map(({ id }) => id)]).toEqual([1, ["b2", "n1"]]);
  });

  test("a new snapshot forgets them, because what changed meanwhile is not in it", () => {
    const state = withPreferences(start(), preferences(2));
    expect(fromSnapshot(snapshot({ user: state.me }), state).preferences).toBeNull();
  });
});
