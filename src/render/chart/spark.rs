//! The small picture beside a number.

use super::plot::{Frame, Plot, push};
use super::scale::Scale;
use super::{Trend, raster};

/// A trend in 120 × 32 CSS pixels.
#[derive(Debug, Clone)]
pub struct Spark {
    trend: Trend,
}

const FRAME: Frame = Frame { left: 2.0, right: 115.0, top: 5.0, bottom: 27.0, stroke: 1.5, radius: 3.0 };

impl Spark {
    /// In CSS pixels; the PNG has twice as many.
    pub const WIDTH: u32 = 120;
    pub const HEIGHT: u32 = 32;

    pub fn new(trend: Trend) -> Spark {
        Spark { trend }
    }

    /// An `svg` element, to stand in HTML or alone. `alt` is what it says to those who don't see it; an ornament says nothing.
    pub fn svg(&self, alt: &str) -> String {
        let (width, height) = (Spark::WIDTH, Spark::HEIGHT);
        let mut svg = super::plot::opening(width, height, alt);
        if let Some(scale) = Scale::of(&self.trend.spots) {
            let plot = Plot { trend: &self.trend, scale, frame: FRAME };
            push(&mut svg, format_args!("{}{}{}", plot.target(), plot.line(), plot.mark()));
        }
        svg + "</svg>"
    }

    /// Twice as dense, transparent, in a few hundred bytes.
    pub fn png(&self) -> Vec<u8> {
        raster::png(&self.svg(""), Spark::WIDTH, Spark::HEIGHT)
    }
}
