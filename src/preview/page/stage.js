// The mail as it arrives: in its frame, as plain text, or as a line of an inbox.

import { $, make } from "./dom.js";
import { say } from "./words.js";

let frame = null;
/** Takes the frame that is still loading away, and ends the wait for it. */
let giveUp = () => {};

/** Shows `report` as `look` says; `onKey` and `onClick` hear what is done inside the frame, whose events stay there. */
export async function show(report, look, address, listeners) {
  const device = $("device");
  device.hidden = false; // or its frame would load nothing
  giveUp();
  device.className = `device ${look.width} ${look.view} ${look.scheme}`;
  if (look.view === "html") return showMail(report, address, listeners);
  frame = null;
  $("head").replaceChildren(...(look.view === "text" ? head(report) : []));
  const inside = look.view === "text" ? make("pre", { className: "plain", tabIndex: 0 }, report.text) : inbox(report);
  $("screen").replaceChildren(inside);
}

/** The new mail takes the place of the old one when it is there whole, at the same height: nothing flickers or jumps. */
async function showMail(report, address, listeners) {
  const next = make("iframe", { title: `${say("mail")}: ${report.subject}`, className: "coming" });
  next.setAttribute("sandbox", "allow-same-origin");
  next.src = address;
  const loaded = new Promise((resolve) => {
    next.addEventListener("load", resolve, { once: true });
    giveUp = () => { next.remove(); resolve(); };
  });
  $("screen").append(next);
  await loaded;
  if (!next.isConnected) return;
  giveUp = () => {};
  const same = frame?.isConnected && frame.dataset.of === report.report;
  const top = same ? frame.contentWindow.scrollY : 0;
  next.dataset.of = report.report;
  next.contentWindow.scrollTo(0, top);
  next.classList.remove("coming");
  for (const [event, listener] of Object.entries(listeners)) next.contentDocument.addEventListener(event, listener);
  // A frame that is moved in the tree is loaded anew: the others go.
  for (const old of [...$("screen").children]) if (old !== next) old.remove();
  frame = next;
  $("head").replaceChildren(...head(report));
}

function head(report) {
  const { name, address } = sender(report);
  return [
    make("span", { className: "face", "aria-hidden": "true" }, initial(name)),
    make("div", { className: "lines" },
      make("p", { className: "subject" }, report.subject),
      make("p", { className: "from" }, make("b", {}, name), address ? ` <${address}>` : "", ` ${say("to-line")} ${report.reader}`),
    ),
  ];
}

function inbox(report) {
  const { name } = sender(report);
  const mine = make("li", { className: "unread" },
    make("span", { className: "face", "aria-hidden": "true" }, initial(name)),
    make("span", { className: "name" }, name), make("span", { className: "time" }, say("now")),
    make("span", { className: "subject" }, report.subject), make("span", { className: "preheader" }, report.preheader));
  const other = () => make("li", { className: "other", "aria-hidden": "true" }, ...["face", "name", "time", "subject", "preheader"].map((className) => make("span", { className })));
  return make("div", { className: "mailbox" },
    make("ul", {}, mine, other(), other(), other()),
    make("p", { className: "measure" }, say("subject", [...report.subject].length)),
    make("p", { className: "measure" }, say("preheader", [...report.preheader].length)));
}

function sender({ from }) {
  const [, name, address] = /^\s*"?([^"<]*?)"?\s*<([^>]*)>\s*$/.exec(from ?? "") ?? [null, from ?? "kpid", ""];
  return { name: name || address, address };
}

const initial = (name) => [...name][0]?.toUpperCase() ?? "K";
