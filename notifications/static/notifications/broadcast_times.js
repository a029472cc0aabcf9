/* Keeps the table of a broadcast's times as it is: asked for again when the status has changed, and now and then. */
"use strict";
(() => {
  const EVERY_MS = 15000;
  const box = document.getElementById("broadcast-times");
  const status = document.getElementById("broadcast-status");
  if (!box) return;

  async function ask() {
    try {
      const answer = await fetch(box.dataset.url, { credentials: "same-origin" });
      if (answer.ok && !answer.redirected && !box.contains(document.activeElement)) box.innerHTML = await answer.text();
    } catch {
      /* Asked again later. */
    }
  }

  if (status) new MutationObserver(ask).observe(status, { childList: true, characterData: true, subtree: true });
  setInterval(() => {
    if (document.visibilityState === "visible") void ask();
  }, EVERY_MS);
})();
