import { expect, test } from "vitest";
import { initials, otherPerson, roomName, typingSentence } from "../src/text/names.ts";
import { dayName } from "../src/text/times.ts";

const person = (id: number, username: string, displayName = "") => ({ id, username, display_name: displayName });

test.each([
  [person(1, "ana", "Ana Maria Lopez"), "AL"],
  [person(1, "ben"), "B"],
  [person(1, "x", "🦊 Fox"), "🦊F"],
])("initials of %j are %s", (one, expected) => {
  expect(initials(one)).toBe(expected);
});

test("a direct conversation is called by the others in it", () => {
  const room = {
    id: 1,
    kind: "direct" as const,
    name: "",
    topic: "",
    role: "member" as const,
    last_number: 0,
    read_number: 0,
    mentioned: [],
    member_count: 2,
    mention_all: "small_rooms" as const,
    members: [person(1, "ana"), person(2, "ben", "Ben")],
    last_message: null,
  };
  expect(roomName(room, 1)).toBe("Ben");
  expect(roomName(room, 2)).toBe("ana");
  const more = { ...room, members: [...room.members, person(3, "cy", "Cy")] };
  expect(roomName(more, 1)).toBe("Ben, Cy");
  expect(otherPerson(more, 1)).toBeNull();
});

test("who is writing is said in one sentence", () => {
  expect(typingSentence([])).toBe("");
  expect(typingSentence(["Ana", "Ben"])).toBe("Ana and Ben are writing");
  expect(typingSentence(["A", "B", "C"])).toBe("Several people are writing");
});

test("days are called as people call them", () => {
  const now = new Date(2026, 10, 22, 0, 5);
  expect(dayName(new Date(2026, 10, 22, 0, 1), now)).toBe("Today");
  expect(dayName(new Date(2026, 10, 21, 23, 59), now)).toBe("Yesterday");
});
