// What the HTML's own text shows: is it valid, and does it hold anything that no mail may hold?

import { DomUtils, parseDocument } from "htmlparser2";
import { HtmlValidate, StaticConfigLoader } from "html-validate";

/** Elements that clients strip, block or warn of. */
const ELEMENTS = [
  "script", "noscript", "svg", "math", "canvas", "iframe", "frame", "object", "embed", "applet", "video", "audio", "source",
  "form", "input", "button", "select", "textarea", "link", "base",
];

/** Where an attribute makes a client load something. */
const LOADS = ["src", "srcset", "background", "poster", "data", "lowsrc", "longdesc"];

/** A link goes to the web, to a mailbox or to a place in the letter. */
const LINK = /^(https?:\/\/|mailto:|#)/i;

/** @returns {string[]} what is wrong, in words. `html` as Outlook reads it, so that conditional comments hide nothing. */
export function forbidden(html) {
  const found = new Set();
  for (const element of DomUtils.getElementsByTagName("*", parseDocument(html))) {
    const { name, attribs } = element;
    if (ELEMENTS.includes(name)) found.add(`<${name}>`);
    if (name === "meta" && /refresh/i.test(attribs["http-equiv"] ?? "")) found.add("<meta http-equiv=refresh>");
    for (const [key, value] of Object.entries(attribs)) {
      if (key.startsWith("on")) found.add(`the attribute ${key}`);
      if (LOADS.includes(key) && !value.startsWith("cid:")) found.add(`${key}=${short(value)}`);
      if (key === "href" && !LINK.test(value)) found.add(`href=${short(value)}`);
      if (key === "style") css(value, found);
    }
    if (name === "style") css(DomUtils.textContent(element), found);
  }
  return [...found];
}

function css(text, found) {
  for (const [match] of text.matchAll(/url\s*\([^)]*\)?|@import\b|@font-face\b|expression\s*\(/gi)) found.add(`CSS ${short(match)}`);
}

function short(text) {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** Attributes that HTML 5 has given up and Outlook's Word engine lives by. */
const OUTLOOK = /"(width|height|align|valign|bgcolor|border|cellpadding|cellspacing|background)" is deprecated/;

const validator = new HtmlValidate(
  new StaticConfigLoader({
    root: true,
    extends: ["html-validate:standard"],
    elements: ["html5"],
  }),
);

/** @returns {Promise<string[]>} */
export async function invalid(html) {
  const report = await validator.validateString(html);
  return report.results
    .flatMap((result) => result.messages)
    .filter(({ ruleId, message }) => ruleId !== "no-deprecated-attr" || !OUTLOOK.test(message))
    .map(({ ruleId, message, line }) => `${message} (${ruleId}, line ${line})`);
}

/** @returns {string[]} conditional comments that are not closed, or inside each other. */
export function unclosed(html) {
  const found = [];
  let open = 0;
  for (const [mark] of html.matchAll(/<!--\[if [^\]]*\]>|<!\[endif\]-->/gi)) {
    open += mark.includes("[if") ? 1 : -1;
    if (open !== 0 && open !== 1) break;
  }
  if (open !== 0) found.push("a conditional comment is opened and not closed, or the other way round");
  return found;
}
