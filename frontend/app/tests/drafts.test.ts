import { CallError } from "@carillon/sdk";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Draft, DraftKeeper, type DraftPlace, withDraft, type Written } from "../src/live/drafts.ts";
import type { LiveState } from "../src/live/model.ts";

const ROOM: DraftPlace = { room: 5, thread: null };
const draft = (text: string, version: number, more: Partial<Draft> = {}): Draft => ({ room: 5, thread: null, text, version, updated_at: "2026-11-22T08:00:00Z", ...more });
const written = (text: string, ...files: number[]): Written => ({ text, files });

test("the higher version is the newer one, an end too", () => {
  const state = { drafts: {} } as LiveState;
  const reached = [draft("a", 1), draft("", 3), draft("b", 2)].reduce(withDraft, state);
  expect(reached.drafts["5"]?.text).toBe("");
  expect(withDraft(reached, draft("c", 4)).drafts["5"]?.text).toBe("c");
  expect(Object.keys(withDraft(reached, draft("t", 1, { thread: 7 })).drafts)).toEqual(["5", "5/7"]);
});

describe("a draft that is typed", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  /** A keeper, the texts that the server was given, and what answers the oldest of them. */
  function keeper() {
    const sent: string[] = [];
    const waiting: { resolve: (draft: Draft) => void; reject: (reason: unknown) => void }[] = [];
    const kept: Draft[] = [];
    const save = (_: DraftPlace, { text, files }: Written) => {
      sent.push([text, ...files].join());
      return new Promise<Draft>((resolve, reject) => waiting.push({ resolve, reject }));
    };
    const drafts = new DraftKeeper(save, (one) => kept.push(one));
    const settle = async (outcome: Draft | CallError) => {
      const call = waiting.shift();
      if (outcome instanceof CallError) call?.reject(outcome);
      else call?.resolve(outcome);
      await vi.advanceTimersByTimeAsync(0);
    };
    return { drafts, sent, kept, settle };
  }

  test("is saved once, a moment after the last key", async () => {
    const { drafts, sent, kept, settle } = keeper();
    for (const text of ["t", "te", "tea"]) drafts.change(ROOM, written(text));
    expect([sent, drafts.unsaved(ROOM)]).toEqual([[], written("tea")]);
    vi.advanceTimersByTime(1000);
    expect(sent).toEqual(["tea"]);
    await settle(draft("tea", 1));
    expect([kept.length, drafts.unsaved(ROOM)]).toEqual([1, null]);
  });

  test("and changed meanwhile is saved again, one call after the other", async () => {
    const { drafts, sent, settle } = keeper();
    drafts.change(ROOM, written("te"));
    vi.advanceTimersByTime(1000);
    drafts.change(ROOM, written("tea"));
    vi.advanceTimersByTime(1000);
    expect(sent).toEqual(["te"]);
    await settle(draft("te", 1));
    expect(sent).toEqual(["te", "tea"]);
  });

  test("and sent is cleared after what is on its way, and never where the server knows nothing", async () => {
    const { drafts, sent, settle } = keeper();
    drafts.change(ROOM, written("tea"));
    drafts.clear(ROOM, false);
    vi.advanceTimersByTime(1000);
    expect([sent, drafts.unsaved(ROOM)]).toEqual([[], null]);
    drafts.change(ROOM, written("more"));
    vi.advanceTimersByTime(1000);
    drafts.clear(ROOM, false);
    await settle(draft("more", 1));
    expect(sent).toEqual(["more", ""]);
    await settle(draft("", 2));
    expect(drafts.unsaved(ROOM)).toBeNull();
  });

  test("without a connection waits for the next one", async () => {
    const { drafts, sent, settle } = keeper();
    drafts.change(ROOM, written("tea"));
    vi.advanceTimersByTime(1000);
    await settle(new CallError("not_connected", "There is no connection.", { retry: true }));
    expect(drafts.unsaved(ROOM)).toEqual(written("tea"));
    drafts.resume();
    expect(sent).toEqual(["tea", "tea"]);
  });

  test("is saved with its files", () => {
    const { drafts, sent } = keeper();
    drafts.change(ROOM, written("tea", 7, 8));
    drafts.resume();
    expect(sent).toEqual(["tea,7,8"]);
  });
});
