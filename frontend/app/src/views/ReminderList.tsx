/** The reminders that are still to come. */
import { useEffect } from "react";
import { currentSession } from "../live/account.ts";
import type { Reminder } from "../live/reminders.ts";
import { useLive } from "../live/store.ts";
import { safeHref } from "../text/links.ts";
import { t } from "../text/t.ts";
import { fullMoment, snoozeMoment } from "../text/times.ts";
import { useRequest } from "../ui/hooks.ts";
import { ClockIcon } from "../ui/icons.tsx";
import { EmptyState, ErrorText } from "../ui/parts.tsx";

export function ReminderList() {
  const reminders = useLive((live) => live.reminders);
  const { busy, error, run } = useRequest();
  useEffect(() => run(() => currentSession().loadReminders()), [run]);
  return (
    <>
      {reminders === null && error === null && <p className="px-4 py-6 text-center text-sm text-muted">{t("Loading…")}</p>}
      {reminders?.length === 0 && (
        <EmptyState icon={<ClockIcon width={32} height={32} />} title={t("No reminders")}>
          <p>{t("Choose “Remind me” at a message or a notification, and it comes back to you in time.")}</p>
        </EmptyState>
      )}
      <ul className="divide-y divide-line">
        {reminders?.map((reminder) => (
          <ReminderRow key={reminder.id} reminder={reminder} disabled={busy} onCancel={() => run(() => currentSession().cancelReminder(reminder))} />
        ))}
      </ul>
      <ErrorText>{error}</ErrorText>
    </>
  );
}

function ReminderRow({ reminder, disabled, onCancel }: { reminder: Reminder; disabled: boolean; onCancel: () => void }) {
  const at = new Date(reminder.due_at);
  const href = reminder.link === null ? null : safeHref(reminder.link);
  return (
    <li className="flex gap-3 px-4 py-3">
      <ClockIcon className="mt-0.5 shrink-0 text-muted" />
      <div className="min-w-0 flex-1">
        <time dateTime={reminder.due_at} title={fullMoment(at)} className="block text-xs font-medium text-muted">
          {snoozeMoment(at, new Date())}
        </time>
        <p className={`break-words ${reminder.title === null ? "text-muted italic" : ""}`}>{reminder.title ?? t("It was deleted, or you may not see it any more.")}</p>
        {reminder.note !== "" && <p className="text-sm break-words text-muted">{reminder.note}</p>}
        <p className="flex gap-4 pt-1 text-sm font-medium text-accent">
          {href !== null && (
            <a href={href} className="underline-offset-4 hover:underline">
              {t("Open")}
            </a>
          )}
          <button type="button" disabled={disabled} onClick={onCancel} className="underline-offset-4 hover:underline">
            {t("Cancel reminder")}
          </button>
        </p>
      </div>
    </li>
  );
}
