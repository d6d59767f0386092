// Asks the real yaml-language-server what an editor would ask it, over its protocol.
//
//     node ask.mjs < QUESTIONS
//
// QUESTIONS is JSON: a list of { path, text, at }. Every `text` is opened as the file `path`; `at`, if there, is { line, character } of
// a cursor. Prints a list of { problems: [{ line, message }], completions: [{ label, insert, about }], hover } in the same order; lines
// count from 0. Nothing is loaded from elsewhere.

import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const program = createRequire(import.meta.url).resolve("yaml-language-server/bin/yaml-language-server");
const server = spawn(process.execPath, [program, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
server.on("exit", (code) => process.exit(code || 1));

function send(message) {
  const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
  server.stdin.write(Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]));
}

let received = Buffer.alloc(0);
server.stdout.on("data", (bytes) => {
  received = Buffer.concat([received, bytes]);
  for (;;) {
    const end = received.indexOf("\r\n\r\n");
    if (end < 0) return;
    const length = Number(/Content-Length: (\d+)/i.exec(received.subarray(0, end))[1]);
    if (received.length < end + 4 + length) return;
    const message = JSON.parse(received.subarray(end + 4, end + 4 + length));
    received = received.subarray(end + 4 + length);
    take(message);
  }
});

const SETTINGS = { validate: true, hover: true, completion: true, schemaStore: { enable: false }, kubernetesCRDStore: { enable: false } };
const answers = new Map();
const judged = new Map();

function take({ id, method, params, result, error }) {
  if (method === "workspace/configuration") {
    send({ id, result: params.items.map(({ section }) => (section === "yaml" ? SETTINGS : null)) });
  } else if (method === "textDocument/publishDiagnostics") {
    judged.get(params.uri)?.(params.diagnostics);
  } else if (method && id !== undefined) {
    send({ id, result: null });
  } else if (id !== undefined) {
    if (error) throw new Error(error.message);
    answers.get(id)(result);
  }
}

let count = 0;
function ask(method, params) {
  const id = ++count;
  return new Promise((done) => {
    answers.set(id, done);
    send({ id, method, params });
  });
}

/** What the server finds wrong with a file that is opened. */
function open(uri, text) {
  return new Promise((done) => {
    judged.set(uri, done);
    send({ method: "textDocument/didOpen", params: { textDocument: { uri, languageId: "yaml", version: 1, text } } });
  });
}

async function answer({ path, at }, found) {
  const uri = pathToFileURL(path).href;
  const problems = found.map(({ range, message }) => ({ line: range.start.line, message }));
  if (!at) return { problems, completions: [], hover: "" };
  const place = { textDocument: { uri }, position: at };
  const { items } = await ask("textDocument/completion", place);
  const completions = items.map(({ label, insertText, documentation }) => ({
    label,
    insert: insertText,
    about: documentation?.value ?? documentation ?? "",
  }));
  const hover = await ask("textDocument/hover", place);
  return { problems, completions, hover: hover?.contents?.value ?? "" };
}

await ask("initialize", {
  processId: process.pid,
  rootUri: null,
  capabilities: {
    textDocument: {
      completion: { completionItem: { snippetSupport: true, documentationFormat: ["markdown"] } },
      hover: { contentFormat: ["markdown"] },
    },
    workspace: { configuration: true },
  },
});
send({ method: "initialized", params: {} });
const questions = JSON.parse(await text(process.stdin));
// The server waits a while before it judges a file: it may wait for all of them at once.
const found = await Promise.all(questions.map(({ path, text }) => open(pathToFileURL(path).href, text)));
const results = [];
for (const [index, question] of questions.entries()) results.push(await answer(question, found[index]));
process.stdout.write(JSON.stringify(results), () => process.exit());
