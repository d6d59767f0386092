//! A source as the inspector shows it: its SQL as the YAML writes it, what was asked of it, and how that went.

use super::View;
use crate::calendar::Window;
use crate::catalog::Kind;
use crate::preview::Edition;
use crate::query::sql::Param;
use crate::query::{Engine, Fresh, Measure, Otherwise, Stretch};
use crate::text::Name;
use jiff::Timestamp;
use serde_json::{Value as Json, json};

pub(super) fn source(view: &View, edition: &Edition, name: &Name) -> Json {
    let source = &view.catalog.sources[name];
    let place = view.catalog.definitions.place(Kind::Source, name);
    let measure = |measure: &Measure| {
        let label = source.labels.get(&measure.name).map(|text| view.text(text));
        json!({ "name": &*measure.name, "aggregate": measure.aggregate.as_str(), "label": label })
    };
    let asks = |param: &Param| source.statement.params().iter().any(|one| one.param == *param);
    let params: Vec<&str> = Param::ALL.into_iter().filter(asks).map(Param::name).collect();
    json!({
        "name": &**name,
        "description": source.description.as_ref().map(|text| view.text(text)),
        "database": &*source.database,
        "engine": engine(source.statement.engine),
        "sql": source.statement.text.trim_end(),
        "params": params,
        "place": place.map(|(file, line)| json!({ "file": file, "line": line })),
        "time": source.time.as_deref(),
        "dimensions": source.dimensions.iter().map(|name| &**name).collect::<Vec<_>>(),
        "measures": source.measures.iter().map(measure).collect::<Vec<_>>(),
        "queries": edition.readings.stretches(name).iter().map(|one| query(view, one)).collect::<Vec<_>>(),
        "failure": edition.failures.iter().find(|failure| failure.source == *name).map(|failure| &*failure.why),
        "fresh": source.fresh.as_ref().map(|fresh| freshness(view, edition, name, fresh)),
    })
}

/// What one query was asked about, and what it gave.
fn query(view: &View, stretch: &Stretch) -> Json {
    let Window { start, end } = stretch.window;
    json!({
        "start": local(view, start),
        "end": local(view, end),
        "rows": stretch.result.as_ref().ok().map(|table| table.rows),
        "failure": stretch.result.as_ref().err().map(|why| &**why),
    })
}

fn freshness(view: &View, edition: &Edition, name: &Name, fresh: &Fresh) -> Json {
    let newest = edition.readings.newest().get(name);
    json!({
        "newest": newest.and_then(|newest| newest.as_ref().ok()?.map(|at| local(view, at))),
        "failure": newest.and_then(|newest| newest.as_ref().err()).map(|why| &**why),
        "within_seconds": fresh.within.as_secs(),
        "otherwise": match fresh.otherwise {
            Otherwise::Warn => "warn",
            Otherwise::Hold(_) => "hold",
            Otherwise::Fail => "fail",
        },
        "stale": edition.stale.iter().any(|stale| stale.source == *name),
    })
}

fn local(view: &View, at: Timestamp) -> String {
    at.to_zoned(view.calendar.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

fn engine(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
        Engine::Mysql => "MySQL",
    }
}
