/** From text to a frame of protocol v1. The shapes are generated; what they mean is in `connection.ts` and `client.ts`. */
import type { ServerFrame } from "./protocol.gen.ts";

const KNOWN_TYPES: ReadonlySet<string> = new Set<ServerFrame["type"]>([
  "welcome",
  "event",
  "reply",
  "error",
  "ping",
  "pong",
  "lag",
  "snapshot_required",
  "revoked",
  "auth_expiring",
  "bye",
]);

/** Null for a frame this version does not know: a newer server may send it, and it must not hurt. */
export function parseFrame(text: string): ServerFrame | null {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || !("type" in value)) return null;
  return typeof value.type === "string" && KNOWN_TYPES.has(value.type) ? (value as ServerFrame) : null;
}
