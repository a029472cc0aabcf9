/** Switching one's account off, or having it erased: both ask for the password, and log one out everywhere. */
import { type FormEvent, useState } from "react";
import { deactivateAccount, eraseAccount } from "../../live/moderation.ts";
import { useLive } from "../../live/store.ts";
import { sentence, t } from "../../text/t.ts";
import { useRequest } from "../../ui/hooks.ts";
import { Button, Dialog, ErrorText, Field } from "../../ui/parts.tsx";

const WAYS = {
  off: [sentence("Switch it off"), sentence("Nobody can log in. Everything stays, and an administrator can switch it on again.")],
  keep: [sentence("Erase it, keep my messages"), sentence("Your name, e-mail address, settings and inbox are deleted. What you wrote stays for the others, by “Deleted user”.")],
  remove: [sentence("Erase it with my messages"), sentence("The same, and what you wrote is deleted too. Others keep what they wrote to you.")],
} as const;
type Way = keyof typeof WAYS;

export function EndDialog({ onClose }: { onClose: () => void }) {
  const username = useLive((live) => live.me.username);
  const [way, setWay] = useState<Way>("off");
  const { busy, error, run } = useRequest();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get("password"));
    run(async () => {
      if (way === "off") await deactivateAccount(password);
      else await eraseAccount(password, way === "remove");
      location.reload();
    });
  };
  return (
    <Dialog title={t("End your account")} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <input hidden readOnly name="username" autoComplete="username" value={username} />
        <fieldset className="flex flex-col gap-3">
          <legend className="sr-only">{t("How")}</legend>
          {Object.entries(WAYS).map(([one, [text, meaning]]) => (
            <label key={one} className="flex items-start gap-3 rounded-xl border border-line p-3">
              <input type="radio" name="way" checked={way === one} onChange={() => setWay(one as Way)} className="mt-1 accent-accent" />
              <span>
                <span className="block font-medium">{t(text)}</span>
                <span className="block text-sm text-muted">{t(meaning)}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <Field label={t("Your password")}>
          <input className="field" type="password" name="password" autoComplete="current-password" required />
        </Field>
        <ErrorText>{error}</ErrorText>
        <Button type="submit" tone="danger" disabled={busy}>
          {way === "off" ? t("Switch off") : t("Erase for good")}
        </Button>
      </form>
    </Dialog>
  );
}
