/** At the foot of the inbox: whether this browser tells one what happens while the page is closed. */
import { useEffect, useState } from "react";
import { type PushState, pushState, turnPushOff, turnPushOn } from "../live/push.ts";
import { useLive } from "../live/store.ts";
import { sentence, t } from "../text/t.ts";
import { useRequest } from "../ui/hooks.ts";
import { Button, ErrorText } from "../ui/parts.tsx";

const WORDS = {
  off: sentence("Be told when this page is closed"),
  on: sentence("You are told here when this page is closed"),
  blocked: sentence("Notifications of this site are blocked in your browser’s settings"),
} as const;

export function PushSwitch() {
  const [state, setState] = useState<PushState>("unavailable");
  const userId = useLive((live) => live.me.id);
  const { busy, error, run } = useRequest();
  useEffect(() => run(async () => setState(await pushState())), [run]);
  if (state === "unavailable") return null;
  const turn = () =>
    run(async () => {
      try {
        await (state === "on" ? turnPushOff() : turnPushOn(userId));
      } finally {
        setState(await pushState());
      }
    });
  return (
    <footer className="border-t border-line px-4 py-2 text-sm">
      <div className="flex items-center justify-between gap-3">
        <p className="text-muted">{t(WORDS[state])}</p>
        {state !== "blocked" && (
          <Button tone="quiet" className="shrink-0 px-2.5 py-1" disabled={busy} onClick={turn}>
            {state === "on" ? t("Turn off") : t("Turn on")}
          </Button>
        )}
      </div>
      <ErrorText>{error}</ErrorText>
    </footer>
  );
}
