/** Who has read a message of one's own. */
import { useEffect, useState } from "react";
import type { Message } from "../live/model.ts";
import { type Readers, readersOf } from "../live/presence.ts";
import { nameOf } from "../text/names.ts";
import { t } from "../text/t.ts";
import { useRequest } from "../ui/hooks.ts";
import { Avatar, Dialog, ErrorText } from "../ui/parts.tsx";

export function ReadersDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const [readers, setReaders] = useState<Readers | null>(null);
  const { error, run } = useRequest();
  useEffect(() => run(async () => setReaders(await readersOf(message))), [run, message]);
  return (
    <Dialog title={t("Who has read this")} onClose={onClose}>
      <ErrorText>{error}</ErrorText>
      {readers === null && error === null && <p className="py-6 text-center text-muted">{t("Loading…")}</p>}
      {readers?.count === 0 && <p className="py-6 text-center text-muted">{t("Nobody who shows it.")}</p>}
      <ul className="flex flex-col gap-2">
        {readers?.people.map((person) => (
          <li key={person.id} className="flex items-center gap-3">
            <Avatar person={person} size="small" />
            <span className="min-w-0 truncate">{nameOf(person)}</span>
          </li>
        ))}
      </ul>
      {readers !== null && readers.count > readers.people.length && (
        <p className="pt-3 text-sm text-muted">{t("and {count} more", { count: readers.count - readers.people.length })}</p>
      )}
    </Dialog>
  );
}
