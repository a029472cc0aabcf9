/** What keys and the clipboard do to a field in which one writes. Each change can be undone as if it were typed. */
import type { ClipboardEvent, KeyboardEvent } from "react";
import { codeIn, type Edit, endsInFence, fenced, type Mark, toggled } from "../text/formatting.ts";

const MARKS: Readonly<Record<string, Mark>> = { b: "**", i: "_", e: "`" };

/** Ctrl+B, Ctrl+I and Ctrl+E, with ⌘ on a Mac; whether the key was one of them. */
export function formatsByKey(event: KeyboardEvent<HTMLTextAreaElement>): boolean {
  const mark = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey ? MARKS[event.key.toLowerCase()] : undefined;
  if (mark === undefined) return false;
  event.preventDefault();
  const area = event.currentTarget;
  apply(area, toggled(area.value, area.selectionStart, area.selectionEnd, mark));
  return true;
}

/** Code that comes from an editor comes as a block, with its lines and blanks as they were. */
export function pastesCode(event: ClipboardEvent<HTMLTextAreaElement>): void {
  const area = event.currentTarget;
  const found = codeIn(event.clipboardData);
  if (found === null || endsInFence(area.value.slice(0, area.selectionStart))) return;
  event.preventDefault();
  const before = area.value.slice(0, area.selectionStart);
  const text = `${before === "" || before.endsWith("\n") ? "" : "\n"}${fenced(found.code, found.language)}\n`;
  insert(area, text);
}

/** Puts a text where the caret is, in place of what is selected. */
export function insert(area: HTMLTextAreaElement, text: string): void {
  const { selectionStart: from, selectionEnd: to } = area;
  apply(area, { from, to, text, select: [from + text.length, from + text.length] });
}

function apply(area: HTMLTextAreaElement, { from, to, text, select }: Edit): void {
  area.focus();
  area.setSelectionRange(from, to);
  // The one way that the browser's own undo knows of.
  const worked = text === "" ? document.execCommand("delete") : document.execCommand("insertText", false, text);
  if (!worked) {
    area.setRangeText(text, from, to, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  area.setSelectionRange(...select);
}
