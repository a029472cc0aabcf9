/** A question and two to ten answers. */
import { type FormEvent, useState } from "react";
import { currentSession } from "../live/account.ts";
import { createPoll } from "../live/marking.ts";
import type { Room } from "../live/model.ts";
import { t } from "../text/t.ts";
import { localInputValue } from "../text/times.ts";
import { useRequest } from "../ui/hooks.ts";
import { CloseIcon, PlusIcon } from "../ui/icons.tsx";
import { Button, Dialog, ErrorText, Field, IconButton } from "../ui/parts.tsx";

const MAX_OPTIONS = 10;
const MAX_OPTION_CHARS = 100;

interface Answer {
  key: number;
  text: string;
}

/** `onSent` empties the field that the question came from. */
export function PollEditor({ room, question, onSent, onClose }: { room: Room; question: string; onSent: () => void; onClose: () => void }) {
  const [now] = useState(() => new Date());
  const [answers, setAnswers] = useState<Answer[]>([1, 2].map((key) => ({ key, text: "" })));
  const { busy, error, run } = useRequest();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const end = String(form.get("end"));
    run(async () => {
      await createPoll(currentSession(), {
        room: room.id,
        question: String(form.get("question")),
        options: answers.map(({ text }) => text).filter((text) => text.trim() !== ""),
        multiple: form.has("multiple"),
        anonymous: form.has("anonymous"),
        ends_at: end === "" ? null : new Date(end).toISOString(),
      });
      onSent();
      onClose();
    });
  };
  const change = (key: number, text: string) => setAnswers(answers.map((one) => (one.key === key ? { key, text } : one)));
  return (
    <Dialog title={t("Make a poll")} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Field label={t("Question")}>
          <input className="field" name="question" required maxLength={4000} autoComplete="off" defaultValue={question} data-autofocus />
        </Field>
        <fieldset className="flex flex-col gap-2">
          <legend className="pb-1 text-sm font-medium">{t("Answers")}</legend>
          {answers.map(({ key, text }, place) => (
            <div key={key} className="flex items-center gap-1">
              <input
                className="field"
                aria-label={t("Answer {number}", { number: place + 1 })}
                required={place < 2}
                maxLength={MAX_OPTION_CHARS}
                autoComplete="off"
                value={text}
                onChange={(event) => change(key, event.target.value)}
              />
              {answers.length > 2 && (
                <IconButton label={t("Remove answer {number}", { number: place + 1 })} onClick={() => setAnswers(answers.filter((one) => one.key !== key))}>
                  <CloseIcon width={16} height={16} />
                </IconButton>
              )}
            </div>
          ))}
          {answers.length < MAX_OPTIONS && (
            <Button tone="outline" className="self-start px-3 py-1 text-sm" onClick={() => setAnswers([...answers, { key: Math.max(...answers.map(({ key }) => key)) + 1, text: "" }])}>
              <PlusIcon width={15} height={15} /> {t("Another answer")}
            </Button>
          )}
        </fieldset>
        <label className="flex items-center gap-2">
          <input type="checkbox" name="multiple" className="size-4 accent-accent" /> {t("One may choose several answers")}
        </label>
        <label className="flex items-center gap-2">
          <input type="checkbox" name="anonymous" className="size-4 accent-accent" /> {t("Anonymous: nobody sees who chose what")}
        </label>
        <Field label={t("Ends")} hint={t("Empty: when you or an owner of the room ends it.")}>
          <input className="field" type="datetime-local" name="end" min={localInputValue(now)} />
        </Field>
        <ErrorText>{error}</ErrorText>
        <Button type="submit" disabled={busy}>
          {t("Send the poll")}
        </Button>
      </form>
    </Dialog>
  );
}
