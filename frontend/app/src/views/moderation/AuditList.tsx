/** The audit log, newest first, page by page, and narrowed down to a person. */
import { useCallback, useEffect, useState } from "react";
import { type Act, actsOf } from "../../live/moderation.ts";
import { t } from "../../text/t.ts";
import { fullMoment } from "../../text/times.ts";
import { useRequest } from "../../ui/hooks.ts";
import { Button, ErrorText } from "../../ui/parts.tsx";

/** `room` null: of the whole installation. */
export function AuditList({ room, person, onPerson }: { room: number | null; person: string; onPerson: (person: string) => void }) {
  const [acts, setActs] = useState<Act[] | null>(null);
  const [next, setNext] = useState<number | null>(null);
  const { busy, error, run } = useRequest();
  const load = useCallback(
    (before: number | null) =>
      run(async () => {
        const page = await actsOf(room, person, before);
        setActs((known) => (before === null ? page.items : [...(known ?? []), ...page.items]));
        setNext(page.next);
      }),
    [room, person, run],
  );
  useEffect(() => {
    const timer = setTimeout(() => load(null), 200);
    return () => clearTimeout(timer);
  }, [load]);
  return (
    <div className="flex flex-col gap-3">
      <input className="field" type="search" aria-label={t("Find a person")} placeholder={t("Find a person")} value={person} onChange={(event) => onPerson(event.target.value)} />
      <ErrorText>{error}</ErrorText>
      {acts?.length === 0 && <p className="py-6 text-center text-muted">{t("Nothing was done.")}</p>}
      <ol aria-label={t("What was done")} className="flex flex-col divide-y divide-line">
        {acts?.map((act) => (
          <li key={act.id} className="py-2.5">
            <p className="break-words">
              <strong className="font-semibold">{act.actor || t("Carillon")}</strong> {act.act} <strong className="font-semibold">{act.person || act.room_name}</strong>
              {room === null && act.person !== "" && act.room_name !== "" && <span className="text-muted"> · {act.room_name}</span>}
            </p>
            {act.reason !== "" && <p className="text-sm break-words text-muted">“{act.reason}”</p>}
            <time dateTime={act.at} className="text-xs text-muted">
              {fullMoment(new Date(act.at))}
            </time>
          </li>
        ))}
      </ol>
      {next !== null && (
        <Button tone="outline" disabled={busy} onClick={() => load(next)}>
          {t("Older")}
        </Button>
      )}
    </div>
  );
}
