// What is wrong, with its place: errors over the mail, the rest behind a button.

import { $, make } from "./dom.js";
import { say } from "./words.js";

/** `broken`: the folder can't be used, and what is shown is from before. */
export function showProblems(problems, failures, shown) {
  const errors = problems.filter(({ severity }) => severity === "error");
  const box = $("problems");
  box.hidden = !errors.length;
  $("stage").classList.toggle("broken", errors.length > 0);
  const heading = make("h2", {}, say("errors", errors.length));
  const below = make("p", { className: "below" }, say(shown ? "still-shown" : "never-shown"));
  box.replaceChildren(...(errors.length ? [heading, below, ...errors.map(problem)] : []));
  showNotes(problems.filter(({ severity }) => severity !== "error"), failures);
}

/** Of the sources that failed when it was last said. */
let failed = "";

function showNotes(warnings, failures) {
  const [button, notes] = [$("warnings"), $("notes")];
  const all = [...failures, ...warnings];
  button.hidden = !all.length;
  const parts = [failures.length && say("failed", failures.length), warnings.length && say("warnings", warnings.length)];
  button.textContent = parts.filter(Boolean).join(" · ");
  button.classList.toggle("bad", failures.length > 0);
  const said = failures.map(({ message }) => message).join();
  // What has just gone wrong is shown; what was put away stays away.
  if (!all.length || said !== failed) toggleNotes(said !== "");
  failed = said;
  notes.replaceChildren(...all.map(problem));
}

export function toggleNotes(open = $("notes").hidden) {
  $("notes").hidden = !open;
  $("warnings").setAttribute("aria-expanded", String(open));
}

function problem({ severity, code, file, line, column, message, help, snippet }) {
  const place = [file, line || "", line && column ? column : ""].filter(Boolean).join(":");
  return make("article", { className: `problem ${severity}` },
    make("p", { className: "place" }, make("code", {}, place), make("span", { className: "code" }, code)),
    make("p", { className: "message" }, ...coded(message)),
    snippet ? make("pre", { tabIndex: 0 }, ...labelled(snippet.trimEnd())) : null,
    help ? make("p", { className: "help" }, make("b", {}, `${say("help")}: `), ...coded(help)) : null,
  );
}

/** What is said beside the carets can stand below them where there is no room. */
function labelled(snippet) {
  return snippet.split(/^( *\| *\^+ )(.+)$/m).map((part, i) => (i % 3 === 2 ? make("span", { className: "label" }, part) : part));
}

/** What stands in backticks is code. */
function coded(text) {
  return text.split("`").map((part, i) => (i % 2 ? make("code", {}, part) : part));
}
