/** Until when something is muted, and the choice of it. */
import { useLive } from "../live/store.ts";
import { t } from "../text/t.ts";
import { fullMoment, muteTimes, YEAR_MS } from "../text/times.ts";
import { Button } from "../ui/parts.tsx";

interface Props {
  until: string | null;
  /** What is muted, for those who do not see where the choice stands. */
  name: string;
  /** Before the times, where no heading says what they are for. */
  lead?: string;
  disabled: boolean;
  onChoose: (until: Date | null) => void;
}

export function MuteChoice({ until, name, lead, disabled, onChoose }: Props) {
  const now = new Date();
  const zone = useLive((live) => live.preferences?.zone);
  const end = until === null ? null : new Date(until);
  if (end !== null && end > now) {
    const text = end.getTime() - now.getTime() > YEAR_MS ? t("Muted until you end it.") : t("Muted until {when}.", { when: fullMoment(end) });
    return (
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
        <span>{text}</span>
        <Button tone="outline" className="px-3 py-1 text-sm" aria-label={t("Unmute {name}", { name })} disabled={disabled} onClick={() => onChoose(null)}>
          {t("Unmute")}
        </Button>
      </p>
    );
  }
  return (
    <p className="flex flex-wrap items-center gap-2 text-sm">
      {lead !== undefined && <span className="text-muted">{lead}</span>}
      {muteTimes(now, zone).map(({ name: time, at }) => (
        <Button key={time} tone="outline" className="px-3 py-1 text-sm" aria-label={t("Mute {name}: {time}", { name, time })} disabled={disabled} onClick={() => onChoose(at)}>
          {time}
        </Button>
      ))}
    </p>
  );
}
