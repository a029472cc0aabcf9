/** What people and rooms are called on the page. */
import type { Person, Room } from "../live/model.ts";
import { t } from "./t.ts";

export function nameOf(person: Person): string {
  return person.display_name || person.username;
}

export function initials(person: Person): string {
  const words = nameOf(person).split(/[\s._-]+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  return letters.map((word) => [...(word ?? "")][0] ?? "").join("").toLocaleUpperCase();
}

/** Everybody else in a direct conversation. */
export function otherPeople(room: Room, me: number): Person[] {
  return room.kind === "direct" ? room.members.filter(({ id }) => id !== me) : [];
}

/** The other person of a conversation of two; null where there are several, or it is a room. */
export function otherPerson(room: Room, me: number): Person | null {
  const [first, ...more] = otherPeople(room, me);
  return first === undefined || more.length > 0 ? null : first;
}

/** A room's own name; a direct conversation is called by the others in it. */
export function roomName(room: Room, me: number): string {
  return room.kind === "direct" ? otherPeople(room, me).map(nameOf).join(", ") : room.name;
}

/** "Ana is writing", "Ana and Ben are writing", "Several people are writing". */
export function typingSentence(names: readonly string[]): string {
  switch (names.length) {
    case 0:
      return "";
    case 1:
      return t("{name} is writing", { name: names[0] ?? "" });
    case 2:
      return t("{first} and {second} are writing", { first: names[0] ?? "", second: names[1] ?? "" });
    default:
      return t("Several people are writing");
  }
}

/** A name of the server as a heading: "direct_messages" is "Direct messages". */
export function headingOf(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toLocaleUpperCase() + words.slice(1);
}
