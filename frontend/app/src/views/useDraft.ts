/** What is being written in a room or a thread: begun on whatever device, kept by the server, cleared by sending. */
import { useEffect, useEffectEvent, useState } from "react";
import { currentSession } from "../live/account.ts";
import { type DraftPlace, filesOf, keyOf } from "../live/drafts.ts";
import { adoptFiles, trayOf, uploadedIn, useDraftFiles } from "../live/files.ts";
import { useLive } from "../live/store.ts";

export function useDraft(place: DraftPlace): { text: string; setText: (text: string) => void; clear: () => void } {
  const kept = useLive((live) => live.drafts[keyOf(place)]);
  const tray = trayOf(place.room, place.thread);
  const files = useDraftFiles(tray);
  const [text, show] = useState(() => currentSession().drafts.unsaved(place)?.text ?? kept?.text ?? "");
  const take = useEffectEvent(() => {
    // What is written here and not saved yet comes later than what another device has saved.
    if (kept === undefined || currentSession().drafts.unsaved(place) !== null) return;
    show(kept.text);
    adoptFiles(tray, kept.files ?? []);
  });
  const version = kept?.version;
  useEffect(() => take(), [version]);
  const saveFiles = useEffectEvent(() => {
    const { drafts } = currentSession();
    const here = uploadedIn(tray);
    const known = drafts.unsaved(place)?.files ?? filesOf(kept);
    if (here.join() !== known.join()) drafts.change(place, { text, files: here });
  });
  useEffect(() => saveFiles(), [files]);
  return {
    text,
    setText: (value) => {
      show(value);
      currentSession().drafts.change(place, { text: value, files: uploadedIn(tray) });
    },
    clear: () => {
      show("");
      currentSession().drafts.clear(place, kept !== undefined && (kept.text !== "" || filesOf(kept).length > 0));
    },
  };
}
