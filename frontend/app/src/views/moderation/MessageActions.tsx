/** What keeping order adds to a message: its report, its deletion by a moderator, and its cover where its author is blocked. */
import { lazy, Suspense, useState } from "react";
import { moderates } from "../../live/moderation.ts";
import type { Message } from "../../live/model.ts";
import { useLive } from "../../live/store.ts";
import { t } from "../../text/t.ts";
import { FlagIcon, TrashIcon } from "../../ui/icons.tsx";
import { IconButton } from "../../ui/parts.tsx";

const ReportDialog = lazy(() => import("./ReportDialog.tsx").then((module) => ({ default: module.ReportDialog })));

/** For messages of others. */
export function OthersMessageButtons({ message, onDelete }: { message: Message; onDelete: () => void }) {
  const [reporting, setReporting] = useState(false);
  const mayDelete = useLive(({ rooms }) => {
    const room = rooms[message.room]?.room;
    return room !== undefined && room.kind !== "direct" && moderates(room.role);
  });
  return (
    <>
      <IconButton label={t("Report message")} className="size-8" onClick={() => setReporting(true)}>
        <FlagIcon width={16} height={16} />
      </IconButton>
      {mayDelete && (
        <IconButton label={t("Delete message")} className="size-8" onClick={onDelete}>
          <TrashIcon width={16} height={16} />
        </IconButton>
      )}
      {reporting && (
        <Suspense>
          <ReportDialog about={{ message: message.id }} shown={message.text} onClose={() => setReporting(false)} />
        </Suspense>
      )}
    </>
  );
}

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
