/** Tells a person what a moderator did to them, where they are just now. */
import type { EventMap } from "@carillon/sdk";
import type { LiveState } from "./model.ts";
import { roomName } from "../text/names.ts";
import { fullMoment } from "../text/times.ts";
import { t } from "../text/t.ts";
import { showToast } from "./store.ts";

export function tellRemoved(live: LiveState, { room: id, why, reason, until }: EventMap["chat.room_removed"]): void {
  const room = live.rooms[id]?.room;
  if (room === undefined || why === undefined || why === "left") return;
  const name = roomName(room, live.me.id);
  const title = why === "banned" ? t("You were banned from {name}", { name }) : t("You were removed from {name}", { name });
  const end = why === "banned" ? endOf(until ?? null) : "";
  say(`removed-${id}`, title, [end, reason ?? ""]);
}

export function tellMuted(live: LiveState, { room: id, muted, until, reason }: EventMap["chat.muted"]): void {
  const room = live.rooms[id]?.room;
  if (room === undefined) return;
  const name = roomName(room, live.me.id);
  if (muted) say(`muted-${id}`, t("You are muted in {name}", { name }), [endOf(until), reason]);
  else say(`muted-${id}`, t("You may write in {name} again", { name }), []);
}

export function endOf(until: string | null): string {
  return until === null ? t("For good.") : t("Until {moment}.", { moment: fullMoment(new Date(until)) });
}

function say(id: string, title: string, parts: readonly string[]): void {
  showToast({ id, title, text: parts.filter((part) => part !== "").join(" "), level: "warning", link: "" });
}
