/** Who reacted to a message, by emoji. */
import { useEffect, useState } from "react";
import { reactorsOf } from "../live/marking.ts";
import type { Reaction } from "../live/marks.ts";
import type { Message, Person } from "../live/model.ts";
import { t } from "../text/t.ts";
import { useRequest } from "../ui/hooks.ts";
import { Dialog, ErrorText } from "../ui/parts.tsx";
import { PickedEmoji } from "./EmojiSign.tsx";
import { PeopleList } from "./PeopleList.tsx";

export function ReactorsDialog({ message, reactions, onClose }: { message: Message; reactions: readonly Reaction[]; onClose: () => void }) {
  return (
    <Dialog title={t("Reactions")} onClose={onClose}>
      {reactions.map((reaction) => (
        <section key={reaction.emoji} aria-label={reaction.emoji} className="pb-3">
          <h3 className="text-lg">
            <PickedEmoji picked={reaction.emoji} /> <span className="text-sm text-muted tabular-nums">{reaction.count}</span>
          </h3>
          <Reactors key={reaction.count} message={message} emoji={reaction.emoji} />
        </section>
      ))}
    </Dialog>
  );
}

function Reactors({ message, emoji }: { message: Message; emoji: string }) {
  const [found, setFound] = useState<{ count: number; people: Person[] } | null>(null);
  const { error, run } = useRequest();
  useEffect(() => run(async () => setFound(await reactorsOf(message, emoji))), [message, emoji, run]);
  return (
    <>
      <ErrorText>{error}</ErrorText>
      {found !== null && <PeopleList people={found.people} count={found.count} />}
    </>
  );
}
