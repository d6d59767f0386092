// Mails and pages → PNGs, as `tests/pictures` says.
//
//     node tests/checklist/pictures.mjs --to FOLDER [--density N] [--from Y] [--height H] FILE…

import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { launch, page } from "./browser.mjs";
import { each } from "./each.mjs";
import { open, withImages } from "./letter.mjs";

const WIDTHS = [360, 700, 1200];
const WAYS = [
  { way: "light", colorScheme: "light" },
  { way: "dark", colorScheme: "dark" },
  { way: "blocked", colorScheme: "light", blocked: true },
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    to: { type: "string" },
    density: { type: "string", default: "1" },
    from: { type: "string", default: "0" },
    height: { type: "string", default: "Infinity" },
  },
});
const [density, from, height] = [values.density, values.from, values.height].map(Number);
await mkdir(values.to, { recursive: true });

const browser = await launch();
try {
  await each(positionals, () => browser, async (file) => {
    const letter = await open(file);
    const name = basename(file).replace(/\.(eml|html)$/, "");
    const shots = [];
    for (const { way, colorScheme, blocked } of WAYS) {
      const tab = await page(browser, { colorScheme, deviceScaleFactor: density, viewport: { width: 1200, height: 800 } });
      await tab.setContent(blocked ? letter.html.replace(/\bsrc=("[^"]*"|'[^']*')/gi, 'src="cid:"') : withImages(letter), { waitUntil: "load" });
      for (const width of WIDTHS) {
        await tab.setViewportSize({ width, height: 800 });
        const whole = await tab.evaluate(() => document.documentElement.scrollHeight);
        const y = Math.min(from, whole - 1);
        const clip = { x: 0, y, width, height: Math.min(height, whole - y) };
        const path = join(values.to, `${name}.${width}.${way}.png`);
        shots.push({ title: `${width} ${way}`, width, png: await tab.screenshot({ path, fullPage: true, clip }) });
      }
      await tab.context().close();
    }
    await sheet(name, shots);
  });
} finally {
  await browser.close();
}

/** What is seen first: the tops of all pictures of a letter, at half their size. */
async function sheet(name, shots) {
  const order = WIDTHS.flatMap((width) => shots.filter((shot) => shot.width === width));
  const figures = order.map(
    ({ title, width, png }) =>
      `<figure><figcaption>${title}</figcaption><div><img width="${width / 2}" src="data:image/png;base64,${png.toString("base64")}"></div></figure>`,
  );
  const tab = await page(browser, { viewport: { width: 1880, height: 800 } });
  await tab.setContent(
    `<style>body{display:flex;flex-wrap:wrap;gap:16px;margin:16px;background:#8a8f98;font:12px sans-serif}
     figure{margin:0}div{max-height:800px;overflow:hidden}img{display:block}</style>${figures.join("")}`,
    { waitUntil: "load" },
  );
  await tab.screenshot({ path: join(values.to, `${name}.sheet.png`), fullPage: true });
  await tab.context().close();
}
