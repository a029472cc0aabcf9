/** A message of one's own while it is written anew, in its place. */
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { currentSession } from "../live/account.ts";
import type { Message, RoomState } from "../live/model.ts";
import { useLive } from "../live/store.ts";
import { t } from "../text/t.ts";
import { formatsByKey, pastesCode } from "../ui/formatting.ts";
import { useRequest } from "../ui/hooks.ts";
import { Button, ErrorText } from "../ui/parts.tsx";
import { useCompletions } from "./Completions.tsx";

export function MessageEditor({ message, onDone }: { message: Message; onDone: () => void }) {
  const state = useLive((live) => live.rooms[message.room]);
  return state === undefined ? null : <EditorField state={state} message={message} onDone={onDone} />;
}

function EditorField({ state, message, onDone }: { state: RoomState; message: Message; onDone: () => void }) {
  const ref = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(message.text);
  const { busy, error, run } = useRequest();
  useEffect(() => {
    const area = ref.current;
    area?.focus();
    area?.setSelectionRange(area.value.length, area.value.length);
  }, []);
  const save = () => {
    const trimmed = text.trim();
    if (trimmed === message.text) return onDone();
    if (trimmed === "" && !message.files?.length) return;
    run(async () => {
      await currentSession().editMessage(message, trimmed);
      onDone();
    });
  };
  const mentions = useCompletions({ ref, state, text, onText: setText });
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing || mentions.takesKey(event) || formatsByKey(event)) return;
    if (event.key === "Escape") onDone();
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      save();
    }
  };
  return (
    <div className="relative flex flex-col gap-2 py-1">
      {mentions.list}
      <textarea
        {...mentions.props}
        ref={ref}
        className="composer-text field max-h-64 resize-none"
        dir="auto"
        aria-label={t("Edit message")}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        onPaste={pastesCode}
      />
      <ErrorText>{error}</ErrorText>
      <p className="flex items-center gap-2 text-sm">
        <Button className="px-3 py-1" disabled={busy || (text.trim() === "" && !message.files?.length)} onClick={save}>
          {t("Save")}
        </Button>
        <Button tone="quiet" className="px-3 py-1" onClick={onDone}>
          {t("Cancel")}
        </Button>
        <span className="text-xs text-muted max-sm:hidden">{t("Enter saves, Esc cancels")}</span>
      </p>
    </div>
  );
}
