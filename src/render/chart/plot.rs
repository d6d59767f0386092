//! A trend laid out in a frame, and its parts as SVG.

use super::scale::{Scale, ends};
use super::{Ink, Trend};
use crate::measure::{Level, Verdict};
use crate::text::escaped;
use std::fmt::Write;

/// Where a trend is drawn and how large its parts are, in CSS pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
    /// How thick the line is.
    pub stroke: f64,
    /// Of the mark at the line's end.
    pub radius: f64,
}

#[derive(Debug)]
pub(super) struct Plot<'a> {
    pub trend: &'a Trend,
    pub scale: Scale,
    pub frame: Frame,
}

type Place = (f64, f64);

impl Plot<'_> {
    pub fn x(&self, index: usize) -> f64 {
        let last = self.trend.spots.len() - 1;
        // A trend of one period is its end.
        let share = if last == 0 { 1.0 } else { index as f64 / last as f64 };
        self.frame.left + share * (self.frame.right - self.frame.left)
    }

    /// What is beyond the scale stands at its edge.
    pub fn y(&self, number: f64) -> f64 {
        let height = self.scale.height(number).clamp(0.0, 1.0);
        self.frame.bottom - height * (self.frame.bottom - self.frame.top)
    }

    /// The values that follow each other without a gap.
    pub fn runs(&self) -> Vec<Vec<Place>> {
        let mut runs = vec![Vec::new()];
        for (index, spot) in self.trend.spots.iter().enumerate() {
            match (spot.value, runs.last_mut()) {
                (Some(value), Some(run)) => run.push((self.x(index), self.y(value))),
                _ => runs.push(Vec::new()),
            }
        }
        runs.retain(|run| !run.is_empty());
        runs
    }

    /// Where the line ends; none when the last value is missing.
    fn end(&self) -> Option<Place> {
        let last = self.trend.spots.len().checked_sub(1)?;
        self.trend.spots[last].value.map(|value| (self.x(last), self.y(value)))
    }

    /// The target: dashes, a band between two, dots at the edge of the picture for one that is beyond it.
    pub fn target(&self) -> String {
        let (mut band, mut seen, mut clipped) = (String::new(), String::new(), String::new());
        for (from, to, level) in self.levels() {
            if let Level::Between(low, high) = level {
                let (top, bottom) = (self.y(high), self.y(low));
                push(&mut band, format_args!("M{}H{}V{}H{}Z", place((from, top)), n(to), n(bottom), n(from)));
            }
            for end in ends(level) {
                let path = if self.scale.clips(end) { &mut clipped } else { &mut seen };
                push(path, format_args!("M{}H{}", place((from, self.y(end))), n(to)));
            }
        }
        let ink = Ink::Quiet.hex();
        let mut svg = String::new();
        if !band.is_empty() {
            push(&mut svg, format_args!("<path d=\"{band}\" fill=\"{ink}\" fill-opacity=\".2\"/>"));
        }
        for (path, dashes) in [(seen, "3 2"), (clipped, "1 3")].iter().filter(|(path, _)| !path.is_empty()) {
            push(&mut svg, format_args!("<path d=\"{path}\" stroke=\"{ink}\" stroke-dasharray=\"{dashes}\"/>"));
        }
        svg
    }

    /// Targets that hold for periods in a row: from where to where, and what. Each period reaches half way to its neighbours.
    fn levels(&self) -> Vec<(f64, f64, Level)> {
        let spots = &self.trend.spots;
        let between = |a: usize, b: usize| (self.x(a) + self.x(b)) / 2.0;
        let mut levels: Vec<(f64, f64, Level)> = Vec::new();
        for (index, target) in spots.iter().enumerate().filter_map(|(index, spot)| Some((index, spot.target?))) {
            let from = if index == 0 { self.frame.left } else { between(index - 1, index) };
            let to = if index + 1 == spots.len() { self.frame.right } else { between(index, index + 1) };
            match levels.last_mut() {
                Some((_, end, level)) if *level == target && *end == from => *end = to,
                _ => levels.push((from, to, target)),
            }
        }
        levels
    }

    /// The line of the values, and a dot for each that stands alone.
    pub fn line(&self) -> String {
        let (mut path, mut dots) = (String::new(), String::new());
        let end = self.end();
        for mut run in self.runs() {
            if let Some(end) = end.filter(|end| run.last() == Some(end)) {
                cut(&mut run, end, self.frame.radius);
            }
            match run[..] {
                [] => {}
                [(x, y)] => push(
                    &mut dots,
                    format_args!("<circle cx=\"{}\" cy=\"{}\" r=\"{}\"/>", n(x), n(y), n(self.frame.stroke)),
                ),
                _ => {
                    push(&mut path, format_args!("M{}", run.iter().map(|at| place(*at)).collect::<Vec<_>>().join("L")))
                }
            }
        }
        let (ink, stroke) = (Ink::Line.hex(), n(self.frame.stroke));
        let mut svg = String::new();
        if !path.is_empty() {
            push(
                &mut svg,
                format_args!(
                    "<path d=\"{path}\" stroke=\"{ink}\" stroke-width=\"{stroke}\" stroke-linejoin=\"round\" stroke-linecap=\"round\"/>"
                ),
            );
        }
        if !dots.is_empty() {
            push(&mut svg, format_args!("<g fill=\"{ink}\">{dots}</g>"));
        }
        svg
    }

    /// The end of the line: ● met, ▲ near, ■ missed, ○ not judged.
    pub fn mark(&self) -> String {
        let Some((x, y)) = self.end() else { return String::new() };
        let (r, ink) = (self.frame.radius, Ink::of(&self.trend.verdict).hex());
        match self.trend.verdict {
            Verdict::Met => format!("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{ink}\"/>", n(x), n(y), n(r)),
            Verdict::Near => {
                // As large to the eye as the others: a little wider, its centre of gravity on the line.
                let (half, up, down) = (r * 1.2, r * 1.3, r * 0.8);
                let (top, base) = (place((x, y - up)), place((x - half, y + down)));
                format!(
                    "<path d=\"M{top}L{}H{}Z\" fill=\"{ink}\"/>",
                    place((x + half, y + down)),
                    base.split(' ').next().unwrap_or_default()
                )
            }
            Verdict::Missed => {
                let half = r * 0.9;
                let (from, side) = ((x - half, y - half), n(half * 2.0));
                format!("<path d=\"M{}h{side}v{side}h-{side}Z\" fill=\"{ink}\"/>", place(from))
            }
            Verdict::NotJudged(_) => {
                let (cx, cy, inner) = (n(x), n(y), n(r - 0.75));
                format!("<circle cx=\"{cx}\" cy=\"{cy}\" r=\"{inner}\" stroke=\"{ink}\" stroke-width=\"1.5\"/>")
            }
        }
    }
}

/// Ends `run` where it reaches the circle of `radius` around `end`, so that a hollow mark stays hollow.
fn cut(run: &mut Vec<Place>, end: Place, radius: f64) {
    let away = |at: &Place| (at.0 - end.0).hypot(at.1 - end.1);
    let Some(outside) = run.iter().rposition(|at| away(at) > radius) else { return run.clear() };
    let (a, b) = (run[outside], run[outside + 1]);
    run.truncate(outside + 1);
    // Between a and b the distance passes `radius` once; halving finds it without a root to choose.
    let at = |share: f64| (a.0 + (b.0 - a.0) * share, a.1 + (b.1 - a.1) * share);
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..20 {
        let middle = (low + high) / 2.0;
        if away(&at(middle)) > radius { low = middle } else { high = middle }
    }
    run.push(at(high));
}

/// A number as SVG wants it: two decimals at the most.
pub(super) fn n(number: f64) -> String {
    let text = format!("{number:.2}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}

pub(super) fn place((x, y): Place) -> String {
    format!("{} {}", n(x), n(y))
}

pub(super) fn push(text: &mut String, arguments: std::fmt::Arguments) {
    text.write_fmt(arguments).expect("a string takes any text");
}

/// How a picture begins: nothing is filled unless it says so.
pub(super) fn opening(width: u32, height: u32, alt: &str) -> String {
    let role = if alt.is_empty() {
        "aria-hidden=\"true\"".to_owned()
    } else {
        format!("role=\"img\" aria-label=\"{}\"", escaped(alt))
    };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" fill=\"none\" {role}>"
    )
}
