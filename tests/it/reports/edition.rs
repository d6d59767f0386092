//! One edition of a report, and what every format makes of it for an audience.

use crate::installation::{Folder, Installation};
use kpid::calendar::{Cadence, Calendar};
use kpid::catalog::{Catalog, MailSettings};
use kpid::measure::Request;
use kpid::pipeline::{self, Mailing};
use kpid::render::{Audience, Renderer};
use kpid::report::{self, Attachment, History, Letter, Person, Report, ReportSpec};
use kpid::source::Sources;
use std::path::Path;

pub struct Edition {
    pub report: Report,
    pub renderer: Renderer,
    pub mail: MailSettings,
}

/// The same edition in every format.
#[derive(PartialEq)]
pub struct Rendered {
    pub letter: Letter,
    pub page: String,
    pub xlsx: Vec<u8>,
    pub csv: String,
    pub json: String,
    pub eml: Vec<u8>,
}

/// Readers of `locale`, in its language.
pub fn audience(locale: &str) -> Audience {
    let (language, _) = locale.split_once('-').unwrap();
    Audience { language: language.into(), locale: locale.to_owned() }
}

/// What is asked when `spec` is due at `as_of` (local time).
pub fn request(catalog: &Catalog, spec: &ReportSpec, as_of: jiff::Timestamp) -> Request {
    let period = match spec.to_date {
        true => spec.calendar.running(spec.period, as_of),
        false => spec.calendar.last_complete(spec.period, as_of),
    };
    spec.request(spec.kpis().map(|id| catalog.kpi(id).unwrap().clone()).collect(), period)
}

/// The report `name` of `catalog` as it is made at `as_of` (local time), after the editions of `history`.
pub async fn made(catalog: &Catalog, name: &str, as_of: &str, history: History) -> Edition {
    let spec = &catalog.reports[name];
    let as_of: jiff::civil::DateTime = as_of.parse().unwrap();
    let as_of = as_of.to_zoned(spec.calendar.zone.clone()).unwrap().timestamp();
    let sources = Sources::new(catalog.databases.values().cloned());
    let request = request(catalog, spec, as_of);
    let outcome = pipeline::measure(catalog, &sources, &request, &spec.calendar, as_of, |_| {}).await;
    let made = report::Made {
        scheduled: spec.schedule.as_ref().map(|_| as_of),
        ..pipeline::made(catalog, request.period, as_of)
    };
    let report = pipeline::edition(catalog, spec, outcome, history, made);
    let settings = &catalog.settings;
    let renderer = Renderer::new(None, settings.language.clone(), &settings.currency).unwrap();
    Edition { report, renderer, mail: settings.mail.clone().expect("a sender") }
}

/// The catalogue of one YAML text over one SQLite database filled by `sql`.
pub async fn catalog(folder: &Folder, yaml: &str, sql: &str) -> Catalog {
    let url = folder.sqlite("rows", sql).await;
    Installation::of_yaml(folder, yaml, &url).catalog
}

/// The sample company in a folder of its own, on the morning of `date`.
pub async fn demo(folder: &Path, date: &str) -> Catalog {
    let kpis = folder.join("kpis");
    kpid::demo::catalogue::write(&kpis).unwrap();
    kpid::demo::build(folder, 1, date.parse().unwrap(), kpid::demo::Scale::default()).await.unwrap();
    let file = |name: &str| Some(format!("sqlite://{}", folder.join(name).display()));
    let env = |name: &str| match name {
        "WEB_URL" => file("web.db"),
        "CRM_URL" => file("crm.db"),
        "ERP_URL" => file("erp.db"),
        _ => None,
    };
    Catalog::load(&kpis, &env).unwrap().catalog
}

/// Values of an earlier edition about the week `label`.
pub fn told(calendar: &Calendar, label: &str, values: &[(&str, f64)]) -> report::Edition {
    let period = calendar.parse(label).unwrap();
    assert_eq!(period.cadence, Cadence::Week);
    report::Edition { period, values: values.iter().map(|(kpi, value)| ((*kpi).into(), *value)).collect() }
}

impl Edition {
    pub fn letter(&self, audience: &Audience) -> Letter {
        self.renderer.letter(&self.report, audience).unwrap()
    }

    pub fn rendered(&self, audience: &Audience) -> Rendered {
        let Edition { report, renderer, mail } = self;
        let file = |kind| renderer.file(report, audience, kind).unwrap().bytes;
        Rendered {
            letter: self.letter(audience),
            page: renderer.page(report, audience).unwrap(),
            xlsx: file(Attachment::Xlsx),
            csv: String::from_utf8(file(Attachment::Csv)).unwrap(),
            json: format!("{:#}\n", renderer.json(report, audience).unwrap()),
            eml: Mailing::new(renderer, mail, report).to(&reader(audience)).unwrap().bytes(),
        }
    }
}

impl Rendered {
    /// The formats in which `self` and `other` differ.
    pub fn differences(&self, other: &Rendered) -> Vec<&'static str> {
        let same = [
            ("letter", self.letter == other.letter),
            ("page", self.page == other.page),
            ("xlsx", self.xlsx == other.xlsx),
            ("csv", self.csv == other.csv),
            ("json", self.json == other.json),
            ("eml", self.eml == other.eml),
        ];
        same.into_iter().filter(|(_, same)| !same).map(|(format, _)| format).collect()
    }
}

/// One of `audience`.
pub fn reader(audience: &Audience) -> Person {
    Person {
        name: Some("Ana Ruiz".to_owned()),
        email: "ana@example.com".to_owned(),
        language: audience.language.clone(),
        locale: audience.locale.clone(),
    }
}
