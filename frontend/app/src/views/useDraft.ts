/** What is being written in a room or a thread: begun on whatever device, kept by the server, cleared by sending. */
import { useEffect, useEffectEvent, useState } from "react";
import { currentSession } from "../live/account.ts";
import { type DraftPlace, keyOf } from "../live/drafts.ts";
import { useLive } from "../live/store.ts";

export function useDraft(place: DraftPlace): { text: string; setText: (text: string) => void; clear: () => void } {
  const kept = useLive((live) => live.drafts[keyOf(place)]);
  const [text, show] = useState(() => currentSession().drafts.unsaved(place) ?? kept?.text ?? "");
  const take = useEffectEvent(() => {
    // What is typed here and not saved yet comes later than what another device has saved.
    if (kept !== undefined && currentSession().drafts.unsaved(place) === null) show(kept.text);
  });
  const version = kept?.version;
  useEffect(() => take(), [version]);
  return {
    text,
    setText: (value) => {
      show(value);
      currentSession().drafts.change(place, value);
    },
    clear: () => {
      show("");
      currentSession().drafts.clear(place, kept !== undefined && kept.text !== "");
    },
  };
}
