//! The CPU of a host: its cores, and the scheduler inside each of its processes.

use super::cores::AnyCores;
use super::each::Each;
use super::fluid::Fluid;
use super::fluid_lock::FluidLock;
use super::policy::Cpu;
use super::quota::Unmetered;
use super::serial::Serial;
use crate::instant::SimInstant;
use crate::model::Server;
use crate::model::runtime::Runtime;
use crate::time::Span;

/// The CPU of a host, as its server has it.
pub(in crate::engine::events) trait HostCpu: Cpu {
    /// All idle; periods of a quota are granted anew from `begin` on.
    fn make(server: &Server, runtime: &Runtime, begin: Span) -> Self;

    /// The processes that run one burst at a time, if these do.
    fn serial(&self) -> Option<&Serial> {
        None
    }

    /// The same, for changes.
    fn serial_mut(&mut self) -> Option<&mut Serial> {
        None
    }
}

/// Whichever the server has.
#[derive(Debug)]
pub(in crate::engine::events) enum AnyCpu {
    Each(Each<AnyCores>),
    FluidLock(FluidLock<AnyCores>),
    Serial(Serial),
}

/// What computes inside a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine::events) enum Inside {
    /// Each thread is a unit of its own.
    Each,
    /// Threads share a lock as a fluid.
    FluidLock,
    /// One burst at a time.
    Serial,
}

impl Inside {
    pub(crate) fn of(server: &Server, runtime: &Runtime) -> Inside {
        if runtime.class.is_loop() {
            Inside::Serial
        } else if !server.lock_matters() && !runtime.accepts_locked(server) {
            Inside::Each
        } else if runtime.switch_interval.is_none() {
            Inside::FluidLock
        } else {
            Inside::Serial
        }
    }
}

impl HostCpu for Each<Fluid<Unmetered>> {
    fn make(server: &Server, _runtime: &Runtime, _begin: Span) -> Self {
        Each::of(Fluid::new(server), server)
    }
}

impl HostCpu for FluidLock<Fluid<Unmetered>> {
    fn make(server: &Server, _runtime: &Runtime, _begin: Span) -> Self {
        FluidLock::of(Fluid::new(server), server)
    }
}

impl HostCpu for AnyCpu {
    fn make(server: &Server, runtime: &Runtime, begin: Span) -> Self {
        let cores = AnyCores::new(server, runtime, begin);
        match Inside::of(server, runtime) {
            Inside::Each => AnyCpu::Each(Each::of(cores, server)),
            Inside::FluidLock => AnyCpu::FluidLock(FluidLock::of(cores, server)),
            Inside::Serial => AnyCpu::Serial(Serial::new(cores, server, runtime)),
        }
    }

    #[inline]
    fn serial(&self) -> Option<&Serial> {
        match self {
            AnyCpu::Serial(cpu) => Some(cpu),
            _ => None,
        }
    }

    #[inline]
    fn serial_mut(&mut self) -> Option<&mut Serial> {
        match self {
            AnyCpu::Serial(cpu) => Some(cpu),
            _ => None,
        }
    }
}

macro_rules! whichever {
    ($any:ident, $cpu:ident => $does:expr) => {
        match $any {
            AnyCpu::Each($cpu) => $does,
            AnyCpu::FluidLock($cpu) => $does,
            AnyCpu::Serial($cpu) => $does,
        }
    };
}

impl Cpu for AnyCpu {
    #[inline]
    fn next(&mut self) -> SimInstant {
        whichever!(self, cpu => cpu.next())
    }

    #[inline]
    fn advance(&mut self, now: SimInstant) {
        whichever!(self, cpu => cpu.advance(now));
    }

    #[inline]
    fn start(&mut self, conn: u32, place: (u32, u32), demand: Span) {
        whichever!(self, cpu => cpu.start(conn, place, demand));
    }

    fn stop(&mut self, conn: u32, place: (u32, u32)) -> u128 {
        whichever!(self, cpu => cpu.stop(conn, place))
    }

    #[inline]
    fn take_finished(&mut self) -> Option<u32> {
        whichever!(self, cpu => cpu.take_finished())
    }
}
