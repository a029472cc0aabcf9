import { describe, expect, test } from "vitest";
import { begunAt, completedAt, excerpt, isUnfinished, operatorsLike, quoted } from "../src/text/searching.ts";

describe("what is begun at the caret", () => {
  test.each([
    ["tea", { start: 0, operator: null, value: "tea" }],
    ["tea fr", { start: 4, operator: null, value: "fr" }],
    ["tea -from:ad", { start: 5, operator: "from", value: "ad" }],
    ['in:"On ca', { start: 0, operator: "in", value: "On ca" }],
    ["IN:", { start: 0, operator: "in", value: "" }],
    ["tea ", { start: 4, operator: null, value: "" }],
    ["", { start: 0, operator: null, value: "" }],
  ])("%s", (text, expected) => {
    expect(begunAt(text, text.length)).toEqual(expected);
  });

  test("is completed in its place, the rest staying where it is", () => {
    const text = "tea from:ad cake";
    expect(completedAt(text, 11, begunAt(text, 11), "from:ada")).toEqual({ text: "tea from:ada cake", caret: 13 });
    expect(completedAt("fr", 2, begunAt("fr", 2), "from:")).toEqual({ text: "from:", caret: 5 });
  });

  test("operators are offered by how they begin", () => {
    expect(operatorsLike("B", { before: "a day" })).toEqual([{ text: "before:", meaning: "a day" }]);
    expect(operatorsLike("", {})).toEqual([]);
    expect(operatorsLike("x", {})).toEqual([]);
  });

  test("an open quotation mark, or an operator without a value, is not finished", () => {
    const unfinished = ['tea "gre', "from:", "tea -in:", 'in:"On ca'];
    expect(unfinished.map(isUnfinished)).toEqual([true, true, true, true]);
    expect(["tea", 'in:"On call"', "12:30", "from:ada ", ""].map(isUnfinished)).toEqual([false, false, false, false, false]);
  });

  test("names with blanks are quoted", () => {
    expect([quoted("Tea"), quoted("On call"), quoted('a "b" c')]).toEqual(["Tea", '"On call"', '"a b c"']);
  });
});

describe("an excerpt", () => {
  const shown = (text: string, ...places: [number, number][]) =>
    excerpt(text, places.map(([start, length]) => ({ start, length })))
      .map(({ text: piece, marked }) => (marked ? `[${piece}]` : piece))
      .join("");

  test("marks what was found", () => {
    expect(shown("green tea and tea", [6, 3], [14, 3])).toBe("green [tea] and [tea]");
    expect(shown("nothing marked")).toBe("nothing marked");
  });

  test("begins near the first place, at a word, and ends in time", () => {
    const text = `${"word ".repeat(60)}needle ${"more ".repeat(100)}`;
    const excerpted = shown(text, [300, 6]);
    expect(excerpted).toMatch(/^…word /);
    expect(excerpted).toContain("[needle]");
    expect(excerpted.endsWith("…")).toBe(true);
    expect(excerpted.length).toBeLessThan(300);
  });

  test("cuts no character in two", () => {
    const text = `${"👍".repeat(100)}tea`;
    const [first, ...rest] = excerpt(text, [{ start: 200, length: 3 }]);
    expect(first?.text).toBe("…");
    expect(rest.map(({ text: piece }) => piece).join("")).toMatch(/^(👍)+tea$/u);
  });
});
