/**
 * What a message says: the server's safe HTML, made into elements of the page one by one; where the text says it all,
 * the text. The names in it that reached somebody stand out, one's own more than others.
 */
import { createElement, type KeyboardEvent, type ReactNode, useMemo, useState } from "react";
import { meansMe } from "../live/apply.ts";
import type { Mention } from "../live/model.ts";
import { announce } from "../live/store.ts";
import { safeHref } from "../text/links.ts";
import { marked } from "../text/marked.ts";
import { parsedHtml } from "../text/rich.ts";
import { t } from "../text/t.ts";
import { copyText } from "../ui/clipboard.ts";
import { CheckIcon, CopyIcon } from "../ui/icons.tsx";
import { IconButton } from "../ui/parts.tsx";
import "../rich.css";

interface TextProps {
  text: string;
  /** "" or nothing: the text says it all, or is not stored yet. */
  html?: string | undefined;
  mentions: readonly Mention[];
  me: number;
}

export function MessageText({ text, html = "", mentions, me }: TextProps) {
  const body = useMemo(() => (html === "" ? null : parsedHtml(html)), [html]);
  if (body === null) return <PlainText text={text} mentions={mentions} me={me} />;
  return (
    <div className="rich rich-message" dir="auto">
      {shownAll(body, me)}
    </div>
  );
}

function PlainText({ text, mentions, me }: { text: string; mentions: readonly Mention[]; me: number }) {
  return marked(text, mentions).map((piece, at) => {
    switch (piece.kind) {
      case "text":
        return piece.text;
      case "mention":
        return (
          // oxlint-disable-next-line react/no-array-index-key -- a text's pieces never move
          <MentionName key={at} isMine={piece.mention.kind === "here" || meansMe([piece.mention], me)}>
            {piece.text}
          </MentionName>
        );
      case "link":
        return (
          // oxlint-disable-next-line react/no-array-index-key -- a text's pieces never move
          <Address key={at} href={piece.href}>
            {piece.text}
          </Address>
        );
    }
  });
}

// ---- the server's HTML

const SIMPLE = new Set("STRONG EM S UL LI CODE BLOCKQUOTE TABLE THEAD TBODY TR TH TD P".split(" "));
const OWN_EMOJI = /^\/api\/emoji\/[0-9a-f]{64}\.webp$/;

function shownAll(parent: ParentNode, me: number): ReactNode[] {
  return Array.from(parent.childNodes, (node, at) => shown(node, at, me));
}

/** The page's own element for one of the server's; of anything that is not on the list, its words. */
function shown(node: Node, key: number, me: number): ReactNode {
  if (node instanceof Text) return node.data;
  if (!(node instanceof HTMLElement)) return null;
  const { tagName, className } = node;
  if (SIMPLE.has(tagName)) return createElement(tagName.toLowerCase(), { key, ...(className && { className }) }, ...shownAll(node, me));
  switch (tagName) {
    case "BR":
      return <br key={key} />;
    case "HR":
      return <hr key={key} />;
    case "OL":
      return (
        <ol key={key} start={Number(node.getAttribute("start") ?? 1)}>
          {shownAll(node, me)}
        </ol>
      );
    case "A":
      return (
        <Address key={key} href={node.getAttribute("href") ?? ""} title={node.title}>
          {shownAll(node, me)}
        </Address>
      );
    case "IMG":
      return <OwnEmoji key={key} name={node.getAttribute("alt") ?? ""} src={node.getAttribute("src") ?? ""} />;
    case "PRE":
      return (
        <CodeBlock key={key} language={node.dataset["language"] ?? ""} code={node.textContent ?? ""}>
          {shownAll(node, me)}
        </CodeBlock>
      );
    case "DIV":
      return (
        <div key={key} className="wide" tabIndex={0} role="region" aria-label={t("Table")}>
          {shownAll(node, me)}
        </div>
      );
    case "SPAN":
      return shownSpan(node, key, me);
    default:
      return node.textContent;
  }
}

function shownSpan(node: HTMLElement, key: number, me: number): ReactNode {
  const inner = shownAll(node, me);
  if (node.classList.contains("spoiler")) return <Spoiler key={key}>{inner}</Spoiler>;
  if (!node.classList.contains("mention")) {
    return (
      <span key={key} className={node.className}>
        {inner}
      </span>
    );
  }
  const isMine = node.dataset["mention"] !== "user" || Number(node.dataset["user"]) === me;
  return (
    <MentionName key={key} isMine={isMine}>
      {inner}
    </MentionName>
  );
}

// ---- what it is made of

function MentionName({ isMine, children }: { isMine: boolean; children: ReactNode }) {
  const tone = isMine ? "bg-bronze-soft text-bronze font-semibold" : "bg-accent-soft text-accent-strong font-medium";
  return <span className={`rounded px-1 py-px [overflow-wrap:anywhere] ${tone}`}>{children}</span>;
}

function Address({ href, title = "", children }: { href: string; title?: string; children: ReactNode }) {
  const safe = href.startsWith("mailto:") ? href : safeHref(href);
  if (safe === null) return children;
  return (
    <a
      href={safe}
      {...(title !== "" && { title })}
      target="_blank"
      rel="noopener noreferrer nofollow ugc"
      className="text-accent underline underline-offset-2 [overflow-wrap:anywhere]"
    >
      {children}
    </a>
  );
}

function OwnEmoji({ name, src }: { name: string; src: string }) {
  if (!OWN_EMOJI.test(src)) return name;
  return <img className="emoji" src={src} alt={name} title={name} loading="lazy" draggable={false} />;
}

/** Hidden until somebody wants to see it. What is hidden can be neither reached by keyboard nor copied. */
function Spoiler({ children }: { children: ReactNode }) {
  const [isOpen, setIsOpen] = useState(false);
  if (isOpen) return <span className="spoiler open">{children}</span>;
  const open = (event: { preventDefault: () => void }) => {
    event.preventDefault();
    setIsOpen(true);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" || event.key === " ") open(event);
  };
  return (
    <span className="spoiler" role="button" tabIndex={0} aria-label={t("Spoiler: show what it says")} title={t("Spoiler: show what it says")} onClick={open} onKeyDown={onKeyDown}>
      <span aria-hidden="true" inert>
        {children}
      </span>
    </span>
  );
}

const COPIED_FOR_MS = 2_000;

function CodeBlock({ language, code, children }: { language: string; code: string; children: ReactNode }) {
  const [isCopied, setIsCopied] = useState(false);
  const copy = () => {
    void copyText(code).then((worked) => {
      if (!worked) return;
      announce(t("Copied"));
      setIsCopied(true);
      setTimeout(() => setIsCopied(false), COPIED_FOR_MS);
    });
  };
  return (
    <figure className="code" aria-label={language === "" ? t("Code") : t("Code in {language}", { language })}>
      <figcaption>
        <span>{language}</span>
        <IconButton label={isCopied ? t("Copied") : t("Copy code")} className="size-7" onClick={copy}>
          {isCopied ? <CheckIcon width={15} height={15} /> : <CopyIcon width={15} height={15} />}
        </IconButton>
      </figcaption>
      <pre tabIndex={0}>{children}</pre>
    </figure>
  );
}
