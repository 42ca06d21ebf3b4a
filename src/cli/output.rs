//! Where bytes leave the program: standard output, and files that appear whole or not at all.

use std::fs;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::TempPath;

use super::end::{Failure, reason};
use super::place::{self, Destination};
use super::system::{self, NewFile};
use crate::scenario::raw_options::escaped;

/// Prints to standard output.
///
/// # Errors
/// [`Failure::ClosedPipe`] if its reader is gone, [`Failure::Output`] otherwise.
pub(crate) fn print(text: &str, colour: bool) -> Result<(), Failure> {
    let choice = if colour { anstream::ColorChoice::Always } else { anstream::ColorChoice::Never };
    let mut out = anstream::AutoStream::new(system::with(|system| system.stdout()), choice);
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(stdout_failure)
}

/// Prints text for people, in colour if asked, in ASCII where the terminal shows no more.
///
/// # Errors
/// Like [`print`].
pub(crate) fn show(text: &str, unicode: bool, colour: bool) -> Result<(), Failure> {
    if unicode { print(text, colour) } else { print(&crate::render::ascii(text), colour) }
}

/// Prints bytes to standard output as they are.
///
/// # Errors
/// Like [`print`].
pub(crate) fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = system::with(|system| system.stdout());
    out.write_all(bytes).and_then(|()| out.flush()).map_err(stdout_failure)
}

/// Refuses to begin what would be shown to nobody: standard output is closed, or open for reading.
///
/// # Errors
/// [`Failure::Output`].
pub(super) fn check_stdout() -> Result<(), Failure> {
    if !simsrv_startup::takes_nothing(1) {
        return Ok(());
    }
    let sentence = "standard output cannot be written: it is closed, or open for reading; send it \
                    to /dev/null if nobody wants it";
    Err(Failure::Output(sentence.to_owned()))
}

/// Standard output cannot be written.
pub(crate) fn stdout_failure(error: io::Error) -> Failure {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Failure::ClosedPipe;
    }
    Failure::Output(format!("standard output cannot be written: {}", reason(&error)))
}

/// Colour on a terminal, unless `NO_COLOR` (no-color.org) or a dumb terminal says no.
pub(crate) fn automatic_colour() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stdout().is_terminal() && !set("NO_COLOR") && !dumb
}

/// Columns of a terminal whose width is not known.
const COLUMNS: usize = 80;
/// The least and the most that a table is laid out for.
const LAID_OUT: std::ops::RangeInclusive<usize> = 60..=160;

/// Columns of the terminal on standard output.
pub(crate) fn width() -> usize {
    let width = terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0.into());
    width.unwrap_or(COLUMNS).clamp(*LAID_OUT.start(), *LAID_OUT.end())
}

/// Whether the locale's encoding is UTF-8 (POSIX: LC_ALL, then LC_CTYPE, then LANG).
pub(crate) fn unicode() -> bool {
    let value = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty());
    value.is_some_and(|value| {
        let value = value.to_ascii_lowercase();
        value.contains("utf-8") || value.contains("utf8")
    })
}

/// Whether a person looks at standard output.
pub(super) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Text whose lines and tabs are kept, and in which what would steer a terminal is written out.
pub(super) fn without_steering(text: &str) -> String {
    text.split_inclusive(['\n', '\t'])
        .map(|part| {
            let bare = part.trim_end_matches(['\n', '\t']);
            escaped(bare) + &part[bare.len()..]
        })
        .collect()
}

/// Tells a person on standard error; what would steer the terminal is written out.
pub(crate) fn tell(sentence: &str) {
    let lines: Vec<String> = sentence.split('\n').map(escaped).collect();
    let text = lines.join("\n");
    let text = if unicode() { text } else { crate::render::ascii(&text) };
    // Nothing is left to be done if nobody hears it.
    let _ = writeln!(system::with(|system| system.stderr()), "{text}");
}

/// Refuses a folder that cannot be made because a file stands in its way.
///
/// # Errors
/// A sentence.
pub(crate) fn check_folder(path: &Path) -> Result<(), String> {
    let there = |part: &&Path| part.exists() || part.is_symlink();
    match path.ancestors().find(there) {
        Some(part) if !part.is_dir() => Err(format!(
            "the folder '{}' cannot be made: '{}' is {}",
            path.display(),
            part.display(),
            if part.exists() { "a file" } else { "a link that leads nowhere" }
        )),
        _ => Ok(()),
    }
}

/// Makes a folder and those above it.
///
/// # Errors
/// [`Failure::Output`].
pub(crate) fn make_folder(path: &Path) -> Result<(), Failure> {
    system::with(|system| system.make_folder(path)).map_err(|error| {
        Failure::Output(format!(
            "the folder '{}' cannot be made: {}",
            path.display(),
            reason(&error)
        ))
    })
}

/// A file that is being written: under a temporary name beside its own, or, where its name is a
/// device or a pipe, directly.
pub(crate) struct Target {
    path: PathBuf,
    writer: OutputWriter,
}

/// Bytes after which a file waits for the disk: at its end little is left to wait for, which nothing
/// could interrupt.
const SYNCED: usize = 4 << 20;

enum OutputWriter {
    /// The file, the bytes that the disk may not have yet, and its temporary name.
    Beside(BufWriter<Box<dyn NewFile>>, usize, TempPath),
    Direct(BufWriter<Box<dyn Write>>),
}

/// The file that is being written. Whoever holds the lock may make or remove it.
static UNFINISHED: Mutex<Option<PathBuf>> = Mutex::new(None);

fn unfinished() -> MutexGuard<'static, Option<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the program in the middle of what it does; a file that is still under its temporary name is
/// removed, and no other one is begun.
pub(crate) fn end_now() -> ! {
    let mut unfinished = unfinished();
    if let Some(path) = unfinished.take() {
        let _ = system::with(|system| system.remove(&path));
    }
    std::process::exit(130)
}

impl Target {
    /// Opens a file for writing.
    ///
    /// # Errors
    /// [`Failure::Output`].
    pub(crate) fn open(path: &Path) -> Result<Target, Failure> {
        let wrong = |why: String| Failure::Output(why);
        // A link stays a link: what it points to is replaced.
        let (path, writer) = match place::destination(path).map_err(wrong)? {
            Destination::File(real) => {
                let (file, name) = beside(&real).map_err(|error| failure(path, &error))?;
                (real, OutputWriter::Beside(BufWriter::new(file), 0, name))
            }
            Destination::Direct(real) => {
                let open = system::with(|system| system.append(&real));
                let file = open.map_err(|error| failure(path, &error))?;
                (real, OutputWriter::Direct(BufWriter::new(file)))
            }
            Destination::Stdout => return Err(Failure::Output("'-' is not a file".to_owned())),
        };
        Ok(Target { path, writer })
    }

    /// Finishes: the file gets its own name, over an older one.
    ///
    /// # Errors
    /// [`Failure::Output`]; the older file stays as it was.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let path = self.path;
        let done = match self.writer {
            OutputWriter::Direct(mut file) => file.flush(),
            OutputWriter::Beside(file, _, name) => {
                let file = file.into_inner().map_err(io::Error::from);
                file.and_then(|file| file.sync()).and_then(|()| {
                    let mut unfinished = unfinished();
                    system::with(|system| system.rename(&name, &path))?;
                    *unfinished = None;
                    // The temporary name is no longer there.
                    name.keep().map(drop).map_err(|error| error.error)
                })
            }
        };
        done.map_err(|error| failure(&path, &error))
    }
}

/// A temporary file beside another, with its permissions, or with those of any new file.
fn beside(path: &Path) -> io::Result<(Box<dyn NewFile>, TempPath)> {
    let mut unfinished = unfinished();
    let (file, name) = temporary(&place::folder_of(path))?;
    *unfinished = Some(name.to_path_buf());
    drop(unfinished);
    if let Ok(old) = fs::metadata(path) {
        file.permit(old.permissions())?;
    }
    Ok((file, name))
}

/// A file in a folder, under a name that no other file has; it is removed with the name.
fn temporary(folder: &Path) -> io::Result<(Box<dyn NewFile>, TempPath)> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".simsrv-").suffix(".tmp");
    let create = |path: &Path| system::with(|system| system.create(path));
    Ok(builder.make_in(folder, create)?.into_parts())
}

/// Makes a file in a folder and removes it: the only way to know beforehand whether that can be done.
///
/// # Errors
/// The system's.
pub(super) fn try_folder(folder: &Path) -> io::Result<()> {
    // A signal waits until it is removed.
    let _unfinished = unfinished();
    temporary(folder).map(drop)
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.writer {
            OutputWriter::Beside(file, new, _) => {
                let count = file.write(bytes)?;
                *new += count;
                if *new >= SYNCED {
                    *new = 0;
                    file.flush()?;
                    file.get_ref().sync()?;
                }
                Ok(count)
            }
            OutputWriter::Direct(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.writer {
            OutputWriter::Beside(file, ..) => file.flush(),
            OutputWriter::Direct(file) => file.flush(),
        }
    }
}

/// A path cannot be written.
pub(crate) fn failure(path: &Path, error: &io::Error) -> Failure {
    Failure::Output(format!("'{}' cannot be written: {}", path.display(), reason(error)))
}

/// Writes a whole file; `-` is standard output.
///
/// # Errors
/// [`Failure`].
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if path == Path::new("-") {
        return print_bytes(bytes);
    }
    let mut target = Target::open(path)?;
    target.write_all(bytes).map_err(|error| failure(path, &error))?;
    target.finish()
}
