//! What is simulated: a load, what its requests ask for, and the server they come to.
//!
//! A [`Model`] is checked when it is built; running it cannot fail.

mod cores;
mod discipline;
mod error;
pub(crate) mod load;
pub(crate) mod memory;
mod mix;
mod progress;
mod ramp;
pub(crate) mod request;
pub mod runtime;
mod served;
pub(crate) mod server;

pub use cores::{Cores, MAX_CORES};
pub use discipline::{Discipline, Order, OwnOrder, Waiting};
pub use error::ModelError;
pub use load::{Closed, Load, Open, Trace};
pub use memory::Memory;
pub use mix::{MAX_ROUTES, Mix, Route};
pub(crate) use ramp::Ramp;
pub use request::{Demand, Phase, PhaseKind};
pub(crate) use runtime::Runtime;
pub use server::{Backlog, Server};

/// The most requests in service at once that a model may have.
pub(crate) const MAX_SLOTS: u32 = 1_000_000;
/// The most clients of a closed loop.
pub(crate) const MAX_CLIENTS: u32 = 10_000_000;
/// The most phases of a request.
pub(crate) const MAX_PHASES: usize = 1_000;

/// A checked model.
#[derive(Clone, Debug)]
pub struct Model {
    load: Load,
    server: Server,
}

impl Model {
    /// Checks a load and a server against each other.
    ///
    /// # Errors
    /// [`ModelError::Conflict`] for parts that do not go together; [`ModelError::Missing`],
    /// [`ModelError::TooMany`], [`ModelError::Range`] or [`ModelError::ManyPhases`] for numbers;
    /// [`ModelError::NoTime`] or [`ModelError::TooLong`] for times.
    pub fn new(load: Load, server: Server) -> Result<Model, ModelError> {
        check_server(&server)?;
        match &load {
            Load::Closed(closed) => check_closed(closed)?,
            Load::Open(open) => check_mix(&open.mix)?,
            Load::Trace(trace) if trace.is_empty() => {
                return Err(ModelError::Missing("the trace has no requests"));
            }
            Load::Trace(_) => {}
        }
        let model = Model { load, server };
        check_discipline(&model)?;
        check_clock(&model)?;
        Ok(model)
    }

    /// Where requests come from.
    pub fn load(&self) -> &Load {
        &self.load
    }

    /// The server.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// What requests ask for; `None` for a trace, where each has its own demands.
    pub(crate) fn mix(&self) -> Option<&Mix> {
        match &self.load {
            Load::Closed(closed) => Some(&closed.mix),
            Load::Open(open) => Some(&open.mix),
            Load::Trace(_) => None,
        }
    }

    /// The phases of every request, where all are alike; none for a trace and for several routes.
    pub(crate) fn phases(&self) -> &[Phase] {
        self.mix().map_or(&[], Mix::alike)
    }

    /// The phases of all routes, each with the share of the requests that have it; none for a trace.
    pub(crate) fn all_phases(&self) -> impl Iterator<Item = (f64, &Phase)> {
        self.mix().into_iter().flat_map(Mix::phases)
    }

    /// The routes of the requests; none where all are alike.
    pub(crate) fn routes(&self) -> &[Route] {
        match &self.load {
            Load::Trace(trace) => trace.routes(),
            _ => self.mix().map_or(&[], Mix::routes),
        }
    }

    /// Requests of a finite story: of a trace, or of clients that each send so many. `None` where
    /// they go on for ever.
    pub fn story_requests(&self) -> Option<u128> {
        match &self.load {
            Load::Closed(closed) => {
                closed.requests.map(|each| u128::from(closed.clients) * u128::from(each))
            }
            Load::Trace(trace) => Some(trace.len() as u128),
            Load::Open(_) => None,
        }
    }

    /// Mean demand of a request in seconds: (CPU, I/O). For a trace, the mean over its requests.
    pub(crate) fn mean_demand(&self) -> (f64, f64) {
        let mut means = (0.0, 0.0);
        let mut add = |kind, seconds| match kind {
            PhaseKind::Cpu => means.0 += seconds,
            PhaseKind::Io => means.1 += seconds,
        };
        match &self.load {
            Load::Trace(trace) => {
                let count = trace.len() as f64;
                for demand in (0..trace.len()).flat_map(|request| trace.demands(request)) {
                    add(demand.kind(), demand.span().as_secs_f64() / count);
                }
            }
            _ => self
                .all_phases()
                .for_each(|(share, phase)| add(phase.kind, share * phase.demand.mean())),
        }
        means
    }

    /// Whether any request computes.
    pub(crate) fn computes(&self) -> bool {
        match &self.load {
            Load::Trace(trace) => (0..trace.len())
                .any(|request| trace.demands(request).iter().any(|d| d.kind() == PhaseKind::Cpu)),
            _ => self
                .all_phases()
                .any(|(_, phase)| phase.kind == PhaseKind::Cpu && !phase.demand.is_zero()),
        }
    }

    /// Whether cores (or the lock of a process) are ever shared.
    pub fn contended(&self) -> bool {
        let server = &self.server;
        let units = if server.lock_matters() { server.workers } else { server.slots() };
        let enough = u64::from(units) * 1000 <= u64::from(server.cores.millicores());
        self.computes() && (server.lock_matters() || !enough)
    }

    /// Whether anything is drawn.
    pub(crate) fn random(&self) -> bool {
        let drawn =
            |distribution: &crate::distribution::Distribution| distribution.constant().is_none();
        let phases = self.all_phases().any(|(_, phase)| drawn(&phase.demand));
        let routes = self.mix().is_some_and(|mix| !mix.routes().is_empty());
        let patience = self.server.patience.as_ref().is_some_and(drawn);
        let runtime = self.server.runtime.as_ref().is_some_and(|p| p.random(&self.server));
        phases
            || routes
            || patience
            || runtime
            || match &self.load {
                Load::Closed(closed) => drawn(&closed.think),
                Load::Open(open) => !open.arrivals.is_constant(),
                Load::Trace(_) => false,
            }
    }
}

fn check_server(server: &Server) -> Result<(), ModelError> {
    if server.workers == 0 || server.threads == 0 {
        return Err(ModelError::Missing("a server needs at least 1 worker and 1 thread"));
    }
    let slots = u64::from(server.workers) * u64::from(server.threads);
    let all = slots.saturating_mul(u64::from(server.hosts()));
    if all > u64::from(MAX_SLOTS) {
        let hosts = match server.hosts() {
            1 => String::new(),
            hosts => format!("{hosts} hosts x "),
        };
        let given = format!(
            "{hosts}{} workers x {} threads are {all} requests in service at once",
            server.workers, server.threads
        );
        return Err(ModelError::TooMany { given, most: MAX_SLOTS });
    }
    let per_thread = server.memory.is_some_and(|memory| !memory.thread.is_zero());
    if per_thread && server.runtime.as_ref().is_some_and(|runtime| runtime.class.is_loop()) {
        return Err(ModelError::Conflict(
            "an event loop has no threads: put the memory of its requests into --worker-memory \
             instead of --thread-memory"
                .to_owned(),
        ));
    }
    let slots = (server.workers, server.threads);
    server.runtime.as_ref().map_or(Ok(()), |runtime| runtime.check(slots, server.cores))
}

/// Refuses a discipline that the server does not have, or that has nothing to tell requests apart by.
fn check_discipline(model: &Model) -> Result<(), ModelError> {
    let server = model.server();
    let discipline = server.discipline;
    if discipline != Discipline::Fifo && server.runtime.is_some() {
        return Err(ModelError::Conflict(format!(
            "--queue {discipline} is of an ideal server: the accept queue of a kernel is first come, \
             first served. Drop --queue, or what makes the server a real one (such as --class, --server, --from, \
             --hosts or --pool)"
        )));
    }
    if discipline == Discipline::Priority && model.routes().is_empty() {
        return Err(ModelError::Conflict(
            "--queue priority needs routes, in the order of their priority: give two or more \
             --route 'NAME SHARE PHASES', or a trace with a column 'priority' or 'route'"
                .to_owned(),
        ));
    }
    Ok(())
}

/// Time ends after 584 years (2^64 ns), and a phase after 292: longer ones would be cut short.
fn check_clock(model: &Model) -> Result<(), ModelError> {
    let longest = request::LONGEST.as_secs_f64();
    for (_, phase) in model.all_phases() {
        if phase.demand.support_min().max(phase.demand.mean()) >= longest
            && phase.demand.mean().is_finite()
        {
            return Err(ModelError::TooLong(format!(
                "a phase of {phase}: the longest that can be simulated is 292 years; give a shorter one"
            )));
        }
    }
    let Some(lifecycle) = model.server.runtime.as_ref().map(|runtime| runtime.lifecycle) else {
        return Ok(());
    };
    let requests = model.story_requests().unwrap_or(0);
    let restarts = requests.checked_div(u128::from(lifecycle.max_requests)).unwrap_or(0);
    let boots = u128::from(lifecycle.boot.as_nanos()).saturating_mul(restarts);
    if boots >= u128::from(u64::MAX) {
        return Err(ModelError::TooLong(format!(
            "{restarts} restarts with a --boot of {} may end after 584 years, which is the end of \
             time: give a shorter --boot, fewer requests or a larger --max-requests",
            lifecycle.boot
        )));
    }
    Ok(())
}

fn check_mix(mix: &Mix) -> Result<(), ModelError> {
    mix.kinds().iter().try_for_each(|kind| check_phases(&kind.phases))
}

fn check_phases(phases: &[Phase]) -> Result<(), ModelError> {
    match phases.len() {
        0 => Err(ModelError::Missing(
            "a request needs at least one phase: give --service, --cpu or --io",
        )),
        given if given > MAX_PHASES => Err(ModelError::ManyPhases(given)),
        _ => Ok(()),
    }
}

fn check_closed(closed: &Closed) -> Result<(), ModelError> {
    check_mix(&closed.mix)?;
    if closed.clients == 0 || closed.clients > MAX_CLIENTS {
        let (given, most) = (closed.clients as usize, MAX_CLIENTS as usize);
        return Err(ModelError::Range { given, what: "clients", most });
    }
    progress::check(closed)
}
