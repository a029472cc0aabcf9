/** Images on the whole screen: arrow keys or a swipe for the next, + - or a double click to look closer, Esc to leave. */
import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useRef, useState } from "react";
import type { SharedFile } from "../live/model.ts";
import { t } from "../text/t.ts";
import { BackIcon, CloseIcon, DownloadIcon, NextIcon } from "../ui/icons.tsx";
import { IconButton } from "../ui/parts.tsx";

const MAX_ZOOM = 5;
const ZOOM_STEP = 1.5;
const SWIPE_PX = 60;

interface Look {
  zoom: number;
  x: number;
  y: number;
}

const WHOLE: Look = { zoom: 1, x: 0, y: 0 };

export default function ImageViewer({ images, first, onClose }: { images: readonly SharedFile[]; first: number; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [at, setAt] = useState(first);
  const [look, setLook] = useState(WHOLE);
  const held = useRef<{ x: number; y: number; look: Look } | null>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  const image = images[at];
  if (image === undefined) return null;
  const go = (step: number) => {
    if (images[at + step] === undefined) return;
    setAt(at + step);
    setLook(WHOLE);
  };
  const zoomBy = (factor: number) =>
    setLook(({ zoom, x, y }) => {
      const closer = Math.min(MAX_ZOOM, Math.max(1, zoom * factor));
      return closer === 1 ? WHOLE : { zoom: closer, x, y };
    });
  const onKeyDown = ({ key }: KeyboardEvent) => {
    if (key === "ArrowRight") go(1);
    if (key === "ArrowLeft") go(-1);
    if (key === "+" || key === "=") zoomBy(ZOOM_STEP);
    if (key === "-") zoomBy(1 / ZOOM_STEP);
    if (key === "0") setLook(WHOLE);
  };
  const onPointerDown = (event: PointerEvent) => {
    held.current = { x: event.clientX, y: event.clientY, look };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const onPointerMove = (event: PointerEvent) => {
    const from = held.current;
    if (from === null || from.look.zoom === 1) return;
    setLook({ zoom: from.look.zoom, x: from.look.x + event.clientX - from.x, y: from.look.y + event.clientY - from.y });
  };
  const onPointerUp = (event: PointerEvent) => {
    const from = held.current;
    held.current = null;
    if (from === null || from.look.zoom > 1) return;
    const moved = event.clientX - from.x;
    if (Math.abs(moved) > SWIPE_PX) go(moved < 0 ? 1 : -1);
  };
  // What is looked at closely is shown as it was uploaded.
  const source = look.zoom > 1 ? image.url : (image.large ?? image.url);
  const label = t("Image {n} of {total}: {name}", { n: at + 1, total: images.length, name: image.alt || image.name });
  return (
    <dialog
      ref={dialog}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={onKeyDown}
      className="m-0 size-full max-h-none max-w-none bg-[#0b0f0ef2] p-0 text-white"
    >
      <div className="flex size-full flex-col">
        <header className="flex items-center gap-2 px-3 py-2">
          <p className="min-w-0 flex-1 truncate text-sm">
            {image.name}
            {images.length > 1 && <span className="ms-2 text-white/70">{`${at + 1} / ${images.length}`}</span>}
          </p>
          <a
            href={`${image.url}?download`}
            download={image.name}
            aria-label={t("Download {name}", { name: image.name })}
            className="inline-flex size-9 items-center justify-center rounded-full text-white/80 hover:bg-white/15 hover:text-white"
          >
            <DownloadIcon />
          </a>
          <IconButton label={t("Close")} className="text-white/80! hover:bg-white/15! hover:text-white!" onClick={onClose}>
            <CloseIcon />
          </IconButton>
        </header>
        <div
          className="relative flex min-h-0 flex-1 touch-none items-center justify-center overflow-hidden"
          onPointerDown={onPointerDown}
          onPointerMove={onPointerMove}
          onPointerUp={onPointerUp}
          onDoubleClick={() => setLook(look.zoom > 1 ? WHOLE : { zoom: 2.5, x: 0, y: 0 })}
          onWheel={({ deltaY }) => zoomBy(deltaY < 0 ? 1.15 : 1 / 1.15)}
        >
          <img
            key={image.id}
            src={source}
            alt={image.alt ?? ""}
            draggable={false}
            width={image.width ?? undefined}
            height={image.height ?? undefined}
            className="h-auto max-h-full w-auto max-w-full object-contain select-none"
            style={{ transform: `translate(${look.x}px, ${look.y}px) scale(${look.zoom})` }}
          />
        </div>
        {at > 0 && <Step side="start-2" label={t("Previous image")} icon={<BackIcon />} onClick={() => go(-1)} />}
        {at < images.length - 1 && <Step side="end-2" label={t("Next image")} icon={<NextIcon />} onClick={() => go(1)} />}
        {image.alt && <p className="mx-auto max-w-2xl px-4 py-3 text-center text-sm text-white/90">{image.alt}</p>}
      </div>
    </dialog>
  );
}

function Step({ side, label, icon, onClick }: { side: string; label: string; icon: ReactNode; onClick: () => void }) {
  return (
    <IconButton label={label} className={`absolute! top-1/2 ${side} bg-black/40 text-white! hover:bg-black/70!`} onClick={onClick}>
      {icon}
    </IconButton>
  );
}
