//! A report in long form: every value it knows in a line of its own, earlier periods included.

use super::Edition;
use crate::calendar::Period;
use crate::formula::Value;
use crate::measure::{InForce, Kpi, Measured, Measurement, Verdict, Why};

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

/// By KPI in the order of the report, then from the oldest period to the report's own, whole before segments.
pub(super) fn lines<'a>(edition: &'a Edition) -> Vec<Line<'a>> {
    edition.report.rows().flat_map(|row| of_kpi(edition, &row.measured)).collect()
}

fn of_kpi<'a>(edition: &'a Edition, measured: &'a Measured) -> Vec<Line<'a>> {
    let mut lines = earlier(edition, measured);
    lines.extend(compared(edition, measured));
    // Of one period the whole comes first: the order of segments is kept.
    lines.sort_by_key(|line| (line.period.window, line.segment.is_some()));
    lines.push(now(edition, measured, &measured.whole, None));
    for segment in &measured.segments {
        let named = segment.segment.as_ref();
        let named = named.map(|(name, value)| (edition.dimension(name), edition.segment(value.as_deref())));
        lines.push(now(edition, measured, segment, named));
    }
    lines
}

fn now<'a>(
    edition: &'a Edition,
    measured: &'a Measured,
    measurement: &'a Measurement,
    segment: Option<(String, String)>,
) -> Line<'a> {
    // That a segment has no target of its own is the rule.
    let judged = segment.is_none() || measurement.verdict != Verdict::NotJudged(Why::NoTarget);
    let counted = || measurement.proportion.map(|proportion| proportion.of);
    Line {
        period: measurement.period,
        segment,
        target: measurement.target.as_ref(),
        verdict: judged.then_some(&measurement.verdict),
        sample: measurement.sample.as_ref().and_then(Value::number).or_else(counted),
        note: edition.note(measurement),
        ..bare(edition, measured, measurement.period, &measurement.value)
    }
}

fn bare<'a>(edition: &'a Edition, measured: &'a Measured, period: Period, value: &'a Value) -> Line<'a> {
    let kpi = &measured.kpi;
    let why = |reason: &crate::formula::Reason| edition.wording.why(&Why::Missing(reason.clone()));
    Line {
        period,
        kpi,
        name: edition.text(&kpi.name),
        segment: None,
        value,
        target: None,
        verdict: None,
        sample: None,
        note: value.reason().map(why).unwrap_or_default(),
    }
}

/// The trend, this period aside, and the periods compared that it doesn't hold.
fn earlier<'a>(edition: &'a Edition, measured: &'a Measured) -> Vec<Line<'a>> {
    let this = measured.whole.period;
    let points = measured.trend.iter().filter(|point| point.period.window != this.window);
    let mut lines: Vec<Line> = points
        .map(|point| Line {
            target: point.target.as_ref(),
            verdict: Some(&point.verdict),
            ..bare(edition, measured, point.period, &point.value)
        })
        .collect();
    for change in &measured.changes {
        if lines.iter().all(|line| line.period.window != change.period.window) {
            lines.push(bare(edition, measured, change.period, &change.value));
        }
    }
    lines
}

/// Segments in the periods compared.
fn compared<'a>(edition: &'a Edition, measured: &'a Measured) -> Vec<Line<'a>> {
    let Some(dimension) = &measured.kpi.breakdown else { return Vec::new() };
    let dimension = edition.dimension(dimension);
    let mut lines: Vec<Line> = Vec::new();
    for change in &measured.changes {
        if lines.iter().any(|line| line.period.window == change.period.window) {
            continue;
        }
        lines.extend(change.segments.iter().map(|segment| Line {
            segment: Some((dimension.clone(), edition.segment(segment.value.as_deref()))),
            ..bare(edition, measured, change.period, &segment.from)
        }));
    }
    lines
}
