/* Shows how far a broadcast has come, over the socket, or by asking every 2 seconds when there is none. */
"use strict";
(() => {
  const POLL_MS = 2000;
  const NAMES = { draft: "Draft", scheduled: "Scheduled", sending: "Sending", sent: "Sent", cancelled: "Cancelled", failed: "Failed" };
  const FINAL = ["sent", "cancelled", "failed"];
  const SAYS = {
    connecting: "Connecting…",
    live: "Live: this page follows the sending.",
    polling: "No live connection: this page asks every 2 seconds.",
    stopped: "Live updates have ended.",
  };

  const box = document.getElementById("broadcast-progress");
  if (!box) return;
  const status = document.getElementById("broadcast-status");
  const count = document.getElementById("broadcast-count");
  const bar = document.getElementById("broadcast-bar");
  const error = document.getElementById("broadcast-error");
  const line = document.getElementById("broadcast-live");

  function show(progress) {
    status.textContent = NAMES[progress.status] ?? progress.status;
    status.dataset.status = progress.status;
    count.textContent = `${progress.done} of ${progress.total}`;
    bar.max = Math.max(progress.total, 1);
    bar.value = progress.done;
    error.textContent = progress.error;
    error.hidden = !progress.error;
    const cancel = document.getElementById("broadcast-cancel");
    if (cancel) cancel.hidden = progress.status !== "scheduled";
    if (FINAL.includes(progress.status)) {
      follower?.end();
      line.hidden = true;
    }
  }

  async function ask() {
    try {
      const answer = await fetch(box.dataset.url, { credentials: "same-origin" });
      if (answer.redirected) follower?.end(); // sent to the log-in
      else if (answer.ok) show(await answer.json());
    } catch {
      /* Asked again in two seconds; the line says that there is no live connection. */
    }
  }

  let follower = null;
  if (!FINAL.includes(box.dataset.status)) {
    follower = window.CarillonStream.follow({
      stream: box.dataset.stream,
      epoch: box.dataset.epoch,
      seq: box.dataset.seq,
      onEvent: (frame) => show(frame.data),
      onSnapshotRequired: ask,
      onState(state) {
        line.dataset.state = state;
        line.textContent = SAYS[state];
      },
      poll: ask,
      pollMs: POLL_MS,
    });
  } else {
    line.hidden = true;
  }
})();
