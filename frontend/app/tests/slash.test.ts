import { expect, test } from "vitest";
import { isSlash, matching } from "../src/live/slash.ts";

test.each([
  ["/help", true],
  ["/me waves", true],
  ["//not a command", true],
  ["/etc/hosts is a file", false],
  ["/", false],
  ["/ no", false],
  ["1/2", false],
  ["/7 days", false],
])("%s is a command: %s", (text, expected) => {
  expect(isSlash(text)).toBe(expected);
});

test("commands are offered until their name is written", () => {
  const commands = ["help", "me", "topic"].map((name) => ({ name, usage: "", description: "" }));
  const offered = (text: string) => matching(commands, text).map(({ name }) => name);
  expect([offered("/"), offered("/T"), offered("/topic"), offered("/topic "), offered("a /t")]).toEqual([["help", "me", "topic"], ["topic"], ["topic"], [], []]);
});
