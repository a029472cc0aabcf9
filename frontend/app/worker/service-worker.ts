/**
 * Runs beside the page, and while no page is open: keeps the page's own files, so that it opens without a network; shows what
 * is pushed, opens it on a click, keeps the subscription. A newer one waits until the person takes it, or every page is closed.
 */
import { addressOf, type Payload, payloadOf } from "./payload.ts";

declare const self: ServiceWorkerGlobalScope;

declare global {
  interface ImportMeta {
    readonly env: { readonly VITE_BUILD: string };
  }
}

/** Of `pushsubscriptionchange`, which TypeScript's library does not know. */
interface SubscriptionChange extends ExtendableEvent {
  readonly newSubscription?: PushSubscription | null;
}

/** The build puts in the addresses of its files, as JSON. */
const FILES: ReadonlySet<string> = new Set(JSON.parse("__FILES__") as string[]);
const SHELL = "carillon-shell-";
const CACHE = `${SHELL}${import.meta.env.VITE_BUILD}`;
const PAGE = "/";
/** A network that takes longer than this to bring the page is treated as none. */
const PAGE_WITHIN_MS = 3_000;

self.addEventListener("install", (event) => event.waitUntil(keepFiles()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("message", (event) => {
  if (event.data === "update") void self.skipWaiting();
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (pathname === PAGE) event.respondWith(page(request));
  } else if (FILES.has(pathname)) event.respondWith(file(request));
});
self.addEventListener("push", (event) => event.waitUntil(received(event.data)));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const data: unknown = event.notification.data;
  event.waitUntil(open(addressOf((data as Partial<Payload> | null)?.link, self.location.origin)));
});
self.addEventListener("pushsubscriptionchange", ((event: SubscriptionChange) => {
  event.waitUntil(renew(event.newSubscription ?? null));
}) as EventListener);

/** Notifications go on where the files cannot be kept, such as on a full disk. */
async function keepFiles(): Promise<void> {
  try {
    const cache = await caches.open(CACHE);
    await cache.addAll([PAGE, ...FILES].map((address) => new Request(address, { cache: "no-cache" })));
  } catch (reason) {
    console.warn("carillon: files", reason);
  }
}

async function takeOver(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(SHELL) && name !== CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** The server's page while there is a server, else the one that is kept. */
async function page(request: Request): Promise<Response> {
  const fresh = fetch(request);
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), PAGE_WITHIN_MS));
  const answer = await Promise.race([fresh, late]).catch(() => null);
  if (answer !== null && answer.status < 500) return answer;
  const kept = await caches.match(PAGE, { cacheName: CACHE });
  return kept ?? answer ?? fresh;
}

/** A name with a hash never means anything else. */
async function file(request: Request): Promise<Response> {
  return (await caches.match(request, { cacheName: CACHE })) ?? fetch(request);
}

async function received(data: PushMessageData | null): Promise<void> {
  const payload = payloadOf(parsed(data));
  if (payload === null) return self.registration.showNotification("Carillon", { body: "Something happened. Open Carillon to see it." });
  // Whoever looks at the page sees its own toast.
  if (await isLookedAt()) return;
  const [shown] = await self.registration.getNotifications({ tag: payload.tag });
  const again = shown !== undefined && (shown.data as Partial<Payload> | null)?.id !== payload.id;
  const options = { body: payload.text, tag: payload.tag, lang: payload.language, data: payload, renotify: again };
  await self.registration.showNotification(payload.title, options);
}

function parsed(data: PushMessageData | null): unknown {
  try {
    return data?.json() ?? null;
  } catch {
    return null;
  }
}

async function isLookedAt(): Promise<boolean> {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  return windows.some((window) => window.focused && window.visibilityState === "visible");
}

async function open(address: string): Promise<void> {
  const windows = await self.clients.matchAll({ type: "window" });
  const window = windows.find(({ url }) => url === address) ?? windows[0];
  if (window === undefined) {
    await self.clients.openWindow(address);
    return;
  }
  const focused = await window.focus();
  if (focused.url !== address) await focused.navigate(address);
}

/** The push service gave this browser another address: the server has to know it. */
async function renew(given: PushSubscription | null): Promise<void> {
  const response = await fetch("/api/push", { credentials: "same-origin" });
  if (!response.ok) return; // logged out: nobody is to be notified here
  const { public_key, csrf_token } = (await response.json()) as { public_key: string; csrf_token: string };
  if (public_key === "") return;
  const manager = self.registration.pushManager;
  const subscription = given ?? (await manager.subscribe({ userVisibleOnly: true, applicationServerKey: public_key }));
  const { endpoint, keys } = subscription.toJSON();
  await fetch("/api/push/devices", {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf_token },
    body: JSON.stringify({ channel: "web_push", endpoint, keys }),
  });
}
