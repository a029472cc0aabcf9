/** What hangs on a message: whence it was forwarded, what it quotes, the thread that it is in or begins. */
import { sayFiles } from "../live/files.ts";
import type { Message, Quote } from "../live/model.ts";
import { goToMessage, goToThread } from "../live/place.ts";
import { useLive } from "../live/store.ts";
import { nameOf, roomName } from "../text/names.ts";
import { plainText } from "../text/rich.ts";
import { plural, t } from "../text/t.ts";
import { shortMoment } from "../text/times.ts";
import { ForwardIcon, ThreadIcon } from "../ui/icons.tsx";
import { Avatar } from "../ui/parts.tsx";

/** Above the text. */
export function MessageContext({ message, inThread }: { message: Message; inThread: boolean }) {
  const root = message.root ?? null;
  return (
    <>
      {root !== null && !inThread && (
        <button
          type="button"
          className="flex items-center gap-1.5 text-xs text-muted underline-offset-2 hover:text-ink hover:underline"
          onClick={() => goToThread(message.room, root, message.number)}
        >
          <ThreadIcon width={14} height={14} />
          {t("Replied in a thread")}
        </button>
      )}
      <ForwardedNote message={message} />
      {message.quote != null && <QuoteView quote={message.quote} room={message.room} />}
    </>
  );
}

function ForwardedNote({ message }: { message: Message }) {
  const forwarded = message.forwarded ?? null;
  const me = useLive((live) => live.me.id);
  const room = useLive((live) => (forwarded === null ? undefined : live.rooms[forwarded.room]?.room));
  if (forwarded === null) return null;
  const author = nameOf(forwarded.author);
  const sentence = room === undefined ? t("Forwarded from {author}", { author }) : t("Forwarded from {author} in {room}", { author, room: roomName(room, me) });
  return (
    <p className="flex items-center gap-1.5 text-xs text-muted">
      <ForwardIcon width={14} height={14} className="shrink-0" />
      {room === undefined ? (
        <span className="truncate">{sentence}</span>
      ) : (
        <button type="button" className="truncate underline-offset-2 hover:text-ink hover:underline" onClick={() => goToMessage(forwarded.room, forwarded.number)}>
          {sentence}
        </button>
      )}
    </p>
  );
}

export function QuoteView({ quote, room }: { quote: Quote; room: number }) {
  const author = nameOf(quote.author);
  return (
    <button
      type="button"
      aria-label={t("Quoted: {author}. Show this message", { author })}
      className="my-0.5 block w-full max-w-xl rounded-e-lg border-s-3 border-line bg-paper/70 px-2.5 py-1 text-start text-sm hover:border-accent hover:bg-hover"
      onClick={() => goToMessage(room, quote.number)}
    >
      <QuotedWords quote={quote} />
    </button>
  );
}

/** Author and beginning, or the names of the files; what the message looks like now. */
export function QuotedWords({ quote }: { quote: Pick<Quote, "author" | "text" | "deleted"> & Pick<Message, "html" | "files"> }) {
  return (
    <>
      <span className="block truncate font-medium">{nameOf(quote.author)}</span>
      <span className={`line-clamp-2 break-words text-muted ${quote.deleted ? "italic" : ""}`}>{quote.deleted ? t("Message deleted") : plainText(quote) || sayFiles(quote.files)}</span>
    </>
  );
}

/** Below the text of a message with replies: how many, by whom, and what is unread of them. */
export function ThreadBar({ message }: { message: Message }) {
  const info = message.thread ?? null;
  const unread = useLive((live) => live.threads[message.id]);
  if (info === null || info.replies === 0) return null;
  const isUnread = unread !== undefined && unread.following && unread.unread.length > 0;
  const count = plural(info.replies, "{n} reply", "{n} replies");
  return (
    <button
      type="button"
      className="mt-1 flex max-w-full items-center gap-2 rounded-full border border-line bg-raised py-0.5 pe-3 ps-1 text-sm hover:border-accent"
      onClick={() => goToThread(message.room, message.id)}
    >
      <span className="flex -space-x-1.5">
        {info.participants.map((person) => (
          <Avatar key={person.id} person={person} size="tiny" />
        ))}
      </span>
      <span className={`shrink-0 text-accent ${isUnread ? "font-semibold" : "font-medium"}`}>{count}</span>
      {isUnread && (
        <span className="shrink-0 rounded-full bg-bronze-fill px-1.5 text-xs font-semibold text-on-bronze">{t("{n} new", { n: unread.unread.length })}</span>
      )}
      {info.last_at !== null && (
        <span className="truncate text-xs text-muted">{t("last {time}", { time: shortMoment(new Date(info.last_at), new Date()) })}</span>
      )}
    </button>
  );
}
