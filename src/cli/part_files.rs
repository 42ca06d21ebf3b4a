//! Part files: looked through once from beginning to end, then read section by section, so that a merge
//! needs no more memory than the cells that it summarises at the time.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::end::{Failure, input, reason};
use super::files::open;
use super::place::Identity;
use crate::job::PartIndex;
use crate::render::part_csv;

/// The longest part that is not a file, in bytes: it is held in memory, as it can be read only once.
const LONGEST_STREAM: u64 = 4 << 30;

/// The parts of a run.
pub(super) struct PartFiles {
    /// What each says of itself, with its name.
    pub(crate) found: Vec<(String, PartIndex)>,
    /// Where their sections are read from, in the same order.
    pub(crate) files: Vec<PartFile>,
    /// The files themselves.
    pub(crate) identities: Vec<(PathBuf, Identity)>,
}

/// A part whose sections can be read again.
pub(super) enum PartFile {
    /// Opened when it is read: there may be more parts than files that can be open.
    File(PathBuf),
    /// What came through a pipe.
    Bytes(Vec<u8>),
}

impl PartFiles {
    /// Looks through all of them.
    pub(super) fn open(paths: &[&String]) -> Result<PartFiles, Failure> {
        let mut parts = PartFiles { found: vec![], files: vec![], identities: vec![] };
        for path in paths {
            let wrong = |sentence: String| input(format!("'{path}': {sentence}"));
            let file = open(Path::new(path)).map_err(input)?;
            parts.identities.extend(
                Identity::of_open(Path::new(path), &file)
                    .map(|identity| (PathBuf::from(path), identity)),
            );
            let regular = file.metadata().is_ok_and(|known| known.is_file());
            let (index, from) = match regular {
                true => (part_csv::index(&mut BufReader::new(file)), PartFile::File(path.into())),
                false => {
                    let mut bytes = Vec::new();
                    let read = file.take(LONGEST_STREAM).read_to_end(&mut bytes);
                    read.map_err(|error| wrong(reason(&error)))?;
                    let index = part_csv::index(&mut &bytes[..]);
                    (index, PartFile::Bytes(bytes))
                }
            };
            parts.found.push(((*path).clone(), index.map_err(wrong)?));
            parts.files.push(from);
        }
        Ok(parts)
    }
}

impl PartFile {
    /// Some bytes of it, which are text.
    pub(super) fn text(&self, range: Range<u64>) -> Result<String, String> {
        match self {
            PartFile::File(path) => read(path, range)
                .map_err(|error| format!("it cannot be read again: {}", reason(&error))),
            PartFile::Bytes(bytes) => part_csv::line(bytes, range),
        }
    }
}

fn read(path: &Path, range: Range<u64>) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut text = String::new();
    file.seek(SeekFrom::Start(range.start))?;
    file.take(range.end - range.start).read_to_string(&mut text)?;
    Ok(text)
}
