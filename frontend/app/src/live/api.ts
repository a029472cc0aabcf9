/** The HTTP API: JSON, session cookie, CSRF header; every failure is a `CallError` with a sentence. */
import { CallError } from "@carillon/sdk";
import { t } from "../text/t.ts";

type Method = "GET" | "POST" | "PATCH" | "DELETE";

export async function api<T>(method: Method, path: string, body?: object): Promise<T> {
  const response = await request(method, path, body);
  const answer: unknown = response.status === 204 ? null : await response.json().catch(() => null);
  if (response.ok) return answer as T; // the server's schema vouches for the shape
  throw refusal(response.status, answer);
}

/** Sends a form with a file in it, and tells how much of it has left. By XMLHttpRequest, since fetch does not say. */
export function upload<T>(path: string, form: FormData, options: { signal: AbortSignal; onProgress: (share: number) => void }): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api${path}`);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => options.onProgress(total === 0 ? 0 : loaded / total);
    request.onload = () => {
      const answer: unknown = request.response;
      if (request.status >= 200 && request.status < 300) resolve(answer as T);
      else reject(refusal(request.status, answer));
    };
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(new CallError("cancelled", "The upload was cancelled.", { retry: false }));
    options.signal.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}

const unreachable = () => new CallError("unreachable", t("The server cannot be reached. Check your connection and try again."), { retry: true });

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
    throw unreachable();
  }
}

function refusal(status: number, answer: unknown): CallError {
  if (isRecord(answer) && typeof answer["message"] === "string" && typeof answer["code"] === "string") {
    const retryAfterMs = typeof answer["retry_after_ms"] === "number" ? answer["retry_after_ms"] : null;
    return new CallError(answer["code"], answer["message"], { retry: answer["retry"] === true, retryAfterMs });
  }
  const message = t("The server answered with an error ({status}). Try again in a moment.", { status });
  return new CallError(`http_${status}`, message, { retry: status >= 500 || status === 429 });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function csrfToken(): string {
  return /(?:^|;\s*)csrftoken=([^;]*)/.exec(document.cookie)?.[1] ?? "";
}
