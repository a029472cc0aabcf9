/** When to be reminded of something: a few times that suit most, or one's own; all in the time zone that the person chose. */
import { useState } from "react";
import { currentSession } from "../live/account.ts";
import { useLive } from "../live/store.ts";
import { t } from "../text/t.ts";
import { reminderTimes } from "../text/times.ts";
import { useRequest } from "../ui/hooks.ts";
import { Dialog, ErrorText, Field } from "../ui/parts.tsx";
import { MomentPicker } from "./MomentPicker.tsx";

/** `about` names it for the server, `title` for the person. */
export function RemindDialog({ about, title, onClose }: { about: string; title: string; onClose: () => void }) {
  const [now] = useState(() => new Date());
  const zone = useLive((live) => live.preferences?.zone);
  const [note, setNote] = useState("");
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
      <MomentPicker
        now={now}
        times={reminderTimes(now, zone)}
        zone={zone}
        hint={isElsewhere(zone) ? t("In your time zone, {zone}.", { zone }) : undefined}
        then={t("Remind me then")}
        busy={busy}
        onPick={remind}
      />
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
