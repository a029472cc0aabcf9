/** What somebody has chosen who has chosen nothing. */
import type { OwnStatus } from "../src/live/presence.ts";

export const OWN: OwnStatus = {
  availability: "auto",
  availability_until: null,
  status: { user: 1, emoji: "", text: "", until: null },
  shows_reads: true,
};
