/** One's password is changed. */
import type { FormEvent } from "react";
import { changePassword } from "../live/account.ts";
import { useLive } from "../live/store.ts";
import { t } from "../text/t.ts";
import { useRequest } from "../ui/hooks.ts";
import { Button, Dialog, ErrorText, Field } from "../ui/parts.tsx";

export function PasswordDialog({ onClose }: { onClose: () => void }) {
  const username = useLive((live) => live.me.username);
  const { busy, error, run } = useRequest();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    run(async () => {
      await changePassword({ old_password: String(form.get("old")), new_password: String(form.get("new")) });
      onClose();
    });
  };
  return (
    <Dialog title={t("Change password")} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        {/* tells password managers whose password changes */}
        <input hidden readOnly name="username" autoComplete="username" value={username} />
        <Field label={t("Present password")}>
          <input className="field" type="password" name="old" autoComplete="current-password" required data-autofocus />
        </Field>
        <Field label={t("New password")} hint={t("Your other devices will be logged out.")}>
          <input className="field" type="password" name="new" autoComplete="new-password" minLength={8} required />
        </Field>
        <ErrorText>{error}</ErrorText>
        <Button type="submit" disabled={busy}>
          {t("Change password")}
        </Button>
      </form>
    </Dialog>
  );
}
