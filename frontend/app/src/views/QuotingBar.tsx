/** What the message being written quotes, above the field; Esc or the button lets go of it. */
import { type ReactNode, useEffect, useEffectEvent } from "react";
import { store, usePage } from "../live/store.ts";
import { nameOf } from "../text/names.ts";
import { t } from "../text/t.ts";
import { CloseIcon } from "../ui/icons.tsx";
import { IconButton } from "../ui/parts.tsx";
import { QuotedWords } from "./MessageLinks.tsx";

interface Quoting {
  /** The id of the quoted message. */
  id: number | null;
  bar: ReactNode;
  drop: () => void;
}

/** Of the composer of a room, or of a thread in it. `focus` is called when something is to be quoted. */
export function useQuoting(roomId: number, threadId: number | null, focus: () => void): Quoting {
  const quoting = usePage((page) => (page.quoting?.roomId === roomId && page.quoting.threadId === threadId ? page.quoting.message : null));
  const focusNow = useEffectEvent(focus);
  const drop = () => store.setState({ quoting: null });
  useEffect(() => {
    // The menu from which it was chosen gives the focus back to its button first.
    if (quoting === null) return;
    const timer = setTimeout(() => focusNow());
    return () => clearTimeout(timer);
  }, [quoting]);
  const bar = quoting !== null && (
    <div className="flex items-start gap-1 px-2 pb-1 text-sm" role="group" aria-label={t("Quoting {author}", { author: nameOf(quoting.author) })}>
      <div className="min-w-0 flex-1 rounded-e-lg border-s-3 border-accent bg-paper/70 px-2.5 py-1">
        <QuotedWords quote={quoting} />
      </div>
      <IconButton label={t("Do not quote")} className="size-8" onClick={drop}>
        <CloseIcon width={16} height={16} />
      </IconButton>
    </div>
  );
  return { id: quoting?.id ?? null, bar, drop };
}
