/** Completing a name as one writes it: where in the text it stands, who it may be, and what the text is then. Pure. */
import type { Group } from "../live/groups.ts";
import type { Person, Room } from "../live/model.ts";
import { nameOf } from "./names.ts";
import { sentence } from "./t.ts";

/** "@…" before the caret: where its "@" is, and what was written after it. */
export interface Unfinished {
  start: number;
  query: string;
}

export type Suggestion =
  | { kind: "person"; person: Person }
  | { kind: "group"; group: Group }
  | { kind: "all"; name: "room" | "here"; meaning: string };

const UNFINISHED = /(?:^|[^\p{L}\p{N}_@/])@([\p{L}\p{N}_.-]{0,32})$/u;
const MAX_SUGGESTIONS = 8;
const EVERYBODY = { room: sentence("everybody in this room"), here: sentence("everybody who is online in this room") } as const;

export function unfinishedAt(text: string, caret: number): Unfinished | null {
  const query = UNFINISHED.exec(text.slice(0, caret))?.[1];
  return query === undefined ? null : { start: caret - query.length - 1, query };
}

/** Whose user name begins with the query first, then whose name has a word that does, then whose name has it. */
export function suggestions(query: string, people: readonly Person[], room: Room, groups: readonly Group[] = []): Suggestion[] {
  const sought = query.toLocaleLowerCase();
  const ranked = people
    .map((person) => ({ person, rank: rank(person, sought) }))
    .filter(({ rank }) => rank < NOT_FOUND)
    .sort((a, b) => a.rank - b.rank || nameOf(a.person).localeCompare(nameOf(b.person)));
  const found: Suggestion[] = ranked.slice(0, MAX_SUGGESTIONS).map(({ person }) => ({ kind: "person", person }));
  return [...found, ...groupsLike(sought, groups), ...everybody(sought, room)];
}

/** Whether the name stands there in full already. */
export function isWritten(suggestion: Suggestion, query: string | undefined): boolean {
  return query !== undefined && usedName(suggestion).toLocaleLowerCase() === query.toLocaleLowerCase();
}

/** The text with the name in place of what was begun, and where the caret is then. */
export function completed(text: string, caret: number, { start }: Unfinished, suggestion: Suggestion): { text: string; caret: number } {
  const rest = text.slice(caret).replace(/^ /, "");
  const written = `${text.slice(0, start)}@${usedName(suggestion)}${/^[,.;:!?)]/.test(rest) ? "" : " "}`;
  return { text: written + rest, caret: written.length };
}

const NOT_FOUND = 3;

function usedName(suggestion: Suggestion): string {
  switch (suggestion.kind) {
    case "person":
      return suggestion.person.username;
    case "group":
      return suggestion.group.name;
    case "all":
      return suggestion.name;
  }
}

function rank(person: Person, sought: string): number {
  if (person.username.toLocaleLowerCase().startsWith(sought)) return 0;
  const name = person.display_name.toLocaleLowerCase();
  if (name.split(/\s+/).some((word) => word.startsWith(sought))) return 1;
  return name.includes(sought) ? 2 : NOT_FOUND;
}

function groupsLike(sought: string, groups: readonly Group[]): Suggestion[] {
  return groups.filter(({ name }) => name.toLocaleLowerCase().startsWith(sought)).map((group) => ({ kind: "group", group }));
}

function everybody(sought: string, room: Room): Suggestion[] {
  if (room.kind === "direct" || (room.mention_all === "owners" && room.role !== "owner")) return [];
  const names = (["room", "here"] as const).filter((name) => name.startsWith(sought));
  return names.map((name) => ({ kind: "all", name, meaning: EVERYBODY[name] }));
}
