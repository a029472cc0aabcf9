/** Where one writes. Enter sends, Shift+Enter makes a new line, Up in an empty field edits the last message. */
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { currentSession } from "../live/account.ts";
import { sendDraft, trayOf, useDraftFiles } from "../live/files.ts";
import type { RoomState } from "../live/model.ts";
import { isSlash, runSlash } from "../live/slash.ts";
import { asSentence } from "../text/errors.ts";
import { t } from "../text/t.ts";
import { formatsByKey, insert, pastesCode } from "../ui/formatting.ts";
import { SendIcon } from "../ui/icons.tsx";
import { COMPOSER } from "../ui/shortcuts.ts";
import { AttachButton, AttachmentTray, takePasted } from "./Attachments.tsx";
import { useCompletions } from "./Completions.tsx";
import { EmojiButton } from "./EmojiButton.tsx";
import { FormattingHelp } from "./FormattingHelp.tsx";
import { SlowModeNote, useSlowMode } from "./moderation/WriteGate.tsx";
import { useQuoting } from "./QuotingBar.tsx";
import { SendingMenu } from "./SendingMenu.tsx";
import { SlashAnswer, SlashList, useSlashCommands } from "./SlashList.tsx";
import { UnreachedNote } from "./UnreachedNote.tsx";
import { useDraft } from "./useDraft.ts";

const MAX_CHARS = 4000;
const COUNT_FROM_CHARS = 3600;

interface ComposerProps {
  state: RoomState;
  name: string;
  onEditLast: () => void;
  /** The root of the thread that it writes in. */
  threadId?: number | null;
}

export function Composer({ state, name, onEditLast, threadId = null }: ComposerProps) {
  const roomId = state.room.id;
  const tray = trayOf(roomId, threadId);
  const label = threadId === null ? t("Message to {name}", { name }) : t("Reply in thread");
  const [alsoInRoom, setAlsoInRoom] = useState(false);
  const ref = useRef<HTMLTextAreaElement>(null);
  const { text, setText, clear } = useDraft({ room: roomId, thread: threadId });
  const quoting = useQuoting(roomId, threadId, () => ref.current?.focus());
  const tooLong = text.length > MAX_CHARS;
  const files = useDraftFiles(tray);
  const wait = useSlowMode(state);
  const canSend = (text.trim() !== "" || files.length > 0) && !tooLong && wait === 0;

  useEffect(() => {
    const area = ref.current;
    area?.setSelectionRange(area.value.length, area.value.length); // one goes on where the draft ends
    // On a touch screen the keyboard would cover the room that was just opened.
    if (window.matchMedia("(pointer: fine)").matches) ref.current?.focus();
  }, []);
  const change = (value: string) => {
    setText(value);
    if (value.trim() !== "") currentSession().typing(roomId);
  };
  const mentions = useCompletions({ ref, state, text, onText: change });
  const commands = useSlashCommands(text);
  const [answer, setAnswer] = useState<{ text: string; failed: boolean } | null>(null);
  const runCommand = async (written: string) => {
    try {
      const whisper = await runSlash(currentSession(), roomId, written);
      setAnswer(whisper === "" ? null : { text: whisper, failed: false });
    } catch (reason) {
      setAnswer({ text: asSentence(reason), failed: true });
      change(written);
    }
  };
  const links = {
    ...(quoting.id === null ? {} : { quote: quoting.id }),
    ...(threadId === null ? {} : { thread: threadId, also_in_room: alsoInRoom }),
  };
  const sent = () => {
    quoting.drop();
    setAlsoInRoom(false);
    clear();
  };
  const send = () => {
    if (!canSend) return;
    if (isSlash(text.trim())) {
      void runCommand(text.trim());
      clear();
    } else {
      sendDraft(currentSession(), roomId, text.trim(), links);
      sent();
    }
    ref.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing || mentions.takesKey(event) || formatsByKey(event)) return;
    if (event.key === "Escape" && quoting.id !== null) {
      event.preventDefault();
      quoting.drop();
    }
    if (event.key === "Tab" && !event.shiftKey && commands[0] !== undefined) {
      event.preventDefault();
      change(`/${commands[0].name} `);
    }
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    }
    if (event.key === "ArrowUp" && !event.altKey && text === "") {
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
      <UnreachedNote room={state.room} threadId={threadId} />
      <SlowModeNote room={state.room} wait={wait} />
      {quoting.bar}
      {answer !== null && <SlashAnswer {...answer} onClose={() => setAnswer(null)} />}
      <AttachmentTray room={tray} files={files} />
      <div className="relative flex items-end gap-1 rounded-2xl border border-edge bg-raised px-1 py-1 focus-within:border-accent focus-within:ring-1 focus-within:ring-accent">
        {mentions.list}
        <SlashList
          commands={commands}
          onChoose={(chosen) => {
            change(chosen);
            ref.current?.focus();
          }}
        />
        <AttachButton room={tray} />
        <textarea
          {...mentions.props}
          ref={ref}
          {...(threadId === null ? { id: COMPOSER } : {})}
          rows={1}
          aria-label={label}
          placeholder={label}
          className="composer-text max-h-48 min-h-9 flex-1 resize-none bg-transparent py-1.5 outline-none placeholder:truncate placeholder:text-muted"
          enterKeyHint="send"
          dir="auto"
          value={text}
          onChange={(event) => change(event.target.value)}
          onKeyDown={onKeyDown}
          onPaste={(event) => {
            if (!takePasted(event, tray)) pastesCode(event);
          }}
        />
        <FormattingHelp />
        <EmojiButton returnsFocus={false} onPick={(emoji) => ref.current !== null && insert(ref.current, emoji)} />
        {text.length >= COUNT_FROM_CHARS && (
          <span className={`pb-2 text-xs tabular-nums ${tooLong ? "font-semibold text-danger" : "text-muted"}`} role="status">
            {MAX_CHARS - text.length}
          </span>
        )}
        <SendingMenu room={state.room} text={text} links={links} canSend={canSend} onSent={sent} />
        <button
          type="submit"
          aria-label={t("Send")}
          title={t("Send")}
          disabled={!canSend}
          className="inline-flex size-9 shrink-0 items-center justify-center rounded-xl bg-accent text-on-accent transition-colors hover:bg-accent-strong disabled:bg-transparent disabled:text-muted"
        >
          <SendIcon className="rtl:-scale-x-100" />
        </button>
      </div>
      {threadId !== null && (
        <label className="flex items-center gap-2 ps-1 pt-2 text-sm text-muted">
          <input type="checkbox" checked={alsoInRoom} onChange={(event) => setAlsoInRoom(event.target.checked)} />
          {t("Also send to {room}", { room: name })}
        </label>
      )}
    </form>
  );
}
