/** In the head of the list of rooms, while something of the person's runs. */
import { useEffect } from "react";
import { currentSession } from "../live/account.ts";
import { isOpen } from "../live/jobs.ts";
import { openJobs } from "../live/place.ts";
import { useLive, usePage } from "../live/store.ts";
import { t } from "../text/t.ts";
import { useLasting } from "../ui/hooks.ts";
import { TasksIcon } from "../ui/icons.tsx";
import { IconButton } from "../ui/parts.tsx";

export const ASK_EVERY_MS = 3_000;
/** As in the bar at the top: a quick return needs no words. */
const BLOCKED_AFTER_MS = 700;

export function JobsButton() {
  const open = useLive((live) => live.jobs.filter(isOpen).length);
  useAskingWithoutConnection(open > 0);
  if (open === 0) return null;
  return (
    <IconButton label={t("Your tasks, {n} running", { n: open })} onClick={openJobs}>
      <TasksIcon className="text-accent" />
      <span aria-hidden="true" className="dot absolute top-1 end-1 size-2 rounded-full bg-accent" />
    </IconButton>
  );
}

export function useBlocked(): boolean {
  return useLasting(usePage((state) => state.connection.kind !== "live"), BLOCKED_AFTER_MS);
}

/** What no event can tell, the server is asked for. */
function useAskingWithoutConnection(wanted: boolean): void {
  const blocked = useBlocked();
  useEffect(() => {
    if (!blocked || !wanted) return;
    const timer = setInterval(() => {
      currentSession()
        .loadJobs()
        .catch(() => undefined); // the next one may get through; the bar at the top says what is wrong
    }, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [blocked, wanted]);
}
