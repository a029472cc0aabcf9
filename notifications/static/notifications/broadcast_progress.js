/* Shows how a broadcast gets on, over the socket, or by asking every 2 seconds when there is none; and what may be done
 * with it now. */
"use strict";
(() => {
  const POLL_MS = 2000;
  // The server counts for pages that have asked within a minute.
  const WATCH_MS = 30000;
  const FINAL = ["cancelled", "recalled"]; // what else is there can still be recalled, by whoever else looks at it
  const MARKS = ["seen", "read", "clicked"];

  const box = document.getElementById("broadcast-progress");
  if (!box) return;
  const WORDS = JSON.parse(document.getElementById("broadcast-words").textContent);
  const status = document.getElementById("broadcast-status");
  const count = document.getElementById("broadcast-count");
  const bar = document.getElementById("broadcast-bar");
  const error = document.getElementById("broadcast-error");
  const line = document.getElementById("broadcast-live");
  const stopped = document.getElementById("broadcast-stopped");
  const banner = document.querySelector(".cockpit-stopped:not(#broadcast-stopped)");

  /** The words with the values in their places, such as "%(done)s". */
  function filled(words, values) {
    return words.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
  }

  function showProgress(progress) {
    status.textContent = WORDS.status[progress.status] ?? progress.status;
    status.dataset.status = progress.status;
    count.textContent = filled(WORDS.count, progress);
    bar.max = Math.max(progress.total, 1);
    bar.value = progress.done;
    error.textContent = WORDS.failures[progress.error] ?? progress.error;
    error.hidden = !progress.error;
    offer(progress.status);
    if (FINAL.includes(progress.status)) {
      follower?.end();
      line.hidden = true;
    }
  }

  function showFigures(channels) {
    for (const channel of channels) {
      const row = document.querySelector(`#broadcast-channels [data-channel="${CSS.escape(channel.name)}"]`);
      if (!row) continue;
      const put = (name, text) => { row.querySelector(`[data-figure="${name}"]`).textContent = text; };
      for (const name of ["queued", "sent", "delivered", "failed", "suppressed"]) put(name, channel[name]);
      for (const name of MARKS) put(name, channel[name] ?? "—");
      put("why", Object.entries(channel.why).map(([why, number]) => `${WORDS.why[why] ?? why} ${number}`).join(", "));
      const share = row.querySelector('[data-figure="share"]');
      share.max = Math.max(1, channel.queued + channel.sent + channel.failed + channel.suppressed);
      share.value = channel.sent;
    }
    const retry = document.getElementById("broadcast-retry-button");
    if (retry) retry.hidden = !channels.some(({ failed }) => failed > 0);
  }

  /** Only what can be done with it now. */
  function offer(status) {
    for (const action of document.querySelectorAll("#broadcast-actions > [data-when]")) {
      action.hidden = !action.dataset.when.split(" ").includes(status);
    }
  }

  async function ask() {
    try {
      const answer = await fetch(box.dataset.url, { credentials: "same-origin" });
      if (answer.redirected) {
        follower?.end(); // sent to the log-in
      } else if (answer.ok) {
        const found = await answer.json();
        showProgress(found);
        showFigures(found.channels);
        stopped.querySelector("p").textContent = filled(WORDS.all_stopped, { reason: found.stopped });
        stopped.hidden = found.stopped === "" || banner !== null;
      }
    } catch {
      /* Asked again in two seconds; the line says that there is no live connection. */
    }
  }

  offer(box.dataset.status);
  let follower = null;
  void ask();
  if (!FINAL.includes(box.dataset.status)) {
    follower = window.CarillonStream.follow({
      stream: box.dataset.stream,
      epoch: box.dataset.epoch,
      seq: box.dataset.seq,
      onEvent(frame) {
        if (frame.name === "notifications.broadcast_figures") showFigures(frame.data.channels);
        else showProgress(frame.data);
      },
      onSnapshotRequired: ask,
      onState(state) {
        line.dataset.state = state;
        line.textContent = WORDS.live[state];
      },
      poll: ask,
      pollMs: POLL_MS,
    });
    setInterval(() => {
      if (document.visibilityState === "visible") void ask();
    }, WATCH_MS);
  } else {
    line.hidden = true;
  }
})();
