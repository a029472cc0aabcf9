/* The broadcast form: shows the fields that the choices need, and how many people they name. */
"use strict";
(() => {
  const DEBOUNCE_MS = 250;
  const form = document.getElementById("broadcast_form");
  if (!form) return;
  const reach = document.getElementById("broadcast-reach");
  const AUDIENCE_FIELDS = ["group", "room", "users"];
  const TIME_FIELDS = ["local_date", "local_time", "time_zone"];
  let timer = null;
  let latest = 0;

  function show(name, visible) {
    const row = form.querySelector(`.field-${name}`);
    if (row) row.hidden = !visible;
  }

  function arrange() {
    const kind = form.elements.audience_kind.value;
    for (const name of AUDIENCE_FIELDS) show(name, name === kind);
    const later = form.elements.when.value === "later";
    for (const name of TIME_FIELDS) show(name, later);
  }

  function say(text, empty) {
    reach.textContent = text;
    reach.dataset.empty = String(empty);
  }

  async function count() {
    timer = null;
    const number = ++latest;
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (name === "audience_kind" || AUDIENCE_FIELDS.includes(name)) query.append(name, value);
    }
    try {
      const answer = await fetch(`${form.dataset.reachUrl}?${query}`, { credentials: "same-origin" });
      const { people } = await answer.json();
      if (number !== latest) return;
      if (people === null) say("Choose who gets it to see how many people that is.", false);
      else if (people === 0) say("This reaches nobody: choose another audience.", true);
      else say(`This reaches ${people} ${people === 1 ? "person" : "people"}.`, false);
    } catch {
      if (number === latest) say("How many people this reaches is shown on the next page.", false);
    }
  }

  function changed() {
    arrange();
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(count, DEBOUNCE_MS);
  }

  const zone = form.elements.time_zone;
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone.value === "UTC" && [...zone.options].some((option) => option.value === own)) zone.value = own;

  form.addEventListener("change", changed);
  // The searching select announces changes through jQuery only.
  window.django?.jQuery?.(form.elements.users).on("change", changed);
  arrange();
  count();
})();
