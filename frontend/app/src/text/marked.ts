/** A message's text in the pieces that are shown each in their way: names that reached somebody, addresses, the rest. */
import type { Mention } from "../live/model.ts";
import { type Piece as PlainPiece, pieces } from "./links.ts";

export type Piece = PlainPiece | { kind: "mention"; text: string; mention: Mention };

/** The server says where the mentions are, in the units in which JavaScript counts. */
export function marked(text: string, mentions: readonly Mention[]): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const mention of mentions) {
    const after = mention.start + mention.length;
    if (mention.refused !== "" || mention.start < end || after > text.length) continue;
    found.push(...pieces(text.slice(end, mention.start)), { kind: "mention", text: text.slice(mention.start, after), mention });
    end = after;
  }
  return [...found, ...pieces(text.slice(end))];
}
