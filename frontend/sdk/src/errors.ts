/** The one error of the client: what the server, or the way to it, answered to a call. */
export class CallError extends Error {
  readonly code: string;
  /** Whether the same call may succeed later without a change. */
  readonly retry: boolean;
  readonly retryAfterMs: number | null;

  constructor(code: string, message: string, options: { retry: boolean; retryAfterMs?: number | null }) {
    super(message);
    this.name = "CallError";
    this.code = code;
    this.retry = options.retry;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

export const notConnected = () =>
  new CallError("not_connected", "There is no connection to the server right now.", { retry: true });

export const connectionLost = () =>
  new CallError("connection_lost", "The connection was lost before the server answered.", { retry: true });

export const callTimedOut = (timeoutMs: number) =>
  new CallError("timeout", `The server did not answer within ${Math.round(timeoutMs / 1000)} seconds.`, {
    retry: true,
  });

export function asCallError(reason: unknown): CallError {
  if (reason instanceof CallError) return reason;
  return new CallError("internal", reason instanceof Error ? reason.message : String(reason), { retry: false });
}
