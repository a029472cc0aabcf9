/* The time part of a broadcast form: shows the fields that the choice needs, and the next times that they mean. */
"use strict";
(() => {
  const DEBOUNCE_MS = 250;
  const FIELDS = {
    now: [],
    later: ["local_date", "local_time", "time_zone"],
    weekly: ["weekdays", "local_date", "local_time", "time_zone", "ends_on", "times"],
    cron: ["cron", "local_date", "time_zone", "ends_on", "times"],
    rrule: ["rrule", "local_date", "local_time", "time_zone", "ends_on", "times"],
  };
  const ALL = new Set(Object.values(FIELDS).flat());
  const box = document.getElementById("broadcast-when");
  const form = box?.closest("form");
  if (!form) return;
  const WORDS = JSON.parse(document.getElementById("broadcast-words").textContent);
  const words = document.getElementById("broadcast-when-words");
  const rows = document.getElementById("broadcast-when-times");
  const dateLabel = form.querySelector(".field-local_date label");
  const date = dateLabel?.textContent;
  let timer = null;
  let latest = 0;

  function arrange() {
    const when = form.elements.when.value;
    for (const name of ALL) {
      const row = form.querySelector(`.field-${name}`);
      if (row) row.hidden = !FIELDS[when].includes(name);
    }
    if (dateLabel) dateLabel.textContent = when === "later" ? date : WORDS.first_day;
    box.hidden = when === "now";
  }

  function say(text, wrong) {
    words.textContent = text;
    words.dataset.wrong = String(wrong);
  }

  function cells(time) {
    const row = document.createElement("tr");
    for (const text of [time.local, time.utc, time.remark]) row.insertCell().textContent = text;
    return row;
  }

  function show({ words: text, times, errors, incomplete }) {
    rows.replaceChildren(...times.map(cells));
    rows.parentElement.hidden = times.length === 0;
    const [wrong] = Object.values(errors);
    if (wrong === undefined) say(text, false);
    else if (incomplete) say(WORDS.fill_in, false);
    else say(wrong[0], true);
  }

  async function ask() {
    timer = null;
    const number = ++latest;
    if (form.elements.when.value === "now") return;
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (name === "when" || ALL.has(name)) query.append(name, value);
    }
    try {
      const answer = await fetch(`${box.dataset.url}?${query}`, { credentials: "same-origin" });
      const told = await answer.json();
      if (number === latest) show(told);
    } catch {
      if (number === latest) say(WORDS.no_times, true);
    }
  }

  function changed() {
    arrange();
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(ask, DEBOUNCE_MS);
  }

  const zone = form.elements.time_zone;
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const untouched = form.elements.when.value === "now";
  if (untouched && [...zone.options].some((option) => option.value === own)) zone.value = own;

  form.addEventListener("change", changed);
  form.addEventListener("input", changed);
  // The calendar and the clock beside a field set it without an event.
  form.addEventListener("focusin", changed);
  arrange();
  ask();
})();
