/** Finds what the page says in its sources: the keys of `t`, `sentence` and `plural`. */

export interface Said {
  key: string;
  /** With a word for one, and others for more. */
  counted: boolean;
}

const CALL = /(?<![\w.$])(t|sentence|plural)\(/g;

export function saidIn(source: string): Said[] {
  const found: Said[] = [];
  for (const call of source.matchAll(CALL)) {
    const args = argumentsFrom(source, call.index + call[0].length);
    const counted = call[1] === "plural";
    const keys = literals((counted ? args[2] : args[0]) ?? "");
    for (const key of keys) found.push({ key, counted });
  }
  return found;
}

/** The texts between the commas of a call, whatever brackets and strings are in them. */
function argumentsFrom(source: string, start: number): string[] {
  const args = [""];
  let depth = 0;
  let quote = "";
  for (let at = start; at < source.length; at += 1) {
    const letter = source.charAt(at);
    if (quote !== "") {
      if (letter === "\\") args[args.length - 1] += letter + source.charAt(++at);
      else args[args.length - 1] += letter;
      if (letter === quote) quote = "";
      continue;
    }
    if (letter === ")" && depth === 0) return args;
    if (letter === "," && depth === 0) {
      args.push("");
      continue;
    }
    if ("([{".includes(letter)) depth += 1;
    if (")]}".includes(letter)) depth -= 1;
    if (letter === '"' || letter === "'" || letter === "`") quote = letter;
    args[args.length - 1] += letter;
  }
  return args;
}

/** Both sentences of `isNew ? "…" : "…"` are said. */
function literals(argument: string): string[] {
  return [...argument.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => JSON.parse(`"${match[1]}"`) as string);
}
