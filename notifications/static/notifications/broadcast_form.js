/* The broadcast form: shows the fields that the choices need, how many people they name, and what the text looks like. */
"use strict";
(() => {
  const DEBOUNCE_MS = 250;
  const form = document.getElementById("broadcast_form");
  if (!form) return;
  const WORDS = JSON.parse(document.getElementById("broadcast-words").textContent);
  const reach = document.getElementById("broadcast-reach");
  const preview = document.getElementById("broadcast-preview");
  // The fields of each kind of audience, by its value.
  const AUDIENCE_FIELDS = { group: "group", room: "room", users: "users", segment: "segment", joined: "joined_since", file: "people_file" };
  const LEFT_OUT_FIELDS = ["without_group", "without_users"];
  const COUNTED = ["audience_kind", "group", "room", "users", "segment", "joined_since", ...LEFT_OUT_FIELDS];
  let latestCount = 0;
  let latestPreview = 0;

  function show(name, visible) {
    const row = form.querySelector(`.field-${name}`);
    if (row) row.hidden = !visible;
  }

  function arrange() {
    const kind = form.elements.audience_kind.value;
    for (const [one, name] of Object.entries(AUDIENCE_FIELDS)) show(name, one === kind);
  }

  function say(text, empty) {
    reach.textContent = text;
    reach.dataset.empty = String(empty);
  }

  async function count() {
    const number = ++latestCount;
    if (form.elements.audience_kind.value === "file") {
      say(WORDS.file, false);
      return;
    }
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (COUNTED.includes(name)) query.append(name, value);
    try {
      const answer = await fetch(`${form.dataset.reachUrl}?${query}`, { credentials: "same-origin" });
      const { people, says } = await answer.json();
      if (number === latestCount) say(says, people === 0);
    } catch {
      if (number === latestCount) say(WORDS.no_count, false);
    }
  }

  async function draw() {
    const number = ++latestPreview;
    const { title, text, level, csrfmiddlewaretoken } = form.elements;
    preview.querySelector(".cockpit-line").dataset.level = level.value;
    preview.hidden = title.value === "" && text.value === "";
    if (preview.hidden) return;
    const body = new URLSearchParams({ title: title.value, text: text.value });
    try {
      const answer = await fetch(form.dataset.previewUrl, {
        method: "POST",
        credentials: "same-origin",
        headers: { "X-CSRFToken": csrfmiddlewaretoken.value },
        body,
      });
      const words = await answer.json();
      if (number !== latestPreview) return;
      document.getElementById("preview-title").textContent = words.title;
      // Made safe by the server, which is what people get as well.
      document.getElementById("preview-html").innerHTML = words.html;
    } catch {
      /* The next page shows it. */
    }
  }

  function debounced(run) {
    let timer = null;
    return () => {
      clearTimeout(timer);
      timer = setTimeout(run, DEBOUNCE_MS);
    };
  }

  const countLater = debounced(count);
  const drawLater = debounced(draw);

  function changed() {
    arrange();
    countLater();
  }
  form.addEventListener("change", changed);
  form.addEventListener("input", drawLater);
  // The searching select announces changes through jQuery only.
  for (const name of ["users", "without_users"]) window.django?.jQuery?.(form.elements[name]).on("change", changed);

  // One press sends once. The server makes sure of it anyway; this spares the second page.
  let sent = false;
  form.addEventListener("submit", (submit) => {
    if (sent) submit.preventDefault();
    sent = true;
  });
  window.addEventListener("pageshow", () => { sent = false; });

  arrange();
  void count();
  void draw();
})();
