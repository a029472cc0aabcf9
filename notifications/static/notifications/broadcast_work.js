/* Shows how far the jobs of a draft are, and the page anew when they have ended: then it says what came of them. */
"use strict";
(() => {
  const POLL_MS = 1000;
  const OPEN = ["queued", "running"];
  const box = document.getElementById("broadcast-work");
  const rows = [...(box?.querySelectorAll("[data-job]") ?? [])].filter((row) => OPEN.includes(row.dataset.state));
  if (rows.length === 0) return;

  function show(row, job) {
    const bar = row.querySelector("progress");
    if (job.total) {
      bar.max = job.total;
      bar.value = job.done;
    }
    row.querySelector("[data-says]").textContent = job.says;
  }

  async function ask() {
    try {
      const answer = await fetch(box.dataset.url, { credentials: "same-origin" });
      if (answer.redirected) return; // sent to the log-in
      if (answer.ok) {
        const jobs = new Map((await answer.json()).jobs.map((job) => [String(job.id), job]));
        for (const row of rows) if (jobs.has(row.dataset.job)) show(row, jobs.get(row.dataset.job));
        if (rows.some((row) => !OPEN.includes(jobs.get(row.dataset.job)?.state))) return location.reload();
      }
    } catch {
      /* Asked again. */
    }
    setTimeout(ask, POLL_MS);
  }

  setTimeout(ask, POLL_MS);
})();
