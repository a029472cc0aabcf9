/** Quiet hours, working days, time zone and language: one form, because they are read together. */
import { type FormEvent, useState } from "react";
import { currentSession } from "../live/account.ts";
import type { Preferences, PreferencesPage } from "../live/model.ts";
import { t } from "../text/t.ts";
import { weekdayNames } from "../text/times.ts";
import { useRequest } from "../ui/hooks.ts";
import { Button, ErrorText, Field } from "../ui/parts.tsx";

type Hours = Pick<Preferences, "time_zone" | "language" | "quiet_hours" | "working_days">;

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const ZONES = Intl.supportedValuesOf("timeZone");
const NIGHT = { from: "22:00", until: "07:00" };

export function HoursForm({ hours, page }: { hours: Hours; page: PreferencesPage }) {
  const [draft, setDraft] = useState(hours);
  const { busy, error, run } = useRequest();
  const isChanged = JSON.stringify(draft) !== JSON.stringify(hours);
  const change = (changed: Partial<Hours>) => setDraft({ ...draft, ...changed });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    run(() => currentSession().setHours(draft));
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <label className="inline-flex items-center gap-2">
          <input
            type="checkbox"
            className="accent-accent"
            checked={draft.quiet_hours !== null}
            onChange={(event) => change({ quiet_hours: event.target.checked ? (hours.quiet_hours ?? NIGHT) : null })}
          />
          {t("Quiet hours")}
        </label>
        {draft.quiet_hours !== null && <QuietTimes quiet={draft.quiet_hours} onChange={(quiet) => change({ quiet_hours: quiet })} />}
      </div>
      <Days days={draft.working_days} onChange={(days) => change({ working_days: days })} />
      <div className="grid gap-4 sm:grid-cols-2">
        <div className="flex flex-col items-start gap-1">
          <Zone zone={draft.time_zone} usual={page.default_time_zone} onChange={(zone) => change({ time_zone: zone })} />
          {HERE !== (draft.time_zone || page.default_time_zone) && (
            <button type="button" className="text-sm font-medium text-accent underline-offset-4 hover:underline" onClick={() => change({ time_zone: HERE })}>
              {t("Use this device’s: {zone}", { zone: HERE })}
            </button>
          )}
        </div>
        <Field label={t("Language of messages")}>
          <select className="field" value={draft.language} onChange={(event) => change({ language: event.target.value })}>
            <option value="">{t("As the site: {usual}", { usual: page.languages[page.default_language] ?? page.default_language })}</option>
            {Object.entries(page.languages).map(([code, name]) => (
              <option key={code} value={code}>
                {name}
              </option>
            ))}
          </select>
        </Field>
      </div>
      <ErrorText>{error}</ErrorText>
      <Button type="submit" className="self-start" disabled={busy || !isChanged}>
        {isChanged ? t("Save times") : t("Times are saved")}
      </Button>
    </form>
  );
}

interface Quiet {
  from: string;
  until: string;
}

function QuietTimes({ quiet, onChange }: { quiet: Quiet; onChange: (quiet: Quiet) => void }) {
  const ends = { from: { said: t("from"), label: t("Quiet from") }, until: { said: t("until"), label: t("Quiet until") } };
  return (["from", "until"] as const).map((end) => (
    <label key={end} className="inline-flex items-center gap-2 text-sm">
      {ends[end].said}
      <input
        type="time"
        required
        aria-label={ends[end].label}
        className="field w-auto"
        value={quiet[end]}
        onChange={(event) => onChange({ ...quiet, [end]: event.target.value })}
      />
    </label>
  ));
}

function Days({ days, onChange }: { days: number[]; onChange: (days: number[]) => void }) {
  return (
    <fieldset>
      <legend className="pb-1 text-sm font-medium">{t("Days on which messages may come")}</legend>
      <span className="flex flex-wrap gap-1.5">
        {weekdayNames().map(({ number, short, long }) => {
          const isOn = days.includes(number);
          return (
            <button
              key={number}
              type="button"
              aria-pressed={isOn}
              aria-label={long}
              disabled={isOn && days.length === 1}
              className="rounded-full border border-line px-3 py-1 text-sm text-muted aria-pressed:border-accent aria-pressed:bg-accent-soft aria-pressed:text-ink"
              onClick={() => onChange(isOn ? days.filter((day) => day !== number) : [...days, number].sort((a, b) => a - b))}
            >
              {short}
            </button>
          );
        })}
      </span>
    </fieldset>
  );
}

function Zone({ zone, usual, onChange }: { zone: string; usual: string; onChange: (zone: string) => void }) {
  return (
    <div className="w-full">
      <Field label={t("Time zone")}>
        <select className="field" value={zone} onChange={(event) => onChange(event.target.value)}>
          <option value="">{t("As the site: {usual}", { usual })}</option>
          {(ZONES.includes(zone) || zone === "" ? ZONES : [zone, ...ZONES]).map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </Field>
    </div>
  );
}
