/** When to send a message: a few times that suit most, or one's own; all in the time zone of this browser. */
import { useState } from "react";
import { currentSession } from "../live/account.ts";
import { sayFiles, trayOf, useDraftFiles } from "../live/files.ts";
import { type Later, schedule } from "../live/marking.ts";
import { t } from "../text/t.ts";
import { snoozeTimes } from "../text/times.ts";
import { useRequest } from "../ui/hooks.ts";
import { Dialog, ErrorText } from "../ui/parts.tsx";
import { MomentPicker } from "./MomentPicker.tsx";

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function SendLaterDialog({ later, onSent, onClose }: { later: Later; onSent: () => void; onClose: () => void }) {
  const [now] = useState(() => new Date());
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
      <MomentPicker now={now} times={snoozeTimes(now)} hint={t("Time zone: {zone}", { zone })} then={t("Send then")} busy={busy} onPick={send} />
      <div className="mt-3 empty:hidden">
        <ErrorText>{error}</ErrorText>
        {onTheirWay && <p className="text-sm text-muted">{t("The files are still on their way: wait a moment.")}</p>}
      </div>
    </Dialog>
  );
}
