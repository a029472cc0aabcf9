/** Who a direct conversation is with, at a glance: a face and whether they are there, or that there are several. */
import type { RoomState } from "../live/model.ts";
import { otherPeople } from "../text/names.ts";
import { Avatar } from "../ui/parts.tsx";

export function DirectSign({ state, me }: { state: RoomState; me: number }) {
  const [first, second] = otherPeople(state.room, me);
  if (first === undefined) return null;
  if (second === undefined) return <Avatar person={first} mode={state.online.get(first.id) ?? null} />;
  return (
    <span className="relative size-9 shrink-0" aria-hidden="true">
      <span className="absolute top-0 start-0">
        <Avatar person={first} size="tiny" />
      </span>
      <span className="absolute end-0 bottom-0 rounded-full ring-2 ring-paper">
        <Avatar person={second} size="tiny" />
      </span>
    </span>
  );
}
