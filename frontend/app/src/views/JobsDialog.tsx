/** The person's tasks: what runs, how far it is, what came of it; and how to stop, fetch and start them. */
import { useEffect } from "react";
import { currentSession } from "../live/account.ts";
import { isOpen, type Job, shareDone } from "../live/jobs.ts";
import { backToRoom } from "../live/place.ts";
import { useLive } from "../live/store.ts";
import { fileSize } from "../text/amounts.ts";
import { t } from "../text/t.ts";
import { fullMoment, shortDate } from "../text/times.ts";
import { useRequest } from "../ui/hooks.ts";
import { AlertIcon, CheckIcon, ClockIcon, CloseIcon, DownloadIcon, TasksIcon } from "../ui/icons.tsx";
import { Button, Dialog, EmptyState, ErrorText, IconButton } from "../ui/parts.tsx";
import { ASK_EVERY_MS, useBlocked } from "./JobsButton.tsx";

/** What a person may start on this page. */
const EXPORT = "accounts.export";

export function JobsDialog() {
  const jobs = useLive((live) => live.jobs);
  const blocked = useBlocked();
  const { busy, error, run } = useRequest();
  useEffect(() => run(() => currentSession().loadJobs()), [run]);
  const exporting = jobs.some((job) => job.kind === EXPORT && isOpen(job));
  return (
    <Dialog title={t("Your tasks")} onClose={backToRoom}>
      {blocked && (
        <p role="status" className="mb-3 rounded-lg bg-bronze-soft px-3 py-2 text-sm text-bronze">
          {t("No live connection: this list asks the server every {seconds} seconds instead.", { seconds: ASK_EVERY_MS / 1000 })}
        </p>
      )}
      <ErrorText>{error}</ErrorText>
      {jobs.length === 0 && (
        <EmptyState icon={<TasksIcon width={32} height={32} />} title={t("Nothing to do")}>
          <p>{t("What takes longer than a click, such as an export, is shown here while it runs and until its result is deleted.")}</p>
        </EmptyState>
      )}
      <ul className="flex flex-col divide-y divide-line">
        {jobs.map((job) => (
          <JobRow key={job.id} job={job} />
        ))}
      </ul>
      <footer className="mt-3 flex flex-wrap items-center justify-between gap-3 border-t border-line pt-4">
        <p className="min-w-0 flex-1 basis-48 text-sm text-muted">{t("Your profile, messages and notifications in one ZIP file.")}</p>
        <Button disabled={busy || exporting} onClick={() => run(() => currentSession().exportMyData())}>
          {t("Export my data")}
        </Button>
      </footer>
    </Dialog>
  );
}

function JobRow({ job }: { job: Job }) {
  const { busy, error, run } = useRequest();
  const session = currentSession();
  return (
    <li className="flex gap-3 py-3.5">
      <StateIcon job={job} />
      <div className="min-w-0 flex-1">
        <p className="flex items-baseline gap-2">
          <span className="min-w-0 flex-1 font-medium break-words">{job.label}</span>
          <time dateTime={job.created_at} title={fullMoment(new Date(job.created_at))} className="shrink-0 text-xs text-muted">
            {shortDate(new Date(job.created_at))}
          </time>
        </p>
        {isOpen(job) && <Progress job={job} />}
        <p className={`text-sm break-words ${job.state === "failed" ? "text-danger" : "text-muted"}`}>{sentence(job)}</p>
        <ErrorText>{error}</ErrorText>
        <p className="flex flex-wrap gap-x-4 gap-y-1 pt-1 text-sm font-medium text-accent empty:hidden">
          {job.file !== null && (
            <a href={`/api/jobs/${job.id}/file`} download={job.file.name} className="inline-flex items-center gap-1 underline-offset-4 hover:underline">
              <DownloadIcon width={16} height={16} />
              {t("Download ({size})", { size: fileSize(job.file.bytes) })}
            </a>
          )}
          {job.state === "failed" && job.kind === EXPORT && (
            <LineButton disabled={busy} onClick={() => run(() => session.exportMyData())}>
              {t("Start again")}
            </LineButton>
          )}
          {isOpen(job) && (
            <LineButton disabled={busy} onClick={() => run(() => session.cancelJob(job))}>
              {t("Cancel")}
            </LineButton>
          )}
        </p>
      </div>
      {!isOpen(job) && (
        <IconButton label={t("Remove “{name}”", { name: job.label })} className="-mt-1.5 -me-2" disabled={busy} onClick={() => run(() => session.removeJob(job))}>
          <CloseIcon width={16} height={16} />
        </IconButton>
      )}
    </li>
  );
}

function StateIcon({ job }: { job: Job }) {
  const size = { width: 20, height: 20, className: "mt-0.5 shrink-0" };
  if (job.state === "failed") return <AlertIcon {...size} className={`${size.className} text-danger`} />;
  if (job.state === "cancelled") return <CloseIcon {...size} className={`${size.className} text-muted`} />;
  return isOpen(job) ? <ClockIcon {...size} className={`${size.className} text-muted`} /> : <CheckIcon {...size} className={`${size.className} text-accent`} />;
}

/** A bar that fills, or, while nobody knows how much there is to do, one that moves. */
function Progress({ job }: { job: Job }) {
  const share = shareDone(job);
  return <progress aria-label={job.label} className="progress my-1.5" max={1} {...(share === null || job.state === "queued" ? {} : { value: share })} />;
}

function sentence(job: Job): string {
  switch (job.state) {
    case "queued":
      return t("Waiting for its turn.");
    case "running":
      return [job.message, job.total === null ? "" : t("{done} of {total}", { done: job.done, total: job.total })].filter((one) => one !== "").join(" · ") || t("Running");
    case "failed":
      return job.error;
    case "cancelled":
      return t("Cancelled.");
    default:
      return job.file === null || job.expires_at === null ? job.message || t("Done.") : `${job.message} ${t("Kept until {date}.", { date: shortDate(new Date(job.expires_at)) })}`;
  }
}

function LineButton({ disabled, onClick, children }: { disabled: boolean; onClick: () => void; children: string }) {
  return (
    <button type="button" disabled={disabled} onClick={onClick} className="underline-offset-4 hover:underline">
      {children}
    </button>
  );
}
