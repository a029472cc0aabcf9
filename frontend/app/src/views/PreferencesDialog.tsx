/** What one is told, over which channel and when. Every choice is kept at once and follows to all devices. */
import { type ReactNode, useEffect, useState } from "react";
import { currentSession } from "../live/account.ts";
import type { Frequency, Preferences, PreferencesPage } from "../live/model.ts";
import { useLive } from "../live/store.ts";
import { headingOf } from "../text/names.ts";
import { sentence, t } from "../text/t.ts";
import { useRequest } from "../ui/hooks.ts";
import { Dialog, ErrorText } from "../ui/parts.tsx";
import { HoursForm } from "./HoursForm.tsx";
import { Keywords } from "./Keywords.tsx";
import { MuteChoice } from "./MuteChoice.tsx";
import { RoomRules } from "./RoomRules.tsx";

const FREQUENCIES: Record<Frequency, string> = {
  instant: sentence("At once"),
  hourly: sentence("Every hour"),
  daily: sentence("Every morning"),
  end_of_day: sentence("Every evening"),
  off: sentence("Off"),
};

export function PreferencesDialog({ onClose }: { onClose: () => void }) {
  const chosen = useLive((live) => live.preferences);
  const [page, setPage] = useState<PreferencesPage | null>(null);
  const loading = useRequest();
  const { busy, error, run } = useRequest();
  const isMissing = chosen === null || page === null;
  useEffect(() => {
    if (isMissing) loading.run(async () => setPage(await currentSession().loadPreferences()));
  }, [isMissing, loading.run]);
  return (
    <Dialog title={t("What you are told")} wide onClose={onClose}>
      <ErrorText>{error ?? loading.error}</ErrorText>
      {isMissing && loading.error === null && <p className="py-6 text-center text-muted">{t("Loading…")}</p>}
      {chosen !== null && page !== null && (
        <div className="flex flex-col gap-7">
          <Section title={t("Mute everything")} hint={t("Nothing outside the app until then. The inbox goes on keeping it, and what is critical comes anyway.")}>
            <MuteChoice until={chosen.muted_until} name={t("everything")} disabled={busy} onChoose={(until) => run(() => currentSession().mute(until))} />
          </Section>
          <Section title={t("What, and how")}>
            <Matrix page={page} chosen={chosen} disabled={busy} onChoose={(...choice) => run(() => currentSession().choosePreference(...choice))} />
          </Section>
          <Section title={t("When")} hint={t("Outside these times messages wait, except for critical ones.")}>
            <HoursForm key={JSON.stringify(hoursOf(chosen))} hours={hoursOf(chosen)} page={page} />
          </Section>
          <Section title={t("Keywords")} hint={t("Words that notify you like a mention, in every room you are in.")}>
            <Keywords />
          </Section>
          <Section title={t("Rooms")} hint={t("Rooms that you want to hear less of than of the others.")}>
            <RoomRules rules={chosen.scopes} disabled={busy} onChoose={(...rule) => run(() => currentSession().followRoom(...rule))} />
          </Section>
        </div>
      )}
    </Dialog>
  );
}

function hoursOf({ time_zone, language, quiet_hours, working_days }: Preferences) {
  return { time_zone, language, quiet_hours, working_days };
}

function Section({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className="font-serif text-lg font-semibold">{title}</h3>
      {hint !== undefined && <p className="pb-2 text-sm text-muted">{hint}</p>}
      {children}
    </section>
  );
}

interface MatrixProps {
  page: PreferencesPage;
  chosen: Preferences;
  disabled: boolean;
  onChoose: (category: string, channel: string, frequency: Frequency) => void;
}

function Matrix({ page, chosen, disabled, onChoose }: MatrixProps) {
  return (
    <ul className="divide-y divide-line">
      {page.categories.map(({ name, label, defaults, fixed }) => (
        <li key={name} className="grid items-center gap-x-4 gap-y-1.5 py-2 sm:grid-cols-[9rem_1fr]">
          <span className="font-medium">
            {label || headingOf(name)}
            {fixed && <span className="block text-xs font-normal text-muted">{t("Critical: always told")}</span>}
          </span>
          <span className="flex flex-wrap gap-2">
            {page.channels.map((channel) => {
              const choice = chosen.choices.find((one) => one.category === name && one.channel === channel.name);
              const usual = defaults.find((one) => one.channel === channel.name)?.frequency ?? "off";
              return (
                <Cell
                  key={channel.name}
                  label={channel.label}
                  name={`${label || headingOf(name)}: ${channel.label}`}
                  digests={channel.digests}
                  frequency={(choice?.frequency ?? usual) as Frequency}
                  disabled={disabled || fixed}
                  onChoose={(frequency) => onChoose(name, channel.name, frequency)}
                />
              );
            })}
          </span>
        </li>
      ))}
    </ul>
  );
}

interface CellProps {
  label: string;
  /** For those who do not see the row. */
  name: string;
  digests: boolean;
  frequency: Frequency;
  disabled: boolean;
  onChoose: (frequency: Frequency) => void;
}

function Cell({ label, name, digests, frequency, disabled, onChoose }: CellProps) {
  const isOn = frequency !== "off";
  return (
    <label className={`inline-flex items-center gap-2 rounded-full border px-3 py-1 text-sm ${isOn ? "border-accent bg-accent-soft" : "border-line text-muted"} ${disabled ? "opacity-60" : ""}`}>
      {digests ? (
        <>
          {label}
          <select
            aria-label={name}
            className="rounded bg-transparent font-medium text-ink [field-sizing:content]"
            value={frequency}
            disabled={disabled}
            onChange={(event) => onChoose(event.target.value as Frequency)}
          >
            {Object.entries(FREQUENCIES).map(([value, text]) => (
              <option key={value} value={value} className="bg-raised text-ink">
                {t(text)}
              </option>
            ))}
          </select>
        </>
      ) : (
        <>
          <input
            type="checkbox"
            aria-label={name}
            className="accent-accent"
            checked={isOn}
            disabled={disabled}
            onChange={(event) => onChoose(event.target.checked ? "instant" : "off")}
          />
          {label}
        </>
      )}
    </label>
  );
}
