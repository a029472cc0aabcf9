/** What can be done with a message: a bar above it with the commonest, a menu with everything, and keys for some. */
import type { KeyboardEvent, ReactNode } from "react";
import { currentSession } from "../live/account.ts";
import { newId } from "../live/ids.ts";
import { closePoll, markUnread, setPinned, setSaved } from "../live/marking.ts";
import type { Message } from "../live/model.ts";
import { moderates } from "../live/moderation.ts";
import { goToThread, linkTo } from "../live/place.ts";
import { showToast, store, useLive } from "../live/store.ts";
import { copyText } from "../text/copy.ts";
import { t } from "../text/t.ts";
import {
  AckIcon,
  BookmarkIcon,
  ClockIcon,
  FlagIcon,
  ForwardIcon,
  LinkIcon,
  MoreIcon,
  PencilIcon,
  PeopleIcon,
  PinIcon,
  PollIcon,
  QuoteIcon,
  ThreadIcon,
  TrashIcon,
  UnreadIcon,
} from "../ui/icons.tsx";
import { Menu, MenuItem, MenuLine } from "../ui/menu.tsx";
import { IconButton } from "../ui/parts.tsx";
import type { MessageDialogName } from "./MessageDialog.tsx";
import { ReactionButton } from "./ReactionButton.tsx";

interface Doing {
  message: Message;
  /** Shown in its thread, not in the room's timeline. */
  inThread: boolean;
  onDialog: (name: MessageDialogName) => void;
}

interface ToolbarProps extends Doing {
  me: number;
  onEdit: () => void;
  /** Has the row say what went wrong. */
  run: (request: () => Promise<void>) => void;
}

export function MessageToolbar({ message, inThread, me, onDialog, onEdit, run }: ToolbarProps) {
  const saved = useLive((live) => live.saved.includes(message.id));
  const room = useLive((live) => live.rooms[message.room]?.room);
  const session = currentSession();
  const mine = message.author.id === me;
  const mayClose = message.poll && !message.poll.closed && (mine || room?.role === "owner");
  const mayDelete = mine || (room !== undefined && room.kind !== "direct" && moderates(room.role));
  const moves = movesOf({ message, inThread, onDialog });
  return (
    <div className="absolute -top-3.5 end-4 z-10 flex rounded-full border border-line bg-raised opacity-0 shadow-sm transition-opacity group-focus:opacity-100 group-focus-within:opacity-100 group-hover:opacity-100">
      <ReactionButton message={message} className="size-8" />
      {!inThread && (
        <IconButton label={t("Reply in thread")} className="size-8" onClick={() => reply(message)}>
          <ThreadIcon width={16} height={16} />
        </IconButton>
      )}
      {mine && message.forwarded == null && (
        <IconButton label={t("Edit message")} className="size-8" onClick={onEdit}>
          <PencilIcon width={16} height={16} />
        </IconButton>
      )}
      <Menu
        trigger={
          <IconButton label={t("More actions for this message")} className="size-8">
            <MoreIcon width={16} height={16} />
          </IconButton>
        }
      >
        {moves.map(({ key, label, icon, move }) => (
          <MenuItem key={key} icon={icon} onSelect={move}>
            <span className="flex-1">{label}</span>
            <kbd aria-hidden="true" className="text-xs text-muted uppercase max-sm:hidden">
              {key}
            </kbd>
          </MenuItem>
        ))}
        <MenuLine />
        <MenuItem icon={<BookmarkIcon />} onSelect={() => run(() => setSaved(session, message, !saved))}>
          {saved ? t("Remove from saved messages") : t("Save for later")}
        </MenuItem>
        <MenuItem icon={<PinIcon />} onSelect={() => run(() => setPinned(session, message, !message.pinned))}>
          {message.pinned ? t("Unpin from this room") : t("Pin to this room")}
        </MenuItem>
        <MenuItem icon={<UnreadIcon />} onSelect={() => run(() => markUnread(session, message))}>
          {t("Mark unread from here")}
        </MenuItem>
        <MenuItem icon={<ClockIcon />} onSelect={() => onDialog("remind")}>
          {t("Remind me…")}
        </MenuItem>
        {mine && message.root == null && (
          <MenuItem icon={<PeopleIcon />} onSelect={() => onDialog("readers")}>
            {t("Who has read this")}
          </MenuItem>
        )}
        {message.ack && (
          <MenuItem icon={<AckIcon />} onSelect={() => onDialog("acks")}>
            {t("Who has acknowledged")}
          </MenuItem>
        )}
        {mayClose && (
          <MenuItem icon={<PollIcon />} onSelect={() => run(() => closePoll(session, message))}>
            {t("End this poll")}
          </MenuItem>
        )}
        {(mayDelete || !mine) && <MenuLine />}
        {!mine && (
          <MenuItem icon={<FlagIcon />} onSelect={() => onDialog("report")}>
            {t("Report message")}
          </MenuItem>
        )}
        {mayDelete && (
          <MenuItem danger icon={<TrashIcon />} onSelect={() => run(() => session.deleteMessage(message))}>
            {t("Delete message")}
          </MenuItem>
        )}
      </Menu>
    </div>
  );
}

/** T, Q, F and C, as long as the focus is in the message and nothing is written there. */
export function doByKey(event: KeyboardEvent<HTMLElement>, doing: Doing): void {
  const isElsewhere = event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [contenteditable], dialog") !== null;
  if (doing.message.deleted || isElsewhere || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const found = movesOf(doing).find(({ key }) => key === event.key.toLowerCase());
  if (found === undefined || !event.currentTarget.contains(event.target as Node)) return;
  event.preventDefault();
  found.move();
}

interface Move {
  key: string;
  label: string;
  icon: ReactNode;
  move: () => void;
}

/** What takes a message elsewhere. */
function movesOf({ message, inThread, onDialog }: Doing): Move[] {
  const moves: Move[] = [
    { key: "q", label: t("Quote"), icon: <QuoteIcon />, move: () => quote(message, inThread) },
    { key: "f", label: t("Forward"), icon: <ForwardIcon />, move: () => onDialog("forward") },
    { key: "c", label: t("Copy link"), icon: <LinkIcon />, move: () => void copyLink(message) },
  ];
  return inThread ? moves : [{ key: "t", label: t("Reply in thread"), icon: <ThreadIcon />, move: () => reply(message) }, ...moves];
}

function reply(message: Message): void {
  goToThread(message.room, message.root ?? message.id);
}

/** Has the composer of where the message is shown quote it. */
function quote(message: Message, inThread: boolean): void {
  const threadId = inThread ? (message.root ?? message.id) : null;
  store.setState({ quoting: { roomId: message.room, threadId, message } });
}

async function copyLink(message: Message): Promise<void> {
  const link = linkTo(message.room, message.number);
  const copied = await copyText(link);
  const title = copied ? t("Link copied") : t("The browser does not allow copying. This is the link:");
  showToast({ id: newId(), title, text: copied ? "" : link, level: copied ? "success" : "warning", link: "" });
}
