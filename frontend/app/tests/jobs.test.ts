import { expect, test } from "vitest";
import { fromSnapshot } from "../src/live/apply.ts";
import { type Job, shareDone, withJob, withJobProgress, withJobs, withoutJob } from "../src/live/jobs.ts";
import type { LiveState } from "../src/live/model.ts";
import { fileSize } from "../src/text/amounts.ts";
import { snapshot } from "./builders.ts";

function job(id: number, more: Partial<Job> = {}): Job {
  return {
    id,
    kind: "accounts.export",
    label: "Export",
    state: "running",
    done: 0,
    total: null,
    message: "",
    error: "",
    file: null,
    created_at: "2026-11-22T07:00:00Z",
    finished_at: null,
    expires_at: null,
    ...more,
  };
}

const start = (...jobs: Job[]): LiveState => fromSnapshot(snapshot({ jobs }), null);
const progress = { job: 1, done: 3, total: 4, message: "Packing" };

test("a new job comes first, and a change of one stays in its place", () => {
  const state = withJob(withJob(start(job(1)), job(2)), job(1, { state: "done" }));
  expect(state.jobs.map(({ id, state }) => [id, state])).toEqual([[2, "running"], [1, "done"]]);
});

test("progress begins a queued job, and changes none that has ended, however late it comes", () => {
  expect(withJobProgress(start(job(1, { state: "queued" })), progress).jobs[0]).toMatchObject({ state: "running", done: 3, total: 4 });
  const ended = start(job(1, { state: "cancelled" }));
  expect(withJobProgress(ended, progress).jobs).toEqual(ended.jobs);
  expect(withJob(ended, job(1))).toBe(ended);
});

test("a list from the server replaces what is there, but for what has ended meanwhile", () => {
  const state = withJobs(start(job(3), job(2, { state: "done" })), [job(2), job(1)]);
  expect(state.jobs.map(({ id, state }) => [id, state])).toEqual([[2, "done"], [1, "running"]]);
  expect(withoutJob(state, 2).jobs.map(({ id }) => id)).toEqual([1]);
});

test.each([
  [{ total: null, done: 7 }, null],
  [{ total: 4, done: 1 }, 0.25],
  [{ total: 4, done: 9 }, 1],
  [{ total: 0, done: 0 }, 0],
  [{ state: "done", total: null }, 1],
])("of %j the share done is %s", (more, share) => {
  expect(shareDone(job(1, more))).toBe(share);
});

test.each([
  [0, "0 bytes"],
  [2_240, "2.2 kB"],
  [31_000_000, "31 MB"],
])("%d bytes are %s", (bytes, words) => {
  expect(fileSize(bytes)).toBe(words);
});
