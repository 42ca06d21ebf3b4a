//! How an event loop takes connections, and when it comes to their requests.

use std::fmt;
use std::str::FromStr;

use super::super::ModelError;

/// The kinds of event loops. A loop goes round in turns: it looks what is ready, accepts, and runs
/// what was ready to its end; only then it looks again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventLoop {
    /// One connection between two bursts, whichever has been ready for longest: gevent where a
    /// server has several workers (`gunicorn/workers/ggevent.py`, `run`: `max_accept = 1`).
    Single,
    /// All connections that are pending, once in a turn (CPython `Lib/asyncio/selector_events.py`,
    /// `_accept_connection`: `for _ in range(backlog)`). Four turns pass until the handler runs: the
    /// task of the new connection, its protocol and its reader, the data, the task of the
    /// application (`_accept_connection2`, `_SelectorSocketTransport.__init__`, `_read_ready`;
    /// `uvicorn/protocols/http/h11_impl.py`, `handle_events`).
    Asyncio,
    /// One connection in a turn, and one more before the first one's handler runs: the data is read
    /// in the turn after the connection (libuv `src/unix/stream.c`, `uv__server_io`, which since 1.45
    /// accepts one connection a call; `uvloop/loop.pyx`, `_on_idle`). So Node has it, too, whose
    /// processes are handed one connection after another by a primary
    /// (`lib/internal/cluster/child.js`, `onconnection`).
    Uvloop,
}

impl EventLoop {
    const ALL: [EventLoop; 3] = [EventLoop::Single, EventLoop::Asyncio, EventLoop::Uvloop];

    /// Its word.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            EventLoop::Single => "single",
            EventLoop::Asyncio => "asyncio",
            EventLoop::Uvloop => "uvloop",
        }
    }

    /// Connections that it accepts in a turn; `None`: all that are pending.
    pub(crate) const fn accepts(self) -> Option<u32> {
        match self {
            EventLoop::Asyncio => None,
            _ => Some(1),
        }
    }

    /// Turns from accepting a connection until its handler can run; 0: in the same one.
    pub(crate) const fn turns(self) -> u32 {
        match self {
            EventLoop::Single => 0,
            EventLoop::Uvloop => 1,
            EventLoop::Asyncio => 4,
        }
    }
}

impl fmt::Display for EventLoop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for EventLoop {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<EventLoop, ModelError> {
        EventLoop::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| {
            ModelError::text(text, " is not an event loop: write asyncio, uvloop or single")
        })
    }
}
