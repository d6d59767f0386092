//! A catalogue as a static site: every KPI with its formula, target, owner and lineage; every source with its SQL; every report.
//!
//! In: what the YAML declares ([`Catalogue`]), an [`Audience`]. Out: files ([`Page`]) that a browser opens from a folder as well as
//! from a server: no file from elsewhere, two small scripts (one filters the list of KPIs, one marks lines of the lineage; without them
//! both are whole). The same
//! catalogue gives the same bytes. Deliberately absent: numbers, which are the reports' affair, and addresses of readers who have a name.

mod explain;
mod lineage;

pub use lineage::Thing;

use super::{Audience, Format, RenderError, Renderer, dates::Dates, texts::Texts};
use crate::measure::Kpi;
use crate::query::Source;
use crate::report::ReportSpec;
use crate::text::Name;
use explain::Explainer;
use lineage::Lineage;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use tera::{Context, Tera};

/// What the site is about.
pub struct Catalogue<'a> {
    /// Of the files it was read from.
    pub version: &'a str,
    /// In the order of the YAML.
    pub kpis: &'a [Arc<Kpi>],
    pub sources: &'a BTreeMap<Name, Arc<Source>>,
    pub reports: &'a BTreeMap<Name, ReportSpec>,
    /// How many tests a KPI has.
    pub tests: &'a dyn Fn(&Name) -> usize,
    /// Where a thing is written: `kpis/sales.yaml:3`.
    pub place: &'a dyn Fn(&Thing) -> Option<String>,
}

/// One file of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Below the site's folder, with `/`.
    pub path: String,
    pub text: String,
}

/// What every page is given beside its own.
#[derive(Serialize)]
struct Frame<'a> {
    lang: &'a str,
    dir: &'static str,
    words: &'a BTreeMap<String, String>,
    /// Leads from the page to the site's root.
    root: &'static str,
    /// The main page that it belongs to: `kpis`, `sources`, `reports` or `lineage`.
    chapter: &'static str,
    version: &'a str,
}

const TEMPLATES: [(&str, &str); 7] = [
    ("layout.html", include_str!("../../../templates/site/layout.html")),
    ("kpis.html", include_str!("../../../templates/site/kpis.html")),
    ("kpi.html", include_str!("../../../templates/site/kpi.html")),
    ("sources.html", include_str!("../../../templates/site/sources.html")),
    ("source.html", include_str!("../../../templates/site/source.html")),
    ("reports.html", include_str!("../../../templates/site/reports.html")),
    ("report.html", include_str!("../../../templates/site/report.html")),
];
const LINEAGE: (&str, &str) = ("lineage.html", include_str!("../../../templates/site/lineage.html"));

impl Renderer {
    /// The site about `catalogue` in the audience's language.
    ///
    /// # Errors
    /// The locale is none.
    pub fn site(&self, catalogue: &Catalogue, audience: &Audience) -> Result<Vec<Page>, RenderError> {
        let reading = self.reading(audience)?;
        let writer = Writer {
            tera: tera(),
            words: reading.texts.words(),
            texts: &reading.texts,
            lineage: Lineage::of(catalogue),
            explainer: Explainer::new(catalogue, &reading.format, &reading.dates, &reading.texts, reading.languages),
            catalogue,
        };
        Ok(writer.pages())
    }
}

fn tera() -> Tera {
    let mut tera = Tera::new();
    tera.autoescape_on([".html"]);
    tera.add_raw_templates(TEMPLATES.into_iter().chain([LINEAGE])).expect("the tests parse the built-in templates");
    tera
}

struct Writer<'a> {
    tera: Tera,
    words: BTreeMap<String, String>,
    texts: &'a Texts,
    lineage: Lineage,
    explainer: Explainer<'a>,
    catalogue: &'a Catalogue<'a>,
}

impl Writer<'_> {
    fn pages(&self) -> Vec<Page> {
        let Catalogue { kpis, sources, reports, .. } = *self.catalogue;
        let explainer = &self.explainer;
        let mut pages = vec![
            Page { path: "style.css".to_owned(), text: include_str!("../../../templates/site/style.css").to_owned() },
            Page { path: "filter.js".to_owned(), text: include_str!("../../../templates/site/filter.js").to_owned() },
            Page { path: "lines.js".to_owned(), text: include_str!("../../../templates/site/lines.js").to_owned() },
            self.chapter("index.html", "kpis", &kpis.iter().map(|kpi| explainer.kpi(kpi)).collect::<Vec<_>>()),
            self.chapter("sources.html", "sources", &sources.values().map(|s| explainer.source(s)).collect::<Vec<_>>()),
            self.chapter("reports.html", "reports", &reports.values().map(|r| explainer.report(r)).collect::<Vec<_>>()),
            self.chapter("lineage.html", "lineage", &self.picture(None, "")),
        ];
        for kpi in kpis {
            pages.push(self.thing(&Thing::Kpi(kpi.id.clone()), "kpi.html", "kpis", &explainer.kpi(kpi)));
        }
        for source in sources.values() {
            let thing = Thing::Source(source.name.clone());
            pages.push(self.thing(&thing, "source.html", "sources", &explainer.source(source)));
        }
        for report in reports.values() {
            let thing = Thing::Report(report.id.clone());
            pages.push(self.thing(&thing, "report.html", "reports", &explainer.report(report)));
        }
        pages
    }

    /// A page at the root; `list` is what it lists, or the picture it shows.
    fn chapter(&self, path: &str, chapter: &'static str, list: &impl Serialize) -> Page {
        let mut context = self.frame("", chapter);
        context.insert("list", list);
        self.page(path.to_owned(), &format!("{chapter}.html"), &context)
    }

    fn thing(&self, thing: &Thing, template: &str, chapter: &'static str, about: &impl Serialize) -> Page {
        let mut context = self.frame("../", chapter);
        let (before, after) = self.lineage.neighbours(thing);
        let links = |things: Vec<&Thing>| things.into_iter().map(|t| self.explainer.link(t)).collect::<Vec<_>>();
        context.insert("it", about);
        context.insert("place", &(self.catalogue.place)(thing));
        context.insert("made_from", &links(before));
        context.insert("used_by", &links(after));
        context.insert("picture", &self.picture(Some(thing), "../"));
        self.page(thing.page(), template, &context)
    }

    fn picture(&self, thing: Option<&Thing>, root: &str) -> tera::Value {
        tera::Value::safe_string(&self.lineage.picture(thing, root, |thing| self.explainer.name(thing)))
    }

    fn frame(&self, root: &'static str, chapter: &'static str) -> Context {
        let (lang, dir) = (self.texts.language(), self.texts.direction());
        let frame = Frame { lang, dir, words: &self.words, root, chapter, version: self.catalogue.version };
        Context::from_serialize(&frame).expect("a frame is a map of plain data")
    }

    fn page(&self, path: String, template: &str, context: &Context) -> Page {
        let text = self.tera.render(template, context).expect("the tests render every page");
        Page { path, text }
    }
}
