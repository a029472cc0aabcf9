/** Three ways to a conversation: join an open room, make one, write to somebody. */
import { type FormEvent, type ReactNode, useState } from "react";
import { currentSession } from "../live/account.ts";
import type { Person } from "../live/model.ts";
import { goToRoom } from "../live/place.ts";
import { useLive } from "../live/store.ts";
import { nameOf } from "../text/names.ts";
import { plural, sentence, t } from "../text/t.ts";
import { useFound, useRequest } from "../ui/hooks.ts";
import { CloseIcon, HashIcon } from "../ui/icons.tsx";
import { Avatar, Button, Dialog, ErrorText, Field, IconButton } from "../ui/parts.tsx";

const WAYS = { browse: sentence("Join"), create: sentence("Create"), direct: sentence("Write to") } as const;
export type Way = keyof typeof WAYS;

/** People that one direct conversation has room for, beside oneself; as the server has it. */
const MAX_OTHERS = 8;

export function NewRoomDialog({ way: first, onClose }: { way: Way; onClose: () => void }) {
  const [way, setWay] = useState<Way>(first);
  return (
    <Dialog title={t("New conversation")} onClose={onClose}>
      <div role="tablist" aria-label={t("How")} className="mb-4 flex gap-1 rounded-xl bg-tower p-1" onKeyDown={(event) => walkTabs(event.key, way, setWay)}>
        {(Object.keys(WAYS) as Way[]).map((one) => (
          <button
            key={one}
            id={`way-${one}`}
            type="button"
            role="tab"
            aria-selected={way === one}
            aria-controls="way"
            tabIndex={way === one ? 0 : -1}
            onClick={() => setWay(one)}
            className={`flex-1 rounded-lg px-3 py-1.5 text-sm font-medium ${way === one ? "bg-raised text-ink shadow-sm" : "text-muted hover:text-ink"}`}
          >
            {t(WAYS[one])}
          </button>
        ))}
      </div>
      <div role="tabpanel" id="way" aria-labelledby={`way-${way}`} className="min-h-72">
        {way === "browse" && <Browse onDone={onClose} />}
        {way === "create" && <Create onDone={onClose} />}
        {way === "direct" && <Direct onDone={onClose} />}
      </div>
    </Dialog>
  );
}

function walkTabs(key: string, way: Way, setWay: (way: Way) => void): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
  if (step === undefined) return;
  const ways = Object.keys(WAYS) as Way[];
  const next = ways.at((ways.indexOf(way) + step) % ways.length);
  if (next === undefined) return;
  setWay(next);
  document.getElementById(`way-${next}`)?.focus();
}

const findRooms = (text: string) => currentSession().findRooms(text);
const findPeople = (text: string) => currentSession().findPeople(text);

function Browse({ onDone }: { onDone: () => void }) {
  const [text, setText] = useState("");
  const { found, error } = useFound(text, findRooms);
  const { busy, error: joinError, run } = useRequest();
  const open = (room: { id: number; joined: boolean }) =>
    run(async () => {
      if (room.joined) goToRoom(room.id);
      else await currentSession().joinRoom(room.id);
      onDone();
    });
  return (
    <Finder label={t("Find an open room")} text={text} onText={setText} error={error ?? joinError} empty={t("There is no such open room.")} found={found}>
      {(room) => (
        <FoundButton key={room.id} disabled={busy} onClick={() => open(room)}>
          <span className="inline-flex size-9 shrink-0 items-center justify-center rounded-xl bg-tower text-muted">
            <HashIcon width={18} height={18} />
          </span>
          <span className="min-w-0 flex-1">
            <span className="block truncate font-medium">{room.name}</span>
            <span className="block truncate text-sm text-muted">
              {plural(room.member_count, "{n} member", "{n} members")}
              {room.topic && ` · ${room.topic}`}
            </span>
          </span>
          <span className="text-sm font-medium text-accent">{room.joined ? t("Open") : t("Join")}</span>
        </FoundButton>
      )}
    </Finder>
  );
}

function Direct({ onDone }: { onDone: () => void }) {
  const me = useLive((live) => live.me.id);
  const [chosen, setChosen] = useState<readonly Person[]>([]);
  const { busy, error, run } = useRequest();
  const open = () =>
    run(async () => {
      await currentSession().openDirect(chosen.map(({ id }) => id));
      onDone();
    });
  const drop = (person: Person) => setChosen(chosen.filter(({ id }) => id !== person.id));
  return (
    <div className="flex flex-col gap-3">
      {chosen.length > 0 && (
        <ul aria-label={t("Write to")} className="flex flex-wrap gap-1.5">
          {chosen.map((person) => (
            <li key={person.id} className="inline-flex max-w-full items-center gap-1.5 rounded-full bg-accent-soft py-0.5 pe-0.5 ps-3 text-sm">
              <span className="truncate font-medium">{nameOf(person)}</span>
              <IconButton label={t("Without {name}", { name: nameOf(person) })} className="size-7" onClick={() => drop(person)}>
                <CloseIcon width={14} height={14} />
              </IconButton>
            </li>
          ))}
        </ul>
      )}
      <PeopleFinder
        key={chosen.length}
        label={chosen.length === 0 ? t("Find somebody") : t("Add somebody else")}
        action={t("Add")}
        without={(id) => id === me || chosen.some((person) => person.id === id)}
        busy={busy || chosen.length >= MAX_OTHERS}
        error={error}
        onChoose={(person) => setChosen([...chosen, person])}
      />
      <div className="sticky -bottom-6 -mx-6 -mb-6 border-t border-line bg-paper px-6 py-3">
        <Button className="w-full" disabled={busy || chosen.length === 0} onClick={open}>
          {chosen.length > 1 ? t("Write to these people") : t("Write")}
        </Button>
      </div>
    </div>
  );
}

export function PeopleFinder({
  label,
  action,
  without,
  busy,
  error,
  onChoose,
}: {
  label: string;
  action: string;
  without: (id: number) => boolean;
  busy: boolean;
  error: string | null;
  onChoose: (person: Person) => void;
}) {
  const [text, setText] = useState("");
  const { found, error: findError } = useFound(text, findPeople);
  const others = found?.filter(({ id }) => !without(id)) ?? null;
  return (
    <Finder label={label} text={text} onText={setText} error={error ?? findError} empty={t("Nobody is called so.")} found={others}>
      {(person) => (
        <FoundButton key={person.id} disabled={busy} onClick={() => onChoose(person)}>
          <Avatar person={person} />
          <span className="min-w-0 flex-1">
            <span className="block truncate font-medium">{nameOf(person)}</span>
            <span className="block truncate text-sm text-muted">{person.username}</span>
          </span>
          <span className="text-sm font-medium text-accent">{action}</span>
        </FoundButton>
      )}
    </Finder>
  );
}

function Finder<T>({
  label,
  text,
  onText,
  found,
  error,
  empty,
  children,
}: {
  label: string;
  text: string;
  onText: (text: string) => void;
  found: T[] | null;
  error: string | null;
  empty: string;
  children: (one: T) => ReactNode;
}) {
  return (
    <div className="flex flex-col gap-3">
      <input className="field" type="search" aria-label={label} placeholder={label} value={text} onChange={(event) => onText(event.target.value)} autoFocus data-autofocus />
      <ErrorText>{error}</ErrorText>
      {found === null && error === null && <p className="py-6 text-center text-muted">{t("Looking…")}</p>}
      {found?.length === 0 && <p className="py-6 text-center text-muted">{empty}</p>}
      <ul className="-mx-2 flex flex-col">{found?.map(children)}</ul>
    </div>
  );
}

function FoundButton({ disabled, onClick, children }: { disabled: boolean; onClick: () => void; children: ReactNode }) {
  return (
    <li>
      <button type="button" disabled={disabled} onClick={onClick} className="flex w-full items-center gap-3 rounded-xl px-2 py-2 text-start hover:bg-hover">
        {children}
      </button>
    </li>
  );
}

function Create({ onDone }: { onDone: () => void }) {
  const { busy, error, run } = useRequest();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const kind = form.get("private") === null ? "public" : "private";
    run(async () => {
      await currentSession().createRoom({ kind, name: String(form.get("name")), topic: String(form.get("topic")) });
      onDone();
    });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Field label={t("Name")}>
        <input className="field" name="name" required maxLength={64} autoComplete="off" autoFocus />
      </Field>
      <Field label={t("Topic")} hint={t("What is talked about here; may be left empty.")}>
        <input className="field" name="topic" maxLength={250} autoComplete="off" />
      </Field>
      <label className="flex items-start gap-3 rounded-xl border border-line p-3">
        <input type="checkbox" name="private" className="mt-1 size-4 accent-accent" />
        <span>
          <span className="block font-medium">{t("Private")}</span>
          <span className="block text-sm text-muted">{t("Only people who are invited can see it.")}</span>
        </span>
      </label>
      <ErrorText>{error}</ErrorText>
      <Button type="submit" disabled={busy}>
        {t("Create room")}
      </Button>
    </form>
  );
}
