/** One's own words that notify like a mention. */
import { type FormEvent, useEffect } from "react";
import { currentSession } from "../live/account.ts";
import { loadKeywords, setKeywords } from "../live/keywords.ts";
import { useLive } from "../live/store.ts";
import { t } from "../text/t.ts";
import { useRequest } from "../ui/hooks.ts";
import { CloseIcon } from "../ui/icons.tsx";
import { Button, ErrorText, IconButton } from "../ui/parts.tsx";

const MAX_CHARS = 60;

export function Keywords() {
  const words = useLive((live) => live.keywords);
  const loading = useRequest();
  const { busy, error, run } = useRequest();
  const isMissing = words === null;
  useEffect(() => {
    if (isMissing) loading.run(loadKeywords);
  }, [isMissing, loading.run]);
  const change = (changed: readonly string[]) => run(() => setKeywords(currentSession(), changed));
  const add = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const word = String(new FormData(form).get("word")).trim();
    if (word === "" || words === null) return;
    change([...words, word]);
    form.reset();
  };
  if (words === null) return <ErrorText>{loading.error}</ErrorText>;
  return (
    <div className="flex flex-col gap-3">
      <ErrorText>{error}</ErrorText>
      {words.length > 0 && (
        <ul aria-label={t("Your keywords")} className="flex flex-wrap gap-1.5">
          {words.map((word) => (
            <li key={word} className="inline-flex max-w-full items-center gap-1.5 rounded-full bg-accent-soft py-0.5 pe-0.5 ps-3 text-sm">
              <span className="truncate font-medium">{word}</span>
              <IconButton label={t("Without {word}", { word })} className="size-7" disabled={busy} onClick={() => change(words.filter((one) => one !== word))}>
                <CloseIcon width={14} height={14} />
              </IconButton>
            </li>
          ))}
        </ul>
      )}
      <form onSubmit={add} className="flex gap-2">
        <input className="field" name="word" aria-label={t("Another keyword")} placeholder={t("Another keyword")} maxLength={MAX_CHARS} autoComplete="off" />
        <Button type="submit" tone="outline" disabled={busy}>
          {t("Add")}
        </Button>
      </form>
    </div>
  );
}
