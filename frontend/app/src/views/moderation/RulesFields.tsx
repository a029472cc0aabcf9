/** The rules of a room, as fields of the form that changes it. */
import { currentSession } from "../../live/account.ts";
import { changeRules, type Posting } from "../../live/moderation.ts";
import type { Room } from "../../live/model.ts";
import { sentence, t } from "../../text/t.ts";
import { Field } from "../../ui/parts.tsx";

const POSTING: Record<Posting, string> = { everybody: sentence("Everybody in the room"), moderators: sentence("Owners and moderators"), owners: sentence("Owners only") };
const PAUSES = { 0: sentence("Off"), 5: sentence("5 seconds"), 30: sentence("30 seconds"), 60: sentence("1 minute"), 300: sentence("5 minutes"), 3600: sentence("1 hour") } as const;
const KEPT = { "": sentence("As the installation has it"), 0: sentence("For ever"), 1: sentence("1 day"), 7: sentence("7 days"), 30: sentence("30 days"), 90: sentence("90 days"), 365: sentence("1 year") } as const;

export function RulesFields({ room }: { room: Room }) {
  const { posting = "everybody", slow_mode_s: pause = 0, retention_days: days = null } = room;
  return (
    <>
      <Field label={t("Who may write")}>
        <select className="field" name="posting" defaultValue={posting}>
          {Object.entries(POSTING).map(([value, text]) => (
            <option key={value} value={value}>
              {t(text)}
            </option>
          ))}
        </select>
      </Field>
      <Field label={t("Slow mode")} hint={t("How long members wait between two messages.")}>
        <select className="field" name="slow_mode_s" defaultValue={pause}>
          <Choices of={PAUSES} own={pause} unit={sentence("{n} seconds")} />
        </select>
      </Field>
      <Field label={t("Keep messages")} hint={t("Older ones are deleted for everybody, and cannot be brought back.")}>
        <select className="field" name="retention_days" defaultValue={days ?? ""}>
          <Choices of={KEPT} own={days ?? ""} unit={sentence("{n} days")} />
        </select>
      </Field>
    </>
  );
}

/** A value that somebody chose by other means stays one that can be chosen. */
function Choices({ of, own, unit }: { of: Readonly<Record<string, string>>; own: number | string; unit: string }) {
  const known = Object.entries(of).sort(([a], [b]) => Number(a === "" ? -1 : a) - Number(b === "" ? -1 : b));
  return (
    <>
      {!(String(own) in of) && <option value={own}>{t(unit, { n: own })}</option>}
      {known.map(([value, text]) => (
        <option key={value} value={value}>
          {t(text)}
        </option>
      ))}
    </>
  );
}

/** What the fields say, if that is something new. */
export async function saveRules(room: Room, form: FormData): Promise<void> {
  const kept = String(form.get("retention_days"));
  const rules = {
    posting: String(form.get("posting")) as Posting,
    slow_mode_s: Number(form.get("slow_mode_s")),
    retention_days: kept === "" ? null : Number(kept),
  };
  const { posting = "everybody", slow_mode_s: pause = 0, retention_days: days = null } = room;
  if (rules.posting === posting && rules.slow_mode_s === pause && rules.retention_days === days) return;
  await changeRules(currentSession(), room.id, rules);
}
