/** The small parts that every view is made of. */
import type { Mode } from "@carillon/sdk";
import { type ButtonHTMLAttributes, type ReactNode, type Ref, useEffect, useRef } from "react";
import type { Person } from "../live/model.ts";
import { count as shown } from "../text/amounts.ts";
import { initials, nameOf } from "../text/names.ts";
import { plural, t } from "../text/t.ts";
import { CloseIcon } from "./icons.tsx";

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & { ref?: Ref<HTMLButtonElement> };

const BUTTON = "inline-flex items-center justify-center gap-2 rounded-[0.625rem] px-4 py-2 font-medium transition-colors disabled:opacity-50";
const TONES = {
  primary: "bg-accent text-on-accent hover:bg-accent-strong",
  quiet: "text-ink hover:bg-hover",
  outline: "border border-line bg-surface text-ink hover:bg-hover",
  danger: "bg-danger text-on-accent hover:opacity-90",
} as const;

export function Button({ tone = "primary", className = "", ...props }: ButtonProps & { tone?: keyof typeof TONES }) {
  return <button type="button" className={`${BUTTON} ${TONES[tone]} ${className}`} {...props} />;
}

/** A round button with nothing but an icon; the label is for everybody who does not see it, and the tooltip. */
export function IconButton({ label, className = "", ...props }: ButtonProps & { label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={`relative inline-flex size-9 shrink-0 items-center justify-center rounded-full text-muted transition-colors hover:bg-hover hover:text-ink data-[state=open]:bg-hover data-[state=open]:text-ink ${className}`}
      {...props}
    />
  );
}

const AVATAR_SIZES = { tiny: "size-[1.375rem] text-[8px]", small: "size-7 text-[11px]", medium: "size-9 text-[13px]" } as const;

const MODE_DOTS: Readonly<Record<Mode, string>> = {
  online: "bg-[#2fa36b]",
  idle: "border-[#c98a1b]! bg-paper",
  dnd: "bg-danger",
};

export function Avatar({ person, size = "medium", mode = null }: { person: Person; size?: keyof typeof AVATAR_SIZES; mode?: Mode | null }) {
  return (
    <span className="relative inline-flex shrink-0" aria-hidden="true">
      <span
        data-initials={initials(person)}
        className={`inline-flex items-center justify-center rounded-full font-semibold tracking-wide text-white before:content-[attr(data-initials)] tone-${person.id % 8} ${AVATAR_SIZES[size]}`}
      />
      {mode !== null && <span className={`absolute -end-0.5 -bottom-0.5 size-3 rounded-full border-2 border-paper ${MODE_DOTS[mode]}`} />}
    </span>
  );
}

export function PersonName({ person }: { person: Person }) {
  return (
    <span className="truncate font-semibold" dir="auto">
      {nameOf(person)}
      <BotSign person={person} />
    </span>
  );
}

/** That it is a program who speaks. */
export function BotSign({ person }: { person: Person }) {
  if (person.bot !== true) return null;
  return <span className="ms-1.5 rounded bg-accent-soft px-1 py-px text-[10px] font-semibold text-accent-strong">{t("BOT")}</span>;
}

/** What a small round sign has room for. */
const upTo99 = (count: number) => (count > 99 ? `${shown(99)}+` : shown(count));

export function Badge({ count, label }: { count: number; label: string }) {
  if (count === 0) return null;
  return (
    <span className="inline-flex h-5 min-w-5 items-center justify-center rounded-full bg-bronze-fill px-1.5 text-xs font-semibold text-on-bronze tabular-nums">
      <span aria-hidden="true" dir="ltr">
        {upTo99(count)}
      </span>
      <span className="sr-only">{label}</span>
    </span>
  );
}

/** How many unread messages mention the reader. */
export function MentionBadge({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <span className="inline-flex h-5 min-w-5 items-center justify-center rounded-full bg-accent px-1.5 text-xs font-semibold text-on-accent tabular-nums">
      <span aria-hidden="true" dir="ltr">
        @{count > 1 ? upTo99(count) : ""}
      </span>
      <span className="sr-only">{plural(count, "{n} mention of you", "{n} mentions of you")}</span>
    </span>
  );
}

/** A modal dialog of the browser itself: it keeps the focus inside and Esc closes it. */
export function Dialog({ title, wide = false, onClose, children }: { title: string; wide?: boolean; onClose: () => void; children: ReactNode }) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal(); // gives the focus to the first button, whatever had it
    dialog?.querySelector<HTMLElement>("[data-autofocus]")?.focus();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === ref.current) onClose();
      }}
      className={`rise m-auto max-h-[min(42rem,92dvh)] overflow-hidden rounded-2xl border border-line bg-paper p-0 text-ink shadow-float ${wide ? "w-[min(48rem,94vw)]" : "w-[min(30rem,94vw)]"}`}
    >
      <div className="flex max-h-[min(42rem,92dvh)] flex-col">
        <header className="flex items-center justify-between gap-4 px-6 pt-5 pb-1">
          <h2 className="font-serif text-xl font-semibold">{title}</h2>
          <IconButton label={t("Close")} onClick={onClose}>
            <CloseIcon />
          </IconButton>
        </header>
        <div className="min-h-0 flex-1 overflow-y-auto px-6 pt-2 pb-6">{children}</div>
      </div>
    </dialog>
  );
}

export function Field({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  return (
    <label className="flex flex-col gap-1">
      <span className="text-sm font-medium">{label}</span>
      {children}
      {hint !== undefined && <span className="text-xs text-muted">{hint}</span>}
    </label>
  );
}

export function ErrorText({ children }: { children: string | null }) {
  if (children === null) return null;
  return (
    <p role="alert" className="rounded-lg bg-danger-soft px-3 py-2 text-sm text-danger">
      {children}
    </p>
  );
}

export function EmptyState({ icon, title, children }: { icon: ReactNode; title: string; children?: ReactNode }) {
  return (
    <div className="m-auto flex max-w-sm flex-col items-center gap-3 p-8 text-center text-balance text-muted">
      {icon}
      <h2 className="font-serif text-lg font-semibold text-ink">{title}</h2>
      {children}
    </div>
  );
}
