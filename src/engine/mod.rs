//! Engines run a model and report [`crate::record::RequestRecord`]s. They open no file, read no
//! clock and no environment, print nothing and draw nothing that a model does not ask for; running
//! a checked model cannot fail.
//!
//! - [`kernel`](kernel()): which loop runs a model, as a table;
//! - [`recursion`]: the recursion of Kiefer and Wolfowitz, for models whose requests share no core;
//! - [`sharing`]: the fast path for requests that only compute, on shared cores;
//! - [`events`]: the event engine, for every ideal server;
//! - [`detailed`]: the event engine for servers with a [runtime](crate::model::Runtime);
//! - [`cores`], [`gil`]: CPU sharing.

pub mod cores;
pub mod detailed;
pub mod events;
pub mod gil;
mod idle;
mod kernel;
mod queue;
pub mod recursion;
mod requests;
pub mod sharing;

pub use self::kernel::{Choice, Deadline, End, Kernel, MOST_STEPS, Run, kernel, recursion_fits};
pub use self::recursion::{run_together, shareable};

use crate::instant::Fine;
use crate::model::{Load, Model};
use crate::record::Sink;
use crate::source::{OpenBlocks, Source};

/// Runs a model and hands every record to `sink`. [`Choice::Recursion`] falls back to the events
/// where the recursion does not fit: ask [`recursion_fits`] before.
pub fn run<K: Sink>(model: &Model, choice: Choice, run: Run<'_>, sink: &mut K) -> End {
    match kernel(model, choice, K::WORKERS) {
        Kernel::Recursion => recursion::run(model, run, sink),
        Kernel::Sharing => {
            let Load::Open(open) = model.load() else { return End::Complete };
            let source = OpenBlocks::new(open, run.seed, run.replication);
            sharing::run(model.server(), source, run, sink)
        }
        Kernel::Events => events::run(model, run, sink),
        Kernel::Detailed => recursion::unlimited::run(model, choice, run, sink)
            .unwrap_or_else(|| detailed::run(model, run, sink)),
    }
}

/// Runs the server of a model, which has a runtime, with requests from `source` instead of the
/// model's load. Does nothing if the server has no runtime.
pub fn run_source<S: Source<Fine>, K: Sink>(
    model: &Model,
    source: S,
    run: Run<'_>,
    sink: &mut K,
) -> End {
    detailed::run_source(model, source, run, sink)
}
