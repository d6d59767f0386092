//! An edition of a report of forty KPIs, twenty of them by six segments, with two comparisons and a trend of twelve weeks.
//!
//! Its KPIs are those of `benches/forty/`. Its readings are made up, so that no database is asked: of the size such a company has,
//! with weekdays, a season and chance, the same in every run.

use jiff::Timestamp;
use kpid::calendar::{Calendar, Period};
use kpid::catalog::{Catalog, MailSettings};
use kpid::measure::{Comparison, Measured, Request};
use kpid::pipeline::{self, Outcome};
use kpid::query::{Column, Need, Readings, Stretch, Table};
use kpid::render::{Audience, Renderer};
use kpid::report::{Attachment, History, Made, Report, ReportSpec, TOP};
use kpid::text::{Language, Name};
use std::path::Path;

/// What a measure is on an average day of an average segment.
const USUAL: [(&str, f64); 24] = [
    ("web.visits", 400.0),
    ("web.pages", 1230.0),
    ("web.bounces", 172.0),
    ("web.leads", 13.6),
    ("web.spend", 118.0),
    ("shop.orders", 12.0),
    ("shop.revenue", 1150.0),
    ("shop.cost", 620.0),
    ("shop.returned", 2.0),
    ("shop.first_orders", 4.4),
    ("shop.discounts", 66.0),
    ("deals.opened", 5.0),
    ("deals.won", 2.2),
    ("deals.lost", 3.2),
    ("deals.calls", 31.0),
    ("deals.offered", 9100.0),
    ("deals.signed", 3800.0),
    ("deals.days", 68.0),
    ("help.opened", 20.0),
    ("help.solved", 17.2),
    ("help.in_time", 15.3),
    ("help.hours", 40.0),
    ("help.answers", 10.2),
    ("help.content", 8.8),
];

/// The segments of each source, the largest first.
const SEGMENTS: [(&str, [&str; 6]); 4] = [
    ("web", ["Anuncios", "Buscadores", "Directo", "Redes sociales", "Boletín", "Afiliados"]),
    ("shop", ["Oficina", "Iluminación", "Mobiliario", "Papelería y consumibles", "Electrónica", "Outlet"]),
    ("deals", ["Madrid y Centro", "Cataluña", "Levante", "Andalucía", "Norte", "Portugal"]),
    ("help", ["Envíos", "Devoluciones y cambios", "Facturas", "Producto", "Cuenta y contraseñas", "Otros"]),
];

/// How much larger or smaller than the average segment they are.
const SHARES: [f64; 6] = [2.2, 1.5, 1.0, 0.6, 0.4, 0.3];

/// Everything that building and rendering begins with.
pub struct Forty {
    catalog: Catalog,
    measured: Vec<Measured>,
    made: Made,
    pub renderer: Renderer,
}

impl Forty {
    /// Loads and measures.
    pub fn new() -> anyhow::Result<Forty> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/forty");
        let loaded = Catalog::load(&folder, &|_| None);
        let catalog = loaded.map_err(|problems| anyhow::anyhow!("{problems}"))?.catalog;
        let settings = &catalog.settings;
        let calendar = settings.calendar.clone();
        let period = calendar.parse("2026-W46")?;
        let compare = vec![Comparison::Previous, Comparison::YearAgo];
        let request = Request { kpis: catalog.kpis.clone(), period, compare, trend: 12, top: TOP };
        let model = pipeline::model(&catalog);
        let readings = readings(request.needs(&model, &calendar), &calendar);
        Ok(Forty {
            measured: request.measure(&model, &calendar, &readings),
            made: made(&catalog, period)?,
            renderer: Renderer::new(None, settings.language.clone(), &settings.currency)?,
            catalog,
        })
    }

    pub fn spec(&self, attach: &[Attachment]) -> ReportSpec {
        ReportSpec { attach: attach.to_vec(), ..self.catalog.reports["weekly"].clone() }
    }

    /// What [`Forty::build`] uses up.
    pub fn outcome(&self) -> Outcome {
        Outcome { measured: self.measured.clone(), failures: Vec::new(), stale: Vec::new() }
    }

    pub fn build(&self, spec: &ReportSpec, outcome: Outcome) -> Report {
        pipeline::edition(&self.catalog, spec, outcome, History::default(), self.made.clone())
    }

    pub fn report(&self, attach: &[Attachment]) -> Report {
        self.build(&self.spec(attach), self.outcome())
    }

    pub fn mail(&self) -> anyhow::Result<&MailSettings> {
        self.catalog.settings.mail.as_ref().ok_or_else(|| anyhow::anyhow!("the installation sends no mail"))
    }
}

fn made(catalog: &Catalog, period: Period) -> anyhow::Result<Made> {
    let as_of: Timestamp = "2026-11-16T07:00:00Z".parse()?;
    let link = Some("https://kpis.example.com/weekly/2026-W46".to_owned());
    Ok(Made { scheduled: Some(as_of), link, ..pipeline::made(catalog, period, as_of) })
}

/// Readers of `locale` in its own language.
pub fn audience(locale: &str) -> Audience {
    let language: Language = locale.split('-').next().unwrap_or_default().into();
    Audience { language, locale: locale.to_owned() }
}

/// A row a day and segment.
fn readings(needs: Vec<Need>, calendar: &Calendar) -> Readings {
    let mut readings = Readings::default();
    for need in needs {
        let table = table(&need, calendar);
        readings.insert(need.source.name.clone(), Stretch { window: need.window, result: Ok(table) });
    }
    readings
}

fn table(need: &Need, calendar: &Calendar) -> Table {
    let source = &need.source;
    let mut table = Table { dimensions: vec![Vec::new()], ..Table::default() };
    table.measures = vec![Column::default(); source.measures.len()];
    let segments = SEGMENTS.iter().find(|(name, _)| *name == &*source.name).map_or([""; 6], |(_, segments)| *segments);
    let mut day = calendar.zone.to_datetime(need.window.start).date();
    while let Ok(start) = day.to_zoned(calendar.zone.clone()).map(|start| start.timestamp())
        && start < need.window.end
    {
        for (segment, share) in segments.into_iter().zip(SHARES) {
            table.times.push(start.as_nanosecond());
            table.dimensions[0].push(Some(Name::from(segment)));
            for (measure, column) in source.measures.iter().zip(&mut table.measures) {
                let name = format!("{}.{}", source.name, measure.name);
                let usual = USUAL.iter().find(|(known, _)| *known == name).map_or(0.0, |(_, usual)| *usual);
                let chance = 0.85 + 0.3 * chance(&format!("{name}{segment}{day}"));
                // Weeks differ as well, else their sums would hardly move.
                let week = 0.94 + 0.12 * self::chance(&format!("{name}{}", day.iso_week_date().week()));
                column.numbers.push((usual * share * chance * week).round());
            }
            table.rows += 1;
        }
        day = day.saturating_add(jiff::Span::new().days(1));
    }
    table
}

/// Between 0 and 1, always the same for `text`: FNV-1a, and the end of MurmurHash3, without which texts that differ at their end hardly differ.
fn chance(text: &str) -> f64 {
    let fnv = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, fnv);
    let hash = (hash ^ hash >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let hash = (hash ^ hash >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    (hash >> 32) as f64 / f64::from(u32::MAX)
}
