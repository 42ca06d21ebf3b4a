//! Where bytes leave the program: standard output, and files that appear whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tempfile::NamedTempFile;

use super::end::Failure;

/// Prints to standard output.
///
/// # Errors
/// [`Failure::ClosedPipe`] if its reader is gone, [`Failure::Output`] otherwise.
pub(crate) fn print(text: &str, colour: bool) -> Result<(), Failure> {
    let choice = if colour { anstream::ColorChoice::Always } else { anstream::ColorChoice::Never };
    let mut out = anstream::AutoStream::new(io::stdout().lock(), choice);
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
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(stdout_failure)
}

/// Standard output cannot be written.
pub(crate) fn stdout_failure(error: io::Error) -> Failure {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Failure::ClosedPipe;
    }
    Failure::Output(format!("standard output cannot be written: {}", reason(&error)))
}

/// What the system says, without numbers and without the names of temporary files.
pub(crate) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at path ").next().unwrap_or(&text);
    text.split(" (os error").next().unwrap_or(text).to_owned()
}

/// Colour on a terminal, unless `NO_COLOR` (no-color.org) or a dumb terminal says no.
pub(crate) fn automatic_colour() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stdout().is_terminal() && !set("NO_COLOR") && !dumb
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

/// Tells a person on standard error; what would steer the terminal is replaced.
pub(crate) fn tell(sentence: &str) {
    let plain = |c: char| if c.is_control() && c != '\n' { '\u{fffd}' } else { c };
    let text: String = sentence.chars().map(plain).collect();
    let text = if unicode() { text } else { crate::render::ascii(&text) };
    // Nothing is left to be done if nobody hears it.
    let _ = writeln!(io::stderr(), "{text}");
}

/// Refuses a path whose folder does not exist, before anything is simulated.
///
/// # Errors
/// A sentence.
pub(crate) fn check_target(path: &Path) -> Result<(), String> {
    if path.is_dir() {
        return Err(format!("'{}' is a folder: name a file in it", path.display()));
    }
    let folder = folder_of(path);
    if folder.is_dir() {
        return Ok(());
    }
    Err(format!(
        "there is no folder '{}' for '{}': make it first",
        folder.display(),
        path.display()
    ))
}

/// Refuses a folder that cannot be made because a file stands in its way.
///
/// # Errors
/// A sentence.
pub(crate) fn check_folder(path: &Path) -> Result<(), String> {
    match path.ancestors().find(|part| part.exists()) {
        Some(part) if !part.is_dir() => Err(format!(
            "the folder '{}' cannot be made: '{}' is a file",
            path.display(),
            part.display()
        )),
        _ => Ok(()),
    }
}

/// Makes a folder and those above it.
///
/// # Errors
/// [`Failure::Output`].
pub(crate) fn make_folder(path: &Path) -> Result<(), Failure> {
    fs::create_dir_all(path).map_err(|error| {
        Failure::Output(format!(
            "the folder '{}' cannot be made: {}",
            path.display(),
            reason(&error)
        ))
    })
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// A file that is being written: under a temporary name beside its own, or, where its name is a
/// device or a pipe, directly.
pub(crate) struct Target {
    path: PathBuf,
    writer: Writer,
}

enum Writer {
    Beside(BufWriter<NamedTempFile>),
    Direct(BufWriter<File>),
}

/// The file that is being written, for [`discard_unfinished`].
static UNFINISHED: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Removes a file that is still under its temporary name: the last thing before the program is
/// ended in the middle of writing.
pub(crate) fn discard_unfinished() {
    if let Some(path) = UNFINISHED.lock().ok().and_then(|mut path| path.take()) {
        let _ = fs::remove_file(path);
    }
}

fn remember_unfinished(path: Option<&Path>) {
    if let Ok(mut unfinished) = UNFINISHED.lock() {
        *unfinished = path.map(Path::to_owned);
    }
}

impl Target {
    /// Opens a file for writing.
    ///
    /// # Errors
    /// [`Failure::Output`].
    pub(crate) fn open(path: &Path) -> Result<Target, Failure> {
        // A link stays a link: what it points to is replaced.
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let old = fs::metadata(&real).ok();
        let writer = match &old {
            Some(data) if !data.is_file() => OpenOptions::new()
                .write(true)
                .open(&real)
                .map(|f| Writer::Direct(BufWriter::new(f))),
            _ => beside(&real, old.as_ref()).map(|f| Writer::Beside(BufWriter::new(f))),
        };
        let writer = writer.map_err(|error| failure(path, &error))?;
        if let Writer::Beside(file) = &writer {
            remember_unfinished(Some(file.get_ref().path()));
        }
        Ok(Target { path: real, writer })
    }

    /// Finishes: the file gets its own name, over an older one.
    ///
    /// # Errors
    /// [`Failure::Output`]; the older file stays as it was.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let path = self.path;
        let done = match self.writer {
            Writer::Direct(mut file) => file.flush(),
            Writer::Beside(file) => file.into_inner().map_err(io::Error::from).and_then(|file| {
                file.as_file().sync_all()?;
                file.persist(&path).map(drop).map_err(|error| error.error)
            }),
        };
        remember_unfinished(None);
        done.map_err(|error| failure(&path, &error))
    }
}

/// A temporary file beside another, with its permissions, or with those of any new file.
fn beside(path: &Path, old: Option<&fs::Metadata>) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".simsrv-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let file = builder.tempfile_in(folder_of(path))?;
    if let Some(old) = old {
        file.as_file().set_permissions(old.permissions())?;
    }
    Ok(file)
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.writer {
            Writer::Beside(file) => file.write(bytes),
            Writer::Direct(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.writer {
            Writer::Beside(file) => file.flush(),
            Writer::Direct(file) => file.flush(),
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
