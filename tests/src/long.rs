//! How is a test that CI runs small run long by hand, and again in the same way?

/// How often, or with which seed: the number in the environment variable of this name, or what CI takes.
///
/// # Panics
/// When the variable holds no number.
#[must_use]
pub fn setting(name: &str, in_ci: u64) -> u64 {
    std::env::var(name).ok().map_or(in_ci, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number, got {text:?}")))
}

/// Numbers that can be had again by their seed: splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
#[derive(Clone, Debug)]
pub struct Numbers(u64);

impl Numbers {
    /// Those of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next one.
    pub const fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// The next one under a limit; 0 when nothing is under it.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.draw() % (limit.max(1) as u64)).unwrap_or(0)
    }
}
