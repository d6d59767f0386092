//! Values → heights between 0 (bottom) and 1 (top).
//!
//! The scale spans the values and their targets, but a target may lie so far away that the line would be flat. So it reaches at most
//! twice the line's own height beyond the line: the line keeps a third of the picture, and a target further out stands at the edge,
//! where it is drawn as clipped. Values that differ only by rounding are one value, and that stands in the middle.

use super::Spot;
use crate::measure::Level;

/// How far a target draws the scale beyond the values, in heights of the line.
const REACH: f64 = 2.0;
/// Differences below this share of the largest value are what adding up floats leaves behind.
const EQUAL: f64 = 1e-9;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    /// What every number is divided by first, so that the difference of two huge ones is finite.
    unit: f64,
    low: f64,
    high: f64,
}

impl Scale {
    /// None when no spot has a value.
    pub fn of(spots: &[Spot]) -> Option<Scale> {
        let values = || spots.iter().filter_map(|spot| spot.value);
        let largest = values().map(f64::abs).reduce(f64::max)?;
        let unit = if largest > 0.0 { largest } else { 1.0 };
        let least = values().map(|value| value / unit).fold(f64::INFINITY, f64::min);
        let most = values().map(|value| value / unit).fold(f64::NEG_INFINITY, f64::max);
        let span = most - least;
        // A line without height has nothing to lose: there any target may set the scale.
        let reach = if span > EQUAL { REACH * span } else { 1.0 / EQUAL };
        let bounds = spots.iter().filter_map(|spot| spot.target).flat_map(ends);
        let (low, high) = bounds.map(|bound| bound / unit).fold((least, most), |(low, high), bound| {
            (low.min(bound.max(least - reach)), high.max(bound.min(most + reach)))
        });
        Some(Scale { unit, low, high })
    }

    /// Widened to the round numbers of `steps`, which are returned: lines to read the chart by.
    pub fn rounded(self) -> (Scale, Vec<f64>) {
        let (low, high) = if self.is_flat() { (self.low - 0.5, self.high + 0.5) } else { (self.low, self.high) };
        let wide = Scale { low, high, ..self };
        let step = round_step(((high - low) * self.unit).min(f64::MAX)) / self.unit;
        // Of the least numbers that a float can hold there are no round ones.
        if step <= 0.0 || !step.is_finite() {
            return (wide, Vec::new());
        }
        let (first, last) = ((low / step + EQUAL).floor(), (high / step - EQUAL).ceil());
        let count = (last - first) as usize;
        let line = |i: usize| tidy((first + i as f64) * step * self.unit, step * self.unit);
        let lines = (0..=count).map(line).filter(|line| line.is_finite()).collect();
        (Scale { low: first * step, high: last * step, ..self }, lines)
    }

    /// Where `number` stands; outside 0 and 1 only when it is beyond the scale.
    pub fn height(&self, number: f64) -> f64 {
        if self.is_flat() { 0.5 } else { (number / self.unit - self.low) / (self.high - self.low) }
    }

    /// Whether `number` lies beyond the scale and can only be hinted at.
    pub fn clips(&self, number: f64) -> bool {
        let height = self.height(number);
        !(-EQUAL..=1.0 + EQUAL).contains(&height)
    }

    fn is_flat(&self) -> bool {
        self.high - self.low <= EQUAL
    }
}

/// The one or two numbers that a target is.
pub(super) fn ends(level: Level) -> impl Iterator<Item = f64> {
    let (low, high) = level.bounds();
    [Some(low), (high != low).then_some(high)].into_iter().flatten()
}

/// 1, 2, 2.5 or 5 times a power of ten, so that three or four of it make `range`.
fn round_step(range: f64) -> f64 {
    let rough = range / 4.0;
    let power = 10_f64.powi(rough.log10().floor() as i32);
    let nice = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|nice| nice * power >= rough * (1.0 - EQUAL));
    nice.unwrap_or(10.0) * power
}

/// Without what multiplying left behind: 0.30000000000000004 is 0.3.
fn tidy(number: f64, step: f64) -> f64 {
    if number.abs() < step * 1e-6 { 0.0 } else { format!("{number:.12e}").parse().unwrap_or(number) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spots(values: &[f64], target: Option<Level>) -> Vec<Spot> {
        values.iter().map(|value| Spot { value: Some(*value), target }).collect()
    }

    #[track_caller]
    fn heights(values: &[f64], target: Option<Level>, expected: &[f64]) {
        let scale = Scale::of(&spots(values, target)).unwrap();
        let heights: Vec<f64> = values.iter().map(|v| (scale.height(*v) * 1000.0).round() / 1000.0).collect();
        assert_eq!(heights, expected, "{values:?} {target:?}");
    }

    #[test]
    fn line_fills_the_height_with_its_target() {
        heights(&[1.0, 2.0, 3.0], None, &[0.0, 0.5, 1.0]);
        heights(&[1.0, 2.0], Some(Level::Value(3.0)), &[0.0, 0.5]);
        heights(&[1.0, 2.0], Some(Level::Between(0.0, 5.0)), &[0.25, 0.5]);
        heights(&[-2.0, -1.0], Some(Level::Value(0.0)), &[0.0, 0.5]);
    }

    #[test]
    fn target_far_away_leaves_the_line_a_third() {
        heights(&[1.0, 2.0], Some(Level::Value(1e9)), &[0.0, 0.333]);
        heights(&[1.0, 2.0], Some(Level::Value(f64::MIN)), &[0.667, 1.0]);
        let scale = Scale::of(&spots(&[1.0, 2.0], Some(Level::Value(1e9)))).unwrap();
        assert!(scale.clips(1e9) && !scale.clips(2.0) && !scale.clips(4.0));
    }

    #[test]
    fn one_value_stands_in_the_middle_and_beside_its_target() {
        heights(&[7.0], None, &[0.5]);
        heights(&[7.0, 7.0], None, &[0.5, 0.5]);
        heights(&[0.1 + 0.2, 0.3], None, &[0.5, 0.5]);
        heights(&[0.0, 0.0], None, &[0.5, 0.5]);
        heights(&[7.0], Some(Level::Value(9.0)), &[0.0]);
        heights(&[7.0], Some(Level::Value(7.0)), &[0.5]);
        heights(&[0.0], Some(Level::Value(4.0)), &[0.0]);
        heights(&[1e-300], Some(Level::Value(1e300)), &[0.0]);
    }

    #[test]
    fn huge_numbers_have_heights() {
        heights(&[f64::MIN, 0.0, f64::MAX], None, &[0.0, 0.5, 1.0]);
        heights(&[1e-308, 2e-308], None, &[0.0, 1.0]);
        assert_eq!(Scale::of(&[]), None);
        assert_eq!(Scale::of(&[Spot { value: None, target: Some(Level::Value(1.0)) }]), None);
    }

    #[test]
    fn lines_to_read_by_are_round_numbers() {
        let lines = |values: &[f64]| Scale::of(&spots(values, None)).unwrap().rounded().1;
        assert_eq!(lines(&[250.0, 312.0]), [240.0, 260.0, 280.0, 300.0, 320.0]);
        assert_eq!(lines(&[0.031, 0.047]), [0.03, 0.035, 0.04, 0.045, 0.05]);
        assert_eq!(lines(&[-0.1, 0.3]), [-0.1, 0.0, 0.1, 0.2, 0.3]);
        assert_eq!(lines(&[7.0]), [2.0, 4.0, 6.0, 8.0, 10.0, 12.0]);
        assert_eq!(lines(&[0.0]), [-0.5, -0.25, 0.0, 0.25, 0.5]);
        assert!(lines(&[f64::MIN, f64::MAX]).len() >= 3);
    }
}
