import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fromSnapshot } from "../src/live/apply.ts";
import type { LiveState } from "../src/live/model.ts";
import { type Reminder, withoutReminder, withReminder, withReminders } from "../src/live/reminders.ts";
import { localInputValue, reminderTimes } from "../src/text/times.ts";
import { snapshot } from "./builders.ts";

beforeEach(() => void vi.stubEnv("TZ", "Europe/Berlin"));
afterEach(() => void vi.unstubAllEnvs());

const reminder = (id: number, due_at: string): Reminder => ({ id, about: "message:1", title: "Tea", link: null, note: "", due_at });
const start = (reminders: Reminder[] | null): LiveState => ({ ...fromSnapshot(snapshot(), null), reminders });

test("reminders are in the order of their times, also where the server leaves out fractions", () => {
  const state = withReminders(start(null), [reminder(1, "2026-11-22T08:00:00.5Z"), reminder(2, "2026-11-22T08:00:00Z")]);
  expect(state.reminders?.map(({ id }) => id)).toEqual([2, 1]);
  const more = withReminder(withReminder(state, reminder(3, "2026-11-21T08:00:00Z")), reminder(1, "2026-11-20T08:00:00Z"));
  expect(withoutReminder(more, 2).reminders?.map(({ id }) => id)).toEqual([1, 3]);
});

test("before they were fetched, events change nothing", () => {
  const state = start(null);
  expect(withReminder(state, reminder(1, "2026-11-22T08:00:00Z"))).toBe(state);
  expect(withoutReminder(state, 1)).toBe(state);
});

test.each([
  // A Saturday before the clocks go forward: nine o'clock comes an hour earlier.
  ["2026-03-28T12:00:00Z", "2026-03-29T07:00:00.000Z", "2026-03-30T07:00:00.000Z"],
  // A Monday in winter: next Monday is not today.
  ["2026-01-05T06:00:00Z", "2026-01-06T08:00:00.000Z", "2026-01-12T08:00:00.000Z"],
])("at %s, tomorrow and next Monday are at nine by the clock on the wall", (now, tomorrow, monday) => {
  const [hour, ...days] = reminderTimes(new Date(now));
  expect(hour?.at.getTime()).toBe(Date.parse(now) + 3_600_000);
  expect(days.map(({ at }) => at.toISOString())).toEqual([tomorrow, monday]);
});

test("a field for date and time is given local time", () => {
  expect(localInputValue(new Date("2026-03-29T07:05:00Z"))).toBe("2026-03-29T09:05");
});
