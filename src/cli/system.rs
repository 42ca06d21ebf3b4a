//! The operations of the system by which the program writes, so that a test can let any of them fail.
//!
//! What only asks (does a file exist, which one is it) does not stand here: it changes nothing.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is written with.
pub(super) trait System {
    /// Standard output.
    fn stdout(&self) -> Box<dyn Write>;
    /// Standard error.
    fn stderr(&self) -> Box<dyn Write>;
    /// Makes a folder and those above it.
    fn make_folder(&self, path: &Path) -> io::Result<()>;
    /// Makes a file that is not there yet.
    fn create(&self, path: &Path) -> io::Result<Box<dyn NewFile>>;
    /// Opens a device, a pipe or a descriptor, to write at its end.
    fn append(&self, path: &Path) -> io::Result<Box<dyn Write>>;
    /// Gives a file another name, in the place of the file that has it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// A file that was just made.
pub(super) trait NewFile: Write {
    /// Gives it permissions.
    fn permit(&self, permissions: Permissions) -> io::Result<()>;
    /// Waits until it is on the disk.
    fn sync(&self) -> io::Result<()>;
}

/// Counts where the program begins or ends to wait for a reader of what it writes: odd while it waits.
static WAITS: AtomicU64 = AtomicU64::new(0);

/// A number that stays the same as long as the program waits for one reader of its output; `None`
/// while it does not wait for any.
pub(super) fn waits() -> Option<u64> {
    Some(WAITS.load(Ordering::SeqCst)).filter(|count| count % 2 == 1)
}

fn waiting<T>(what: impl FnOnce() -> T) -> T {
    WAITS.fetch_add(1, Ordering::SeqCst);
    let done = what();
    WAITS.fetch_add(1, Ordering::SeqCst);
    done
}

/// What somebody has to read (a pipe, a terminal), so that writing to it may take for ever.
struct ReadOutput<W>(W);

impl<W: Write> Write for ReadOutput<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        waiting(|| self.0.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        waiting(|| self.0.flush())
    }
}

/// The system that the program runs on.
struct Real;

impl System for Real {
    fn stdout(&self) -> Box<dyn Write> {
        Box::new(ReadOutput(io::stdout().lock()))
    }

    fn stderr(&self) -> Box<dyn Write> {
        Box::new(io::stderr())
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn NewFile>> {
        Ok(Box::new(OpenOptions::new().write(true).create_new(true).open(path)?))
    }

    fn append(&self, path: &Path) -> io::Result<Box<dyn Write>> {
        let file = waiting(|| OpenOptions::new().append(true).open(path))?;
        Ok(Box::new(ReadOutput(file)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }
}

impl NewFile for File {
    fn permit(&self, permissions: Permissions) -> io::Result<()> {
        self.set_permissions(permissions)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_all()
    }
}

/// Does something with the system that this thread writes with.
#[cfg(not(test))]
pub(super) fn with<R>(what: impl FnOnce(&dyn System) -> R) -> R {
    what(&Real)
}

#[cfg(test)]
pub(super) use simulated::with;

/// Another system in the place of the real one, for one thread.
#[cfg(test)]
pub(super) mod simulated {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::{Real, System};

    thread_local! {
        static OTHER: RefCell<Option<Rc<dyn System>>> = const { RefCell::new(None) };
    }

    pub(in crate::cli) fn with<R>(what: impl FnOnce(&dyn System) -> R) -> R {
        match OTHER.with_borrow(Clone::clone) {
            Some(other) => what(&*other),
            None => what(&Real),
        }
    }

    /// What this thread writes with from now on.
    pub(in crate::cli) fn use_instead(other: Option<Rc<dyn System>>) {
        OTHER.with_borrow_mut(|place| *place = other);
    }
}
