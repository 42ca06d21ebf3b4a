//! Where bytes leave the program: standard output, and files that appear whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Why a command ended badly.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Wrong usage or input.
    Input(String),
    /// Output could not be written.
    Output(String),
    /// Nobody reads standard output any more.
    ClosedPipe,
}

impl Failure {
    pub(super) fn code(&self) -> u8 {
        match self {
            Failure::Input(_) => 2,
            Failure::Output(_) => 74,
            Failure::ClosedPipe => 0,
        }
    }

    pub(super) fn sentence(&self) -> Option<&str> {
        match self {
            Failure::Input(sentence) | Failure::Output(sentence) => Some(sentence),
            Failure::ClosedPipe => None,
        }
    }
}

/// Prints to standard output.
///
/// # Errors
/// [`Failure::ClosedPipe`] if nobody reads, [`Failure::Output`] otherwise.
pub(crate) fn print(text: &str, colour: bool) -> Result<(), Failure> {
    let choice = if colour { anstream::ColorChoice::Always } else { anstream::ColorChoice::Never };
    let mut out = anstream::AutoStream::new(io::stdout().lock(), choice);
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(stdout_failure)
}

/// Prints bytes to standard output as they are.
///
/// # Errors
/// Like [`print`].
pub(crate) fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(stdout_failure)
}

fn stdout_failure(error: io::Error) -> Failure {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Failure::ClosedPipe;
    }
    Failure::Output(format!("standard output cannot be written: {error}"))
}

/// Refuses a path whose folder does not exist, before anything is simulated.
///
/// # Errors
/// A sentence.
pub(crate) fn check_target(option: &str, path: &Path) -> Result<(), Failure> {
    if path.is_dir() {
        return Err(super::input(format!(
            "--{option}: '{}' is a folder: name a file in it",
            path.display()
        )));
    }
    let folder = folder_of(path);
    if folder.is_dir() {
        return Ok(());
    }
    Err(super::input(format!(
        "--{option}: there is no folder '{}' for '{}': make it first",
        folder.display(),
        path.display()
    )))
}

/// Makes the folder for pictures.
///
/// # Errors
/// A sentence.
pub(crate) fn make_folder(option: &str, path: &Path) -> Result<(), Failure> {
    fs::create_dir_all(path).map_err(|error| {
        super::input(format!("--{option}: the folder '{}' cannot be made: {error}", path.display()))
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

impl Target {
    /// Opens a file for writing.
    ///
    /// # Errors
    /// [`Failure::Output`].
    pub(crate) fn open(path: &Path) -> Result<Target, Failure> {
        let special = fs::metadata(path).is_ok_and(|data| !data.is_file());
        let writer = if special {
            OpenOptions::new().write(true).open(path).map(|f| Writer::Direct(BufWriter::new(f)))
        } else {
            let mut builder = tempfile::Builder::new();
            builder.prefix(".simsrv-").suffix(".tmp");
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                builder.permissions(fs::Permissions::from_mode(0o666));
            }
            builder.tempfile_in(folder_of(path)).map(|f| Writer::Beside(BufWriter::new(f)))
        };
        let writer = writer.map_err(|error| failure(path, &error))?;
        Ok(Target { path: path.to_owned(), writer })
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
        done.map_err(|error| failure(&path, &error))
    }
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
    Failure::Output(format!("'{}' cannot be written: {error}", path.display()))
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
