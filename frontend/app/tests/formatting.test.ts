import { describe, expect, test } from "vitest";
import { codeIn, type Edit, endsInFence, fenced, type Mark, toggled } from "../src/text/formatting.ts";

/** The text with what is selected between ‹ and ›, after the edit. */
function after(marked: string, mark: Mark): string {
  const start = marked.indexOf("‹");
  const end = marked.indexOf("›") - 1;
  const text = marked.replace(/[‹›]/g, "");
  const edit: Edit = toggled(text, start, end, mark);
  const changed = text.slice(0, edit.from) + edit.text + text.slice(edit.to);
  const [from, to] = edit.select;
  return `${changed.slice(0, from)}‹${changed.slice(from, to)}›${changed.slice(to)}`;
}

describe("a mark", () => {
  test.each<[string, Mark, string]>([
    ["a ‹b› c", "**", "a **‹b›** c"],
    ["a **‹b›** c", "**", "a ‹b› c"],
    ["a ‹**b**› c", "**", "a ‹b› c"],
    ["a‹ b ›c", "_", "a _‹b›_ c"],
    ["‹›", "**", "**‹›**"],
    ["a ‹b›", "`", "a `‹b›`"],
    ["‹a\nb›", "`", "‹```\na\nb\n```›"],
    ["**‹b›**", "_", "**_‹b›_**"],
  ])("in %j, %s, makes %j", (before, mark, expected) => {
    expect(after(before, mark)).toBe(expected);
  });
});

test("a fence is longer than those in the code", () => {
  expect(fenced("a\n```\nb\n", "md")).toBe("````md\na\n```\nb\n````");
});

test.each([
  ["", false],
  ["text\n```", true],
  ["```js\nx", true],
  ["```\nx\n```\n", false],
  ["````\n```\n", true],
  ["~~~\n```\n~~~\n", false],
])("after %j one is in a fence: %s", (before, expected) => {
  expect(endsInFence(before)).toBe(expected);
});

const clipboard = (data: Record<string, string>) => ({ getData: (kind: string) => data[kind] ?? "" });

describe("what is pasted is code", () => {
  test("if an editor says so", () => {
    const data = clipboard({ "text/plain": "  a\r\n    b", "vscode-editor-data": '{"version":1,"mode":"python"}' });
    expect(codeIn(data)).toEqual({ code: "  a\n    b", language: "python" });
  });
  test("or a page or editor that gives it preformatted", () => {
    const html = '<html><head><meta charset="UTF-8"></head><body><!--StartFragment--><pre style="x">a</pre></body></html>';
    expect(codeIn(clipboard({ "text/plain": "a\nb", "text/html": html }))).toEqual({ code: "a\nb", language: "" });
  });
  test("but not one line, and not words of a page", () => {
    expect(codeIn(clipboard({ "text/plain": "a", "vscode-editor-data": '{"mode":"python"}' }))).toBeNull();
    expect(codeIn(clipboard({ "text/plain": "a\nb", "text/html": "<p>a</p><pre>b</pre>" }))).toBeNull();
    expect(codeIn(clipboard({ "text/plain": "a\nb" }))).toBeNull();
  });
  test("a language is a word, whatever the clipboard says", () => {
    expect(codeIn(clipboard({ "text/plain": "a\nb", "vscode-editor-data": '{"mode":"x\\n```<b>"}' }))).toEqual({ code: "a\nb", language: "" });
  });
});
