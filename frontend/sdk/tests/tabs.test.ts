import { describe, expect, test } from "vitest";
import type { Channel, Lock, LockHandlers } from "../src/ports.ts";
import { Tabs } from "../src/tabs.ts";
import { live, seeded, settled, START, TestClock, TestServer, TestStorage, type World, world } from "./support.ts";

/** What the pages of one browser share: the lock, the channels, the storage. */
class TestBrowser {
  readonly clock = new TestClock();
  readonly server = new TestServer();
  readonly storage = new TestStorage();
  readonly #listeners = new Map<string, Set<{ page: object; hear: (message: unknown) => void }>>();
  readonly #queue: LockHandlers[] = [];
  #holder: LockHandlers | null = null;
  #ids = 0;
  readonly frozen = new Set<object>();

  readonly newId = () => `id-${(this.#ids += 1)}`;

  channel(name: string, page: object): Channel {
    const all = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, all);
    return {
      post: (message) => {
        const copy: unknown = structuredClone(message);
        for (const { page: other, hear } of all) if (other !== page) queueMicrotask(() => !this.frozen.has(other) && hear(copy));
      },
      listen: (hear) => {
        const one = { page, hear };
        all.add(one);
        return () => all.delete(one);
      },
    };
  }

  lock(): Lock {
    let mine: LockHandlers | null = null;
    return {
      hold: (handlers) => {
        mine = handlers;
        this.#queue.push(handlers);
        queueMicrotask(() => this.#grant());
        return () => this.#release(handlers);
      },
      take: () => {
        const holder = this.#holder;
        if (mine === null || holder === mine) return;
        this.#queue.splice(this.#queue.indexOf(mine), 1);
        this.#holder = mine;
        holder?.onTaken();
        mine.onHeld();
      },
    };
  }

  /** A tab is gone without a word, as when it is closed or crashes. */
  gone(page: Page): void {
    for (const all of this.#listeners.values()) for (const one of all) if (one.page === page.key) all.delete(one);
    page.cut();
    this.#release(page.handlers());
  }

  #release(handlers: LockHandlers): void {
    const waiting = this.#queue.indexOf(handlers);
    if (waiting >= 0) this.#queue.splice(waiting, 1);
    if (this.#holder === handlers) this.#holder = null;
    queueMicrotask(() => this.#grant());
  }

  #grant(): void {
    if (this.#holder !== null) return;
    this.#holder = this.#queue.shift() ?? null;
    this.#holder?.onHeld();
  }
}

interface Page extends World {
  key: object;
  tabs: Tabs;
  handlers: () => LockHandlers;
  cut: () => void;
}

async function open(browser: TestBrowser): Promise<Page> {
  const key = {};
  const sockets: { closed: boolean; cut(): void; silence(): void }[] = [];
  let held: LockHandlers | null = null;
  const lock = browser.lock();
  const tabs = new Tabs({
    socket: (handlers) => {
      let alive = true;
      const socket = browser.server.open({
        onOpen: () => alive && handlers.onOpen(),
        onMessage: (text) => alive && handlers.onMessage(text),
        onClose: (code) => alive && handlers.onClose(code),
      });
      sockets.push({ closed: false, cut: () => socket.close(), silence: () => (alive = false) });
      return socket;
    },
    channel: browser.channel("socket", key),
    lock: {
      ...lock,
      hold: (handlers) => {
        held = handlers;
        return lock.hold(handlers);
      },
    },
    clock: browser.clock,
    newId: browser.newId,
  });
  const made = world({
    server: browser.server,
    clock: browser.clock,
    storage: browser.storage,
    socket: tabs.socket,
    pages: browser.channel("outbox", key),
    sendsWrites: () => tabs.leads,
    newId: browser.newId,
  });
  made.client.start({ "room:1": { epoch: "k1", seq: browser.server.head("room:1") } });
  await settled();
  await settled();
  return {
    ...made,
    key,
    tabs,
    handlers: () => {
      if (held === null) throw new Error("It never waited for the lock.");
      return held;
    },
    cut: () => {
      for (const socket of sockets) {
        socket.silence();
        socket.cut();
      }
      made.client.stop();
    },
  };
}

const openSockets = ({ server }: TestBrowser) => server.sockets.filter(({ closed }) => !closed);
const seqs = ({ applied }: World) => applied.map(({ seq }) => seq);
const say = ({ server }: TestBrowser, text: string) => server.publish("room:1", "chat.message_deleted", text);

describe("the pages of one browser", () => {
  test("share one socket, and each gets every event once", async () => {
    const browser = new TestBrowser();
    const [first, second, third] = [await open(browser), await open(browser), await open(browser)];
    for (const text of ["a", "b", "c"]) say(browser, text);
    await settled();
    expect(openSockets(browser)).toHaveLength(1);
    for (const page of [first, second, third]) {
      expect(page.client.state.kind).toBe("live");
      expect(seqs(page)).toEqual([1, 2, 3]);
    }
  });

  test("each get the answers to their own calls", async () => {
    const browser = new TestBrowser();
    const [first, second] = [await open(browser), await open(browser)];
    browser.server.onCall = (_, args) => ({ type: "reply", result: { for: args["room"] } });
    const answers = await Promise.all([
      first.client.call("chat.typing", { room: 1 }),
      second.client.call("chat.typing", { room: 2 }),
      first.client.call("chat.typing", { room: 3 }),
    ]);
    expect(answers).toEqual([{ for: 1 }, { for: 2 }, { for: 3 }]);
  });

  test("go on without a loss when the leader closes", async () => {
    const browser = new TestBrowser();
    const [first, second, third] = [await open(browser), await open(browser), await open(browser)];
    say(browser, "before");
    await settled();
    browser.gone(first);
    say(browser, "meanwhile");
    await settled();
    await browser.clock.advance(1_000);
    say(browser, "after");
    await settled();
    expect([second.tabs.leads, third.tabs.leads]).toEqual([true, false]);
    expect(openSockets(browser)).toHaveLength(1);
    for (const page of [second, third]) expect(seqs(page)).toEqual([1, 2, 3]);
  });

  test("take over from a leader that answers no more, and it comes back as one of them", async () => {
    const browser = new TestBrowser();
    const first = await open(browser);
    browser.frozen.add(first.key);
    const second = await open(browser);
    expect(second.client.state.kind).toBe("connecting");
    await browser.clock.advance(4_000);
    browser.frozen.delete(first.key);
    await browser.clock.advance(5_000);
    say(browser, "x");
    await settled();
    expect([first.tabs.leads, second.tabs.leads]).toEqual([false, true]);
    expect(openSockets(browser)).toHaveLength(1);
    for (const page of [first, second]) expect(seqs(page)).toEqual([1]);
  });

  test("that stand behind the others are brought up without a loss to those", async () => {
    const browser = new TestBrowser();
    const first = await open(browser);
    for (const text of ["a", "b", "c", "d"]) say(browser, text);
    await settled();
    const behind = world({ ...browser, socket: (await open(browser)).tabs.socket, newId: browser.newId });
    behind.client.start({ "room:1": { epoch: "k1", seq: 1 } });
    await settled();
    say(browser, "e");
    await settled();
    expect(seqs(behind)).toEqual([2, 3, 4, 5]);
    expect(seqs(first)).toEqual([1, 2, 3, 4, 5]);
  });

  test("whose cursor was trimmed away fetch a snapshot, and the others notice nothing", async () => {
    const browser = new TestBrowser();
    const first = await open(browser);
    for (const text of ["a", "b", "c", "d"]) say(browser, text);
    await settled();
    browser.server.trimmed = 3;
    const behind = world({ ...browser, socket: (await open(browser)).tabs.socket, newId: browser.newId });
    behind.client.start({ "room:1": { epoch: "k1", seq: 1 } });
    await browser.clock.advance(3_000);
    say(browser, "e");
    await settled();
    expect(seqs(behind)).toEqual([5]);
    expect(behind.client.state.kind).toBe("live");
    expect(seqs(first)).toEqual([1, 2, 3, 4, 5]);
  });

  test("are told of a lost connection, and all come back", async () => {
    const browser = new TestBrowser();
    const [first, second] = [await open(browser), await open(browser)];
    browser.server.socket.cut();
    say(browser, "missed");
    await browser.clock.advance(1_000);
    for (const page of [first, second]) {
      expect(page.states.map(({ kind }) => kind)).toContain("waiting");
      expect(page.client.state.kind).toBe("live");
      expect(seqs(page)).toEqual([1]);
    }
    expect(openSockets(browser)).toHaveLength(1);
  });

  test("leave a socket that is dead together, and come back on one", async () => {
    const browser = new TestBrowser();
    const [first, second] = [await open(browser), await open(browser)];
    browser.server.silent = true;
    browser.server.deliver = () => false;
    say(browser, "unheard");
    await browser.clock.advance(51_000);
    browser.server.silent = false;
    browser.server.deliver = () => true;
    await browser.clock.advance(40_000);
    for (const page of [first, second]) {
      expect(page.client.state.kind).toBe("live");
      expect(seqs(page)).toEqual([1]);
    }
    expect(openSockets(browser)).toHaveLength(1);
  });

  test("that ask for one stream at once each get all of it", async () => {
    const browser = new TestBrowser();
    const [first, second] = [await open(browser), await open(browser)];
    for (let number = 0; number < 4; number += 1) browser.server.publish("room:2", "chat.message_deleted", number);
    first.client.subscribe("room:2", { epoch: "k1", seq: 1 });
    second.client.subscribe("room:2", { epoch: "k1", seq: 3 });
    await browser.clock.advance(10);
    const got = (page: Page) => page.applied.filter(({ stream }) => stream === "room:2").map(({ seq }) => seq);
    expect(got(first)).toEqual([2, 3, 4]);
    expect(got(second)).toEqual([4]);
  });

  test("follow a stream for as long as one of them does", async () => {
    const browser = new TestBrowser();
    const [first, second] = [await open(browser), await open(browser)];
    browser.server.publish("room:2", "chat.message_deleted", 0);
    first.client.subscribe("room:2");
    second.client.subscribe("room:2");
    await settled();
    first.client.unsubscribe("room:2");
    await settled();
    browser.server.publish("room:2", "chat.message_deleted", 1);
    await settled();
    expect(second.applied.filter(({ stream }) => stream === "room:2")).toHaveLength(1);
    expect(first.applied.filter(({ stream }) => stream === "room:2")).toEqual([]);
    second.client.unsubscribe("room:2");
    await settled();
    expect(browser.server.socket.following.has("room:2")).toBe(false);
  });

  test("are idle when all of them are", async () => {
    const browser = new TestBrowser();
    const [first, second] = [await open(browser), await open(browser)];
    const told = () => browser.server.calls.filter(({ name }) => name === "presence.update").map(({ args }) => args["idle"]);
    first.client.setIdle(true);
    await settled();
    expect(told()).toEqual([]);
    second.client.setIdle(true);
    await settled();
    expect(told()).toEqual([true]);
    const third = await open(browser);
    expect(told()).toEqual([true, false]);
    browser.gone(third);
    third.tabs.close();
    first.client.setIdle(false);
    await settled();
    expect(told()).toEqual([true, false]);
  });

  test("tell at once what has arrived, whoever of them it is", async () => {
    const browser = new TestBrowser();
    const [, second] = [await open(browser), await open(browser)];
    say(browser, "x");
    await settled();
    second.client.reportSeen();
    await settled();
    expect(browser.server.socket.sent.filter(({ type }) => type === "pong")).toMatchObject([{ id: 0, seen: { "room:1": 1 } }]);
  });

  test("answer the server's pings once", async () => {
    const browser = new TestBrowser();
    await open(browser);
    await open(browser);
    browser.server.socket.receive({ type: "ping", id: 9 });
    await settled();
    expect(browser.server.socket.sent.filter(({ type }) => type === "pong")).toHaveLength(1);
  });
});

describe("writes of several pages", () => {
  const texts = ({ server }: TestBrowser) => server.calls.map(({ args }) => args["text"]);
  const write = (page: Page, text: string) => page.client.write("chat.message_send", { room: 1, text });

  test("go out through the leader, in the order in which they were made, and each page knows of all", async () => {
    const browser = new TestBrowser();
    const [first, second] = [await open(browser), await open(browser)];
    browser.server.silent = true;
    write(second, "a");
    await browser.clock.advance(1);
    write(first, "b");
    await browser.clock.advance(1);
    write(second, "c");
    await settled();
    expect(first.client.pendingWrites()).toHaveLength(3);
    expect(second.client.pendingWrites()).toHaveLength(3);
    browser.server.silent = false;
    browser.server.socket.cut();
    await browser.clock.advance(2_000);
    expect(texts(browser)).toEqual(["a", "b", "c"]);
    for (const page of [first, second]) {
      expect(page.client.pendingWrites()).toEqual([]);
      expect(page.outbox.filter(({ kind }) => kind === "acked")).toHaveLength(3);
    }
    expect(browser.storage.values.size).toBe(0);
  });

  test("are sent by another page when theirs is closed", async () => {
    const browser = new TestBrowser();
    const [first, second] = [await open(browser), await open(browser)];
    browser.server.accepting = false;
    browser.server.socket.cut();
    write(second, "kept");
    await settled();
    browser.gone(second);
    browser.server.accepting = true;
    await browser.clock.advance(30_000);
    expect(texts(browser)).toEqual(["kept"]);
    expect(first.client.pendingWrites()).toEqual([]);
  });

  test("that are refused can be discarded on any page", async () => {
    const browser = new TestBrowser();
    const [first, second] = [await open(browser), await open(browser)];
    browser.server.onCall = () => ({ type: "error", code: "not_found", message: "There is no such room.", retry: false });
    const clientId = write(second, "lost");
    await settled();
    await settled();
    expect(second.client.pendingWrites()).toMatchObject([{ clientId, failure: { code: "not_found" } }]);
    first.client.discardWrite(clientId);
    await settled();
    expect(second.client.pendingWrites()).toEqual([]);
  });
});

test("through 200 random hand-overs, cuts and newcomers no event is lost, doubled or out of order", async () => {
  for (let seed = 1; seed <= 8; seed += 1) {
    const random = seeded(seed);
    const browser = new TestBrowser();
    const pages: { page: Page; from: number }[] = [];
    const enter = async () => {
      const from = browser.server.head("room:1");
      pages.push({ page: await open(browser), from });
    };
    await enter();
    for (let step = 0; step < 25; step += 1) {
      const dice = random();
      if (dice < 0.25 && pages.length < 5) await enter();
      else if (dice < 0.45 && pages.length > 1) {
        const [left] = pages.splice(Math.floor(random() * pages.length), 1);
        if (left !== undefined) browser.gone(left.page);
      } else if (dice < 0.6) browser.server.sockets.at(-1)?.cut();
      else for (let said = 0; said < 3; said += 1) say(browser, `${step}.${said}`);
      await browser.clock.advance(Math.floor(random() * 400));
    }
    await browser.clock.advance(60_000);
    const head = browser.server.head("room:1");
    for (const { page, from } of pages) {
      expect(seqs(page), `seed ${seed}`).toEqual(Array.from({ length: head - from }, (_, at) => from + at + 1));
      expect(page.client.state.kind).toBe("live");
    }
    expect(openSockets(browser)).toHaveLength(1);
  }
});

test("a page alone is what it always was", async () => {
  const alone = await live();
  expect(alone.client.cursors()).toEqual(START);
});
