/* Keeps an admin list page current: on each event of its model the page is fetched again and its table replaced.
 * Selection, scroll and focus stay; what changed is shown for a moment. While somebody edits in the list, the
 * refresh waits until the form is sent. */
"use strict";
(() => {
  const COALESCE_MS = 150;
  const POLL_MS = 5000;
  const SAYS = {
    connecting: "Connecting for live updates…",
    live: "Live: this list follows changes by others.",
    polling: "No live connection: this list is refreshed every 5 seconds.",
    stopped: "Live updates have ended. Reload the page.",
  };

  const line = document.getElementById("live-changelist");
  if (!line) return;

  const changed = new Set();
  let timer = null;
  let running = false;
  let again = false;

  function schedule() {
    if (running) {
      again = true;
    } else if (timer === null) {
      timer = setTimeout(refresh, COALESCE_MS);
    }
  }

  async function refresh() {
    timer = null;
    if (editing()) {
      timer = setTimeout(refresh, 1000);
      return;
    }
    running = true;
    again = false;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" } });
      if (new URL(answer.url).pathname !== location.pathname) follower.end(); // sent to the log-in
      else if (answer.ok) replace(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      again = follower.state === "live";
    } finally {
      running = false;
      if (again) schedule();
    }
  }

  /* Fields of list_editable that differ from what the server sent. */
  function editing() {
    const fields = document.querySelectorAll("#result_list :is(input:not(.action-select, #action-toggle), select, textarea)");
    return [...fields].some((field) => {
      if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
      if (field instanceof HTMLSelectElement) return [...field.options].some((option) => option.selected !== option.defaultSelected);
      return field.value !== field.defaultValue;
    });
  }

  function replace(fresh) {
    const selected = new Set([...document.querySelectorAll(".action-select:checked")].map((box) => box.value));
    const focused = document.activeElement?.closest("#changelist-form") ? document.activeElement.value : null;
    const before = rowTexts(document);
    for (const selector of ["#changelist-form .results", "#changelist-form .paginator", "#toolbar .quiet"]) {
      const old = document.querySelector(selector);
      const next = fresh.querySelector(selector);
      if (old && next) old.replaceWith(document.importNode(next, true));
    }
    if (!document.querySelector("#changelist-form .results") !== !fresh.querySelector("#changelist-form .results")) {
      replaceWhole(fresh);
    }
    countAll(fresh);
    select(selected, focused);
    mark(before);
    changed.clear();
  }

  /* The bar of actions stays, with its choice; only its numbers are new. */
  function countAll(fresh) {
    const counter = document.querySelector(".action-counter");
    const next = fresh.querySelector(".action-counter");
    if (counter && next) counter.dataset.actionsIcnt = next.dataset.actionsIcnt;
    const question = document.querySelector(".actions .question a");
    const asked = fresh.querySelector(".actions .question a");
    if (question && asked) question.textContent = asked.textContent;
  }

  /* Ticks the rows again and lets the admin's own script count them. */
  function select(selected, focused) {
    const boxes = document.querySelectorAll("tr input.action-select");
    if (boxes.length === 0) return;
    if (window.Actions && document.getElementById("action-toggle")) window.Actions(boxes);
    for (const box of boxes) {
      box.checked = selected.has(box.value);
      box.dispatchEvent(new Event("change", { bubbles: true }));
      if (box.value === focused) box.focus();
    }
  }

  /* From an empty list to a table, or back. */
  function replaceWhole(fresh) {
    const old = document.getElementById("changelist-form");
    const next = fresh.getElementById("changelist-form");
    if (old && next) old.replaceWith(document.importNode(next, true));
  }

  function rowKey(row) {
    const box = row.querySelector(".action-select");
    if (box) return box.value;
    return /\/([^/]+)\/change\//.exec(row.querySelector("th a")?.getAttribute("href") ?? "")?.[1] ?? null;
  }

  function rowTexts(root) {
    return new Map([...root.querySelectorAll("#result_list tbody tr")].map((row) => [rowKey(row), row.textContent]));
  }

  function mark(before) {
    for (const row of document.querySelectorAll("#result_list tbody tr")) {
      const key = rowKey(row);
      if (changed.has(key) || before.get(key) !== row.textContent) row.classList.add("live-changed");
    }
  }

  const follower = window.CarillonStream.follow({
    stream: line.dataset.stream,
    epoch: line.dataset.epoch,
    seq: line.dataset.seq,
    onEvent(frame) {
      changed.add(String(frame.data.id));
      schedule();
    },
    onSnapshotRequired: schedule,
    onState(state) {
      line.dataset.state = state;
      line.textContent = SAYS[state];
    },
    poll: schedule,
    pollMs: POLL_MS,
  });
})();
