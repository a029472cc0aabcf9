/** The cover over a message whose author the reader blocks. */
import { useState } from "react";
import type { Message } from "../../live/model.ts";
import { useLive } from "../../live/store.ts";
import { t } from "../../text/t.ts";

/** Whether the message is covered just now, and how to see it all the same. */
export function useCover(message: Message): { covered: boolean; show: () => void } {
  const blocked = useLive((live) => live.blocked.includes(message.author.id));
  const [shown, setShown] = useState(false);
  return { covered: blocked && !shown && !message.deleted, show: () => setShown(true) };
}

export function CoveredText({ onShow }: { onShow: () => void }) {
  return (
    <p className="text-muted italic">
      {t("You block this person.")}{" "}
      <button type="button" className="underline underline-offset-4 not-italic" onClick={onShow}>
        {t("Show the message")}
      </button>
    </p>
  );
}
