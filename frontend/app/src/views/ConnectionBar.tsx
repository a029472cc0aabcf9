/** The truth about the connection. Says nothing while all is well, or for the moment that a quick return takes. */
import type { ConnectionState } from "@carillon/sdk";
import { currentSession } from "../live/account.ts";
import { usePage } from "../live/store.ts";
import { t } from "../text/t.ts";
import { clockTime, seconds } from "../text/times.ts";
import { useLasting, useNow } from "../ui/hooks.ts";

/** A return quicker than this needs no words. */
const WORTH_A_WORD_MS = 700;

export function ConnectionBar() {
  const connection = usePage((state) => state.connection);
  const trouble = connection.kind !== "live";
  const shown = useLasting(trouble, WORTH_A_WORD_MS);
  const now = useNow(500, shown);
  if (!shown || !trouble) return null;
  const tone = connection.kind === "stopped" ? "bg-danger-soft text-danger" : "bg-bronze-soft text-bronze";
  return (
    <div className={`flex min-h-9 flex-wrap items-center justify-center gap-x-4 gap-y-1 px-4 py-1.5 text-sm ${tone}`}>
      <p role="status">{sentence(connection)}</p>
      <Countdown connection={connection} now={now} />
      <Remedy connection={connection} />
    </div>
  );
}

/** Read out once, so without anything that ticks. */
function sentence(connection: ConnectionState): string {
  switch (connection.kind) {
    case "live":
      return t("Connected.");
    case "connecting":
      return t("Connecting…");
    case "recovering":
      return t("Catching up with what you missed…");
    case "waiting":
      return t("No connection since {time}. What you write is kept and sent later.", { time: clockTime(new Date(connection.sinceMs)) });
    case "offline":
      return t("You are offline since {time}. What you write is kept and sent later.", { time: clockTime(new Date(connection.sinceMs)) });
    case "stopped":
      return connection.reason.message || t("The server ended this connection. Reload the page to come back.");
  }
}

function Countdown({ connection, now }: { connection: ConnectionState; now: number }) {
  if (connection.kind !== "waiting" && connection.kind !== "offline") return null;
  if (connection.retryAtMs === null || connection.retryAtMs - now < 1000) return null;
  return <p className="tabular-nums opacity-80">{t("Next try in {seconds}", { seconds: seconds(connection.retryAtMs - now) })}</p>;
}

function Remedy({ connection }: { connection: ConnectionState }) {
  const style = "font-semibold underline underline-offset-4";
  if (connection.kind === "waiting" || connection.kind === "offline") {
    return (
      <button type="button" className={style} onClick={() => currentSession().retryNow()}>
        {t("Try now")}
      </button>
    );
  }
  if (connection.kind === "stopped") {
    return (
      <button type="button" className={style} onClick={() => location.reload()}>
        {t("Reload")}
      </button>
    );
  }
  return null;
}
