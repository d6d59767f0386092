//! A whole report as JSON: everything the model has, and beside each number what its readers see.

use super::{before, comparison, kpi, period, verdict};
use crate::formula::Value;
use crate::measure::{Good, Kpi, Level, Measurement};
use crate::render::{Format, MISSING};
use crate::report::{Block, Counts, Moved, Notes, Report, Row, Show, Streak};
use crate::text::Text;
use serde_json::{Value as Json, json};

/// `report` for readers of `languages` (their own, then the installation's) whose numbers are written in `format`.
pub fn report(report: &Report, format: &Format, languages: [&str; 2]) -> Json {
    let reader = Reader { report, format, languages };
    let made = &report.made;
    let Counts { met, near, missed, not_judged } = report.counts;
    json!({
        "id": &*report.id,
        "title": reader.text(&report.title),
        "period": period(made.period, &report.calendar),
        "compare": report.compare.iter().copied().map(comparison).collect::<Vec<_>>(),
        "as_of": made.as_of.to_string(),
        "scheduled": made.scheduled.map(|at| at.to_string()),
        "late_seconds": made.late.map(|late| late.as_secs()),
        "skipped": made.skipped,
        "catalog": made.catalog.as_deref(),
        "contact": made.contact,
        "link": made.link,
        "counts": { "met": met, "near": near, "missed": missed, "not_judged": not_judged },
        "attention": ids(&report.attention),
        "sections": report.blocks.iter().map(|block| reader.block(block)).collect::<Vec<_>>(),
        "kpis": report.rows().map(|row| reader.row(row)).collect::<Vec<_>>(),
        "notes": reader.notes(&report.notes),
    })
}

fn ids(rows: &[std::sync::Arc<Row>]) -> Vec<&str> {
    rows.iter().map(|row| &*row.measured.kpi.id).collect()
}

struct Reader<'a> {
    report: &'a Report,
    format: &'a Format,
    languages: [&'a str; 2],
}

impl Reader<'_> {
    fn text<'t>(&self, text: &'t Text) -> &'t str {
        text.get(self.languages[0], self.languages[1])
    }

    fn texts<'t>(&self, texts: &'t [Text]) -> Vec<&'t str> {
        texts.iter().map(|text| self.text(text)).collect()
    }

    fn block(&self, block: &Block) -> Json {
        json!({
            "title": self.text(&block.title),
            "text": block.text.as_ref().map(|text| self.text(text)),
            "show": match block.show { Show::Cards => "cards", Show::Table => "table" },
            "kpis": ids(&block.rows),
        })
    }

    /// What `kpid measure` says of the KPI, and what only a report knows.
    fn row(&self, row: &Row) -> Json {
        let measured = &row.measured;
        let about = &*measured.kpi;
        let mut json = kpi(measured, &self.report.calendar);
        json["name"] = json!(self.text(&about.name));
        json["description"] = json!(about.description.as_ref().map(|text| self.text(text)));
        json["formula"] = json!(&*about.formula.text);
        json["decimals"] = json!(about.decimals);
        json["good"] = json!(about.good.map(Good::as_str));
        json["owner"] = json!(about.owner);
        json["tags"] = json!(about.tags);
        json["sources"] = json!(measured.sources.iter().map(|name| &**name).collect::<Vec<_>>());
        json["breakdown"] = about.breakdown.as_ref().map_or(Json::Null, |name| {
            json!({ "dimension": &**name, "name": self.report.words.dimension(name).map(|text| self.text(text)) })
        });
        json["late"] = json!(row.late);
        json["short"] = row.short.map_or(Json::Null, |short| {
            let shown = self.format.gap(short.amount, &about.unit, about.decimals);
            json!({ "amount": short.amount, "share": short.share, "shown": shown })
        });
        json["moved"] = row.moved.iter().map(|moved| self.moved(about, moved)).collect();
        json["streak"] = row.streak.as_ref().map_or(Json::Null, streak);
        self.show(&mut json, row);
        json
    }

    /// Puts the texts beside the numbers.
    fn show(&self, json: &mut Json, row: &Row) {
        let measured = &row.measured;
        let about = &*measured.kpi;
        json["shown"] = self.shown(about, &measured.whole, measured.changes.iter().map(|change| Some(&change.value)));
        for (change, json) in measured.changes.iter().zip(list(&mut json["changes"])) {
            json["shown"] = json!(self.change(about, Some(&change.value), &measured.whole.value));
        }
        for (segment, json) in measured.segments.iter().zip(list(&mut json["segments"])) {
            json["shown"] = self.shown(about, segment, before(&measured.changes, segment));
        }
        if let Some(others) = &measured.others {
            json["others"]["shown"] = self.shown(about, &others.now, others.before.iter().map(Some));
        }
        for (point, json) in measured.trend.iter().zip(list(&mut json["trend"])) {
            json["shown"] = json!(self.format.value(&point.value, &about.unit, about.decimals));
        }
    }

    fn change(&self, kpi: &Kpi, from: Option<&Value>, to: &Value) -> String {
        from.map_or(MISSING.to_owned(), |from| self.format.change(from, to, &kpi.unit, kpi.decimals))
    }

    fn shown<'v>(&self, kpi: &Kpi, now: &Measurement, before: impl Iterator<Item = Option<&'v Value>>) -> Json {
        let target =
            now.target.as_ref().map(|target| self.format.target(target.level, kpi.good, &kpi.unit, kpi.decimals));
        json!({
            "value": self.format.value(&now.value, &kpi.unit, kpi.decimals),
            "target": target,
            "changes": before.map(|from| self.change(kpi, from, &now.value)).collect::<Vec<_>>(),
        })
    }

    fn moved(&self, kpi: &Kpi, moved: &Moved) -> Json {
        let decimals = self.format.common_decimals(moved.change, &moved.amounts(), &kpi.unit, kpi.decimals);
        let amounts = self.format.amounts(moved.change, &moved.amounts(), &kpi.unit, kpi.decimals);
        let drivers = moved.drivers.iter().zip(&amounts).map(|(driver, shown)| {
            let name = self.report.words.input(&driver.input.reference).map(|text| self.text(text));
            json!({ "input": driver.input.to_string(), "name": name, "amount": driver.amount, "shown": shown })
        });
        let amounts = self.format.amounts(moved.change, &moved.segment_amounts(), &kpi.unit, kpi.decimals);
        let segments = moved.segments.iter().zip(&amounts).map(|(segment, shown)| {
            json!({ "segment": segment.value.as_deref(), "rate": segment.rate, "mix": segment.mix, "shown": shown })
        });
        json!({
            "against": comparison(moved.comparison),
            "change": moved.change,
            "shown": self.format.amount(moved.change, &kpi.unit, Some(decimals)),
            "drivers": drivers.collect::<Vec<_>>(),
            "rest": moved.rest,
            "exact": moved.exact,
            "segments": segments.collect::<Vec<_>>(),
        })
    }

    fn notes(&self, notes: &Notes) -> Json {
        let label = |period: crate::calendar::Period| period.label(&self.report.calendar);
        let failed = notes
            .failed
            .iter()
            .map(|note| json!({ "source": &*note.source, "why": note.why, "kpis": self.texts(&note.kpis) }));
        let stale = notes.stale.iter().map(|note| {
            json!({ "source": &*note.source, "newest": note.newest.map(|day| day.to_string()), "kpis": self.texts(&note.kpis) })
        });
        let missing = notes
            .missing
            .iter()
            .map(|(reason, kpis)| json!({ "reason": reason.to_string(), "kpis": self.texts(kpis) }));
        let small = notes.small.iter().map(|note| {
            json!({ "kpi": self.text(&note.kpi), "has": note.has, "needs": note.needs, "segments": note.segments })
        });
        let retargeted = notes.retargeted.iter().map(|note| {
            json!({ "kpi": &*note.kpi.id, "from": note.from.map(level), "to": level(note.to), "since": note.since.to_string(), "why": note.why })
        });
        let restated = notes.restated.iter().map(|note| {
            let shown = |number| self.format.number(number, &note.kpi.unit, note.kpi.decimals);
            json!({
                "kpi": &*note.kpi.id,
                "period": label(note.period),
                "told": note.told,
                "now": note.now,
                "shown": { "told": shown(note.told), "now": shown(note.now) },
            })
        });
        json!({
            "running": notes.running,
            "failed": failed.collect::<Vec<_>>(),
            "stale": stale.collect::<Vec<_>>(),
            "missing": missing.collect::<Vec<_>>(),
            "small": small.collect::<Vec<_>>(),
            "retargeted": retargeted.collect::<Vec<_>>(),
            "restated": restated.collect::<Vec<_>>(),
        })
    }
}

fn list(json: &mut Json) -> impl Iterator<Item = &mut Json> {
    json.as_array_mut().into_iter().flatten()
}

fn level(level: Level) -> Json {
    let (low, high) = level.bounds();
    json!({ "low": low, "high": high })
}

fn streak(streak: &Streak) -> Json {
    json!({
        "verdict": verdict(&streak.verdict),
        "periods": streak.periods,
        "before": streak.before.as_ref().map(verdict),
    })
}
