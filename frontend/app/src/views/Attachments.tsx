/** Files before they are in a message: chosen, dropped or pasted, on their way, and what can be done about each. */
import { type ClipboardEvent, useEffect, useRef, useState } from "react";
import { addFiles, type Attachment, describeFile, removeFile, retryFile, useUploaded, useWaitingFiles } from "../live/files.ts";
import type { PendingMessage } from "../live/model.ts";
import { fileSize } from "../text/amounts.ts";
import { t } from "../text/t.ts";
import { ClipIcon, CloseIcon, FileIcon, RetryIcon } from "../ui/icons.tsx";
import { IconButton } from "../ui/parts.tsx";

export function AttachButton({ room }: { room: number }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <IconButton label={t("Attach files")} onClick={() => input.current?.click()}>
        <ClipIcon />
      </IconButton>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={t("Files to attach")}
        onChange={({ currentTarget }) => {
          void addFiles(room, [...(currentTarget.files ?? [])]);
          currentTarget.value = ""; // the same file may be chosen again
        }}
      />
    </>
  );
}

/** Whether files were pasted, which are then attached; pasted text stays text, whatever else programs put beside it. */
export function takePasted(event: ClipboardEvent, room: number): boolean {
  const { clipboardData: data } = event;
  if (data.files.length === 0 || data.types.includes("text/plain")) return false;
  event.preventDefault();
  void addFiles(room, [...data.files]);
  return true;
}

/** Takes files that are dragged anywhere onto the page, while a room is open. */
export function DropZone({ room }: { room: number }) {
  const [over, setOver] = useState(false);
  useEffect(() => {
    let depth = 0; // each element under the pointer enters and leaves
    const controller = new AbortController();
    const listen = (name: "dragenter" | "dragover" | "dragleave" | "drop", act: (event: DragEvent) => void) =>
      window.addEventListener(
        name,
        (event) => {
          if (!event.dataTransfer?.types.includes("Files")) return;
          event.preventDefault();
          act(event);
        },
        { signal: controller.signal },
      );
    listen("dragenter", () => setOver(++depth > 0));
    listen("dragleave", () => setOver(--depth > 0));
    listen("dragover", () => undefined);
    listen("drop", ({ dataTransfer }) => {
      depth = 0;
      setOver(false);
      void addFiles(room, [...(dataTransfer?.files ?? [])]);
    });
    return () => controller.abort();
  }, [room]);
  if (!over) return null;
  return (
    <div className="pointer-events-none absolute inset-2 z-30 flex items-center justify-center rounded-2xl border-2 border-dashed border-accent bg-accent-soft/90">
      <p className="flex items-center gap-3 font-serif text-xl font-semibold text-accent-strong">
        <ClipIcon width={28} height={28} />
        {t("Drop files to attach them")}
      </p>
    </div>
  );
}

export function AttachmentTray({ room, files }: { room: number; files: readonly Attachment[] }) {
  if (files.length === 0) return null;
  return (
    <ul aria-label={t("Attached files")} className="mb-2 flex gap-2 overflow-x-auto pt-1 pb-1">
      {files.map((attachment) => (
        <li key={attachment.id} className="flex w-44 shrink-0 flex-col gap-1.5 rounded-xl border border-line bg-raised p-2">
          <span className="flex items-start gap-2">
            <Thumbnail attachment={attachment} />
            <span className="min-w-0 flex-1">
              <span className="block truncate text-sm font-medium" title={attachment.name}>
                {attachment.name}
              </span>
              <span className="block text-xs text-muted">{fileSize(attachment.bytes)}</span>
            </span>
            <IconButton label={t("Remove {name}", { name: attachment.name })} className="-mt-1 -me-1 size-7" onClick={() => removeFile(room, attachment.id)}>
              <CloseIcon width={15} height={15} />
            </IconButton>
          </span>
          <Progress attachment={attachment} />
          <input
            className="field px-2 py-1 text-xs"
            maxLength={500}
            aria-label={t("Description of {name}", { name: attachment.name })}
            placeholder={t("Description (optional)")}
            value={attachment.alt}
            onChange={({ target }) => describeFile(attachment.id, target.value)}
          />
        </li>
      ))}
    </ul>
  );
}

/** Under one's own message that is on its way: each of its files, with how far it is. */
export function PendingFiles({ pending }: { pending: PendingMessage }) {
  const waiting = useWaitingFiles(pending.clientId);
  const uploaded = useUploaded();
  if (waiting === null) {
    const names = (pending.files ?? []).map((id) => uploaded[id]?.name ?? t("A file"));
    return names.length === 0 ? null : <p className="text-sm text-muted">{names.join(", ")}</p>;
  }
  return (
    <ul className="flex max-w-sm flex-col gap-1.5 py-1">
      {waiting.map((attachment) => (
        <li key={attachment.id} className="flex items-center gap-2">
          <Thumbnail attachment={attachment} />
          <span className="min-w-0 flex-1">
            <span className="block truncate text-sm">{attachment.name}</span>
            <Progress attachment={attachment} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function Thumbnail({ attachment: { shown } }: { attachment: Attachment }) {
  const box = "size-10 shrink-0 rounded-lg bg-hover";
  if (shown !== null) return <img src={shown} alt="" width={40} height={40} className={`${box} object-cover`} />;
  return (
    <span className={`${box} inline-flex items-center justify-center text-muted`}>
      <FileIcon />
    </span>
  );
}

function Progress({ attachment: { id, name, status, share, failure } }: { attachment: Attachment }) {
  if (status === "failed") {
    return (
      <span role="alert" className="flex items-start gap-1 text-xs text-danger">
        <span className="min-w-0 flex-1 break-words">{failure}</span>
        <IconButton label={t("Try {name} again", { name })} className="size-6" onClick={() => retryFile(id)}>
          <RetryIcon width={14} height={14} />
        </IconButton>
      </span>
    );
  }
  if (status === "done") return null;
  return <progress className="progress" max={1} {...(status === "waiting" ? {} : { value: share })} aria-label={t("Upload of {name}", { name })} />;
}
