/** The files of a message. Each image has its place before it is there, so that nothing moves when it comes. */
import { lazy, Suspense, useState } from "react";
import type { Message, SharedFile } from "../live/model.ts";
import { fileSize } from "../text/amounts.ts";
import { t } from "../text/t.ts";
import { DownloadIcon, FileIcon, SoundIcon } from "../ui/icons.tsx";

const ImageViewer = lazy(() => import("./ImageViewer.tsx"));

const ALONE = { width: 360, height: 300 };
const AMONG_OTHERS = { width: 200, height: 150 };

export function MessageFiles({ files = [] }: { files: Message["files"] }) {
  const [open, setOpen] = useState<number | null>(null);
  if (files.length === 0) return null;
  const images = files.filter(({ kind }) => kind === "image");
  const others = files.filter(({ kind }) => kind !== "image");
  const room = images.length === 1 ? ALONE : AMONG_OTHERS;
  return (
    <div className="flex flex-col gap-2 py-1">
      {images.length > 0 && (
        <ul aria-label={t("Images")} className="flex flex-wrap gap-2">
          {images.map((image, at) => (
            <li key={image.id} className="max-w-full">
              <button
                type="button"
                aria-label={t("Open image: {name}", { name: image.alt || image.name })}
                className="block max-w-full overflow-hidden rounded-xl border border-line bg-hover"
                onClick={() => setOpen(at)}
              >
                <img src={image.small ?? image.url} alt={image.alt ?? ""} {...fitted(image, room)} loading="lazy" decoding="async" className="h-auto max-w-full" />
              </button>
            </li>
          ))}
        </ul>
      )}
      {others.map((file) => (
        <OneFile key={file.id} file={file} />
      ))}
      {open !== null && (
        <Suspense fallback={null}>
          <ImageViewer images={images} first={open} onClose={() => setOpen(null)} />
        </Suspense>
      )}
    </div>
  );
}

function OneFile({ file }: { file: SharedFile }) {
  const [unplayable, setUnplayable] = useState(false);
  if (file.kind === "file" || unplayable) return <FileCard file={file} />;
  const shared = { src: file.url, controls: true, onError: () => setUnplayable(true), "aria-label": file.alt || file.name };
  return (
    <figure className="max-w-md">
      {file.kind === "audio" ? (
        <audio {...shared} preload="none" className="h-12 w-full" />
      ) : (
        <video {...shared} preload="metadata" playsInline className="aspect-video w-full rounded-xl bg-black" />
      )}
      <figcaption className="flex items-center gap-2 pt-1 text-xs text-muted">
        <span className="truncate">{file.name}</span>
        <span className="shrink-0">{fileSize(file.bytes)}</span>
        <a href={`${file.url}?download`} download={file.name} aria-label={t("Download {name}", { name: file.name })} className="shrink-0 hover:text-ink">
          <DownloadIcon width={16} height={16} />
        </a>
      </figcaption>
    </figure>
  );
}

function FileCard({ file }: { file: SharedFile }) {
  return (
    <a
      href={`${file.url}?download`}
      download={file.name}
      aria-label={t("Download {name}", { name: file.name })}
      className="flex max-w-sm items-center gap-3 rounded-xl border border-line bg-raised px-3 py-2.5 hover:bg-hover"
    >
      <span className="inline-flex size-10 shrink-0 items-center justify-center rounded-lg bg-accent-soft text-accent-strong">
        {file.kind === "audio" ? <SoundIcon /> : <FileIcon />}
      </span>
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium">{file.name}</span>
        <span className="block truncate text-xs text-muted">
          {wordOf(file)} · {fileSize(file.bytes)}
        </span>
        {file.alt && <span className="block truncate text-xs">{file.alt}</span>}
      </span>
      <DownloadIcon className="shrink-0 text-muted" />
    </a>
  );
}

/** What a person calls this kind of file: its ending, since people know files by it. */
function wordOf({ name }: SharedFile): string {
  const at = name.lastIndexOf(".");
  return at > 0 && name.length - at <= 6 ? name.slice(at + 1).toUpperCase() : t("File");
}

/** The size at which the whole image fits, never above its own. */
export function fitted({ width, height }: SharedFile, room: { width: number; height: number }): { width: number; height: number } {
  if (!width || !height) return room;
  const share = Math.min(1, room.width / width, room.height / height);
  return { width: Math.max(1, Math.round(width * share)), height: Math.max(1, Math.round(height * share)) };
}
