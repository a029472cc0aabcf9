/** Whether somebody is new here: a log-in in this browser that has never seen the tour, and has nothing to read. */
import { t } from "../text/t.ts";
import { openOverlay, showToast, store } from "./store.ts";

const KEY = "carillon.tour";

/** New accounts have no room yet: everybody else knows their way around. */
export function offerTour(): void {
  const { live } = store.getState();
  if (live === null || Object.keys(live.rooms).length > 0) return;
  try {
    if (localStorage.getItem(KEY) !== null) return;
    localStorage.setItem(KEY, "seen");
  } catch {
    return; // it would come again each time
  }
  showToast({
    id: "tour",
    title: t("New here?"),
    text: t("A tour takes half a minute."),
    level: "info",
    link: "",
    action: { label: t("Show me"), run: () => openOverlay("tour") },
  });
}
