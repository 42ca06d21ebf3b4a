//! The recursion for several servers that get the same requests: what is drawn is drawn once.
//!
//! Each server has its own state and its own sink, which gets the same blocks as in a run alone.

use super::server_times::{Few, Free, Many, Numbered, One};
use super::{End, Run, ServerRun, with_workers};
use crate::model::Server;
use crate::record::{BLOCK, Sink};
use crate::source::OpenBlocks;

/// Blocks that one server takes before the next one does: the draws of 32 blocks and the histograms
/// of one sink fit the cache of a core, the histograms of all sinks do not.
const BLOCKS: usize = 32;

/// Requests that were drawn: arrivals, demands, and CPU times where they are not the demands.
struct DrawnRequests {
    arrival: [u64; BLOCK],
    total: [u64; BLOCK],
    cpu: [u64; BLOCK],
    computing: bool,
}

/// Something that takes requests; true if it needs no more.
trait TakesRequests<K> {
    fn take(&mut self, drawn: &DrawnRequests, until: u64, sink: &mut K) -> bool;
}

impl<F: Free, K: Sink> TakesRequests<K> for ServerRun<F> {
    fn take(&mut self, drawn: &DrawnRequests, until: u64, sink: &mut K) -> bool {
        (self.records.arrival, self.records.computing) = (drawn.arrival, drawn.computing);
        if !drawn.computing {
            self.records.cpu = drawn.cpu;
        }
        self.serve(&drawn.total, until, sink)
    }
}

/// Runs an open loop through each of `servers`, each with its own of `sinks`.
pub(crate) fn run<K: Sink>(
    servers: &[&Server],
    mut source: OpenBlocks,
    run: Run<'_>,
    sinks: &mut [K],
) -> End {
    let mut queues: Vec<Box<dyn TakesRequests<K>>> =
        servers.iter().map(|server| queue_of::<K>(server)).collect();
    let nothing = || DrawnRequests {
        arrival: [0; BLOCK],
        total: [0; BLOCK],
        cpu: [0; BLOCK],
        computing: true,
    };
    let mut drawn: Vec<DrawnRequests> = (0..BLOCKS).map(|_| nothing()).collect();
    let until = run.until.as_nanos();
    while !run.stopped() {
        for block in &mut drawn {
            block.computing = source.fill(&mut block.arrival, &mut block.total, &mut block.cpu);
        }
        let mut over = false;
        for (queue, sink) in queues.iter_mut().zip(&mut *sinks) {
            // All have the same arrivals, and so the same end.
            over = drawn.iter().any(|block| queue.take(block, until, sink));
        }
        if over {
            return End::Complete;
        }
    }
    End::Stopped
}

fn queue_of<K: Sink>(server: &Server) -> Box<dyn TakesRequests<K>> {
    with_workers!(server.slots(), K::WORKERS, free => Box::new(ServerRun::new(free, server)))
}
