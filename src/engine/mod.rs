//! Engines run a model and say [`crate::record::RequestRecord`]s. They open no file, read no clock
//! and no environment, print nothing and draw nothing; running a checked model cannot fail.
//!
//! - [`events`]: the loop over instants, for every model;
//! - [`fifo`]: the recursion of Kiefer and Wolfowitz, for models in which nobody shares a core: the
//!   same records bit for bit, several times faster;
//! - [`sharing`]: the loop over instants once more, short, for requests that only compute;
//! - [`apart`]: the same for requests that share no core, where the events are asked for;
//! - [`run_together`]: the recursion for several servers that get the same requests;
//! - [`detailed`]: the loop over instants for servers as they are;
//! - [`cores`], [`gil`]: who computes how fast.

pub mod apart;
pub mod cores;
pub mod detailed;
pub mod events;
pub mod fifo;
mod free;
pub mod gil;
mod idle;
mod queue;
mod requests;
pub mod sharing;
mod starts;
mod together;

use self::cores::{Shared, Unshared};
use self::events::Events;
use self::gil::SharedByProcess;
use std::sync::atomic::{AtomicBool, Ordering};

use self::detailed::Detailed;
use crate::model::{Load, Model, Open, PhaseKind, Runtime};

use crate::instant::{Fine, Whole};
use crate::random::{Replication, Seed};
use crate::record::Sink;
use crate::source::{ClosedSource, OpenBlocks, OpenSource, Source, TraceSource};
use crate::time::Time;

/// Which engine may run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// The recursion where it applies, else the loop over events.
    #[default]
    Auto,
    /// The loop over events.
    Events,
    /// The recursion; a model that it does not fit is refused.
    Recursion,
}

/// One run of an engine.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The seed of everything that is random.
    pub seed: Seed,
    /// Which repetition.
    pub replication: Replication,
    /// The run goes on until all who arrived before this instant have left;
    /// [`Time::MAX`]: until nothing is left to happen.
    pub until: Time,
    /// Set from outside to end the run early; its records are then incomplete.
    pub stop: &'a AtomicBool,
}

impl Run<'_> {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Whether the recursion fits a model: no shared cores, no threads, no clients that leave the
/// queue and come again, and not both a finite backlog and clients that leave.
///
/// # Errors
/// Why it does not, as a sentence.
pub fn recursion_fits(model: &Model) -> Result<(), &'static str> {
    let server = model.server();
    if server.runtime.is_some() {
        return Err("the recursion knows ideal servers only, none of the options of a real one");
    }
    if model.contended() {
        return Err("the recursion needs a core for every worker, or requests without CPU");
    }
    if server.threads > 1 {
        return Err("the recursion knows no threads");
    }
    if server.patience.is_some() && matches!(model.load(), Load::Closed(_)) {
        return Err("the recursion takes --patience only with --rate or --trace");
    }
    if server.patience.is_some() && server.backlog != crate::model::Backlog::Unlimited {
        return Err("the recursion takes --patience only with --backlog unlimited");
    }
    Ok(())
}

/// Whether the short loop of [`sharing`] fits a model with arrivals from outside.
fn sharing_fits(model: &Model) -> bool {
    let server = model.server();
    let computes = model.phases().len() == 1 && model.phases()[0].kind == PhaseKind::Cpu;
    model.contended() && computes && !server.lock_matters() && server.patience.is_none()
}

/// Whether the short loop of [`apart`] fits a model with arrivals from outside.
fn apart_fits(model: &Model) -> bool {
    !model.contended() && model.server().patience.is_none()
}

/// Runs a model and hands every record to `sink`. [`Choice::Recursion`] falls back to the events
/// where the recursion does not fit: ask [`recursion_fits`] before.
pub fn run<K: Sink>(model: &Model, choice: Choice, run: Run<'_>, sink: &mut K) {
    let server = model.server();
    if let Some(runtime) = &server.runtime {
        return run_detailed(model, runtime, run, sink);
    }
    let recursion = choice != Choice::Events && recursion_fits(model).is_ok();
    match model.load() {
        Load::Open(open) => {
            if recursion && server.patience.is_none() {
                let source = OpenBlocks::new(open, run.seed, run.replication);
                return fifo::run_open(server, source, run, sink);
            }
            if !K::WORKERS && choice != Choice::Events && sharing_fits(model) {
                let source = OpenBlocks::new(open, run.seed, run.replication);
                return sharing::run(server, source, run, sink);
            }
            if !K::WORKERS && apart_fits(model) {
                let source = OpenBlocks::new(open, run.seed, run.replication);
                return apart::run(server, source, run, sink);
            }
            let source = OpenSource::new(open, server.patience.as_ref(), run.seed, run.replication);
            if recursion {
                fifo::run(server, source, run, sink);
            } else {
                run_anywhere(model, source, run, sink);
            }
        }
        Load::Trace(trace) => {
            let source = TraceSource::new(trace, server, run.seed, run.replication);
            if recursion {
                fifo::run(server, source, run, sink);
            } else {
                run_anywhere(model, source, run, sink);
            }
        }
        Load::Closed(closed) if recursion => fifo::run_closed(closed, server, run, sink),
        Load::Closed(closed) => {
            let patience = server.patience.as_ref();
            if model.contended() {
                let source = ClosedSource::new(closed, patience, run.seed, run.replication);
                run_shared(model, source, run, sink);
            } else {
                let source = ClosedSource::new(closed, patience, run.seed, run.replication);
                Events::new(server, Unshared, true, source, run, sink).run();
            }
        }
    }
}

/// The requests of a model that the recursion takes from outside, block after block: models with
/// the same can be [run together](run_together).
pub fn shareable(model: &Model, choice: Choice) -> Option<&Open> {
    let Load::Open(open) = model.load() else { return None };
    let alone = choice == Choice::Events || model.server().patience.is_some();
    (!alone && recursion_fits(model).is_ok()).then_some(open)
}

/// Runs models that differ in their servers only, each into its own sink: the same as running each
/// of them, but what is drawn is drawn once. Does nothing if the first is not
/// [shareable].
pub fn run_together<K: Sink>(models: &[&Model], run: Run<'_>, sinks: &mut [K]) {
    let first = models.first().and_then(|model| shareable(model, Choice::Recursion));
    let Some(open) = first else { return };
    let source = OpenBlocks::new(open, run.seed, run.replication);
    let servers: Vec<_> = models.iter().map(|model| model.server()).collect();
    together::run(&servers, source, run, sinks);
}

/// Runs a model through an engine that has phases, for a sink that [wants](Sink::PHASES) to know
/// them: the same records as [`run`], and each phase of each request as it begins.
pub fn run_phases<K: Sink>(model: &Model, run: Run<'_>, sink: &mut K) {
    let server = model.server();
    if let Some(runtime) = &server.runtime {
        return run_detailed(model, runtime, run, sink);
    }
    let (seed, replication, patience) = (run.seed, run.replication, server.patience.as_ref());
    match model.load() {
        Load::Open(open) => {
            run_shared(model, OpenSource::new(open, patience, seed, replication), run, sink);
        }
        Load::Trace(trace) => {
            run_shared(model, TraceSource::new(trace, server, seed, replication), run, sink);
        }
        Load::Closed(closed) => {
            run_shared(model, ClosedSource::new(closed, patience, seed, replication), run, sink);
        }
    }
}

/// The engine for servers with a runtime.
fn run_detailed<K: Sink>(model: &Model, runtime: &Runtime, run: Run<'_>, sink: &mut K) {
    let server = model.server();
    let (seed, replication, patience) = (run.seed, run.replication, server.patience.as_ref());
    match model.load() {
        Load::Open(open) => {
            let source = OpenSource::new(open, patience, seed, replication);
            Detailed::new(server, runtime, source, run, sink).run();
        }
        Load::Trace(trace) => {
            let source = TraceSource::new(trace, server, seed, replication);
            Detailed::new(server, runtime, source, run, sink).run();
        }
        Load::Closed(closed) => {
            let source = ClosedSource::new(closed, patience, seed, replication);
            Detailed::new(server, runtime, source, run, sink).run();
        }
    }
}

/// The events for a source that does not care for the kind of instants.
fn run_anywhere<S, K>(model: &Model, source: S, run: Run<'_>, sink: &mut K)
where
    S: Source<Whole> + Source<Fine>,
    K: Sink,
{
    if model.contended() {
        run_shared(model, source, run, sink);
    } else {
        Events::new(model.server(), Unshared, true, source, run, sink).run();
    }
}

/// The events where cores are shared.
fn run_shared<S: Source<Fine>, K: Sink>(model: &Model, source: S, run: Run<'_>, sink: &mut K) {
    let server = model.server();
    let millicores = u64::from(server.cores.millicores());
    if server.lock_matters() {
        let processor = SharedByProcess::new(millicores, server.workers);
        Events::new(server, processor, false, source, run, sink).run();
    } else {
        Events::new(server, Shared::new(millicores), false, source, run, sink).run();
    }
}
