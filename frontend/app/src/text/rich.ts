/** What a message says, from the HTML that the server made of it. The server's allow-list made that safe. */

/** What stands for the words of a spoiler; as the server has it. */
const COVER = "▒▒▒";
const BLOCKS = new Set("P LI PRE BLOCKQUOTE TR DIV HR".split(" "));

export interface Said {
  text: string;
  html?: string;
}

export function parsedHtml(html: string): HTMLElement {
  return new DOMParser().parseFromString(html, "text/html").body;
}

const known = new WeakMap<Said, string>();

/** The words in one line, without marks and without what is behind spoilers: for lists, titles and screen readers. */
export function plainText(said: Said): string {
  let plain = known.get(said);
  if (plain === undefined) {
    const { text, html = "" } = said;
    plain = (html === "" ? text : words(parsedHtml(html))).replace(/\s+/g, " ").trim();
    known.set(said, plain);
  }
  return plain;
}

function words(node: Node): string {
  if (node instanceof Text) return node.data;
  if (!(node instanceof HTMLElement)) return "";
  if (node.tagName === "BR") return "\n";
  if (node.tagName === "IMG") return node.getAttribute("alt") ?? "";
  if (node.classList.contains("spoiler")) return COVER;
  const inner = Array.from(node.childNodes, words).join("");
  if (node.tagName === "TD" || node.tagName === "TH") return `${inner} `;
  return BLOCKS.has(node.tagName) ? `${inner}\n` : inner;
}
