import { describe, expect, test } from "vitest";
import type { InboxItem, Preferences } from "../src/live/model.ts";
import { mayDisturb } from "../src/live/wanted.ts";

const item = (more: Partial<InboxItem> = {}): InboxItem => ({
  id: "n1",
  title: "Tea",
  text: "",
  level: "info",
  link: "/#/room/7/3",
  created_at: "2026-11-22T07:00:00Z",
  read: false,
  seen: false,
  count: 1,
  ...more,
});

const chosen = (more: Partial<Preferences> = {}): Preferences => ({
  version: 1,
  time_zone: "Asia/Kathmandu",
  language: "",
  quiet_hours: null,
  working_days: [1, 2, 3, 4, 5, 6, 7],
  muted_until: null,
  choices: [],
  scopes: [],
  zone: "Asia/Kathmandu",
  ...more,
});

// A Sunday; in Kathmandu it is 22:15.
const NOW = new Date("2026-11-22T16:30:00Z");
const LATER = "2026-11-22T17:00:00Z";
const EARLIER = "2026-11-22T16:00:00Z";

describe("what comes up over what one is doing", () => {
  test.each<[string, Partial<Preferences>, boolean]>([
    ["nothing was chosen", {}, true],
    ["everything is muted", { muted_until: LATER }, false],
    ["it was muted until before", { muted_until: EARLIER }, true],
    ["its room is muted", { scopes: [{ scope: "room:7", follow: "all", muted_until: LATER }] }, false],
    ["another room is muted", { scopes: [{ scope: "room:8", follow: "all", muted_until: LATER }] }, true],
    ["the night has begun there", { quiet_hours: { from: "22:00", until: "07:00" } }, false],
    ["the night begins later", { quiet_hours: { from: "22:16", until: "07:00" } }, true],
    ["a rest that ends on the same day is over", { quiet_hours: { from: "13:00", until: "22:15" } }, true],
    ["a rest that ends on the same day goes on", { quiet_hours: { from: "13:00", until: "22:16" } }, false],
    ["it is no working day", { working_days: [1, 2, 3, 4, 5, 6] }, false],
  ])("%s", (_, choice, expected) => {
    expect(mayDisturb(item(), chosen(choice), NOW)).toBe(expected);
    expect(mayDisturb(item({ critical: true }), chosen(choice), NOW)).toBe(true);
  });

  test("as long as the choices are not known, everything does", () => {
    expect(mayDisturb(item(), null, NOW)).toBe(true);
  });
});
