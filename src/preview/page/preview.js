// The page: what is looked at stands in the address, so that a reload keeps it; whatever is saved is asked for again.

import { $, make } from "./dom.js";
import { mount } from "./inspector.js";
import { showProblems, toggleNotes } from "./problems.js";
import { show } from "./stage.js";
import { say, speak } from "./words.js";

const DEFAULTS = { report: "", to: "", period: "", view: "html", width: "desktop", scheme: "light", images: "on", kpi: "" };
const MARKS = { met: "●", near: "▲", missed: "■", none: "○" };

let look = read();
let state = { reports: [], people: [], problems: [] };
let report = null;
let turn = 0;
let looked = 0;

function read() {
  const asked = new URLSearchParams(location.hash.slice(1));
  return { ...DEFAULTS, ...Object.fromEntries([...asked].filter(([key]) => key in DEFAULTS)) };
}

/** Looks at something else. */
function turnTo(change) {
  const next = { ...look, ...change };
  if (change.report && !sameLength(next.period, change.report)) next.period = "";
  const parts = Object.entries(next).filter(([key, value]) => value !== DEFAULTS[key]);
  history.replaceState(null, "", parts.length ? `#${new URLSearchParams(parts)}` : location.pathname);
  look = next;
  const mailStays = Object.keys(change).join() === "kpi" && report;
  if (!mailStays) return load();
  list();
  return inspect().catch(stopped);
}

/** Whether a period can be one of that report: a week stays a week. */
function sameLength(period, id) {
  const length = (label) => (label ?? "").replace(/\d+/g, "0");
  return length(period) === length(state.reports.find((known) => known.id === id)?.period);
}

const query = (more) => new URLSearchParams(Object.entries({ to: look.to, period: look.period, ...more }).filter(([, value]) => value));

/** The program has ended, or is cut off. */
class Stopped extends Error {}

/** The page stays as it is until the program is back. */
function stopped(error) {
  if (!(error instanceof Stopped)) throw error;
  alive(false);
}

async function ask(address) {
  const answer = await fetch(address).catch(() => { throw new Stopped(); });
  return { ok: answer.ok, ...(await answer.json()) };
}

/** Asks for everything that is shown. Of several at once the last one counts. */
async function load() {
  const mine = ++turn;
  const slow = setTimeout(() => {
    if (mine !== turn) return;
    $("waiting").hidden = false;
    document.body.classList.add("busy");
  }, 150);
  try {
    const asked = look;
    const early = look.report ? askReport() : null;
    state = await ask("/api/state");
    if (mine !== turn) return;
    look = possible(look);
    const answer = await (look === asked && early ? early : askReport());
    if (mine !== turn) return;
    await draw(answer);
    alive(true);
  } catch (error) {
    stopped(error);
  } finally {
    clearTimeout(slow);
    if (mine === turn) {
      $("waiting").hidden = true;
      document.body.classList.remove("busy");
      document.body.dataset.generation = state.generation;
    }
  }
}

/** With what is no longer there, or was never named, replaced by what is. */
function possible(look) {
  const { reports, people } = state;
  const report = reports.some(({ id }) => id === look.report) ? look.report : (reports[0]?.id ?? "");
  const to = people.some(({ id }) => id === look.to) ? look.to : "";
  if (report === look.report && to === look.to) return look;
  return { ...look, report, to, period: report === look.report ? look.period : "" };
}

async function askReport() {
  return look.report ? ask(`/api/report/${look.report}?${query()}`) : { ok: false, problems: [] };
}

async function draw(answer) {
  speak(state.language);
  $("folder").textContent = state.folder;
  const ours = answer.ok ? [] : answer.problems;
  if (answer.ok) report = { ...answer, reader: readerName() };
  else if (!state.reports.length) report = null;
  choices();
  showProblems([...state.problems, ...ours], answer.failures ?? [], report !== null);
  if (answer.ok) {
    const address = `/mail/${look.report}?${query({ scheme: look.scheme, images: look.images, generation: state.generation })}`;
    await show(report, look, address, { keydown: key, click: clicked });
    document.title = `${report.subject} · kpid`;
  }
  $("device").hidden = !report;
  $("stage").classList.toggle("empty", !report && !state.broken);
  $("stage").dataset.empty = say("no-report");
  list();
  facts();
  await inspect();
}

function readerName() {
  return state.people.find(({ id }) => id === look.to)?.name ?? say("anybody");
}

function choices() {
  const option = ([value, text]) => new Option(text, value);
  $("report").replaceChildren(...state.reports.map(({ id, title }) => option([id, title])));
  $("report").value = look.report;
  const readers = state.reports.find(({ id }) => id === look.report)?.readers ?? [];
  const group = (label, people) => {
    const group = make("optgroup", { label });
    group.append(...people.map(({ id, name, locale }) => option([id, `${name} (${locale})`])));
    return people.length ? group : null;
  };
  const reads = ({ id }) => readers.includes(id);
  const groups = [group(say("readers"), state.people.filter(reads)), group(say("others"), state.people.filter((person) => !reads(person)))];
  $("to").replaceChildren(option(["", say("anybody")]), ...groups.filter(Boolean));
  $("to").value = look.to;
  const periods = report?.periods ?? [];
  $("period").replaceChildren(...periods.map((period) => option([period.label, periodName(period)])));
  $("period").value = look.period || (report?.period ?? "");
  const at = $("period").selectedIndex;
  $("earlier").disabled = at < 0 || at === periods.length - 1;
  $("later").disabled = at <= 0;
  for (const name of ["view", "width", "scheme"]) document.querySelector(`[name=${name}][value="${look[name]}"]`).checked = true;
  $("images").checked = look.images === "off";
}

function periodName({ label, first, last, running }) {
  const day = new Intl.DateTimeFormat(state.locale, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  const dates = day.formatRange(new Date(first), new Date(last));
  return `${label} · ${dates}${running ? ` (${say("running")})` : ""}`;
}

function list() {
  const rows = (report?.rows ?? []).map(({ id, name, value, verdict }) => {
    const mark = make("span", { className: `mark ${verdict}`, role: "img", "aria-label": say(verdict) }, MARKS[verdict]);
    const button = make("button", { type: "button", "data-kpi": id }, mark, make("span", { className: "name" }, name), make("span", { className: "value" }, value));
    button.setAttribute("aria-current", String(id === look.kpi));
    button.addEventListener("click", () => turnTo({ kpi: id }));
    return make("li", {}, button);
  });
  $("rows").replaceChildren(...rows);
  const { missed = 0, near = 0, met = 0, not_judged = 0 } = report?.counts ?? {};
  const counts = [["missed", missed], ["near", near], ["met", met], ["none", not_judged]].filter(([, count]) => count);
  $("counts").replaceChildren(...counts.map(([verdict, count]) => make("span", { className: verdict }, `${MARKS[verdict]} ${count} ${say(verdict)}`)));
}

/** The KPI that is looked at, beside the mail. Of several that are asked for at once the last one counts. */
async function inspect() {
  const mine = ++looked;
  const row = report?.rows.find(({ id }) => id === look.kpi);
  const opened = row && $("inspect").hidden;
  $("inspect").hidden = !row;
  document.body.classList.toggle("inspecting", Boolean(row));
  if (!row) return;
  $("inspected").textContent = row.name;
  if (opened) $("inspected").focus();
  const answer = await ask(`/api/kpi/${row.id}?${query({ report: look.report })}`);
  if (mine !== looked) return;
  if (answer.ok) mount($("inspector"), answer);
  else $("inspector").replaceChildren(...answer.problems.map(({ message }) => make("p", { className: "warn" }, message)));
}

function facts() {
  if (!report) return $("facts").replaceChildren();
  const kb = (bytes) => Math.ceil(bytes / 1000);
  const when = new Intl.DateTimeFormat(state.locale, { dateStyle: "medium", timeStyle: "short" }).format(new Date(report.as_of));
  const over = report.html_bytes > report.html_limit;
  const html = make("span", { className: over ? "bad" : "", title: say("clipped-why") }, say("clipped", kb(report.html_bytes), kb(report.html_limit)));
  const size = report.too_large ?? `${say("mail-size")} ${say("size", kb(report.bytes))}`;
  const files = report.attachments.map(({ name, bytes }) => `${name} (${say("size", kb(bytes))})`).join(", ");
  const { asked, reused } = report.queries;
  const all = [`${say("data-of")} ${when}`, say("queries", asked, reused), size, html, files && `${say("attached")}: ${files}`];
  $("facts").replaceChildren(...all.filter(Boolean).map((fact) => make("span", {}, fact)));
}

/** A KPI's name in the mail opens it as its row of the list does. */
function clicked(event) {
  const name = event.target.textContent.trim();
  const row = report?.rows.find((row) => row.name === name);
  event.preventDefault();
  if (row) turnTo({ kpi: row.id });
}

function step(select, by) {
  const count = select.options.length;
  if (count) select.selectedIndex = (select.selectedIndex + by + count) % count;
  select.dispatchEvent(new Event("change"));
}

function stepPeriod(by) {
  const [select, button] = [$("period"), by > 0 ? $("earlier") : $("later")];
  if (!button.disabled) step(select, by);
}

const next = (name, values) => turnTo({ [name]: values[(values.indexOf(look[name]) + 1) % values.length] });

const KEYS = {
  r: () => step($("report"), 1),
  p: () => step($("to"), 1),
  "[": () => stepPeriod(1),
  "]": () => stepPeriod(-1),
  v: () => next("view", ["html", "text", "inbox"]),
  w: () => next("width", ["desktop", "phone"]),
  d: () => next("scheme", ["light", "dark"]),
  i: () => next("images", ["on", "off"]),
  k: () => $("rows").querySelector("button")?.focus(),
  "?": help,
  Escape: () => ($("notes").hidden ? close() : toggleNotes(false)),
};

function key(event) {
  const typing = event.target.closest?.("select, textarea, input:not([type=radio], [type=checkbox])");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || $("help").open) return;
  KEYS[event.key]?.();
}

function close() {
  const row = look.kpi;
  turnTo({ kpi: "" }).then(() => $("rows").querySelector(`[data-kpi="${row}"]`)?.focus());
}

function help() {
  const lines = say("keys-list").flatMap(([keys, what]) => [make("dt", {}, make("kbd", {}, keys)), make("dd", {}, what)]);
  $("help-keys").replaceChildren(...lines);
  $("help").showModal();
}

async function refresh() {
  $("refresh").disabled = true;
  await fetch("/api/refresh", { method: "POST" }).catch(() => alive(false));
  $("refresh").disabled = false;
}

/** Whether the program answers, and when it last did. */
function alive(is) {
  const time = new Intl.DateTimeFormat(state.locale, { timeStyle: "medium" }).format(new Date());
  $("live").replaceChildren(...(is ? [make("span", {}, say("live")), make("time", {}, time)] : [say("stopped")]));
  $("live").classList.toggle("off", !is);
}

/** Hears of saves while somebody looks: a browser has few connections to one place, and hidden tabs would use them up. */
function listen() {
  let [events, lost] = [null, false];
  const connect = () => {
    events?.close();
    if (document.hidden) return;
    events = new EventSource("/api/events");
    events.addEventListener("error", () => { lost = true; alive(false); });
    events.addEventListener("state", (event) => {
      const { generation } = JSON.parse(event.data);
      // Started anew it counts anew.
      if (lost || generation !== state.generation) load();
      lost = false;
    });
  };
  document.addEventListener("visibilitychange", connect);
  connect();
}

for (const name of ["report", "to", "period"]) $(name).addEventListener("change", () => turnTo({ [name]: $(name).value }));
for (const radio of document.querySelectorAll("[type=radio]")) radio.addEventListener("change", () => turnTo({ [radio.name]: radio.value }));
$("images").addEventListener("change", () => turnTo({ images: $("images").checked ? "off" : "on" }));
$("earlier").addEventListener("click", () => stepPeriod(1));
$("later").addEventListener("click", () => stepPeriod(-1));
$("refresh").addEventListener("click", refresh);
$("warnings").addEventListener("click", () => toggleNotes());
$("close").addEventListener("click", close);
$("keys").addEventListener("click", help);
document.addEventListener("keydown", key);
addEventListener("hashchange", () => { look = read(); load(); });
speak("en");
$("waiting").textContent = say("waiting");
load().then(listen);
