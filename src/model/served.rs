//! What a runtime and the server that has it say together.

use super::runtime::{Accept, Class, Lock, PoolPer, Runtime};
use super::server::Server;

impl Runtime {
    /// Connections that all pools open at most together, if that is bounded.
    pub(crate) fn connections(&self, server: &Server) -> Option<f64> {
        Some(f64::from(self.pool_size()?) * f64::from(self.pools(server)))
    }

    /// How many such pools there are.
    pub(crate) fn pools(&self, server: &Server) -> u32 {
        match self.pooling.per {
            PoolPer::All => 1,
            PoolPer::Host => self.hosts(),
            PoolPer::Process => self.hosts().saturating_mul(server.workers),
        }
    }

    /// Whether chance has a part beyond the load: who takes a connection, when the arbiter looks,
    /// how long workers live, where periods of a quota begin, how long clients pause.
    pub(crate) fn random(&self, server: &Server) -> bool {
        let chosen = match self.accept {
            Accept::Shared | Accept::RoundRobin => false,
            _ => server.workers > 1,
        };
        let balanced = self.cluster.is_some_and(|front| front.hosts > 1 && front.balance.random());
        // Of several that were killed at once, each waits for the arbiter's pause after the one
        // before.
        let killed = server.memory.is_some_and(|m| m.kills(server.workers, server.threads));
        chosen
            || balanced
            || killed
            || self.loses_lock(server)
            || self.quota.is_some()
            || self.spawning.grows() && self.look_phase.is_none()
            || self.lifecycle.random()
            || self.clients.random()
    }

    /// Whether threads may lose the lock of their process by the system call that sends an answer.
    pub(crate) fn loses_lock(&self, server: &Server) -> bool {
        self.lock == Lock::Python
            && self.switch_interval.is_some()
            && server.lock_matters()
            && !self.overhead.after.is_zero()
    }

    /// Whether a thread of each process accepts connections, and needs the lock of the process for it
    /// ([`Lock::Ruby`]).
    pub(crate) fn accepts_locked(&self, server: &Server) -> bool {
        self.lock == Lock::Ruby
            && server.gil
            && self.switch_interval.is_some()
            && self.class == Class::Gthread
            && self.accept != Accept::Shared
    }

    /// Whether the requests of a process compute one at a time.
    pub(crate) fn one_at_a_time(&self, server: &Server) -> bool {
        self.class.is_loop() || server.threads == 1 || server.gil
    }
}
