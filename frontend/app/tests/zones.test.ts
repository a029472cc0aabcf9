import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fromLocalInput, localInputValue, muteTimes, reminderTimes, snoozeMoment, snoozeTimes } from "../src/text/times.ts";
import { momentOf, wallClock, weekdayOf } from "../src/text/zones.ts";

beforeEach(() => void vi.stubEnv("TZ", "America/Los_Angeles"));
afterEach(() => void vi.unstubAllEnvs());

const clock = (text: string) => {
  const [year, month, day, hour, minute] = text.split(/[-T:]/).map(Number) as [number, number, number, number, number];
  return { year, month, day, hour, minute };
};

test.each([
  ["2026-11-22T09:00", "Asia/Kathmandu", "2026-11-22T03:15:00.000Z"],
  ["2026-11-22T09:00", "Pacific/Chatham", "2026-11-21T19:15:00.000Z"],
  ["2026-11-22T09:00", "America/St_Johns", "2026-11-22T12:30:00.000Z"],
  // A time that comes twice is the first one; one that never comes is that of the clock from before.
  ["2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30:00.000Z"],
  ["2026-03-29T02:30", "Europe/Berlin", "2026-03-29T01:30:00.000Z"],
  // Midnight is 0 o'clock, and days go over the end of a month.
  ["2026-11-31T00:00", "UTC", "2026-12-01T00:00:00.000Z"],
])("it is %s in %s at %s", (text, zone, moment) => {
  expect(momentOf(clock(text), zone).toISOString()).toBe(moment);
});

test("the clock on the wall, and its day of the week, are those of the zone", () => {
  const at = new Date("2026-11-22T20:00:00Z");
  expect(wallClock(at, "Pacific/Chatham")).toEqual(clock("2026-11-23T09:45"));
  expect([weekdayOf(wallClock(at, "Pacific/Chatham")), weekdayOf(wallClock(at, undefined))]).toEqual([1, 7]);
  expect(wallClock(at, "Nowhere/At_All")).toEqual(wallClock(at, undefined));
});

test("what is offered is of the person's zone, wherever the browser is", () => {
  const now = new Date("2026-11-22T20:00:00Z"); // Monday, 9:45, in Chatham
  const zone = "Pacific/Chatham";
  expect(reminderTimes(now, zone).map(({ at }) => localInputValue(at, zone))).toEqual(["2026-11-23T10:45", "2026-11-24T09:00", "2026-11-30T09:00"]);
  expect(snoozeTimes(now, zone).map(({ at }) => localInputValue(at, zone))).toEqual(["2026-11-23T10:45", "2026-11-23T18:00", "2026-11-24T09:00", "2026-11-30T09:00"]);
  expect(localInputValue(muteTimes(now, zone)[1]!.at, zone)).toBe("2026-11-24T08:00");
  expect(fromLocalInput("2026-11-23T18:00", zone).toISOString()).toBe("2026-11-23T04:15:00.000Z");
  expect(fromLocalInput("2026-11-23T18:00").toISOString()).toBe("2026-11-24T02:00:00.000Z");
  expect(snoozeMoment(new Date("2026-11-23T04:15:00Z"), now, zone)).toMatch(/^\D*0?6:00\sPM$|^18:00$/);
});
