// The preview as people use it: looks, clicks, keys, and saves of the folder beside it. One line `ok NAME` a step; the first that fails
// ends the walk with what was seen.
//
//     node walk.mjs URL FOLDER

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { launch } from "../../checklist/browser.mjs";
import { headings, lowContrast, tooWide } from "../../checklist/page.mjs";

const [url, folder] = process.argv.slice(2);
const file = join(folder, "all.yaml");
const original = readFileSync(file, "utf8");
const require = createRequire(new URL("../../checklist/browser.mjs", import.meta.url));
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const browser = await launch();
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: "light" });
const tab = await context.newPage();
tab.setDefaultTimeout(20_000);
const complaints = [];
tab.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
tab.on("pageerror", (error) => complaints.push(error.message));
const elsewhere = [];
tab.on("request", (request) => !request.url().startsWith(new URL(url).origin) && !request.url().startsWith("data:") && elsewhere.push(request.url()));

const mail = () => tab.frameLocator("#screen iframe:not(.coming)");
const told = async () => (await (await tab.request.get(new URL("/api/report/weekly", url).href)).json());
const save = (from, to) => {
  assert(original.includes(from), from);
  writeFileSync(file, original.replace(from, to));
};
const steps = [];
const step = (name, walk) => steps.push([name, walk]);

step("the mail is there", async () => {
  await tab.goto(url);
  await mail().getByRole("heading", { level: 1, name: "Weekly figures" }).waitFor();
  assert.equal(await tab.locator("#folder").textContent(), "kpis");
  assert.match(await tab.locator("#head").textContent(), /Weekly figures.*Figures.*<kpis@example.com> to Any reader/);
});

step("a person's language", async () => {
  await tab.getByLabel("As", { exact: true }).selectOption("ana");
  await mail().getByRole("heading", { level: 1, name: "Cifras de la semana" }).waitFor();
  await tab.locator("#stage").click({ position: { x: 5, y: 5 } });
  await tab.keyboard.press("p");
  await mail().getByRole("heading", { level: 1, name: "Weekly figures" }).waitFor();
  assert.equal(await tab.locator("#to").inputValue(), "tom");
});

step("dark as the mail is dark", async () => {
  const background = () => mail().locator("body").evaluate((body) => getComputedStyle(body).backgroundColor);
  assert.equal(await background(), "rgb(255, 255, 255)");
  await tab.keyboard.press("d");
  await tab.locator(".device.dark").waitFor();
  await tab.waitForFunction(() => getComputedStyle(document.querySelector("#screen iframe:not(.coming)").contentDocument.body).backgroundColor === "rgb(22, 24, 27)");
  // The page itself stays as the viewer has it.
  assert.equal(await tab.evaluate(() => getComputedStyle(document.querySelector(".bar")).backgroundColor), "rgb(255, 255, 255)");
  await tab.getByRole("radio", { name: "Light" }).check();
});

step("the width of a phone", async () => {
  await tab.getByRole("radio", { name: "Phone" }).check();
  await tab.locator(".device.phone iframe:not(.coming)").waitFor();
  await tab.waitForFunction(() => document.querySelectorAll("#screen iframe").length === 1);
  assert.equal(await tab.locator("#screen iframe").evaluate((frame) => frame.contentWindow.innerWidth), 360);
  assert.deepEqual(await mail().locator("body").evaluate(tooWide), []);
  await tab.keyboard.press("w");
  await tab.locator(".device.desktop").waitFor();
});

step("pictures blocked", async () => {
  const drawn = () => mail().locator("img").evaluateAll((images) => images.filter((image) => image.naturalWidth > 0).length);
  await tab.waitForFunction(() => document.querySelectorAll("#screen iframe").length === 1);
  assert((await drawn()) > 0);
  await tab.getByLabel("Pictures blocked").check();
  await mail().locator("img:not([src])").first().waitFor();
  assert.equal(await drawn(), 0);
  await tab.getByLabel("Pictures blocked").uncheck();
  await mail().locator("img[src]").first().waitFor();
});

step("plain text", async () => {
  await tab.getByRole("radio", { name: "Plain text" }).check();
  await tab.locator("pre.plain").waitFor();
  assert.match(await tab.locator("pre.plain").textContent(), /^Weekly figures\n[^]*Leads/);
});

step("the line of an inbox", async () => {
  await tab.keyboard.press("v");
  await tab.locator(".unread .subject").waitFor();
  const report = await told();
  assert.equal(await tab.locator(".unread .name").textContent(), "Figures");
  assert.equal(await tab.locator(".unread .subject").textContent(), report.subject);
  assert.equal(await tab.locator(".unread .preheader").textContent(), report.preheader);
  await tab.getByRole("radio", { name: "Mail" }).check();
});

step("another period", async () => {
  await tab.locator("#rows [data-kpi=leads_total]", { hasText: "12" }).waitFor();
  await tab.getByRole("button", { name: "Earlier period" }).click();
  await tab.locator("#rows [data-kpi=leads_total]", { hasText: "4" }).waitFor();
  assert.equal(await tab.locator("#period").inputValue(), "2026-W45");
  await tab.getByLabel("Period", { exact: true }).selectOption("2026-W46");
  await tab.locator("#rows [data-kpi=leads_total]", { hasText: "12" }).waitFor();
});

step("of many looks in a hurry the last one counts", async () => {
  await tab.locator("#stage").click({ position: { x: 5, y: 5 } });
  for (const key of ["d", "w", "v", "d", "v", "w", "v", "d", "d"]) await tab.keyboard.press(key);
  await tab.locator(".device.desktop.light.html iframe:not(.coming)").waitFor();
  await tab.waitForFunction(() => document.querySelectorAll("#screen > *").length === 1);
  await tab.locator("#rows [data-kpi=leads_total]").click();
  for (const key of ["[", "]", "["]) await tab.keyboard.press(key);
  await tab.locator("#rows [data-kpi=leads_total]", { hasText: "4" }).waitFor({ state: "attached" });
  await tab.locator("#inspector", { hasText: "2026-W45" }).waitFor();
  await tab.locator("#inspector .big", { hasText: "4" }).waitFor();
  await tab.keyboard.press("Escape");
  await tab.getByLabel("Period", { exact: true }).selectOption("2026-W46");
  await tab.locator("#rows [data-kpi=leads_total]", { hasText: "12" }).waitFor();
});

step("a reload keeps what is looked at", async () => {
  await tab.getByRole("radio", { name: "Dark" }).check();
  await tab.locator(".device.dark").waitFor();
  assert.match(tab.url(), /#report=weekly&to=tom&period=2026-W46&scheme=dark$/);
  await tab.reload();
  await tab.locator(".device.dark").waitFor();
  assert.equal(await tab.locator("#to").inputValue(), "tom");
  assert(await tab.getByRole("radio", { name: "Dark" }).isChecked());
  await tab.getByRole("radio", { name: "Light" }).check();
  await tab.locator(".device.light").waitFor();
});

step("a save of a name, without a query", async () => {
  await tab.evaluate(() => { window.here = true; });
  save("{ en: Leads,", "{ en: New contacts,");
  await mail().getByText("New contacts", { exact: true }).first().waitFor();
  await tab.locator("#rows", { hasText: "New contacts" }).waitFor();
  assert.deepEqual((await told()).queries, { asked: 0, reused: 3 });
  assert.match(await tab.locator("#facts").textContent(), /no query asked: all 3 answers reused/);
});

step("a save of a formula, without a query", async () => {
  save("formula: leads.created\n", "formula: leads.created * 3\n");
  await tab.locator("#rows [data-kpi=leads_total]", { hasText: "36" }).waitFor();
  assert.deepEqual((await told()).queries, { asked: 0, reused: 3 });
});

step("a save of a query, which alone is asked", async () => {
  save("SELECT day, channel, created FROM", "SELECT day, channel, created * 10 AS created FROM");
  await tab.locator("#rows [data-kpi=leads_total]", { hasText: "120" }).waitFor();
  assert.deepEqual((await told()).queries, { asked: 1, reused: 2 });
});

step("an error lies over the last good mail, and goes when it is mended", async () => {
  save("formula: leads.created\n", "formla: leads.created\n");
  const alert = tab.getByRole("alert");
  await alert.getByText("unknown key", { exact: false }).waitFor();
  const line = original.slice(0, original.indexOf("formula: leads.created")).split("\n").length;
  assert.match(await alert.textContent(), new RegExp(`kpis/all.yaml:${line}:5`));
  assert.match(await alert.textContent(), /formla: leads.created[^]*\^\^\^\^\^\^[^]*did you mean `formula`\?/);
  assert.match(await alert.textContent(), /The mail below is the last one without errors/);
  assert(await mail().getByText("Leads", { exact: true }).first().isVisible());
  assert.equal(await tab.locator("#device").evaluate((device) => getComputedStyle(device).opacity < 1), true);
  writeFileSync(file, original);
  await alert.waitFor({ state: "hidden" });
  assert(await tab.evaluate(() => window.here), "the page was never loaded anew");
});

step("a source that fails is named, and the rest of the mail is there", async () => {
  save("FROM spend", "FROM spent");
  await tab.locator("#notes", { hasText: "no such table: spent" }).waitFor();
  const words = await tab.locator("#notes").textContent();
  assert.match(words, /kpis\/all.yaml:\d+:\d+[^]*source spend could not be read[^]*\| +spend:/);
  await tab.keyboard.press("Escape");
  await tab.locator("#notes").waitFor({ state: "hidden" });
  const button = tab.getByRole("button", { name: "1 source could not be read" });
  await button.click();
  await tab.locator("#notes").waitFor();
  writeFileSync(file, original);
  await button.waitFor({ state: "hidden" });
  await tab.locator("#notes").waitFor({ state: "hidden" });
});

step("a KPI is opened from the list, from the mail, and closed", async () => {
  await tab.locator("#rows [data-kpi=leads_total]").click();
  await tab.locator("#inspected", { hasText: "Leads" }).waitFor();
  assert.equal(await tab.evaluate(() => document.activeElement.id), "inspected");
  await tab.keyboard.press("Escape");
  await tab.locator("#inspect").waitFor({ state: "hidden" });
  assert.equal(await tab.evaluate(() => document.activeElement.dataset.kpi), "leads_total");
  await mail().getByText("Cost per lead", { exact: true }).first().click();
  await tab.locator("#inspected", { hasText: "Cost per lead" }).waitFor();
  await tab.getByRole("button", { name: "Close" }).click();
  await tab.locator("#inspect").waitFor({ state: "hidden" });
});

step("everybody can use it, at any width, in light and dark", async () => {
  // The page lets nobody put a script into it; axe comes by the driver's own way.
  for (const [width, height] of [[1280, 800], [390, 844], [360, 740]]) {
    await tab.setViewportSize({ width, height });
    assert.deepEqual(await tab.evaluate(tooWide), [], `${width}`);
    for (const colorScheme of ["light", "dark"]) {
      await tab.emulateMedia({ colorScheme });
      await tab.evaluate(axe);
      const { violations } = await tab.evaluate(() => window.axe.run(document, { iframes: false, resultTypes: ["violations"] }));
      assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), [], `${width} ${colorScheme}`);
      assert.deepEqual((await tab.evaluate(lowContrast)).findings, [], `${width} ${colorScheme}`);
    }
  }
  assert.deepEqual(await tab.evaluate(headings), []);
  assert(await tab.locator("#waiting").isHidden());
  assert.deepEqual(complaints, []);
  assert.deepEqual(elsewhere, []);
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
  if (process.env.KPID_TEST_PICTURE) await tab.screenshot({ path: process.env.KPID_TEST_PICTURE });
  process.exitCode = 1;
} finally {
  await browser.close();
}
