// What the inspector says, in the language of the installation, and how its reader's locale writes numbers.

const WORDS = {
  en: {
    met: "met", near: "near", missed: "missed", "not judged": "not judged", running: "so far", "small-sample": "sample too small",
    "period-open": "the period is still open", "no-target": "no target", "target-missing": "the target is missing", "sample-missing": "the sample is missing",
    "no-row": (what) => `no data for ${what}`, "is-null": (what) => `${what} is NULL`, "division-by-zero": (what) => `${what} = 0`,
    overflow: (what) => `${what} is too large`, domain: (what) => `${what} is not defined`, "not-finite": (what) => `${what} is not a finite number`,
    "source-failed": (what) => `source ${what} failed`,
    jump: "Parts of the KPI", value: "Value", formula: "Formula", trend: "Trend", drivers: "Why it moved", inputs: "Inputs",
    segments: "Segments", sources: "Sources", rows: "Rows", targets: "Targets",
    target: "Target", since: "since", period: "Period", verdict: "Verdict", owner: "owner", sample: "sample", tags: "tags",
    where: "where", is: "is", or: "or", over: "over", null: "(none)", missing: "missing", yes: "true", no: "false",
    "not-evaluated": "not evaluated", open: "Show what it is made of", "of-target": "Target:", "of-sample": "Sample:",
    cut: "There is more than is shown here: it was too much.",
    "formula-hint": "Point at a step to see it in the formula.",
    "trend-label": "Trend. Left and right arrow: from period to period. Plus and minus: closer, farther. Drag: a part of it.",
    all: "Show all", "as-table": "As a table", "year-ago": "A year ago", "no-trend": "The report shows no trend.",
    against: "Against", change: "Change", sampled: "estimated from a sample of orders", "no-drivers": "No comparison:",
    "no-change": "Nothing moved.", from: "From", to: "To", part: "Part", input: "Input", now: "Now",
    segment: "Segment", before: "Before", rate: "By its own rate", mix: "By its weight", effect: "Effect", sort: "Sort by",
    database: "database", copy: "Copy", copied: "Copied", "lines-of": "SQL of", "no-copy": "Copying is not allowed here",
    asked: "What it was asked", end: "until", failed: "Could not be read", stale: "older than allowed", newest: "Newest data", unknown: "unknown",
    within: (hours) => `no older than ${hours} h`,
    "one-query": (count) => (count === 1 ? "1 row" : `${count} rows`),
    "rows-of": (shown, count) => (shown < count ? `the first ${shown} of ${count} rows` : count === 1 ? "1 row" : `${count} rows`),
    "which-rows": "Which rows", "no-rows": "The formula reads no source.", valid: "From", level: "Target", why: "Why", always: "always",
    "by-formula": "The target is computed:", per: { day: "per day", week: "per week", month: "per month", quarter: "per quarter", year: "per year" },
    near_by: (share) => `“near” up to ${share} away from it`,
    untargeted: "It has no target.", previous: "before", year_ago: "a year ago",
  },
  es: {
    met: "en objetivo", near: "cerca", missed: "fuera de objetivo", "not judged": "sin valorar", running: "hasta ahora", "small-sample": "muestra insuficiente",
    "period-open": "el periodo aún está abierto", "no-target": "sin objetivo", "target-missing": "falta el objetivo", "sample-missing": "falta la muestra",
    "no-row": (what) => `no hay datos de ${what}`, "is-null": (what) => `${what} es NULL`, "division-by-zero": (what) => `${what} = 0`,
    overflow: (what) => `${what} es demasiado grande`, domain: (what) => `${what} no está definido`, "not-finite": (what) => `${what} no es un número finito`,
    "source-failed": (what) => `la fuente ${what} ha fallado`,
    jump: "Partes del KPI", value: "Valor", formula: "Fórmula", trend: "Evolución", drivers: "Por qué ha cambiado", inputs: "Datos de entrada",
    segments: "Segmentos", sources: "Fuentes", rows: "Filas", targets: "Objetivos",
    target: "Objetivo", since: "desde", period: "Periodo", verdict: "Valoración", owner: "responsable", sample: "muestra", tags: "etiquetas",
    where: "donde", is: "es", or: "o", over: "sobre", null: "(ninguno)", missing: "falta", yes: "verdadero", no: "falso",
    "not-evaluated": "sin calcular", open: "Mostrar de qué se compone", "of-target": "Objetivo:", "of-sample": "Muestra:",
    cut: "Hay más de lo que se muestra aquí: era demasiado.",
    "formula-hint": "Señale un paso para verlo en la fórmula.",
    "trend-label": "Evolución. Flechas izquierda y derecha: de periodo en periodo. Más y menos: acercar, alejar. Arrastrar: una parte.",
    all: "Ver todo", "as-table": "Como tabla", "year-ago": "Hace un año", "no-trend": "El informe no muestra evolución.",
    against: "Frente a", change: "Cambio", sampled: "estimado con una muestra de órdenes", "no-drivers": "Sin comparación:",
    "no-change": "Nada ha cambiado.", from: "De", to: "A", part: "Parte", input: "Dato", now: "Ahora",
    segment: "Segmento", before: "Antes", rate: "Por su propia tasa", mix: "Por su peso", effect: "Efecto", sort: "Ordenar por",
    database: "base de datos", copy: "Copiar", copied: "Copiado", "lines-of": "SQL de", "no-copy": "Aquí no se permite copiar",
    asked: "Qué se le preguntó", end: "hasta", failed: "No se ha podido leer", stale: "más antiguo de lo permitido", newest: "Dato más reciente", unknown: "desconocido",
    within: (hours) => `como mucho ${hours} h`,
    "one-query": (count) => (count === 1 ? "1 fila" : `${count} filas`),
    "rows-of": (shown, count) => (shown < count ? `las primeras ${shown} de ${count} filas` : count === 1 ? "1 fila" : `${count} filas`),
    "which-rows": "Qué filas", "no-rows": "La fórmula no lee ninguna fuente.", valid: "Desde", level: "Objetivo", why: "Por qué", always: "siempre",
    "by-formula": "El objetivo se calcula:", per: { day: "al día", week: "a la semana", month: "al mes", quarter: "al trimestre", year: "al año" },
    near_by: (share) => `“cerca” hasta a un ${share}`,
    untargeted: "No tiene objetivo.", previous: "antes", year_ago: "hace un año",
  },
};

/** What a verdict looks like without its colour. */
export const MARKS = { met: "●", near: "▲", missed: "■", "not judged": "○" };

/** Says the inspector's words for `data`: the text of that name, or what makes it of what else is given. */
export function speaker({ language, locale }) {
  const words = WORDS[language] ?? WORDS.en;
  const format = (options) => new Intl.NumberFormat(locale, { useGrouping: "min2", ...options });
  const [large, small] = [format({ maximumFractionDigits: 4 }), format({ maximumSignificantDigits: 5 })];
  const number = (number) => (Math.abs(number) < 1 ? small : large).format(number);
  const missing = ({ reason }) => `${words.missing}: ${words[reason.word](reason.what)}`;
  return {
    /** Why there is no number. */
    missing,
    say: (name, ...args) => (typeof words[name] === "function" ? words[name](...args) : words[name]),
    per: (cadence) => words.per[cadence],
    /** A number of whatever unit, with as many digits as anybody reads; the rest is in its title. */
    number,
    percent: (share) => new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }).format(share),
    /** `{number, reason}` */
    plain: (value) => (value.reason ? missing(value) : number(value.number)),
    filter: (where) => {
      const one = ([dimension, values]) => `${dimension} ${words.is} ${values.map((value) => value ?? words.null).join(` ${words.or} `)}`;
      return Object.entries(where).map(one).join(", ");
    },
  };
}
