/** Notifications of this browser while the page is closed: turned on and off, and kept through log-ins. */
import { CallError } from "@carillon/sdk";
import { t } from "../text/t.ts";
import { api } from "./api.ts";
import { remembered } from "./remembered.ts";

/** `unavailable`: this browser or this server cannot do it; `blocked`: the person said no, in the browser's settings. */
export type PushState = "unavailable" | "blocked" | "off" | "on";

interface Answer {
  public_key: string;
  devices: { id: number; endpoint: string }[];
}

const WORKER = "/service-worker.js";
/** The user who turned it on here: it is turned on again for them alone. */
const KEY = "carillon.push";

export async function pushState(): Promise<PushState> {
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) return "unavailable";
  const { public_key, devices } = await api<Answer>("GET", "/push");
  if (public_key === "") return "unavailable";
  if (Notification.permission === "denied") return "blocked";
  const subscription = await subscribed();
  return subscription !== null && devices.some(({ endpoint }) => endpoint === subscription.endpoint) ? "on" : "off";
}

/** Asks the person, so it belongs into the click of a button. Throws a CallError with what to do. */
export async function turnPushOn(userId: number): Promise<void> {
  if ((await Notification.requestPermission()) !== "granted") {
    throw new CallError("push_blocked", t("This browser was not allowed to show notifications. You can allow it in its settings for this site."), { retry: false });
  }
  const { public_key } = await api<Answer>("GET", "/push");
  await navigator.serviceWorker.register(WORKER);
  const { pushManager } = await navigator.serviceWorker.ready;
  const before = await pushManager.getSubscription();
  if (before !== null && keyOf(before) !== public_key) await before.unsubscribe(); // of another key of the server's
  let subscription: PushSubscription;
  try {
    subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: public_key });
  } catch {
    throw new CallError("push_unavailable", t("This browser cannot reach its push service just now. Try again later."), { retry: true });
  }
  await tellServer(subscription);
  remembered.set(KEY, String(userId));
}

export async function turnPushOff(): Promise<void> {
  remembered.remove(KEY);
  const subscription = await subscribed();
  if (subscription === null) return;
  const { devices } = await api<Answer>("GET", "/push");
  const device = devices.find(({ endpoint }) => endpoint === subscription.endpoint);
  if (device !== undefined) await api("DELETE", `/push/devices/${device.id}`);
  await subscription.unsubscribe();
}

/** At the start of the page: a log-in that is new takes over what the same person had turned on before it. */
export async function keepPush(userId: number): Promise<void> {
  if (remembered.get(KEY) !== String(userId) || (await pushState()) !== "off") return;
  const subscription = await subscribed();
  if (subscription !== null) await tellServer(subscription);
}

async function subscribed(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration?.pushManager.getSubscription()) ?? null;
}

async function tellServer(subscription: PushSubscription): Promise<void> {
  const { endpoint, keys } = subscription.toJSON();
  await api("POST", "/push/devices", { channel: "web_push", endpoint, keys });
}

/** The server's key that it was made with, in base64url. */
function keyOf(subscription: PushSubscription): string {
  const key = new Uint8Array(subscription.options.applicationServerKey ?? new ArrayBuffer(0));
  return btoa(String.fromCharCode(...key)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
