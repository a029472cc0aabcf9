/** One message, stored or on its way. */
import { type KeyboardEvent, memo, type ReactNode, useDeferredValue, useState } from "react";
import { currentSession } from "../live/account.ts";
import { meansMe } from "../live/apply.ts";
import type { Message, PendingMessage, Person } from "../live/model.ts";
import { useLive } from "../live/store.ts";
import { nameOf } from "../text/names.ts";
import { t } from "../text/t.ts";
import { clockTime, fullMoment } from "../text/times.ts";
import { useRequest } from "../ui/hooks.ts";
import { AlertIcon, ChatIcon, ClockIcon } from "../ui/icons.tsx";
import { Menu, MenuItem, MenuLabel } from "../ui/menu.tsx";
import { Avatar, BotSign, ErrorText, PersonName } from "../ui/parts.tsx";
import { PendingFiles } from "./Attachments.tsx";
import { MessageDialog, type MessageDialogName } from "./MessageDialog.tsx";
import { MessageEditor } from "./MessageEditor.tsx";
import { MessageContext, ThreadBar } from "./MessageLinks.tsx";
import { MessageMarks } from "./MessageMarks.tsx";
import { MessageFiles } from "./MessageFiles.tsx";
import { MessagePreviews } from "./MessagePreviews.tsx";
import { MessageText } from "./MessageText.tsx";
import { doByKey, MessageToolbar } from "./MessageToolbar.tsx";
import { usePersonMenu } from "./moderation/MemberActions.tsx";
import { CoveredText, useCover } from "./moderation/Cover.tsx";
import { Receipts } from "./Receipts.tsx";
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
  const [dialog, setDialog] = useState<MessageDialogName | null>(null);
  const { error, run } = useRequest();
  const at = new Date(message.created_at);
  const mine = message.author.id === me;
  const { covered, show } = useCover(message);
  // A room is on the screen sooner when what one may do with its messages comes after what they say.
  const isShown = useDeferredValue(true, false);
  return (
    <Frame
      author={message.author}
      at={at}
      opensGroup={opensGroup}
      tappable={!message.deleted}
      tone={toneOf(message, me, found)}
      onKeyDown={(event) => doByKey(event, { message, inThread, onDialog: setDialog })}
    >
      {!message.deleted && <MessageContext message={message} inThread={inThread} />}
      {editing ? (
        <MessageEditor message={message} onDone={() => onEdit(null)} />
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
              onClick={() => setDialog("history")}
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
        <MessageToolbar message={message} inThread={inThread} me={me} onDialog={setDialog} onEdit={() => onEdit(message.id)} run={run} />
      )}
      {!inThread && <ThreadBar message={message} />}
      <ErrorText>{error}</ErrorText>
      {dialog !== null && <MessageDialog name={dialog} message={message} onClose={() => setDialog(null)} />}
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
