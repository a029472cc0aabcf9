/** Rooms of which one wants to hear less, or for a time nothing outside the app. */
import type { Follow, Preferences } from "../live/model.ts";
import { useLive } from "../live/store.ts";
import { roomName } from "../text/names.ts";
import { sentence, t } from "../text/t.ts";
import { Field } from "../ui/parts.tsx";
import { MuteChoice } from "./MuteChoice.tsx";

const FOLLOWS: Record<Follow, string> = { all: sentence("Everything"), mentions: sentence("Only what mentions me"), nothing: sentence("Nothing") };

interface Props {
  rules: Preferences["scopes"];
  disabled: boolean;
  onChoose: (room: number, follow: Follow, mutedUntil: string | null) => void;
}

export function RoomRules({ rules, disabled, onChoose }: Props) {
  const me = useLive((live) => live.me);
  const rooms = useLive((live) => live.rooms);
  const ruled = rules.flatMap((rule) => {
    const state = rooms[Number(rule.scope.replace(/^room:/, ""))];
    return state === undefined ? [] : [{ rule, room: state.room }];
  });
  const others = Object.values(rooms)
    .filter(({ room }) => !ruled.some((one) => one.room.id === room.id))
    .map(({ room }) => ({ id: room.id, name: roomName(room, me.id) }))
    .toSorted((a, b) => a.name.localeCompare(b.name));
  return (
    <div className="flex flex-col gap-3">
      <ul className="divide-y divide-line">
        {ruled.map(({ rule, room }) => {
          const name = roomName(room, me.id);
          return (
            <li key={room.id} className="grid gap-x-4 gap-y-2 py-2.5 sm:grid-cols-[9rem_1fr]">
              <span className="truncate pt-1 font-medium">{name}</span>
              <span className="flex flex-col gap-2">
                <select
                  className="field w-auto self-start py-1 text-sm"
                  aria-label={t("What to tell of {name}", { name })}
                  value={rule.follow}
                  disabled={disabled}
                  onChange={(event) => onChoose(room.id, event.target.value as Follow, rule.muted_until)}
                >
                  {Object.entries(FOLLOWS).map(([value, text]) => (
                    <option key={value} value={value}>
                      {t(text)}
                    </option>
                  ))}
                </select>
                <MuteChoice
                  until={rule.muted_until}
                  name={name}
                  lead={t("Mute")}
                  disabled={disabled}
                  onChoose={(until) => onChoose(room.id, rule.follow as Follow, until?.toISOString() ?? null)}
                />
              </span>
            </li>
          );
        })}
      </ul>
      {others.length > 0 && (
        <Field label={t("Another room")}>
          <select
            className="field"
            value=""
            disabled={disabled}
            onChange={(event) => onChoose(Number(event.target.value), "mentions", null)}
          >
            <option value="" disabled>
              {t("Choose a room to hear less of…")}
            </option>
            {others.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </Field>
      )}
    </div>
  );
}
