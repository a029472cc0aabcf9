/** People in a dialog, one below the other. */
import type { Person } from "../live/model.ts";
import { nameOf } from "../text/names.ts";
import { t } from "../text/t.ts";
import { Avatar } from "../ui/parts.tsx";

/** `count` are meant in all; those beyond the list are told by their number. */
export function PeopleList({ people, count = people.length }: { people: readonly Person[]; count?: number }) {
  const more = count - people.length;
  return (
    <ul className="flex flex-col gap-1.5 py-1">
      {people.map((person) => (
        <li key={person.id} className="flex items-center gap-2.5">
          <Avatar person={person} size="small" />
          <span className="min-w-0 truncate">{nameOf(person)}</span>
          <span className="truncate text-sm text-muted">@{person.username}</span>
        </li>
      ))}
      {more > 0 && <li className="text-sm text-muted">{t("and {more} others", { more })}</li>}
    </ul>
  );
}
