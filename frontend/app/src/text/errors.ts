import { CallError } from "@carillon/sdk";
import { t } from "./t.ts";

/** The sentence that a person reads. Anything but a server's or the client's own error is a bug, and is logged. */
export function asSentence(reason: unknown): string {
  if (reason instanceof CallError) return reason.message;
  console.error("carillon:", reason);
  return t("Something went wrong on this page. Reload it and try again.");
}
