import { describe, expect, test, vi } from "vitest";
import type { LiveState, Message, RoomState } from "../src/live/model.ts";
import { fateOf, IDLE_AFTER_MS, readUpToHere, statusOf, watchIdleness, withReceipts, withStatuses } from "../src/live/presence.ts";

const ME = 1;
const mine = { number: 3, seq: 13, author: { id: ME } } as Message;

function direct(...receipts: { user: number; read: number; delivered: number }[]): RoomState {
  const room = { kind: "direct", members: [{ id: ME }, { id: 2 }, { id: 4 }] } as RoomState["room"];
  return withReceipts({ room, receipts: {} } as unknown as RoomState, receipts);
}

describe("receipts", () => {
  test("a message is delivered when all others have got it, and read when all have read it", () => {
    expect(fateOf(direct(), mine, ME)).toBe("sent");
    expect(fateOf(direct({ user: 2, read: 0, delivered: 13 }), mine, ME)).toBe("sent");
    expect(fateOf(direct({ user: 2, read: 3, delivered: 0 }, { user: 4, read: 0, delivered: 14 }), mine, ME)).toBe("delivered");
    expect(fateOf(direct({ user: 2, read: 3, delivered: 0 }, { user: 4, read: 5, delivered: 0 }), mine, ME)).toBe("read");
  });

  test("marks only rise, whatever comes first", () => {
    const state = direct({ user: 2, read: 5, delivered: 20 }, { user: 2, read: 3, delivered: 0 });
    expect(state.receipts[2]).toEqual({ user: 2, read: 5, delivered: 20 });
  });

  test("a face stands where somebody stopped reading, not one's own and not the author's", () => {
    const state = direct({ user: ME, read: 3, delivered: 0 }, { user: 2, read: 3, delivered: 0 }, { user: 4, read: 9, delivered: 0 });
    expect(readUpToHere(state, mine, ME)).toEqual([2]);
    expect(readUpToHere(state, { ...mine, author: { id: 2 } } as Message, ME)).toEqual([]);
  });
});

test("a status that is over or empty is not shown", () => {
  const empty = { me: { id: ME }, statuses: {}, own: { status: { user: ME, emoji: "", text: "", until: null } } } as unknown as LiveState;
  const state = withStatuses(empty, [{ user: 2, emoji: "🌴", text: "Away", until: "2026-11-22T08:00:00Z" }]);
  expect(statusOf(state, 2, new Date("2026-11-22T07:59:00Z"))?.text).toBe("Away");
  expect(statusOf(state, 2, new Date("2026-11-22T08:00:00Z"))).toBeNull();
  expect([statusOf(state, ME, new Date()), statusOf(state, 4, new Date())]).toEqual([null, null]);
});

test("a device that nobody touches is idle until somebody does", () => {
  vi.useFakeTimers();
  const listeners = new Map<string, () => void>();
  vi.stubGlobal("document", {
    visibilityState: "visible",
    addEventListener: (name: string, listener: () => void) => listeners.set(name, listener),
    removeEventListener: (name: string) => listeners.delete(name),
  });
  const told: boolean[] = [];
  const stop = watchIdleness((idle) => told.push(idle));
  vi.advanceTimersByTime(IDLE_AFTER_MS - 1);
  listeners.get("keydown")?.();
  vi.advanceTimersByTime(IDLE_AFTER_MS - 1);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(1);
  listeners.get("pointermove")?.();
  expect(told).toEqual([true, false]);
  stop();
  vi.advanceTimersByTime(2 * IDLE_AFTER_MS);
  expect([told, listeners.size]).toEqual([[true, false], 0]);
  vi.unstubAllGlobals();
  vi.useRealTimers();
});
