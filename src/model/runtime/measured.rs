//! What was measured on a real Gunicorn and on Linux, and is built in as a default.
//!
//! The runs: gunicorn 27.0.1, CPython 3.11.7, gevent 26.9.0, Linux 6.18 at 250 Hz, two virtual
//! cores, 378 recorded runs; `docs/validation.md` says how well these few numbers do. Every one
//! of them is an input too: another machine has others.

use crate::time::Span;

/// CPU time per request of the server itself at some ten to a hundred requests a second, when
/// caches have gone cold between two requests: 0.50 ms before the handler and 0.15 ms after it.
/// (A saturated worker needs 0.15 ms in all: give `--overhead 150us` for that.)
pub(crate) const OVERHEAD: Span = Span::from_nanos(650_000);

/// The part of [`OVERHEAD`] that lies before the handler.
pub(crate) const SHARE_BEFORE: f64 = 0.50 / 0.65;

/// So much less of it before the handler if the process has just computed for [`WARM_AFTER`] and
/// takes the next connection at once: its caches are warm, and it neither sleeps nor wakes up.
pub(crate) const WARM: Span = Span::from_nanos(200_000);

/// How long a process has to compute at a stretch to be warm.
pub(crate) const WARM_AFTER: Span = Span::from_nanos(1_000_000);

/// CPU time to come back from a blocking call.
pub(crate) const OVERHEAD_IO: Span = Span::from_nanos(200_000);

/// How often a thread that sends its answer while others wait for the lock loses the lock by that
/// system call, and has to wait for it again before the answer is complete: 58 of 99 answers that
/// ended while one other thread computed came 5 ms and more after the end of the handler.
pub(crate) const LOCK_LOST: f64 = 0.58;

/// The longest that an accepting thread of Puma sleeps (`wait_for_less_busy_worker`;
/// `lib/puma/configuration.rb`, `DEFAULTS`).
pub(crate) const PUMA_MOST_PAUSE: Span = Span::from_nanos(5_000_000);

/// So many connections for each thread make it sleep for as long
/// (`lib/puma/cluster_accept_loop_delay.rb`, `@overload_multiplier`).
pub(crate) const PUMA_OVERLOAD: f64 = 25.0;

/// Requests after which a server closes a kept connection (Apache `MaxKeepAliveRequests`,
/// `include/http_core.h`, `DEFAULT_KEEPALIVE`).
pub(crate) const KEPT_REQUESTS: u32 = 100;

/// How uneven gthread processes split connections, as a power of their rank (0: evenly), by how many
/// connections come a second for each of them.
///
/// Shares of runs of 10 to 60 s with the exponent that each has: 2 processes at 5/s each 51:49 (0.06),
/// 7.5/s 54:46 (0.23), 16/s 64.6:35.4 (0.87, six runs of 63 to 67 %), 25/s on one core 64:36 (0.84);
/// 3 processes at 6.7/s 37:34:30 (0.19), 8.3/s 35:35:30 to 40:32:28 (0.14 to 0.32); 5 at 13/s
/// 27:26:22:14:10 (0.6). The straight line between the ends is no mechanism: why a process is faster
/// than another all through a run is not known.
pub fn bias_at(per_second: f64) -> f64 {
    let (slow, fast) = (4.0, 16.0);
    0.87 * ((per_second - slow) / (fast - slow)).clamp(0.0, 1.0)
}

/// Connections for each thread of a process up to which such splits were recorded (78 on two threads).
pub(crate) const BIAS_HELD: u32 = 39;

/// How often the second of two gevent processes wins the race for a connection, in terms of the
/// first: they split 393/335.
pub(crate) const GEVENT_BIAS: f64 = 0.85;

/// From the end of a worker to the beginning of its successor's boot: seen 31 to 36 ms, of which
/// most is the arbiter's and the fork.
pub(crate) const RESPAWN: Span = Span::from_nanos(35_000_000);

/// The kernel's timers for times of a second and more are coarse and never early: a SYN that is
/// to be sent again after 1 s was seen after 1.023 s (Linux `kernel/time/timer.c`: levels of the
/// timer wheel).
pub(crate) const TIMER_LATE: Span = Span::from_nanos(23_000_000);

/// First retransmission of data after so long, the next at 2, 4, 8, ... times that, all counted
/// from the first sending (the retransmission timeout of 200 ms at its least, rounded up by the
/// kernel's timers, and a first one by the tail loss probe).
pub(crate) const DATA_AGAIN: Span = Span::from_nanos(208_000_000);

/// Retransmissions of data before a connection is given up (`net.ipv4.tcp_retries2`).
pub(crate) const DATA_RETRIES: u32 = 15;

/// The longest gap between two retransmissions (Linux `include/net/tcp.h`, `TCP_RTO_MAX`).
pub(crate) const LONGEST_GAP: Span = Span::from_nanos(120_000_000_000);

/// How often Gunicorn's arbiter looks for workers that give no sign of life
/// (`gunicorn/arbiter.py`, `wait_for_signals(timeout=1.0)`).
pub(crate) const ARBITER_LOOKS: Span = Span::from_nanos(1_000_000_000);

/// How often an event loop gives a sign of life (`gunicorn/workers/ggevent.py`, `run`).
pub(crate) const HEARTBEAT: Span = Span::from_nanos(1_000_000_000);

/// The longest pause of the arbiter after it has made a worker (`gunicorn/arbiter.py`,
/// `spawn_workers`: `0.1 * random.random()`).
pub(crate) const SPAWN_PAUSE: Span = Span::from_nanos(100_000_000);
