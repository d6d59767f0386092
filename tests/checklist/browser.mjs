// One Chromium for all letters, in which nothing can be loaded from anywhere.

import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";

/** The first of Debian's names for it that is in PATH. */
async function executable() {
  for (const name of ["chromium", "chromium-headless-shell"]) {
    for (const folder of process.env.PATH.split(delimiter)) {
      const path = join(folder, name);
      if (await access(path, constants.X_OK).then(() => true, () => false)) return path;
    }
  }
  throw new Error("no chromium in PATH");
}

export async function launch() {
  return chromium.launch({
    executablePath: await executable(),
    chromiumSandbox: process.getuid() !== 0,
    // The same edges of letters on every machine.
    args: ["--font-render-hinting=none", "--disable-lcd-text", "--hide-scrollbars", "--disable-gpu"],
  });
}

/** A page that can ask for nothing but what it already has; what it wants nevertheless is collected in its `wanted`. */
export async function page(browser, options) {
  const context = await browser.newContext(options);
  const tab = await context.newPage();
  tab.wanted = new Set();
  await context.route("**", (route) => {
    tab.wanted.add(route.request().url());
    return route.abort();
  });
  return tab;
}
