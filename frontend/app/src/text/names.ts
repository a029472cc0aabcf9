/** What people and rooms are called on the page. */
import type { Person, Room } from "../live/model.ts";

export function nameOf(person: Person): string {
  return person.display_name || person.username;
}

export function initials(person: Person): string {
  const words = nameOf(person).split(/[\s._-]+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  return letters.map((word) => [...(word ?? "")][0] ?? "").join("").toLocaleUpperCase();
}

/** The other person of a direct conversation; oneself in a conversation with oneself. */
export function otherPerson(room: Room, me: number): Person | null {
  if (room.kind !== "direct") return null;
  return room.members.find(({ id }) => id !== me) ?? room.members[0] ?? null;
}

export function roomName(room: Room, me: number): string {
  const other = otherPerson(room, me);
  return other === null ? room.name : nameOf(other);
}

/** "Ana is writing", "Ana and Ben are writing", "Several people are writing". */
export function typingSentence(names: readonly string[]): string {
  switch (names.length) {
    case 0:
      return "";
    case 1:
      return `${names[0]} is writing`;
    case 2:
      return `${names[0]} and ${names[1]} are writing`;
    default:
      return "Several people are writing";
  }
}
