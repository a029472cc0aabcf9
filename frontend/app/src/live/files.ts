/**
 * Files on their way into messages: chosen in a room, uploaded at once, sent with the text. A message that is sent
 * while they are still on their way waits for them, and for nothing else; rooms may be changed meanwhile.
 */
import { CallError } from "@carillon/sdk";
import { createStore } from "zustand/vanilla";
import { useStore } from "zustand";
import { asSentence } from "../text/errors.ts";
import { t } from "../text/t.ts";
import { api, upload } from "./api.ts";
import { withoutPendingMessage, withPendingMessage } from "./apply.ts";
import { newId } from "./ids.ts";
import type { SharedFile } from "./model.ts";
import type { Links, Session } from "./session.ts";
import { changeLive, showToast } from "./store.ts";

export interface Attachment {
  /** Also the `client_id` of its upload: trying again never stores it twice. */
  id: string;
  name: string;
  bytes: number;
  /** Null where it comes from a draft that the server kept: it is there already. */
  blob: File | null;
  /** Of an image: what shows it before the server has it. */
  shown: string | null;
  status: "waiting" | "uploading" | "done" | "failed";
  /** How much of it has left, from 0 to 1. */
  share: number;
  failure: string | null;
  file: SharedFile | null;
  alt: string;
  /** The server has it in the draft: without it there, it was sent or removed on another device. */
  kept: boolean;
}

/** A message that waits for its files. */
interface Waiting {
  id: string;
  room: number;
  text: string;
  attachments: readonly Attachment[];
  send: (files: number[]) => void;
}

interface FilesState {
  /** Chosen and not sent, by `trayOf`. */
  drafts: Readonly<Record<number, readonly Attachment[]>>;
  waiting: readonly Waiting[];
  /** What was uploaded by this page, for messages that are not in the history yet. */
  uploaded: Readonly<Record<number, SharedFile>>;
}

interface Limits {
  max_files: number;
  max_file_bytes: number;
  used_bytes: number;
  max_bytes: number;
}

const AT_ONCE = 2;
const TRIES = 3;
const RETRY_AFTER_MS = 1_500;
const NOTHING: readonly Attachment[] = [];
const NO_FILES: FilesState = { drafts: {}, waiting: [], uploaded: {} };

const files = createStore<FilesState>(() => NO_FILES);
const running = new Map<string, AbortController>();
let limits: Promise<Limits> | null = null;

/** Where files wait for being sent: a room's, or that of a thread, whose number is below zero. */
export function trayOf(room: number, thread: number | null): number {
  return thread === null ? room : -thread;
}

// ---- what views read

export function useDraftFiles(room: number): readonly Attachment[] {
  return useStore(files, ({ drafts }) => drafts[room] ?? NOTHING);
}

/** The files of a message that waits for them; null for any other. */
export function useWaitingFiles(messageId: string): readonly Attachment[] | null {
  return useStore(files, ({ waiting }) => waiting.find(({ id }) => id === messageId)?.attachments ?? null);
}

export function useUploaded(): Readonly<Record<number, SharedFile>> {
  return useStore(files, ({ uploaded }) => uploaded);
}

/** What a message without text says where there is only a line for it. */
export function sayFiles(shared: readonly SharedFile[] | undefined): string {
  return (shared ?? []).map(({ name, alt }) => alt || name).join(", ");
}

// ---- choosing

export async function addFiles(room: number, blobs: readonly File[]): Promise<void> {
  if (blobs.length === 0) return;
  const { max_files: most, max_file_bytes: largest } = await knownLimits();
  const there = files.getState().drafts[room] ?? NOTHING;
  const accepted = blobs.slice(0, Math.max(0, most - there.length));
  if (accepted.length < blobs.length) {
    const text = t("A message has at most {n} files: send the others in the next one.", { n: most });
    showToast({ id: newId(), title: t("Too many files"), text, level: "warning", link: "" });
  }
  const added = accepted.map((blob): Attachment => {
    const tooLarge = blob.size > largest;
    const megabytes = Math.floor(largest / 1_000_000);
    const failure = tooLarge ? t("The file is too large: {n} MB at most.", { n: megabytes }) : null;
    return {
      id: newId(),
      name: blob.name,
      bytes: blob.size,
      blob,
      shown: blob.type.startsWith("image/") ? URL.createObjectURL(blob) : null,
      status: tooLarge ? "failed" : "waiting",
      share: 0,
      failure,
      file: null,
      alt: "",
      kept: false,
    };
  });
  change(({ drafts }) => ({ drafts: { ...drafts, [room]: [...(drafts[room] ?? NOTHING), ...added] } }));
  uploadNext();
}

/** The ids of the files in the tray that the server has. */
export function uploadedIn(tray: number): number[] {
  return (files.getState().drafts[tray] ?? NOTHING).flatMap(({ file }) => file?.id ?? []);
}

/** The server's draft has these files: they come into the tray, and those that it has no more go. */
export function adoptFiles(tray: number, shared: readonly SharedFile[]): void {
  const ids = new Set(shared.map(({ id }) => id));
  const isThere = ({ file }: Attachment) => file !== null && ids.has(file.id);
  const hasGone = (one: Attachment) => one.kept && !isThere(one);
  (files.getState().drafts[tray] ?? NOTHING).filter(hasGone).forEach(release);
  change(({ drafts }) => {
    const here = (drafts[tray] ?? NOTHING).filter((one) => !hasGone(one)).map((one) => (isThere(one) ? { ...one, kept: true } : one));
    const missing = shared.filter(({ id }) => !here.some(({ file }) => file?.id === id));
    return { drafts: { ...drafts, [tray]: [...missing.map(adopted), ...here] } };
  });
}

function adopted(file: SharedFile): Attachment {
  const shown = file.kind === "image" ? (file.small ?? file.url) : null;
  return { id: newId(), name: file.name, bytes: file.bytes, blob: null, shown, status: "done", share: 1, failure: null, file, alt: file.alt ?? "", kept: true };
}

export function describeFile(id: string, alt: string): void {
  changeAttachment(id, () => ({ alt }));
}

/** Out of the room's draft, wherever its upload is. */
export function removeFile(room: number, id: string): void {
  const attachment = attachments().find((one) => one.id === id);
  change(({ drafts }) => ({ drafts: { ...drafts, [room]: (drafts[room] ?? NOTHING).filter((one) => one.id !== id) } }));
  if (attachment === undefined) return;
  // What the draft has goes with its next save, which the other devices hear of.
  if (attachment.kept) release(attachment);
  else forget(attachment);
}

export function retryFile(id: string): void {
  changeAttachment(id, () => ({ status: "waiting", failure: null, share: 0 }));
  uploadNext();
}

/** Somebody else logs in: nothing of the one before stays. */
export function dropFiles(): void {
  for (const attachment of attachments()) release(attachment);
  for (const controller of running.values()) controller.abort();
  running.clear();
  limits = null;
  files.setState(NO_FILES);
}

// ---- sending

/** Sends what is in the draft of the room or thread: at once, or as soon as its files are there. */
export function sendDraft(session: Session, room: number, text: string, links: Links = {}): void {
  const thread = links.thread ?? null;
  const tray = trayOf(room, thread);
  const draft = files.getState().drafts[tray] ?? NOTHING;
  if (draft.length === 0) return session.sendMessage(room, text, links);
  const id = newId();
  const send = (ids: number[]) => void session.write("chat.message_send", { room, text, files: ids, ...links });
  change(({ drafts, waiting }) => ({
    drafts: { ...drafts, [tray]: NOTHING },
    waiting: [...waiting, { id, room, text, attachments: draft, send }],
  }));
  const reply = { thread, alsoInRoom: links.also_in_room ?? false };
  changeLive((live) => withPendingMessage(live, room, { clientId: id, text, files: [], createdAtMs: Date.now(), ...reply, status: "sending", failure: null }));
  settle();
}

/** The files of a draft, described, for a message that is sent later. */
export async function describedFiles(tray: number): Promise<number[]> {
  const draft = files.getState().drafts[tray] ?? NOTHING;
  await Promise.all(draft.map(describe));
  return draft.flatMap(({ file }) => (file === null ? [] : [file.id]));
}

/** Another message has them now. */
export function handOver(tray: number): void {
  (files.getState().drafts[tray] ?? NOTHING).forEach(release);
  change(({ drafts }) => ({ drafts: { ...drafts, [tray]: NOTHING } }));
}

/** Whether that message waits for files; then those that failed are tried again. */
export function retryWaiting(messageId: string): boolean {
  const message = waitingMessage(messageId);
  if (message === undefined) return false;
  for (const { id, status } of message.attachments) if (status === "failed") retryFile(id);
  settle();
  return true;
}

export function discardWaiting(messageId: string): boolean {
  const message = waitingMessage(messageId);
  if (message === undefined) return false;
  leave(message);
  message.attachments.forEach(forget);
  return true;
}

/** Looks after every message that waits: sends those whose files are there, and says what failed. */
function settle(): void {
  for (const message of files.getState().waiting) {
    const failed = message.attachments.find(({ status }) => status === "failed");
    const pending = { clientId: message.id, text: message.text, files: [], failure: failed?.failure ?? null };
    changeLive((live) => {
      const known = live.rooms[message.room]?.pending.find(({ clientId }) => clientId === message.id);
      const status = failed === undefined ? "sending" : "failed";
      return known === undefined ? live : withPendingMessage(live, message.room, { ...known, ...pending, status });
    });
    if (message.attachments.every(({ status }) => status === "done")) void sendDescribed(message);
  }
}

const sending = new Set<string>();

async function sendDescribed(message: Waiting): Promise<void> {
  if (sending.has(message.id)) return;
  sending.add(message.id);
  try {
    await Promise.all(message.attachments.map(describe));
    if (waitingMessage(message.id) === undefined) return; // discarded meanwhile
    message.send(message.attachments.flatMap(({ file }) => (file === null ? [] : [file.id])));
    leave(message);
    message.attachments.forEach(release);
  } catch (reason) {
    const first = message.attachments[0];
    if (first !== undefined) changeAttachment(first.id, () => ({ status: "failed", failure: asSentence(reason) }));
    settle();
  } finally {
    sending.delete(message.id);
  }
}

/** Tells the server what a person wrote about a file after its upload began. */
async function describe({ file, alt }: Attachment): Promise<void> {
  if (file === null || alt.trim() === (file.alt ?? "")) return;
  await api("PATCH", `/files/${file.id}`, { alt: alt.trim(), client_id: newId() });
}

function leave(message: Waiting): void {
  change(({ waiting }) => ({ waiting: waiting.filter(({ id }) => id !== message.id) }));
  changeLive((live) => withoutPendingMessage(live, message.room, message.id));
}

// ---- uploading

function uploadNext(): void {
  for (const attachment of attachments()) {
    if (running.size >= AT_ONCE) return;
    if (attachment.status === "waiting" && !running.has(attachment.id)) void uploadOne(attachment);
  }
}

async function uploadOne({ id, blob, alt, file: known }: Attachment): Promise<void> {
  if (blob === null) return;
  const controller = new AbortController();
  running.set(id, controller);
  changeAttachment(id, () => ({ status: "uploading" }));
  const onProgress = (share: number) => changeAttachment(id, () => ({ share }));
  try {
    const file = known ?? (await tried(() => upload<SharedFile>("/files", formOf(id, blob, alt), { signal: controller.signal, onProgress })));
    change(({ uploaded }) => ({ uploaded: { ...uploaded, [file.id]: file } }));
    changeAttachment(id, () => ({ status: "done", share: 1, file }));
  } catch (reason) {
    changeAttachment(id, () => ({ status: "failed", failure: asSentence(reason) }));
  } finally {
    running.delete(id);
    uploadNext();
    settle();
  }
}

function formOf(id: string, blob: File, alt: string): FormData {
  const form = new FormData();
  form.append("client_id", id);
  form.append("alt", alt.trim());
  form.append("file", blob, blob.name || "file");
  return form;
}

/** Again, under the same id, where the server or the way to it asks for patience. */
async function tried<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (reason) {
      if (!(reason instanceof CallError) || !reason.retry || tries >= TRIES) throw reason;
      const afterMs = reason.retryAfterMs ?? RETRY_AFTER_MS;
      await new Promise((resolve) => setTimeout(resolve, afterMs));
    }
  }
}

/** Nobody wants it any more. What the server has of it goes by itself within a day. */
function forget(attachment: Attachment): void {
  running.get(attachment.id)?.abort();
  release(attachment);
  const { file } = attachment;
  if (file !== null) void api("DELETE", `/files/${file.id}?client_id=${newId()}`).catch(() => undefined);
}

function release({ shown }: Attachment): void {
  if (shown !== null) URL.revokeObjectURL(shown);
}

// ---- the store

async function knownLimits(): Promise<Limits> {
  limits ??= api<Limits>("GET", "/files/limits");
  try {
    return await limits;
  } catch {
    limits = null;
    // The server itself says what is too much.
    return { max_files: 10, max_file_bytes: Number.POSITIVE_INFINITY, used_bytes: 0, max_bytes: 0 };
  }
}

function attachments(): Attachment[] {
  const { drafts, waiting } = files.getState();
  return [...waiting.flatMap((message) => message.attachments), ...Object.values(drafts).flat()];
}

function waitingMessage(id: string): Waiting | undefined {
  return files.getState().waiting.find((message) => message.id === id);
}

function changeAttachment(id: string, part: (attachment: Attachment) => Partial<Attachment>): void {
  const changed = (all: readonly Attachment[]) => all.map((one) => (one.id === id ? { ...one, ...part(one) } : one));
  change(({ drafts, waiting }) => ({
    drafts: Object.fromEntries(Object.entries(drafts).map(([room, all]) => [room, changed(all)])),
    waiting: waiting.map((message) => ({ ...message, attachments: changed(message.attachments) })),
  }));
}

function change(part: (state: FilesState) => Partial<FilesState>): void {
  files.setState(part);
}
