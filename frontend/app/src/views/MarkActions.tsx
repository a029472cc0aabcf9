/** What one may do with a message beside answering: react, save, pin, put off; a few more where it is a poll or asks for something. */
import { lazy, Suspense, useState } from "react";
import { currentSession } from "../live/account.ts";
import { closePoll, markUnread, setPinned, setSaved } from "../live/marking.ts";
import type { Message } from "../live/model.ts";
import { useLive } from "../live/store.ts";
import { t } from "../text/t.ts";
import { useRequest } from "../ui/hooks.ts";
import { AckIcon, BookmarkIcon, ClockIcon, MoreIcon, PinIcon, PollIcon, UnreadIcon } from "../ui/icons.tsx";
import { Menu, MenuItem } from "../ui/menu.tsx";
import { ErrorText, IconButton } from "../ui/parts.tsx";
import { ReactionButton } from "./ReactionButton.tsx";

const AckDialog = lazy(async () => ({ default: (await import("./AckDialog.tsx")).AckDialog }));

export function MarkActions({ message, me, onRemind }: { message: Message; me: number; onRemind: () => void }) {
  const saved = useLive((live) => live.saved.includes(message.id));
  const owner = useLive((live) => live.rooms[message.room]?.room.role === "owner");
  const [acks, setAcks] = useState(false);
  const { error, run } = useRequest();
  const session = currentSession();
  const mayClose = message.poll && !message.poll.closed && (message.author.id === me || owner);
  return (
    <>
      <ReactionButton message={message} className="size-8" />
      <Menu
        trigger={
          <IconButton label={t("More to do with this message")} className="size-8">
            <MoreIcon width={16} height={16} />
          </IconButton>
        }
      >
        <MenuItem icon={<BookmarkIcon />} onSelect={() => run(() => setSaved(session, message, !saved))}>
          {saved ? t("Remove from saved messages") : t("Save for later")}
        </MenuItem>
        <MenuItem icon={<PinIcon />} onSelect={() => run(() => setPinned(session, message, !message.pinned))}>
          {message.pinned ? t("Unpin from this room") : t("Pin to this room")}
        </MenuItem>
        <MenuItem icon={<UnreadIcon />} onSelect={() => run(() => markUnread(session, message))}>
          {t("Mark unread from here")}
        </MenuItem>
        <MenuItem icon={<ClockIcon />} onSelect={onRemind}>
          {t("Remind me…")}
        </MenuItem>
        {message.ack && (
          <MenuItem icon={<AckIcon />} onSelect={() => setAcks(true)}>
            {t("Who has acknowledged")}
          </MenuItem>
        )}
        {mayClose && (
          <MenuItem icon={<PollIcon />} onSelect={() => run(() => closePoll(session, message))}>
            {t("End this poll")}
          </MenuItem>
        )}
      </Menu>
      {error !== null && (
        <span className="absolute top-full end-0 z-10 w-64">
          <ErrorText>{error}</ErrorText>
        </span>
      )}
      {acks && (
        <Suspense fallback={null}>
          <AckDialog message={message} onClose={() => setAcks(false)} />
        </Suspense>
      )}
    </>
  );
}
