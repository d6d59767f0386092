//! Random numbers that are the same on every machine and in every release.
//!
//! SplitMix64 (Steele, Lea and Flood 2014) and only `+ - * / sqrt`, which IEEE 754 fixes to the last bit: a logarithm or
//! a sine may differ between C libraries, and with it every row that follows.

/// One stream of random numbers.
pub struct Rng(u64);

impl Rng {
    /// The stream `stream` of `seed`. Streams of one seed have nothing to do with each other.
    pub fn new(seed: u64, stream: u64) -> Rng {
        let mut mixed = Rng(seed);
        Rng(mixed.next() ^ Rng(stream).next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform among `low..=high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + (self.unit() * (high - low + 1) as f64) as i64
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One position among `weights`, each as likely as its weight; the last one that weighs anything when rounding leaves none.
    pub fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.unit() * weights.iter().sum::<f64>();
        for (i, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return i;
            }
        }
        weights.iter().rposition(|w| *w > 0.0).unwrap_or(0)
    }

    /// A count around `mean` that scatters about as much as a Poisson count does.
    pub fn count(&mut self, mean: f64) -> i64 {
        // Four uniforms have variance 1/3: close enough to a normal for a count nobody tests.
        let z = (self.unit() + self.unit() + self.unit() + self.unit() - 2.0) * 3.0_f64.sqrt();
        (mean + mean.sqrt() * z + self.unit()).max(0.0) as i64
    }

    /// Positive, mean 1, skewed to the right as prices and waiting times are; never above 4.
    pub fn skewed(&mut self) -> f64 {
        4.0 * self.unit() * self.unit()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stream_is_fixed_for_ever() {
        let mut rng = Rng(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| rng.next()).collect();
        // The reference implementation's output for this state.
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn draws_stay_in_their_range() {
        let mut rng = Rng::new(1, 2);
        for _ in 0..1_000 {
            assert!((3..=5).contains(&rng.between(3, 5)));
            assert!(rng.weighted(&[0.0, 1.0, 0.0]) == 1);
            assert!((0.0..=4.0).contains(&rng.skewed()));
        }
        let total: i64 = (0..1_000).map(|_| rng.count(20.0)).sum();
        assert!((19_000..=21_500).contains(&total), "{total}");
    }
}
