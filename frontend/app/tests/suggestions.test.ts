import { describe, expect, test } from "vitest";
import type { Group } from "../src/live/groups.ts";
import type { Room } from "../src/live/model.ts";
import { completed, type Suggestion, suggestions, unfinishedAt } from "../src/text/suggestions.ts";
import { room as anyRoom } from "./builders.ts";

const person = (id: number, username: string, displayName = "") => ({ id, username, display_name: displayName });
const ROOM = anyRoom({ member_count: 3 });

describe("what is being written", () => {
  test.each([
    ["@", 1, { start: 0, query: "" }],
    ["hi @an", 6, { start: 3, query: "an" }],
    ["hi @anna and", 6, { start: 3, query: "an" }],
    ["(@ann.l", 7, { start: 1, query: "ann.l" }],
    ["@Zoë", 4, { start: 0, query: "Zoë" }],
    ["line\n@b", 7, { start: 5, query: "b" }],
    ["ana@ex", 6, null],
    ["/@ex", 4, null],
    ["@ana and", 8, null],
    ["@@", 2, null],
  ])("in %j at %i", (text, caret, expected) => {
    expect(unfinishedAt(text, caret)).toEqual(expected);
  });
});

describe("suggestions", () => {
  const people = [person(1, "zed", "Anna Zed"), person(2, "ann", "Ann"), person(3, "ben", "Ben Hannan"), person(4, "here.we", "Cy")];
  const shown = (one: Suggestion) => (one.kind === "person" ? one.person.username : `@${one.kind === "group" ? one.group.name : one.name}`);
  const names = (query: string, room: Room = ROOM, groups: Group[] = []) => suggestions(query, people, room, groups).map(shown);

  test("have groups after people", () => {
    const group = (id: number, name: string): Group => ({ id, name, description: "", mentioned_by: "everybody", member_count: 3 });
    expect(names("an", ROOM, [group(1, "Anchors"), group(2, "others")])).toEqual(["ann", "zed", "ben", "@Anchors"]);
  });

  test("are the likeliest first", () => {
    expect(names("an")).toEqual(["ann", "zed", "ben"]);
    expect(names("HERE")).toEqual(["here.we", "@here"]);
    expect(names("")).toEqual(["ann", "zed", "ben", "here.we", "@room", "@here"]);
    expect(names("nobody")).toEqual([]);
  });

  test("offer everybody where one may, and where it means something", () => {
    expect(names("roo")).toEqual(["@room"]);
    expect(names("roo", { ...ROOM, mention_all: "owners" })).toEqual([]);
    expect(names("roo", { ...ROOM, mention_all: "owners", role: "owner" })).toEqual(["@room"]);
    expect(names("roo", { ...ROOM, kind: "direct" })).toEqual([]);
  });

  test("are few", () => {
    const many = Array.from({ length: 50 }, (_, id) => person(id, `ann${id}`));
    expect(suggestions("ann", many, ROOM)).toHaveLength(8);
  });
});

test("a chosen name takes the place of what was begun, with a space after it where there is no other end", () => {
  const ann = { kind: "person", person: person(2, "ann.lee") } as const;
  expect(completed("hi @an, you", 6, { start: 3, query: "an" }, ann)).toEqual({ text: "hi @ann.lee, you", caret: 11 });
  expect(completed("hi @an you", 6, { start: 3, query: "an" }, ann)).toEqual({ text: "hi @ann.lee you", caret: 12 });
  expect(completed("@", 1, { start: 0, query: "" }, { kind: "all", name: "room", meaning: "" })).toEqual({ text: "@room ", caret: 6 });
});
