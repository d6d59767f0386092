//! The colours of charts: mid-tones, each at least 3:1 against white and against the dark page.

use crate::measure::Verdict;

/// What something in a chart is drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ink {
    Line,
    /// Targets, and what is not judged.
    Quiet,
    Met,
    Near,
    Missed,
}

impl Ink {
    pub const ALL: [Ink; 5] = [Ink::Line, Ink::Quiet, Ink::Met, Ink::Near, Ink::Missed];

    pub fn of(verdict: &Verdict) -> Ink {
        match verdict {
            Verdict::Met => Ink::Met,
            Verdict::Near => Ink::Near,
            Verdict::Missed => Ink::Missed,
            Verdict::NotJudged(_) => Ink::Quiet,
        }
    }

    pub const fn rgb(self) -> [u8; 3] {
        match self {
            Ink::Line => [0x4a, 0x83, 0xc9],
            Ink::Quiet => [0x85, 0x8c, 0x95],
            Ink::Met => [0x2a, 0x9a, 0x5c],
            Ink::Near => [0xbd, 0x7d, 0x14],
            Ink::Missed => [0xdb, 0x4a, 0x40],
        }
    }

    /// As SVG and HTML write it: `#4a83c9`.
    pub fn hex(self) -> String {
        let [r, g, b] = self.rgb();
        format!("#{r:02x}{g:02x}{b:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as WCAG 2.2 defines it.
    fn luminance(rgb: [u8; 3]) -> f64 {
        let linear = |c: u8| match f64::from(c) / 255.0 {
            c if c <= 0.04045 => c / 12.92,
            c => ((c + 0.055) / 1.055).powf(2.4),
        };
        0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2])
    }

    #[test]
    fn every_ink_is_legible_on_white_and_on_the_dark_page() {
        for ink in Ink::ALL {
            for page in [[0xff; 3], [0x16, 0x18, 0x1b]] {
                let (a, b) = (luminance(ink.rgb()), luminance(page));
                let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                assert!(contrast >= 3.0, "{ink:?} on {page:02x?}: {contrast:.2}:1");
            }
        }
    }

    #[test]
    fn ink_is_written_as_html_wants_it() {
        assert_eq!(Ink::Missed.hex(), "#db4a40");
        assert_eq!(Ink::Near.hex(), "#bd7d14");
    }
}
