/** Several people in a few words. */
import type { Person } from "../live/model.ts";
import { nameOf } from "./names.ts";
import { t } from "./t.ts";

export function firstName(person: Person): string {
  return nameOf(person).split(/\s+/)[0] ?? "";
}

/** "You, Ada and 2 others": `count` are meant in all, some of them by their names. */
export function whoSentence({ me, others, count }: { me: boolean; others: readonly Person[]; count: number }): string {
  const names = [...(me ? [t("You")] : []), ...others.map(firstName)];
  const more = count - names.length;
  if (names.length === 0) return more === 1 ? t("1 person") : t("{count} people", { count: more });
  if (more > 0) return more === 1 ? t("{names} and 1 other", { names: names.join(", ") }) : t("{names} and {more} others", { names: names.join(", "), more });
  if (names.length === 1) return names[0] ?? "";
  return t("{names} and {last}", { names: names.slice(0, -1).join(", "), last: names.at(-1) ?? "" });
}
