import type { ReactNode } from "react";
import { startPage } from "./live/account.ts";
import { usePage } from "./live/store.ts";
import { Mark } from "./ui/icons.tsx";
import { Button } from "./ui/parts.tsx";
import { Shell } from "./views/Shell.tsx";
import { SignIn } from "./views/SignIn.tsx";

export function App() {
  const phase = usePage((state) => state.phase);
  switch (phase.kind) {
    case "starting":
      return (
        <Centred>
          <Mark width={48} height={48} className="swing" />
          <p role="status" className="text-muted">
            Starting…
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
          <Button onClick={() => void startPage()}>Try again</Button>
        </Centred>
      );
    case "signed_out":
      return <SignIn notice={phase.notice} />;
    case "ready":
      return <Shell />;
  }
}

function Centred({ children }: { children: ReactNode }) {
  return <main className="flex h-full flex-col items-center justify-center gap-5 p-6">{children}</main>;
}
