/** The frames of protocol v1, as JSON text. Shapes only; what they mean is in `client.ts`. */

export interface StreamPosition {
  stream: string;
  epoch?: string;
  seq?: number;
}

/** Where a stream stands; fields with their default value are left out by the server. */
export interface StreamState {
  stream: string;
  epoch?: string;
  head?: number;
  /** False when the log no longer reaches back to the cursor: a snapshot has to replace the state. */
  recovered?: boolean | null;
  /** An error code: the stream was refused, such as after a kick. */
  error?: string | null;
}

export interface Limits {
  [name: string]: number;
}

export type ClientFrame =
  | { type: "hello"; id: number; protocol: 1; token?: string; device?: string; streams: StreamPosition[] }
  | ({ type: "subscribe"; id: number } & StreamPosition)
  | { type: "unsubscribe"; id: number; stream: string }
  | { type: "call"; id: number; name: string; args: object }
  | { type: "pong"; id: number; seen: Record<string, number> }
  | { type: "ping"; id: number }
  | { type: "auth_refresh"; id: number; token: string };

export interface WelcomeFrame {
  type: "welcome";
  id: number;
  session: string;
  ping_interval_ms: number;
  limits: Limits;
  streams: StreamState[];
}

export interface EventFrame {
  type: "event";
  stream: string;
  /** Absent on transient events. */
  seq?: number;
  name: string;
  at: string;
  data: unknown;
}

export interface ErrorFrame {
  type: "error";
  /** Null where the frame that it answers could not be read. */
  id: number | null;
  code: string;
  message: string;
  retry: boolean;
  retry_after_ms?: number;
}

export interface ByeFrame {
  type: "bye";
  code: string;
  message?: string;
  retry: boolean;
  after_ms?: number;
}

export type ServerFrame =
  | WelcomeFrame
  | EventFrame
  | ErrorFrame
  | ByeFrame
  | { type: "reply"; id: number; result: unknown }
  | { type: "ping"; id: number }
  | { type: "pong"; id: number }
  | { type: "lag"; stream: string; head: number }
  | { type: "revoked"; stream: string }
  | { type: "snapshot_required"; stream: string; epoch: string; head: number }
  | { type: "auth_expiring"; in_ms: number };

const KNOWN_TYPES: ReadonlySet<string> = new Set<ServerFrame["type"]>([
  "welcome",
  "event",
  "error",
  "bye",
  "reply",
  "ping",
  "pong",
  "lag",
  "revoked",
  "snapshot_required",
  "auth_expiring",
]);

/** Null for a frame this version does not know: a newer server may send it, and it must not hurt. */
export function parseFrame(text: string): ServerFrame | null {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || !("type" in value)) return null;
  return typeof value.type === "string" && KNOWN_TYPES.has(value.type) ? (value as ServerFrame) : null;
}
