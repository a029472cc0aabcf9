/** One open report: what was said around it, whose turn it is, and what can be done. */
import { type FormEvent, useCallback, useEffect, useState } from "react";
import { currentSession } from "../../live/account.ts";
import { type Action, claim, close, type InContext, type Report, release, reportInContext } from "../../live/moderation.ts";
import { useLive } from "../../live/store.ts";
import { nameOf } from "../../text/names.ts";
import { sentence, t } from "../../text/t.ts";
import { clockTime, fullMoment } from "../../text/times.ts";
import { useNow, useRequest } from "../../ui/hooks.ts";
import { Avatar, Button, ErrorText, Field } from "../../ui/parts.tsx";
import { WHY } from "./ReportDialog.tsx";
import { endAt } from "./Sanction.tsx";

export const OUTCOMES: Record<string, string> = {
  dismissed: sentence("Dismissed"),
  deleted: sentence("Message deleted"),
  warned: sentence("Warned"),
  muted: sentence("Muted"),
  banned: sentence("Banned from the room"),
  banned_everywhere: sentence("Banned from everything"),
};

const ACTIONS: Record<Action, string> = {
  dismiss: sentence("Dismiss: nothing is wrong"),
  delete: sentence("Delete the message"),
  warn: sentence("Warn the person"),
  mute: sentence("Mute them in the room"),
  ban: sentence("Ban them from the room"),
  ban_everywhere: sentence("Ban them from everything"),
};
const TIMES = { "60": sentence("1 hour"), "1440": sentence("1 day"), "10080": sentence("1 week"), forever: sentence("For good") } as const;
const TIMED: readonly Action[] = ["mute", "ban", "ban_everywhere"];

interface CardProps {
  report: Report;
  open: boolean;
  server: boolean;
  onToggle: () => void;
}

export function ReportCard({ report, open, server, onToggle }: CardProps) {
  const other = useOther(report);
  return (
    <li className="rounded-xl border border-line bg-surface">
      <button type="button" aria-expanded={open} onClick={onToggle} className="flex w-full items-center gap-3 rounded-xl p-3 text-start hover:bg-hover">
        <Avatar person={report.person} />
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium">
            {t(WHY[report.why])}: {nameOf(report.person)}
          </span>
          <span className="block truncate text-sm text-muted">
            {[report.room_name, t("reported by {name}", { name: nameOf(report.reporter) })].filter((one) => one !== "").join(" · ")}
          </span>
        </span>
        {other !== null && <span className="shrink-0 text-xs text-bronze">{t("{name} is on it", { name: other })}</span>}
      </button>
      {open && <Inside report={report} other={other} server={server} />}
    </li>
  );
}

/** The name of another moderator who has the report just now; null where nobody has. */
function useOther(report: Report): string | null {
  const me = useLive((live) => live.me.id);
  const now = useNow(5_000, report.claimed_until !== null);
  const { claimed_by: by, claimed_until: until } = report;
  return by === null || by.id === me || until === null || Date.parse(until) <= now ? null : nameOf(by);
}

function Inside({ report, other, server }: { report: Report; other: string | null; server: boolean }) {
  const me = useLive((live) => live.me.id);
  const [context, setContext] = useState<InContext | null>(null);
  const { busy, error, run } = useRequest();
  const load = useCallback(() => run(async () => setContext(await reportInContext(report.id))), [run, report.id]);
  useEffect(load, [load]);
  const mine = report.claimed_by?.id === me;
  return (
    <div className="flex flex-col gap-3 border-t border-line p-3">
      <ErrorText>{error}</ErrorText>
      {report.text !== "" && <blockquote className="border-s-2 border-line ps-3 break-words whitespace-pre-wrap text-muted">{report.text}</blockquote>}
      {report.number > 0 && <Around report={report} context={context} />}
      {other === null && (
        <Button tone="quiet" className="self-start px-3 py-1 text-sm" disabled={busy} onClick={() => run(async () => void (await (mine ? release : claim)(currentSession(), report.id)))}>
          {mine ? t("Leave it to others") : t("I take it")}
        </Button>
      )}
      {other === null && <Actions report={report} server={server} />}
    </div>
  );
}

function Around({ report, context }: { report: Report; context: InContext | null }) {
  const now = context?.messages.find(({ number }) => number === report.number);
  const changed = context !== null && (now === undefined || now.deleted || now.text !== report.excerpt);
  return (
    <div>
      <ol aria-label={t("What was said")} className="max-h-60 overflow-y-auto rounded-lg bg-paper p-2">
        {context?.messages.map((message) => (
          <li key={message.id} className={`rounded px-2 py-1 ${message.number === report.number ? "border-s-2 border-danger bg-danger-soft" : ""}`}>
            <span className="text-xs text-muted">
              {nameOf(message.author)}, {clockTime(new Date(message.created_at))}
            </span>
            <p className="break-words whitespace-pre-wrap">{message.deleted ? t("Message deleted") : message.text}</p>
          </li>
        ))}
      </ol>
      {changed && (
        <p className="mt-1.5 text-sm break-words text-muted">
          {t("When it was reported, {moment}, it said:", { moment: fullMoment(new Date(report.created_at)) })} “{report.excerpt}”
        </p>
      )}
    </div>
  );
}

function Actions({ report, server }: { report: Report; server: boolean }) {
  const [action, setAction] = useState<Action>("dismiss");
  const { busy, error, run } = useRequest();
  const possible = (Object.keys(ACTIONS) as Action[]).filter((one) => isPossible(one, report, server));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const until = TIMED.includes(action) ? endAt(String(form.get("lasting")), "") : null;
    run(async () => void (await close(currentSession(), report.id, action, String(form.get("reason")), until)));
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <Field label={t("What to do")}>
        <select className="field" value={action} onChange={(event) => setAction(event.target.value as Action)}>
          {possible.map((one) => (
            <option key={one} value={one}>
              {t(ACTIONS[one])}
            </option>
          ))}
        </select>
      </Field>
      {TIMED.includes(action) && (
        <Field label={t("For how long")}>
          <select className="field" name="lasting" defaultValue="1440">
            {Object.entries(TIMES).map(([value, text]) => (
              <option key={value} value={value}>
                {t(text)}
              </option>
            ))}
          </select>
        </Field>
      )}
      <Field label={t("Reason")} hint={t("The person and the reporter will read it.")}>
        <input className="field" name="reason" maxLength={300} autoComplete="off" required={action === "warn"} />
      </Field>
      <ErrorText>{error}</ErrorText>
      <Button type="submit" className="self-end" tone={action === "dismiss" ? "outline" : "danger"} disabled={busy}>
        {t("Close the report")}
      </Button>
    </form>
  );
}

function isPossible(action: Action, report: Report, server: boolean): boolean {
  if (action === "delete") return report.message !== null;
  if (action === "mute" || action === "ban") return report.room !== null && report.room_name !== "";
  return action !== "ban_everywhere" || server;
}
