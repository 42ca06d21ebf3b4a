//! Which worker processes there are: all from the beginning, or as many as are needed.

use super::super::ModelError;
use super::Class;
use crate::time::Span;

/// When worker processes are started, and ended because nobody needs them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spawning {
    /// All are there from the beginning, and stay.
    All,
    /// PHP-FPM's `pm = dynamic`: once a second the master starts processes if fewer than `least` are
    /// idle: as many as are lacking, but at first one, and twice as many as the last time where it had
    /// to start some then, too; and ends one that is idle, the one that was started first, if more
    /// than `most` are (`sapi/fpm/fpm/fpm_process_ctl.c`,
    /// `fpm_pctl_perform_idle_server_maintenance`).
    Dynamic(Spare),
    /// Apache's prefork: the same, but 1, 2, 4, ... up to 32 processes however few are lacking
    /// (`server/mpm/prefork/prefork.c`, `perform_idle_server_maintenance`).
    Prefork(Spare),
    /// PHP-FPM's `pm = ondemand`: a process for each connection that finds none idle, at once; once a
    /// second one is ended that has been idle for so long (`fpm_pctl_on_socket_accept`).
    OnDemand {
        /// How long a process may be idle (`pm.process_idle_timeout`).
        idle: Span,
    },
}

/// How many processes are there at first, and how many should be idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spare {
    /// Processes at the beginning.
    pub start: u32,
    /// Idle ones at least.
    pub least: u32,
    /// Idle ones at most.
    pub most: u32,
}

/// The most processes that are started at once (PHP-FPM `FPM_MAX_SPAWN_RATE`, Apache
/// `MAX_SPAWN_RATE`).
pub const MOST_AT_ONCE: u32 = 32;

/// How often a master looks: a second after the last time (PHP-FPM
/// `FPM_IDLE_SERVER_MAINTENANCE_HEARTBEAT`; Apache `SCOREBOARD_MAINTENANCE_INTERVAL`), which was
/// measured to be 1.0012 to 1.002 s (15 intervals of three runs of PHP-FPM 8.2).
pub const LOOKS: Span = Span::from_nanos(1_001_500_000);

impl Spawning {
    /// Its word.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Spawning::All => "all",
            Spawning::Dynamic(_) => "dynamic",
            Spawning::Prefork(_) => "prefork",
            Spawning::OnDemand { .. } => "ondemand",
        }
    }

    /// Whether the number of processes changes.
    pub(crate) fn grows(self) -> bool {
        self != Spawning::All
    }

    /// How long a process may be idle before it is ended, where that is limited.
    pub(crate) fn idle(self) -> Option<Span> {
        if let Spawning::OnDemand { idle } = self { Some(idle) } else { None }
    }

    /// Processes that are there at the beginning, of so many at most.
    pub(crate) fn start(self, workers: u32) -> u32 {
        match self {
            Spawning::All => workers,
            Spawning::Dynamic(spare) | Spawning::Prefork(spare) => spare.start.min(workers),
            Spawning::OnDemand { .. } => 0,
        }
    }

    pub(super) fn check(self, class: Class, threads: u32) -> Result<(), ModelError> {
        if !self.grows() {
            return Ok(());
        }
        if class != Class::Sync || threads > 1 {
            return Err(ModelError::Conflict(format!(
                "--spawn {} is of processes that serve one request each: give --class sync",
                self.name()
            )));
        }
        match self {
            Spawning::Dynamic(spare) | Spawning::Prefork(spare) if spare.most < spare.least => {
                Err(ModelError::Conflict(format!(
                    "{} spare workers at most and {} at least: give a larger --max-spare",
                    spare.most, spare.least
                )))
            }
            _ => Ok(()),
        }
    }
}
