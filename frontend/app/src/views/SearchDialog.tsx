/** Search: a field with operators that complete themselves, and what was found. Everything goes by keyboard too. */
import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { currentSession } from "../live/account.ts";
import { sayFiles } from "../live/files.ts";
import type { Message, Room } from "../live/model.ts";
import { placeOf } from "../live/place.ts";
import { closeSearch, type Found, type Operators, search, searchOperators, type SearchOrder, type SearchPage } from "../live/search.ts";
import { announce, useLive } from "../live/store.ts";
import { asSentence } from "../text/errors.ts";
import { nameOf, otherPerson, roomName } from "../text/names.ts";
import { type Begun, begunAt, type Completion, completedAt, excerpt, isUnfinished, operatorsLike, quoted } from "../text/searching.ts";
import { t } from "../text/t.ts";
import { fullMoment, shortMoment } from "../text/times.ts";
import { HashIcon, LockIcon, SearchIcon, ThreadIcon } from "../ui/icons.tsx";
import { Avatar, Button, Dialog, EmptyState, ErrorText } from "../ui/parts.tsx";
import { QuotedWords } from "./MessageLinks.tsx";
import { CoveredText, useCover } from "./moderation/Cover.tsx";

const ASK_AFTER_MS = 250;
const MAX_COMPLETIONS = 8;

export function SearchDialog({ initial }: { initial: string }) {
  const [text, setText] = useState(initial);
  const [order, setOrder] = useState<SearchOrder>("newest");
  const results = useResults(text, order);
  return (
    <Dialog title={t("Search")} wide onClose={closeSearch}>
      <div className="flex min-h-[min(26rem,60dvh)] flex-col gap-3">
        <SearchField text={text} onText={setText} found={results.items} />
        <div className="flex items-center justify-between gap-3 text-sm">
          <p className="min-w-0 truncate text-muted">{t("Also: “a phrase”, -without, begin*")}</p>
          <label className="flex shrink-0 items-center gap-2">
            <span className="sr-only">{t("Order")}</span>
            <select className="field w-auto py-1 text-sm" value={order} onChange={(event) => setOrder(event.target.value as SearchOrder)}>
              <option value="newest">{t("Newest first")}</option>
              <option value="relevance">{t("Best match first")}</option>
            </select>
          </label>
        </div>
        <ErrorText>{results.error}</ErrorText>
        <Results results={results} asked={text.trim() !== ""} />
      </div>
    </Dialog>
  );
}

// ---- what was found

interface ResultsState {
  items: readonly Found[];
  state: "idle" | "asking" | "done";
  error: string | null;
  upToDate: boolean;
  more: (() => void) | null;
}

/** Asked a moment after the last keystroke; what is shown stays until the next answer is there. */
function useResults(text: string, order: SearchOrder): ResultsState {
  const [page, setPage] = useState<(SearchPage & { key: string }) | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const asked = useRef("");
  const query = text.trim();
  const key = `${order} ${query}`;
  asked.current = key;
  const ask = useCallback(
    (cursor: string | null, before: readonly Found[]) => {
      setAsking(true);
      search(query, order, cursor)
        .then(
          (found) => {
            if (asked.current !== key) return;
            setError(null);
            setPage({ ...found, key, items: [...before, ...found.items] });
            announce(found.items.length === 0 ? t("Nothing was found") : t("{n} messages are shown", { n: before.length + found.items.length }));
          },
          (reason: unknown) => {
            if (asked.current !== key) return;
            setPage(null);
            setError(asSentence(reason));
          },
        )
        .finally(() => asked.current === key && setAsking(false));
    },
    [query, order, key],
  );
  useEffect(() => {
    setError(null);
    if (query === "") {
      setPage(null);
      setAsking(false);
      return;
    }
    if (isUnfinished(query)) return;
    const timer = setTimeout(() => ask(null, []), ASK_AFTER_MS);
    return () => clearTimeout(timer);
  }, [query, ask]);
  const next = page?.next ?? null;
  return {
    items: page?.items ?? [],
    state: query === "" ? "idle" : page?.key !== key || asking ? "asking" : "done",
    error,
    upToDate: page?.up_to_date ?? true,
    more: page === null || next === null ? null : () => ask(next, page.items),
  };
}

function Results({ results, asked }: { results: ResultsState; asked: boolean }) {
  const { items, state, error, more } = results;
  if (!asked) {
    return (
      <EmptyState icon={<SearchIcon width={36} height={36} />} title={t("Search your rooms")}>
        <p>{t("Everything that was written in the rooms you are in.")}</p>
      </EmptyState>
    );
  }
  if (error !== null) return null;
  if (items.length === 0) {
    return (
      <p role="status" className="py-8 text-center text-muted">
        {state === "asking" ? t("Looking…") : t("Nothing was found.")}
      </p>
    );
  }
  return (
    <div className="flex flex-col gap-1" aria-busy={state === "asking"}>
      {!results.upToDate && <p className="rounded-lg bg-bronze-soft px-3 py-2 text-sm text-bronze">{t("The newest messages are still being prepared for search.")}</p>}
      <ul id="search-results" aria-label={t("Found messages")} className="-mx-2 flex flex-col" onKeyDown={walkResults}>
        {items.map((found, at) => (
          <Result key={found.message.id} found={found} opensGroup={items[at - 1]?.message.room !== found.message.room} />
        ))}
      </ul>
      {more !== null && (
        <Button tone="outline" className="self-center" disabled={state === "asking"} onClick={more}>
          {t("Show more")}
        </Button>
      )}
    </div>
  );
}

function Result({ found, opensGroup }: { found: Found; opensGroup: boolean }) {
  const { message } = found;
  const room = useLive((live) => live.rooms[message.room]?.room);
  const me = useLive((live) => live.me.id);
  const { covered, show } = useCover(message);
  if (room === undefined) return null; // left meanwhile
  return (
    <li>
      {opensGroup && (
        <p className="flex items-center gap-1.5 px-2 pt-3 pb-1 text-xs font-semibold text-muted">
          <RoomMark room={room} />
          {roomName(room, me)}
        </p>
      )}
      {covered ? (
        <div className={HIT}>
          <Hit message={message}>
            <CoveredText onShow={show} />
          </Hit>
        </div>
      ) : (
        <a href={placeOf(message)} onClick={closeSearch} className={`${HIT} outline-offset-[-2px] hover:bg-hover`}>
          <Hit message={message}>
            {message.quote != null && (
              <span className="my-0.5 block rounded-e-lg border-s-3 border-line bg-paper/70 px-2.5 py-1 text-sm">
                <QuotedWords quote={message.quote} />
              </span>
            )}
            <span className="block break-words">
              <Excerpt found={found} />
            </span>
          </Hit>
        </a>
      )}
    </li>
  );
}

const HIT = "flex gap-3 rounded-xl px-2 py-2";

/** Who wrote it, when, and that it is a reply. */
function Hit({ message, children }: { message: Message; children: ReactNode }) {
  const at = new Date(message.created_at);
  return (
    <>
      <Avatar person={message.author} size="small" />
      <span className="min-w-0 flex-1">
        <span className="flex items-baseline gap-2">
          <span className="min-w-0 truncate font-semibold">{nameOf(message.author)}</span>
          <time dateTime={message.created_at} title={fullMoment(at)} className="shrink-0 text-xs text-muted">
            {shortMoment(at, new Date())}
          </time>
        </span>
        {message.root != null && (
          <span className="flex items-center gap-1.5 text-xs text-muted">
            <ThreadIcon width={14} height={14} />
            {t("Replied in a thread")}
          </span>
        )}
        {children}
      </span>
    </>
  );
}

function Excerpt({ found: { message, text, highlights } }: { found: Found }) {
  if (text === "") return sayFiles(message.files);
  return excerpt(text, highlights).map((piece, place) =>
    piece.marked ? (
      // oxlint-disable-next-line react/no-array-index-key -- a text's pieces never move
      <mark key={place} className="rounded bg-bronze-soft px-0.5 font-semibold text-bronze">
        {piece.text}
      </mark>
    ) : (
      piece.text
    ),
  );
}

function RoomMark({ room }: { room: Room }) {
  if (room.kind === "direct") return null;
  const Sign = room.kind === "private" ? LockIcon : HashIcon;
  return <Sign width={13} height={13} />;
}

/** Up and down walk through the results; up from the first leads back to the field. */
function walkResults(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>("a, button")];
  const at = links.findIndex((link) => link === document.activeElement) + step;
  if (at < 0) document.getElementById("search-field")?.focus();
  else links[Math.min(links.length - 1, at)]?.focus();
  event.preventDefault();
}

// ---- the field

function SearchField({ text, onText, found }: { text: string; onText: (text: string) => void; found: readonly Found[] }) {
  const field = useRef<HTMLInputElement>(null);
  const [caret, setCaret] = useState<number | null>(null);
  const [active, setActive] = useState(-1);
  const [dismissed, setDismissed] = useState("");
  const nextCaret = useRef<number | null>(null);
  const id = useId();
  useLayoutEffect(() => {
    if (nextCaret.current !== null) field.current?.setSelectionRange(nextCaret.current, nextCaret.current);
    nextCaret.current = null;
  });
  const begun = caret === null ? null : begunAt(text, caret);
  const offered = useCompletions(begun);
  const completions = dismissed === text ? [] : offered.filter((one) => begun === null || one.text !== text.slice(begun.start, caret ?? 0));
  const isOpen = completions.length > 0;
  const written = begun === null ? "" : `${begun.operator}:${begun.value}`;
  useEffect(() => setActive(-1), [written]);
  const choose = (completion: Completion) => {
    if (caret === null || begun === null) return;
    const after = completedAt(text, caret, begun, completion.text);
    nextCaret.current = after.caret;
    setCaret(after.caret);
    onText(after.text);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const chosen = completions[active];
    if (isOpen && step !== undefined) setActive(Math.max(-1, Math.min(completions.length - 1, active + step)));
    else if (isOpen && event.key === "Escape") setDismissed(text);
    else if (chosen !== undefined && (event.key === "Enter" || event.key === "Tab")) choose(chosen);
    else if (event.key === "ArrowDown" && found.length > 0) document.querySelector<HTMLElement>("#search-results :is(a, button)")?.focus();
    else if (event.key === "Enter") document.querySelector<HTMLElement>("#search-results a")?.click();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="relative">
      <SearchIcon width={18} height={18} className="pointer-events-none absolute top-3 start-3 text-muted" />
      <input
        ref={field}
        id="search-field"
        type="text"
        role="combobox"
        className="field py-2 ps-10"
        aria-label={t("Search messages")}
        aria-expanded={isOpen}
        aria-autocomplete="list"
        aria-controls={isOpen ? id : undefined}
        aria-activedescendant={isOpen && active >= 0 ? `${id}-${active}` : undefined}
        placeholder={t("Words, or from: in: has: before: …")}
        enterKeyHint="search"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        data-autofocus
        value={text}
        onChange={(event) => {
          onText(event.target.value);
          setCaret(event.target.selectionStart);
        }}
        onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart === currentTarget.selectionEnd ? currentTarget.selectionEnd : null)}
        onBlur={() => setCaret(null)}
        onKeyDown={onKeyDown}
      />
      {isOpen && (
        <ul id={id} role="listbox" aria-label={t("How to go on")} className="rise absolute inset-x-0 top-full z-10 mt-1 max-h-64 overflow-y-auto rounded-xl border border-line bg-raised p-1.5 shadow-float">
          {completions.map((completion, at) => (
            <li
              key={completion.text}
              id={`${id}-${at}`}
              role="option"
              aria-selected={at === active}
              className={`flex cursor-pointer items-baseline gap-3 rounded-lg px-2.5 py-1.5 select-none ${at === active ? "bg-hover" : ""}`}
              onPointerMove={() => setActive(at)}
              onMouseDown={(event) => event.preventDefault()} // the field keeps the focus
              onClick={() => choose(completion)}
            >
              <span className="shrink-0 font-medium">{completion.text}</span>
              <span className="min-w-0 truncate text-sm text-muted">{completion.meaning}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

const MEANINGS: Record<string, () => string> = {
  from: () => t("written by somebody"),
  in: () => t("in a room, or with somebody"),
  has: () => t("with a link, a poll …"),
  is: () => t("edited, direct …"),
  before: () => t("before a day, a month or a year"),
  after: () => t("after it"),
  during: () => t("in it"),
};

function useCompletions(begun: Begun | null): Completion[] {
  const rooms = useLive((live) => live.rooms);
  const me = useLive((live) => live.me.id);
  const known = useOperators();
  const people = usePeople(begun?.operator === "from" ? begun.value : null);
  if (begun === null) return [];
  const sought = begun.value.toLocaleLowerCase();
  const begins = (value: string) => value.startsWith(sought);
  switch (begun.operator) {
    case null: {
      const meanings = Object.fromEntries(Object.entries(MEANINGS).map(([name, meaning]) => [name, meaning()]));
      return operatorsLike(begun.value, meanings);
    }
    case "from":
      return [...(begins("me") ? [{ text: "from:me", meaning: t("by yourself") }] : []), ...people].slice(0, MAX_COMPLETIONS);
    case "in":
      return Object.values(rooms)
        .map(({ room }) => ({ room, name: roomName(room, me) }))
        .filter(({ name }) => name.toLocaleLowerCase().includes(sought.replace(/^[@#]/, "")))
        .flatMap(({ room, name }) => inRoom(room, name, me))
        .slice(0, MAX_COMPLETIONS);
    case "has":
      return known.has.filter(begins).map((value) => ({ text: `has:${value}`, meaning: "" }));
    case "is":
      return known.states.filter(begins).map((value) => ({ text: `is:${value}`, meaning: "" }));
    case "before":
    case "after":
    case "during":
      return ["today", "yesterday"].filter(begins).map((value) => ({ text: `${begun.operator}:${value}`, meaning: "" }));
    default:
      return [];
  }
}

/** Of direct conversations only those of two have a name that can be asked for. */
function inRoom(room: Room, name: string, me: number): Completion[] {
  if (room.kind !== "direct") return [{ text: `in:${quoted(name)}`, meaning: room.topic }];
  const other = otherPerson(room, me);
  return other === null ? [] : [{ text: `in:@${other.username}`, meaning: name }];
}

const NOTHING: Operators = { has: [], states: [] };

function useOperators(): Operators {
  const [known, setKnown] = useState(NOTHING);
  useEffect(() => {
    searchOperators().then(setKnown, () => undefined); // without them nothing is offered
  }, []);
  return known;
}

function usePeople(text: string | null): Completion[] {
  const [found, setFound] = useState<Completion[]>([]);
  useEffect(() => {
    if (text === null) return setFound([]);
    let wanted = true;
    currentSession()
      .findPeople(text)
      .then(
        (people) => wanted && setFound(people.map((person) => ({ text: `from:${person.username}`, meaning: nameOf(person) }))),
        () => undefined, // without them nobody is offered
      );
    return () => {
      wanted = false;
    };
  }, [text]);
  return found;
}
