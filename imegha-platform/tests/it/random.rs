//! Random numbers of a seed: splitmix64.

#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// The seed of a test: its own, or `IMEGHA_TEST_SEED`.
    pub(crate) fn seed(of_the_test: u64) -> u64 {
        let given = std::env::var("IMEGHA_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or(of_the_test);
        println!("IMEGHA_TEST_SEED={seed}");
        seed
    }
}
