import { describe, expect, test } from "vitest";
import { CallError } from "../src/errors.ts";
import { live, settled, START, world, type World } from "./support.ts";

const send = ({ client }: World, text: string) => client.write("chat.message_send", { room: 1, text });
const texts = ({ server }: World) => server.calls.map(({ args }) => args["text"]);
const refusal = (code: string, more: object = {}) => ({ type: "error", code, message: "No.", retry: false, ...more });

describe("writes", () => {
  test("are told to be queued, then acknowledged, and then forgotten", async () => {
    const made = await live();
    const clientId = send(made, "hi");
    await settled();
    expect(made.outbox.map(({ kind, entry }) => [kind, entry.clientId])).toEqual([
      ["queued", clientId],
      ["acked", clientId],
    ]);
    expect(made.storage.values.size).toBe(0);
  });

  test("go out one after the other, in order", async () => {
    const made = await live();
    for (const text of ["a", "b", "c"]) send(made, text);
    await settled();
    expect(texts(made)).toEqual(["a", "b", "c"]);
  });

  test("made while offline wait in storage and survive a reload", async () => {
    const before = world();
    before.server.accepting = false;
    before.client.start(START);
    const clientId = send(before, "kept");
    before.client.stop();

    const after = await live({ storage: before.storage });
    await settled();
    expect(after.server.calls).toMatchObject([{ name: "chat.message_send", args: { text: "kept", client_id: clientId } }]);
    expect(after.client.pendingWrites()).toEqual([]);
  });

  test("are not shown to another user of the same browser", async () => {
    const before = world();
    before.server.accepting = false;
    send(before, "private");
    const after = await live({ storage: before.storage, scope: "8" });
    expect(after.client.pendingWrites()).toEqual([]);
    expect(after.server.calls).toEqual([]);
  });

  test("whose answer was lost are repeated under the same client_id and stored once", async () => {
    const made = await live();
    made.server.deliver = (frame) => frame.type !== "reply";
    send(made, "once");
    await settled();
    made.server.deliver = () => true;
    made.server.socket.cut();
    await made.clock.advance(1000);
    expect(new Set(made.server.calls.map(({ args }) => args["client_id"])).size).toBe(1);
    expect(made.server.calls).toHaveLength(2);
    expect(made.server.head("room:1")).toBe(1);
  });

  test("that are refused for good stay, are told, and do not hold up the rest", async () => {
    const made = await live();
    made.server.onCall = (_, args) => (args["text"] === "bad" ? refusal("text_too_long") : null);
    const clientId = send(made, "bad");
    send(made, "good");
    await settled();
    expect(made.outbox.at(-2)).toMatchObject({ kind: "failed", entry: { clientId }, error: { code: "text_too_long" } });
    expect(made.outbox.at(-1)).toMatchObject({ kind: "acked" });
    expect(made.client.pendingWrites()).toMatchObject([{ clientId, failure: { code: "text_too_long" } }]);
  });

  test("that failed go out again when asked, or are discarded", async () => {
    const made = await live();
    made.server.onCall = () => refusal("forbidden");
    const first = send(made, "a");
    const second = send(made, "b");
    await settled();
    made.server.onCall = () => null;
    made.client.retryWrite(first);
    made.client.discardWrite(second);
    await settled();
    expect(made.server.head("room:1")).toBe(1);
    expect(made.storage.values.size).toBe(0);
  });

  test("wait as long as a rate limit says, and later writes wait behind them", async () => {
    const made = await live();
    made.server.onCall = () => refusal("rate_limited", { retry: true, retry_after_ms: 3000 });
    send(made, "a");
    await settled();
    made.server.onCall = () => null;
    send(made, "b");
    await made.clock.advance(2999);
    expect(texts(made)).toEqual(["a"]);
    await made.clock.advance(1);
    expect(texts(made)).toEqual(["a", "a", "b"]);
  });

  test("a torn entry in storage is left alone", async () => {
    const before = world();
    before.storage.set("carillon.outbox.7.x", '{"clientId":');
    const after = await live({ storage: before.storage });
    expect(after.client.pendingWrites()).toEqual([]);
  });
});

describe("calls", () => {
  test("reject with the server's code and sentence", async () => {
    const made = await live();
    made.server.onCall = () => refusal("not_found", { message: "There is no such room." });
    await expect(made.client.call("chat.typing", { room: 9 })).rejects.toMatchObject({
      code: "not_found",
      message: "There is no such room.",
      retry: false,
    });
  });

  test("reject at once without a connection", async () => {
    const made = world();
    await expect(made.client.call("chat.typing", { room: 9 })).rejects.toBeInstanceOf(CallError);
  });

  test("reject when the connection is lost, and when nobody answers", async () => {
    const made = await live({ callTimeoutMs: 3000 });
    made.server.deliver = () => false;
    const timed = made.client.call("chat.typing", { room: 1 });
    const timedOut = expect(timed).rejects.toMatchObject({ code: "timeout", retry: true });
    await made.clock.advance(3000);
    await timedOut;
    const lost = made.client.call("chat.typing", { room: 1 });
    made.server.socket.cut();
    await expect(lost).rejects.toMatchObject({ code: "connection_lost", retry: true });
  });
});
