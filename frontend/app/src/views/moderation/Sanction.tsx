/** What a moderator does to somebody, why, and until when. */
import { type FormEvent, useState } from "react";
import { localInputValue } from "../../text/times.ts";
import { sentence, t } from "../../text/t.ts";
import { useRequest } from "../../ui/hooks.ts";
import { Button, Dialog, ErrorText, Field } from "../../ui/parts.tsx";

export interface SanctionProps {
  title: string;
  /** What follows from it, for whoever decides. */
  consequence: string;
  action: string;
  /** Whether it has an end. */
  timed: boolean;
  run: (until: Date | null, reason: string) => Promise<void>;
  onClose: () => void;
}

const MINUTE_MS = 60_000;
const LASTING = { "10": sentence("10 minutes"), "60": sentence("1 hour"), "1440": sentence("1 day"), "10080": sentence("1 week"), forever: sentence("For good"), own: sentence("Until…") } as const;
type Lasting = keyof typeof LASTING;

export function SanctionDialog({ title, consequence, action, timed, run: act, onClose }: SanctionProps) {
  const [lasting, setLasting] = useState<Lasting>("60");
  const { busy, error, run } = useRequest();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    run(async () => {
      await act(timed ? endAt(lasting, String(form.get("until") ?? "")) : null, String(form.get("reason")));
      onClose();
    });
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <p className="text-muted">{consequence}</p>
        {timed && (
          <Field label={t("For how long")}>
            <select className="field" value={lasting} onChange={(event) => setLasting(event.target.value as Lasting)}>
              {Object.entries(LASTING).map(([value, text]) => (
                <option key={value} value={value}>
                  {t(text)}
                </option>
              ))}
            </select>
          </Field>
        )}
        {timed && lasting === "own" && (
          <Field label={t("Until")}>
            <input className="field" type="datetime-local" name="until" required min={localInputValue(new Date())} />
          </Field>
        )}
        <Field label={t("Reason")} hint={t("They will read it.")}>
          <input className="field" name="reason" maxLength={300} autoComplete="off" data-autofocus />
        </Field>
        <ErrorText>{error}</ErrorText>
        <div className="flex justify-end gap-2">
          <Button tone="outline" onClick={onClose}>
            {t("Cancel")}
          </Button>
          <Button type="submit" tone="danger" disabled={busy}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Null is for good. */
export function endAt(lasting: string, own: string): Date | null {
  if (lasting === "forever") return null;
  return lasting === "own" ? new Date(own) : new Date(Date.now() + Number(lasting) * MINUTE_MS);
}
