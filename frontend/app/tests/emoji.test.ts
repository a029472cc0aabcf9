import { describe, expect, test } from "vitest";
import { type EmojiData, emojiFrom, emojiMatching, unfinishedEmojiAt, withEmoji } from "../src/text/emoji.ts";

const one = (emoji: string, order: number, shortcodes: string[], tags: string[] = [], more: Partial<EmojiData> = {}): EmojiData => ({
  emoji,
  annotation: shortcodes[0]?.replaceAll("_", " ") ?? "",
  shortcodes,
  tags,
  group: 0,
  order,
  ...more,
});

const ALL = emojiFrom(
  [
    one("🎉", 9, ["party_popper", "tada"], ["celebration"]),
    one("😄", 3, ["grinning_face", "smile"], ["happy"]),
    one("😸", 5, ["smile_cat"]),
    one("🏻", 1, ["tone1"], [], { group: 2 }),
    one("👋", 7, ["wave"], [], { skins: [{ emoji: "👋🏻", tone: 1 }, { emoji: "x", tone: [1, 2] }] }),
  ],
  [{ name: "smiley-parrot", url: "/api/emoji/x.webp" }],
);

test("the installation's own come first, then the characters in their order, without parts of others", () => {
  expect(ALL.map(({ emoji }) => emoji)).toEqual([":smiley-parrot:", "😄", "😸", "👋", "🎉"]);
  expect(ALL[3]?.tones).toEqual({ 1: "👋🏻" });
});

test.each([
  ["smile", ["😄", ":smiley-parrot:", "😸"]],
  ["smil", [":smiley-parrot:", "😄", "😸"]],
  ["popper", ["🎉"]],
  ["celeb", ["🎉"]],
  ["grinning f", ["😄"]],
  ["nothing", []],
  ["", []],
])("who looks for %j finds %j", (query, expected) => {
  expect(emojiMatching(ALL, query, 3).map(({ emoji }) => emoji)).toEqual(expected);
});

describe("what is being written", () => {
  test.each([
    ["hi :ta", { start: 3, query: "ta" }],
    [":+1", { start: 0, query: "+1" }],
    ["(:tada", { start: 1, query: "tada" }],
    [":t", null],
    [":)", null],
    ["12:30", null],
    ["http://x", null],
    ["a:tada", null],
    [":tada:", null],
  ])("in %j", (text, expected) => {
    expect(unfinishedEmojiAt(text, text.length)).toEqual(expected);
  });
  test("is replaced", () => {
    const [own] = ALL;
    if (own === undefined) throw new Error("There is none.");
    expect(withEmoji("a :smi b", 6, { start: 2, query: "smi" }, own)).toEqual({ text: "a :smiley-parrot: b", caret: 18 });
  });
});
