import { describe, expect, test } from "vitest";
import { pieces } from "../src/text/links.ts";

const links = (text: string) => pieces(text).flatMap((piece) => (piece.kind === "link" ? [piece.href] : []));

describe("links in a text", () => {
  test.each([
    ["see https://example.org/a.", ["https://example.org/a"]],
    ["(https://example.org/a(b))", ["https://example.org/a(b)"]],
    ["http://a.example, https://b.example!", ["http://a.example/", "https://b.example/"]],
    ["javascript:alert(1) data:text/html,x ftp://x", []],
    ["https://", []],
    ['<a href="https://example.org/">', ["https://example.org/"]],
  ])("of %j are %j", (text, expected) => {
    expect(links(text)).toEqual(expected);
  });

  test("lose nothing of the text around them", () => {
    const text = "a https://example.org/x, b\nhttps://example.org/y";
    expect(pieces(text).map((piece) => piece.text).join("")).toBe(text);
  });
});
