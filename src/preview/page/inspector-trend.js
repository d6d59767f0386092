// The trend as a chart: drawn for the width it has, walked by arrow keys, narrowed by dragging, and there as a table as well.

import { make } from "./dom.js";
import { MARKS } from "./inspector-words.js";

const HEIGHT = 240;
const MARGIN = { top: 14, right: 16, bottom: 30, left: 56 };
/** Fewer periods are not worth a closer look. */
const NARROWEST = 3;

export function trend(data, voice, memory) {
  if (!data.trend.length) return [make("p", { className: "hint" }, voice.say("no-trend"))];
  const chart = new Chart(data, voice, memory);
  return [chart.element, table(data, voice)];
}

function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

class Chart {
  constructor(data, voice, memory) {
    Object.assign(this, { data, voice, memory, active: null, width: 0 });
    this.points = data.trend;
    const whole = [0, this.points.length - 1];
    const kept = memory.get("range");
    this.range = kept && kept[1] <= whole[1] ? kept : whole;
    this.tip = make("div", { className: "tip", role: "status", hidden: true });
    this.all = make("button", { type: "button", className: "all", hidden: true, "data-key": "trend all" }, voice.say("all"));
    this.all.addEventListener("click", () => this.zoom(whole));
    this.stage = make("div", { className: "plot", tabIndex: 0, role: "group", "aria-label": voice.say("trend-label"), "data-key": "trend" });
    this.element = make("div", { className: "trend" }, this.stage, this.tip, this.all, this.legend());
    this.listen();
    new ResizeObserver(([{ contentRect }]) => this.resize(contentRect.width)).observe(this.stage);
  }

  legend() {
    const of = (verdict) => make("span", { className: verdict.replace(" ", "-") }, `${MARKS[verdict]} ${this.voice.say(verdict)}`);
    const there = Object.keys(MARKS).filter((verdict) => this.points.some((point) => point.verdict === verdict && point.value.number !== null));
    const target = this.points.some(({ target }) => target) ? [make("span", { className: "step" }, this.voice.say("target"))] : [];
    const ago = this.ago() ? [make("span", {}, `◇ ${this.voice.say("year-ago")}`)] : [];
    return make("p", { className: "legend" }, ...there.map(of), ...target, ...ago);
  }

  ago() {
    return this.data.comparisons.find(({ against, value }) => against === "year_ago" && value.number !== null);
  }

  resize(width) {
    if (!width || width === this.width) return;
    this.width = width;
    this.draw();
  }

  zoom([from, to]) {
    const last = this.points.length - 1;
    const least = Math.min(NARROWEST - 1, last);
    const start = Math.max(0, Math.min(from, last - least));
    this.range = [start, Math.min(last, Math.max(to, start + least))];
    this.memory.set("range", this.range);
    this.all.hidden = this.range[0] === 0 && this.range[1] === last;
    this.draw();
  }

  /** Positions of the periods and values that are shown. */
  scale() {
    const [from, to] = this.range;
    const shown = this.points.slice(from, to + 1);
    const numbers = shown.flatMap(({ value, target }) => [value.number, target?.low, target?.high]).filter((n) => n !== null && n !== undefined && Number.isFinite(n));
    const ago = to === this.points.length - 1 && this.ago();
    if (ago) numbers.push(ago.value.number);
    let [low, high] = numbers.length ? [Math.min(...numbers), Math.max(...numbers)] : [0, 1];
    // Nothing is drawn from 0 that is far from it; what is near starts there.
    if (low > 0 && low < high / 2) low = 0;
    if (high < 0 && high > low / 2) high = 0;
    const room = (high - low || Math.abs(high) || 1) * 0.08;
    [low, high] = [low === 0 ? 0 : low - room, high === 0 ? 0 : high + room];
    const right = this.width - MARGIN.right;
    const step = (right - MARGIN.left) / Math.max(1, to - from);
    const x = (at) => (to === from ? (MARGIN.left + right) / 2 : MARGIN.left + (at - from) * step);
    const y = (value) => HEIGHT - MARGIN.bottom - ((value - low) / (high - low)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
    return { from, to, low, high, x, y, step };
  }

  draw() {
    if (!this.width) return;
    const scale = (this.at = this.scale());
    this.picture = svg("svg", { viewBox: `0 0 ${this.width} ${HEIGHT}`, width: this.width, height: HEIGHT, role: "img", "aria-label": this.summary() });
    this.picture.append(...this.axis(scale), ...this.targets(scale), ...this.lines(scale), ...this.dots(scale));
    this.stage.replaceChildren(this.picture);
    this.point(this.active !== null && this.active >= scale.from && this.active <= scale.to ? this.active : null);
  }

  summary() {
    const first = this.points[this.at.from];
    const last = this.points[this.at.to];
    return `${this.data.kpi.name}: ${first.label} ${first.value.shown}, ${last.label} ${last.value.shown}`;
  }

  axis({ from, to, low, high, x, y }) {
    const ticks = round(low, high, 4);
    const compact = { notation: "compact", maximumSignificantDigits: 4, ...(this.data.kpi.unit === "percent" && { style: "percent" }) };
    const format = new Intl.NumberFormat(this.data.locale, compact);
    const across = ticks.flatMap((tick) => [
      svg("line", { class: "grid", x1: MARGIN.left, x2: this.width - MARGIN.right, y1: y(tick), y2: y(tick) }),
      svg("text", { class: "label", x: MARGIN.left - 8, y: y(tick) + 4, "text-anchor": "end" }, format.format(tick)),
    ]);
    // As many labels as there is room for, the last one always.
    const every = Math.ceil((to - from + 1) / Math.max(1, Math.floor((this.width - MARGIN.left) / 74)));
    const labels = this.points.flatMap(({ label }, at) => {
      if (at < from || at > to || (to - at) % every) return [];
      const anchor = at === to && to > from ? "end" : "middle";
      return [svg("text", { class: "label", x: x(at) + (anchor === "end" ? MARGIN.right : 0), y: HEIGHT - 8, "text-anchor": anchor }, label)];
    });
    return [...across, ...labels];
  }

  /** Each period's target as wide as the period; a band where it has two ends. */
  targets({ from, to, x, y, step }) {
    const [left, right] = [MARGIN.left, this.width - MARGIN.right];
    const half = to === from ? (right - left) / 2 : step / 2;
    const edges = (at) => [Math.max(left, x(at) - half), Math.min(right, x(at) + half)];
    let lines = ["", ""];
    const bands = [];
    let before = null;
    for (let at = from; at <= to; at++) {
      const { target } = this.points[at];
      if (target && target.low !== null && target.high !== null) {
        const [start, end] = edges(at);
        const move = before ? "L" : "M";
        lines = [lines[0] + `${move}${start} ${y(target.low)}L${end} ${y(target.low)}`, lines[1] + `${move}${start} ${y(target.high)}L${end} ${y(target.high)}`];
        if (target.low !== target.high) bands.push(svg("rect", { class: "band", x: start, width: end - start, y: y(target.high), height: y(target.low) - y(target.high) }));
      }
      before = target;
    }
    const same = this.points.every(({ target }) => !target || target.low === target.high);
    return [...bands, ...(same ? lines.slice(1) : lines).filter(Boolean).map((d) => svg("path", { class: "target", d }))];
  }

  /** From value to value; a missing one leaves a gap, and what leads to a running period is dotted. */
  lines({ from, to, x, y }) {
    const all = [];
    for (let at = from + 1; at <= to; at++) {
      const [before, here] = [this.points[at - 1], this.points[at]];
      if (before.value.number === null || here.value.number === null) continue;
      const place = { x1: x(at - 1), y1: y(before.value.number), x2: x(at), y2: y(here.value.number) };
      all.push(svg("line", { class: here.running ? "line running" : "line", ...place }));
    }
    return all;
  }

  dots({ from, to, x, y }) {
    const dots = this.points.flatMap(({ value, verdict, running }, at) => {
      if (at < from || at > to) return [];
      if (value.number === null) return [svg("path", { class: "gap", d: cross(x(at), HEIGHT - MARGIN.bottom - 6), "data-at": at })];
      return [svg("path", { class: `dot ${verdict.replace(" ", "-")}${running ? " running" : ""}`, d: shape(verdict, x(at), y(value.number)), "data-at": at })];
    });
    const ago = to === this.points.length - 1 && this.ago();
    if (ago) dots.push(svg("path", { class: "ago", d: diamond(x(to), y(ago.value.number), 5) }));
    return dots;
  }

  /** Shows one period's numbers; `null` shows none. */
  point(at) {
    this.active = at;
    for (const old of this.picture.querySelectorAll(".active, .guide")) old.classList.contains("guide") ? old.remove() : old.classList.remove("active");
    this.tip.hidden = at === null;
    if (at === null) return;
    const { x } = this.at;
    this.picture.prepend(svg("line", { class: "guide", x1: x(at), x2: x(at), y1: MARGIN.top, y2: HEIGHT - MARGIN.bottom }));
    this.picture.querySelector(`[data-at="${at}"]`)?.classList.add("active");
    this.tip.replaceChildren(...this.told(at));
    // Beside the point, on the side that has more room.
    const width = this.tip.offsetWidth;
    const left = x(at) > this.width / 2 ? x(at) - width - 12 : x(at) + 12;
    this.tip.style.left = `${Math.max(0, Math.min(this.width - width, left))}px`;
  }

  told(at) {
    const { label, first, last, running, value, target, verdict, not_judged } = this.points[at];
    const { voice } = this;
    const lines = [make("strong", {}, running ? `${label} (${voice.say("running")})` : label)];
    if (first !== last) lines.push(make("span", { className: "note" }, `${first} – ${last}`));
    lines.push(make("span", {}, value.reason ? voice.missing(value) : value.shown));
    if (target) lines.push(make("span", {}, `${voice.say("target")} ${target.shown}`));
    const why = not_judged && !value.reason ? `: ${voice.say(not_judged.word)}` : "";
    lines.push(make("span", { className: verdict.replace(" ", "-"), title: not_judged?.text ?? "" }, `${MARKS[verdict]} ${voice.say(verdict)}${why}`));
    const ago = at === this.points.length - 1 && this.ago();
    if (ago) lines.push(make("span", {}, `◇ ${ago.period} ${ago.value.shown} (${ago.change})`));
    return lines;
  }

  listen() {
    const { stage } = this;
    const at = (event) => {
      const { from, to, x, step } = this.at;
      const place = event.clientX - stage.getBoundingClientRect().left;
      return to === from ? from : Math.max(from, Math.min(to, from + Math.round((place - x(from)) / step)));
    };
    stage.addEventListener("pointermove", (event) => {
      if (!this.at) return;
      if (this.drag === undefined) return this.point(at(event));
      this.brush(this.drag, at(event));
    });
    stage.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !this.at) return;
      this.drag = at(event);
      stage.setPointerCapture(event.pointerId);
    });
    stage.addEventListener("pointerup", (event) => {
      if (this.drag === undefined) return;
      const [from, to] = [this.drag, at(event)].sort((a, b) => a - b);
      this.drag = undefined;
      if (to > from) this.zoom([from, to]);
      else this.point(to);
    });
    stage.addEventListener("pointercancel", () => ((this.drag = undefined), this.draw()));
    stage.addEventListener("pointerleave", () => this.drag === undefined && document.activeElement !== stage && this.at && this.point(null));
    stage.addEventListener("focus", () => this.at && this.active === null && stage.matches(":focus-visible") && this.point(this.at.to));
    stage.addEventListener("blur", () => this.at && this.point(null));
    stage.addEventListener("keydown", (event) => this.key(event));
  }

  brush(a, b) {
    const { x } = this.at;
    const [left, right] = [x(Math.min(a, b)), x(Math.max(a, b))];
    this.picture.querySelector(".brush")?.remove();
    this.picture.append(svg("rect", { class: "brush", x: left, width: right - left, y: MARGIN.top, height: HEIGHT - MARGIN.top - MARGIN.bottom }));
  }

  key(event) {
    const { from, to } = this.at ?? {};
    if (from === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const here = this.active ?? to;
    const last = this.points.length - 1;
    const reach = to - from + 1;
    const around = (reach) => {
      const start = Math.max(0, Math.min(last - reach + 1, here - Math.floor(reach / 2)));
      this.zoom([start, Math.min(last, start + reach - 1)]);
    };
    const keys = {
      ArrowLeft: () => this.point(Math.max(from, here - 1)),
      ArrowRight: () => this.point(Math.min(to, here + 1)),
      Home: () => this.point(from),
      End: () => this.point(to),
      "+": () => around(Math.max(NARROWEST, Math.ceil(reach / 2))),
      "-": () => around(Math.min(last + 1, reach * 2)),
      0: () => this.zoom([0, last]),
    };
    const does = keys[event.key];
    if (!does) return;
    event.preventDefault();
    event.stopPropagation();
    does();
  }
}

/** Round numbers between `low` and `high`, about as many as wanted. */
function round(low, high, wanted) {
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((times) => times * power).find((step) => step >= rough) ?? rough;
  const ticks = [];
  for (let tick = Math.ceil(low / step); tick * step <= high + step * 1e-9; tick++) ticks.push(Number((tick * step).toPrecision(12)));
  return ticks;
}

function shape(verdict, x, y) {
  if (verdict === "missed") return `M${x - 4} ${y - 4}h8v8h-8Z`;
  if (verdict === "near") return `M${x} ${y - 5.5}l5.5 9.5h-11Z`;
  return `M${x - 4.5} ${y}a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0Z`;
}

const diamond = (x, y, r) => `M${x} ${y - r}l${r} ${r}l${-r} ${r}l${-r} ${-r}Z`;
const cross = (x, y) => `M${x - 4} ${y - 4}l8 8M${x + 4} ${y - 4}l-8 8`;

function table({ trend }, voice) {
  const head = ["period", "value", "target", "verdict"].map((name) => make("th", { scope: "col" }, voice.say(name)));
  const row = ({ label, running, value, target, verdict, not_judged }) => {
    const why = not_judged && !value.reason ? not_judged.word : verdict;
    const judged = `${MARKS[verdict]} ${voice.say(why)}`;
    const period = running ? `${label} (${voice.say("running")})` : label;
    return make("tr", {}, make("th", { scope: "row" }, period), make("td", { className: "number" }, value.reason ? voice.missing(value) : value.shown), make("td", { className: "number" }, target?.shown ?? ""), make("td", { className: verdict.replace(" ", "-") }, judged));
  };
  const body = make("tbody", {}, ...trend.map(row).reverse());
  const scroll = make("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": voice.say("trend") }, make("table", {}, make("thead", {}, make("tr", {}, ...head)), body));
  return make("details", {}, make("summary", {}, voice.say("as-table")), scroll);
}
