/* One stream over the socket, for pages of the admin: no build step, no dependency, no inline script.
 *
 * CarillonStream.follow({stream, epoch, seq, onEvent, onSnapshotRequired, onState, poll, pollMs})
 * onState gets "connecting", "live", "polling" or "stopped". While the socket does not work, `poll` is called
 * every `pollMs`, and attempts to connect go on beside it.
 */
"use strict";
(() => {
  const FIRST_DELAY_MS = 500;
  const MAX_DELAY_MS = 15000;
  const WELCOME_TIMEOUT_MS = 8000;
  const ATTEMPTS_BEFORE_POLLING = 2;

  class Follower {
    constructor(options) {
      this.options = options;
      // A stream without events has the epoch "" and the position 0: also a place to go on from.
      this.cursor = { epoch: options.epoch, seq: Number(options.seq) };
      this.attempts = 0;
      this.afterMs = null;
      this.state = null;
      this.pollTimer = null;
      this.connect();
    }

    connect() {
      if (this.state === "stopped") return;
      if (this.state !== "polling") this.setState("connecting");
      const scheme = location.protocol === "https:" ? "wss:" : "ws:";
      let socket;
      try {
        socket = new WebSocket(`${scheme}//${location.host}/ws`);
      } catch {
        this.retry();
        return;
      }
      this.socket = socket;
      this.stop = false;
      const deadline = setTimeout(() => socket.close(), WELCOME_TIMEOUT_MS);
      socket.onopen = () => {
        const stream = { stream: this.options.stream, ...this.cursor };
        this.send({ type: "hello", id: 1, protocol: 1, device: "admin", streams: [stream] });
      };
      socket.onmessage = (message) => this.read(JSON.parse(message.data), deadline);
      socket.onclose = (close) => {
        clearTimeout(deadline);
        if (this.stop || (close.code >= 4500 && close.code <= 4999)) this.giveUp();
        else this.retry();
      };
    }

    send(frame) {
      if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
    }

    read(frame, deadline) {
      switch (frame.type) {
        case "welcome":
          clearTimeout(deadline);
          this.welcome(frame.streams.find((one) => one.stream === this.options.stream));
          break;
        case "event":
          if (frame.stream === this.options.stream) this.event(frame);
          break;
        case "snapshot_required":
          if (frame.stream === this.options.stream) this.startOver(frame);
          break;
        case "ping":
          this.send({ type: "pong", id: frame.id, seen: { [this.options.stream]: this.cursor.seq } });
          break;
        case "revoked":
          if (frame.stream === this.options.stream) this.refuse();
          break;
        case "bye":
          this.afterMs = frame.after_ms;
          this.stop = !frame.retry;
          break;
      }
    }

    welcome(stream) {
      if (!stream || stream.error) {
        this.refuse();
        return;
      }
      this.attempts = 0;
      this.endPolling();
      this.setState("live");
      if (stream.recovered === false) this.startOver(stream);
      else this.cursor.epoch = stream.epoch;
    }

    event(frame) {
      if (frame.seq !== undefined) {
        if (frame.seq <= this.cursor.seq) return;
        this.cursor.seq = frame.seq;
      }
      this.options.onEvent(frame);
    }

    startOver(state) {
      this.cursor = { epoch: state.epoch, seq: state.head };
      this.options.onSnapshotRequired();
    }

    refuse() {
      this.stop = true;
      this.socket.close();
    }

    /* The server says no: the page still gets what its own address may show. */
    giveUp() {
      this.startPolling();
      this.setState("polling");
    }

    retry() {
      this.attempts += 1;
      if (this.attempts >= ATTEMPTS_BEFORE_POLLING) {
        this.startPolling();
        this.setState("polling");
      } else {
        this.setState("connecting");
      }
      const ceiling = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(this.attempts, 10));
      const delay = this.afterMs ?? Math.random() * ceiling;
      this.afterMs = null;
      setTimeout(() => this.connect(), delay);
    }

    startPolling() {
      if (this.pollTimer !== null) return;
      this.pollTimer = setInterval(this.options.poll, this.options.pollMs);
      this.options.poll();
    }

    endPolling() {
      if (this.pollTimer === null) return;
      clearInterval(this.pollTimer);
      this.pollTimer = null;
      this.options.poll();
    }

    setState(state) {
      if (state === this.state) return;
      this.state = state;
      this.options.onState(state);
    }

    /* Nothing more will come: close without coming back. */
    end() {
      this.socket.onclose = null;
      this.socket.close();
      clearInterval(this.pollTimer);
      this.setState("stopped");
    }
  }

  window.CarillonStream = { follow: (options) => new Follower(options) };
})();
