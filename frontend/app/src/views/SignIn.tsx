/** Log in, or make an account. */
import { type FormEvent, useState } from "react";
import { logIn, signUp } from "../live/account.ts";
import { t } from "../text/t.ts";
import { useRequest } from "../ui/hooks.ts";
import { Mark } from "../ui/icons.tsx";
import { Button, ErrorText, Field } from "../ui/parts.tsx";

export function SignIn({ notice }: { notice: string | null }) {
  const [mode, setMode] = useState<"log_in" | "sign_up">("log_in");
  return (
    <main className="flex h-full overflow-y-auto">
      <div className="rise m-auto w-full max-w-sm px-6 py-10">
        <header className="mb-8 flex flex-col items-center gap-3 text-center">
          <Mark width={56} height={56} className="swing" />
          <h1 className="font-serif text-3xl font-semibold tracking-tight">Carillon</h1>
          <p className="text-muted">{t("Every message arrives. Once, and in order.")}</p>
        </header>
        {notice !== null && (
          <p role="status" className="mb-4 rounded-lg bg-bronze-soft px-3 py-2 text-center text-sm text-bronze">
            {notice}
          </p>
        )}
        {mode === "log_in" ? <LogInForm /> : <SignUpForm />}
        <p className="mt-6 text-center text-sm text-muted">
          {mode === "log_in" ? t("New here?") : t("Have an account?")}{" "}
          <button
            type="button"
            className="font-medium text-accent underline-offset-4 hover:underline"
            onClick={() => setMode(mode === "log_in" ? "sign_up" : "log_in")}
          >
            {mode === "log_in" ? t("Create an account") : t("Log in")}
          </button>
        </p>
      </div>
    </main>
  );
}

function LogInForm() {
  const { busy, error, run } = useRequest();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    const text = fieldsOf(event);
    run(() => logIn({ username: text("username"), password: text("password") }));
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4" aria-label={t("Log in")}>
      <Field label={t("Username")}>
        <input className="field" name="username" autoComplete="username" autoCapitalize="none" required autoFocus />
      </Field>
      <Field label={t("Password")}>
        <input className="field" name="password" type="password" autoComplete="current-password" required />
      </Field>
      <ErrorText>{error}</ErrorText>
      <Button type="submit" disabled={busy}>
        {busy ? t("Logging in…") : t("Log in")}
      </Button>
    </form>
  );
}

function SignUpForm() {
  const { busy, error, run } = useRequest();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    const text = fieldsOf(event);
    run(() =>
      signUp({ username: text("username"), password: text("password"), display_name: text("display_name") }),
    );
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4" aria-label={t("Create an account")}>
      <Field label={t("Username")}>
        <input className="field" name="username" autoComplete="username" autoCapitalize="none" required autoFocus />
      </Field>
      <Field label={t("Your name")} hint={t("As others see it; may be left empty.")}>
        <input className="field" name="display_name" autoComplete="name" />
      </Field>
      <Field label={t("Password")} hint={t("At least 8 characters, and not a common one.")}>
        <input className="field" name="password" type="password" autoComplete="new-password" minLength={8} required />
      </Field>
      <ErrorText>{error}</ErrorText>
      <Button type="submit" disabled={busy}>
        {busy ? t("Creating…") : t("Create account")}
      </Button>
    </form>
  );
}

function fieldsOf(event: FormEvent<HTMLFormElement>): (name: string) => string {
  event.preventDefault();
  const form = new FormData(event.currentTarget);
  return (name) => String(form.get(name) ?? "");
}
