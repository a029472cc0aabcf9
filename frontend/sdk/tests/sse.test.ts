import { describe, expect, it } from "vitest";
import type { SocketFactory, SocketHandlers } from "../src/ports.ts";
import { type EventStreamHandlers, sseSocket, withFallback } from "../src/sse.ts";
import { settled } from "./support.ts";

class Log implements SocketHandlers {
  readonly lines: string[] = [];
  onOpen = () => void this.lines.push("open");
  onMessage = (text: string) => void this.lines.push(`message ${text}`);
  onClose = (code: number) => void this.lines.push(`close ${code}`);
}

function sse(post: (address: string, text: string) => Promise<boolean>) {
  const server: { stream: EventStreamHandlers | null; ended: boolean } = { stream: null, ended: false };
  const log = new Log();
  const socket = sseSocket((handlers) => {
    server.stream = handlers;
    return () => void (server.ended = true);
  }, post)(log);
  const stream = server.stream;
  if (stream === null) throw new Error("the event stream was not opened");
  return { server, stream, log, socket };
}

describe("a socket over server-sent events", () => {
  it("opens with the address and posts frames to it one after another, in order", async () => {
    const posted: string[] = [];
    let release: (taken: boolean) => void = () => undefined;
    const { stream, log, socket } = sse((address, text) => {
      posted.push(`${address} ${text}`);
      return new Promise((resolve) => (release = resolve));
    });
    stream.onAddress("a1");
    socket.send("one");
    socket.send("two");
    await settled();
    expect(posted).toEqual(["a1 one"]);
    release(true);
    await settled();
    expect(posted).toEqual(["a1 one", "a1 two"]);
    expect(log.lines).toEqual(["open"]);
  });

  it("closes once when a frame is not taken, and says nothing after", async () => {
    const { server, stream, log, socket } = sse(() => Promise.resolve(false));
    stream.onAddress("a1");
    socket.send("one");
    await settled();
    stream.onMessage("late");
    stream.onClose(4001);
    expect(log.lines).toEqual(["open", "close 1006"]);
    expect(server.ended).toBe(true);
  });

  it("passes messages and the server's close code on", () => {
    const { stream, log } = sse(() => Promise.resolve(true));
    stream.onAddress("a1");
    stream.onMessage("{}");
    stream.onClose(4502);
    expect(log.lines).toEqual(["open", "message {}", "close 4502"]);
  });
});

describe("the choice of the way", () => {
  const closing =
    (name: string, tried: string[]): SocketFactory =>
    (handlers) => {
      tried.push(name);
      handlers.onClose(1006);
      return { send: () => undefined, close: () => undefined };
    };
  const attempts = async (factory: SocketFactory, count: number) => {
    for (let attempt = 0; attempt < count; attempt += 1) {
      factory(new Log());
      await settled();
    }
  };

  it("takes the fallback when sockets do not open although the server answers, and tries the first kind in turns", async () => {
    const tried: string[] = [];
    const factory = withFallback(closing("ws", tried), closing("sse", tried), async () => true);
    await attempts(factory, 6);
    expect(tried).toEqual(["ws", "ws", "sse", "ws", "sse", "ws"]);
  });

  it("does not take a server that is away for a network that blocks", async () => {
    const tried: string[] = [];
    const factory = withFallback(closing("ws", tried), closing("sse", tried), async () => false);
    await attempts(factory, 4);
    expect(tried).toEqual(["ws", "ws", "ws", "ws"]);
  });

  it("stays with the first kind while it opens, however often it closes", async () => {
    const tried: string[] = [];
    const opening: SocketFactory = (handlers) => {
      handlers.onOpen();
      return closing("ws", tried)(handlers);
    };
    await attempts(withFallback(opening, closing("sse", tried), async () => true), 4);
    expect(tried).toEqual(["ws", "ws", "ws", "ws"]);
  });
});
