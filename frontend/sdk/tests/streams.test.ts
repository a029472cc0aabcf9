import { describe, expect, test } from "vitest";
import { live, seeded, settled, START, world, type World } from "./support.ts";

const seqs = ({ applied }: World) => applied.map(({ seq }) => seq);
const publish = (made: World, count: number) => {
  for (let made_ = 0; made_ < count; made_ += 1) made.server.publish("room:1", "chat.message_deleted", made_);
};

describe("cursors", () => {
  test("an event that comes twice is applied once", async () => {
    const made = await live();
    publish(made, 2);
    made.server.socket.receive({ type: "event", stream: "room:1", seq: 2, name: "x", at: "", data: 0 });
    expect(seqs(made)).toEqual([1, 2]);
    expect(made.server.socket.sent.filter(({ type }) => type === "subscribe")).toEqual([]);
  });

  test("a gap is asked for again, once, from the cursor", async () => {
    const made = await live();
    made.server.deliver = (frame) => frame.type !== "event" || frame.seq !== 1;
    publish(made, 3);
    expect(seqs(made)).toEqual([]);
    made.server.deliver = () => true;
    await settled();
    expect(seqs(made)).toEqual([1, 2, 3]);
    const asked = made.server.socket.sent.filter(({ type }) => type === "subscribe");
    expect(asked).toMatchObject([{ stream: "room:1", epoch: "k1", seq: 0 }]);
  });

  test("the next hello resumes after the last applied event", async () => {
    const made = await live();
    publish(made, 3);
    made.server.socket.cut();
    publish(made, 2);
    await made.clock.advance(1000);
    expect(made.server.socket.sent[0]).toMatchObject({ streams: [{ seq: 3 }] });
    expect(seqs(made)).toEqual([1, 2, 3, 4, 5]);
  });

  test("a cursor that the server refuses ends in a snapshot", async () => {
    const made = await live();
    publish(made, 2);
    made.server.socket.cut();
    made.server.refuse = "bad_cursor";
    await made.clock.advance(1900);
    made.server.refuse = null;
    await made.clock.advance(2000);
    expect(made.server.sockets.length).toBeLessThan(5);
    expect(made.client.cursor("room:1")).toEqual({ epoch: "k1", seq: 2 });
    expect(made.client.state.kind).toBe("live");
  });

  test("a stream without a cursor starts at the head", async () => {
    const made = await live();
    made.server.publish("room:2", "chat.message_deleted", 0);
    made.client.subscribe("room:2");
    await settled();
    made.server.publish("room:2", "chat.message_deleted", 1);
    expect(made.applied).toMatchObject([{ stream: "room:2", seq: 2 }]);
  });

  test("an unsubscribed stream is no longer heard", async () => {
    const made = await live();
    made.client.unsubscribe("room:1");
    publish(made, 1);
    expect(made.applied).toEqual([]);
    expect(made.server.socket.sent.at(-1)).toMatchObject({ type: "unsubscribe", stream: "room:1" });
  });

  test("lag is shown until it is made up", async () => {
    const made = await live();
    made.server.socket.receive({ type: "lag", stream: "room:1", head: 2 });
    expect(made.client.state.kind).toBe("recovering");
    publish(made, 2);
    expect(made.client.state.kind).toBe("live");
  });

  test("a revoked stream is told and left", async () => {
    const revoked: string[] = [];
    const made = await live({ onRevoked: (stream) => revoked.push(stream) });
    made.server.socket.receive({ type: "revoked", stream: "room:1" });
    publish(made, 1);
    expect(revoked).toEqual(["room:1"]);
    expect(made.applied).toEqual([]);
  });
});

describe("snapshots", () => {
  test("a log that was recreated asks for a snapshot and goes on from it", async () => {
    const made = await live();
    publish(made, 2);
    made.server.socket.cut();
    made.server.epoch = "k2";
    publish(made, 5);
    await made.clock.advance(1000);
    expect(made.client.cursor("room:1")).toEqual({ epoch: "k2", seq: 7 });
    publish(made, 1);
    expect(seqs(made)).toEqual([1, 2, 8]);
    expect(made.client.state.kind).toBe("live");
  });

  test("snapshot_required asks for one, whatever else is said about the stream", async () => {
    let fetched = 0;
    const made = await live({
      onSnapshotRequired: async () => {
        fetched += 1;
        return { "room:1": { epoch: "k1", seq: 4 } };
      },
    });
    made.server.logs.set("room:1", Array.from({ length: 4 }, () => ({ name: "x", data: 0 })));
    made.server.socket.receive({ type: "snapshot_required", stream: "room:1", epoch: "k1", head: 4 });
    made.server.socket.receive({ type: "snapshot_required", stream: "room:1", epoch: "k1", head: 4 });
    await settled();
    expect(fetched).toBe(1);
    expect(made.client.state.kind).toBe("live");
  });

  test("events that come while one is fetched are left to the replay after it", async () => {
    const arrive: (() => void)[] = [];
    const made = await live({
      onSnapshotRequired: async () => {
        await new Promise<void>((resolve) => arrive.push(resolve));
        return START;
      },
    });
    made.server.socket.receive({ type: "snapshot_required", stream: "room:1", epoch: "k1", head: 0 });
    publish(made, 2);
    expect(seqs(made)).toEqual([]);
    for (const resolve of arrive) resolve();
    await settled();
    expect(seqs(made)).toEqual([1, 2]);
  });

  test("a snapshot that cannot be fetched is tried again", async () => {
    let fetched = 0;
    const made = await live({
      onSnapshotRequired: async () => {
        fetched += 1;
        if (fetched === 1) throw new Error("503");
        return START;
      },
    });
    made.server.socket.receive({ type: "snapshot_required", stream: "room:1", epoch: "k1", head: 0 });
    await settled();
    expect(made.client.state.kind).toBe("recovering");
    await made.clock.advance(2000);
    expect(made.client.state.kind).toBe("live");
  });

  test("an event that cannot be applied does not move the cursor and ends in a snapshot", async () => {
    let broken = true;
    const applied: (number | null)[] = [];
    const made = await live({
      onEvent: ({ seq }) => {
        if (broken) throw new Error("bug");
        applied.push(seq);
      },
      onSnapshotRequired: async () => {
        broken = false;
        return START;
      },
    });
    publish(made, 1);
    await settled();
    expect(made.errors).toHaveLength(1);
    expect(applied).toEqual([1]);
  });
});

const NOTHING = { online: [], offline: [], idle: [], dnd: [], count: 2, listed: true, whole: false };

describe("presence", () => {
  test("is asked for again after a reconnect", async () => {
    const heard: number[][] = [];
    const made = await live({ onPresence: (_, { modes }) => heard.push([...modes.keys()]) });
    const present = { online: [7, 8], idle: [], dnd: [], count: 2, listed: true };
    made.server.onCall = (name) => (name === "presence.watch" ? { type: "reply", result: present } : null);
    made.client.watchPresence("room:1");
    await settled();
    made.server.socket.receive({ type: "event", stream: "room:1", name: "presence.changed", at: "", data: { ...NOTHING, online: [9], offline: [8] } });
    made.server.socket.cut();
    await made.clock.advance(1000);
    expect(heard).toEqual([[7, 8], [7, 9], [7, 8]]);
  });

  test("of a crowd only the number is known, and names come back whole", async () => {
    const heard: [[number, string][], number, boolean][] = [];
    const made = await live({ onPresence: (_, { modes, count, listed }) => heard.push([[...modes], count, listed]) });
    const present = { online: [7], idle: [8], dnd: [], count: 2, listed: true };
    made.server.onCall = (name) => (name === "presence.watch" ? { type: "reply", result: present } : null);
    made.client.watchPresence("room:1");
    await settled();
    const change = (data: object) =>
      made.server.socket.receive({ type: "event", stream: "room:1", name: "presence.changed", at: "", data: { ...NOTHING, ...data } });
    change({ dnd: [8], count: 2 });
    change({ count: 600, listed: false, whole: true });
    change({ online: [9], count: 1, whole: true });
    expect(heard).toEqual([
      [[[7, "online"], [8, "idle"]], 2, true],
      [[[7, "online"], [8, "dnd"]], 2, true],
      [[], 600, false],
      [[[9, "online"]], 1, true],
    ]);
  });

  test("an idle device says so again on each new socket", async () => {
    const told: unknown[] = [];
    const made = await live({});
    made.server.onCall = (name, args) => {
      if (name === "presence.update") told.push(args);
      return null;
    };
    made.client.setIdle(true);
    made.client.setIdle(true);
    await settled();
    made.server.socket.cut();
    await made.clock.advance(1000);
    made.client.setIdle(false);
    await settled();
    expect(told).toEqual([{ idle: true }, { idle: true }, { idle: false }]);
  });
});

test.each(Array.from({ length: 60 }, (_, seed) => seed))(
  "whatever is cut, lost or repeated, every event is applied once and in order (seed %i)",
  async (seed) => {
    const random = seeded(seed);
    const made = world({ random });
    made.server.deliver = () => random() > 0.08;
    made.client.start(START);
    const written: string[] = [];
    for (let step = 0; step < 120; step += 1) {
      const dice = random();
      if (dice < 0.3) made.server.publish("room:1", "chat.message_deleted", step);
      else if (dice < 0.5) {
        made.client.write("chat.message_send", { room: 1, text: `mine ${step}` });
        written.push(`mine ${step}`);
      } else if (dice < 0.6) made.server.socket.cut();
      else if (dice < 0.65) made.server.accepting = !made.server.accepting;
      else if (dice < 0.7) made.network.signal("online");
      else if (dice < 0.75) {
        const seq = Math.ceil(random() * made.server.head("room:1"));
        const entry = made.server.logs.get("room:1")?.[seq - 1];
        if (entry) made.server.socket.receive({ type: "event", stream: "room:1", seq, at: "", ...entry });
      } else await made.clock.advance(random() * 3000);
      if (random() < 0.5) await settled();
    }
    made.server.accepting = true;
    made.server.deliver = () => true;
    await made.clock.advance(200_000);
    made.server.publish("room:1", "chat.message_deleted", "last");
    await made.clock.advance(200_000);

    const log = made.server.logs.get("room:1") ?? [];
    expect(made.applied.map(({ data }) => data)).toEqual(log.map(({ data }) => data));
    const texts = log.flatMap(({ data }) => (data !== null && typeof data === "object" && "text" in data ? [data.text] : []));
    expect(texts).toEqual(written);
    expect(made.client.pendingWrites()).toEqual([]);
    expect(made.storage.values.size).toBe(0);
  },
);
