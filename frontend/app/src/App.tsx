import { Fragment, type ReactNode } from "react";
import { startPage } from "./live/account.ts";
import { usePage } from "./live/store.ts";
import { t } from "./text/t.ts";
import { Mark } from "./ui/icons.tsx";
import { Button } from "./ui/parts.tsx";
import { Shell } from "./views/Shell.tsx";
import { SignIn } from "./views/SignIn.tsx";

export function App() {
  const locale = usePage((state) => state.locale);
  return (
    <Fragment key={locale}>
      <Phase />
    </Fragment>
  );
}

function Phase() {
  const phase = usePage((state) => state.phase);
  const invited = usePage((state) => state.invitation !== null);
  switch (phase.kind) {
    case "starting":
      return (
        <Centred>
          <Mark width={48} height={48} className="swing" />
          <p role="status" className="text-muted">
            {t("Starting…")}
          </p>
        </Centred>
      );
    case "unreachable":
      return (
        <Centred>
          <Mark width={48} height={48} />
          <p role="alert" className="max-w-sm text-center text-muted">
            {phase.message}
          </p>
          <Button onClick={() => void startPage()}>{t("Try again")}</Button>
        </Centred>
      );
    case "signed_out":
      return <SignIn notice={phase.notice ?? (invited ? t("Log in to follow the link you were given.") : null)} />;
    case "ready":
      return <Shell />;
  }
}

function Centred({ children }: { children: ReactNode }) {
  return <main className="flex h-full flex-col items-center justify-center gap-5 p-6">{children}</main>;
}
