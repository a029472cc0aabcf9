/** What the person sends later: another text or time, or not at all. */
import { type FormEvent, useEffect, useState } from "react";
import { currentSession } from "../live/account.ts";
import { sayFiles } from "../live/files.ts";
import { cancelScheduled, loadScheduled, reschedule } from "../live/marking.ts";
import { backToRoom } from "../live/place.ts";
import type { Scheduled } from "../live/scheduled.ts";
import { useLive } from "../live/store.ts";
import { roomName } from "../text/names.ts";
import { t } from "../text/t.ts";
import { fullMoment, localInputValue } from "../text/times.ts";
import { useRequest } from "../ui/hooks.ts";
import { AlertIcon, ClockIcon } from "../ui/icons.tsx";
import { Button, Dialog, EmptyState, ErrorText, Field } from "../ui/parts.tsx";

export function ScheduledDialog() {
  const scheduled = useLive((live) => live.scheduled);
  const { error, run } = useRequest();
  useEffect(() => run(loadScheduled), [run]);
  return (
    <Dialog title={t("Scheduled messages")} onClose={backToRoom}>
      {scheduled === null && error === null && <p className="py-6 text-center text-sm text-muted">{t("Loading…")}</p>}
      {scheduled?.length === 0 && (
        <EmptyState icon={<ClockIcon width={32} height={32} />} title={t("Nothing scheduled")}>
          <p>{t("Write a message and choose “Send later”: it waits here until its time.")}</p>
        </EmptyState>
      )}
      <ul className="divide-y divide-line">{scheduled?.map((one) => <ScheduledRow key={one.id} scheduled={one} />)}</ul>
      <ErrorText>{error}</ErrorText>
    </Dialog>
  );
}

function ScheduledRow({ scheduled }: { scheduled: Scheduled }) {
  const [editing, setEditing] = useState(false);
  const { busy, error, run } = useRequest();
  const where = useLive((live) => {
    const room = live.rooms[scheduled.room]?.room;
    return room === undefined ? t("A room that you have left") : roomName(room, live.me.id);
  });
  return (
    <li className="py-3">
      <p className="flex flex-wrap items-baseline gap-x-2">
        <span className="font-semibold">{where}</span>
        <time dateTime={scheduled.send_at} className="text-xs text-muted">
          {fullMoment(new Date(scheduled.send_at))}
        </time>
        {scheduled.thread != null && <span className="text-xs text-muted">{t("In a thread")}</span>}
        {scheduled.quote != null && <span className="text-xs text-muted">{t("With a quote")}</span>}
      </p>
      {scheduled.failure !== "" && (
        <p className="flex items-start gap-1.5 text-sm text-danger">
          <AlertIcon width={16} height={16} className="mt-0.5 shrink-0" /> {t("Not sent. {reason}", { reason: scheduled.failure })}
        </p>
      )}
      {editing ? (
        <ScheduledForm scheduled={scheduled} onDone={() => setEditing(false)} />
      ) : (
        <>
          <p className="line-clamp-6 break-words whitespace-pre-wrap">{scheduled.text}</p>
          {scheduled.files?.length ? <p className="text-sm break-words text-muted">{sayFiles(scheduled.files)}</p> : null}
          <p className="flex gap-4 pt-1 text-sm font-medium text-accent">
            <button type="button" className="underline-offset-4 hover:underline" onClick={() => setEditing(true)}>
              {t("Edit")}
            </button>
            <button type="button" disabled={busy} className="underline-offset-4 hover:underline" onClick={() => run(() => cancelScheduled(currentSession(), scheduled))}>
              {t("Cancel sending")}
            </button>
          </p>
        </>
      )}
      <ErrorText>{error}</ErrorText>
    </li>
  );
}

function ScheduledForm({ scheduled, onDone }: { scheduled: Scheduled; onDone: () => void }) {
  const { busy, error, run } = useRequest();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    run(async () => {
      await reschedule(currentSession(), scheduled, String(form.get("text")), new Date(String(form.get("at"))), form.has("quote"));
      onDone();
    });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3 py-2">
      <Field label={t("Message")}>
        <textarea className="field composer-text max-h-64 resize-none" name="text" required={!scheduled.files?.length} maxLength={4000} defaultValue={scheduled.text} />
      </Field>
      <Field label={t("Send at")}>
        <input className="field" type="datetime-local" name="at" required min={localInputValue(new Date())} defaultValue={localInputValue(new Date(scheduled.send_at))} />
      </Field>
      {scheduled.quote != null && (
        <label className="flex items-center gap-2">
          <input type="checkbox" name="quote" className="size-4 accent-accent" defaultChecked /> {t("With a quote")}
        </label>
      )}
      <ErrorText>{error}</ErrorText>
      <p className="flex gap-2">
        <Button type="submit" className="px-3 py-1" disabled={busy}>
          {t("Save")}
        </Button>
        <Button tone="quiet" className="px-3 py-1" onClick={onDone}>
          {t("Back")}
        </Button>
      </p>
    </form>
  );
}
