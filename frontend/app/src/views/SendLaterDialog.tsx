/** When to send a message: a few times that suit most, or one's own; all in the time zone of this browser. */
import { useState } from "react";
import { currentSession } from "../live/account.ts";
import { sayFiles, trayOf, useDraftFiles } from "../live/files.ts";
import { type Later, schedule } from "../live/marking.ts";
import { t } from "../text/t.ts";
import { localInputValue, snoozeMoment, snoozeTimes } from "../text/times.ts";
import { useRequest } from "../ui/hooks.ts";
import { ClockIcon } from "../ui/icons.tsx";
import { Button, Dialog, ErrorText, Field } from "../ui/parts.tsx";

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function SendLaterDialog({ later, onSent, onClose }: { later: Later; onSent: () => void; onClose: () => void }) {
  const [now] = useState(() => new Date());
  const [own, setOwn] = useState("");
  const files = useDraftFiles(trayOf(later.room, later.thread ?? null));
  const onTheirWay = files.some(({ file }) => file === null);
  const { busy: asking, error, run } = useRequest();
  const busy = asking || onTheirWay;
  const send = (at: Date) =>
    run(async () => {
      await schedule(currentSession(), later, at);
      onSent();
      onClose();
    });
  return (
    <Dialog title={t("Send later")} onClose={onClose}>
      <blockquote className="mb-4 line-clamp-3 border-s-2 border-line ps-3 break-words text-muted">{later.text || sayFiles(files.flatMap(({ file }) => file ?? []))}</blockquote>
      <ul className="my-4 flex flex-col gap-1">
        {snoozeTimes(now).map(({ name, at }) => (
          <li key={name}>
            <button
              type="button"
              disabled={busy}
              onClick={() => send(at)}
              className="flex w-full items-center gap-2.5 rounded-lg border border-line bg-surface px-3 py-2 text-start hover:bg-hover disabled:opacity-50"
            >
              <ClockIcon className="text-muted" />
              <span className="flex-1">{name}</span>
              <span className="text-sm text-muted">{snoozeMoment(at, now)}</span>
            </button>
          </li>
        ))}
      </ul>
      <form
        className="flex flex-wrap items-end gap-3 border-t border-line pt-4"
        onSubmit={(event) => {
          event.preventDefault();
          send(new Date(own));
        }}
      >
        <div className="min-w-0 flex-1 basis-56">
          <Field label={t("Another time")} hint={t("Time zone: {zone}", { zone })}>
            <input className="field" type="datetime-local" required min={localInputValue(now)} value={own} onChange={(event) => setOwn(event.target.value)} />
          </Field>
        </div>
        <Button type="submit" tone="outline" disabled={busy || own === ""}>
          {t("Send then")}
        </Button>
      </form>
      <div className="mt-3 empty:hidden">
        <ErrorText>{error}</ErrorText>
        {onTheirWay && <p className="text-sm text-muted">{t("The files are still on their way: wait a moment.")}</p>}
      </div>
    </Dialog>
  );
}
