/** Marks in a text that is being written: bold, italic, code. Pure: says what to replace, and what is selected then. */

export type Mark = "**" | "_" | "`";

export interface Edit {
  from: number;
  to: number;
  text: string;
  select: readonly [number, number];
}

/** With the mark around what is selected; without it where it was there. Of several lines as code, a block. */
export function toggled(text: string, selectionStart: number, selectionEnd: number, mark: Mark): Edit {
  const [start, end] = withoutBlanks(text, selectionStart, selectionEnd);
  const chosen = text.slice(start, end);
  if (mark === "`" && chosen.includes("\n")) {
    const block = fenced(chosen, "");
    return { from: start, to: end, text: block, select: [start, start + block.length] };
  }
  const { length } = mark;
  if (text.slice(start - length, start) === mark && text.slice(end, end + length) === mark) {
    return { from: start - length, to: end + length, text: chosen, select: [start - length, end - length] };
  }
  if (chosen.length > 2 * length && chosen.startsWith(mark) && chosen.endsWith(mark)) {
    return { from: start, to: end, text: chosen.slice(length, -length), select: [start, end - 2 * length] };
  }
  return { from: start, to: end, text: `${mark}${chosen}${mark}`, select: [start + length, end + length] };
}

/** A block of code; its fence is longer than any in the code. */
export function fenced(code: string, language: string): string {
  const longest = Math.max(2, ...(code.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${code.replace(/\n$/, "")}\n${fence}`;
}

/** Whether what follows this text stands in a block of code. */
export function endsInFence(before: string): boolean {
  let open = "";
  for (const line of before.split("\n")) {
    const fence = /^[ \t]*(`{3,}|~{3,})(.*)$/.exec(line);
    const [, run = "", rest = ""] = fence ?? [];
    if (run === "") continue;
    if (open === "") open = run;
    else if (run.startsWith(open) && rest.trim() === "") open = "";
  }
  return open !== "";
}

/** What the clipboard has, if it is code of several lines as an editor or a page gives it. */
export function codeIn(data: Pick<DataTransfer, "getData">): { code: string; language: string } | null {
  const code = data.getData("text/plain").replaceAll("\r\n", "\n");
  if (!code.includes("\n")) return null;
  const editor = data.getData("vscode-editor-data");
  if (editor !== "") return { code, language: /"mode":\s*"([a-z0-9+#-]{1,20})"/.exec(editor)?.[1]?.replace(/^plaintext$/, "") ?? "" };
  return /^\s*(?:<html[^>]*>\s*(?:<head[\s\S]*?<\/head>\s*)?<body[^>]*>\s*)?(?:<!--StartFragment-->\s*)?(?:<meta[^>]*>\s*)?<pre[\s>]/i.test(data.getData("text/html"))
    ? { code, language: "" }
    : null;
}

function withoutBlanks(text: string, start: number, end: number): [number, number] {
  const chosen = text.slice(start, end);
  if (chosen.trim() === "") return [start, end];
  return [start + chosen.length - chosen.trimStart().length, end - (chosen.length - chosen.trimEnd().length)];
}
