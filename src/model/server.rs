//! The machine: workers, threads, cores, and the queue before them.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::discipline::Discipline;
use super::memory::Memory;
use super::runtime::Runtime;
use crate::distribution::Distribution;

/// Cores in thousandths, because CPU quotas are written so (`500m`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cores(u32);

/// The most cores that can be asked for.
pub const MAX_CORES: u32 = 100_000;

impl Cores {
    /// `cores` whole cores, at most [`MAX_CORES`].
    pub const fn whole(cores: u32) -> Self {
        Cores(if cores > MAX_CORES { MAX_CORES } else { cores } * 1000)
    }

    /// Thousandths of a core; never zero.
    pub const fn millicores(self) -> u32 {
        self.0
    }

    /// As a number of cores.
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 1000.0
    }
}

impl FromStr for Cores {
    type Err = String;

    /// Reads `8`, `0.5` or `500m`.
    fn from_str(text: &str) -> Result<Cores, String> {
        let (number, scale) = match text.trim().strip_suffix('m') {
            Some(number) => (number, 1),
            None => (text.trim(), 1000),
        };
        let wrong = || {
            format!(
                "'{text}' is not a number of cores: write 8, 0.5 or 500m (thousandths of a core)"
            )
        };
        if number.starts_with('-') {
            return Err(format!("'{text}' cores: the number of cores must be above 0"));
        }
        let fine = crate::time::scaled_decimal(number, scale * 1000).ok_or_else(wrong)?;
        let fine = fine.unwrap_or(u64::MAX);
        if fine / 1000 > u64::from(MAX_CORES) * 1000 {
            return Err(format!("'{text}' cores are too many: the most is {MAX_CORES}"));
        }
        if !fine.is_multiple_of(1000) {
            return Err(format!("'{text}' cores: the smallest step is 1m, a thousandth of a core"));
        }
        match fine / 1000 {
            0 => Err(format!("'{text}' cores: the number of cores must be above 0")),
            millicores if number.parse() == Ok(millicores as f64 / scale as f64) => {
                Ok(Cores(millicores as u32))
            }
            _ => Err(format!("'{text}' cores: the smallest step is 1m, a thousandth of a core")),
        }
    }
}

impl fmt::Display for Cores {
    /// As a decimal number: `8`, `0.5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_f64())
    }
}

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
    pub fn admits(self, waiting: u64) -> bool {
        match self {
            Backlog::Places(places) => waiting < places,
            Backlog::Unlimited => true,
        }
    }
}

impl FromStr for Backlog {
    type Err = String;

    /// Reads a whole number or `unlimited`.
    fn from_str(text: &str) -> Result<Backlog, String> {
        match text.trim() {
            "unlimited" => Ok(Backlog::Unlimited),
            number => number.parse().map(Backlog::Places).map_err(|_| {
                format!(
                    "'{text}' is not a length of the listen queue: write a whole number or 'unlimited'"
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

    /// Whether threads hold each other up by the lock of their process.
    pub fn lock_matters(&self) -> bool {
        self.gil && self.threads > 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_are_read() {
        for (text, millicores) in [("8", 8000), ("0.5", 500), ("500m", 500), ("1.25", 1250)] {
            assert_eq!(text.parse::<Cores>().map(Cores::millicores), Ok(millicores), "{text}");
        }
        for text in ["0", "-1", "nan", "", "0.0001", "1e9", "0.5m", "x"] {
            let error = text.parse::<Cores>().unwrap_err();
            assert!(error.contains("cores"), "{text}: {error}");
        }
    }
}
