//! The lock of a process with threads: what needs it beside the requests' own computing.

use std::str::FromStr;

use super::super::ModelError;

/// The interpreters whose threads take turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// CPython's global interpreter lock. A thread may lose it when it sends its answer, because
    /// head and body are two system calls (`measured`).
    Python,
    /// Ruby's global VM lock under Puma.
    ///
    /// - The thread that accepts needs the lock after `IO.select` has told it of a connection, and
    ///   once more after it has slept for less busy processes (`lib/puma/server.rb`,
    ///   `handle_servers`). It accepts one connection, and is behind all threads that wait.
    /// - A thread that is given a connection needs the lock to wake up, and again after it has
    ///   looked whether there is data (`lib/puma/client.rb`, `eagerly_finish`: `wait_readable(0)`;
    ///   Ruby `thread.c`, `rb_thread_wait_for_single_fd`, which polls without the lock).
    /// - The answer is written under the lock (Ruby `ext/socket/init.c`, `rsock_write_nonblock`), so
    ///   it is not late. The thread then closes the connection without the lock (Ruby `io.c`,
    ///   `maygvl_close`), and needs it again before it can take the next one.
    Ruby,
}

impl Lock {
    /// Its word.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Lock::Python => "python",
            Lock::Ruby => "ruby",
        }
    }
}

impl FromStr for Lock {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Lock, ModelError> {
        [Lock::Python, Lock::Ruby].into_iter().find(|lock| lock.name() == text).ok_or_else(|| {
            ModelError::text(text, " is not a lock of threads: write python or ruby")
        })
    }
}
