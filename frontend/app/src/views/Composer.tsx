/** Where one writes. Enter sends, Shift+Enter makes a new line, Up in an empty field edits the last message. */
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { currentSession } from "../live/account.ts";
import { SendIcon } from "../ui/icons.tsx";

const MAX_CHARS = 4000;
const COUNT_FROM_CHARS = 3600;

/** What was begun in each room, for as long as the page lives. */
const drafts = new Map<number, string>();

export function Composer({ roomId, name, onEditLast }: { roomId: number; name: string; onEditLast: () => void }) {
  const ref = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(drafts.get(roomId) ?? "");
  const tooLong = text.length > MAX_CHARS;
  const canSend = text.trim() !== "" && !tooLong;

  useEffect(() => {
    // On a touch screen the keyboard would cover the room that was just opened.
    if (window.matchMedia("(pointer: fine)").matches) ref.current?.focus();
  }, []);
  const change = (value: string) => {
    setText(value);
    drafts.set(roomId, value);
    if (value.trim() !== "") currentSession().typing(roomId);
  };
  const send = () => {
    if (!canSend) return;
    currentSession().sendMessage(roomId, text.trim());
    setText("");
    drafts.delete(roomId);
    ref.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    }
    if (event.key === "ArrowUp" && text === "") {
      event.preventDefault();
      onEditLast();
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send();
  };
  return (
    <form onSubmit={submit} className="px-3 pb-3 md:px-5 md:pb-5">
      <div className="flex items-end gap-1 rounded-2xl border border-line bg-raised py-1 pr-1 pl-4 focus-within:border-accent focus-within:ring-1 focus-within:ring-accent">
        <textarea
          ref={ref}
          rows={1}
          aria-label={`Message to ${name}`}
          placeholder={`Message to ${name}`}
          className="composer-text max-h-48 min-h-9 flex-1 resize-none bg-transparent py-1.5 outline-none placeholder:truncate placeholder:text-muted"
          enterKeyHint="send"
          value={text}
          onChange={(event) => change(event.target.value)}
          onKeyDown={onKeyDown}
        />
        {text.length >= COUNT_FROM_CHARS && (
          <span className={`pb-2 text-xs tabular-nums ${tooLong ? "font-semibold text-danger" : "text-muted"}`} role="status">
            {MAX_CHARS - text.length}
          </span>
        )}
        <button
          type="submit"
          aria-label="Send"
          title="Send"
          disabled={!canSend}
          className="inline-flex size-9 shrink-0 items-center justify-center rounded-xl bg-accent text-on-accent transition-colors hover:bg-accent-strong disabled:bg-transparent disabled:text-muted"
        >
          <SendIcon />
        </button>
      </div>
    </form>
  );
}
