/**
 * The pages of one browser share one socket: the page that holds the lock leads, with the hub and the socket; the others have
 * lines to it over a channel. When the leader goes, the next one opens a socket of its own, every client's line breaks, and
 * each comes back with its cursors, as after any lost connection: that is all there is to a hand-over.
 */
import { SocketHub } from "./hub.ts";
import type { Cancel, Channel, Clock, Lock, Socket, SocketFactory, SocketHandlers } from "./ports.ts";

export interface TabsOptions {
  socket: SocketFactory;
  channel: Channel;
  lock: Lock;
  clock: Clock;
  newId: () => string;
  onLead?: (() => void) | undefined;
}

/** What pages say to each other; `line` names one client's line. */
type Said =
  | { kind: "leads" }
  | { kind: "open"; line: string }
  | { kind: "opened"; line: string }
  | { kind: "up"; line: string; text: string }
  | { kind: "down"; line: string; text: string }
  | { kind: "close"; line: string; code: number }
  | { kind: "closed"; line: string; code: number };

interface OwnLine {
  handlers: SocketHandlers;
  /** In the hub of this page; null: at another page's, or nowhere yet. */
  local: Socket | null;
  opened: boolean;
  cancelWait: Cancel;
}

const NORMAL_CLOSE = 1000;
const ABNORMAL_CLOSE = 1006;
/** A leader that does not even answer is frozen or broken: its lock is taken. Its own clients come back to the new one. */
const LEADER_ANSWERS_MS = 4_000;

export class Tabs {
  readonly #options: TabsOptions;
  readonly #own = new Map<string, OwnLine>();
  /** Lines of other pages in the hub of this one. */
  readonly #served = new Map<string, Socket>();
  readonly #cancelChannel: Cancel;
  #cancelLock: Cancel;
  #hub: SocketHub | null = null;

  constructor(options: TabsOptions) {
    this.#options = options;
    this.#cancelChannel = options.channel.listen((said) => this.#onSaid(said as Said));
    this.#cancelLock = this.#wait();
  }

  get leads(): boolean {
    return this.#hub !== null;
  }

  /** Like a socket to the server, wherever that is. */
  readonly socket: SocketFactory = (handlers) => {
    const id = this.#options.newId();
    const line: OwnLine = { handlers, local: null, opened: false, cancelWait: () => undefined };
    this.#own.set(id, line);
    this.#attach(id, line);
    return {
      send: (text) => {
        if (line.local !== null) line.local.send(text);
        else if (this.#own.has(id)) this.#say({ kind: "up", line: id, text });
      },
      close: (code) => {
        if (!this.#own.delete(id)) return;
        line.cancelWait();
        if (line.local !== null) line.local.close(code);
        else this.#say({ kind: "close", line: id, code: code ?? NORMAL_CLOSE });
      },
    };
  };

  /** The page goes: its lines end, and another page may lead. */
  close(): void {
    for (const [id, line] of this.#own) {
      line.cancelWait();
      if (line.local === null) this.#say({ kind: "close", line: id, code: NORMAL_CLOSE });
    }
    this.#own.clear();
    this.#abdicate();
    this.#cancelLock();
    this.#cancelChannel();
  }

  #wait(): Cancel {
    return this.#options.lock.hold({
      onHeld: () => this.#lead(),
      onTaken: () => {
        this.#abdicate();
        this.#cancelLock = this.#wait();
      },
    });
  }

  #lead(): void {
    this.#hub = new SocketHub(this.#options.socket);
    this.#say({ kind: "leads" });
    this.#options.onLead?.();
    for (const [id, line] of this.#own) {
      if (line.opened) this.#broke(id, ABNORMAL_CLOSE);
      else this.#attach(id, line);
    }
  }

  #abdicate(): void {
    const hub = this.#hub;
    this.#hub = null;
    hub?.close();
    this.#served.clear();
  }

  #attach(id: string, line: OwnLine): void {
    line.cancelWait();
    if (this.#hub !== null) {
      line.local = this.#hub.connect({
        onOpen: () => line.handlers.onOpen(),
        onMessage: (text) => line.handlers.onMessage(text),
        onClose: (code) => this.#broke(id, code),
      });
      return;
    }
    this.#say({ kind: "open", line: id });
    line.cancelWait = this.#options.clock.after(LEADER_ANSWERS_MS, () => this.#options.lock.take());
  }

  #broke(id: string, code: number): void {
    const line = this.#own.get(id);
    if (line === undefined) return;
    this.#own.delete(id);
    line.cancelWait();
    line.handlers.onClose(code);
  }

  #say(said: Said): void {
    this.#options.channel.post(said);
  }

  #onSaid(said: Said): void {
    switch (said.kind) {
      case "open":
        return this.#serve(said.line);
      case "up": {
        const served = this.#served.get(said.line);
        if (served !== undefined) served.send(said.text);
        else if (this.#hub !== null) this.#say({ kind: "closed", line: said.line, code: ABNORMAL_CLOSE });
        return;
      }
      case "close": {
        const served = this.#served.get(said.line);
        this.#served.delete(said.line);
        return served?.close(said.code);
      }
      case "leads":
        for (const [id, line] of this.#own) {
          if (line.opened) this.#broke(id, ABNORMAL_CLOSE);
          else if (line.local === null) this.#attach(id, line);
        }
        return;
      case "opened": {
        const line = this.#own.get(said.line);
        if (line === undefined || line.opened) return;
        line.opened = true;
        line.cancelWait();
        return line.handlers.onOpen();
      }
      case "down":
        return this.#own.get(said.line)?.handlers.onMessage(said.text);
      case "closed":
        return this.#broke(said.line, said.code);
    }
  }

  #serve(id: string): void {
    if (this.#hub === null || this.#served.has(id)) return;
    const served = this.#hub.connect({
      onOpen: () => this.#say({ kind: "opened", line: id }),
      onMessage: (text) => this.#say({ kind: "down", line: id, text }),
      onClose: (code) => {
        this.#served.delete(id);
        this.#say({ kind: "closed", line: id, code });
      },
    });
    this.#served.set(id, served);
  }
}
