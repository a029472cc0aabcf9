/** Who has read up to a message; of one's own message in a direct conversation, whether it arrived. */
import type { Message, RoomState } from "../live/model.ts";
import { fateOf, readUpToHere } from "../live/presence.ts";
import { useLive } from "../live/store.ts";
import { nameOf } from "../text/names.ts";
import { t } from "../text/t.ts";
import { Avatar } from "../ui/parts.tsx";

const FACES = 5;

export function Receipts({ message, me }: { message: Message; me: number }) {
  // One word, so that a row is drawn again only when it changes.
  const said = useLive((live) => sayingOf(live.rooms[message.room], message, me));
  if (said === "") return null;
  if (said === "sent" || said === "delivered" || said === "read") return <Fate fate={said} />;
  return <Faces room={message.room} readers={said.split(",").map(Number)} />;
}

/** What became of it, or the ids of those who have read up to here, or nothing. */
function sayingOf(state: RoomState | undefined, message: Message, me: number): string {
  if (state === undefined || message.deleted) return "";
  const isLastOfMine = message.author.id === me && state.messages.findLast(({ author }) => author.id === me)?.id === message.id;
  if (state.room.kind === "direct" && isLastOfMine) return fateOf(state, message, me);
  return readUpToHere(state, message, me).join(",");
}

function Faces({ room, readers }: { room: number; readers: readonly number[] }) {
  const people = useLive(({ rooms }) => (rooms[room]?.room.kind === "direct" ? rooms[room].room.members : rooms[room]?.members)) ?? [];
  const known = people.filter(({ id }) => readers.includes(id));
  if (known.length === 0) return null;
  const names = known.map(nameOf).join(", ");
  return (
    <span className="absolute end-4 bottom-0 flex items-center gap-0.5" title={t("Read up to here by {names}", { names })}>
      {known.slice(0, FACES).map((person) => (
        <Avatar key={person.id} person={person} size="tiny" />
      ))}
      {known.length > FACES && <span className="text-xs text-muted">+{known.length - FACES}</span>}
      <span className="sr-only">{t("Read up to here by {names}", { names })}</span>
    </span>
  );
}

function Fate({ fate }: { fate: "sent" | "delivered" | "read" }) {
  const words = { sent: t("Sent"), delivered: t("Delivered"), read: t("Read") };
  return <span className="block text-xs text-muted">{words[fate]}</span>;
}
