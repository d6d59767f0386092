//! What a reader must know to trust the numbers, what the KPIs mean, and how the report was made.

use super::{Entry, Note, Reader};
use crate::formula::Reason;
use crate::measure::{Good, Kpi, Level};
use crate::render::dates;
use crate::render::texts::Arg;
use crate::report::{Retargeted, Restated, Row, Small};
use crate::text::Text;

impl Reader<'_> {
    /// What must be known before any number is read.
    pub(super) fn banner(&self) -> String {
        let notes = &self.report.notes;
        let mut lines = Vec::new();
        if notes.running {
            let until = dates::moment(self.report.made.as_of, &self.report.calendar, self.format);
            lines.push(self.texts.say("banner-running", &[("until", Arg::Text(&until))]));
        }
        let sources = |count: usize, message| {
            (count > 0).then(|| self.texts.say(message, &[("count", Arg::Number(count as f64))]))
        };
        lines.extend(sources(notes.failed.len(), "banner-failed"));
        lines.extend(sources(notes.stale.len(), "banner-stale"));
        lines.join(" ")
    }

    pub(super) fn notes(&self) -> Vec<Note> {
        let notes = &self.report.notes;
        let note = |title: &str, lines: Vec<String>| Note { title: self.texts.say(title, &[]), lines };
        let failed = notes.failed.iter().map(|failed| {
            let kpis = self.list(&failed.kpis);
            self.texts.say("note-failed", &[("source", Arg::Text(&failed.source)), ("why", Arg::Text(&failed.why)), ("kpis", Arg::Text(&kpis))])
        });
        let stale = notes.stale.iter().map(|stale| {
            let kpis = self.list(&stale.kpis);
            match stale.newest {
                Some(day) => {
                    let day = dates::long(day, self.format);
                    self.texts.say("note-stale", &[("source", Arg::Text(&stale.source)), ("day", Arg::Text(&day)), ("kpis", Arg::Text(&kpis))])
                }
                None => self.texts.say("note-no-data", &[("source", Arg::Text(&stale.source)), ("kpis", Arg::Text(&kpis))]),
            }
        });
        let missing = notes.missing.iter().map(|(reason, kpis)| format!("{}: {}", self.list(kpis), self.reason(reason)));
        let small = notes.small.iter().map(|small| self.small(small));
        let retargeted = notes.retargeted.iter().map(|retargeted| self.retargeted(retargeted));
        let restated = notes.restated.iter().map(|restated| self.restated(restated));
        [
            note("notes-failed", failed.collect()),
            note("notes-stale", stale.collect()),
            note("notes-missing", missing.collect()),
            note("notes-small", small.collect()),
            note("notes-retargeted", retargeted.collect()),
            note("notes-restated", restated.collect()),
        ]
        .into_iter()
        .filter(|note| !note.lines.is_empty())
        .collect()
    }

    fn list(&self, names: &[Text]) -> String {
        let names: Vec<&str> = names.iter().map(|name| self.text(name)).collect();
        self.format.list(&names)
    }

    fn small(&self, small: &Small) -> String {
        let (has, needs) = (self.count(small.has as usize), self.count(small.needs as usize));
        let args = [
            ("kpi", Arg::Text(self.text(&small.kpi))),
            ("has", Arg::Text(&has)),
            ("needs", Arg::Text(&needs)),
            ("segments", Arg::Number(small.segments as f64)),
        ];
        self.texts.say(if small.segments == 0 { "note-small" } else { "note-small-segments" }, &args)
    }

    fn retargeted(&self, retargeted: &Retargeted) -> String {
        let kpi = &retargeted.kpi;
        let level = |level: Level| self.format.level(level, kpi.good, &kpi.unit, kpi.decimals);
        let (to, from) = (level(retargeted.to), retargeted.from.map(level));
        let since = dates::long(retargeted.since, self.format);
        let mut args = vec![("kpi", Arg::Text(self.text(&kpi.name))), ("to", Arg::Text(&to)), ("since", Arg::Text(&since))];
        let message = match &from {
            Some(from) => {
                args.push(("from", Arg::Text(from)));
                "note-retargeted"
            }
            None => "note-targeted",
        };
        let line = self.texts.say(message, &args);
        retargeted.why.as_ref().map_or(line.clone(), |why| format!("{line} ({why})"))
    }

    fn restated(&self, restated: &Restated) -> String {
        let kpi = &restated.kpi;
        let shown = |number| self.format.number(number, &kpi.unit, kpi.decimals);
        let (told, now) = (shown(restated.told), shown(restated.now));
        let period = self.period(&restated.period);
        let args = [
            ("kpi", Arg::Text(self.text(&kpi.name))),
            ("period", Arg::Text(&period)),
            ("told", Arg::Text(&told)),
            ("now", Arg::Text(&now)),
        ];
        self.texts.say("note-restated", &args)
    }

    pub(super) fn reason(&self, reason: &Reason) -> String {
        let what = |message, what: &str| self.texts.say(message, &[("what", Arg::Text(what))]);
        match reason {
            Reason::NoRow { what: name } => what("reason-no-row", name),
            Reason::Null { what: name } => what("reason-null", name),
            Reason::DivisionByZero { what: name } => what("reason-division-by-zero", name),
            Reason::Overflow { what: name } => what("reason-overflow", name),
            Reason::Domain { what: name } => what("reason-domain", name),
            Reason::NotFinite { what: name } => what("reason-not-finite", name),
            Reason::SourceFailed { source, why } => {
                self.texts.say("reason-source-failed", &[("source", Arg::Text(source)), ("why", Arg::Text(why))])
            }
        }
    }

    pub(super) fn glossary(&self) -> Vec<Entry> {
        self.report.rows().map(|row| self.entry(row)).collect()
    }

    fn entry(&self, row: &Row) -> Entry {
        let kpi = &row.measured.kpi;
        let owner = kpi.owner.as_ref().map(|owner| self.texts.say("owner", &[("name", Arg::Text(owner))]));
        Entry {
            name: self.name(row).to_owned(),
            description: kpi.description.as_ref().map_or("", |text| self.text(text)).to_owned(),
            formula: self.formula(kpi),
            owner: owner.unwrap_or_default(),
        }
    }

    /// The formula in words of its inputs, and which way is good.
    pub(super) fn formula(&self, kpi: &Kpi) -> String {
        let formula = kpi.formula.in_words(|input| self.input(input));
        let good = match kpi.good {
            Some(Good::Up) => "good-up",
            Some(Good::Down) => "good-down",
            Some(Good::Neutral) | None => "good-neutral",
        };
        self.texts.say(good, &[("formula", Arg::Text(&formula))])
    }

    pub(super) fn footer(&self) -> Vec<String> {
        let made = &self.report.made;
        let moment = |at| dates::moment(at, &self.report.calendar, self.format);
        let as_of = moment(made.as_of);
        let mut lines = vec![self.texts.say("footer-as-of", &[("moment", Arg::Text(&as_of))])];
        if let Some(scheduled) = made.scheduled {
            lines.push(self.texts.say("footer-scheduled", &[("moment", Arg::Text(&moment(scheduled)))]));
        }
        if let Some(version) = &made.catalog {
            lines.push(self.texts.say("footer-catalog", &[("version", Arg::Text(version))]));
        }
        if self.any_percent() {
            lines.push(self.texts.say("legend-points", &[]));
        }
        if let Some(contact) = &made.contact {
            lines.push(self.texts.say("footer-contact", &[("contact", Arg::Text(contact))]));
        }
        lines
    }
}
