/** One message, stored or on its way. */
import { type KeyboardEvent, memo, type ReactNode, useEffect, useRef, useState } from "react";
import { currentSession } from "../live/account.ts";
import type { Message, PendingMessage, Person } from "../live/model.ts";
import { useLive } from "../live/store.ts";
import { pieces } from "../text/links.ts";
import { nameOf } from "../text/names.ts";
import { clockTime, fullMoment } from "../text/times.ts";
import { useRequest } from "../ui/hooks.ts";
import { AlertIcon, ClockIcon, PencilIcon, TrashIcon } from "../ui/icons.tsx";
import { Avatar, Button, Dialog, ErrorText, IconButton, PersonName } from "../ui/parts.tsx";

interface RowProps {
  message: Message;
  opensGroup: boolean;
  mine: boolean;
  editing: boolean;
  onEdit: (messageId: number | null) => void;
}

export const MessageRow = memo(function MessageRow({ message, opensGroup, mine, editing, onEdit }: RowProps) {
  const [deleting, setDeleting] = useState(false);
  const at = new Date(message.created_at);
  return (
    <Frame author={message.author} at={at} opensGroup={opensGroup} tappable={mine}>
      {editing ? (
        <Editor message={message} onDone={() => onEdit(null)} />
      ) : message.deleted ? (
        <p className="text-muted italic">Message deleted</p>
      ) : (
        <p className="break-words whitespace-pre-wrap">
          <LinkedText text={message.text} />
          {message.edited_at !== null && (
            <span className="ml-1.5 text-xs text-muted" title={fullMoment(new Date(message.edited_at))}>
              (edited)
            </span>
          )}
        </p>
      )}
      {mine && !message.deleted && !editing && (
        <div className="absolute -top-3.5 right-4 flex rounded-full border border-line bg-raised opacity-0 shadow-sm transition-opacity group-focus-within:opacity-100 group-hover:opacity-100">
          <IconButton label="Edit message" className="size-8" onClick={() => onEdit(message.id)}>
            <PencilIcon width={16} height={16} />
          </IconButton>
          <IconButton label="Delete message" className="size-8" onClick={() => setDeleting(true)}>
            <TrashIcon width={16} height={16} />
          </IconButton>
        </div>
      )}
      {deleting && <DeleteDialog message={message} onClose={() => setDeleting(false)} />}
    </Frame>
  );
});

export function PendingRow({ pending, opensGroup }: { pending: PendingMessage; opensGroup: boolean }) {
  const me = useLive((live) => live.me);
  const failed = pending.status === "failed";
  return (
    <Frame author={me} at={new Date(pending.createdAtMs)} opensGroup={opensGroup}>
      <p className={`break-words whitespace-pre-wrap ${failed ? "" : "opacity-60"}`}>
        <LinkedText text={pending.text} />
        {!failed && (
          <span className="ml-1.5 inline-flex translate-y-0.5 text-muted" title="On its way">
            <ClockIcon width={14} height={14} />
            <span className="sr-only">On its way</span>
          </span>
        )}
      </p>
      {failed && (
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-danger" role="alert">
          <AlertIcon width={16} height={16} />
          <span>Not sent. {pending.failure}</span>
          <button type="button" className="font-semibold underline underline-offset-4" onClick={() => currentSession().retryMessage(pending.clientId)}>
            Try again
          </button>
          <button type="button" className="underline underline-offset-4" onClick={() => currentSession().discardMessage(pending.clientId)}>
            Discard
          </button>
        </p>
      )}
    </Frame>
  );
}

/** `tappable`: a touch gives it the focus, which shows what can be done with it. */
function Frame({
  author,
  at,
  opensGroup,
  tappable = false,
  children,
}: {
  author: Person;
  at: Date;
  opensGroup: boolean;
  tappable?: boolean;
  children: ReactNode;
}) {
  return (
    <article
      tabIndex={tappable ? -1 : undefined}
      aria-label={`${nameOf(author)}, ${clockTime(at)}`}
      className={`group relative grid outline-none grid-cols-[2.25rem_minmax(0,1fr)] gap-x-3 px-4 py-0.5 hover:bg-paper/70 md:px-5 ${opensGroup ? "mt-3" : ""}`}
    >
      {opensGroup ? (
        <span className="pt-0.5">
          <Avatar person={author} />
        </span>
      ) : (
        <time
          dateTime={at.toISOString()}
          className="flex justify-end pt-1 text-[10px] leading-4 whitespace-nowrap text-muted tabular-nums opacity-0 group-hover:opacity-100"
        >
          {clockTime(at)}
        </time>
      )}
      <div className="min-w-0">
        {opensGroup && (
          <p className="flex items-baseline gap-2">
            <PersonName person={author} />
            <time dateTime={at.toISOString()} title={fullMoment(at)} className="text-xs text-muted tabular-nums">
              {clockTime(at)}
            </time>
          </p>
        )}
        {children}
      </div>
    </article>
  );
}

function LinkedText({ text }: { text: string }) {
  return pieces(text).map((piece, at) =>
    piece.kind === "text" ? (
      piece.text
    ) : (
      <a
        // oxlint-disable-next-line react/no-array-index-key -- a text's pieces never move
        key={at}
        href={piece.href}
        target="_blank"
        rel="noopener noreferrer nofollow"
        className="text-accent underline underline-offset-2 [overflow-wrap:anywhere]"
      >
        {piece.text}
      </a>
    ),
  );
}

function Editor({ message, onDone }: { message: Message; onDone: () => void }) {
  const ref = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(message.text);
  const { busy, error, run } = useRequest();
  useEffect(() => {
    const area = ref.current;
    area?.focus();
    area?.setSelectionRange(area.value.length, area.value.length);
  }, []);
  const save = () => {
    const trimmed = text.trim();
    if (trimmed === message.text) return onDone();
    if (trimmed === "") return;
    run(async () => {
      await currentSession().editMessage(message, trimmed);
      onDone();
    });
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") onDone();
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      save();
    }
  };
  return (
    <div className="flex flex-col gap-2 py-1">
      <textarea
        ref={ref}
        className="composer-text field max-h-64 resize-none"
        aria-label="Edit message"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <ErrorText>{error}</ErrorText>
      <p className="flex items-center gap-2 text-sm">
        <Button className="px-3 py-1" disabled={busy || text.trim() === ""} onClick={save}>
          Save
        </Button>
        <Button tone="quiet" className="px-3 py-1" onClick={onDone}>
          Cancel
        </Button>
        <span className="text-xs text-muted max-sm:hidden">Enter saves, Esc cancels</span>
      </p>
    </div>
  );
}

function DeleteDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const { busy, error, run } = useRequest();
  const remove = () =>
    run(async () => {
      await currentSession().deleteMessage(message);
      onClose();
    });
  return (
    <Dialog title="Delete this message?" onClose={onClose}>
      <blockquote className="mb-4 line-clamp-4 border-l-2 border-line pl-3 break-words whitespace-pre-wrap text-muted">{message.text}</blockquote>
      <ErrorText>{error}</ErrorText>
      <div className="flex justify-end gap-2">
        <Button tone="outline" onClick={onClose}>
          Keep
        </Button>
        <Button tone="danger" disabled={busy} onClick={remove}>
          Delete
        </Button>
      </div>
    </Dialog>
  );
}
