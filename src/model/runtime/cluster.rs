//! What stands around the hosts: a balancer in front of several, a pool of connections behind all.

use std::fmt;
use std::str::FromStr;

use super::super::ModelError;
use crate::time::Span;

/// The most hosts behind a balancer.
pub const MAX_HOSTS: u32 = 10_000;
/// The most connections of a pool.
pub const MAX_POOL: u32 = 1_000_000;
/// The most hosts that a random policy draws.
const MAX_DRAWS: u32 = 100;

/// Hosts that are alike, and which of them a request is given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Hosts, each with workers, cores and a listen queue of its own.
    pub hosts: u32,
    /// Who gets a request.
    pub balance: Balance,
}

impl Cluster {
    pub(super) fn check(&self) -> Result<(), ModelError> {
        match self.hosts {
            0 => Err(ModelError::Missing("there must be at least 1 host (--hosts)")),
            n if n > MAX_HOSTS => {
                let given = format!("{n} hosts are too many");
                Err(ModelError::TooMany { given, most: MAX_HOSTS })
            }
            _ => Ok(()),
        }
    }
}

/// Which host a balancer gives a request to. It chooses when a client connects, for each attempt
/// anew; what it counts is the attempts that it has given to a host and that have not ended yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Balance {
    /// One after another, from the first: nginx's default (`ngx_http_upstream_round_robin.c`, whose
    /// smooth order is this for hosts of one weight).
    RoundRobin,
    /// The host with the fewest of so many that are drawn, each from all hosts; of those that tie
    /// the first drawn. HAProxy's `balance random(draws)`, which draws with replacement; the
    /// supermarket model (Vvedenskaya, Dobrushin & Karpelevich 1996; Mitzenmacher 2001, "The power
    /// of two choices in randomized load balancing", IEEE Trans. Parallel Distrib. Syst. 12:1094).
    /// One draw is the blind random policy.
    Random {
        /// How many hosts are drawn.
        draws: u32,
    },
    /// The host with the fewest; of those that tie the next one after the host that was chosen
    /// last, by number, going round: HAProxy's `leastconn` ("round-robin is performed within groups
    /// of servers of the same load"), and nginx's `least_conn`, which goes round among those that
    /// tie (`ngx_http_upstream_least_conn_module.c`).
    LeastConnections,
    /// Of two different hosts that are drawn the one with the fewer; of a tie the first drawn:
    /// nginx's `random two least_conn` (`ngx_http_upstream_random_module.c`).
    PowerOfTwo,
    /// An idle host, any of them, or if there is none any host: join-idle-queue (Lu et al. 2011,
    /// "Join-Idle-Queue: a novel load balancing algorithm", Performance Evaluation 68:1056).
    JoinIdle,
}

impl Balance {
    /// The blind random policy.
    pub(crate) const RANDOM: Balance = Balance::Random { draws: 1 };

    /// Whether a choice looks at how much the hosts have to do.
    pub(crate) fn looks(self) -> bool {
        !matches!(self, Balance::RoundRobin | Balance::RANDOM)
    }

    /// Whether chance has a part.
    pub(crate) fn random(self) -> bool {
        !matches!(self, Balance::RoundRobin | Balance::LeastConnections)
    }
}

impl fmt::Display for Balance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Balance::RoundRobin => f.write_str("round-robin"),
            Balance::RANDOM => f.write_str("random"),
            Balance::Random { draws } => write!(f, "random({draws})"),
            Balance::LeastConnections => f.write_str("least-connections"),
            Balance::PowerOfTwo => f.write_str("power-of-two"),
            Balance::JoinIdle => f.write_str("join-idle"),
        }
    }
}

impl FromStr for Balance {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Balance, ModelError> {
        let draws = || {
            let inside = text.strip_prefix("random(")?.strip_suffix(')')?;
            inside.parse::<u32>().ok().filter(|draws| (1..=MAX_DRAWS).contains(draws))
        };
        Ok(match text {
            "round-robin" => Balance::RoundRobin,
            "random" => Balance::RANDOM,
            "least-connections" => Balance::LeastConnections,
            "power-of-two" => Balance::PowerOfTwo,
            "join-idle" => Balance::JoinIdle,
            _ => {
                let draws = draws().ok_or_else(|| {
                    let problem = format!(
                        " is not a valid way to choose a host: write round-robin, random, \
                         least-connections, power-of-two, join-idle, or random(2) (up to \
                         {MAX_DRAWS} draws)"
                    );
                    ModelError::text(text, problem)
                })?;
                Balance::Random { draws }
            }
        })
    }
}

/// Connections to a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pool {
    /// So many: a phase off the CPU begins when one is free, who asked first goes first.
    Connections(u32),
    /// As many as are wanted.
    Unlimited,
}

impl Pool {
    /// How many there are, if that is bounded.
    pub(crate) fn size(self) -> Option<u32> {
        match self {
            Pool::Connections(size) => Some(size),
            Pool::Unlimited => None,
        }
    }

    pub(super) fn check(self) -> Result<(), ModelError> {
        match self {
            Pool::Connections(0) => {
                let none = "a pool needs at least 1 connection (--pool); without a pool drop it";
                Err(ModelError::Missing(none))
            }
            Pool::Connections(n) if n > MAX_POOL => {
                let given = format!("a pool of {n} connections");
                Err(ModelError::TooMany { given, most: MAX_POOL })
            }
            _ => Ok(()),
        }
    }
}

/// Whose a pool is, and what it does when all its connections are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pooling {
    /// Who has a pool of its own.
    pub per: PoolPer,
    /// Connections beyond its size that a pool opens while they are needed (SQLAlchemy
    /// `lib/sqlalchemy/pool/impl.py`, `QueuePool._do_get` with `_max_overflow`).
    pub overflow: u32,
    /// How long a request waits for a connection before it fails; `None`: for ever. SQLAlchemy
    /// raises `TimeoutError` after 30 s (`QueuePool._do_get`), ActiveRecord
    /// `ConnectionTimeoutError` after 5 s (`checkout_timeout`,
    /// `active_record/connection_adapters/abstract/connection_pool.rb`), HikariCP
    /// `SQLTransientConnectionException` after 30 s (`HikariPool.java`, `getConnection`).
    pub timeout: Option<Span>,
}

impl Pooling {
    /// One pool that all share, in which requests wait for ever.
    pub const SHARED: Pooling = Pooling { per: PoolPer::All, overflow: 0, timeout: None };

    pub(super) fn check(self) -> Result<(), ModelError> {
        if self.timeout.is_some_and(Span::is_zero) {
            return Err(ModelError::NoTime(
                "requests that do not wait for the pool at all: write --pool-timeout 30s",
            ));
        }
        Ok(())
    }
}

/// Who has a pool of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolPer {
    /// All hosts share one, as behind PgBouncer.
    All,
    /// Each host.
    Host,
    /// Each worker process, as libraries have it that keep a pool in the memory of the process.
    Process,
}

impl PoolPer {
    /// Its word.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            PoolPer::All => "all",
            PoolPer::Host => "host",
            PoolPer::Process => "process",
        }
    }
}

impl FromStr for PoolPer {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<PoolPer, ModelError> {
        [PoolPer::All, PoolPer::Host, PoolPer::Process]
            .into_iter()
            .find(|per| per.name() == text)
            .ok_or_else(|| {
                ModelError::text(text, " has no pool of its own: write process, host or all")
            })
    }
}

impl fmt::Display for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pool::Connections(size) => write!(f, "{size}"),
            Pool::Unlimited => f.write_str("unlimited"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_read_as_they_are_printed() {
        for text in
            ["round-robin", "random", "least-connections", "power-of-two", "join-idle", "random(3)"]
        {
            assert_eq!(text.parse::<Balance>().unwrap().to_string(), text);
        }
        assert_eq!("random(1)".parse(), Ok(Balance::RANDOM));
        for text in ["", "rr", "random()", "random(0)", "random(101)", "random(2", "leastconn"] {
            let error = text.parse::<Balance>().unwrap_err().to_string();
            assert!(error.contains("round-robin"), "{text}: {error}");
        }
    }
}
