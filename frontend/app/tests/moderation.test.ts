import type { StreamEvent } from "@carillon/sdk";
import { describe, expect, test } from "vitest";
import { apply, fromSnapshot, withHistory, withMembers } from "../src/live/apply.ts";
import { barrierOf, moderates, outranks, slowUntilMs, withQueue } from "../src/live/moderation.ts";
import type { LiveState, Member, Message, Role, Room, RoomState } from "../src/live/model.ts";
import { ANA, BEN, event, message as said, room as lobbyOf, snapshot } from "./builders.ts";

const NOW_MS = Date.parse("2026-11-29T12:00:00Z");

const message = (number: number, more: Partial<Message> = {}) => said(number, { created_at: "2026-11-29T11:59:50Z", ...more });
const room = (more: Partial<Room> = {}) => lobbyOf({ last_number: 3, read_number: 1, mentioned: [2, 3], last_message: message(3), ...more });

function start(more: Partial<Room> = {}): LiveState {
  const loaded = withHistory(fromSnapshot(snapshot({ rooms: [room(more)] }), null), 5, { items: [1, 2, 3].map((number) => message(number)), has_more: true });
  return withMembers(loaded, 5, [
    { ...ANA, role: "member" },
    { ...BEN, role: "member" },
  ]);
}

const after = (state: LiveState, ...events: StreamEvent[]) => events.reduce((reached, one) => apply(reached, one, NOW_MS), state);

function lobby(state: LiveState): RoomState {
  const found = state.rooms[5];
  if (found === undefined) throw new Error("The room is gone.");
  return found;
}

const ROLES: Role[] = ["guest", "member", "moderator", "owner"];

test("one acts on whoever has a lower role, if one moderates at all", () => {
  expect(ROLES.map(moderates)).toEqual([false, false, true, true]);
  expect(ROLES.map((role) => ROLES.filter((other) => outranks(role, other)))).toEqual([[], [], ["guest", "member"], ["guest", "member", "moderator"]]);
});

describe("roles", () => {
  const roleOf = (state: LiveState, id: number) => lobby(state).members?.find((member: Member) => member.id === id)?.role;

  test("change for oneself and in the list of members", () => {
    const state = after(start(), event("chat.role_changed", { user: ANA.id, role: "moderator" }));
    expect(lobby(state).room.role).toBe("moderator");
    expect(roleOf(state, ANA.id)).toBe("moderator");
  });

  test("of moderators survive a change of the room's owners", () => {
    const state = after(
      start(),
      event("chat.role_changed", { user: ANA.id, role: "moderator" }),
      event("chat.room_changed", { id: 5, name: "Lobby", topic: "", owners: [BEN.id], mention_all: "members" }),
    );
    expect([roleOf(state, ANA.id), roleOf(state, BEN.id)]).toEqual(["moderator", "owner"]);
  });
});

describe("who cannot write", () => {
  test("is told why, for as long as it lasts", () => {
    const muted = room({ muted: true, muted_until: "2026-11-29T12:05:00Z", mute_reason: "loud" });
    expect(barrierOf(muted, NOW_MS)).toEqual({ kind: "muted", until: "2026-11-29T12:05:00Z", reason: "loud" });
    expect(barrierOf(muted, NOW_MS + 300_000)).toBeNull();
    expect(barrierOf(room({ muted: true, muted_until: null }), NOW_MS)).toMatchObject({ kind: "muted", until: null });
    expect(barrierOf(room({ barred: true }), NOW_MS)).toEqual({ kind: "barred" });
    expect(ROLES.map((role) => barrierOf(room({ role, posting: "moderators" }), NOW_MS) === null)).toEqual([false, false, true, true]);
    expect(ROLES.map((role) => barrierOf(room({ role, posting: "owners" }), NOW_MS) === null)).toEqual([false, false, false, true]);
    expect(barrierOf(room(), NOW_MS)).toBeNull();
  });

  test("in slow mode waits from their own last message on", () => {
    const slow = after(start(), event("chat.rules_changed", { posting: "everybody", slow_mode_s: 30, retention_days: null }));
    expect(slowUntilMs(lobby(slow), ANA.id)).toBe(0);
    expect(slowUntilMs(lobby(slow), BEN.id)).toBe(Date.parse("2026-11-29T12:00:20Z"));
    const owner = after(slow, event("chat.role_changed", { user: ANA.id, role: "owner" }));
    expect(slowUntilMs(lobby(owner), BEN.id)).toBe(0);
  });
});

test("messages that were deleted for their age go, and count as read", () => {
  const state = lobby(after(start(), event("chat.messages_trimmed", { up_to: 2 })));
  expect(state.messages.map(({ number }) => number)).toEqual([3]);
  expect([state.room.read_number, state.room.mentioned, state.room.last_message?.number, state.hasOlder]).toEqual([2, [3], 3, false]);
  const empty = lobby(after(start(), event("chat.messages_trimmed", { up_to: 3 })));
  expect([empty.messages, empty.room.last_message, empty.room.read_number]).toEqual([[], null, 3]);
});

test("an erased person is called so everywhere", () => {
  const gone = { id: BEN.id, username: "deleted-2-ab", display_name: "Deleted user" };
  const state = lobby(after(start({ members: [ANA, BEN] }), event("chat.person_changed", { person: gone })));
  expect(state.messages.every(({ author }) => author.display_name === "Deleted user")).toBe(true);
  expect(state.room.last_message?.author).toEqual(gone);
  expect(state.room.members).toEqual([ANA, gone]);
  expect(state.members?.[1]).toMatchObject({ ...gone, role: "member" });
});

test("nobody is mentioned by whom they block, and what was unread comes back afterwards", () => {
  const block = (blocked: boolean) => event("chat.block_changed", { user: BEN.id, blocked, mentions: [{ room: 5, numbers: [1, 2, 3] }] }, "user:1");
  const mention = { start: 0, length: 4, kind: "user", user: ANA.id, refused: "" } as const;
  const blocked = after(start(), block(true), event("chat.message_created", { message: message(4, { mentions: [mention] }) }));
  expect(blocked.blocked).toEqual([BEN.id]);
  expect(lobby(blocked).room.mentioned).toEqual([]);
  const back = after(blocked, block(false));
  expect([back.blocked, lobby(back).room.mentioned]).toEqual([[], [2, 3]]);
});

test("the queue follows what other moderators do, and nothing is kept by who has none", () => {
  const report = (id: number, outcome = "") => ({ id, outcome });
  const changed = (id: number, outcome = "") => event("moderation.report_changed", { report: report(id, outcome) }, "moderation:5");
  const queue = { reports: [], next: null, held: [], server: false };
  const state = after(withQueue(start(), queue), changed(7), changed(9), changed(7), changed(9, "deleted"), event("moderation.message_held", { held: { id: 3 } }));
  expect(state.queue?.reports).toEqual([report(7)]);
  expect(state.queue?.held).toEqual([{ id: 3 }]);
  expect(after(state, event("moderation.held_judged", { held: 3 })).queue?.held).toEqual([]);
  expect(after(start(), changed(7)).queue).toBeNull();
});
