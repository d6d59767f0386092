//! The picture of a KPI on a page: round lines to read by, periods beneath, each value to point at.

use super::plot::{Frame, Plot, n, opening, place, push};
use super::scale::Scale;
use super::{Ink, Trend};
use crate::text::escaped;

/// A trend in 640 × 180 CSS pixels, as SVG only: its texts are those of the page around it.
#[derive(Debug, Clone)]
pub struct Chart {
    trend: Trend,
}

/// What the picture says in the reader's words and numbers.
pub struct Labels<'a> {
    /// The whole, for those who don't see it.
    pub alt: &'a str,
    /// Of a round number beside its line.
    pub number: &'a dyn Fn(f64) -> String,
    /// Of a period by its place in the trend, short.
    pub period: &'a dyn Fn(usize) -> String,
    /// What pointing at a period shows: its name, value and target.
    pub point: &'a dyn Fn(usize) -> String,
}

/// About how wide a character of 11 px is: enough for figures, and wrong by a few pixels at worst.
const CHARACTER: f64 = 6.2;
/// Periods that are named beneath.
const NAMED: usize = 6;

impl Chart {
    pub const WIDTH: u32 = 640;
    pub const HEIGHT: u32 = 180;

    pub fn new(trend: Trend) -> Chart {
        Chart { trend }
    }

    pub fn svg(&self, labels: &Labels) -> String {
        let mut svg = opening(Chart::WIDTH, Chart::HEIGHT, labels.alt);
        if let Some(scale) = Scale::of(&self.trend.spots) {
            let (scale, lines) = scale.rounded();
            let numbers: Vec<String> = lines.iter().map(|line| (labels.number)(*line)).collect();
            let widest = numbers.iter().map(|text| text.chars().count()).max().unwrap_or(0);
            let frame = Frame {
                left: 14.0 + widest as f64 * CHARACTER,
                right: f64::from(Chart::WIDTH) - 10.0,
                top: 10.0,
                bottom: f64::from(Chart::HEIGHT) - 28.0,
                stroke: 2.0,
                radius: 4.5,
            };
            let plot = Plot { trend: &self.trend, scale, frame };
            svg.push_str(&grid(&plot, &lines, &numbers));
            svg.push_str(&periods(&plot, labels));
            svg.push_str(&area(&plot));
            push(&mut svg, format_args!("{}{}{}{}", plot.target(), plot.line(), plot.mark(), points(&plot, labels)));
        }
        svg + "</svg>"
    }
}

/// The lines, hair-thin but for 0, with their numbers to the left.
fn grid(plot: &Plot, lines: &[f64], numbers: &[String]) -> String {
    let Frame { left, right, .. } = plot.frame;
    let mut svg = text_style("end");
    for (line, number) in lines.iter().zip(numbers) {
        push(
            &mut svg,
            format_args!("<text x=\"{}\" y=\"{}\">{}</text>", n(left - 10.0), n(plot.y(*line) + 3.8), escaped(number)),
        );
    }
    svg.push_str("</g>");
    for line in lines {
        let opacity = if *line == 0.0 { ".45" } else { ".14" };
        let from = place((left - 4.0, plot.y(*line)));
        push(
            &mut svg,
            format_args!("<path d=\"M{from}H{}\" stroke=\"currentColor\" stroke-opacity=\"{opacity}\"/>", n(right)),
        );
    }
    svg
}

/// Names of periods, counted back from the last so that it has one.
fn periods(plot: &Plot, labels: &Labels) -> String {
    let count = plot.trend.spots.len();
    let every = count.div_ceil(NAMED).max(1);
    let mut svg = text_style("middle");
    for index in (0..count).filter(|index| (count - 1 - index).is_multiple_of(every)) {
        // The first and the last would hang over the edge.
        let anchor = if index + 1 == count { " text-anchor=\"end\"" } else { "" };
        let x = if index + 1 == count { plot.frame.right + 4.0 } else { plot.x(index) };
        let y = plot.frame.bottom + 20.0;
        push(
            &mut svg,
            format_args!("<text x=\"{}\" y=\"{}\"{anchor}>{}</text>", n(x), n(y), escaped(&(labels.period)(index))),
        );
    }
    svg + "</g>"
}

/// What lies beneath the line, as a breath of its colour.
fn area(plot: &Plot) -> String {
    let mut path = String::new();
    for run in plot.runs().iter().filter(|run| run.len() > 1) {
        let line: Vec<String> = run.iter().map(|at| place(*at)).collect();
        let (first, last) = (run[0].0, run[run.len() - 1].0);
        push(
            &mut path,
            format_args!(
                "M{}L{}V{}H{}Z",
                place((first, plot.frame.bottom)),
                line.join("L"),
                n(plot.frame.bottom),
                n(last)
            ),
        );
    }
    if path.is_empty() {
        path
    } else {
        format!("<path d=\"{path}\" fill=\"{}\" fill-opacity=\".08\"/>", Ink::Line.hex())
    }
}

/// A stripe of the picture for each period, with what pointing at it shows.
fn points(plot: &Plot, labels: &Labels) -> String {
    let count = plot.trend.spots.len();
    let width = (plot.frame.right - plot.frame.left) / (count.max(2) - 1) as f64;
    let height = plot.frame.bottom - plot.frame.top;
    let mut svg = "<g pointer-events=\"all\">".to_owned();
    for index in 0..count {
        let (x, y) = (n(plot.x(index) - width / 2.0), n(plot.frame.top));
        let title = escaped(&(labels.point)(index));
        push(
            &mut svg,
            format_args!(
                "<rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\"><title>{title}</title></rect>",
                n(width),
                n(height)
            ),
        );
    }
    svg + "</g>"
}

/// In the page's own letters and colour, a little softer.
fn text_style(anchor: &str) -> String {
    format!("<g font-size=\"11\" fill=\"currentColor\" fill-opacity=\".72\" text-anchor=\"{anchor}\">")
}
