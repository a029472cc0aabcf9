/** How one is seen: there as one is, not to be disturbed or invisible; a few words of one's own; read marks. */
import { useState } from "react";
import { currentSession } from "../live/account.ts";
import { type Availability, setAvailability, setShowsReads, setStatus } from "../live/presence.ts";
import { useLive } from "../live/store.ts";
import { sentence, t } from "../text/t.ts";
import { endOfDay, fullMoment } from "../text/times.ts";
import { useRequest } from "../ui/hooks.ts";
import { Button, Dialog, ErrorText, Field } from "../ui/parts.tsx";

type Lasting = "half_hour" | "hours" | "today" | "always";

const SUGGESTIONS = [
  { emoji: "📅", text: sentence("In a meeting"), lasts: "half_hour" },
  { emoji: "🍽️", text: sentence("At lunch"), lasts: "half_hour" },
  { emoji: "🤒", text: sentence("Ill"), lasts: "today" },
  { emoji: "🌴", text: sentence("On holiday"), lasts: "always" },
] as const;

export function StatusDialog({ onClose }: { onClose: () => void }) {
  const own = useLive((live) => live.own);
  const [emoji, setEmoji] = useState(own.status.emoji);
  const [text, setText] = useState(own.status.text);
  const [availability, choose] = useState<Availability>(own.availability);
  const [lasts, setLasts] = useState<Lasting>("always");
  const [shows, setShows] = useState(own.shows_reads);
  const { busy, error, run } = useRequest();
  const availabilities: Record<Availability, string> = {
    auto: t("As I am: online or away"),
    dnd: t("Do not disturb: nothing reaches me outside this page"),
    invisible: t("Invisible: I seem to be offline"),
  };
  const lengths: Record<Lasting, string> = { half_hour: t("30 minutes"), hours: t("4 hours"), today: t("Today"), always: t("Until I change it") };
  const save = () =>
    run(async () => {
      const session = currentSession();
      const until = endOf(lasts, new Date());
      if (emoji !== own.status.emoji || text !== own.status.text || lasts !== "always") await setStatus(session, emoji, text, until);
      if (availability !== own.availability || (lasts !== "always" && availability !== "auto")) {
        await setAvailability(session, availability, until);
      }
      if (shows !== own.shows_reads) await setShowsReads(session, shows);
      onClose();
    });
  return (
    <Dialog title={t("Your status")} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <div className="flex gap-2">
          <input className="field w-14! shrink-0 text-center" aria-label={t("Emoji")} value={emoji} maxLength={40} onChange={(event) => setEmoji(event.target.value)} />
          <input
            className="field"
            aria-label={t("What others see")}
            placeholder={t("What are you up to?")}
            value={text}
            maxLength={100}
            onChange={(event) => setText(event.target.value)}
            data-autofocus
          />
        </div>
        <div className="flex flex-wrap gap-2">
          {SUGGESTIONS.map((one) => (
            <Button
              key={one.text}
              tone="outline"
              className="px-3! py-1! text-sm"
              onClick={() => {
                setEmoji(one.emoji);
                setText(t(one.text));
                setLasts(one.lasts);
              }}
            >
              {one.emoji} {t(one.text)}
            </Button>
          ))}
        </div>
        <fieldset className="flex flex-col gap-2">
          <legend className="pb-1 font-medium">{t("How others see you")}</legend>
          {(Object.keys(availabilities) as Availability[]).map((one) => (
            <label key={one} className="flex items-center gap-2.5">
              <input type="radio" name="availability" value={one} checked={availability === one} onChange={() => choose(one)} />
              {availabilities[one]}
            </label>
          ))}
        </fieldset>
        <Field label={t("For how long")}>
          <select className="field" value={lasts} onChange={(event) => setLasts(event.target.value as Lasting)}>
            {(Object.keys(lengths) as Lasting[]).map((one) => (
              <option key={one} value={one}>
                {lengths[one]}
              </option>
            ))}
          </select>
        </Field>
        {own.status.until !== null && <p className="text-sm text-muted">{t("The present status ends {moment}.", { moment: fullMoment(new Date(own.status.until)) })}</p>}
        <label className="flex items-center gap-2.5">
          <input type="checkbox" checked={shows} onChange={(event) => setShows(event.target.checked)} />
          {t("Show others what I have read, and see what they have")}
        </label>
        <ErrorText>{error}</ErrorText>
        <div className="flex justify-end gap-2">
          {(own.status.text !== "" || own.status.emoji !== "") && (
            <Button
              tone="quiet"
              disabled={busy}
              onClick={() =>
                run(async () => {
                  await setStatus(currentSession(), "", "", null);
                  onClose();
                })
              }
            >
              {t("Clear status")}
            </Button>
          )}
          <Button type="submit" disabled={busy}>
            {t("Save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function endOf(lasts: Lasting, now: Date): Date | null {
  switch (lasts) {
    case "half_hour":
      return new Date(now.getTime() + 30 * 60_000);
    case "hours":
      return new Date(now.getTime() + 4 * 60 * 60_000);
    case "today":
      return endOfDay(now);
    case "always":
      return null;
  }
}
