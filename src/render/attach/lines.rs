//! A report in long form: every value it knows in a line of its own, earlier periods included.

use super::note;
use crate::calendar::Period;
use crate::formula::Value;
use crate::measure::{Good, InForce, Kpi, Level, Measured, Measurement, Verdict, Why};
use crate::render::view::Reader;

/// One value.
pub(super) struct Line<'a> {
    pub period: Period,
    pub kpi: &'a Kpi,
    pub name: &'a str,
    /// Of a breakdown: its dimension and segment, as readers know them.
    pub segment: Option<(String, String)>,
    pub value: &'a Value,
    pub target: Option<&'a InForce>,
    pub verdict: Option<&'a Verdict>,
    /// On how many cases the value rests, where that is known.
    pub sample: Option<f64>,
    /// Why the value is missing, or has no verdict.
    pub note: String,
}

impl Line<'_> {
    /// The least and the most that the target allows: a KPI that is good high has no most.
    pub fn limits(&self) -> (Option<f64>, Option<f64>) {
        let Some(target) = self.target else { return (None, None) };
        let (low, high) = target.level.bounds();
        match (target.level, self.kpi.good) {
            (Level::Value(_), Some(Good::Up)) => (Some(low), None),
            (Level::Value(_), Some(Good::Down)) => (None, Some(high)),
            _ => (Some(low), Some(high)),
        }
    }
}

/// By KPI in the order of the report, then from the oldest period to the report's own, whole before segments.
pub(super) fn lines<'a>(reader: &'a Reader) -> Vec<Line<'a>> {
    reader.report.rows().flat_map(|row| of_kpi(reader, &row.measured)).collect()
}

fn of_kpi<'a>(reader: &'a Reader, measured: &'a Measured) -> Vec<Line<'a>> {
    let mut lines = earlier(reader, measured);
    lines.extend(compared(reader, measured));
    // Of one period the whole comes first: the order of segments is kept.
    lines.sort_by_key(|line| (line.period.window, line.segment.is_some()));
    lines.push(now(reader, measured, &measured.whole, None));
    for segment in &measured.segments {
        let named = segment.segment.as_ref();
        let named = named.map(|(_, value)| (reader.dimension(&measured.kpi), reader.segment_name(value.as_deref())));
        lines.push(now(reader, measured, segment, named));
    }
    lines
}

fn now<'a>(
    reader: &'a Reader,
    measured: &'a Measured,
    measurement: &'a Measurement,
    segment: Option<(String, String)>,
) -> Line<'a> {
    // That a segment has no target of its own is the rule.
    let judged = segment.is_none() || measurement.verdict != Verdict::NotJudged(Why::NoTarget);
    Line {
        period: measurement.period,
        segment,
        target: measurement.target.as_ref(),
        verdict: judged.then_some(&measurement.verdict),
        sample: measurement.sample.as_ref().and_then(Value::number),
        note: note(reader, measurement),
        ..bare(reader, measured, measurement.period, &measurement.value)
    }
}

fn bare<'a>(reader: &'a Reader, measured: &'a Measured, period: Period, value: &'a Value) -> Line<'a> {
    let kpi = &measured.kpi;
    Line {
        period,
        kpi,
        name: reader.text(&kpi.name),
        segment: None,
        value,
        target: None,
        verdict: None,
        sample: None,
        note: value.reason().map(|reason| reader.reason(reason)).unwrap_or_default(),
    }
}

/// The trend, this period aside, and the periods compared that it doesn't hold.
fn earlier<'a>(reader: &'a Reader, measured: &'a Measured) -> Vec<Line<'a>> {
    let this = measured.whole.period;
    let points = measured.trend.iter().filter(|point| point.period.window != this.window);
    let mut lines: Vec<Line> = points
        .map(|point| Line {
            target: point.target.as_ref(),
            verdict: Some(&point.verdict),
            ..bare(reader, measured, point.period, &point.value)
        })
        .collect();
    for change in &measured.changes {
        if lines.iter().all(|line| line.period.window != change.period.window) {
            lines.push(bare(reader, measured, change.period, &change.value));
        }
    }
    lines
}

/// Segments in the periods compared.
fn compared<'a>(reader: &'a Reader, measured: &'a Measured) -> Vec<Line<'a>> {
    let dimension = reader.dimension(&measured.kpi);
    let mut lines: Vec<Line> = Vec::new();
    for change in &measured.changes {
        if lines.iter().any(|line| line.period.window == change.period.window) {
            continue;
        }
        lines.extend(change.segments.iter().map(|segment| Line {
            segment: Some((dimension.clone(), reader.segment_name(segment.value.as_deref()))),
            ..bare(reader, measured, change.period, &segment.from)
        }));
    }
    lines
}
