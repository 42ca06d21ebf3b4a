//! Random numbers that depend on nothing but the seed.
//!
//! Every draw is a function of (seed, purpose, replication, lane, position): a [`Stream`] is a
//! xoshiro256++ generator (Blackman & Vigna 2021, "Scrambled linear pseudorandom number
//! generators") whose state is hashed from those four, and it is read in the order of request
//! numbers. So every cell of a sweep sees the same arrivals and demands (common random numbers),
//! whatever the thread count and whichever cells run beside it.

use std::convert::Infallible;

use rand::TryRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

/// What a person gives with `--seed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(pub u64);

/// What a stream of random numbers is drawn for. Streams of different purposes are independent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Gaps between arrivals, with the states and batches that shape them.
    Arrival,
    /// The demand of phase number `k` (0 is the first) of requests that are alike, or of the first
    /// route.
    Phase(u16),
    /// The route of a request.
    Route,
    /// The demand of phase number `k` of a route, by its number.
    RoutePhase(u16, u16),
    /// Time between an answer and the client's next request.
    Think,
    /// How long a client stays in the listen queue.
    Patience,
    /// Which process takes a connection.
    Accept,
    /// How many requests a worker serves before it ends.
    Lifecycle,
    /// When the arbiter looks, and how long it pauses.
    Arbiter,
    /// Where the periods of a CPU quota begin.
    Throttle,
    /// How long a client waits for an answer.
    ClientTimeout,
    /// Whether a thread loses the lock of its process.
    Lock,
    /// When an event loop first gives a sign of life.
    Heartbeat,
    /// How long a client pauses before it tries again.
    Retry,
    /// Which host a balancer draws.
    Balance,
}

impl Purpose {
    fn code(self) -> u64 {
        match self {
            Purpose::Arrival => 1,
            Purpose::Think => 2,
            Purpose::Patience => 3,
            Purpose::Accept => 4,
            Purpose::Lifecycle => 5,
            Purpose::Arbiter => 6,
            Purpose::Throttle => 7,
            Purpose::ClientTimeout => 8,
            Purpose::Retry => 9,
            Purpose::Heartbeat => 10,
            Purpose::Lock => 11,
            Purpose::Balance => 12,
            Purpose::Route => 13,
            Purpose::Phase(k) => 0x1_0000 + u64::from(k),
            Purpose::RoutePhase(route, k) => (u64::from(route) + 1) * 0x1_0000 + u64::from(k),
        }
    }
}

/// Which of several independent repetitions of one model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replication(pub u64);

/// A named, portable stream of random bits.
#[derive(Clone, Debug)]
pub struct Stream(Xoshiro256PlusPlus);

/// The finaliser of SplitMix64 (Steele, Lea & Flood 2014), variant 13 of Stafford.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Stream {
    /// The stream of `purpose` in `replication`; `lane` tells clients apart (0 where there is
    /// one lane only).
    pub fn new(seed: Seed, purpose: Purpose, replication: Replication, lane: u64) -> Self {
        const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
        const SILVER: u64 = 0xd1b5_4a32_d192_ed03;
        let chain = |constant: u64| {
            [seed.0, purpose.code(), replication.0, lane]
                .iter()
                .fold(constant, |state, part| mix(state.wrapping_add(constant) ^ part))
        };
        let (a, b) = (chain(GOLDEN), chain(SILVER));
        let mut bytes = [0u8; 32];
        let words = [a, b, mix(a.wrapping_add(GOLDEN)), mix(b.wrapping_add(GOLDEN))];
        for (chunk, word) in bytes.chunks_exact_mut(8).zip(words) {
            chunk.copy_from_slice(&word.to_le_bytes());
        }
        Stream(Xoshiro256PlusPlus::from_seed(bytes))
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.0.try_next_u32()
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0.try_next_u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.try_fill_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;

    fn first(seed: u64, purpose: Purpose, replication: u64, lane: u64) -> u64 {
        Stream::new(Seed(seed), purpose, Replication(replication), lane).random()
    }

    #[test]
    fn every_coordinate_changes_the_stream() {
        let base = first(1, Purpose::Arrival, 0, 0);
        assert_eq!(base, first(1, Purpose::Arrival, 0, 0));
        assert_ne!(base, first(2, Purpose::Arrival, 0, 0));
        assert_ne!(base, first(1, Purpose::Think, 0, 0));
        assert_ne!(base, first(1, Purpose::Arrival, 1, 0));
        assert_ne!(base, first(1, Purpose::Arrival, 0, 1));
        assert_ne!(first(1, Purpose::Arrival, 1, 0), first(1, Purpose::Arrival, 0, 1));
    }

    /// Pairs of streams that differ in one coordinate: the correlation of 20,000 uniforms has a
    /// standard error of 1/sqrt(20000) = 0.0071; the bound is 5 of these (level 6e-7 a pair).
    #[test]
    fn streams_are_uncorrelated() {
        let n = 20_000;
        let draw = |purpose, replication, lane| -> Vec<f64> {
            let mut stream = Stream::new(Seed(7), purpose, Replication(replication), lane);
            (0..n).map(|_| stream.random::<f64>() - 0.5).collect()
        };
        let base = draw(Purpose::Phase(0), 0, 0);
        let others = [
            draw(Purpose::Phase(1), 0, 0),
            draw(Purpose::Arrival, 0, 0),
            draw(Purpose::Phase(0), 1, 0),
            draw(Purpose::Phase(0), 0, 1),
            draw(Purpose::Think, 0, 1),
        ];
        for other in others {
            let product: f64 = base.iter().zip(&other).map(|(x, y)| x * y).sum();
            let correlation = product / n as f64 * 12.0;
            assert!(correlation.abs() < 0.036, "{correlation}");
        }
    }
}
