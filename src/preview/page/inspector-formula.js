// The formula and what each part of it gave, as a tree that opens; a part that is pointed at is marked in the formula's text.

import { make } from "./dom.js";

/** How many levels are open at first; what leads to a missing value is open all the way. */
const OPEN = 2;
const FAR = 12;

/** `voice` says words, `memory` holds which nodes were opened or closed by hand, `rows` leads to the rows of a read. */
export function formula({ explanation }, voice, memory, rows) {
  const tree = new Tree(explanation, voice, memory, rows);
  const parts = [tree.root(0)];
  for (const [name, root] of [["of-target", explanation.target], ["of-sample", explanation.sample]]) {
    if (root !== null) parts.push(make("h4", {}, voice.say(name)), tree.root(root));
  }
  parts.push(make("p", { className: "hint" }, voice.say("formula-hint")));
  if (!explanation.complete) parts.push(make("p", { className: "warn" }, voice.say("cut")));
  return parts;
}

class Tree {
  constructor(explanation, voice, memory, rows) {
    Object.assign(this, { explanation, voice, memory, rows });
  }

  root(index) {
    const code = this.code(index);
    const list = make("ul", { className: "tree" }, this.node({ index, at: 0, code, path: `${index}`, depth: 0 }));
    return make("div", { className: "formula" }, code, list);
  }

  /** The text of a formula, of which a part can be marked. */
  code(index) {
    const { text } = this.explanation.formulas[index];
    return make("code", { className: "text" }, text);
  }

  mark(code, index, at) {
    const { text, parts } = this.explanation.formulas[index];
    if (at === null) return code.replaceChildren(text);
    const [start, end] = parts[at].at;
    code.replaceChildren(text.slice(0, start), make("mark", {}, text.slice(start, end)), text.slice(end));
  }

  /** A part of a formula, with its own parts below. */
  node({ index, at, code, path, depth }) {
    const formula = this.explanation.formulas[index];
    const part = formula.parts[at];
    const asked = part.input === null ? null : formula.inputs[part.input];
    // A part of what was not evaluated has nothing to tell.
    const named = part.evaluated ? (asked?.formula ?? null) : null;
    const more = named !== null || (part.parts.length > 0 && part.evaluated);
    const item = make("li", {});
    const head = make("div", { className: "node" });
    const children = make("ul", { hidden: true });
    const fill = () => {
      if (children.childElementCount) return;
      if (named === null) {
        children.append(...part.parts.map((at) => this.node({ index, at, code, path: `${path}.${at}`, depth: depth + 1 })));
      } else {
        const inner = this.code(named);
        const { parts } = this.explanation.formulas[named];
        const below = parts[0].parts.length ? parts[0].parts : [0];
        children.append(make("li", { className: "is" }, "= ", inner));
        children.append(...below.map((at) => this.node({ index: named, at, code: inner, path: `${path}.k${at}`, depth: depth + 1 })));
      }
    };
    const toggle = more && make("button", { type: "button", className: "toggle", "aria-label": `${this.voice.say("open")}: ${formula.text.slice(...part.at)}`, "data-key": `node ${path}` });
    const show = (open) => {
      if (open) fill();
      children.hidden = !open;
      toggle.setAttribute("aria-expanded", String(open));
    };
    // The formula itself stands above its tree already.
    const text = depth === 0 && !asked ? formula.kpi : formula.text.slice(...part.at);
    head.append(toggle || "", make("code", { title: text }, text), ...this.value(part), ...this.place(asked, formula));
    for (const enter of ["pointerenter", "focusin"]) head.addEventListener(enter, () => this.mark(code, index, at));
    for (const leave of ["pointerleave", "focusout"]) head.addEventListener(leave, () => this.mark(code, index, null));
    item.append(head);
    if (more) {
      item.append(children);
      toggle.addEventListener("click", () => {
        const open = children.hidden;
        this.memory.set(`node ${path}`, open);
        show(open);
      });
      const wanted = depth < OPEN || (part.reason !== null && depth < FAR);
      show(this.memory.get(`node ${path}`) ?? wanted);
    }
    return item;
  }

  /** Nothing for a number, which is its own value. */
  value(part) {
    const { voice } = this;
    const { evaluated, value, reason, operation, input } = part;
    if (!evaluated) return [make("span", { className: "value none" }, voice.say("not-evaluated"))];
    if (reason !== null) return [make("span", { className: "value missing" }, voice.missing(part))];
    if (operation === null && input === null) return [];
    const shown = typeof value === "boolean" ? voice.say(value ? "yes" : "no") : voice.number(value);
    return [make("span", { className: "value", title: String(value) }, shown)];
  }

  /** Where an input was computed, if not there where the formula is, and its rows. */
  place(asked, formula) {
    if (!asked) return [];
    const own = asked.formula === null ? asked : this.explanation.formulas[asked.formula];
    const differs = (key) => JSON.stringify(own[key]) !== JSON.stringify(formula[key]);
    const notes = [
      differs("period") && own.period,
      differs("over") && own.over && `${this.voice.say("over")} ${own.over}`,
      differs("where") && this.voice.filter(own.where),
    ].filter(Boolean);
    const parts = notes.length ? [make("span", { className: "note" }, notes.join(" · "))] : [];
    if (asked.read !== null) {
      const read = this.explanation.reads[asked.read];
      const link = make("button", { type: "button", className: "link", "data-key": `rows ${asked.read} ${asked.input}` }, read.failure === null ? this.voice.say("one-query", read.count) : this.voice.say("failed"));
      link.addEventListener("click", () => this.rows(asked.read));
      parts.push(link);
    }
    return parts;
  }
}
