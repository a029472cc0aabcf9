/** Finds the addresses in a text. Only http and https become links; everything else stays text. */

export type Piece = { kind: "text"; text: string } | { kind: "link"; text: string; href: string };

const ADDRESS = /\bhttps?:\/\/[^\s<>"'`]+/gi;
const CLOSING = /[.,;:!?…)\]}]$/;
const OPENERS: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = withoutClosing(match[0]);
    if (!URL.canParse(address)) continue;
    if (match.index > end) found.push({ kind: "text", text: text.slice(end, match.index) });
    found.push({ kind: "link", text: address, href: new URL(address).href });
    end = match.index + address.length;
  }
  if (end < text.length) found.push({ kind: "text", text: text.slice(end) });
  return found;
}

/** A link that an administrator wrote into a notification: the site's own, or http(s). Null for anything else. */
export function safeHref(link: string): string | null {
  if (link === "") return null;
  if (!URL.canParse(link, location.origin)) return null;
  const url = new URL(link, location.origin);
  return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
}

/** The end of a sentence is not part of the address, unless it closes what the address opened. */
function withoutClosing(address: string): string {
  let kept = address;
  for (let last = kept.at(-1); last !== undefined && CLOSING.test(kept); last = kept.at(-1)) {
    const opener = OPENERS[last];
    if (opener !== undefined && kept.includes(opener) && count(kept, opener) >= count(kept, last)) break;
    kept = kept.slice(0, -1);
  }
  return kept;
}

function count(text: string, letter: string): number {
  return text.split(letter).length - 1;
}
