/** The jobs of the person: exports, imports and whatever else takes longer than a click. Pure functions. */
import type { EventMap } from "@carillon/sdk";
import type { LiveState } from "./model.ts";

export type Job = EventMap["jobs.changed"]["job"];

export const isOpen = (job: Job) => job.state === "queued" || job.state === "running";

/** How much of it is done, from 0 to 1; null where nobody knows how much there is to do. */
export function shareDone({ state, done, total }: Job): number | null {
  if (state === "done") return 1;
  if (total === null) return null;
  return total === 0 ? 0 : Math.min(1, done / total);
}

/** A job that ended never opens again: what is older, and came later, changes nothing. */
export function withJob(state: LiveState, job: Job): LiveState {
  const known = state.jobs.find(({ id }) => id === job.id);
  if (known !== undefined && !isOpen(known) && isOpen(job)) return state;
  const others = state.jobs.filter(({ id }) => id !== job.id);
  return { ...state, jobs: [...others, job].sort((a, b) => b.id - a.id) };
}

export function withJobProgress(state: LiveState, { job: id, done, total, message }: EventMap["jobs.progressed"]): LiveState {
  const jobs = state.jobs.map((job) => (job.id === id && isOpen(job) ? { ...job, state: "running", done, total, message } : job));
  return { ...state, jobs };
}

export function withoutJob(state: LiveState, id: number): LiveState {
  return { ...state, jobs: state.jobs.filter((job) => job.id !== id) };
}

/** All of them anew, as the server lists them; what has ended here meanwhile stays so. */
export function withJobs(state: LiveState, jobs: readonly Job[]): LiveState {
  return jobs.reduce(withJob, { ...state, jobs: state.jobs.filter(({ id }) => jobs.some((job) => job.id === id)) });
}
