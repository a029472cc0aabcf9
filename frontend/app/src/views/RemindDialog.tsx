/** When to be reminded of something: a few times that suit most, or one's own; all in the time zone that the person chose. */
import { useState } from "react";
import { currentSession } from "../live/account.ts";
import { useLive } from "../live/store.ts";
import { t } from "../text/t.ts";
import { fromLocalInput, localInputValue, reminderTimes, snoozeMoment } from "../text/times.ts";
import { useRequest } from "../ui/hooks.ts";
import { ClockIcon } from "../ui/icons.tsx";
import { Button, Dialog, ErrorText, Field } from "../ui/parts.tsx";

/** `about` names it for the server, `title` for the person. */
export function RemindDialog({ about, title, onClose }: { about: string; title: string; onClose: () => void }) {
  const [now] = useState(() => new Date());
  const zone = useLive((live) => live.preferences?.zone);
  const [note, setNote] = useState("");
  const [own, setOwn] = useState("");
  const { busy, error, run } = useRequest();
  const remind = (at: Date) =>
    run(async () => {
      await currentSession().remind(about, at, note);
      onClose();
    });
  return (
    <Dialog title={t("Remind me")} onClose={onClose}>
      <blockquote className="mb-4 line-clamp-3 border-s-2 border-line ps-3 break-words text-muted" dir="auto">{title}</blockquote>
      <Field label={t("Note")} hint={t("Only you will see it.")}>
        <input className="field" value={note} maxLength={200} placeholder={t("What for?")} onChange={(event) => setNote(event.target.value)} data-autofocus />
      </Field>
      <ul className="my-4 flex flex-col gap-1">
        {reminderTimes(now, zone).map(({ name, at }) => (
          <li key={name}>
            <button
              type="button"
              disabled={busy}
              onClick={() => remind(at)}
              className="flex w-full items-center gap-2.5 rounded-lg border border-line bg-surface px-3 py-2 text-start hover:bg-hover disabled:opacity-50"
            >
              <ClockIcon className="text-muted" />
              <span className="flex-1">{name}</span>
              <span className="text-sm text-muted">{snoozeMoment(at, now, zone)}</span>
            </button>
          </li>
        ))}
      </ul>
      <form
        className="flex flex-wrap items-end gap-3 border-t border-line pt-4"
        onSubmit={(event) => {
          event.preventDefault();
          remind(fromLocalInput(own, zone));
        }}
      >
        <div className="min-w-0 flex-1 basis-56">
          <Field label={t("Another time")} {...(isElsewhere(zone) && { hint: t("In your time zone, {zone}.", { zone }) })}>
            <input className="field" type="datetime-local" required min={localInputValue(now, zone)} value={own} onChange={(event) => setOwn(event.target.value)} />
          </Field>
        </div>
        <Button type="submit" tone="outline" disabled={busy || own === ""}>
          {t("Remind me then")}
        </Button>
      </form>
      <div className="mt-3 empty:hidden">
        <ErrorText>{error}</ErrorText>
      </div>
    </Dialog>
  );
}

/** Whether the clock of this device may show something else. */
function isElsewhere(zone: string | undefined): zone is string {
  return zone !== undefined && zone !== Intl.DateTimeFormat().resolvedOptions().timeZone;
}
