/** Telling the moderators about a message, or about a person. */
import { type FormEvent, useState } from "react";
import { currentSession } from "../../live/account.ts";
import { report, type Why } from "../../live/moderation.ts";
import { sentence, t } from "../../text/t.ts";
import { useRequest } from "../../ui/hooks.ts";
import { Button, Dialog, ErrorText, Field } from "../../ui/parts.tsx";

export const WHY: Record<Why, string> = {
  spam: sentence("Spam"),
  harassment: sentence("Insults or harassment"),
  hate: sentence("Hate"),
  illegal: sentence("Illegal or dangerous"),
  privacy: sentence("Private data"),
  other: sentence("Something else"),
};

interface ReportProps {
  about: { message: number } | { user: number };
  /** What it says, or whose it is. */
  shown: string;
  onClose: () => void;
}

export function ReportDialog({ about, shown, onClose }: ReportProps) {
  const [done, setDone] = useState(false);
  const { busy, error, run } = useRequest();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    run(async () => {
      await report(currentSession(), about, String(form.get("why")) as Why, String(form.get("text")));
      setDone(true);
    });
  };
  if (done) {
    return (
      <Dialog title={t("Thank you")} onClose={onClose}>
        <p role="status" className="mb-5 text-muted">
          {t("The moderators will look at it. You are told what came of it.")}
        </p>
        <Button className="w-full" onClick={onClose}>
          {t("Done")}
        </Button>
      </Dialog>
    );
  }
  return (
    <Dialog title={t("Report to the moderators")} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <blockquote className="line-clamp-3 border-s-2 border-line ps-3 break-words text-muted">{shown}</blockquote>
        <fieldset className="flex flex-col gap-1.5">
          <legend className="mb-1 text-sm font-medium">{t("What is wrong with it")}</legend>
          {Object.entries(WHY).map(([why, text]) => (
            <label key={why} className="flex items-center gap-2.5">
              <input type="radio" name="why" value={why} required className="accent-accent" />
              {t(text)}
            </label>
          ))}
        </fieldset>
        <Field label={t("What should they know?")} hint={t("May be left empty.")}>
          <textarea className="field" name="text" rows={3} maxLength={1000} />
        </Field>
        <ErrorText>{error}</ErrorText>
        <Button type="submit" disabled={busy}>
          {t("Report")}
        </Button>
      </form>
    </Dialog>
  );
}
