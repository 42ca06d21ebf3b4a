//! The machine: workers, threads, cores, and the queue before them.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::ModelError;
use super::cores::Cores;
use super::discipline::Discipline;
use super::memory::Memory;
use super::runtime::Runtime;
use crate::distribution::Distribution;

/// Places in the listen queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backlog {
    /// So many requests may wait; the next is refused.
    Places(u64),
    /// Any number may wait.
    Unlimited,
}

impl Backlog {
    /// Whether a request may join `waiting` others.
    #[inline]
    pub(crate) fn admits(self, waiting: u64) -> bool {
        match self {
            Backlog::Places(places) => waiting < places,
            Backlog::Unlimited => true,
        }
    }
}

impl FromStr for Backlog {
    type Err = ModelError;

    /// Reads a whole number or `unlimited`.
    fn from_str(text: &str) -> Result<Backlog, ModelError> {
        match text.trim() {
            "unlimited" => Ok(Backlog::Unlimited),
            number => number.parse().map(Backlog::Places).map_err(|_| {
                ModelError::text(
                    text,
                    " is not a length of the listen queue: write a whole number or 'unlimited'",
                )
            }),
        }
    }
}

impl fmt::Display for Backlog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Backlog::Places(places) => write!(f, "{places}"),
            Backlog::Unlimited => f.write_str("unlimited"),
        }
    }
}

/// The server that requests come to. Where its [`Runtime`] says that there are several hosts, each
/// of them is such a server: workers, cores and listen queue are counted per host.
#[derive(Clone, Debug, PartialEq)]
pub struct Server {
    /// Worker processes.
    pub workers: u32,
    /// Threads in each worker.
    pub threads: u32,
    /// Whether a process runs one of its threads at a time.
    pub gil: bool,
    /// Cores that the workers share.
    pub cores: Cores,
    /// What the processes take of the memory; `None`: nobody asks.
    pub memory: Option<Memory>,
    /// Places in the listen queue.
    pub backlog: Backlog,
    /// Which of the waiting requests is next.
    pub discipline: Discipline,
    /// How long a client stays in the listen queue; `None` is for ever.
    pub patience: Option<Distribution>,
    /// How a real server differs from the ideal one; `None`: it does not.
    pub runtime: Option<Arc<Runtime>>,
}

impl Server {
    /// `workers` of one thread, with a core for each and a queue without limit: the server of a
    /// textbook.
    pub fn ideal(workers: u32) -> Server {
        Server {
            workers,
            threads: 1,
            gil: true,
            cores: Cores::whole(workers),
            memory: None,
            backlog: Backlog::Unlimited,
            discipline: Discipline::Fifo,
            patience: None,
            runtime: None,
        }
    }

    /// Requests that one host can have in service at once.
    pub fn slots(&self) -> u32 {
        self.workers.saturating_mul(self.threads)
    }

    /// Hosts, all alike; 1 where nothing else is said.
    pub fn hosts(&self) -> u32 {
        self.runtime.as_ref().map_or(1, |runtime| runtime.hosts())
    }

    /// Whether its processes take more memory with each request.
    pub(crate) fn grows(&self) -> bool {
        self.memory.is_some_and(|memory| !memory.leak.is_zero())
    }

    /// Whether threads hold each other up by the lock of their process.
    pub fn lock_matters(&self) -> bool {
        self.gil && self.threads > 1
    }
}
