//! Engines run a model and report [`crate::record::RequestRecord`]s. They open no file, read no
//! clock and no environment, print nothing and draw nothing that a model does not ask for; running
//! a checked model cannot fail.
//!
//! - [`kernel`](kernel()): which loop runs a model, as a table;
//! - `recursion`: the recursion of Kiefer and Wolfowitz, for models whose requests share no core;
//! - `sharing`: the fast path for requests that only compute, on shared cores;
//! - `events`: the event engine, for every server;
//! - `rates`: what each of those who share cores gains.

pub(crate) mod events;
mod kernel;
mod rates;
pub(crate) mod recursion;
mod requests;
pub(crate) mod sharing;

pub use self::kernel::{
    Asks, Choice, Deadline, End, Kernel, MOST_STEPS, Run, kernel, recursion_fits,
};
pub(crate) use self::recursion::{run_together, shareable};

use crate::model::{Load, Model};
use crate::record::Sink;
use crate::source::{OpenBlocks, Source};

/// Runs a model and hands every record to `sink`. [`Choice::Recursion`] falls back to the events
/// where the recursion does not fit: ask [`recursion_fits`] before.
pub fn run<K: Sink>(model: &Model, choice: Choice, run: Run<'_>, sink: &mut K) -> End {
    match kernel(model, choice, Asks::of::<K>()) {
        Kernel::Recursion => recursion::run(model, run, sink),
        Kernel::Sharing => {
            let Load::Open(open) = model.load() else { return End::Complete };
            let source = OpenBlocks::new(open, run.seed, run.replication);
            sharing::run(model.server(), source, run, sink)
        }
        Kernel::Events => events::run(model, run, sink),
        Kernel::Unlimited => recursion::unlimited::run(model, run, sink)
            .unwrap_or_else(|| events::run(model, run, sink)),
    }
}

/// Runs the server of a model with requests from `source` instead of the model's load.
pub(crate) fn run_source<S: Source, K: Sink>(
    model: &Model,
    source: S,
    run: Run<'_>,
    sink: &mut K,
) -> End {
    events::run_source(model, source, run, sink)
}
