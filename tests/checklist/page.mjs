// Rules that need a laid out page. Each function is sent into the browser, so each stands alone.

/** Text whose colour is too near to what lies behind it (WCAG 2.1, 1.4.3), with no exception for large letters. */
export function lowContrast() {
  const channels = (css) => {
    const [r, g, b, a = 1] = css.match(/[\d.]+(?:e-?\d+)?/g).map(Number);
    return /^color\(/.test(css) ? [r * 255, g * 255, b * 255, a] : [r, g, b, a];
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((value, i) => value * a + below[i] * (1 - a));
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((value) => value / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => {
    const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (light + 0.05) / (dark + 0.05);
  };
  const name = (rgb) => `#${rgb.map((value) => Math.round(value).toString(16).padStart(2, "0")).join("")}`;

  // The canvas of the scheme in force: white, or what the browser takes for dark.
  const probe = document.body.appendChild(document.createElement("div"));
  probe.style.backgroundColor = "Canvas";
  const canvas = channels(getComputedStyle(probe).backgroundColor).slice(0, 3);
  probe.remove();

  const backgrounds = new Map();
  const background = (element) => {
    if (!element) return { rgb: canvas, picture: false };
    if (backgrounds.has(element)) return backgrounds.get(element);
    const style = getComputedStyle(element);
    const below = background(element.parentElement);
    const own = channels(style.backgroundColor);
    const result = {
      rgb: over(own, below.rgb),
      picture: style.backgroundImage !== "none" || (below.picture && own[3] < 1),
    };
    backgrounds.set(element, result);
    return result;
  };
  const opacity = (element) => (element ? Number(getComputedStyle(element).opacity) * opacity(element.parentElement) : 1);
  const seen = (element, rects) => {
    if (getComputedStyle(element).visibility !== "visible") return false;
    if (![...rects].some(({ width, height }) => width > 0 && height > 0)) return false;
    for (let at = element; at; at = at.parentElement) {
      const { width, height } = at.getBoundingClientRect();
      const { overflow, display } = getComputedStyle(at);
      if (overflow !== "visible" && display !== "inline" && (width < 1 || height < 1)) return false;
    }
    return true;
  };

  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.data.trim() || ["SCRIPT", "STYLE"].includes(node.parentElement.tagName)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    if (seen(node.parentElement, range.getClientRects())) texts.push([node.data.trim(), node.parentElement]);
  }
  // What stands in the place of a picture that is blocked.
  for (const image of document.images) if (image.alt && seen(image, image.getClientRects())) texts.push([image.alt, image]);

  const findings = new Map();
  for (const [text, element] of texts) {
    const behind = background(element);
    const ink = channels(getComputedStyle(element).color);
    const rgb = over([...ink.slice(0, 3), ink[3] * opacity(element)], behind.rgb);
    const is = ratio(rgb, behind.rgb);
    if (is >= 4.5 && !behind.picture) continue;
    const words = behind.picture ? "stands on a picture" : `is ${name(rgb)} on ${name(behind.rgb)}, ${is.toFixed(2)}:1`;
    const more = findings.get(words) ?? { text, count: 0 };
    findings.set(words, { ...more, count: more.count + 1 });
  }
  return {
    texts: texts.length,
    findings: [...findings].map(([words, { text, count }]) => `“${text.slice(0, 40)}” ${words}${count > 1 ? `, and ${count - 1} more` : ""}`),
  };
}

/** What is wider than the window. */
export function tooWide() {
  const limit = document.documentElement.clientWidth;
  const findings = [];
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > limit) findings.push(`the page is ${scrollWidth} px wide at ${limit} px`);
  const beyond = new Map();
  for (const element of document.body.querySelectorAll("*")) {
    const { right, left, width, height } = element.getBoundingClientRect();
    if (width < 1 || height < 1 || getComputedStyle(element).visibility !== "visible") continue;
    const pixels = Math.max(right - limit, -left);
    if (pixels > 1) beyond.set(element, pixels);
  }
  // Whoever holds it is as wide: the innermost is named.
  for (const element of beyond.keys()) {
    for (let holder = element.parentElement; holder; holder = holder.parentElement) beyond.delete(holder);
  }
  const [worst] = [...beyond].sort(([, a], [, b]) => b - a);
  if (worst) {
    const [element, pixels] = worst;
    const text = element.textContent.trim().replace(/\s+/g, " ").slice(0, 40);
    findings.push(`<${element.tagName.toLowerCase()}> “${text}” ends ${Math.ceil(pixels)} px outside the window of ${limit} px`);
  }
  return findings;
}

/** Headings: one h1, first, and none deeper than the one before by more than one level. */
export function headings() {
  const levels = [...document.querySelectorAll("h1,h2,h3,h4,h5,h6,[role=heading]")].map((heading) => ({
    level: Number(heading.getAttribute("aria-level") ?? heading.tagName.slice(1)),
    text: heading.textContent.trim().slice(0, 40),
  }));
  const findings = [];
  const ones = levels.filter(({ level }) => level === 1).length;
  if (ones !== 1) findings.push(`there are ${ones} h1`);
  if (ones === 1 && levels[0].level !== 1) findings.push(`“${levels[0].text}” comes before the h1`);
  levels.slice(1).forEach(({ level, text }, i) => {
    if (level > levels[i].level + 1) findings.push(`h${level} “${text}” follows h${levels[i].level}`);
  });
  for (const { level, text } of levels) if (!text) findings.push(`an h${level} is empty`);
  return findings;
}

/** Pictures without words, or whose words lack the number that they show. A bar of a table of data needs none: its row has the number. */
export function silentPictures() {
  const row = (image) => (image.closest("table")?.matches("[role=presentation], [role=none]") ? null : image.closest("tr"));
  const isBar = (image) => image.getAttribute("alt") === "" && /\p{Nd}/u.test(row(image)?.textContent ?? "");
  return [...document.images]
    .filter((image) => !/\p{Nd}/u.test(image.getAttribute("alt") ?? "") && !isBar(image))
    .map((image) => {
      const alt = image.getAttribute("alt");
      return alt === null ? "a picture has no alt" : `a picture's alt has no number: “${alt.slice(0, 40)}”`;
    });
}

/** A table is for layout, and says so, or it is one of data, with a name and headers of a direction. */
export function badTables() {
  const findings = [];
  for (const table of document.querySelectorAll("table")) {
    const first = table.textContent.trim().replace(/\s+/g, " ").slice(0, 40);
    const cells = [...table.querySelectorAll("th")].filter((th) => th.closest("table") === table);
    if (["presentation", "none"].includes(table.getAttribute("role"))) {
      if (cells.length) findings.push(`a table for layout has <th>: “${first}”`);
      continue;
    }
    const named = table.caption?.textContent.trim() || table.getAttribute("aria-label")?.trim() || table.hasAttribute("aria-labelledby");
    if (!named) findings.push(`a table has neither caption nor aria-label, nor role=presentation: “${first}”`);
    if (!cells.length) findings.push(`a table of data has no <th>: “${first}”`);
    const vague = cells.filter((th) => !["col", "row", "colgroup", "rowgroup"].includes(th.getAttribute("scope")));
    if (vague.length) findings.push(`<th> without scope: “${vague[0].textContent.trim().slice(0, 40)}”`);
  }
  return findings;
}
