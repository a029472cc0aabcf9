/** What is on a message, below its text: that it is pinned, its poll, acknowledgements, reactions. */
import { lazy, Suspense, useState } from "react";
import { currentSession } from "../live/account.ts";
import { acknowledge, toggleReaction } from "../live/marking.ts";
import { type Ack, isMine, type Reaction } from "../live/marks.ts";
import type { LiveState, Message } from "../live/model.ts";
import { othersIn } from "../live/people.ts";
import { useLive } from "../live/store.ts";
import { whoSentence } from "../text/people.ts";
import { t } from "../text/t.ts";
import { useRequest } from "../ui/hooks.ts";
import { AckIcon, BookmarkIcon, PeopleIcon, PinIcon } from "../ui/icons.tsx";
import { Button, ErrorText, IconButton } from "../ui/parts.tsx";
import { PickedEmoji } from "./EmojiSign.tsx";
import { PollView } from "./PollView.tsx";
import { ReactionButton } from "./ReactionButton.tsx";

const AckDialog = lazy(async () => ({ default: (await import("./AckDialog.tsx")).AckDialog }));
const ReactorsDialog = lazy(async () => ({ default: (await import("./ReactorsDialog.tsx")).ReactorsDialog }));

export function MessageMarks({ message, me }: { message: Message; me: number }) {
  const saved = useLive((live) => live.saved.includes(message.id));
  return (
    <>
      {message.poll && <PollView message={message} poll={message.poll} />}
      {message.ack && <AckBar message={message} ack={message.ack} me={me} />}
      {(message.pinned || saved) && (
        <p className="flex flex-wrap items-center gap-x-3 text-xs text-muted">
          {message.pinned && (
            <span className="inline-flex items-center gap-1">
              <PinIcon width={13} height={13} /> {t("Pinned")}
            </span>
          )}
          {saved && (
            <span className="inline-flex items-center gap-1">
              <BookmarkIcon width={13} height={13} /> {t("Saved")}
            </span>
          )}
        </p>
      )}
      {message.reactions && message.reactions.length > 0 && <ReactionBar message={message} reactions={message.reactions} me={me} />}
    </>
  );
}

function who(live: LiveState, room: number, { users, count }: { users: number[]; count: number }): string {
  return whoSentence({ me: users.includes(live.me.id), others: othersIn(live, room, users), count });
}

function ReactionBar({ message, reactions, me }: { message: Message; reactions: readonly Reaction[]; me: number }) {
  const [list, setList] = useState(false);
  return (
    <div role="group" aria-label={t("Reactions")} className="flex flex-wrap items-center gap-1 py-1">
      {reactions.map((reaction) => (
        <ReactionPill key={reaction.emoji} message={message} reaction={reaction} mine={isMine(reaction, me)} />
      ))}
      <ReactionButton message={message} className="size-7" />
      <IconButton label={t("Who reacted")} className="size-7" onClick={() => setList(true)}>
        <PeopleIcon width={14} height={14} />
      </IconButton>
      {list && (
        <Suspense fallback={null}>
          <ReactorsDialog message={message} reactions={reactions} onClose={() => setList(false)} />
        </Suspense>
      )}
    </div>
  );
}

function ReactionPill({ message, reaction, mine }: { message: Message; reaction: Reaction; mine: boolean }) {
  const people = useLive((live) => who(live, message.room, reaction));
  const tone = mine ? "border-accent bg-accent-soft text-accent-strong" : "border-line bg-raised hover:bg-hover";
  return (
    <button
      type="button"
      aria-pressed={mine}
      aria-label={`${reaction.emoji} ${reaction.count}: ${people}`}
      title={people}
      onClick={() => void toggleReaction(currentSession(), message, reaction.emoji)}
      className={`inline-flex h-7 items-center gap-1.5 rounded-full border px-2 text-sm transition-colors ${tone}`}
    >
      <PickedEmoji picked={reaction.emoji} />
      <span className="text-xs font-semibold tabular-nums">{reaction.count}</span>
    </button>
  );
}

function AckBar({ message, ack, me }: { message: Message; ack: Ack; me: number }) {
  const [list, setList] = useState(false);
  const people = useLive((live) => who(live, message.room, ack));
  const { busy, error, run } = useRequest();
  const given = isMine(ack, me);
  const asksMe = message.author.id !== me && !given;
  return (
    <div className="my-1 flex flex-wrap items-center gap-x-3 gap-y-1.5 rounded-xl border border-line bg-paper px-3 py-2 text-sm">
      <AckIcon className={given ? "text-accent" : "text-bronze"} />
      <span className="min-w-0 flex-1">
        {given ? t("You have acknowledged this.") : t("Asks everybody to acknowledge it.")}{" "}
        <button type="button" title={people} className="font-medium text-accent underline-offset-4 hover:underline" onClick={() => setList(true)}>
          {ack.count === 0 ? t("Nobody has so far") : t("Acknowledged by {count}", { count: ack.count })}
        </button>
      </span>
      {asksMe && (
        <Button className="px-3 py-1" disabled={busy} onClick={() => run(() => acknowledge(currentSession(), message))}>
          {t("Acknowledge")}
        </Button>
      )}
      <ErrorText>{error}</ErrorText>
      {list && (
        <Suspense fallback={null}>
          <AckDialog message={message} onClose={() => setList(false)} />
        </Suspense>
      )}
    </div>
  );
}
