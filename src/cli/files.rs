//! The files that options name: each is read once, and remembered with its identity.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::end::reason;
use super::place::Identity;
use crate::distribution::{SampleUnit, read_samples};
use crate::model::Trace;
use crate::scenario::{Files, Place, trace_file};
use crate::time::Span;

/// The longest configuration or scenario that is read, in bytes.
pub(super) const LONGEST_TEXT: u64 = 16 << 20;
/// The longest table that is read, in bytes: about ten million requests.
const LONGEST_TABLE: u64 = 512 << 20;

/// The byte order mark of UTF-8, which some editors put first; it is no part of the text.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// What has been read. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Inputs {
    /// The folder that paths in a scenario are relative to; those of flags are relative to where
    /// the command is run.
    folder: PathBuf,
    read: Arc<Mutex<BTreeMap<PathBuf, Input>>>,
}

/// How a file is bounded.
enum FileKind {
    /// By its length in bytes.
    Text(u64),
    /// By that and by the length of its lines.
    Table,
}

#[derive(Clone)]
struct Input {
    bytes: Arc<Vec<u8>>,
    identity: Option<Identity>,
}

impl Inputs {
    /// The same files, seen from the folder of a scenario.
    pub(super) fn beside(&self, folder: &Path) -> Inputs {
        Inputs { folder: folder.to_owned(), read: Arc::clone(&self.read) }
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Input>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All files that were read so far.
    pub(super) fn identities(&self) -> Vec<(PathBuf, Identity)> {
        let read = self.known();
        read.iter()
            .filter_map(|(path, input)| Some((path.clone(), input.identity.clone()?)))
            .collect()
    }

    /// The bytes of a file, without a byte order mark.
    ///
    /// # Errors
    /// A sentence, also for a file that is longer than its kind may be.
    fn bytes(&self, path: &Path, kind: FileKind) -> Result<Arc<Vec<u8>>, String> {
        if let Some(known) = self.known().get(path) {
            return Ok(Arc::clone(&known.bytes));
        }
        let file = open(path)?;
        let identity = Identity::of_open(path, &file);
        let bytes = match kind {
            FileKind::Text(most) => read_all(file, most, text_so_far),
            FileKind::Table => read_all(trace_file::short_lines(file), LONGEST_TABLE, |_| Ok(())),
        };
        let mut bytes = bytes.map_err(|why| format!("'{}' {why}", path.display()))?;
        if bytes.starts_with(MARK) {
            bytes.drain(..MARK.len());
        }
        let bytes = Arc::new(bytes);
        let input = Input { bytes: Arc::clone(&bytes), identity };
        self.known().insert(path.to_owned(), input);
        Ok(bytes)
    }

    /// The bytes of a table, whose lines are short.
    ///
    /// # Errors
    /// A sentence.
    pub(super) fn table(&self, path: &Path) -> Result<Arc<Vec<u8>>, String> {
        self.bytes(path, FileKind::Table)
    }

    /// The text of a file of at most `most` bytes.
    ///
    /// # Errors
    /// A sentence, also for what is not UTF-8.
    pub(super) fn text(&self, path: &Path, most: u64) -> Result<String, String> {
        let bytes = self.bytes(path, FileKind::Text(most))?;
        String::from_utf8(bytes.to_vec()).map_err(|error| {
            let good = error.utf8_error().valid_up_to();
            format!("'{}' is not UTF-8 text: see its byte {}", path.display(), good + 1)
        })
    }
}

/// Opens a file.
///
/// # Errors
/// A sentence.
pub(super) fn open(path: &Path) -> Result<File, String> {
    if path.is_dir() {
        return Err(format!("'{}' is a folder, not a file", path.display()));
    }
    File::open(path)
        .map_err(|error| format!("'{}' cannot be read: {}", path.display(), reason(&error)))
}

/// Refuses what is no text at its first piece, before gigabytes of it are read.
fn text_so_far(piece: &[u8]) -> Result<(), String> {
    match std::str::from_utf8(piece) {
        // A character may go on in the next piece.
        Err(error) if error.error_len().is_some() => {
            Err(format!("is not UTF-8 text: see its byte {}", error.valid_up_to() + 1))
        }
        _ => match piece.iter().position(|byte| *byte == 0) {
            Some(at) => Err(format!("is not text: its byte {} is zero", at + 1)),
            None => Ok(()),
        },
    }
}

/// Reads to the end, in pieces, so that a stream without an end is refused in time and in bounds;
/// `fits` looks at the first piece.
fn read_all(
    mut file: impl Read,
    most: u64,
    fits: impl Fn(&[u8]) -> Result<(), String>,
) -> Result<Vec<u8>, String> {
    let mut bytes: Vec<u8> = Vec::new();
    let mut piece = vec![0; 1 << 16];
    loop {
        let count = match file.read(&mut piece) {
            Ok(0) => return Ok(bytes),
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(format!("cannot be read: {}", reason(&error))),
        };
        if bytes.is_empty() {
            fits(&piece[..count])?;
        }
        if bytes.len() as u64 + count as u64 > most {
            return Err(format!(
                "is larger than {} MB, which is the most that is read",
                most >> 20
            ));
        }
        if bytes.try_reserve(count).is_err() {
            return Err(format!(
                "does not fit into the memory: {} MB were read",
                bytes.len() >> 20
            ));
        }
        bytes.extend_from_slice(&piece[..count]);
    }
}

impl Files for Inputs {
    fn resolve(&self, path: &str, place: &Place) -> String {
        match place {
            Place::File(_) => self.folder.join(path).to_string_lossy().into_owned(),
            Place::Flag(_) | Place::Default => path.to_owned(),
        }
    }

    fn trace(&self, path: &str) -> Result<Trace, String> {
        let bytes = self.table(Path::new(path))?;
        trace_file::read(&bytes[..]).map_err(|error| format!("'{path}': {error}"))
    }

    fn text(&self, path: &str) -> Result<String, String> {
        Inputs::text(self, Path::new(path), LONGEST_TEXT)
    }

    fn samples(
        &self,
        path: &str,
        column: Option<&str>,
        unit: Option<SampleUnit>,
    ) -> Result<Vec<Span>, String> {
        let bytes = self.table(Path::new(path))?;
        read_samples(trace_file::short_lines(&bytes[..]), column, unit)
            .map_err(|error| format!("'{path}': {error}"))
    }
}
