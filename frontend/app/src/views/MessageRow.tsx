/** One message, stored or on its way. */
import { type KeyboardEvent, memo, type ReactNode, useDeferredValue, useEffect, useRef, useState } from "react";
import { currentSession } from "../live/account.ts";
import { meansMe } from "../live/apply.ts";
import type { Message, PendingMessage, Person, RoomState, Version } from "../live/model.ts";
import { useLive } from "../live/store.ts";
import { nameOf } from "../text/names.ts";
import { plainText } from "../text/rich.ts";
import { t } from "../text/t.ts";
import { clockTime, fullMoment } from "../text/times.ts";
import { formatsByKey, pastesCode } from "../ui/formatting.ts";
import { useRequest } from "../ui/hooks.ts";
import { AlertIcon, ChatIcon, ClockIcon, PencilIcon, PeopleIcon, TrashIcon } from "../ui/icons.tsx";
import { Menu, MenuItem, MenuLabel } from "../ui/menu.tsx";
import { Avatar, BotSign, Button, Dialog, ErrorText, IconButton, PersonName } from "../ui/parts.tsx";
import { PendingFiles } from "./Attachments.tsx";
import { useCompletions } from "./Completions.tsx";
import { MarkActions } from "./MarkActions.tsx";
import { MessageContext, ThreadBar } from "./MessageLinks.tsx";
import { useMessageActions } from "./MessageMenu.tsx";
import { MessageMarks } from "./MessageMarks.tsx";
import { MessageFiles } from "./MessageFiles.tsx";
import { MessagePreviews } from "./MessagePreviews.tsx";
import { MessageText } from "./MessageText.tsx";
import { usePersonMenu } from "./moderation/MemberActions.tsx";
import { CoveredText, OthersMessageButtons, useCover } from "./moderation/MessageActions.tsx";
import { ReadersDialog, Receipts } from "./Receipts.tsx";
import { RemindDialog } from "./RemindDialog.tsx";
import { StatusSign } from "./StatusSign.tsx";

interface RowProps {
  message: Message;
  me: number;
  /** Looked for, and just found. */
  found: boolean;
  opensGroup: boolean;
  editing: boolean;
  onEdit: (messageId: number | null) => void;
  /** Shown in its thread, not in the room's timeline. */
  inThread?: boolean;
}

export const MessageRow = memo(function MessageRow({ message, me, found, opensGroup, editing, onEdit, inThread = false }: RowProps) {
  const actions = useMessageActions(message, inThread);
  const [history, setHistory] = useState(false);
  const [reminding, setReminding] = useState(false);
  const [reading, setReading] = useState(false);
  const { error, run } = useRequest();
  const at = new Date(message.created_at);
  const mine = message.author.id === me;
  const { covered, show } = useCover(message);
  const remove = () => run(() => currentSession().deleteMessage(message));
  // A room is on the screen sooner when what one may do with its messages comes after what they say.
  const isShown = useDeferredValue(true, false);
  return (
    <Frame
      author={message.author}
      at={at}
      opensGroup={opensGroup}
      tappable={!message.deleted}
      tone={toneOf(message, me, found)}
      onKeyDown={actions.onKeyDown}
    >
      {!message.deleted && <MessageContext message={message} inThread={inThread} />}
      {editing ? (
        <Editor message={message} onDone={() => onEdit(null)} />
      ) : message.deleted ? (
        <p className="text-muted italic">{t("Message deleted")}</p>
      ) : covered ? (
        <CoveredText onShow={show} />
      ) : (
        <div className="break-words whitespace-pre-wrap" dir="auto">
          <MessageText text={message.text} html={message.html} mentions={message.mentions} me={me} />
          {message.edited_at !== null && (
            <button
              type="button"
              className="ms-1.5 text-xs text-muted underline-offset-2 hover:underline"
              title={fullMoment(new Date(message.edited_at))}
              aria-label={t("Edited: show what it said before")}
              onClick={() => setHistory(true)}
            >
              {t("(edited)")}
            </button>
          )}
        </div>
      )}
      <MessageFiles files={message.files} />
      <MessagePreviews message={message} mine={mine} />
      {!message.deleted && <MessageMarks message={message} me={me} />}
      {message.root == null && <Receipts message={message} me={me} />}
      {isShown && !message.deleted && !editing && (
        <div className="absolute -top-3.5 end-4 z-10 flex rounded-full border border-line bg-raised opacity-0 shadow-sm transition-opacity group-focus:opacity-100 group-focus-within:opacity-100 group-hover:opacity-100">
          <MarkActions message={message} me={me} onRemind={() => setReminding(true)} />
          {mine && message.root == null && (
            <IconButton label={t("Who has read this")} className="size-8" onClick={() => setReading(true)}>
              <PeopleIcon width={16} height={16} />
            </IconButton>
          )}
          <IconButton label={t("Remind me of this message")} className="size-8" onClick={() => setReminding(true)}>
            <ClockIcon width={16} height={16} />
          </IconButton>
          {!mine && <OthersMessageButtons message={message} onDelete={remove} />}
          {mine && (
            <>
              {message.forwarded == null && (
                <IconButton label={t("Edit message")} className="size-8" onClick={() => onEdit(message.id)}>
                  <PencilIcon width={16} height={16} />
                </IconButton>
              )}
              <IconButton label={t("Delete message")} className="size-8" onClick={remove}>
                <TrashIcon width={16} height={16} />
              </IconButton>
            </>
          )}
          {actions.menu}
        </div>
      )}
      {!inThread && <ThreadBar message={message} />}
      {actions.dialog}
      <ErrorText>{error}</ErrorText>
      {history && <HistoryDialog message={message} me={me} onClose={() => setHistory(false)} />}
      {reading && <ReadersDialog message={message} onClose={() => setReading(false)} />}
      {reminding && <RemindDialog about={`message:${message.id}`} title={plainText(message)} onClose={() => setReminding(false)} />}
    </Frame>
  );
});

export function PendingRow({ pending, opensGroup }: { pending: PendingMessage; opensGroup: boolean }) {
  const me = useLive((live) => live.me);
  const failed = pending.status === "failed";
  return (
    <Frame author={me} at={new Date(pending.createdAtMs)} opensGroup={opensGroup}>
      <p className={`break-words whitespace-pre-wrap ${failed ? "" : "text-muted"}`} dir="auto">
        <MessageText text={pending.text} mentions={[]} me={me.id} />
        {!failed && (
          <span className="ms-1.5 inline-flex translate-y-0.5 text-muted" title={t("On its way")}>
            <ClockIcon width={14} height={14} />
            <span className="sr-only">{t("On its way")}</span>
          </span>
        )}
      </p>
      <PendingFiles pending={pending} />
      {failed && (
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-danger" role="alert">
          <AlertIcon width={16} height={16} />
          <span>{t("Not sent.")} {pending.failure}</span>
          <button type="button" className="font-semibold underline underline-offset-4" onClick={() => currentSession().retryMessage(pending.clientId)}>
            {t("Try again")}
          </button>
          <button type="button" className="underline underline-offset-4" onClick={() => currentSession().discardMessage(pending.clientId)}>
            {t("Discard")}
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
  tone = "",
  onKeyDown,
  children,
}: {
  author: Person;
  at: Date;
  opensGroup: boolean;
  tappable?: boolean;
  tone?: string;
  onKeyDown?: (event: KeyboardEvent<HTMLElement>) => void;
  children: ReactNode;
}) {
  return (
    <article
      tabIndex={tappable ? -1 : undefined}
      onKeyDown={onKeyDown}
      aria-label={`${nameOf(author)}, ${clockTime(at)}`}
      className={`group relative grid outline-none grid-cols-[2.25rem_minmax(0,1fr)] gap-x-3 px-4 py-0.5 hover:bg-paper/70 md:px-5 ${tone} ${opensGroup ? "mt-3" : ""}`}
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
            <AuthorName person={author} />
              <StatusSign user={author.id} />
              <time dateTime={at.toISOString()} title={fullMoment(at)} className="shrink-0 text-xs whitespace-nowrap text-muted tabular-nums">
              {clockTime(at)}
            </time>
          </p>
        )}
        {children}
      </div>
    </article>
  );
}

/** What the row's background says: it mentions the reader, or it is what they looked for. */
function toneOf({ author, mentions }: Message, me: number, found: boolean): string {
  const mentioned = author.id !== me && meansMe(mentions, me) ? "border-s-2 border-bronze bg-bronze-soft/40 ps-3.5! md:ps-4.5!" : "";
  return found ? `${mentioned} found` : mentioned;
}

/** The name of whoever wrote; of somebody else, with the way to write to them. */
function AuthorName({ person }: { person: Person }) {
  const me = useLive((live) => live.me.id);
  const { error, run } = useRequest();
  const order = usePersonMenu(person, run);
  if (person.id === me) return <PersonName person={person} />;
  return (
    <>
      <Menu
        align="start"
        trigger={
          <button type="button" dir="auto" className="min-w-0 truncate rounded font-semibold underline-offset-2 hover:underline">
            {nameOf(person)}
            <BotSign person={person} />
          </button>
        }
      >
        <MenuLabel>@{person.username}</MenuLabel>
        <MenuItem icon={<ChatIcon />} onSelect={() => run(() => currentSession().openDirect([person.id]))}>
          {t("Write to {name}", { name: nameOf(person) })}
        </MenuItem>
        {order.items}
      </Menu>
      {order.dialog}
      <ErrorText>{error}</ErrorText>
    </>
  );
}

function Editor({ message, onDone }: { message: Message; onDone: () => void }) {
  const state = useLive((live) => live.rooms[message.room]);
  return state === undefined ? null : <EditorField state={state} message={message} onDone={onDone} />;
}

function EditorField({ state, message, onDone }: { state: RoomState; message: Message; onDone: () => void }) {
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
    if (trimmed === "" && !message.files?.length) return;
    run(async () => {
      await currentSession().editMessage(message, trimmed);
      onDone();
    });
  };
  const mentions = useCompletions({ ref, state, text, onText: setText });
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing || mentions.takesKey(event) || formatsByKey(event)) return;
    if (event.key === "Escape") onDone();
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      save();
    }
  };
  return (
    <div className="relative flex flex-col gap-2 py-1">
      {mentions.list}
      <textarea
        {...mentions.props}
        ref={ref}
        className="composer-text field max-h-64 resize-none"
        dir="auto"
        aria-label={t("Edit message")}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        onPaste={pastesCode}
      />
      <ErrorText>{error}</ErrorText>
      <p className="flex items-center gap-2 text-sm">
        <Button className="px-3 py-1" disabled={busy || (text.trim() === "" && !message.files?.length)} onClick={save}>
          {t("Save")}
        </Button>
        <Button tone="quiet" className="px-3 py-1" onClick={onDone}>
          {t("Cancel")}
        </Button>
        <span className="text-xs text-muted max-sm:hidden">{t("Enter saves, Esc cancels")}</span>
      </p>
    </div>
  );
}

function HistoryDialog({ message, me, onClose }: { message: Message; me: number; onClose: () => void }) {
  const [versions, setVersions] = useState<Version[] | null>(null);
  const { error, run } = useRequest();
  useEffect(() => run(async () => setVersions(await currentSession().messageHistory(message))), [message, run]);
  const { text, html = "", mentions } = message;
  const now: Version = { text, html, mentions, written_at: message.edited_at ?? message.created_at };
  return (
    <Dialog title={t("What it said")} onClose={onClose}>
      <ErrorText>{error}</ErrorText>
      <ol className="flex flex-col gap-4">
        {(versions === null ? [now] : [now, ...versions.toReversed()]).map((version, age) => (
          <li key={version.written_at}>
            <p className="text-xs text-muted">
              {age === 0 ? t("Now") : t("Before")} · <time dateTime={version.written_at}>{fullMoment(new Date(version.written_at))}</time>
            </p>
            <div className="break-words whitespace-pre-wrap" dir="auto">
              <MessageText text={version.text} html={version.html} mentions={version.mentions} me={me} />
            </div>
          </li>
        ))}
      </ol>
    </Dialog>
  );
}
