// The site as people read it: its pages at the widths of a desk and a phone, in light and dark, the filter, and the lines. One line
// `ok NAME` a step; the first that fails ends the walk.
//
//     node walk.mjs SITE

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { launch } from "../../checklist/browser.mjs";
import { headings, lowContrast } from "../../checklist/page.mjs";

const root = pathToFileURL(join(process.argv[2], "/")).href;
const require = createRequire(new URL("../../checklist/browser.mjs", import.meta.url));
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const browser = await launch();
const tab = await (await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: "light" })).newPage();
tab.setDefaultTimeout(20_000);
const complaints = [];
tab.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
tab.on("pageerror", (error) => complaints.push(error.message));
tab.on("request", (request) => request.url().startsWith(root) || complaints.push(`it asks ${request.url()}`));
const open = (page) => tab.goto(root + page);

/** What a picture that is too wide, or a long query, may do inside its own frame the page may not. */
const sideways = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;

const steps = [];
const step = (name, walk) => steps.push([name, walk]);

for (const page of ["index.html", "kpi/cac.html", "source/visits.html", "sources.html", "report/weekly_b2b.html", "lineage.html"]) {
  step(`${page} at any width, in light and dark`, async () => {
    for (const [width, height] of [[1280, 800], [390, 844]]) {
      await tab.setViewportSize({ width, height });
      for (const colorScheme of ["light", "dark"]) {
        const where = `${page} ${width} ${colorScheme}`;
        await tab.emulateMedia({ colorScheme });
        await open(page);
        assert.equal(await tab.evaluate(sideways), 0, where);
        await tab.evaluate(axe);
        const { violations } = await tab.evaluate(() => window.axe.run(document, { preload: false, resultTypes: ["violations"] }));
        assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), [], where);
        assert.deepEqual((await tab.evaluate(lowContrast)).findings, [], where);
        assert.deepEqual(await tab.evaluate(headings), [], where);
      }
    }
    await tab.setViewportSize({ width: 1280, height: 800 });
  });
}

step("typing finds KPIs by words of any case, without accents", async () => {
  await open("index.html");
  const seen = tab.locator("#kpis tbody tr:visible");
  const all = await seen.count();
  await tab.getByLabel("Find").fill("CLV_to_cac rátio");
  assert.equal(await seen.count(), 1);
  await tab.getByLabel("Find").fill("");
  assert.equal(await seen.count(), all);
  await tab.getByRole("link", { name: "CLV to CAC ratio" }).click();
  await tab.getByRole("heading", { level: 1, name: "CLV to CAC ratio" }).waitFor();
});

step("a box that has the focus marks its lines, and leads to its page", async () => {
  await open("lineage.html");
  const box = tab.locator('.lineage a[href="kpi/clv_to_cac.html"]');
  await box.focus();
  const lit = await tab.locator(".lineage path.lit").evaluateAll((paths) => paths.map((path) => path.dataset.joins));
  assert(lit.includes("kpi/cac.html kpi/clv_to_cac.html"), lit.join());
  assert(lit.every((joins) => joins.includes("kpi/clv_to_cac.html")), lit.join());
  await tab.keyboard.press("Enter");
  await tab.waitForURL(/kpi\/clv_to_cac\.html$/);
});

try {
  for (const [name, walk] of steps) {
    await walk();
    assert.deepEqual(complaints, [], name);
    console.log(`ok ${name}`);
  }
} catch (error) {
  console.log(error.stack);
  process.exitCode = 1;
} finally {
  await browser.close();
}
