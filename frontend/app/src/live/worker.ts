/** The service worker keeps the page's files. A newer page is offered, never forced on somebody who is writing. */
import { t } from "../text/t.ts";
import { showToast } from "./store.ts";

const WORKER = "/service-worker.js";
const LOOK_EVERY_MS = 3_600_000;

export async function keepWorker(): Promise<void> {
  if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
  const registration = await navigator.serviceWorker.register(WORKER);
  offerUpdate(registration);
  registration.addEventListener("updatefound", () => {
    const coming = registration.installing;
    coming?.addEventListener("statechange", () => offerUpdate(registration));
  });
  setInterval(() => registration.update().catch(() => undefined), LOOK_EVERY_MS); // without a network, next time
}

/** One that waits behind another is an update; the first of all is not. */
function offerUpdate({ waiting }: ServiceWorkerRegistration): void {
  if (waiting === null || navigator.serviceWorker.controller === null) return;
  const take = () => {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    waiting.postMessage("update");
  };
  showToast({
    id: "update",
    title: t("A newer version of this page is here"),
    text: t("Reload when it suits you. What you have written stays."),
    level: "info",
    link: "",
    action: { label: t("Reload"), run: take },
  });
}
