/**
 * How the page asks for attention: numbers in its title and icon, a sound, and a notification of the system while nobody looks.
 * What the preferences keep quiet stays quiet. Permission is asked by a button, after something was missed, not on arrival.
 */
import { t } from "../text/t.ts";
import { wordsOf } from "../text/words.ts";
import { unreadIn } from "./messages.ts";
import type { InboxItem, LiveState } from "./model.ts";
import { mayDisturb } from "./quiet.ts";
import { remembered } from "./remembered.ts";
import { showToast, store } from "./store.ts";
import { unreadInThreads } from "./threads.ts";

const SOUNDS = "carillon.sounds";
const ASKED = "carillon.asked";
/** Turned on for this user: then the service worker shows what the page would. */
const PUSH = "carillon.push";

const ICONS = { none: "", unread: "-unread", mentioned: "-mentioned" } as const;

/** Unread messages, and those of them that mean the reader. */
export function numbersOf(live: LiveState | null): { unread: number; mentioned: number } {
  let [unread, mentioned] = [0, 0];
  for (const { room } of Object.values(live?.rooms ?? {})) {
    unread += unreadIn(room);
    mentioned += room.mentioned.length;
  }
  const threads = live === null ? { unread: 0, mentioned: 0 } : unreadInThreads(live);
  return { unread: unread + threads.unread, mentioned: mentioned + threads.mentioned };
}

/** The title, the tab's icon and the installed app's, from now on. */
export function showNumbers(): void {
  let shown = "";
  store.subscribe(({ live }, before) => {
    if (live?.rooms === before.live?.rooms && live?.threads === before.live?.threads) return;
    const { unread, mentioned } = numbersOf(live);
    const now = `${unread} ${mentioned}`;
    if (now === shown) return;
    shown = now;
    document.title = mentioned > 0 ? `(@${mentioned}) Carillon` : unread > 0 ? `(${unread}) Carillon` : "Carillon";
    showIcon(mentioned > 0 ? "mentioned" : unread > 0 ? "unread" : "none");
    if ("setAppBadge" in navigator) {
      const badge = mentioned > 0 ? mentioned : unread;
      (badge > 0 ? navigator.setAppBadge(badge) : navigator.clearAppBadge()).catch(() => undefined); // not installed
    }
  });
}

function showIcon(kind: keyof typeof ICONS): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (link !== null) link.href = link.href.replace(/icon(?:-\w+)?\.svg/, `icon${ICONS[kind]}.svg`);
}

export const hasSounds = () => remembered.get(SOUNDS) !== "off";
export const setSounds = (on: boolean) => remembered.set(SOUNDS, on ? "on" : "off");

/** A notification came. Where the person looks at no page of theirs, the one that leads tells them, so that one does. */
export async function told(item: InboxItem, { leads }: { leads: boolean }): Promise<void> {
  const { live, usualZone } = store.getState();
  if (live === null || !mayDisturb(item, live.preferences, usualZone, new Date())) return;
  const looks = isLookedAt();
  if (!looks && (!leads || (await isLookedAtElsewhere()))) return;
  if (hasSounds()) chime();
  if (looks || !("Notification" in window)) return;
  if (Notification.permission === "default") askOnReturn();
  if (Notification.permission !== "granted" || remembered.get(PUSH) === String(live.me.id)) return;
  const { title, text } = wordsOf(item);
  const notification = new Notification(title, { body: text, tag: item.id, silent: true });
  notification.onclick = () => {
    window.focus();
    if (item.link.startsWith("/#/")) location.hash = item.link.slice(1);
    notification.close();
  };
}

const isLookedAt = () => document.visibilityState === "visible" && document.hasFocus();

/** Held by the page that has the focus, so that the others can see that one has. */
const LOOKING = "carillon.looking";

export function showWhoLooks(): void {
  let looksAway: () => void = () => undefined;
  const change = () => {
    looksAway();
    if (!isLookedAt() || navigator.locks === undefined) return;
    const away = new Promise<void>((resolve) => (looksAway = resolve));
    void navigator.locks.request(LOOKING, { mode: "shared" }, () => away);
  };
  for (const signal of ["focus", "blur"]) window.addEventListener(signal, change);
  change();
}

async function isLookedAtElsewhere(): Promise<boolean> {
  const held = (await navigator.locks?.query())?.held ?? [];
  return held.some(({ name }) => name === LOOKING);
}

/** Whoever comes back and has missed something knows what the question is about. Asked once. */
function askOnReturn(): void {
  if (remembered.get(ASKED) !== null) return;
  remembered.set(ASKED, "yes");
  const ask = () =>
    showToast({
      id: "ask-notifications",
      title: t("Something came while you were away"),
      text: t("Do you want this browser to tell you next time?"),
      level: "info",
      link: "",
      action: { label: t("Tell me"), run: () => void Notification.requestPermission() },
    });
  window.addEventListener("focus", ask, { once: true });
}

let context: AudioContext | null = null;

/** Two strokes of a small bell, made here: a partial fades the sooner the higher it is. */
function chime(): void {
  try {
    context ??= new AudioContext();
    // Before the first click on a page a browser lets it make no sound.
    if (context.state === "suspended") return void context.resume().catch(() => undefined);
    for (const [pitchHz, afterS] of [[659.3, 0], [880, 0.14]] as const) {
      for (const [ratio, loudness] of [[1, 0.12], [2.76, 0.04], [5.4, 0.015]] as const) {
        ring(context, pitchHz * ratio, loudness, context.currentTime + afterS, 0.9 / ratio);
      }
    }
  } catch {
    // a device without sound
  }
}

function ring(audio: AudioContext, pitchHz: number, loudness: number, atS: number, lastsS: number): void {
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.value = pitchHz;
  volume.gain.setValueAtTime(loudness, atS);
  volume.gain.exponentialRampToValueAtTime(0.0001, atS + lastsS);
  tone.connect(volume).connect(audio.destination);
  tone.start(atS);
  tone.stop(atS + lastsS);
}
