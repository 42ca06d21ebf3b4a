//! How the requests on a host compute: the cores, and inside each process a lock, a loop or nothing.
//!
//! - [`policy`]: what cores and processes do, as traits;
//! - [`fluid`], [`sliced`], [`quota`]: the cores;
//! - [`each`], [`fluid_lock`], [`serial`]: the processes;
//! - [`cores`], [`host_cpu`]: whichever a server has.

mod cores;
mod each;
mod fluid;
mod fluid_lock;
mod host_cpu;
mod policy;
mod quota;
mod serial;
mod sliced;

pub(super) use self::each::Each;
pub(super) use self::fluid::Fluid;
pub(super) use self::fluid_lock::FluidLock;
pub(super) use self::host_cpu::{AnyCpu, HostCpu, Inside};
pub(super) use self::policy::Cpu;
pub(super) use self::quota::Unmetered;
pub(super) use self::serial::Serial;
