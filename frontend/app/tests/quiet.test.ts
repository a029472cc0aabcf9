import { describe, expect, test } from "vitest";
import type { Preferences } from "../src/live/model.ts";
import { mayDisturb } from "../src/live/quiet.ts";

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
const WEDNESDAY_NOON = new Date("2026-11-25T12:00:00Z");
const mention = { level: "info", link: "/#/room/5/31" };

const preferences = (more: Partial<Preferences> = {}): Preferences => ({
  version: 1,
  time_zone: "UTC",
  language: "",
  quiet_hours: null,
  working_days: EVERY_DAY,
  muted_until: null,
  choices: [],
  scopes: [],
  ...more,
});
const may = (more: Partial<Preferences>, now = WEDNESDAY_NOON, item = mention) => mayDisturb(item, preferences(more), "UTC", now);

describe("a person is not disturbed", () => {
  test("while they have muted everything", () => {
    expect(may({ muted_until: "2026-11-25T12:00:01Z" })).toBe(false);
    expect(may({ muted_until: "2026-11-25T11:59:59Z" })).toBe(true);
  });

  test("in quiet hours, over midnight too, in their own time zone", () => {
    const night = { quiet_hours: { from: "22:00", until: "07:00" } };
    expect(may(night)).toBe(true);
    expect(may(night, new Date("2026-11-25T22:00:00Z"))).toBe(false);
    expect(may(night, new Date("2026-11-25T06:59:00Z"))).toBe(false);
    expect(may(night, new Date("2026-11-25T07:00:00Z"))).toBe(true);
    expect(may({ ...night, time_zone: "Asia/Tokyo" }, new Date("2026-11-25T14:00:00Z"))).toBe(false);
  });

  test("on days on which they do not work", () => {
    expect(may({ working_days: [1, 2, 4, 5] })).toBe(false);
    expect(may({ working_days: [3] })).toBe(true);
  });

  test("by a room that they follow for nothing, or have muted", () => {
    expect(may({ scopes: [{ scope: "room:5", follow: "nothing", muted_until: null }] })).toBe(false);
    expect(may({ scopes: [{ scope: "room:5", follow: "all", muted_until: "2026-11-25T13:00:00Z" }] })).toBe(false);
    expect(may({ scopes: [{ scope: "room:51", follow: "nothing", muted_until: null }] })).toBe(true);
  });
});

test("what is critical disturbs anyway", () => {
  expect(may({ muted_until: "2027-01-01T00:00:00Z", working_days: [] }, WEDNESDAY_NOON, { ...mention, level: "critical" })).toBe(true);
});
