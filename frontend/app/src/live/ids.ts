/** Names for what the page writes, each used once. */

/** `crypto.randomUUID` exists on secure origins only; a server on a home network may not be one. */
export function newId(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
