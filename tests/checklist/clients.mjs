// What Outlook for Windows, Gmail and Apple Mail make of the HTML, by the tables of caniemail.com.
//
// Each client is shown what it reads: Outlook its own conditional comments, no @media block and nothing marked mso-hide:all;
// Gmail nothing for dark schemes, and its page for phones no <style> at all. What stands in other @media blocks is shown as if it
// stood outside, as the tables' program looks into none. What a client then lacks is a finding, unless HARMLESS says why it is none.

import { caniemail } from "caniemail";
import { DomUtils, parseDocument } from "htmlparser2";

const GMAIL = ["gmail.android", "gmail.desktop-webmail", "gmail.ios", "gmail.mobile-webmail"];

/** What a client lacks, and why a letter that uses it loses nothing there. Every entry is a decision: keep them few. */
const HARMLESS = [
  {
    titles: ["color-scheme CSS property", "color-scheme meta tag"],
    clients: [...GMAIL, "outlook.windows", "apple-mail.ios"],
    why: "says that the letter has dark colours of its own; who ignores it keeps the light ones, or inverts them by itself",
  },
  {
    titles: ["display:none"],
    clients: ["gmail.mobile-webmail"],
    why: "the preheader: shown above the title it repeats the worst value, and hides nothing",
  },
  {
    titles: ["white-space"],
    clients: ["outlook.windows"],
    why: "numbers hold no-break spaces; a heading that wraps is a longer row",
  },
  {
    titles: ["Chaining selectors"],
    clients: ["outlook.windows"],
    unless: (html) => (html.match(STYLE) ?? []).some((style) => CHAIN.test(style)),
    why: "the program takes two classes anywhere in a selector for a chain; `.a .b` is none, and Outlook knows it",
  },
  {
    titles: ["border-radius"],
    clients: ["outlook.windows"],
    why: "corners are square",
  },
];

/** `.a.b`, or `td.a:b`: two simple selectors of one element. */
const CHAIN = /[.#][\w-]+[.:#][\w-]+[^{}]*\{/;

/** Gmail drops a longer <style> whole. */
const STYLE_LIMIT = 16 * 1024;

/** @returns {string[]} what is wrong, in words. */
export function unsupported(html) {
  const views = [
    [["outlook.windows"], outlook(html)],
    [["gmail.mobile-webmail"], html.replace(STYLE, "")],
    [GMAIL.filter((client) => client !== "gmail.mobile-webmail"), withStyles(html, (css) => media(css, unlessDark))],
    [["apple-mail.ios", "apple-mail.macos"], withStyles(html, (css) => media(css, (_, block) => block))],
  ];
  const lacking = new Map();
  for (const [clients, view] of views) {
    for (const [client, issues] of caniemail({ clients, html: view }).issues.errors) {
      for (const { title } of issues) {
        const harmless = ({ titles, clients, unless }) => titles.includes(title) && clients.includes(client) && !unless?.(html);
        if (HARMLESS.some(harmless)) continue;
        if (!lacking.has(title)) lacking.set(title, new Set());
        lacking.get(title).add(client);
      }
    }
  }
  const long = (html.match(STYLE) ?? []).map((style) => Buffer.byteLength(style)).filter((bytes) => bytes > STYLE_LIMIT);
  return [
    ...[...lacking].map(([title, clients]) => `${title} is unknown to ${[...clients].sort().join(", ")}`),
    ...long.map((bytes) => `a <style> of ${bytes} bytes is dropped by Gmail, ${STYLE_LIMIT} are the limit`),
  ];
}

const STYLE = /<style\b[^>]*>[\s\S]*?<\/style>/gi;

const unlessDark = (query, block) => (/prefers-color-scheme/.test(query) ? "" : block);

function withStyles(html, change) {
  return html.replace(STYLE, (style) => style.replace(/>[\s\S]*</, (css) => `>${change(css.slice(1, -1))}<`));
}

/** The letter as Word's engine reads it. */
export function outlook(html) {
  const own = html
    .replace(/<!--\[if !mso\]><!-->[\s\S]*?<!--<!\[endif\]-->/gi, "")
    .replace(/<!--\[if [^\]]*\]>/gi, "")
    .replace(/<!\[endif\]-->/gi, "");
  const document = parseDocument(withStyles(own, (css) => media(css, () => "")));
  const hidden = (element) => /mso-hide\s*:\s*all/i.test(element.attribs?.style ?? "");
  for (const element of DomUtils.findAll(hidden, document.children)) DomUtils.removeElement(element);
  return DomUtils.getOuterHTML(document);
}

/** Puts `change(query, block)` in the place of each `@media query { block }`, whatever braces the block holds. */
function media(css, change) {
  const start = css.search(/@media\b/i);
  const open = css.indexOf("{", start);
  if (start < 0 || open < 0) return css;
  let depth = 0;
  let end = open;
  do {
    if (css[end] === "{") depth++;
    if (css[end] === "}") depth--;
    end++;
  } while (depth > 0 && end < css.length);
  return css.slice(0, start) + change(css.slice(start, open), css.slice(open + 1, end - 1)) + media(css.slice(end), change);
}
