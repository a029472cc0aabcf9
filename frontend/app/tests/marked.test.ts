import { expect, test } from "vitest";
import type { Mention } from "../src/live/model.ts";
import { marked } from "../src/text/marked.ts";

const at = (start: number, length: number, more: Partial<Mention> = {}): Mention => ({ start, length, kind: "user", user: 1, refused: "", ...more });
const shown = (text: string, mentions: Mention[]) => marked(text, mentions).map((piece) => [piece.kind, piece.text]);

test("names and addresses stand out, and the rest is as it was", () => {
  const text = "🎉 @ana, see https://example.org, @ben";
  expect(shown(text, [at(3, 4), at(34, 4)])).toEqual([
    ["text", "🎉 "],
    ["mention", "@ana"],
    ["text", ", see "],
    ["link", "https://example.org"],
    ["text", ", "],
    ["mention", "@ben"],
  ]);
});

test("who was not reached is plain text, and so is what does not fit the text", () => {
  expect(shown("@ana @ben", [at(0, 4, { refused: "not_a_member" }), at(5, 40)])).toEqual([["text", "@ana @ben"]]);
  expect(shown("@ana", [at(0, 4), at(2, 2)])).toEqual([["mention", "@ana"]]);
});
