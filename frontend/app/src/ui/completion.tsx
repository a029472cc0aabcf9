/** Things to choose from as one writes: above the field, by keyboard, mouse or touch. The focus stays in the field. */
import { type KeyboardEvent, type ReactNode, type RefObject, type SyntheticEvent, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { announce } from "../live/store.ts";
import type { Unfinished } from "../text/suggestions.ts";

interface FieldProps {
  onSelect: (event: SyntheticEvent<HTMLTextAreaElement>) => void;
  onBlur: () => void;
  "aria-autocomplete": "list";
  "aria-haspopup": "listbox";
  "aria-controls": string | undefined;
  "aria-activedescendant": string | undefined;
}

export interface Completion {
  /** The list, or nothing; it stands above the nearest positioned element. */
  list: ReactNode;
  /** For the field; its own `onKeyDown` asks `takesKey` first. */
  props: FieldProps;
  /** Whether the list took the key. */
  takesKey: (event: KeyboardEvent<HTMLTextAreaElement>) => boolean;
}

/** Several for one field; at most one of them has something to choose from. */
export function combined(one: Completion, other: Completion): Completion {
  const open = one.props["aria-controls"] === undefined ? other : one;
  return {
    list: (
      <>
        {one.list}
        {other.list}
      </>
    ),
    props: {
      ...open.props,
      onSelect: (event) => {
        one.props.onSelect(event);
        other.props.onSelect(event);
      },
      onBlur: () => {
        one.props.onBlur();
        other.props.onBlur();
      },
    },
    takesKey: (event) => one.takesKey(event) || other.takesKey(event),
  };
}

export interface Caret {
  /** Null where the field has no focus, or more than a place is selected. */
  at: number | null;
  follow: (at: number | null) => void;
  /** Moves it there with the next rendering, which brings the new text. */
  moveTo: (at: number) => void;
}

export function useCaret(ref: RefObject<HTMLTextAreaElement | null>): Caret {
  const [at, follow] = useState<number | null>(null);
  const next = useRef<number | null>(null);
  useLayoutEffect(() => {
    if (next.current !== null) ref.current?.setSelectionRange(next.current, next.current);
    next.current = null;
  });
  const moveTo = (place: number) => {
    next.current = place;
    follow(place);
  };
  return { at, follow, moveTo };
}

interface Choices<T> {
  caret: Caret;
  /** What is being written, and what it may become. */
  unfinished: Unfinished | null;
  choices: readonly T[];
  /** The text with that in place of what was begun, and where the caret is then. */
  completed: (choice: T) => { text: string; caret: number };
  /** Whether it stands there in full already: Enter then sends. */
  isWritten: (choice: T) => boolean;
  onText: (text: string) => void;
  label: string;
  /** What a screen reader hears as the list opens. */
  announcement: (count: number) => string;
  keyOf: (choice: T) => string | number;
  render: (choice: T) => ReactNode;
}

export function useChoices<T>({ caret, unfinished, choices, completed, isWritten, onText, label, announcement, keyOf, render }: Choices<T>): Completion {
  const [dismissed, setDismissed] = useState<number | null>(null);
  const [active, setActive] = useState(0);
  const id = useId();
  const found = unfinished === null || unfinished.start === dismissed ? [] : choices;
  const isOpen = found.length > 0;
  const chosen = Math.min(active, found.length - 1);
  const query = unfinished?.query;
  useEffect(() => setActive(0), [query]);
  useEffect(() => {
    if (query === undefined) setDismissed(null);
  }, [query]);
  const said = isOpen ? announcement(found.length) : "";
  useEffect(() => {
    if (said !== "") announce(said);
  }, [said]);

  const choose = (choice: T) => {
    if (caret.at === null || unfinished === null) return;
    const after = completed(choice);
    caret.moveTo(after.caret);
    onText(after.text);
  };
  const takesKey = (event: KeyboardEvent<HTMLTextAreaElement>): boolean => {
    const choice = found[chosen];
    if (choice === undefined || event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return false;
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp": {
        const step = event.key === "ArrowDown" ? 1 : -1;
        setActive((chosen + step + found.length) % found.length);
        break;
      }
      case "Enter":
        if (isWritten(choice)) return false; // nothing to complete: it sends
        choose(choice);
        break;
      case "Tab":
        choose(choice);
        break;
      case "Escape":
        setDismissed(unfinished?.start ?? null);
        break;
      default:
        return false;
    }
    event.preventDefault();
    return true;
  };
  return {
    list: isOpen && <ChoiceList {...{ id, label, found, keyOf, render }} active={chosen} onActive={setActive} onChoose={choose} />,
    props: {
      onSelect: ({ currentTarget }) => caret.follow(currentTarget.selectionStart === currentTarget.selectionEnd ? currentTarget.selectionEnd : null),
      onBlur: () => caret.follow(null),
      "aria-autocomplete": "list",
      "aria-haspopup": "listbox",
      "aria-controls": isOpen ? id : undefined,
      "aria-activedescendant": isOpen ? `${id}-${chosen}` : undefined,
    },
    takesKey,
  };
}

interface ListProps<T> extends Pick<Choices<T>, "label" | "keyOf" | "render"> {
  id: string;
  found: readonly T[];
  active: number;
  onActive: (at: number) => void;
  onChoose: (choice: T) => void;
}

function ChoiceList<T>({ id, label, found, active, keyOf, render, onActive, onChoose }: ListProps<T>) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <ul
      ref={list}
      id={id}
      role="listbox"
      aria-label={label}
      className="rise absolute inset-x-0 bottom-full z-30 mb-2 max-h-72 overflow-y-auto rounded-2xl border border-line bg-raised p-1.5 shadow-float sm:max-w-md"
    >
      {found.map((choice, at) => (
        <li
          key={keyOf(choice)}
          id={`${id}-${at}`}
          role="option"
          aria-selected={at === active}
          className={`flex cursor-pointer items-center gap-3 rounded-xl px-2.5 py-2 select-none ${at === active ? "bg-hover" : ""}`}
          onPointerMove={() => onActive(at)}
          onMouseDown={(event) => event.preventDefault()} // the field keeps the focus
          onClick={() => onChoose(choice)}
        >
          {render(choice)}
        </li>
      ))}
    </ul>
  );
}
