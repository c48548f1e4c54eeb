//! Where do the province's chances come from?
//!
//! xoshiro256++ 1.0 by Blackman and Vigna, its state filled by SplitMix64 (<https://prng.di.unimi.it/>, public domain):
//! a few lines, the same numbers on every machine and in every release, which a library does not promise.

/// A seeded generator; equal seeds give equal provinces.
#[derive(Clone, Debug)]
pub(crate) struct Random {
    state: [u64; 4],
}

/// One step of SplitMix64: a bijection that scatters neighbouring numbers.
pub(crate) const fn scatter(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Random {
    /// The stream number `stream` of the seed, independent of its neighbours.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut number = scatter(seed ^ scatter(stream));
        let state = std::array::from_fn(|_| {
            number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
            scatter(number)
        });
        Self { state }
    }

    /// The next 64 bits.
    pub(crate) const fn next(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        self.state = [a ^ b ^ d, a ^ b ^ c, c ^ a ^ (b << 17), (d ^ b).rotate_left(45)];
        result
    }

    /// A number from 0 up to but without `bound` (Lemire's multiplication; the bias is below 2⁻³² here).
    pub(crate) const fn below(&mut self, bound: u64) -> u64 {
        ((self.next() as u128 * bound as u128) >> 64) as u64
    }

    /// An index into something of this length.
    pub(crate) const fn index(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }

    /// A number from `low` to `high`, both included.
    pub(crate) const fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as u64) as i64
    }

    /// Whether something happens that happens with this probability.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A number from 0 up to but without 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// One of these.
    pub(crate) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.index(from.len())]
    }

    /// One of these by their weights, given as running sums.
    pub(crate) fn weighted(&mut self, running_sums: &[u32]) -> usize {
        let total = running_sums.last().copied().unwrap_or(1);
        let drawn = u32::try_from(self.below(u64::from(total))).unwrap_or(0);
        running_sums.partition_point(|&sum| sum <= drawn)
    }
}

/// Weights as running sums, for [`Random::weighted`].
pub(crate) fn running_sums(weights: impl IntoIterator<Item = u32>) -> Vec<u32> {
    weights
        .into_iter()
        .scan(0_u32, |sum, weight| {
            *sum += weight;
            Some(*sum)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_number_of_scatter_is_that_of_the_published_code() {
        assert_eq!(scatter(1_234_567), 6_457_827_717_110_365_317);
    }

    #[test]
    fn weights_are_kept() {
        let (sums, mut random, mut seen) = (running_sums([1, 0, 3]), Random::new(7, 0), [0_u32; 3]);
        (0..4000).for_each(|_| seen[random.weighted(&sums)] += 1);
        assert!(seen[1] == 0 && (900..1100).contains(&seen[0]), "{seen:?}");
    }
}
