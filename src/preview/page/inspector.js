// One KPI, taken apart. `mount(element, data)` shows what `/api/kpi/…` answers; mounted again, as after a save, it stays as it was opened.

import { make } from "./dom.js";
import { formula } from "./inspector-formula.js";
import { source } from "./inspector-source.js";
import { drivers, inputs, rows, segments, targets } from "./inspector-tables.js";
import { trend } from "./inspector-trend.js";
import { MARKS, speaker } from "./inspector-words.js";

/** KPI → what was opened, sorted and narrowed by hand. */
const memories = new Map();

export function mount(element, data) {
  const voice = speaker(data);
  const memory = memories.get(data.kpi.id) ?? new Map();
  memories.set(data.kpi.id, memory);
  const focused = element.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  const shown = rows(data, voice, memory);
  const sections = [
    ["value", headline(data, voice)],
    ["formula", formula(data, voice, memory, (read) => { shown.show(read); jump("rows"); })],
    ["trend", trend(data, voice, memory)],
    data.comparisons.length && ["drivers", drivers(data, voice, memory)],
    data.inputs.length && ["inputs", inputs(data, voice)],
    data.breakdown && ["segments", segments(data, voice, memory)],
    ["targets", targets(data, voice)],
    data.sources.length && ["sources", data.sources.map((one) => remembered(source(one, voice), memory, one.name))],
    ["rows", shown.parts],
  ].filter(Boolean);
  const jump = (name) => {
    const section = element.querySelector(`[data-section="${name}"]`);
    section.scrollIntoView({ block: "start" });
    section.querySelector("h3").focus({ preventScroll: true });
  };
  const link = ([name]) => {
    const button = make("button", { type: "button", "data-key": `jump ${name}` }, voice.say(name));
    button.addEventListener("click", () => jump(name));
    return make("li", {}, button);
  };
  const section = ([name, parts]) => make("section", { "data-section": name }, make("h3", { tabIndex: -1 }, voice.say(name)), ...parts);
  element.classList.add("inspector");
  element.replaceChildren(make("nav", { "aria-label": voice.say("jump") }, make("ul", {}, ...sections.map(link))), ...sections.map(section));
  if (focused) element.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

/** A disclosure that stays open. */
function remembered(details, memory, name) {
  details.open = memory.get(`source ${name}`) ?? details.open;
  details.addEventListener("toggle", () => memory.set(`source ${name}`, details.open));
  return details;
}

/** Why there is no verdict, with what a sample lacks. */
function why({ word }, sample, { at_least }, voice) {
  return word === "small-sample" ? `${voice.say(word)}: ${voice.plain(sample)} / ${voice.number(at_least.n)}` : voice.say(word);
}

/** The value and its verdict, what it is held against, and what it is. */
function headline({ kpi, period, whole, comparisons }, voice) {
  const { value, target, verdict, not_judged, sample } = whole;
  const running = period.running ? ` (${voice.say("running")})` : "";
  const parts = [
    make("p", { className: "big" }, make("strong", { title: value.number === null ? "" : String(value.number) }, value.shown), make("span", { className: `verdict ${verdict.replace(" ", "-")}` }, `${MARKS[verdict]} ${voice.say(verdict)}`)),
    value.reason === null ? null : make("p", { className: "warn" }, not_judged.text),
    value.reason === null && not_judged ? make("p", { className: "hint", title: not_judged.text }, why(not_judged, sample, kpi, voice)) : null,
  ];
  const facts = [[voice.say("period"), `${period.label}${running}`]];
  if (target) facts.push([voice.say("target"), [target.shown, target.since && `${voice.say("since")} ${target.since}`, target.why].filter(Boolean).join(" · ")]);
  for (const { against, period, value, change } of comparisons) facts.push([`${period} (${voice.say(against)})`, [...new Set([value.shown, change])].join(" · ")]);
  if (kpi.at_least) facts.push([voice.say("sample"), `${sample ? voice.plain(sample) : ""} / ${voice.number(kpi.at_least.n)} (${kpi.at_least.of})`]);
  const where = voice.filter(kpi.where);
  if (where) facts.push([voice.say("where"), where]);
  if (kpi.over) facts.push([voice.say("over"), kpi.over]);
  if (kpi.owner) facts.push([voice.say("owner"), kpi.owner]);
  if (kpi.tags.length) facts.push([voice.say("tags"), kpi.tags.join(", ")]);
  const list = make("dl", {}, ...facts.map(([name, fact]) => make("div", {}, make("dt", {}, name), make("dd", {}, fact))));
  const place = kpi.place ? `${kpi.id} · ${kpi.place.file}:${kpi.place.line}` : kpi.id;
  return [...parts.filter(Boolean), kpi.description === null ? "" : make("p", {}, kpi.description), list, make("p", { className: "hint" }, make("code", {}, place))];
}
