import { describe, expect, test } from "vitest";
import type { ClientFrame } from "../src/protocol.gen.ts";
import { live, settled, START, world } from "./support.ts";

const kinds = (states: { kind: string }[]) => states.map(({ kind }) => kind);
const sentOfType = (frames: ClientFrame[], type: ClientFrame["type"]) => frames.filter((frame) => frame.type === type);

describe("the way to live", () => {
  test("a start goes connecting, recovering, live", async () => {
    const { states } = await live();
    expect(kinds(states)).toEqual(["connecting", "recovering", "live"]);
  });

  test("hello carries the cursors and the token", async () => {
    const { server } = await live({ token: async () => "secret", device: "phone" });
    expect(server.socket.sent[0]).toMatchObject({
      type: "hello",
      protocol: 1,
      token: "secret",
      device: "phone",
      streams: [{ stream: "room:1", epoch: "k1", seq: 0 }],
    });
  });

  test("it is live only when what the welcome announced has been applied", async () => {
    const made = world();
    made.server.publish("room:1", "chat.message_deleted", 1);
    made.server.deliver = () => false;
    made.client.start(START);
    await settled();
    expect(made.client.state.kind).toBe("recovering");
    made.server.socket.receive({ type: "event", stream: "room:1", seq: 1, name: "x", at: "", data: 1 });
    expect(made.client.state.kind).toBe("live");
  });

  test("a server that accepts and says nothing is given up after ten seconds", async () => {
    const { client, server, clock } = world();
    server.silent = true;
    client.start(START);
    await clock.advance(9_999);
    expect(client.state.kind).toBe("connecting");
    server.silent = false;
    await clock.advance(1_000);
    expect(server.sockets).toHaveLength(2);
    expect(client.state.kind).toBe("live");
  });
});

test("a greeting that fails without a goodbye is tried again", async () => {
  const made = world();
  made.server.silent = true;
  made.client.start(START);
  await settled();
  made.server.socket.receive({ type: "error", id: 1, code: "unavailable", message: "Try again.", retry: true });
  made.server.silent = false;
  await made.clock.advance(1000);
  expect(made.client.state.kind).toBe("live");
  expect(made.server.sockets).toHaveLength(2);
});

describe("pings", () => {
  test("are answered with what was applied since", async () => {
    const { server } = await live();
    server.publish("room:1", "chat.message_deleted", 1);
    server.publish("room:1", "chat.message_deleted", 2);
    server.socket.receive({ type: "ping", id: 9 });
    server.socket.receive({ type: "ping", id: 10 });
    expect(sentOfType(server.socket.sent, "pong")).toEqual([
      { type: "pong", id: 9, seen: { "room:1": 2 } },
      { type: "pong", id: 10, seen: {} },
    ]);
  });

  test("missing for two intervals mean a new connection", async () => {
    const { client, server, clock } = await live();
    await clock.advance(40_000);
    server.socket.receive({ type: "ping", id: 1 });
    await clock.advance(49_000);
    expect(server.sockets).toHaveLength(1);
    await clock.advance(2_000);
    expect(server.sockets).toHaveLength(2);
    expect(client.state.kind).toBe("live");
  });

  test("a page that is shown again asks, and does not wait for the next ping", async () => {
    const { server, clock, network } = await live();
    network.signal("visible");
    await clock.advance(5_000);
    expect(sentOfType(server.sockets[0]?.sent ?? [], "ping")).toHaveLength(1);
    expect(server.sockets).toHaveLength(2);
  });

  test("a device that says it is offline is not believed while the server answers", async () => {
    const { client, server, clock, network } = await live();
    network.signal("offline");
    await clock.advance(1);
    server.socket.receive({ type: "pong", id: 1 });
    await clock.advance(5_000);
    expect(server.sockets).toHaveLength(1);
    expect(client.state.kind).toBe("live");
  });
});

describe("coming back", () => {
  test("waits longer after failures, at rest for as long as a restart takes, up to twenty seconds", async () => {
    const { client, server, clock } = await live();
    server.accepting = false;
    server.socket.cut();
    const delays: number[] = [];
    for (let attempt = 0; attempt < 14; attempt += 1) {
      if (client.state.kind !== "waiting") throw new Error(client.state.kind);
      const delayMs = client.state.retryAtMs - clock.now();
      delays.push(delayMs);
      await clock.advance(delayMs);
    }
    expect(delays.slice(0, 9)).toEqual([125, 250, 500, 1000, 1000, 1000, 1000, 1000, 1000]);
    expect(delays.slice(9)).toEqual([2000, 4000, 8000, 10_000, 10_000]);
  });

  test("the time since when stays that of the first loss", async () => {
    const { client, server, clock } = await live();
    server.accepting = false;
    const lostAtMs = clock.now();
    server.socket.cut();
    await clock.advance(30_000);
    expect(client.state).toMatchObject({ sinceMs: lostAtMs });
  });

  test("starts at once when the network returns", async () => {
    const { client, server, clock, network } = await live();
    network.up = false;
    server.socket.cut();
    expect(client.state.kind).toBe("offline");
    network.signal("online");
    await settled();
    expect(client.state.kind).toBe("live");
    expect(clock.now()).toBe(1_000_000);
  });

  test("obeys the delay of a bye", async () => {
    const { client, server, clock } = await live();
    server.socket.receive({ type: "bye", code: "draining", retry: true, after_ms: 2310 });
    server.socket.cut(4001);
    expect(client.state).toMatchObject({ kind: "waiting", code: "draining", retryAtMs: clock.now() + 2310 });
    await clock.advance(2310);
    expect(client.state.kind).toBe("live");
  });

  test("does not wait for ever for the close after a bye", async () => {
    const { client, server, clock } = await live();
    server.socket.receive({ type: "bye", code: "draining", retry: true, after_ms: 100 });
    await clock.advance(5_100);
    expect(server.sockets).toHaveLength(2);
    expect(client.state.kind).toBe("live");
  });

  test("stops at a bye without retry and says why", async () => {
    const { client, server, clock } = await live();
    server.socket.receive({ type: "bye", code: "logged_out", retry: false, message: "You logged out elsewhere." });
    server.socket.cut(4502);
    await clock.advance(60_000);
    expect(client.state).toMatchObject({ kind: "stopped", reason: { code: "logged_out", message: "You logged out elsewhere." } });
    expect(server.sockets).toHaveLength(1);
  });

  test.each([
    [1000, "waiting"],
    [1006, "waiting"],
    [1011, "waiting"],
    [4000, "waiting"],
    [4499, "waiting"],
    [4500, "stopped"],
    [4999, "stopped"],
  ])("close code %i means %s", async (code, kind) => {
    const { client, server } = await live();
    server.socket.cut(code);
    expect(client.state.kind).toBe(kind);
  });

  test("an answer of a socket that was given up changes nothing", async () => {
    const { client, server, clock, applied } = await live();
    const first = server.socket;
    await clock.advance(51_000);
    first.handlers.onMessage(JSON.stringify({ type: "event", stream: "room:1", seq: 1, name: "x", at: "", data: 1 }));
    first.handlers.onClose(4500);
    expect(applied).toEqual([]);
    expect(client.state.kind).toBe("live");
  });
});

test("an expiring token is refreshed", async () => {
  let count = 0;
  const { server } = await live({ token: async () => `token-${(count += 1)}` });
  server.socket.receive({ type: "auth_expiring", in_ms: 60_000 });
  await settled();
  expect(sentOfType(server.socket.sent, "auth_refresh")).toMatchObject([{ token: "token-2" }]);
});

test("a frame of a newer server is ignored", async () => {
  const { client, server } = await live();
  server.socket.receive({ type: "confetti", colour: "gold" });
  expect(client.state.kind).toBe("live");
});
