/** Whom one blocks, and no longer blocking them. */
import { useCallback, useEffect, useState } from "react";
import { currentSession } from "../../live/account.ts";
import { block, blockedPeople } from "../../live/moderation.ts";
import type { Person } from "../../live/model.ts";
import { nameOf } from "../../text/names.ts";
import { t } from "../../text/t.ts";
import { useRequest } from "../../ui/hooks.ts";
import { Avatar, Button, Dialog, ErrorText } from "../../ui/parts.tsx";

export function BlockedDialog({ onClose }: { onClose: () => void }) {
  const [people, setPeople] = useState<Person[] | null>(null);
  const { busy, error, run } = useRequest();
  const load = useCallback(() => run(async () => setPeople(await blockedPeople())), [run]);
  useEffect(load, [load]);
  const unblock = (person: Person) =>
    run(async () => {
      await block(currentSession(), person.id, false);
      setPeople(await blockedPeople());
    });
  return (
    <Dialog title={t("People you block")} onClose={onClose}>
      <p className="mb-2 text-sm text-muted">{t("They cannot write to you, you are not notified of them, and what they say in rooms is covered. They are not told.")}</p>
      <ErrorText>{error}</ErrorText>
      {people?.length === 0 && <p className="py-6 text-center text-muted">{t("You block nobody.")}</p>}
      <ul className="flex flex-col divide-y divide-line">
        {people?.map((person) => (
          <li key={person.id} className="flex items-center gap-3 py-3">
            <Avatar person={person} />
            <span className="min-w-0 flex-1 truncate font-medium">{nameOf(person)}</span>
            <Button tone="outline" disabled={busy} aria-label={t("Unblock {name}", { name: nameOf(person) })} onClick={() => unblock(person)}>
              {t("Unblock")}
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
