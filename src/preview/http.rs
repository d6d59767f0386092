//! The studio over HTTP: the page, its pieces, and what it asks for.
//!
//! | path | answer |
//! |---|---|
//! | `GET /`, `/assets/…` | the page, built into the program |
//! | `GET /api/state` | what can be looked at, and what is wrong with the folder |
//! | `GET /api/events` | `event: state` after every save that was read, the present one at once |
//! | `GET /api/report/{report}?to=&period=` | subject, plain text, periods, a row a KPI |
//! | `GET /mail/{report}?to=&period=&scheme=&images=` | the mail itself, for a frame |
//! | `GET /api/kpi/{kpi}?report=&to=&period=` | one KPI taken apart |
//! | `POST /api/refresh` | everything is read anew, the databases too |

use super::mail::{Scheme, framed};
use super::{Edition, Problem, Refused, Rendered, Studio, guard, inspect, problem, studio, told};
use crate::render::{Audience, RenderError};
use crate::report::Person;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::middleware::from_fn;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::stream::{Stream, unfold};
use serde::Deserialize;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// The page's files, by name.
const ASSETS: [(&str, &str); 13] = [
    ("dom.js", include_str!("page/dom.js")),
    ("problems.js", include_str!("page/problems.js")),
    ("preview.css", include_str!("page/preview.css")),
    ("preview.js", include_str!("page/preview.js")),
    ("stage.js", include_str!("page/stage.js")),
    ("words.js", include_str!("page/words.js")),
    ("inspector.css", include_str!("page/inspector.css")),
    ("inspector.js", include_str!("page/inspector.js")),
    ("inspector-formula.js", include_str!("page/inspector-formula.js")),
    ("inspector-source.js", include_str!("page/inspector-source.js")),
    ("inspector-tables.js", include_str!("page/inspector-tables.js")),
    ("inspector-trend.js", include_str!("page/inspector-trend.js")),
    ("inspector-words.js", include_str!("page/inspector-words.js")),
];

/// Whose edition of which period.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    report: String,
    to: Option<String>,
    period: Option<String>,
    scheme: Scheme,
    images: Images,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Images {
    #[default]
    On,
    Off,
}

/// Answers on `listener` and reads every save, until it is dropped.
///
/// # Errors
/// The listener fails.
pub async fn serve(listener: TcpListener, studio: Arc<Studio>) -> std::io::Result<()> {
    let router = Router::new()
        .route("/", get(page))
        .route("/assets/{name}", get(asset))
        .route("/api/state", get(state))
        .route("/api/events", get(events))
        .route("/api/report/{report}", get(report))
        .route("/api/kpi/{kpi}", get(kpi))
        .route("/api/refresh", post(refresh))
        .route("/mail/{report}", get(mail))
        .layer(from_fn(guard::guarded))
        .with_state(Arc::clone(&studio));
    tokio::select! {
        done = async { axum::serve(listener, router).await } => done,
        () = studio.watch() => Ok(()),
    }
}

async fn page() -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], include_str!("page/index.html")).into_response()
}

async fn asset(Path(name): Path<String>) -> Response {
    let Some((_, text)) = ASSETS.iter().find(|(known, _)| *known == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = if name.ends_with(".js") { "text/javascript; charset=utf-8" } else { "text/css; charset=utf-8" };
    ([(header::CONTENT_TYPE, kind)], *text).into_response()
}

async fn state(State(studio): State<Arc<Studio>>) -> Response {
    json_of(StatusCode::OK, &told::state(&studio, &studio.state()))
}

async fn events(State(studio): State<Arc<Studio>>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut changes = studio.changes();
    // Who comes late, or again, hears where it stands.
    changes.mark_changed();
    let next = async |mut changes: watch::Receiver<Arc<studio::State>>| {
        changes.changed().await.ok()?;
        let generation = changes.borrow_and_update().generation;
        let event = Event::default().event("state").data(json!({ "generation": generation }).to_string());
        Some((Ok(event), changes))
    };
    Sse::new(unfold(changes, next)).keep_alive(KeepAlive::default())
}

async fn refresh(State(studio): State<Arc<Studio>>) -> StatusCode {
    studio.refresh().await;
    StatusCode::NO_CONTENT
}

async fn report(
    State(studio): State<Arc<Studio>>,
    Path(report): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failed> {
    let seen = Seen::of(&studio, &report, &asked).await?;
    let told =
        told::report(&seen.edition, &seen.rendered, &seen.person).map_err(|error| Failed::render(&studio, &error))?;
    Ok(json_of(StatusCode::OK, &told))
}

async fn mail(
    State(studio): State<Arc<Studio>>,
    Path(report): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failed> {
    let seen = Seen::of(&studio, &report, &asked).await?;
    let html = framed(&seen.rendered.letter, asked.scheme, asked.images == Images::On);
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, guard::MAIL)];
    Ok((headers, html).into_response())
}

async fn kpi(
    State(studio): State<Arc<Studio>>,
    Path(kpi): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failed> {
    let edition = studio.edition(&asked.report, asked.period.as_deref()).await?;
    let person = studio.person(asked.to.as_deref())?;
    let inspected = move || {
        let measured = edition.measured(&kpi).ok_or_else(|| Refused::Unknown("KPI in the report", kpi.clone()))?;
        inspect(&edition, measured, &person).map_err(Refused::Locale)
    };
    let told = tokio::task::spawn_blocking(inspected).await.expect("inspecting does not panic")?;
    Ok(json_of(StatusCode::OK, &told))
}

/// An edition as somebody sees it.
struct Seen {
    edition: Arc<Edition>,
    rendered: Arc<Rendered>,
    person: Person,
}

impl Seen {
    async fn of(studio: &Studio, report: &str, asked: &Asked) -> Result<Seen, Failed> {
        let edition = studio.edition(report, asked.period.as_deref()).await?;
        let person = studio.person(asked.to.as_deref())?;
        let audience = Audience::of(&person);
        let shown = Arc::clone(&edition);
        let rendered = tokio::task::spawn_blocking(move || shown.rendered(&audience)).await;
        let rendered = rendered.expect("rendering does not panic").map_err(|error| Failed::render(studio, &error))?;
        Ok(Seen { edition, rendered, person })
    }
}

/// Why there is nothing to show, as the page's own problems.
struct Failed(StatusCode, Vec<Problem>);

impl Failed {
    fn render(studio: &Studio, error: &RenderError) -> Failed {
        Failed(StatusCode::UNPROCESSABLE_ENTITY, vec![problem::of_render(&studio.dir, error)])
    }
}

impl From<Refused> for Failed {
    fn from(refused: Refused) -> Failed {
        Failed(StatusCode::NOT_FOUND, vec![problem::of_words("not-there", refused.to_string())])
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        json_of(self.0, &json!({ "problems": self.1 }))
    }
}

fn json_of(status: StatusCode, value: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}
