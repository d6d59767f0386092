// The rules of the mail checklist that need HTML: for each file, one line a finding, `FILE: RULE: WHAT`; nothing when all is well.
//
//     node tests/checklist/check.mjs FILE…     .eml or .html
//
// The rules:
//     client     Outlook for Windows, Gmail or Apple Mail doesn't know it (clients.mjs has what is harmless)
//     forbidden  script, form, SVG, data:, remote content …
//     comment    conditional comments for Outlook that don't match
//     html       not valid
//     axe        what axe-core finds, in the light and in the dark scheme
//     contrast   below 4.5:1, in both schemes, on a desktop's and a phone's width
//     width      wider than the window of 1200, 700, 360 or 320 px, also with pictures blocked
//     headings, alt, table
// Everything about the mail as a message is mail.py's; numbers are numbers.py's.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { launch, page } from "./browser.mjs";
import { outlook, unsupported } from "./clients.mjs";
import { each } from "./each.mjs";
import { open, withImages } from "./letter.mjs";
import * as rules from "./page.mjs";
import { forbidden, invalid, unclosed } from "./source.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** A mail is a part of its client's page, which has the landmarks; headings and alt texts are judged by stricter rules here. */
const NOT_AXE = ["region", "landmark-one-main", "page-has-heading-one", "heading-order", "empty-heading", "image-alt", "bypass"];
const WINDOW = { wide: { width: 1200, height: 900 }, phone: { width: 360, height: 740 } };

async function findings(tab, file) {
  const found = [];
  const add = (rule, what) => found.push(...what.map((words) => `${file}: ${rule}: ${words.replace(/\s+/g, " ")}`));
  const letter = await open(file);
  add("client", unsupported(letter.html));
  add("forbidden", forbidden(outlook(letter.html)));
  add("comment", unclosed(letter.html));
  add("html", await invalid(letter.html));
  await inBrowser(tab, letter, add);
  return found;
}

/** A new document in a page that is used again, in which axe is there already. */
async function inBrowser(tab, letter, add) {
  tab.wanted.clear();
  await tab.emulateMedia({ colorScheme: "light" });
  await tab.setViewportSize(WINDOW.wide);
  await tab.setContent(withImages(letter), { waitUntil: "load" });
  for (const [rule, question] of [["headings", rules.headings], ["alt", rules.silentPictures], ["table", rules.badTables]]) {
    add(rule, await tab.evaluate(question));
  }
  add("axe", await violations(tab, { rules: Object.fromEntries(NOT_AXE.map((id) => [id, { enabled: false }])) }));
  for (const scheme of ["light", "dark"]) {
    await tab.emulateMedia({ colorScheme: scheme });
    for (const [width, size] of Object.entries(WINDOW)) {
      await tab.setViewportSize(size);
      const { texts, findings } = await tab.evaluate(rules.lowContrast);
      add("contrast", findings.map((words) => `${words} (${scheme}, ${width})`));
      if (!texts) add("contrast", [`no text is seen (${scheme}, ${width})`]);
    }
  }
  add("axe", (await violations(tab, { runOnly: ["color-contrast"] })).map((words) => `${words} (dark)`));
  for (const blocked of [false, true]) {
    if (blocked) await tab.evaluate(() => Array.from(document.images, (image) => image.removeAttribute("src")));
    for (const width of [1200, 700, 360, 320]) {
      await tab.setViewportSize({ width, height: 740 });
      const wide = await tab.evaluate(rules.tooWide);
      add("width", wide.map((words) => (blocked ? `${words} (pictures blocked)` : words)));
    }
    if (!letter.images.size) break;
  }
  add("forbidden", [...tab.wanted].filter((url) => !/^(about|cid|data):/.test(url)).map((url) => `it wants to load ${url}`));
}

async function violations(tab, options) {
  const { violations } = await tab.evaluate((options) => window.axe.run(document, { ...options, resultTypes: ["violations"] }), options);
  return violations.map(({ id, help, nodes }) => {
    const more = nodes.length > 1 ? `, and ${nodes.length - 1} more` : "";
    return `${id}: ${help}: ${nodes[0].html.slice(0, 120)}${more}`;
  });
}

const browser = await launch();
try {
  const tab = async () => {
    const own = await page(browser);
    await own.evaluate(axe);
    return own;
  };
  const found = (await each(process.argv.slice(2), tab, (file, own) => findings(own, file))).flat();
  for (const line of found) console.log(line);
  process.exitCode = found.length ? 1 : 0;
} finally {
  await browser.close();
}
