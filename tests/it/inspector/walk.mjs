// The inspector as people use it, on the preview's own page. One line `ok NAME` a step; the first that fails ends the walk.
//
//     node walk.mjs URL YAML

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { launch } from "../../checklist/browser.mjs";
import { headings, lowContrast } from "../../checklist/page.mjs";

const [url, yaml] = process.argv.slice(2);
const require = createRequire(new URL("../../checklist/browser.mjs", import.meta.url));
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const browser = await launch();
const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: "light", permissions: ["clipboard-read", "clipboard-write"] });
const tab = await context.newPage();
tab.setDefaultTimeout(20_000);
const complaints = [];
tab.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
tab.on("pageerror", (error) => complaints.push(error.message));
tab.on("request", (request) => /^(data:|about:)/.test(request.url()) || request.url().startsWith(url) || complaints.push(`it asks ${request.url()}`));

const inspector = tab.locator("#inspector");
const section = (name) => inspector.locator(`[data-section=${name}]`);
const node = (text) => section("formula").locator(".node", { has: tab.locator(`:scope > code:text-is("${text}")`) }).first();
const plot = inspector.locator(".plot");
const tip = inspector.locator(".tip");
const plain = (text) => text.replace(/\s+/g, " ");
const lines = async () => (await tip.locator(":scope > *").allTextContents()).map(plain);
/** Where a period stands on the page. */
const place = async (at) => {
  const box = await inspector.locator(`svg [data-at="${at}"]`).boundingBox();
  return [box.x + box.width / 2, box.y + box.height / 2];
};

const steps = [];
const step = (name, walk) => steps.push([name, walk]);

step("a KPI is opened, and its hostile name is text", async () => {
  await tab.goto(`${url}#report=weekly&kpi=rate`);
  await plot.locator("svg").waitFor();
  assert.equal(await tab.locator("#inspected").textContent(), `<img src=x onerror="document.title='hacked'"> & Co`);
  assert.equal(await tab.locator("img").count(), 0);
  assert.equal(await tab.locator("#inspector b").filter({ hasText: "Winter" }).count(), 0);
  assert.match(await section("targets").textContent(), /2026-11-01.*<b>Winter<\/b>/);
  assert.doesNotMatch(await tab.title(), /hacked/);
});

step("the value, its verdict and what it is held against", async () => {
  assert.equal(plain(await section("value").locator(".big").textContent()), "4.2%● met");
  const facts = (await section("value").locator("dl > div").allInnerTexts()).map(plain);
  assert(facts.includes("Target ≥ 4% · since 2026-11-01 · <b>Winter</b>"), facts.join("\n"));
  assert(facts.includes("2026-W45 (before) 3.0% · +1.2 pp"), facts.join("\n"));
  assert.match(await section("value").textContent(), /rate · .*kpis\/all\.yaml:\d+/);
});

step("the tree shows what each part gave, and what was not evaluated", async () => {
  assert.equal(await node("rate").locator(".value").textContent(), "0.041667");
  assert.equal(await node("visits.visits > 0").locator(".value").textContent(), "true");
  assert.equal(await node("1 / 0").locator(".value").textContent(), "not evaluated");
  assert.equal(await node("1 / 0").locator("button").count(), 0);
});

step("a KPI in the formula opens to its own formula, with its own filter", async () => {
  await node("mobile / visits.visits + 0 * previous(mobile)").locator("button").click();
  await node("mobile / visits.visits").locator("button").focus();
  await tab.keyboard.press("Enter");
  const mobile = node("mobile");
  assert.equal(await mobile.locator(".note").textContent(), "device is mobile");
  const toggle = mobile.locator("button.toggle");
  assert.equal(await toggle.getAttribute("aria-expanded"), "false");
  await toggle.click();
  assert.equal(await toggle.getAttribute("aria-expanded"), "true");
  assert.equal(await section("formula").locator(".is").first().textContent(), "= visits.leads");
});

step("the part that is pointed at is marked in the formula", async () => {
  await node("visits.visits > 0").locator("code").hover();
  assert.deepEqual(await section("formula").locator("mark").allTextContents(), ["visits.visits > 0"]);
  await section("formula").locator("h3").hover();
  assert.equal(await section("formula").locator("mark").count(), 0);
});

step("the chart is read with the keyboard", async () => {
  await plot.focus();
  await tab.keyboard.press("End");
  assert.deepEqual(await lines(), ["2026-W46", "2026-11-09 – 2026-11-15", "4.2%", "Target ≥ 4%", "● met", "◇ 2025-W46 5.0% (-0.8 pp)"]);
  await tab.keyboard.press("ArrowLeft");
  assert.deepEqual((await lines()).slice(0, 5), ["2026-W45", "2026-11-02 – 2026-11-08", "3.0%", "Target ≥ 4%", "■ missed"]);
  await tab.keyboard.press("Home");
  await tab.keyboard.press("ArrowRight");
  assert.deepEqual((await lines()).slice(2), ["6.7%", "Target ≥ 5%", "○ not judged: sample too small"]);
  await tab.keyboard.press("ArrowRight");
  assert.deepEqual((await lines()).slice(2), ["missing: 0 = 0", "Target ≥ 5%", "○ not judged"]);
  await plot.blur();
  assert(await tip.isHidden());
});

step("the chart is read with the mouse", async () => {
  await tab.mouse.move(...(await place(0)));
  assert.deepEqual((await lines()).slice(0, 3), ["2026-W41", "2026-10-05 – 2026-10-11", "5.6%"]);
  assert(await inspector.locator('svg [data-at="0"].active').count());
  await section("trend").locator("h3").hover();
  assert(await tip.isHidden());
});

step("a part of the chart is dragged larger, by keys too, and given back", async () => {
  const dots = () => inspector.locator("svg [data-at]").count();
  assert.equal(await dots(), 6);
  await tab.mouse.move(...(await place(2)));
  await tab.mouse.down();
  await tab.mouse.move(...(await place(5)), { steps: 4 });
  assert.equal(await inspector.locator("svg .brush").count(), 1);
  await tab.mouse.up();
  assert.equal(await dots(), 4);
  await tab.getByRole("button", { name: "Show all" }).click();
  assert.equal(await dots(), 6);
  await plot.focus();
  await tab.keyboard.press("End");
  await tab.keyboard.press("+");
  assert.equal(await dots(), 3);
  await tab.keyboard.press("0");
  assert.equal(await dots(), 6);
});

step("the trend and its verdicts are there as a table", async () => {
  await section("trend").locator("summary").click();
  const rows = (await section("trend").locator("tbody tr").allInnerTexts()).map(plain);
  assert.deepEqual([rows.length, rows[0]], [6, "2026-W46 4.2% ≥ 4% ● met"]);
});

step("drivers follow the comparison that is chosen, segments are sorted", async () => {
  const ends = () => section("drivers").locator(".total").allInnerTexts().then((texts) => texts.map(plain));
  assert.deepEqual(await ends(), ["2026-W45 3.0%", "2026-W46 4.2%"]);
  await section("drivers").getByRole("radio", { name: "2025-W46" }).check();
  assert.deepEqual(await ends(), ["2025-W46 5.0%", "2026-W46 4.2%"]);
  const names = () => section("segments").locator("tbody th").allTextContents();
  const sort = section("segments").getByRole("button", { name: "channel" });
  await sort.click();
  assert.deepEqual(await names(), ["(none)", "organic", "paid"]);
  await tab.keyboard.press("Enter");
  assert.deepEqual(await names(), ["paid", "organic", "(none)"]);
  assert.equal(await section("segments").locator("th").first().getAttribute("aria-sort"), "descending");
});

step("SQL is numbered, its parameters stand out, and it can be copied", async () => {
  await section("sources").locator("summary").click();
  assert.deepEqual(await section("sources").locator(".sql b").allTextContents(), [":start", ":start", ":end"]);
  assert.equal(await section("sources").locator(".sql li").count(), 3);
  await section("sources").getByRole("button", { name: "Copy: visits" }).click();
  await section("sources").getByText("Copied").waitFor();
  assert.match(await tab.evaluate(() => navigator.clipboard.readText()), /^SELECT day, channel[^]*:end$/);
  await node("visits.leads").getByRole("button", { name: "2 rows" }).click();
  assert.equal(await section("rows").locator("select option:checked").textContent(), "visits · 2026-11-09 – 2026-11-16 · device is mobile");
  const rows = (await section("rows").locator("tbody tr").allInnerTexts()).map(plain);
  assert.deepEqual(rows, ["2026-11-09 paid mobile 50 4", "2026-11-10 NULL mobile 20 1"]);
});

step("a save leaves open what was opened, and the focus where it was", async () => {
  await node("mobile").locator("button.toggle").focus();
  writeFileSync(yaml, readFileSync(yaml, "utf8").replace("Of all visits", "Of every visit"));
  await section("value").getByText("Of every visit").waitFor();
  assert.equal(await node("mobile").locator("button.toggle").getAttribute("aria-expanded"), "true");
  assert(await node("mobile").locator("button.toggle").evaluate((button) => button === document.activeElement));
  assert.equal(await section("segments").locator("th").first().getAttribute("aria-sort"), "descending");
  assert(await section("sources").locator("details").evaluate((details) => details.open));
});

step("every word is there in every language", async () => {
  const said = (language, kpi) =>
    tab.evaluate(async ([language, kpi]) => {
      const { mount } = await import("/assets/inspector.js");
      const data = await (await fetch(`/api/kpi/${kpi}?report=weekly`)).json();
      const box = document.createElement("div");
      mount(box, { ...data, language });
      return [box.textContent, ...Array.from(box.querySelectorAll("[aria-label]"), (element) => element.getAttribute("aria-label"))].join(" ");
    }, [language, kpi]);
  for (const kpi of ["rate", "mobile", "cost"]) {
    for (const language of ["en", "es"]) assert.doesNotMatch(await said(language, kpi), /undefined|function|=>/, `${kpi} ${language}`);
  }
  assert.match(await said("es", "cost"), /Fórmula.*falta: la fuente spend ha fallado.*Por qué ha cambiado/);
});

step("everybody can use it, at any width, in light and dark, with data missing too", async () => {
  for (const kpi of ["rate", "cost"]) {
    await tab.goto(`${url}#report=weekly&kpi=${kpi}`);
    await inspector.getByText(`${kpi} · `).waitFor();
    for (const [width, height] of [[1280, 900], [390, 844]]) {
      await tab.setViewportSize({ width, height });
      assert.equal(await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0, `${kpi} ${width}`);
      for (const colorScheme of ["light", "dark"]) {
        await tab.emulateMedia({ colorScheme });
        await tab.evaluate(axe);
        const { violations } = await tab.evaluate(() => window.axe.run("#inspector", { resultTypes: ["violations"] }));
        assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), [], `${kpi} ${width} ${colorScheme}`);
        assert.deepEqual((await tab.evaluate(lowContrast)).findings, [], `${kpi} ${width} ${colorScheme}`);
      }
    }
  }
  assert.match(await section("formula").textContent(), /spend\.costmissing: source spend failed/);
  assert.match(await section("sources").textContent(), /no such table: spent/);
  assert.deepEqual(await tab.evaluate(headings), []);
  assert.deepEqual(complaints, []);
});

try {
  for (const [name, walk] of steps) {
    await walk().catch((error) => {
      throw new Error(`${name}: ${error.stack}\nproblems: ${complaints.join("\n")}`);
    });
    console.log(`ok ${name}`);
  }
} catch (error) {
  console.log(error.message);
  if (process.env.KPID_TEST_PICTURE) await tab.screenshot({ path: process.env.KPID_TEST_PICTURE, fullPage: true });
  process.exitCode = 1;
} finally {
  await browser.close();
}
