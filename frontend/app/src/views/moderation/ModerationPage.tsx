/** The moderators' queue, live: open reports, messages that wait, what was closed, and the audit log for staff. */
import { useEffect, useState } from "react";
import { currentSession } from "../../live/account.ts";
import { closedReports, followQueue, type Held, judge, type Report, withQueue } from "../../live/moderation.ts";
import { backToRoom } from "../../live/place.ts";
import { changeLive, useLive, usePage } from "../../live/store.ts";
import { nameOf } from "../../text/names.ts";
import { t } from "../../text/t.ts";
import { fullMoment } from "../../text/times.ts";
import { useRequest } from "../../ui/hooks.ts";
import { Button, Dialog, ErrorText } from "../../ui/parts.tsx";
import { MessageFiles } from "../MessageFiles.tsx";
import { AuditList } from "./AuditList.tsx";
import { WHY } from "./ReportDialog.tsx";
import { OUTCOMES, ReportCard } from "./ReportCard.tsx";

type Tab = "open" | "held" | "closed" | "audit";

export function ModerationPage() {
  const queue = useLive((live) => live.queue);
  const asked = usePage((state) => state.moderation?.report ?? null);
  const [tab, setTab] = useState<Tab>("open");
  const [person, setPerson] = useState("");
  const { error, run } = useRequest();
  useFollowedQueue(run);
  const tabs: [Tab, string][] = [
    ["open", t("Reports · {n}", { n: queue?.reports.length ?? 0 })],
    ["held", t("Held · {n}", { n: queue?.held.length ?? 0 })],
    ["closed", t("Closed")],
    ...(queue?.server === true ? [["audit", t("Audit log")] as [Tab, string]] : []),
  ];
  return (
    <Dialog title={t("Moderation")} wide onClose={backToRoom}>
      <div role="tablist" aria-label={t("What to look at")} className="mb-4 flex gap-1 overflow-x-auto rounded-xl bg-tower p-1">
        {tabs.map(([one, text]) => (
          <button
            key={one}
            type="button"
            role="tab"
            aria-selected={tab === one}
            onClick={() => setTab(one)}
            className={`flex-1 rounded-lg px-3 py-1.5 text-sm font-medium whitespace-nowrap ${tab === one ? "bg-raised text-ink shadow-sm" : "text-muted hover:text-ink"}`}
          >
            {text}
          </button>
        ))}
      </div>
      <ErrorText>{error}</ErrorText>
      <div role="tabpanel" aria-label={tabs.find(([one]) => one === tab)?.[1] ?? ""} className="min-h-72">
        {queue === null && error === null && <p className="py-6 text-center text-muted">{t("Loading…")}</p>}
        {queue !== null && tab === "open" && <OpenReports reports={queue.reports} asked={asked} server={queue.server} />}
        {queue !== null && tab === "held" && <HeldMessages held={queue.held} />}
        {tab === "closed" && <ClosedReports />}
        {tab === "audit" && <AuditList room={null} person={person} onPerson={setPerson} />}
      </div>
    </Dialog>
  );
}

/** Reads the queue when the page opens, and again after a snapshot, which lets its streams go. */
function useFollowedQueue(run: (request: () => Promise<void>) => void): void {
  const missing = useLive((live) => live.queue === null);
  useEffect(() => {
    if (!missing) return;
    run(async () => {
      await followQueue(currentSession(), (queue) => changeLive((live) => withQueue(live, queue)));
    });
  }, [missing, run]);
}

function OpenReports({ reports, asked, server }: { reports: readonly Report[]; asked: number | null; server: boolean }) {
  const [open, setOpen] = useState<number | null>(asked);
  if (reports.length === 0) return <p className="py-10 text-center text-muted">{t("Nothing is open. Well done.")}</p>;
  return (
    <ul aria-label={t("Open reports")} className="flex flex-col gap-3">
      {reports.map((report) => (
        <ReportCard key={report.id} report={report} open={report.id === open} server={server} onToggle={() => setOpen(report.id === open ? null : report.id)} />
      ))}
    </ul>
  );
}

function HeldMessages({ held }: { held: readonly Held[] }) {
  const { busy, error, run } = useRequest();
  const decide = (one: Held, pass: boolean) => run(() => judge(currentSession(), one.id, pass));
  if (held.length === 0) return <p className="py-10 text-center text-muted">{t("No message waits.")}</p>;
  return (
    <>
      <ErrorText>{error}</ErrorText>
      <ul aria-label={t("Held messages")} className="flex flex-col gap-3">
        {held.map((one) => (
          <li key={one.id} className="rounded-xl border border-line bg-surface p-3">
            <p className="text-sm text-muted">
              <strong className="font-semibold text-ink">{nameOf(one.author)}</strong> · {one.room_name || t("Direct messages")} · {fullMoment(new Date(one.created_at))}
            </p>
            <p className="my-1.5 break-words whitespace-pre-wrap">{one.text}</p>
            <MessageFiles files={one.files} />
            {one.poll != null && (
              <ul aria-label={t("Answers")} className="mb-1.5 list-disc ps-5">
                {one.poll.options.map(({ text }) => (
                  <li key={text} className="break-words">
                    {text}
                  </li>
                ))}
              </ul>
            )}
            {one.why !== "" && <p className="text-sm text-bronze">{one.why}</p>}
            <div className="mt-2 flex justify-end gap-2">
              <Button tone="outline" className="px-3 py-1 text-sm" disabled={busy} onClick={() => decide(one, false)}>
                {t("Drop")}
              </Button>
              <Button className="px-3 py-1 text-sm" disabled={busy} onClick={() => decide(one, true)}>
                {t("Let through")}
              </Button>
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

function ClosedReports() {
  const [reports, setReports] = useState<Report[] | null>(null);
  const { error, run } = useRequest();
  useEffect(() => run(async () => setReports((await closedReports()).items)), [run]);
  return (
    <>
      <ErrorText>{error}</ErrorText>
      {reports?.length === 0 && <p className="py-10 text-center text-muted">{t("Nothing was closed yet.")}</p>}
      <ul aria-label={t("Closed reports")} className="flex flex-col divide-y divide-line">
        {reports?.map((report) => (
          <li key={report.id} className="py-2.5">
            <p className="break-words">
              <strong className="font-semibold">{nameOf(report.person)}</strong> · {t(WHY[report.why])} · <span className="font-medium text-accent">{t(OUTCOMES[report.outcome] ?? report.outcome)}</span>
            </p>
            <p className="text-sm break-words text-muted">
              {report.closed_by === null ? "" : t("by {name}", { name: nameOf(report.closed_by) })} {report.note}
            </p>
          </li>
        ))}
      </ul>
    </>
  );
}
