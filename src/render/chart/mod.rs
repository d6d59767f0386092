//! Trends as pictures: a [`Spark`] beside a number, a [`Chart`] on a page of its own, a [`swatch`] that a bar is made of.
//!
//! In: what a KPI was in its last periods, its target then, and the verdict now. Out: SVG for pages, PNG at twice the density for
//! mail. The line has a gap where a value is missing and a dot where one stands alone; the target is dashed and steps where it
//! changed; the end of the line has the shape and the colour of its verdict. `scale` turns values into heights, `plot` draws,
//! `raster` makes small PNGs. Same input, same bytes, everywhere: no clock, no chance, no fonts (pictures hold no text), and every
//! coordinate is written with two decimals. All inks are legible on white and on near-black, since a picture has no dark mode.

mod ink;
mod plot;
mod raster;
mod scale;
mod spark;
mod wide;

pub use ink::Ink;
pub use raster::swatch;
pub use spark::Spark;
pub use wide::{Chart, Labels};

use crate::measure::{Level, Point, Verdict, Why};

/// What a chart knows of one period.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Spot {
    pub value: Option<f64>,
    pub target: Option<Level>,
}

/// A KPI over time: oldest first. The verdict is that of the last spot.
#[derive(Debug, Clone, PartialEq)]
pub struct Trend {
    pub spots: Vec<Spot>,
    pub verdict: Verdict,
}

impl Trend {
    pub fn new(points: &[Point]) -> Trend {
        let spot = |point: &Point| Spot {
            value: point.value.number(),
            target: point.target.as_ref().map(|target| target.level),
        };
        Trend {
            spots: points.iter().map(spot).collect(),
            verdict: points.last().map_or(Verdict::NotJudged(Why::NoTarget), |point| point.verdict.clone()),
        }
    }
}

#[cfg(test)]
mod tests;
