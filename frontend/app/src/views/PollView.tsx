/** A poll in its message: the answers with their votes, and one's own, which one changes by pressing. */
import { lazy, Suspense, useState } from "react";
import { currentSession } from "../live/account.ts";
import { vote } from "../live/marking.ts";
import type { Poll } from "../live/marks.ts";
import type { Message } from "../live/model.ts";
import { plural, t } from "../text/t.ts";
import { fullMoment, snoozeMoment } from "../text/times.ts";
import { useRequest } from "../ui/hooks.ts";
import { CheckIcon } from "../ui/icons.tsx";
import { ErrorText } from "../ui/parts.tsx";

const VotersDialog = lazy(async () => ({ default: (await import("./VotersDialog.tsx")).VotersDialog }));

export function PollView({ message, poll }: { message: Message; poll: Poll }) {
  const [list, setList] = useState(false);
  const { busy, error, run } = useRequest();
  const mine = poll.mine ?? [];
  const choose = (option: number) => {
    const without = mine.filter((one) => one !== option);
    const added = poll.multiple ? [...mine, option] : [option];
    run(() => vote(currentSession(), message, mine.includes(option) ? without : added));
  };
  return (
    <div role="group" aria-label={t("Poll: {question}", { question: message.text })} className="my-1.5 flex max-w-md flex-col gap-1.5">
      {poll.options.map(({ text, votes }, option) => (
        <button
          // oxlint-disable-next-line react/no-array-index-key -- an answer is its place
          key={option}
          type="button"
          aria-pressed={mine.includes(option)}
          aria-label={plural(votes, "{text}: {n} vote", "{text}: {n} votes", { text })}
          disabled={busy || poll.closed}
          onClick={() => choose(option)}
          className="flex flex-col gap-1 rounded-xl border border-line bg-raised px-3 py-2 text-start hover:bg-hover aria-pressed:border-accent disabled:opacity-100"
        >
          <span className="flex items-baseline gap-2">
            <span className="min-w-0 flex-1 break-words">{text}</span>
            {mine.includes(option) && <CheckIcon width={15} height={15} className="shrink-0 self-center text-accent" />}
            <span className="shrink-0 text-sm text-muted tabular-nums">{votes}</span>
          </span>
          <progress className="progress" value={votes} max={Math.max(1, poll.voters)} aria-hidden="true" />
        </button>
      ))}
      <p className="flex flex-wrap gap-x-2 text-xs text-muted">
        <span>{poll.voters === 1 ? t("1 person has voted") : t("{count} people have voted", { count: poll.voters })}</span>
        {poll.multiple && <span>· {t("Several answers")}</span>}
        {poll.anonymous && <span>· {t("Anonymous")}</span>}
        <PollEnd poll={poll} />
        {!poll.anonymous && poll.voters > 0 && (
          <button type="button" className="font-medium text-accent underline-offset-4 hover:underline" onClick={() => setList(true)}>
            {t("Who voted")}
          </button>
        )}
      </p>
      <ErrorText>{error}</ErrorText>
      {list && (
        <Suspense fallback={null}>
          <VotersDialog message={message} poll={poll} onClose={() => setList(false)} />
        </Suspense>
      )}
    </div>
  );
}

function PollEnd({ poll }: { poll: Poll }) {
  if (poll.closed) return <span className="font-medium text-bronze">· {t("Ended")}</span>;
  if (poll.ends_at === null) return null;
  const at = new Date(poll.ends_at);
  return (
    <time dateTime={poll.ends_at} title={fullMoment(at)}>
      · {t("Ends {when}", { when: snoozeMoment(at, new Date()) })}
    </time>
  );
}
