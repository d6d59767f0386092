// A source: its SQL with numbered lines, what was asked of it, and how fresh it is.

import { make } from "./dom.js";

export function source(one, voice) {
  const place = one.place ? `${one.place.file}:${one.place.line}` : null;
  const title = make("summary", { "data-key": `source ${one.name}` }, make("code", {}, one.name), make("span", { className: "note" }, `${voice.say("database")} ${one.database} · ${one.engine}`));
  if (one.failure !== null) title.append(make("span", { className: "missing" }, voice.say("failed")));
  if (one.fresh?.stale) title.append(make("span", { className: "near" }, `▲ ${voice.say("stale")}`));
  const parts = [
    one.description && make("p", {}, one.description),
    place && make("p", { className: "hint" }, make("code", {}, place)),
    one.failure !== null ? make("p", { className: "warn" }, one.failure) : null,
    sql(one, voice),
    queries(one, voice),
    one.fresh && freshness(one.fresh, voice),
  ];
  return make("details", { className: "source", open: one.failure !== null }, title, ...parts.filter(Boolean));
}

function sql({ name, sql, params }, voice) {
  const known = params.length ? new RegExp(`(?<![:\\w]):(?:${[...params].sort((a, b) => b.length - a.length).join("|")})\\b`, "g") : null;
  const line = (text) => {
    const item = make("li", {});
    let done = 0;
    for (const found of known ? text.matchAll(known) : []) {
      item.append(text.slice(done, found.index), make("b", {}, found[0]));
      done = found.index + found[0].length;
    }
    item.append(text.slice(done));
    return item;
  };
  const copy = make("button", { type: "button", className: "copy", "data-key": `copy ${name}`, "aria-label": `${voice.say("copy")}: ${name}` }, voice.say("copy"));
  const said = make("span", { className: "said", role: "status" });
  copy.addEventListener("click", async () => {
    const done = await navigator.clipboard.writeText(sql).then(() => true, () => false);
    said.textContent = voice.say(done ? "copied" : "no-copy");
  });
  const lines = make("ol", { className: "sql", tabIndex: 0, "aria-label": `${voice.say("lines-of")} ${name}` }, ...sql.split("\n").map(line));
  return make("div", { className: "code" }, lines, make("span", { className: "copying" }, said, copy));
}

function queries({ params, queries }, voice) {
  const one = ({ start, end, rows, failure }) => {
    const told = failure === null ? voice.say("one-query", rows) : voice.say("failed");
    return make("li", {}, `${start} ${voice.say("end")} ${end}: `, make("span", { className: failure === null ? "" : "missing" }, told));
  };
  const asked = params.length ? `${voice.say("asked")} (${params.map((name) => `:${name}`).join(", ")})` : voice.say("asked");
  return queries.length ? make("div", {}, make("h4", {}, asked), make("ul", { className: "queries" }, ...queries.map(one))) : null;
}

function freshness({ newest, failure, within_seconds }, voice) {
  const when = failure ?? newest ?? voice.say("unknown");
  return make("p", { className: "hint" }, `${voice.say("newest")}: ${when} · ${voice.say("within", within_seconds / 3600)}`);
}
