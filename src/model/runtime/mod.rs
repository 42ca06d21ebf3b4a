//! How a real server differs from the ideal one. A [`super::Server`] without a [`Runtime`] is the
//! ideal: one queue, workers that cost nothing, nobody ever killed.
//!
//! Everything here can be neutral ([`Runtime::neutral`]); a server with a neutral runtime gives
//! the same records as one without.

mod accept_queue;
mod class;
mod clients;
mod cluster;
mod contention;
mod cpu;
mod event_loop;
mod lifecycle;
mod lock;
pub mod measured;
mod spawning;

pub use accept_queue::{AcceptQueue, Listen, OnFull, SynSchedule};
pub use class::{Accept, Bias, Class};
pub(crate) use clients::{Clients, DOUBLED, MAX_RETRIES};
pub use cluster::{Balance, Cluster, MAX_HOSTS, MAX_POOL, Pool, PoolPer, Pooling};
pub use contention::Contention;
pub use cpu::{Overhead, Quota};
pub use event_loop::EventLoop;
pub(crate) use lifecycle::Lifecycle;
pub use lock::Lock;
pub use spawning::{LOOKS, MOST_AT_ONCE, Spare, Spawning};

use super::ModelError;
use super::cores::Cores;

/// All that a real server does and the ideal one does not.
#[derive(Clone, Debug, PartialEq)]
pub struct Runtime {
    /// How a worker process serves.
    pub class: Class,
    /// How its event loop takes turns, if it has one.
    pub event_loop: EventLoop,
    /// Which process takes a connection.
    pub accept: Accept,
    /// Whether a connection wakes all idle workers, any of which may take it; else the one that
    /// has been idle longest does. (All wait in `select` on one socket, and nothing orders them:
    /// Gunicorn's documentation, "thundering herd". Of 2,400 recorded requests each idle worker
    /// took an equal part.) Times do not depend on it, but how many requests a worker has served.
    pub herd: bool,
    /// Connections that a process holds at most; `None`: any number.
    pub worker_connections: Option<u32>,
    /// Whether a process that holds so many turns the next one away (uvicorn's
    /// `--limit-concurrency`: a 503, `uvicorn/protocols/http/h11_impl.py`) instead of leaving it in
    /// the listen queue.
    pub turns_away: bool,
    /// How long a thread waits for the lock of its process before the holder has to let go;
    /// `None`: threads share the lock as a fluid.
    pub switch_interval: Option<crate::time::Span>,
    /// Which lock that is.
    pub lock: Lock,
    /// The time slice of the kernel; `None`: cores are shared as a fluid.
    pub slice: Option<crate::time::Span>,
    /// Cores as tokens per period; `None`: as a speed.
    pub quota: Option<Quota>,
    /// CPU time that the server itself takes.
    pub overhead: Overhead,
    /// How busy workers slow each other down; `None`: they do not.
    pub contention: Option<Contention>,
    /// The kernel's accept queue.
    pub accept_queue: AcceptQueue,
    /// Which worker processes there are.
    pub spawning: Spawning,
    /// How long after time 0 the master of a growing pool looks for the first time, where that is
    /// known; else it is drawn.
    pub look_phase: Option<crate::time::Span>,
    /// How workers end and begin.
    pub lifecycle: Lifecycle,
    /// What clients do about slow and missing answers.
    pub clients: Clients,
    /// Several hosts behind a balancer; `None`: one host, and nobody before it.
    pub cluster: Option<Cluster>,
    /// Connections that are held during phases off the CPU; `None`: nobody asks for one.
    pub pool: Option<Pool>,
    /// Whose that pool is, and how long a request waits for it.
    pub pooling: Pooling,
}

impl Runtime {
    /// The runtime that changes nothing: one queue for all threads, fluid sharing, no overhead,
    /// refusals when the queue is full, workers that live for ever, clients that wait for ever.
    pub fn neutral(class: Class) -> Self {
        Runtime {
            class,
            event_loop: EventLoop::Single,
            accept: Accept::Shared,
            herd: false,
            worker_connections: None,
            turns_away: false,
            switch_interval: None,
            lock: Lock::Python,
            slice: None,
            quota: None,
            overhead: Overhead::NONE,
            contention: None,
            accept_queue: AcceptQueue::ideal(),
            spawning: Spawning::All,
            look_phase: None,
            lifecycle: Lifecycle::endless(),
            clients: Clients::patient(),
            cluster: None,
            pool: None,
            pooling: Pooling::SHARED,
        }
    }

    /// Hosts that are alike; workers, cores and the listen queue are those of each.
    pub(crate) fn hosts(&self) -> u32 {
        self.cluster.map_or(1, |front| front.hosts)
    }

    /// Connections that a pool opens at most, if there is one that is bounded.
    pub(crate) fn pool_size(&self) -> Option<u32> {
        Some(self.pool?.size()?.saturating_add(self.pooling.overflow))
    }

    /// Whether a request needs a worker and a core, and nothing beside them.
    pub(crate) fn unlimited(&self) -> bool {
        self.pool_size().is_none() && self.contention.is_none()
    }

    /// Whether the cores are shared equally at every moment.
    pub(crate) fn fluid(&self) -> bool {
        self.quota.is_none() && self.slice.is_none()
    }

    /// Whether the server itself turns requests away, so that no queue grows without bound.
    pub(crate) fn refuses(&self) -> bool {
        self.turns_away || self.accept_queue.own
    }

    /// Checks a runtime against the workers, the threads in each and the cores of its server.
    ///
    /// # Errors
    /// [`ModelError::Conflict`], [`ModelError::Missing`], [`ModelError::TooMany`] or
    /// [`ModelError::NoTime`].
    pub(super) fn check(
        &self,
        (workers, threads): (u32, u32),
        cores: Cores,
    ) -> Result<(), ModelError> {
        let conflict = |sentence: &str| Err(ModelError::Conflict(sentence.to_owned()));
        self.class.check(threads)?;
        if let Accept::Greedy(bias) = &self.accept {
            bias.check(workers)?;
        }
        if self.worker_connections == Some(0) {
            return Err(ModelError::Missing(
                "a worker needs at least 1 connection (--worker-connections)",
            ));
        }
        if self.turns_away && self.worker_connections.is_none() {
            return conflict(
                "--at-limit refuse applies beyond --worker-connections: give that too",
            );
        }
        let whole = cores.millicores().is_multiple_of(1000);
        if self.slice.is_some() && !whole && self.quota.is_none() {
            return conflict(&format!(
                "--slice needs whole cores, and {cores} are a fraction: give --quota-period too, \
                 which makes time slices of them"
            ));
        }
        if self.slice.is_some_and(crate::time::Span::is_zero) {
            return Err(ModelError::NoTime("a time slice of 0: write such as --slice 3ms"));
        }
        self.quota.as_ref().map_or(Ok(()), |quota| quota.check(cores))?;
        self.cluster.map_or(Ok(()), |front| front.check())?;
        self.pool.map_or(Ok(()), Pool::check)?;
        self.pooling.check()?;
        if self.hosts() > 1 && matches!(self.accept, Accept::Recorded(_)) {
            return conflict("recorded connections belong to one host");
        }
        if self.hosts() > 1 && self.clients.keep_alive.is_some() {
            return conflict("--keep-alive is of clients at one host: drop it, or --hosts");
        }
        self.clients.check()?;
        self.spawning.check(self.class, threads)?;
        self.lifecycle.check()
    }
}
