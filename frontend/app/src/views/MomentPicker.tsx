/** When something is to be done: a few times that suit most, or one's own. */
import { useState } from "react";
import { t } from "../text/t.ts";
import { fromLocalInput, localInputValue, snoozeMoment } from "../text/times.ts";
import { ClockIcon } from "../ui/icons.tsx";
import { Button, Field } from "../ui/parts.tsx";

interface MomentPickerProps {
  now: Date;
  times: readonly { name: string; at: Date }[];
  /** In which times are shown and read; the browser's, where there is none. */
  zone?: string | undefined;
  hint?: string | undefined;
  /** What the button says that takes one's own time. */
  then: string;
  busy: boolean;
  onPick: (at: Date) => void;
}

export function MomentPicker({ now, times, zone, hint, then, busy, onPick }: MomentPickerProps) {
  const [own, setOwn] = useState("");
  return (
    <>
      <ul className="my-4 flex flex-col gap-1">
        {times.map(({ name, at }) => (
          <li key={name}>
            <button
              type="button"
              disabled={busy}
              onClick={() => onPick(at)}
              className="flex w-full items-center gap-2.5 rounded-lg border border-line bg-surface px-3 py-2 text-start hover:bg-hover disabled:opacity-50"
            >
              <ClockIcon className="text-muted" />
              <span className="flex-1">{name}</span>
              <span className="text-sm text-muted">{snoozeMoment(at, now, zone)}</span>
            </button>
          </li>
        ))}
      </ul>
      <form
        className="flex flex-wrap items-end gap-3 border-t border-line pt-4"
        onSubmit={(event) => {
          event.preventDefault();
          onPick(fromLocalInput(own, zone));
        }}
      >
        <div className="min-w-0 flex-1 basis-56">
          <Field label={t("Another time")} {...(hint !== undefined && { hint })}>
            <input className="field" type="datetime-local" required min={localInputValue(now, zone)} value={own} onChange={(event) => setOwn(event.target.value)} />
          </Field>
        </div>
        <Button type="submit" tone="outline" disabled={busy || own === ""}>
          {then}
        </Button>
      </form>
    </>
  );
}
