/** What stands where one writes: the field, or why one cannot write here; and the wait of slow mode. */
import type { ReactNode } from "react";
import { endOf } from "../../live/sanctions.ts";
import { type Barrier, barrierOf, slowUntilMs } from "../../live/moderation.ts";
import type { RoomState } from "../../live/model.ts";
import { useLive } from "../../live/store.ts";
import { t } from "../../text/t.ts";
import { useNow } from "../../ui/hooks.ts";
import { ClockIcon, LockIcon } from "../../ui/icons.tsx";

export function WriteGate({ state, children }: { state: RoomState; children: ReactNode }) {
  const now = useNow(1000, state.room.muted === true);
  const barrier = barrierOf(state.room, now);
  if (barrier === null) return children;
  return (
    <p role="status" className="mx-3 mb-3 flex items-center gap-2.5 rounded-2xl border border-line bg-paper px-4 py-3 text-muted md:mx-5 md:mb-5">
      <LockIcon width={18} height={18} className="shrink-0" />
      <span className="min-w-0 break-words">{reasonOf(barrier)}</span>
    </p>
  );
}

function reasonOf(barrier: Barrier): string {
  switch (barrier.kind) {
    case "muted": {
      const why = barrier.reason === "" ? "" : ` ${t("Reason: {reason}", { reason: barrier.reason })}`;
      return `${t("You are muted in this room.")} ${endOf(barrier.until)}${why}`;
    }
    case "barred":
      return t("You cannot write in this conversation.");
    case "posting":
      return barrier.posting === "owners" ? t("Only owners may write in this room.") : t("Only owners and moderators may write in this room.");
  }
}

/** How many seconds slow mode lets one wait before the next message; 0 where it does not. */
export function useSlowMode(state: RoomState): number {
  const me = useLive((live) => live.me.id);
  const until = slowUntilMs(state, me);
  const now = useNow(250, until > Date.now());
  return Math.max(0, Math.ceil((until - now) / 1000));
}

export function SlowModeNote({ room, wait }: { room: RoomState["room"]; wait: number }) {
  if (!room.slow_mode_s || room.role === "owner" || room.role === "moderator") return null;
  return (
    <p className="mb-1.5 flex items-center gap-1.5 px-1 text-xs text-muted">
      <ClockIcon width={14} height={14} />
      <span>
        {wait > 0
          ? t("Slow mode: you can write again in {wait} s.", { wait })
          : t("Slow mode: one message every {pause} s.", { pause: room.slow_mode_s })}
      </span>
    </p>
  );
}
