//! Exponential values: the ziggurat of `rand_distr`, with its usual way in a loop of its own.
//!
//! Of a hundred values 98 need nothing but one random word, one product and one comparison
//! (Marsaglia & Tsang 2000, "The ziggurat method for generating random variables"; Doornik 2005).
//! The others call the library of mathematics, and a loop that may call keeps whatever it knows in
//! memory. Here those few are handed to the library, word and all, so that the values are its
//! values, bit for bit.

use std::convert::Infallible;
use std::sync::LazyLock;

use rand::{Rng, TryRng};
use rand_distr::{Distribution as RandDistribution, Exp1};

use crate::random::Stream;

/// Exponential with a mean in nanoseconds.
#[derive(Clone, Debug)]
pub(super) struct Exponential {
    pub(crate) mean: f64,
}

impl RandDistribution<f64> for Exponential {
    #[inline]
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        let x: f64 = Exp1.sample(rng);
        self.mean * x
    }
}

/// Layers of the ziggurat.
const LAYERS: usize = 256;
/// What the library takes from the 52 bits of a float in [1, 2), to have it in (0, 1).
const LESS: f64 = 1.0 - f64::EPSILON / 2.0;
/// The least of those.
const LEAST: f64 = 1.0 - LESS;

/// The edges of the layers, asked of the library itself: the least word of a layer gives the
/// [`LEAST`] part of its edge, a power of two.
static EDGES: LazyLock<[f64; LAYERS + 1]> = LazyLock::new(|| {
    let mut edges = [0.0; LAYERS + 1];
    for (layer, edge) in edges.iter_mut().take(LAYERS).enumerate() {
        // In the last layer a second word is looked at: with the greatest the value is taken.
        let least: f64 =
            Exp1.sample(&mut RandomWords { first: Some(layer as u64), then: || u64::MAX });
        *edge = least / LEAST;
    }
    edges
});

impl Exponential {
    /// Fills a block: the same values as [`RandDistribution::sample`].
    pub(crate) fn fill(&self, stream: &mut Stream, mut out: &mut [f64]) {
        while let (done, Some(word)) = self.fill_usual(stream, out) {
            let mut words = RandomWords { first: Some(word), then: || stream.next_u64() };
            out[done] = self.sample(&mut words);
            out = &mut out[done + 1..];
        }
    }

    /// Fills a block until a word's value is beyond the next layer's edge; gives how far, and that
    /// word.
    #[inline(never)]
    fn fill_usual(&self, stream: &mut Stream, out: &mut [f64]) -> (usize, Option<u64>) {
        let edges: &[f64; LAYERS + 1] = &EDGES;
        // A stream of one's own stays in registers.
        let mut local = stream.clone();
        let mut met = (out.len(), None);
        for (at, slot) in out.iter_mut().enumerate() {
            let word = local.next_u64();
            let layer = word as usize % LAYERS;
            let unit = f64::from_bits(word >> 12 | 1.0f64.to_bits()) - LESS;
            let x = unit * edges[layer];
            if x >= edges[layer + 1] {
                met = (at, Some(word));
                break;
            }
            *slot = self.mean * x;
        }
        *stream = local;
        met
    }
}

/// A word, and those after it.
struct RandomWords<F> {
    first: Option<u64>,
    then: F,
}

impl<F: FnMut() -> u64> TryRng for RandomWords<F> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.try_next_u64()? as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.first.take().unwrap_or_else(&mut self.then))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let word = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Replication, Seed};

    /// A million values, of which some 20,000 are beyond an edge and 450 in the tail.
    #[test]
    fn blocks_are_the_values_of_the_library() {
        let stream = || Stream::new(Seed(3), Purpose::Think, Replication(0), 0);
        let (mut one, mut many) = (stream(), stream());
        let distribution = Exponential { mean: 1e9 };
        let mut block = [0.0; 1000];
        for _ in 0..1000 {
            distribution.fill(&mut many, &mut block);
            for value in block {
                assert_eq!(value.to_bits(), distribution.sample(&mut one).to_bits());
            }
        }
        assert_eq!(one.next_u64(), many.next_u64());
    }

    /// The outermost edges (Marsaglia & Tsang: 7.69711747013104972 for 256 layers) and their order.
    #[test]
    fn edges_fall_to_zero() {
        assert!((EDGES[1] - 7.697_117_470_131_05).abs() < 1e-14);
        assert!(EDGES.windows(2).all(|pair| pair[0] > pair[1]));
        assert_eq!(EDGES[LAYERS], 0.0);
    }
}
