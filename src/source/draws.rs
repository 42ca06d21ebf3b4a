//! Draws a law in the order of requests, in blocks.

use crate::law::{Law, Sampler};
use crate::random::{Purpose, Replication, Seed, Stream};

/// Draws at a time: enough that the choice of the law is made once, few enough for the first
/// cache.
const BLOCK: usize = 256;

/// One law, one stream, a block ahead.
#[derive(Debug)]
pub(super) struct Draws {
    sampler: Sampler,
    stream: Stream,
    block: Vec<u64>,
    at: usize,
}

impl Draws {
    pub(super) fn new(law: &Law, seed: Seed, purpose: Purpose, replication: Replication) -> Self {
        let stream = Stream::new(seed, purpose, replication, 0);
        Draws { sampler: law.sampler(), stream, block: vec![0; BLOCK], at: BLOCK }
    }

    /// The next draw in nanoseconds.
    #[inline]
    pub(super) fn next(&mut self) -> u64 {
        if self.at == BLOCK {
            self.sampler.fill(&mut self.stream, &mut self.block);
            self.at = 0;
        }
        let nanos = self.block[self.at];
        self.at += 1;
        nanos
    }
}
