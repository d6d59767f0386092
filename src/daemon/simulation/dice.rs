//! All chance there is in a simulation: SplitMix64 (Steele, Lea, Flood 2014), the same numbers for the same seed.

use jiff::SignedDuration;

#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 to `n` - 1.
    pub fn below(&mut self, n: usize) -> usize {
        (self.roll() % n as u64) as usize
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Both ends included, in milliseconds.
    pub fn millis(&mut self, from: i64, to: i64) -> SignedDuration {
        SignedDuration::from_millis(from + (self.roll() % (to - from + 1) as u64) as i64)
    }

    /// The same in seconds.
    pub fn seconds(&mut self, from: i64, to: i64) -> SignedDuration {
        self.millis(from * 1000, to * 1000)
    }
}
