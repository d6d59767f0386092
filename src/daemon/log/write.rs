//! An event → its line (tracing's subscriber).

use super::value::{Clipped, escaped, json_escaped, quoted};
use crate::calendar::clock;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::error::Error;
use std::fmt::{self, Debug};
use std::io::Write;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Json,
    Text {
        colour: bool,
    },
    /// Text for systemd: with the priority in front (sd-daemon(3)), without the time.
    Journal,
}

/// Writes each event as one line; `W` opens what it is written to.
pub(super) struct Lines<W> {
    style: Style,
    open: W,
}

impl<W> Lines<W> {
    pub fn new(style: Style, open: W) -> Lines<W> {
        Lines { style, open }
    }
}

impl<S: Subscriber, W: Fn() -> T + 'static, T: Write> Layer<S> for Lines<W> {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut said = Said::default();
        event.record(&mut said);
        let (level, target) = (event.metadata().level(), event.metadata().target());
        let line = said.line(self.style, clock::now(), *level, target);
        // In one piece, so that no other thread's line gets in between. Where the log itself can't be written nobody can be told.
        let _ = (self.open)().write_all(line.as_bytes());
    }
}

/// What an event says, as it is written.
#[derive(Default)]
struct Said {
    message: String,
    fields: Map<String, Value>,
}

impl Said {
    fn line(self, style: Style, now: Timestamp, level: Level, target: &str) -> String {
        let (time, message) = (format!("{now:.3}"), &self.message);
        let text = || format!("{}: {}{}", escaped(target), escaped(message), self.pairs());
        match style {
            Style::Json => {
                let level = level.as_str().to_lowercase();
                let line = json!({
                    "time": time, "level": level, "target": target, "message": message, "fields": self.fields,
                });
                json_escaped(&line.to_string()) + "\n"
            }
            Style::Journal => format!("<{}>{}\n", priority(level), text()),
            Style::Text { colour: false } => format!("{time} {:5} {}\n", level.as_str(), text()),
            Style::Text { colour: true } => {
                format!("\x1b[2m{time}\x1b[0m \x1b[{}m{:5}\x1b[0m {}\n", colour(level), level.as_str(), text())
            }
        }
    }

    /// ` key=value` for each field.
    fn pairs(&self) -> String {
        let pair = |(key, value): (&String, &Value)| match value {
            Value::String(text) => format!(" {}={}", escaped(key), quoted(text)),
            other => format!(" {}={other}", escaped(key)),
        };
        self.fields.iter().map(pair).collect()
    }

    fn text(&mut self, field: &Field, value: &dyn fmt::Display) {
        let text = Clipped::of(value);
        match field.name() {
            "message" => self.message = text,
            _ => self.other(field, text.into()),
        }
    }

    fn other(&mut self, field: &Field, value: Value) {
        self.fields.insert(field.name().to_owned(), value);
    }
}

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.text(field, &format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, &value);
    }

    /// With what caused it: `connect: connection refused`.
    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let causes = std::iter::successors(value.source(), |&error| error.source());
        let causes: String = causes.map(|cause| format!(": {cause}")).collect();
        self.text(field, &format_args!("{value}{causes}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.other(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.other(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.other(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.other(field, value.into());
    }
}

/// As syslog counts (RFC 5424 §6.2.1).
fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        _ => 7,
    }
}

/// Of ECMA-48: red, yellow, green, faint.
fn colour(level: Level) -> u8 {
    match level {
        Level::ERROR => 31,
        Level::WARN => 33,
        Level::INFO => 32,
        _ => 2,
    }
}
