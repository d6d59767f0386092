//! `reports:` → [`ReportSpec`].

use super::kpis::title;
use super::people::{Recipients, Wanted};
use super::sections::{Declared, Sections};
use super::settings::zone;
use super::targets::{CADENCES, cadence};
use super::texts::Texts;
use crate::calendar::{Calendar, Schedule};
use crate::catalog::context::{Context, Place, Problem, Unknown};
use crate::catalog::fields::{Fields, Table, items, list_of};
use crate::catalog::form::{Choice, Form, Named, Pattern, Snippet, key, required, words};
use crate::catalog::node::{Node, Value};
use crate::catalog::scalar::{DURATION, boolean, choice, duration, integer, line, name};
use crate::catalog::warnings;
use crate::report::{Attachment, Comparison, Missed, MissedRuns, ReportSpec, Section, Send, Show};
use crate::text::Name;
use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;

pub(super) static REPORT: Table = Table {
    what: "a report",
    keys: &[
        key("title", "what readers see; by default made from the report's own name", Form::Texts)
            .examples(&["{ es: Informe mensual, en: Monthly report }"]),
        key(
            "schedule",
            "`0 8 * * MON`, `@weekly`, `mondays at 08:00`, `last day of month at 18:00`; absent: made by hand",
            Form::Text,
        )
        .examples(&[
            "mondays at 08:00",
            "weekdays at 07:30",
            "daily at 08:00",
            "day 5 at 09:00",
            "first workday of month at 08:00",
            "last day of month at 18:00",
            "last friday of month at 17:00",
            "first day of quarter at 09:00",
            "0 8 * * MON",
        ]),
        key("timezone", "of the schedule and the periods; the installation's by default", Form::Text)
            .examples(&["Europe/Madrid"]),
        required(
            "period",
            "what it is about: a `day`, `week`, `month`, `quarter` or `year`",
            Form::Words(&words(&CADENCES)),
        ),
        key("to_date", "`true` reports the running period instead of the last complete one", Form::Switch),
        key(
            "compare",
            "list of `previous`, the default, and `year_ago`",
            Form::List(&Form::Words(&words(&COMPARISONS))),
        )
        .examples(&["[previous, year_ago]"]),
        key("trend", "periods in the sparkline, 0 to 120; 12 by default", Form::Whole(TREND)),
        key("to", "list of people, groups and addresses", Form::List(&Form::Name(Named::Recipient)))
            .examples(&["[ana, finance@example.com]"]),
        key("cc_admin", "`true` sends it to the admin as well", Form::Switch),
        key("send", "`always`, the default, `attention` or `change`", Form::Words(&words(&SENDS))),
        key("attach", "list of `xlsx`, `csv` and `html`", Form::List(&Form::Words(&words(&ATTACHMENTS))))
            .examples(&["[xlsx]"]),
        key(
            "missed",
            "fire times that fell into downtime: `latest`, the default, `all` or `skip`",
            Form::Words(&words(&POLICIES)),
        ),
        key("within", "older ones are given up: `3d`", Form::Pattern(&DURATION)).examples(&["3d"]),
        required("sections", "list of titles with KPIs", Form::List(&Form::Table(&SECTION))),
        key("template", "HTML template of the templates folder", Form::Pattern(&TEMPLATE)).examples(&["mine.html"]),
        key("was", "the name it had before: what was done under that name counts", Form::NewName),
    ],
};

pub(super) static NEW: Snippet = Snippet {
    what: "a new report",
    body: r#"
"${1:weekly}":
  title: "${2:Weekly report}"
  schedule: "${3:mondays at 08:00}"
  period: "${4|week,day,month,quarter,year|}"
  to: ["${5:board}"]
  sections:
    - title: "${6:At a glance}"
      kpis: ["${7:new_leads}"]
"#,
};

static SECTION: Table = Table {
    what: "a section",
    keys: &[
        required("title", "what readers see", Form::Texts).examples(&["Acquisition"]),
        key("text", "Markdown above the KPIs", Form::Texts),
        required("kpis", "list of KPIs", Form::List(&Form::Name(Named::Kpi))),
        key("show", "`cards`, the default, or `table`", Form::Words(&words(&SHOWS))),
    ],
};

const TREND: RangeInclusive<u32> = 0..=120;

static TEMPLATE: Pattern =
    Pattern { doc: "the name of a file in the templates folder: `mine.html`", regex: r"^\s*[^./\\][^/\\]*\.html\s*$" };

pub(super) fn read(
    cx: &Context,
    sections: &Sections,
    recipients: &Recipients,
    texts: &Texts,
) -> BTreeMap<Name, ReportSpec> {
    let one = |declared: &Declared| {
        let fields = Fields::read(cx, &declared.node, declared.at, &REPORT)?;
        let spec = Reader { cx, fields, sections, recipients, texts }.report(declared)?;
        Some((declared.name.clone(), spec))
    };
    sections.reports.list.iter().filter_map(one).collect()
}

struct Reader<'a> {
    cx: &'a Context<'a>,
    fields: Fields<'a>,
    sections: &'a Sections,
    recipients: &'a Recipients<'a>,
    texts: &'a Texts,
}

impl Reader<'_> {
    fn report(&self, declared: &Declared) -> Option<ReportSpec> {
        let fields = &self.fields;
        let settings = self.recipients.settings;
        let zone = fields.optional("timezone", zone).unwrap_or_else(|| settings.calendar.zone.clone());
        let period = fields.required("period", cadence);
        let to = fields.optional("to", |cx, node| self.recipients.read(cx, node, Wanted::PersonOrGroup));
        let schedule = fields.optional("schedule", schedule);
        self.check_delivery();
        let sections = fields.required("sections", |_, node| self.sections(node));
        Some(ReportSpec {
            id: declared.name.clone(),
            title: fields
                .optional("title", |cx, node| self.texts.line(cx, node))
                .unwrap_or_else(|| title(&declared.name)),
            schedule,
            calendar: Calendar { zone, ..settings.calendar.clone() },
            to_date: fields.optional("to_date", boolean).unwrap_or(false),
            compare: fields
                .optional("compare", |cx, node| set(cx, node, &COMPARISONS))
                .unwrap_or_else(|| vec![Comparison::Previous]),
            trend: fields.optional("trend", |cx, node| integer(cx, node, TREND)).map_or(12, |periods| periods as u16),
            to: to.unwrap_or_default(),
            cc_admin: self.cc_admin(),
            send: fields.optional("send", |cx, node| choice(cx, node, &SENDS)).unwrap_or_default(),
            attach: fields.optional("attach", |cx, node| set(cx, node, &ATTACHMENTS)).unwrap_or_default(),
            missed: MissedRuns {
                policy: fields.optional("missed", |cx, node| choice(cx, node, &POLICIES)).unwrap_or_default(),
                within: fields.optional("within", duration),
            },
            template: fields.optional("template", template),
            was: fields.optional("was", |cx, node| self.former_name(cx, node)),
            period: period?,
            sections: sections?,
        })
    }

    /// A report that is due must have somebody to go to, and a way.
    fn check_delivery(&self) {
        let Some(schedule) = self.fields.entry("schedule") else { return };
        if !self.fields.has("to") {
            let problem = Problem::error("no-recipients", schedule.at, "a report with a schedule needs `to`");
            self.cx.report(problem.help("list people, groups or addresses: `to: [ana, finance@example.com]`"));
        }
        if self.sections.settings.as_ref().is_some_and(|settings| !has_key(&settings.node, "mail")) {
            let problem =
                Problem::warning(&warnings::NO_MAIL, schedule.at, "the report can't be sent: `settings` has no `mail`");
            self.cx.report(problem.help("add `mail: { from: …, server: … }`"));
        }
    }

    fn cc_admin(&self) -> bool {
        let wanted = self.fields.optional("cc_admin", boolean).unwrap_or(false);
        let no_admin = self.sections.settings.as_ref().is_none_or(|settings| !has_key(&settings.node, "admin"));
        if wanted && no_admin {
            let problem =
                Problem::error("no-admin", self.fields.key_place("cc_admin"), "there is no admin to send it to");
            self.cx.report(problem.help("set `settings.admin`, or remove `cc_admin`"));
        }
        wanted
    }

    /// A report that still is there goes on by itself from where it was.
    fn former_name(&self, cx: &Context, node: &Node) -> Option<Name> {
        let former = name(cx, node)?;
        if let Some(report) = self.sections.reports.get(&former) {
            let problem = Problem::error("former-name", node.place, format!("there still is a report `{former}`"));
            let help = "`was` is the name that this report had before it was renamed";
            return cx.refuse(problem.also(report.at, "defined here").help(help));
        }
        Some(former)
    }

    fn sections(&self, node: &Node) -> Option<Vec<Section>> {
        let list = items(self.cx, node, "sections")?;
        if list.is_empty() {
            return self.cx.refuse(Problem::error("empty-list", node.place, "a report without sections shows nothing"));
        }
        let mut seen = HashMap::new();
        Some(list.iter().filter_map(|item| self.section(item, &mut seen)).collect())
    }

    fn section(&self, node: &Node, seen: &mut HashMap<Name, Place>) -> Option<Section> {
        let fields = Fields::read(self.cx, node, node.place, &SECTION)?;
        let title = fields.required("title", |cx, node| self.texts.line(cx, node));
        let text = fields.optional("text", |cx, node| self.texts.block(cx, node));
        let show = fields.optional("show", |cx, node| choice(cx, node, &SHOWS));
        let kpis = fields.required("kpis", |cx, node| {
            let list = items(cx, node, "KPIs")?;
            if list.is_empty() {
                return cx.refuse(Problem::error("empty-list", node.place, "a section without KPIs shows nothing"));
            }
            Some(list.iter().filter_map(|item| self.kpi(item, seen)).collect())
        });
        Some(Section { title: title?, text, kpis: kpis?, show: show.unwrap_or_default() })
    }

    fn kpi(&self, node: &Node, seen: &mut HashMap<Name, Place>) -> Option<Name> {
        let name = name(self.cx, node)?;
        if self.sections.kpis.get(&name).is_none() {
            self.cx.unknown(
                Unknown { what: "KPI", name: &name, of: None, place: node.place, help: None },
                self.sections.kpis.names(),
            );
            return None;
        }
        match seen.get(&name) {
            Some(first) => {
                let problem = Problem::warning(
                    &warnings::DUPLICATE_KPI,
                    node.place,
                    format!("`{name}` stands twice in the report"),
                );
                self.cx.report(problem.also(*first, "first listed here"));
            }
            None => {
                seen.insert(name.clone(), node.place);
            }
        }
        Some(name)
    }
}

fn has_key(node: &Node, key: &str) -> bool {
    matches!(&node.value, Value::Map(entries) if entries.iter().any(|entry| &*entry.key == key))
}

fn schedule(cx: &Context, node: &Node) -> Option<Schedule> {
    let text = line(cx, node)?;
    match Schedule::parse(&text) {
        Ok(schedule) => {
            if let Some(warning) = schedule.warning() {
                cx.report(Problem::warning(&warnings::SHORT_MONTHS, node.place, warning));
            }
            Some(schedule)
        }
        Err(error) => cx.refuse(Problem::error("schedule", node.place, error.message).maybe_help(error.help)),
    }
}

const POLICIES: [Choice<Missed>; 3] = [
    ("latest", Missed::Latest, "the default: the latest of them is made up for"),
    ("all", Missed::All, "all of them are made up for"),
    ("skip", Missed::Skip, "none of them is"),
];

const COMPARISONS: [Choice<Comparison>; 2] = [
    ("previous", Comparison::Previous, "with the period before"),
    ("year_ago", Comparison::YearAgo, "with the same period of the year before"),
];

const SENDS: [Choice<Send>; 3] = [
    ("always", Send::Always, "the default"),
    ("attention", Send::Attention, "only when something is near or missed"),
    ("change", Send::Change, "only when a verdict changed since the last edition"),
];

const ATTACHMENTS: [Choice<Attachment>; 3] = [
    ("xlsx", Attachment::Xlsx, "a spreadsheet"),
    ("csv", Attachment::Csv, "a line for each KPI and segment"),
    ("html", Attachment::Html, "a web page of its own, with all segments and large charts"),
];

const SHOWS: [Choice<Show>; 2] =
    [("cards", Show::Cards, "the default: a card for each KPI"), ("table", Show::Table, "a line for each KPI")];

/// A list of words, each at most once.
fn set<T: Copy + PartialEq>(cx: &Context, node: &Node, choices: &[Choice<T>]) -> Option<Vec<T>> {
    let read = list_of(cx, node, "words", |cx, item| Some((choice(cx, item, choices)?, item.place)))?;
    let mut once: Vec<T> = Vec::new();
    for (value, place) in read {
        if once.contains(&value) {
            cx.report(Problem::error("duplicate-value", place, format!("`{}` is listed twice", cx.excerpt(place))));
        } else {
            once.push(value);
        }
    }
    Some(once)
}

/// A file name, so that nothing outside the templates folder can be meant.
fn template(cx: &Context, node: &Node) -> Option<String> {
    let text = line(cx, node)?;
    if text.ends_with(".html") && !text.contains(['/', '\\']) && !text.starts_with('.') {
        return Some(text);
    }
    let problem = Problem::error("bad-template", node.place, format!("`{text}` is not the name of an HTML template"));
    cx.refuse(problem.help("write the name of a file in the templates folder: `mine.html`"))
}
