//! How sure a share is that was counted on few cases, and the difference between two such shares.
//!
//! Both intervals keep within what is possible (0 to 1, −1 to 1) and hold their 95 % for small samples and shares near 0 or 1, where
//! the textbook's normal approximation does not.

use crate::text::Name;

/// So many of so many: whole numbers, 0 ≤ `hits` ≤ `of`, `of` > 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Proportion {
    pub hits: f64,
    pub of: f64,
}

/// The difference between the two segments of a test, in the order of their names.
#[derive(Debug, Clone, PartialEq)]
pub struct Contrast {
    pub a: Option<Name>,
    pub b: Option<Name>,
    /// The share of `b` less that of `a`.
    pub difference: f64,
    /// The 95 % confidence interval of the difference.
    pub low: f64,
    pub high: f64,
}

/// The 97.5th percentile of the standard normal distribution: 2.5 % beyond either end.
const Z: f64 = 1.959_963_984_540_054;

impl Proportion {
    /// `None` where that is no count of cases: amounts of money, or a part that is larger than the whole.
    pub fn of(hits: f64, of: f64) -> Option<Proportion> {
        let counts = [hits, of].iter().all(|number| number.is_finite() && number.fract() == 0.0);
        (counts && of > 0.0 && (0.0..=of).contains(&hits)).then_some(Proportion { hits, of })
    }

    pub fn share(self) -> f64 {
        self.hits / self.of
    }

    /// The 95 % confidence interval of the share: the score interval (Wilson 1927, "Probable inference, the law of succession, and
    /// statistical inference", J. Am. Stat. Assoc. 22).
    pub fn interval(self) -> (f64, f64) {
        let (n, p) = (self.of, self.share());
        let spread = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        let (centre, scale) = (p + Z * Z / (2.0 * n), 1.0 + Z * Z / n);
        // What is certain stays so: rounding must not put the end beside 0 or 1.
        let low = if self.hits == 0.0 { 0.0 } else { ((centre - spread) / scale).clamp(0.0, p) };
        let high = if self.hits == n { 1.0 } else { ((centre + spread) / scale).clamp(p, 1.0) };
        (low, high)
    }
}

impl Contrast {
    /// `b` against `a`: the hybrid score interval (Newcombe 1998, "Interval estimation for the difference between independent
    /// proportions", Stat. Med. 17, method 10).
    pub(super) fn between(a: (Option<Name>, Proportion), b: (Option<Name>, Proportion)) -> Contrast {
        let [(a, before), (b, after)] = [a, b];
        let (from, to) = (before.share(), after.share());
        let ((from_low, from_high), (to_low, to_high)) = (before.interval(), after.interval());
        let difference = to - from;
        let low = difference - (to - to_low).hypot(from_high - from);
        let high = difference + (to_high - to).hypot(from - from_low);
        Contrast { a, b, difference, low, high }
    }

    /// Whether chance alone may well have made the difference.
    pub fn is_noise(&self) -> bool {
        self.low <= 0.0 && 0.0 <= self.high
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn round((low, high): (f64, f64)) -> (f64, f64) {
        let round = |x: f64| (x * 1e4).round() / 1e4;
        (round(low), round(high))
    }

    fn proportion(hits: u32, of: u32) -> Proportion {
        Proportion::of(f64::from(hits), f64::from(of)).expect("a proportion")
    }

    #[test]
    fn intervals_of_a_share_are_the_published_ones() {
        // Newcombe 1998, "Two-sided confidence intervals for the single proportion", Stat. Med. 17, table I, method 3.
        let check = |hits, of, expected| assert_eq!(round(proportion(hits, of).interval()), expected, "{hits}/{of}");
        check(81, 263, (0.2553, 0.3662));
        check(15, 148, (0.0624, 0.1605));
        check(0, 20, (0.0, 0.1611));
        check(1, 29, (0.0061, 0.1718));
        check(20, 20, (0.8389, 1.0));
    }

    #[test]
    fn intervals_of_a_difference_are_the_published_ones() {
        // Newcombe 1998, table II, method 10: the first sample less the second.
        let check = |first: (u32, u32), second: (u32, u32), expected| {
            let [first, second] = [first, second].map(|(hits, of)| proportion(hits, of));
            let contrast = Contrast::between((None, second), (None, first));
            assert_eq!(round((contrast.low, contrast.high)), expected, "{first:?} - {second:?}");
        };
        check((56, 70), (48, 80), (0.0524, 0.3339));
        check((9, 10), (3, 10), (0.1705, 0.8090));
        check((6, 7), (2, 7), (0.0582, 0.8062));
        check((5, 56), (0, 29), (-0.0381, 0.1926));
        check((0, 10), (0, 20), (-0.1611, 0.2775));
        check((0, 10), (0, 10), (-0.2775, 0.2775));
        check((10, 10), (0, 20), (0.6791, 1.0));
        check((10, 10), (0, 10), (0.6075, 1.0));
    }

    #[test]
    fn difference_is_noise_while_its_interval_holds_0() {
        let contrast = |a, b| Contrast::between((Some("A".into()), a), (Some("B".into()), b));
        let sure = contrast(proportion(48, 80), proportion(56, 70));
        assert!((sure.difference - 0.2).abs() < 1e-12 && !sure.is_noise());
        assert!(contrast(proportion(5, 40), proportion(8, 41)).is_noise());
        assert!(!contrast(proportion(56, 70), proportion(48, 80)).is_noise());
    }

    #[test]
    fn only_counts_of_cases_are_proportions() {
        for (hits, of) in
            [(1.5, 3.0), (4.0, 3.0), (-1.0, 3.0), (0.0, 0.0), (1.0, 2.5), (f64::NAN, 1.0), (1.0, f64::INFINITY)]
        {
            assert_eq!(Proportion::of(hits, of), None, "{hits}/{of}");
        }
        assert!(Proportion::of(0.0, 1.0).is_some() && Proportion::of(3.0, 3.0).is_some());
    }

    proptest! {
        #[test]
        fn intervals_hold_their_value_and_stay_possible(n in 1u32..1_000_000, m in 1u32..1_000_000, i in 0f64..=1.0, j in 0f64..=1.0) {
            let of = |n: u32, part: f64| Proportion::of((f64::from(n) * part).floor(), f64::from(n)).expect("a proportion");
            let (a, b) = (of(n, i), of(m, j));
            let (low, high) = a.interval();
            prop_assert!(0.0 <= low && low <= a.share() && a.share() <= high && high <= 1.0);
            let contrast = Contrast::between((None, a), (None, b));
            prop_assert!(-1.0 - 1e-12 <= contrast.low && contrast.low <= contrast.difference);
            prop_assert!(contrast.difference <= contrast.high && contrast.high <= 1.0 + 1e-12);
            let back = Contrast::between((None, b), (None, a));
            prop_assert!((back.low + contrast.high).abs() < 1e-12 && (back.high + contrast.low).abs() < 1e-12);
        }
    }
}
