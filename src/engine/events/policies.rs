//! The parts of a server as types. A part that a server does not have is a constant, and costs it
//! nothing; [`super::run_source`] chooses them once a run.

use std::fmt::Debug;
use std::marker::PhantomData;

use super::calendar::{ByConnection, NumberedEnds, PhaseEnds};
use super::cpu::{AnyCpu, HostCpu, Inside};
use crate::model::Server;
use crate::model::runtime::{Accept, Runtime, Spawning};

/// What a server and its clients are made of.
pub(super) trait Policies: Debug {
    /// How the requests of a host compute.
    type Cpu: HostCpu;
    /// Where the ends of phases off the CPU are kept.
    type PhaseEnds: PhaseEnds;
    /// Accept: idle workers of one host take connections from one queue. Else: hosts behind a
    /// balancer, listeners of each process, races, turns, loops, a primary.
    const ONE_QUEUE: bool;
    /// Lifecycle: processes are there from the beginning, and for ever. Else: timeouts, restarts,
    /// memory that grows, processes that are started when they are needed.
    const FOREVER: bool;
    /// Clients: each makes one attempt, on a connection of its own, and waits for the answer for
    /// ever. Else: timeouts of clients and proxies, retries, kept connections.
    const ONE_ATTEMPT: bool;
    /// What a request needs beside its worker and a core: nothing. Else: a connection of a pool,
    /// what busy workers cost each other.
    const UNLIMITED: bool;
}

/// Nothing but one queue, workers and cores.
#[derive(Debug)]
pub(super) struct Plain<C>(PhantomData<C>);

impl<C: HostCpu> Policies for Plain<C> {
    type Cpu = C;
    type PhaseEnds = ByConnection;
    const ONE_QUEUE: bool = true;
    const FOREVER: bool = true;
    const ONE_ATTEMPT: bool = true;
    const UNLIMITED: bool = true;
}

/// One queue and its workers, which a supervisor may end and start again.
#[derive(Debug)]
pub(super) struct Supervised;

impl Policies for Supervised {
    type Cpu = AnyCpu;
    type PhaseEnds = NumberedEnds;
    const ONE_QUEUE: bool = true;
    const FOREVER: bool = false;
    const ONE_ATTEMPT: bool = true;
    const UNLIMITED: bool = true;
}

/// All that a server can have, looked up while it runs.
#[derive(Debug)]
pub(super) struct Full;

impl Policies for Full {
    type Cpu = AnyCpu;
    type PhaseEnds = NumberedEnds;
    const ONE_QUEUE: bool = false;
    const FOREVER: bool = false;
    const ONE_ATTEMPT: bool = false;
    const UNLIMITED: bool = false;
}

/// The sets of policies that there are, as values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Set {
    /// [`Plain`] with [`super::cpu::Each`].
    PlainEach,
    /// [`Plain`] with [`super::cpu::FluidLock`].
    PlainFluidLock,
    /// [`Supervised`].
    Supervised,
    /// [`Full`].
    Full,
}

/// The set with the fewest parts that a server fits.
pub(super) fn set(server: &Server, runtime: &Runtime) -> Set {
    let one_queue = runtime.accept == Accept::Shared
        && runtime.hosts() == 1
        && !runtime.class.is_loop()
        && runtime.worker_connections.is_none();
    let life = &runtime.lifecycle;
    let forever = life.timeout.is_none()
        && life.max_requests == 0
        && runtime.spawning == Spawning::All
        && !server.grows();
    let clients = &runtime.clients;
    let one_attempt = !clients.hurry() && clients.retries == 0 && clients.keep_alive.is_none();
    if !one_queue || !one_attempt || !runtime.unlimited() {
        return Set::Full;
    }
    let plain = forever && runtime.fluid();
    match Inside::of(server, runtime) {
        Inside::Each if plain => Set::PlainEach,
        Inside::FluidLock if plain => Set::PlainFluidLock,
        Inside::Serial => Set::Full,
        _ => Set::Supervised,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::runtime::{Class, Clients, Contention, Pool};
    use crate::time::Span;

    /// One change of a neutral runtime at a time.
    #[test]
    fn a_server_gets_the_parts_that_it_has() {
        let of = |threads: u32, class: Class, change: &dyn Fn(&mut Runtime)| {
            let mut runtime = Runtime::neutral(class);
            change(&mut runtime);
            set(&Server { threads, gil: true, ..Server::ideal(4) }, &runtime)
        };
        let second = Span::from_nanos(1_000_000_000);
        let sync = |change: &dyn Fn(&mut Runtime)| of(1, Class::Sync, change);
        assert_eq!(sync(&|_| {}), Set::PlainEach);
        assert_eq!(sync(&|runtime| runtime.herd = true), Set::PlainEach);
        assert_eq!(of(2, Class::Gthread, &|_| {}), Set::PlainFluidLock);
        assert_eq!(sync(&|runtime| runtime.lifecycle.timeout = Some(second)), Set::Supervised);
        assert_eq!(sync(&|runtime| runtime.lifecycle.max_requests = 9), Set::Supervised);
        assert_eq!(sync(&|runtime| runtime.slice = Some(second)), Set::Supervised);
        assert_eq!(sync(&|runtime| runtime.accept = Accept::ReusePort), Set::Full);
        assert_eq!(sync(&|runtime| runtime.clients.retries = 1), Set::Full);
        assert_eq!(sync(&|runtime| runtime.pool = Some(Pool::Connections(1))), Set::Full);
        let timeout = |runtime: &mut Runtime| {
            runtime.clients = Clients { proxy_timeout: Some(second), ..Clients::patient() };
        };
        assert_eq!(sync(&timeout), Set::Full);
        let usl: Contention = "usl(0.1,0)".parse().unwrap();
        assert_eq!(sync(&|runtime| runtime.contention = Some(usl)), Set::Full);
        assert_eq!(of(1, Class::Gevent, &|_| {}), Set::Full);
        let interval = |runtime: &mut Runtime| runtime.switch_interval = Some(second);
        assert_eq!(of(2, Class::Gthread, &interval), Set::Full);
        assert_eq!(of(1, Class::Gthread, &interval), Set::PlainEach);
    }
}
