/** What a person may be told about the connection. `sinceMs` is when the page was last live, or started. */
export interface StopReason {
  code: string;
  message: string;
}

export type ConnectionState =
  /** Not started, or the device has no network; it is still tried at `retryAtMs`. */
  | { kind: "offline"; sinceMs: number; retryAtMs: number | null }
  | { kind: "connecting"; sinceMs: number }
  /** Welcomed; events of the time away are still coming. */
  | { kind: "recovering"; sinceMs: number }
  | { kind: "live" }
  | { kind: "waiting"; sinceMs: number; retryAtMs: number; code: string | null }
  /** Does not come back by itself. */
  | { kind: "stopped"; sinceMs: number; reason: StopReason };

/** RFC 6455 codes and 4000-4499 come back; 4500-4999 stop and ask a person. */
export function comesBack(closeCode: number): boolean {
  return closeCode < 4500 || closeCode > 4999;
}
