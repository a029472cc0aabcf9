/** Names to choose from as one writes "@…". */
import { type RefObject, useCallback } from "react";
import { currentSession } from "../live/account.ts";
import { findGroups, type Group } from "../live/groups.ts";
import type { Person, RoomState } from "../live/model.ts";
import { useLive } from "../live/store.ts";
import { nameOf } from "../text/names.ts";
import { completed, isWritten, type Suggestion, suggestions, type Unfinished, unfinishedAt } from "../text/suggestions.ts";
import { plural, t } from "../text/t.ts";
import { type Completion, useCaret, useChoices } from "../ui/completion.tsx";
import { BellIcon, PeopleIcon } from "../ui/icons.tsx";
import { useFound } from "../ui/hooks.ts";
import { Avatar } from "../ui/parts.tsx";

export interface Field {
  ref: RefObject<HTMLTextAreaElement | null>;
  state: RoomState;
  text: string;
  onText: (text: string) => void;
}

const nobody: Person[] = [];
const noGroup: Group[] = [];

export function useMentionList({ ref, state, text, onText }: Field): Completion {
  const caret = useCaret(ref);
  const unfinished = caret.at === null ? null : unfinishedAt(text, caret.at);
  const people = usePeople(state, unfinished);
  const groups = useGroups(state, unfinished);
  return useChoices({
    caret,
    unfinished,
    choices: unfinished === null ? [] : suggestions(unfinished.query, people, state.room, groups),
    completed: (suggestion) => completed(text, caret.at ?? text.length, unfinished ?? { start: 0, query: "" }, suggestion),
    isWritten: (suggestion) => isWritten(suggestion, unfinished?.query),
    onText,
    label: t("People to mention"),
    announcement: (count) => plural(count, "{n} name to choose from", "{n} names to choose from"),
    keyOf,
    render: (suggestion) => <OneName suggestion={suggestion} />,
  });
}

/** Whom the room has: all that the page knows, and of a room too large for that, whom the server finds. */
function usePeople({ room, members }: RoomState, unfinished: Unfinished | null): readonly Person[] {
  const me = useLive((live) => live.me.id);
  const known = room.kind === "direct" ? room.members : members;
  const isWhole = room.kind === "direct" || (members !== null && members.length >= room.member_count);
  const query = unfinished === null || isWhole ? null : unfinished.query;
  const find = useCallback(
    (text: string) => (query === null ? Promise.resolve(nobody) : currentSession().findMembers(room.id, text).catch(() => nobody)),
    [query, room.id],
  );
  const { found } = useFound(query ?? "", find);
  const people = query === null ? known : [...(known ?? []), ...(found ?? [])];
  const byId = new Map((people ?? nobody).map((person) => [person.id, person]));
  byId.delete(me);
  return [...byId.values()];
}

/** Groups whose name begins so; in a direct conversation they mean nobody. */
function useGroups({ room }: RoomState, unfinished: Unfinished | null): readonly Group[] {
  const query = unfinished === null || room.kind === "direct" ? null : unfinished.query;
  const find = useCallback((text: string) => (query === null ? Promise.resolve(noGroup) : findGroups(text).catch(() => noGroup)), [query]);
  const { found } = useFound(query ?? "", find);
  return query === null ? noGroup : (found ?? noGroup);
}

function keyOf(suggestion: Suggestion): string {
  switch (suggestion.kind) {
    case "person":
      return `person-${suggestion.person.id}`;
    case "group":
      return `group-${suggestion.group.id}`;
    case "all":
      return suggestion.name;
  }
}

function OneName({ suggestion }: { suggestion: Suggestion }) {
  if (suggestion.kind === "person") {
    const { person } = suggestion;
    return (
      <>
        <Avatar person={person} size="small" />
        <span className="min-w-0 truncate font-medium">{nameOf(person)}</span>
        <span className="min-w-0 flex-1 truncate text-sm text-muted">@{person.username}</span>
      </>
    );
  }
  if (suggestion.kind === "group") {
    const { group } = suggestion;
    const people = group.member_count === 1 ? t("1 person") : t("{n} people", { n: group.member_count });
    return (
      <>
        <span className="inline-flex size-7 shrink-0 items-center justify-center rounded-full bg-accent-soft text-accent">
          <PeopleIcon width={16} height={16} />
        </span>
        <span className="font-medium">@{group.name}</span>
        <span className="min-w-0 flex-1 truncate text-sm text-muted">{[people, group.description].filter(Boolean).join(" · ")}</span>
      </>
    );
  }
  return (
    <>
      <span className="inline-flex size-7 shrink-0 items-center justify-center rounded-full bg-bronze-soft text-bronze">
        <BellIcon width={16} height={16} />
      </span>
      <span className="font-medium">@{suggestion.name}</span>
      <span className="min-w-0 flex-1 truncate text-sm text-muted">{t(suggestion.meaning)}</span>
    </>
  );
}
