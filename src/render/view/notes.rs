//! What a reader must know to trust the numbers, what the KPIs mean, and how the report was made.

use super::{Entry, Note, Reader};
use crate::formula::{Reason, Reference};
use crate::measure::{Good, Kpi, Level, Unit};
use crate::report::{Failed, Restated, Retargeted, Row, Small, Stale};
use crate::text::Text;
use std::collections::BTreeSet;

impl Reader<'_> {
    /// What must be known before any number is read.
    pub fn banner(&self) -> String {
        let notes = &self.report.notes;
        let running = notes.running.then(|| {
            self.texts.say(
                "note-running-line",
                &[("until", self.dates.until(&self.report.made.period, &self.report.calendar).into())],
            )
        });
        let counted = |count: usize, message| {
            (count > 0).then(|| self.texts.say(message, &[("count", self.format.count(count))]))
        };
        let late = self.report.made.late.filter(|late| late.as_mins() >= 60).map(|late| {
            let late = self.format.duration(late.as_secs_f64() / 60.0, &Unit::Minutes, self.texts);
            self.texts.say("banner-late", &[("duration", late.into())])
        });
        let lines =
            [late, running, counted(notes.failed.len(), "banner-failed"), counted(notes.stale.len(), "banner-stale")];
        lines.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    pub fn notes(&self) -> Vec<Note> {
        let notes = &self.report.notes;
        let counted = |message, count: usize| self.texts.say(message, &[("count", self.format.count(count))]);
        let missing = |(reason, kpis): &(Reason, Vec<Text>)| {
            let args = [("kpis", self.list(kpis).into()), ("reason", self.reason(reason).into())];
            self.texts.say("note-missing-line", &args)
        };
        let note = |title: String, lines: Vec<String>| Note { title, lines, verbatim: Vec::new() };
        [
            note(counted("note-failed", notes.failed.len()), self.failed(&notes.failed)),
            note(self.texts.word("note-stale"), notes.stale.iter().map(|note| self.stale(note)).collect()),
            note(self.texts.word("note-missing"), notes.missing.iter().map(missing).collect()),
            note(self.texts.word("note-small"), notes.small.iter().map(|note| self.small(note)).collect()),
            note(
                self.texts.word("note-retargeted"),
                notes.retargeted.iter().map(|note| self.retargeted(note)).collect(),
            ),
            note(self.texts.word("note-restated"), notes.restated.iter().map(|note| self.restated(note)).collect()),
        ]
        .into_iter()
        .filter(|note| !note.lines.is_empty())
        .collect()
    }

    /// What it holds, for readers; its name, for who can mend it.
    pub fn source(&self, name: &str) -> String {
        let description = self.report.words.source(name).map(|text| self.text(text).trim_end_matches('.'));
        description.map_or_else(|| name.to_owned(), |description| format!("{description} ({name})"))
    }

    fn list(&self, names: &[Text]) -> String {
        let names: Vec<&str> = names.iter().map(|name| self.text(name)).collect();
        self.texts.list(&names)
    }

    /// All of them in a line: readers can't mend them one by one, nor should they see what a database says.
    fn failed(&self, failed: &[Failed]) -> Vec<String> {
        if failed.is_empty() {
            return Vec::new();
        }
        let names: Vec<String> = failed.iter().map(|failed| self.source(&failed.source)).collect();
        let sources = [("sources", self.texts.list(&names).into()), ("count", self.format.count(failed.len()))];
        let kpis: BTreeSet<&str> = failed.iter().flat_map(|failed| &failed.kpis).map(|name| self.text(name)).collect();
        vec![match kpis.is_empty() {
            true => self.texts.say("note-failed-line-alone", &sources),
            false => {
                let kpis = self.texts.list(&kpis.into_iter().collect::<Vec<_>>());
                let [sources, count] = sources;
                self.texts.say("note-failed-line", &[sources, count, ("kpis", kpis.into())])
            }
        }]
    }

    fn stale(&self, stale: &Stale) -> String {
        let source = ("source", self.source(&stale.source).into());
        let kpis = ("kpis", self.list(&stale.kpis).into());
        match stale.newest {
            Some(day) => self.texts.say("note-stale-line", &[source, ("day", self.dates.long(day).into()), kpis]),
            None => self.texts.say("note-stale-line-none", &[source, kpis]),
        }
    }

    fn small(&self, small: &Small) -> String {
        let kpi = ("kpi", self.text(&small.kpi).into());
        let needs = ("needs", self.format.whole(small.needs).into());
        match small.segments {
            0 => self.texts.say("note-small-line", &[kpi, ("has", self.format.whole(small.has).into()), needs]),
            count => self.texts.say("note-small-segments", &[kpi, needs, ("count", self.format.count(count))]),
        }
    }

    fn retargeted(&self, retargeted: &Retargeted) -> String {
        let kpi = &retargeted.kpi;
        let level = |level: Level| self.format.target(level, kpi.good, &kpi.unit, kpi.decimals);
        let mut args = vec![
            ("kpi", self.text(&kpi.name).into()),
            ("to", level(retargeted.to).into()),
            ("since", self.dates.long(retargeted.since).into()),
        ];
        args.extend(retargeted.from.map(|from| ("from", level(from).into())));
        args.extend(retargeted.why.as_ref().map(|why| ("why", why.as_str().into())));
        let message = match (&retargeted.from, &retargeted.why) {
            (Some(_), None) => "note-retargeted-line",
            (Some(_), Some(_)) => "note-retargeted-line-why",
            (None, None) => "note-retargeted-first",
            (None, Some(_)) => "note-retargeted-first-why",
        };
        self.texts.say(message, &args)
    }

    fn restated(&self, restated: &Restated) -> String {
        let kpi = &restated.kpi;
        let shown = |number| self.format.number(number, &kpi.unit, kpi.decimals);
        let args = [
            ("kpi", self.text(&kpi.name).into()),
            ("period", self.period(&restated.period).into()),
            ("told", shown(restated.told).into()),
            ("now", shown(restated.now).into()),
        ];
        self.texts.say("note-restated-line", &args)
    }

    pub fn reason(&self, reason: &Reason) -> String {
        self.texts.reason(reason, |name| match reason {
            Reason::SourceFailed { .. } => self.source(name),
            _ => self.called(name),
        })
    }

    /// What readers call `source.measure`, a KPI or, failing that, a part of a formula.
    fn called(&self, what: &str) -> String {
        let reference = match what.split_once('.') {
            Some((source, measure)) => Reference::Measure { source: source.into(), measure: measure.into() },
            None => Reference::Kpi(what.into()),
        };
        self.report.words.input(&reference).map_or_else(|| what.to_owned(), |text| self.text(text).to_owned())
    }

    pub(super) fn glossary(&self) -> Vec<Entry> {
        self.report.rows().map(|row| self.entry(row)).collect()
    }

    pub fn entry(&self, row: &Row) -> Entry {
        let kpi = &row.measured.kpi;
        Entry {
            id: kpi.id.to_string(),
            name: self.name(row).to_owned(),
            description: kpi.description.as_ref().map_or("", |text| self.text(text)).to_owned(),
            formula: kpi.formula.in_words(
                |input| self.input(input),
                |number| self.format.exact(number),
                |name, parts| self.texts.function(name, parts),
            ),
            window: kpi.over.map_or_else(String::new, |over| self.texts.window(over, self.format)),
            good: self.texts.word(match kpi.good {
                Some(Good::Up) => "good-up",
                Some(Good::Down) => "good-down",
                Some(Good::Neutral) | None => "good-neutral",
            }),
            owner: kpi.owner.clone().unwrap_or_default(),
        }
    }

    /// What a KPI's unit is called where it isn't beside a number.
    pub fn unit(&self, kpi: &Kpi) -> String {
        self.texts.unit(&kpi.unit, self.format.currency())
    }

    /// How new the data is, and in which zone times are told.
    pub fn as_of(&self) -> Vec<String> {
        let calendar = &self.report.calendar;
        let moment = self.dates.moment(calendar.zone.to_datetime(self.report.made.as_of));
        let as_of = self.texts.say("footer-as-of", &[("moment", moment.into())]);
        let zone = calendar.zone.iana_name().map(|zone| self.texts.say("footer-zone", &[("zone", zone.into())]));
        std::iter::once(as_of).chain(zone).collect()
    }

    pub(super) fn footer(&self) -> Vec<String> {
        let made = &self.report.made;
        let mut lines = Vec::new();
        if let Some(scheduled) = made.scheduled {
            let moment = self.dates.moment(self.report.calendar.zone.to_datetime(scheduled));
            lines.push(self.texts.say("footer-scheduled", &[("moment", moment.into())]));
        }
        if let Some(late) = made.late {
            let late = self.format.duration(late.as_secs_f64() / 60.0, &Unit::Minutes, self.texts);
            lines.push(self.texts.say("footer-late", &[("duration", late.into())]));
        }
        lines.extend(self.as_of());
        if let Some(version) = &made.catalog {
            lines.push(self.texts.say("footer-catalog", &[("version", (**version).into())]));
        }
        let made_how = lines.join(" · ");
        let mut lines = vec![made_how];
        if made.skipped > 0 {
            lines.push(self.texts.say("footer-skipped", &[("count", self.format.count(made.skipped))]));
        }
        if self.any_percent() {
            lines.push(self.texts.word("legend-points"));
        }
        if self.in_full().iter().any(|row| self.speaks_of_mix(row)) {
            lines.push(self.texts.word("legend-mix"));
        }
        if let Some(contact) = &made.contact {
            lines.push(self.texts.say("footer-ask", &[("contact", contact.as_str().into())]));
        }
        lines
    }
}
