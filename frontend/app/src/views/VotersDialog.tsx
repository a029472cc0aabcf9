/** Who voted for what, in a poll with names. */
import { useEffect, useState } from "react";
import { votersOf } from "../live/marking.ts";
import type { Poll } from "../live/marks.ts";
import type { Message, Person } from "../live/model.ts";
import { t } from "../text/t.ts";
import { useRequest } from "../ui/hooks.ts";
import { Dialog, ErrorText } from "../ui/parts.tsx";
import { PeopleList } from "./PeopleList.tsx";

export function VotersDialog({ message, poll, onClose }: { message: Message; poll: Poll; onClose: () => void }) {
  return (
    <Dialog title={t("Who voted")} onClose={onClose}>
      {poll.options.map(({ text, votes }, option) => (
        // oxlint-disable-next-line react/no-array-index-key -- an answer is its place
        <section key={option} aria-label={text} className="pb-3">
          <h3 className="flex gap-2 font-medium">
            <span className="min-w-0 flex-1 break-words">{text}</span>
            <span className="text-sm text-muted tabular-nums">{votes}</span>
          </h3>
          {votes > 0 && <Voters key={votes} message={message} option={option} />}
        </section>
      ))}
    </Dialog>
  );
}

function Voters({ message, option }: { message: Message; option: number }) {
  const [found, setFound] = useState<{ votes: number; people: Person[] } | null>(null);
  const { error, run } = useRequest();
  useEffect(() => run(async () => setFound(await votersOf(message, option))), [message, option, run]);
  return (
    <>
      <ErrorText>{error}</ErrorText>
      {found !== null && <PeopleList people={found.people} count={found.votes} />}
    </>
  );
}
