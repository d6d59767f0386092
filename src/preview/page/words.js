// What the page says, in the language of the installation.

const WORDS = {
  en: {
    report: "Report", to: "As", period: "Period", earlier: "Earlier period", later: "Later period",
    refresh: "Refresh", "refresh-why": "Read the databases again", keys: "Keys",
    look: "How the mail is shown", view: "View", html: "Mail", text: "Plain text", inbox: "Inbox",
    width: "Width", desktop: "Desktop", phone: "Phone", scheme: "Scheme", light: "Light", dark: "Dark",
    blocked: "Pictures blocked", mail: "The mail", kpis: "KPIs", close: "Close",
    live: "live", stopped: "kpid has stopped", waiting: "Asking the databases…",
    anybody: "Any reader", readers: "Get this report", others: "Don't get it", running: "so far",
    "to-line": "to", now: "now",
    errors: (n) => (n === 1 ? "1 error" : `${n} errors`),
    warnings: (n) => (n === 1 ? "1 warning" : `${n} warnings`),
    "still-shown": "The mail below is the last one without errors.",
    "never-shown": "The mail appears here as soon as they are mended.",
    "no-report": "There is no report yet. Write one in the folder, save, and it appears here.",
    help: "help", failed: (n) => (n === 1 ? "1 source could not be read" : `${n} sources could not be read`),
    met: "met", near: "near", missed: "missed", none: "not judged",
    "data-of": "Data of", queries: (a, r) => (a ? `${a} queries asked, ${r} answers reused` : `no query asked: all ${r} answers reused`),
    size: (kb) => `${kb} kB`, "mail-size": "Mail", clipped: (kb, limit) => `HTML ${kb} of ${limit} kB`,
    "clipped-why": "Gmail cuts a mail off beyond that", attached: "Attached",
    subject: (n) => `Subject: ${n} characters. A phone shows about 40, a desktop about 70.`,
    preheader: (n) => `Line beside it: ${n} characters. A phone shows about 90.`,
    "keys-list": [["r", "next report"], ["p", "next person"], ["[ ]", "earlier, later period"], ["v", "mail, plain text, inbox"], ["w", "desktop, phone"], ["d", "light, dark"], ["i", "pictures blocked"], ["k", "first KPI of the list"], ["Esc", "close"]],
  },
  es: {
    report: "Informe", to: "Como", period: "Periodo", earlier: "Periodo anterior", later: "Periodo siguiente",
    refresh: "Actualizar", "refresh-why": "Leer de nuevo las bases de datos", keys: "Teclas",
    look: "Cómo se ve el correo", view: "Vista", html: "Correo", text: "Texto", inbox: "Bandeja",
    width: "Ancho", desktop: "Escritorio", phone: "Móvil", scheme: "Aspecto", light: "Claro", dark: "Oscuro",
    blocked: "Imágenes bloqueadas", mail: "El correo", kpis: "KPI", close: "Cerrar",
    live: "en vivo", stopped: "kpid se ha detenido", waiting: "Consultando las bases de datos…",
    anybody: "Cualquier lector", readers: "Reciben este informe", others: "No lo reciben", running: "hasta ahora",
    "to-line": "para", now: "ahora",
    errors: (n) => (n === 1 ? "1 error" : `${n} errores`),
    warnings: (n) => (n === 1 ? "1 aviso" : `${n} avisos`),
    "still-shown": "El correo de debajo es el último sin errores.",
    "never-shown": "El correo aparecerá aquí en cuanto se corrijan.",
    "no-report": "Todavía no hay ningún informe. Escriba uno en la carpeta, guarde y aparecerá aquí.",
    help: "ayuda", failed: (n) => (n === 1 ? "1 fuente no se ha podido leer" : `${n} fuentes no se han podido leer`),
    met: "en objetivo", near: "cerca", missed: "fuera de objetivo", none: "sin valorar",
    "data-of": "Datos de", queries: (a, r) => (a ? `${a} consultas hechas, ${r} respuestas reutilizadas` : `ninguna consulta: ${r} respuestas reutilizadas`),
    size: (kb) => `${kb} kB`, "mail-size": "Correo", clipped: (kb, limit) => `HTML ${kb} de ${limit} kB`,
    "clipped-why": "Gmail corta el correo a partir de ahí", attached: "Adjuntos",
    subject: (n) => `Asunto: ${n} caracteres. Un móvil muestra unos 40; un escritorio, unos 70.`,
    preheader: (n) => `Línea de al lado: ${n} caracteres. Un móvil muestra unos 90.`,
    "keys-list": [["r", "informe siguiente"], ["p", "persona siguiente"], ["[ ]", "periodo anterior, siguiente"], ["v", "correo, texto, bandeja"], ["w", "escritorio, móvil"], ["d", "claro, oscuro"], ["i", "imágenes bloqueadas"], ["k", "primer KPI de la lista"], ["Esc", "cerrar"]],
  },
};

let words = WORDS.en;

/** The text of that name, or what makes it of numbers. */
export function say(name, ...args) {
  const word = words[name];
  return typeof word === "function" ? word(...args) : word;
}

/** Puts every text of the page into `language`, where there is one. */
export function speak(language) {
  words = WORDS[language] ?? WORDS.en;
  document.documentElement.lang = language in WORDS ? language : "en";
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = say(element.dataset.word);
  for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", say(element.dataset.label));
  for (const element of document.querySelectorAll("[data-title]")) {
    element.title = say(element.dataset.title);
    // A word on the button is its name already.
    if (!element.querySelector("[data-word]")) element.setAttribute("aria-label", element.title);
  }
}
