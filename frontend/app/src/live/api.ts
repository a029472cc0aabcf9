/** The HTTP API: JSON, session cookie, CSRF header; every failure is a `CallError` with a sentence. */
import { CallError } from "@carillon/sdk";

type Method = "GET" | "POST" | "PATCH" | "DELETE";

export async function api<T>(method: Method, path: string, body?: object): Promise<T> {
  const response = await request(method, path, body);
  const answer: unknown = response.status === 204 ? null : await response.json().catch(() => null);
  if (response.ok) return answer as T; // the server's schema vouches for the shape
  throw refusal(response, answer);
}

async function request(method: Method, path: string, body: object | undefined): Promise<Response> {
  try {
    return await fetch(`/api${path}`, {
      method,
      credentials: "same-origin",
      headers: {
        Accept: "application/json",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(method === "GET" ? {} : { "X-CSRFToken": csrfToken() }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new CallError("unreachable", "The server cannot be reached. Check your connection and try again.", { retry: true });
  }
}

function refusal(response: Response, answer: unknown): CallError {
  if (isRecord(answer) && typeof answer["message"] === "string" && typeof answer["code"] === "string") {
    const retryAfterMs = typeof answer["retry_after_ms"] === "number" ? answer["retry_after_ms"] : null;
    return new CallError(answer["code"], answer["message"], { retry: answer["retry"] === true, retryAfterMs });
  }
  const message = `The server answered with an error (${response.status}). Try again in a moment.`;
  return new CallError(`http_${response.status}`, message, { retry: response.status >= 500 || response.status === 429 });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function csrfToken(): string {
  return /(?:^|;\s*)csrftoken=([^;]*)/.exec(document.cookie)?.[1] ?? "";
}
