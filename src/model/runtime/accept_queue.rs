//! The listen queue as Linux has it.

use crate::time::Span;

/// What happens to a connection that finds the queue full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFull {
    /// It is refused at once: the ideal listen queue, or one that a server keeps itself.
    Refuse,
    /// Its SYN is dropped, and the client's kernel sends it again: Linux
    /// (`net/ipv4/tcp_input.c`, `tcp_conn_request`).
    Retransmit,
}

/// When a client's kernel sends a SYN again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SynSchedule {
    /// Linux 6.5 and later (`net.ipv4.tcp_syn_linear_timeouts` = 4): four times a second apart,
    /// then doubling.
    Linear,
    /// Linux before 6.5, and most others: doubling.
    Doubling,
}

impl SynSchedule {
    /// Seconds from the first SYN to each retransmission (`net.ipv4.tcp_syn_retries` = 6 of those
    /// that double).
    pub(crate) const fn seconds(self) -> &'static [u64] {
        match self {
            SynSchedule::Linear => &[1, 2, 3, 4, 5, 7, 11, 19, 35, 67],
            SynSchedule::Doubling => &[1, 3, 7, 15, 31, 63],
        }
    }

    /// Seconds from the first SYN until the client's kernel gives up (ETIMEDOUT).
    pub(crate) const fn gives_up(self) -> u64 {
        match self {
            SynSchedule::Linear => 131,
            SynSchedule::Doubling => 127,
        }
    }
}

/// What clients connect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listen {
    /// A port: a SYN that finds the queue full is lost.
    Tcp,
    /// A socket in the file system, as behind nginx on the same host: `connect` fails at once with
    /// EAGAIN if the queue is full (Linux `net/unix/af_unix.c`, `unix_stream_connect` with
    /// `unix_recvq_full`), of which nginx makes a 502.
    Unix,
}

/// The accept queue of a listening socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcceptQueue {
    /// The kernel's limit on every listen queue (`net.core.somaxconn`).
    pub(crate) somaxconn: u64,
    /// What clients connect to.
    pub listen: Listen,
    /// What happens when it is full.
    pub on_full: OnFull,
    /// Whether the server keeps the queue itself and answers those who find it full (Passenger's
    /// request queue: a 503). Such a queue bounds an overload.
    pub(crate) own: bool,
    /// `net.ipv4.tcp_abort_on_overflow`: whether a client whose handshake ends when the queue is
    /// full is reset instead of left to send its data again.
    pub abort: bool,
    /// When clients try again.
    pub syn: SynSchedule,
}

/// `net.core.somaxconn` since Linux 5.4 (`include/linux/socket.h`, `SOMAXCONN`).
pub(crate) const SOMAXCONN: u64 = 4096;

impl AcceptQueue {
    /// The ideal queue: as long as it was asked for, and refusing.
    pub(crate) const fn ideal() -> Self {
        AcceptQueue {
            somaxconn: u64::MAX,
            listen: Listen::Tcp,
            on_full: OnFull::Refuse,
            own: false,
            abort: false,
            syn: SynSchedule::Linear,
        }
    }

    /// Linux 6.5 and later as it is set up by default.
    pub const fn linux() -> Self {
        AcceptQueue { somaxconn: SOMAXCONN, on_full: OnFull::Retransmit, ..AcceptQueue::ideal() }
    }

    /// A Unix socket of Linux. It bounds an overload, as a queue of the server's own does.
    pub const fn unix() -> Self {
        AcceptQueue {
            somaxconn: SOMAXCONN,
            listen: Listen::Unix,
            own: true,
            ..AcceptQueue::ideal()
        }
    }

    /// Connections that a queue asked to have so many places holds. Linux holds one more than
    /// `listen` was told (`include/net/sock.h`, `sk_acceptq_is_full` and `net/unix/af_unix.c`,
    /// `unix_recvq_full` compare with `>`).
    pub(crate) const fn places(&self, backlog: u64) -> u64 {
        let capped = if backlog < self.somaxconn { backlog } else { self.somaxconn };
        match (self.on_full, self.listen) {
            (OnFull::Refuse, Listen::Tcp) => capped,
            (OnFull::Retransmit, _) | (_, Listen::Unix) => capped.saturating_add(1),
        }
    }

    /// After how long, counted from its first SYN, a client tries again for the `nth` time
    /// (from 0); `None` once it has given up.
    pub(crate) fn next_syn(&self, nth: usize) -> Option<Span> {
        let seconds = self.syn.seconds().get(nth)?;
        Some(Span::from_secs_f64(*seconds as f64).saturating_add(super::measured::TIMER_LATE))
    }
}
