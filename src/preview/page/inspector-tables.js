// What the inspector shows as tables and bars: inputs, drivers, segments, rows, targets.

import { make } from "./dom.js";
import { MARKS } from "./inspector-words.js";

/** A table in a box that scrolls; `label` says what it is. A cell is a text, or an element that is one already. */
function table(label, heads, rows) {
  const cell = (value) => (value instanceof Node ? value : make("td", {}, value ?? ""));
  const head = make("tr", {}, ...heads.map((text) => (text instanceof Node ? text : make("th", { scope: "col" }, text))));
  const body = rows.map((cells) => make("tr", {}, ...cells.map(cell)));
  const all = make("table", {}, make("thead", {}, head), make("tbody", {}, ...body));
  return make("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": label }, all);
}

const head = (text) => make("th", { scope: "row" }, text);
const number = (text, title) => make("td", { className: "number", title: title === undefined || title === null ? "" : String(title) }, text ?? "");
const numeric = (text) => make("th", { scope: "col", className: "number" }, text);

export function inputs(data, voice) {
  const heads = [voice.say("input"), numeric(data.period.label), ...data.comparisons.map(({ period }) => numeric(period))];
  const value = (value) => make("td", { className: value.reason ? "number missing" : "number", title: String(value.number ?? "") }, voice.plain(value));
  const row = ({ input, label, value: now, before }) => [named(input, label), value(now), ...before.map(value)];
  return [table(voice.say("inputs"), heads, data.inputs.map(row))];
}

function named(input, label) {
  return make("th", { scope: "row" }, make("code", {}, input), label ? make("span", { className: "note" }, label) : null);
}

/** One of the comparisons, to be chosen; `show` makes what is shown of it. */
function compared(name, data, voice, memory, show) {
  const body = make("div", {});
  const kept = memory.get("against") ?? 0;
  const choose = (at) => {
    memory.set("against", at);
    body.replaceChildren(...show(data.comparisons[at], at));
  };
  const option = ({ period, change, against }, at) => {
    const radio = make("input", { type: "radio", name, checked: at === kept, "data-key": `${name} ${at}` });
    radio.addEventListener("change", () => choose(at));
    return make("label", {}, radio, make("span", {}, `${period} (${voice.say(against)}): ${change}`));
  };
  const choice = make("fieldset", { className: "choice" }, make("legend", {}, voice.say("against")), ...data.comparisons.map(option));
  choose(Math.min(kept, data.comparisons.length - 1));
  return [choice, body];
}

/** What each input did, from the earlier value to the present one, as bars that follow on each other. */
export function drivers(data, voice, memory) {
  return compared("drivers", data, voice, memory, ({ drivers, no_drivers, value, period }) => {
    if (!drivers) return [make("p", { className: "warn" }, `${voice.say("no-drivers")} ${voice.missing(no_drivers)}`)];
    if (!drivers.contributions.length) return [make("p", { className: "hint" }, voice.say("no-change"))];
    const steps = [];
    let at = value.number;
    for (const one of drivers.contributions) {
      steps.push({ ...one, start: at, end: at + one.amount.number });
      at += one.amount.number;
    }
    const ends = [value.number, ...steps.map(({ end }) => end)];
    const [low, high] = [Math.min(...ends), Math.max(...ends)];
    const place = (number) => (high > low ? ((number - low) / (high - low)) * 100 : 50);
    const whole = data.whole.value;
    const list = make("ul", { className: "waterfall" });
    list.append(end(period, value, place(value.number)));
    const better = { up: 1, down: -1 }[data.kpi.good] ?? 0;
    for (const { input, label, from, to, amount, start, end } of steps) {
      const bar = make("span", { className: `share ${tone(amount.number * better)}` });
      bar.style.left = `${place(Math.min(start, end))}%`;
      bar.style.width = `${Math.abs(place(end) - place(start))}%`;
      const moved = make("span", { className: "note" }, `${voice.plain(from)} → ${voice.plain(to)}`);
      list.append(make("li", {}, make("span", { className: "what", title: label ?? "" }, make("code", {}, input), moved), make("span", { className: "track" }, bar), make("span", { className: "amount", title: String(amount.number) }, amount.shown)));
    }
    list.append(end(data.period.label, whole, place(whole.number)));
    const sampled = drivers.exact ? [] : [make("p", { className: "hint" }, voice.say("sampled"))];
    return [list, ...sampled];
  });
}

function end(label, value, place) {
  const line = make("span", { className: "end" });
  line.style.left = `${place}%`;
  return make("li", { className: "total" }, make("span", { className: "what" }, label), make("span", { className: "track" }, line), make("span", { className: "amount", title: String(value.number) }, value.shown));
}

const tone = (good) => (good > 0 ? "better" : good < 0 ? "worse" : "");

export function segments(data, voice, memory) {
  if (!data.comparisons.length) return [sorted(columns(data, voice, null), data, voice, memory)];
  return compared("segments", data, voice, memory, (comparison) => [sorted(columns(data, voice, comparison), data, voice, memory)]);
}

/** The columns of the segments' table: what is above, shown and sorted by. */
function columns({ breakdown }, voice, comparison) {
  const before = new Map(comparison?.segments.map((segment) => [segment.segment, segment]));
  const rows = breakdown.segments.map((segment) => ({ ...segment, was: before.get(segment.segment) }));
  // What was there then and is no more.
  for (const [segment, was] of before) if (!rows.some((row) => row.segment === segment)) rows.push({ segment, value: was.to, verdict: "not judged", target: null, was });
  const value = (name, title, get) => ({ name, title, number: (row) => get(row)?.number ?? null, cell: (row) => number(get(row)?.shown, get(row)?.number) });
  const all = [
    { name: "segment", title: breakdown.dimension, text: (row) => row.segment ?? "", cell: (row) => head(row.segment ?? voice.say("null")) },
    { ...value("value", voice.say("now"), (row) => row.value), cell: ({ value }) => make("td", { className: value.reason ? "number missing" : "number", title: value.reason ? voice.missing(value) : String(value.number) }, value.shown) },
  ];
  if (rows.some(({ target }) => target)) {
    all.push(value("target", voice.say("target"), ({ target }) => target && { number: target.low, shown: target.shown }));
    all.push({ name: "verdict", title: voice.say("verdict"), text: (row) => (row.target ? row.verdict : ""), cell: ({ target, verdict }) => make("td", { className: verdict.replace(" ", "-") }, target ? `${MARKS[verdict]} ${voice.say(verdict)}` : "") });
  }
  if (comparison) {
    all.push(value("before", comparison.period, ({ was }) => was?.from));
    const parts = rows.some(({ was }) => was?.amount);
    const mixed = rows.some(({ was }) => was?.mix?.number);
    if (parts && mixed) all.push(value("rate", voice.say("rate"), ({ was }) => was?.rate), value("mix", voice.say("mix"), ({ was }) => was?.mix));
    if (parts) all.push(value("effect", voice.say("effect"), ({ was }) => was?.amount));
  }
  return { all, rows };
}

function sorted({ all, rows }, data, voice, memory) {
  const box = make("div", {});
  const draw = () => {
    const { name, down } = memory.get("sort") ?? {};
    const by = all.find((column) => column.name === name);
    const order = by ? [...rows].sort((a, b) => compare(by, a, b) * (down ? -1 : 1)) : rows;
    const heads = all.map((column) => {
      const button = make("button", { type: "button", className: "sort", title: `${voice.say("sort")} ${column.title}`, "data-key": `sort ${column.name}` }, column.title);
      button.addEventListener("click", () => {
        const again = column.name === memory.get("sort")?.name;
        memory.set("sort", { name: column.name, down: again ? !memory.get("sort").down : Boolean(column.number) });
        draw();
        box.querySelector(`[data-key="sort ${column.name}"]`).focus();
      });
      const direction = column === by ? (down ? "descending" : "ascending") : "none";
      return make("th", { scope: "col", className: column.number ? "number" : "", "aria-sort": direction }, button);
    });
    box.replaceChildren(table(voice.say("segments"), heads, order.map((row) => all.map((column) => column.cell(row)))));
  };
  const compare = (by, a, b) => {
    if (by.text) return by.text(a).localeCompare(by.text(b), data.locale);
    // What is missing is less than any number.
    return (by.number(a) ?? -Infinity) - (by.number(b) ?? -Infinity) || 0;
  };
  draw();
  return box;
}

/** The rows of one read at a time. `show(read)` is returned for who wants to lead there. */
export function rows({ explanation: { reads } }, voice, memory) {
  if (!reads.length) return { parts: [make("p", { className: "hint" }, voice.say("no-rows"))], show: () => {} };
  const body = make("div", {});
  const name = ({ source, window, where }) => [source, `${window.start.slice(0, 10)} – ${window.end.slice(0, 10)}`, voice.filter(where)].filter(Boolean).join(" · ");
  const pick = make("select", { "data-key": "rows" }, ...reads.map((read, at) => make("option", { value: at }, name(read))));
  const show = (at) => {
    pick.value = String(at);
    memory.set("read", at);
    body.replaceChildren(...read(reads[at], voice));
  };
  pick.addEventListener("change", () => show(Number(pick.value)));
  show(Math.min(memory.get("read") ?? 0, reads.length - 1));
  return { parts: [make("label", { className: "which" }, make("span", {}, voice.say("which-rows")), pick), body], show };
}

function read({ source, time, dimensions, measures, count, failure, rows }, voice) {
  if (failure !== null) return [make("p", { className: "warn" }, failure)];
  const told = make("p", { className: "hint" }, voice.say("rows-of", rows.length, count));
  if (!rows.length) return [told];
  const heads = [...(time ? [time] : []), ...dimensions, ...measures.map(numeric)];
  const cells = (row) => [
    ...(time ? [make("td", { className: "time" }, row.time ?? "NULL")] : []),
    ...row.dimensions.map((value) => (value === null ? make("td", { className: "null" }, "NULL") : value)),
    ...row.measures.map((value) => (value === null ? make("td", { className: "number null" }, "NULL") : number(voice.number(value), value))),
  ];
  return [told, table(source, heads, rows.map(cells))];
}

export function targets({ history }, voice) {
  if (!history) return [make("p", { className: "hint" }, voice.say("untargeted"))];
  const { steps, formula, per, near } = history;
  const how = [per && voice.per(per), near > 0 && voice.say("near_by", voice.percent(near))].filter(Boolean).join(" · ");
  const hint = how ? [make("p", { className: "hint" }, how)] : [];
  if (formula !== null) return [make("p", {}, `${voice.say("by-formula")} `, make("code", {}, formula)), ...hint];
  const reasons = steps.some(({ why }) => why);
  const heads = [voice.say("valid"), numeric(voice.say("level")), ...(reasons ? [voice.say("why")] : [])];
  const row = ({ from, level, why }) => [head(from ?? voice.say("always")), number(level.shown, level.low), ...(reasons ? [why] : [])];
  return [table(voice.say("targets"), heads, steps.map(row).reverse()), ...hint];
}
