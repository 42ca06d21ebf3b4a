//! How worker processes serve, and which of them takes a connection.

use std::fmt;
use std::str::FromStr;

use super::super::ModelError;
use super::measured;

/// The kinds of workers that Gunicorn has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// One request a process, taken from one queue in the kernel when the process is idle
    /// (`gunicorn/workers/sync.py`, `run_for_one`).
    Sync,
    /// Threads: the main thread of a process takes connections whether or not a thread is free,
    /// up to `worker-connections`; they wait in the process's own queue
    /// (`gunicorn/workers/gthread.py`, `accept`, `on_client_socket_readable`).
    Gthread,
    /// One event loop a process, switched at I/O only (`gunicorn/workers/ggevent.py`).
    Gevent,
    /// One event loop a process, switched at `await` only (`gunicorn/workers/gasgi.py`).
    Asgi,
}

impl Class {
    /// All classes.
    pub(crate) const ALL: [Class; 4] = [Class::Sync, Class::Gthread, Class::Gevent, Class::Asgi];

    /// Its word.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Class::Sync => "sync",
            Class::Gthread => "gthread",
            Class::Gevent => "gevent",
            Class::Asgi => "asgi",
        }
    }

    /// Whether a process runs an event loop: any number of requests, one of which computes.
    pub const fn is_loop(self) -> bool {
        matches!(self, Class::Gevent | Class::Asgi)
    }

    /// Whether a process of the class can have so many threads.
    pub(crate) const fn fits(self, threads: u32) -> bool {
        threads == 1 || matches!(self, Class::Gthread)
    }

    pub(super) fn check(self, threads: u32) -> Result<(), ModelError> {
        match self {
            Class::Gthread => Ok(()),
            _ if threads == 1 => Ok(()),
            Class::Sync => Err(ModelError::Conflict(format!(
                "a sync worker has one thread, not {threads}: write --class gthread"
            ))),
            _ => Err(ModelError::Conflict(format!(
                "a {} worker has an event loop instead of {threads} threads: drop --threads",
                self.name()
            ))),
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Class {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Class, ModelError> {
        Class::ALL.into_iter().find(|class| class.name() == text).ok_or_else(|| {
            ModelError::text(
                text,
                " is not a class of workers: write sync, gthread, gevent or asgi",
            )
        })
    }
}

/// Which process takes a connection that several could take.
#[derive(Clone, Debug, PartialEq)]
pub enum Accept {
    /// One queue; an idle worker takes the head, of threads one of the process with the fewest
    /// busy threads, of event loops the one with the fewest connections.
    Shared,
    /// Every process takes what it can; some win the race more often than others.
    Greedy(Bias),
    /// Every process takes what it can; all win the race equally often.
    Random,
    /// Every process takes what it can; the one that holds the fewest connections wins, of several
    /// such any (Puma 8: a process sleeps before it accepts, for longer the more it holds, so an
    /// idle one is always the first; `lib/puma/cluster_accept_loop_delay.rb`).
    LeastLoaded,
    /// A primary process takes every connection at once and hands it to the process that has been
    /// free for longest; a process is free again as soon as it has taken what it was handed,
    /// however much it holds (Node's cluster; `lib/internal/cluster/round_robin_handle.js`). So a
    /// process that computes has at most one connection waiting for it.
    RoundRobin,
    /// Each process has a queue of its own, and the kernel deals connections out by a hash
    /// (`SO_REUSEPORT`; `gunicorn/arbiter.py`, `spawn_worker`).
    ReusePort,
    /// Each request goes to the process that took it when it was recorded, by its number.
    Recorded(Vec<u32>),
}

impl Accept {
    /// Its word.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Accept::Shared => "shared",
            Accept::Greedy(_) => "greedy",
            Accept::Random => "random",
            Accept::LeastLoaded => "least-loaded",
            Accept::RoundRobin => "round-robin",
            Accept::ReusePort => "reuse-port",
            Accept::Recorded(_) => "recorded",
        }
    }

    /// Whether a primary process takes every connection, so that no queue is ever full.
    pub(crate) const fn has_primary(&self) -> bool {
        matches!(self, Accept::RoundRobin)
    }

    /// What a class does by default: sync workers share the queue, the others race for it with
    /// the bias that was [`measured`].
    pub(crate) fn of(class: Class) -> Accept {
        match class {
            Class::Sync => Accept::Shared,
            Class::Gthread => Accept::Greedy(Bias::Measured),
            Class::Gevent => Accept::Greedy(Bias::Ratio(measured::GEVENT_BIAS)),
            Class::Asgi => Accept::Random,
        }
    }
}

/// How often each process wins the race for a connection.
#[derive(Clone, Debug, PartialEq)]
pub enum Bias {
    /// As gthread workers were [`measured`]: the more connections come, the more uneven. Of n
    /// processes the first wins n^b times as often as the last, the second (n - 1)^b times, and so on;
    /// b grows with the connections a second and process ([`measured::bias_at`]). A process that
    /// holds more than was ever recorded wins no more often than the last.
    Measured,
    /// Of n processes the first wins n times as often as the last, the second n - 1 times, and so
    /// on.
    Linear,
    /// Each process wins so many times as often as the one before it.
    Ratio(f64),
    /// Parts of the connections, one a process.
    Parts(Vec<f64>),
}

impl Bias {
    /// The weight of one of so many processes.
    pub(crate) fn weight(&self, process: u32, of: u32) -> f64 {
        match self {
            Bias::Measured | Bias::Linear => f64::from(of.saturating_sub(process)),
            Bias::Ratio(ratio) => ratio.powi(process as i32),
            Bias::Parts(parts) => parts.get(process as usize).copied().unwrap_or(0.0),
        }
    }

    /// The largest share of the connections that one of so many processes takes.
    pub(crate) fn largest_share(&self, processes: u32) -> f64 {
        let weights = (0..processes).map(|process| self.weight(process, processes));
        let (sum, most) = weights.fold((0.0, 0.0f64), |(sum, most), w| (sum + w, most.max(w)));
        if sum > 0.0 { most / sum } else { 1.0 }
    }

    pub(super) fn check(&self, workers: u32) -> Result<(), ModelError> {
        match self {
            Bias::Parts(parts) if parts.len() != workers as usize => {
                Err(ModelError::Conflict(format!(
                    "--accept-bias has {} parts for {workers} workers: write one part a worker, or one \
                     number, such as 0.6: each worker takes 0.6 times what the one before it takes",
                    parts.len()
                )))
            }
            _ => Ok(()),
        }
    }
}

impl FromStr for Bias {
    type Err = ModelError;

    /// Reads `measured`, `linear`, `0.6` or `63/37`.
    fn from_str(text: &str) -> Result<Bias, ModelError> {
        let wrong = || {
            ModelError::text(
                text,
                " is not a valid bias: write measured, linear, a number above 0 and up to 1, such as \
                 0.6, or parts, such as 63/37",
            )
        };
        match text {
            "measured" => return Ok(Bias::Measured),
            "linear" => return Ok(Bias::Linear),
            _ => {}
        }
        let read = |part: &str| {
            let number = part.trim().parse::<f64>().ok();
            number.filter(|n| n.is_finite() && *n > 0.0 && *n <= 1e9).ok_or_else(wrong)
        };
        let parts: Vec<f64> = text.split('/').map(read).collect::<Result<_, _>>()?;
        match parts[..] {
            [ratio] if ratio <= 1.0 => Ok(Bias::Ratio(ratio)),
            [_] => Err(wrong()),
            _ => Ok(Bias::Parts(parts)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bias_is_a_ratio_or_parts() {
        let half: Bias = "0.5".parse().unwrap();
        assert_eq!([0, 1, 2].map(|process| half.weight(process, 3)), [1.0, 0.5, 0.25]);
        assert_eq!([0, 1, 2].map(|process| Bias::Linear.weight(process, 3)), [3.0, 2.0, 1.0]);
        assert_eq!(half.largest_share(2), 2.0 / 3.0);
        let parts: Bias = "63/37".parse().unwrap();
        assert_eq!(parts.largest_share(2), 0.63);
        assert!(parts.check(2).is_ok() && parts.check(3).is_err());
        for text in ["", "0", "2", "-1", "1/0", "nan", "1//2", "x"] {
            assert!(text.parse::<Bias>().is_err(), "{text}");
        }
    }
}
