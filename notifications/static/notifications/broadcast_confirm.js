/* One press sends once. The server makes sure of it anyway; this spares the second page. */
"use strict";
(() => {
  const form = document.getElementById("broadcast_confirm");
  let sent = false;
  form?.addEventListener("submit", (submit) => {
    if (sent) submit.preventDefault();
    sent = true;
  });
  // A page that comes back from the browser's cache can be used again.
  window.addEventListener("pageshow", () => { sent = false; });
})();
