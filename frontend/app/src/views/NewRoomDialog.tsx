/** Three ways to a conversation: join an open room, make one, write to somebody. */
import { type FormEvent, type ReactNode, useState } from "react";
import { currentSession } from "../live/account.ts";
import type { Person } from "../live/model.ts";
import { goToRoom } from "../live/place.ts";
import { useLive } from "../live/store.ts";
import { nameOf } from "../text/names.ts";
import { useFound, useRequest } from "../ui/hooks.ts";
import { HashIcon } from "../ui/icons.tsx";
import { Avatar, Button, Dialog, ErrorText, Field } from "../ui/parts.tsx";

const WAYS = { browse: "Join", create: "Create", direct: "Write to" } as const;
type Way = keyof typeof WAYS;

export function NewRoomDialog({ onClose }: { onClose: () => void }) {
  const [way, setWay] = useState<Way>("browse");
  return (
    <Dialog title="New conversation" onClose={onClose}>
      <div role="tablist" aria-label="How" className="mb-4 flex gap-1 rounded-xl bg-tower p-1" onKeyDown={(event) => walkTabs(event.key, way, setWay)}>
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
            {WAYS[one]}
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
    <Finder label="Find an open room" text={text} onText={setText} error={error ?? joinError} empty="There is no such open room." found={found}>
      {(room) => (
        <FoundButton key={room.id} disabled={busy} onClick={() => open(room)}>
          <span className="inline-flex size-9 shrink-0 items-center justify-center rounded-xl bg-tower text-muted">
            <HashIcon width={18} height={18} />
          </span>
          <span className="min-w-0 flex-1">
            <span className="block truncate font-medium">{room.name}</span>
            <span className="block truncate text-sm text-muted">
              {room.member_count} {room.member_count === 1 ? "member" : "members"}
              {room.topic && ` · ${room.topic}`}
            </span>
          </span>
          <span className="text-sm font-medium text-accent">{room.joined ? "Open" : "Join"}</span>
        </FoundButton>
      )}
    </Finder>
  );
}

function Direct({ onDone }: { onDone: () => void }) {
  const me = useLive((live) => live.me.id);
  const { busy, error, run } = useRequest();
  const open = (person: Person) =>
    run(async () => {
      await currentSession().openDirect(person.id);
      onDone();
    });
  return <PeopleFinder label="Find somebody" action="Write" without={(id) => id === me} busy={busy} error={error} onChoose={open} />;
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
    <Finder label={label} text={text} onText={setText} error={error ?? findError} empty="Nobody is called so." found={others}>
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
      {found === null && error === null && <p className="py-6 text-center text-muted">Looking…</p>}
      {found?.length === 0 && <p className="py-6 text-center text-muted">{empty}</p>}
      <ul className="-mx-2 flex flex-col">{found?.map(children)}</ul>
    </div>
  );
}

function FoundButton({ disabled, onClick, children }: { disabled: boolean; onClick: () => void; children: ReactNode }) {
  return (
    <li>
      <button type="button" disabled={disabled} onClick={onClick} className="flex w-full items-center gap-3 rounded-xl px-2 py-2 text-left hover:bg-hover">
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
      <Field label="Name">
        <input className="field" name="name" required maxLength={64} autoComplete="off" autoFocus />
      </Field>
      <Field label="Topic" hint="What is talked about here; may be left empty.">
        <input className="field" name="topic" maxLength={250} autoComplete="off" />
      </Field>
      <label className="flex items-start gap-3 rounded-xl border border-line p-3">
        <input type="checkbox" name="private" className="mt-1 size-4 accent-accent" />
        <span>
          <span className="block font-medium">Private</span>
          <span className="block text-sm text-muted">Only people who are invited can see it.</span>
        </span>
      </label>
      <ErrorText>{error}</ErrorText>
      <Button type="submit" disabled={busy}>
        Create room
      </Button>
    </form>
  );
}
