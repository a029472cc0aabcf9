export { backoffMs, type BackoffLimits } from "./backoff.ts";
export {
  browserChannel,
  browserClock,
  browserEventStream,
  browserLock,
  browserNetwork,
  browserPost,
  browserProbe,
  browserSocket,
  browserStorage,
} from "./browser.ts";
export { CarillonClient, type ClientHandlers, type ClientOptions, type CommandName, type CursorMap, type StreamEvent } from "./client.ts";
export { CallError } from "./errors.ts";
export type { OutboxChange, OutboxEntry, WriteArgs, WriteName } from "./outbox.ts";
export type {
  Cancel,
  Channel,
  Clock,
  KeyValueStorage,
  Lock,
  Network,
  NetworkSignal,
  Random,
  Socket,
  SocketFactory,
  SocketHandlers,
  TokenProvider,
} from "./ports.ts";
export type { CommandMap, Cursor, EventMap } from "./protocol.gen.ts";
export type { Attendance, Mode } from "./presence.ts";
export { comesBack, type ConnectionState, type StopReason } from "./state.ts";
export { sseSocket, withFallback } from "./sse.ts";
export { Tabs, type TabsOptions } from "./tabs.ts";
