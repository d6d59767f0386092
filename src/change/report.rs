//! Reports in words, and who gets them.

use super::fact::{Bears, Sheet};
use super::source::said;
use super::{Renames, Thing};
use crate::catalog::Kind;
use crate::render::data;
use crate::report::{Attachment, Missed, Person, ReportSpec, Section, Send, Show};
use crate::text::{Language, Name, Text};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// How many fire times are shown; they are compared as instants, whatever zone they are written in.
const SHOWN: usize = 3;

/// `language` is the installation's: sections are called by the title that they have in it.
pub(super) fn facts(spec: &ReportSpec, language: &Language, renames: &Renames, now: Timestamp) -> Sheet {
    let mut sheet = Sheet::default();
    sheet.text("title", Some(&spec.title));
    schedule(&mut sheet, spec, now);
    sheet.add("timezone", spec.calendar.zone.iana_name().unwrap_or("local time")).bears(Bears::Number);
    sheet.add("period", spec.period);
    sheet.maybe("to_date", spec.to_date.then_some("true"));
    sheet.maybe("compare", joined(&spec.compare, data::comparison));
    sheet.add("trend", spec.trend);
    spec.to.iter().for_each(|person| reader(&mut sheet, "reader", person));
    sheet.maybe("cc_admin", spec.cc_admin.then_some("true"));
    sheet.add("send", sends(spec.send));
    sheet.maybe("attach", joined(&spec.attach, attachment));
    let within = spec.missed.within.map(|within| format!(", within {}", said(within))).unwrap_or_default();
    sheet.add("missed", format!("{}{within}", missed(spec.missed.policy)));
    sheet.maybe("template", spec.template.as_ref());
    sections(&mut sheet, spec, language, renames);
    sheet
}

fn schedule(sheet: &mut Sheet, spec: &ReportSpec, now: Timestamp) {
    let Some(schedule) = &spec.schedule else {
        sheet.add("schedule", "by hand only");
        return;
    };
    let zone = &spec.calendar.zone;
    sheet.add("schedule", schedule).means(schedule.fields());
    let times = schedule.upcoming(zone, now, SHOWN);
    let shown = |at: &Timestamp| at.to_zoned(zone.clone()).strftime("%a %Y-%m-%d %H:%M %Z").to_string();
    let next: Vec<String> = times.iter().map(shown).collect();
    sheet.add("next", next.join(", ")).means(format!("{times:?}"));
}

/// Whoever gets mails is known by the address, whatever the YAML calls them.
fn reader(sheet: &mut Sheet, what: &'static str, person: &Person) {
    let name = person.name.as_ref().map(|name| format!("{name}, ")).unwrap_or_default();
    let Person { language, locale, .. } = person;
    sheet.item(what, Some(&person.email.to_lowercase()), format!("{name}reads {language} ({locale})"));
}

/// In which section a KPI stands, and in which order they stand there.
fn sections(sheet: &mut Sheet, spec: &ReportSpec, language: &Language, renames: &Renames) {
    let mut places: BTreeMap<Name, Vec<String>> = BTreeMap::new();
    for section in &spec.sections {
        let own = title(section, language);
        let known = renames.section(&spec.id, own);
        sheet.item("section", Some(known), shows(section.show));
        texts(sheet, "section title", known, &section.title);
        section.text.iter().for_each(|text| texts(sheet, "section text", known, text));
        let kpis: Vec<Name> = kpis(section, renames).collect();
        for kpi in &kpis {
            places.entry(kpi.clone()).or_default().push(format!("in {known}"));
        }
        sheet.item("order", Some(known), kpis.join(", ")).orders(kpis);
    }
    for (kpi, places) in &places {
        sheet.item("KPI", Some(kpi), places.join(" and "));
    }
}

/// What a section is called in `language`.
pub(super) fn title<'a>(section: &'a Section, language: &Language) -> &'a str {
    Some(section.title.get(language, language)).filter(|title| !title.is_empty()).unwrap_or("without title")
}

/// The KPIs of a section in the names of the new catalogue.
pub(super) fn kpis(section: &Section, renames: &Renames) -> impl Iterator<Item = Name> {
    section.kpis.iter().map(|name| renames.new_name(Thing::Named(Kind::Kpi), name))
}

/// A text of `section` in each of its languages.
fn texts(sheet: &mut Sheet, what: &'static str, section: &str, text: &Text) {
    match text {
        Text::Same(text) => {
            sheet.item(what, Some(section), text);
        }
        Text::ByLanguage(texts) => {
            for (language, text) in texts {
                sheet.item(what, Some(&format!("{section}, {language}")), text);
            }
        }
    }
}

pub(super) fn person(person: &Person) -> Sheet {
    let mut sheet = Sheet::default();
    sheet.maybe("name", person.name.as_ref());
    sheet.add("email", &person.email);
    sheet.add("language", &person.language);
    sheet.add("locale", &person.locale);
    sheet
}

pub(super) fn group(members: &[Person]) -> Sheet {
    let mut sheet = Sheet::default();
    for person in members {
        let name = person.name.as_deref().unwrap_or("by address");
        sheet.item("member", Some(&person.email.to_lowercase()), name);
    }
    sheet
}

fn joined<T: Copy>(list: &[T], word: impl Fn(T) -> &'static str) -> Option<String> {
    (!list.is_empty()).then(|| list.iter().map(|one| word(*one)).collect::<Vec<_>>().join(", "))
}

fn shows(show: Show) -> &'static str {
    match show {
        Show::Cards => "as cards",
        Show::Table => "as a table",
    }
}

fn sends(send: Send) -> &'static str {
    match send {
        Send::Always => "always",
        Send::Attention => "attention",
        Send::Change => "change",
    }
}

fn attachment(attachment: Attachment) -> &'static str {
    match attachment {
        Attachment::Xlsx => "xlsx",
        Attachment::Csv => "csv",
        Attachment::Html => "html",
    }
}

fn missed(missed: Missed) -> &'static str {
    match missed {
        Missed::Latest => "latest",
        Missed::All => "all",
        Missed::Skip => "skip",
    }
}
