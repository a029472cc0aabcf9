/** All emoji to pick from: by group, by name or meaning, what was picked last, and the installation's own. */
import { type KeyboardEvent, memo, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { habits, loadEmoji, remember } from "../live/emoji.ts";
import { type Emoji, emojiMatching, GROUPS, OWN_GROUP } from "../text/emoji.ts";
import { asSentence } from "../text/errors.ts";
import { t } from "../text/t.ts";
import { EmojiSign } from "./EmojiSign.tsx";

const MAX_FOUND = 90;
/** What is in sight as the picker opens; the rest follows a moment later. */
const FIRST_SECTIONS = 2;
const TONES = ["✋", "✋🏻", "✋🏼", "✋🏽", "✋🏾", "✋🏿"] as const;

interface Section {
  id: string;
  name: string;
  sign: string;
  emoji: readonly Emoji[];
}

/** `onPick` gets a character, or `:name:`. */
export function EmojiPicker({ onPick }: { onPick: (emoji: string) => void }) {
  const [all, setAll] = useState<readonly Emoji[] | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [query, setQuery] = useState("");
  const [{ recent, tone }, setHabits] = useState(habits);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    loadEmoji().then(setAll, (reason: unknown) => setFailure(asSentence(reason)));
  }, []);
  const sections = useMemo(() => (all === null ? [] : query.trim() === "" ? sectionsOf(all, recent) : found(all, query)), [all, recent, query]);
  const shown = useDeferredValue(sections, sections.slice(0, FIRST_SECTIONS));
  const pick = (emoji: Emoji) => {
    remember({ picked: emoji.emoji });
    onPick(emoji.tones[tone] ?? emoji.emoji);
  };
  const chooseTone = (chosen: number) => {
    remember({ tone: chosen });
    setHabits(habits());
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col" onKeyDown={(event) => moveFocus(event, list.current)}>
      <div className="flex items-center gap-2 p-2">
        <input
          type="search"
          className="field flex-1"
          aria-label={t("Search emoji")}
          placeholder={t("Search emoji")}
          value={query}
          autoFocus
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={(event) => {
            const first = sections[0]?.emoji[0];
            if (event.key !== "Enter" || first === undefined || query.trim() === "") return;
            event.preventDefault();
            pick(first);
          }}
        />
        <ToneChoice tone={tone} onChoose={chooseTone} />
      </div>
      {query.trim() === "" && <Groups sections={sections} list={list.current} />}
      <div ref={list} className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-2 pb-2">
        {failure !== null && <p role="alert" className="p-4 text-center text-muted">{failure}</p>}
        {all === null && failure === null && <p role="status" className="p-4 text-center text-muted">{t("Loading…")}</p>}
        {all !== null && sections.length === 0 && <p role="status" className="p-4 text-center text-muted">{t("No emoji is called so.")}</p>}
        {shown.map((section, at) => (
          <OneSection key={section.id} section={section} tone={tone} isFirst={at === 0} onPick={pick} />
        ))}
      </div>
    </div>
  );
}

function sectionsOf(all: readonly Emoji[], recent: readonly string[]): Section[] {
  const byEmoji = new Map(all.map((emoji) => [emoji.emoji, emoji]));
  const used = recent.flatMap((one) => byEmoji.get(one) ?? []);
  const sections: Section[] = [
    { id: "recent", name: t("Used last"), sign: "🕘", emoji: used },
    { id: "own", name: t("Our own"), sign: "⭐", emoji: all.filter(({ group }) => group === OWN_GROUP) },
    ...GROUPS.map(({ group, name, sign }) => ({ id: String(group), name: t(name), sign, emoji: all.filter((one) => one.group === group) })),
  ];
  return sections.filter(({ emoji }) => emoji.length > 0);
}

function found(all: readonly Emoji[], query: string): Section[] {
  const emoji = emojiMatching(all, query.replaceAll(":", ""), MAX_FOUND);
  return emoji.length === 0 ? [] : [{ id: "found", name: t("Found"), sign: "", emoji }];
}

const OneSection = memo(function OneSection({ section, tone, isFirst, onPick }: { section: Section; tone: number; isFirst: boolean; onPick: (emoji: Emoji) => void }) {
  return (
    <section id={`emoji-${section.id}`} aria-label={section.name} className="[contain-intrinsic-size:auto_20rem] [content-visibility:auto]">
      <h3 className="px-1 pt-2 pb-1 text-xs font-semibold text-muted">{section.name}</h3>
      <div className="grid grid-cols-9">
        {section.emoji.map((emoji, at) => (
          <button
            key={emoji.emoji}
            type="button"
            data-emoji
            tabIndex={isFirst && at === 0 ? 0 : -1}
            aria-label={emoji.label}
            title={emoji.shortcodes[0] === undefined ? emoji.label : `:${emoji.shortcodes[0]}:`}
            className="flex aspect-square items-center justify-center rounded-lg text-[1.375rem] hover:bg-hover focus-visible:bg-hover"
            onClick={() => onPick(emoji)}
          >
            <EmojiSign emoji={{ ...emoji, emoji: emoji.tones[tone] ?? emoji.emoji }} />
          </button>
        ))}
      </div>
    </section>
  );
});

function Groups({ sections, list }: { sections: readonly Section[]; list: HTMLElement | null }) {
  return (
    <nav aria-label={t("Groups of emoji")} className="flex justify-between border-b border-line px-2 pb-1">
      {sections.map(({ id, name, sign }) => (
        <button
          key={id}
          type="button"
          aria-label={name}
          title={name}
          className="flex-1 rounded-lg py-1 text-center leading-none opacity-80 hover:bg-hover hover:opacity-100"
          onClick={() => list?.querySelector(`#emoji-${id}`)?.scrollIntoView({ block: "start" })}
        >
          <span aria-hidden="true">{sign}</span>
        </button>
      ))}
    </nav>
  );
}

function ToneChoice({ tone, onChoose }: { tone: number; onChoose: (tone: number) => void }) {
  return (
    <select
      aria-label={t("Skin tone")}
      title={t("Skin tone")}
      className="rounded-lg border border-line bg-surface px-1.5 py-2 text-lg leading-none"
      value={tone}
      onChange={(event) => onChoose(Number(event.target.value))}
    >
      {TONES.map((sign, at) => (
        <option key={sign} value={at} aria-label={at === 0 ? t("No skin tone") : t("Skin tone {number}", { number: at })}>
          {sign}
        </option>
      ))}
    </select>
  );
}

/** Arrow keys walk over the emoji, as they stand on the screen; up from the first row leads back to the search. */
function moveFocus(event: KeyboardEvent<HTMLElement>, list: HTMLElement | null): void {
  const focused = document.activeElement;
  const all = [...(list?.querySelectorAll<HTMLElement>("[data-emoji]") ?? [])];
  const at = all.findIndex((button) => button === focused);
  const isInSearch = focused instanceof HTMLInputElement;
  const next = isInSearch ? (event.key === "ArrowDown" ? all[0] : undefined) : at < 0 ? undefined : neighbour(all, at, event.key);
  if (next === undefined && !(at >= 0 && event.key === "ArrowUp")) return;
  event.preventDefault();
  (next ?? event.currentTarget.querySelector("input"))?.focus();
}

function neighbour(all: readonly HTMLElement[], at: number, key: string): HTMLElement | undefined {
  if (key === "ArrowLeft" || key === "ArrowRight") return all[at + (key === "ArrowRight" ? 1 : -1)];
  if (key !== "ArrowDown" && key !== "ArrowUp") return undefined;
  const step = key === "ArrowDown" ? 1 : -1;
  const from = all[at]?.getBoundingClientRect();
  if (from === undefined) return undefined;
  let row: number | null = null;
  let nearest: HTMLElement | undefined;
  let distance = Infinity;
  for (let one = at + step; one >= 0 && one < all.length; one += step) {
    const button = all[one];
    if (button === undefined) break;
    const { top, left } = button.getBoundingClientRect();
    if (top === from.top) continue;
    row ??= top;
    if (top !== row) break;
    if (Math.abs(left - from.left) < distance) [nearest, distance] = [button, Math.abs(left - from.left)];
  }
  return nearest;
}
