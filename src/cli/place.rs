//! Where a path leads: which file it is, whatever its name; whether it can be written, and whether
//! what is there may be replaced. All of it is asked before anything is simulated.

use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use super::end::reason;
use crate::render::{records_csv, results_csv};

/// Links that are followed before they count as a loop (Linux: `MAXSYMLINKS`).
const MOST_LINKS: usize = 40;
/// The longest name of a file, in bytes (Linux: `NAME_MAX`).
pub(super) const LONGEST_NAME: usize = 255;

/// A file as the system knows it: two paths of one file are equal. A file that is not there yet is
/// known by its folder and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    #[cfg(unix)]
    number: (u64, u64),
    #[cfg(not(unix))]
    number: PathBuf,
    name: Option<OsString>,
}

impl Identity {
    #[cfg(unix)]
    fn of(_: &Path, data: &Metadata, name: Option<OsString>) -> Option<Identity> {
        use std::os::unix::fs::MetadataExt;
        Some(Identity { number: (data.dev(), data.ino()), name })
    }

    #[cfg(not(unix))]
    fn of(path: &Path, _: &Metadata, name: Option<OsString>) -> Option<Identity> {
        Some(Identity { number: fs::canonicalize(path).ok()?, name })
    }

    /// Of what a path leads to; `None` of what is no file.
    pub(super) fn of_file(path: &Path) -> Option<Identity> {
        let data = fs::metadata(path).ok()?;
        if data.is_file() { Identity::of(path, &data, None) } else { None }
    }

    /// Of an open file; `None` of a device or a pipe, which many may share.
    pub(super) fn of_open(path: &Path, file: &File) -> Option<Identity> {
        let data = file.metadata().ok()?;
        if data.is_file() { Identity::of(path, &data, None) } else { None }
    }
}

/// Where something is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    /// Standard output.
    Stdout,
    /// A device, a pipe, or a descriptor that was opened for this program: written as it is.
    Direct(PathBuf),
    /// A file, behind all links, that is replaced as a whole or made.
    File(PathBuf),
}

/// Follows a path to where it leads.
///
/// # Errors
/// A sentence, if nothing can be written there.
pub(super) fn destination(path: &Path) -> Result<Destination, String> {
    let shown = path.display();
    if path == Path::new("-") {
        return Ok(Destination::Stdout);
    }
    let text = path.as_os_str().to_string_lossy();
    if text.is_empty() {
        return Err("the name of a file is missing: it is empty".to_owned());
    }
    if text.ends_with('/') || path.is_dir() {
        return Err(format!("'{shown}' is a folder: name a file in it"));
    }
    let real = follow(path)?;
    if is_descriptor(&real) {
        return descriptor(path, real);
    }
    match fs::symlink_metadata(&real) {
        Ok(data) if data.is_file() => Ok(Destination::File(real)),
        Ok(data) => device(path, real, &data),
        Err(error) if error.kind() == io::ErrorKind::NotFound => can_be_made(path, &real),
        Err(error) => Err(format!("'{shown}' cannot be written: {}", reason(&error))),
    }
}

/// A device or a pipe; what is no place for a table is refused.
fn device(path: &Path, real: PathBuf, data: &Metadata) -> Result<Destination, String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kind = data.file_type();
        let what = match (kind.is_socket(), kind.is_block_device()) {
            (true, _) => Some("a socket"),
            (_, true) => Some("a disk"),
            _ => None,
        };
        if let Some(what) = what {
            return Err(format!("'{}' is {what}: name a file", path.display()));
        }
    }
    #[cfg(not(unix))]
    let _ = data;
    may_write(&real).map_err(|why| format!("'{}' cannot be written: {why}", path.display()))?;
    Ok(Destination::Direct(real))
}

/// Whether the system would let this user write to what is there.
fn may_write(path: &Path) -> Result<(), String> {
    #[cfg(unix)]
    {
        let asked = rustix::fs::access(path, rustix::fs::Access::WRITE_OK);
        asked.map_err(|error| reason(&io::Error::from(error)))
    }
    #[cfg(not(unix))]
    fs::metadata(path).map(drop).map_err(|error| reason(&error))
}

/// An open file of this process, which has to be open for output. (Linux tells how it was opened;
/// elsewhere it is seen when it is written to.)
fn descriptor(path: &Path, real: PathBuf) -> Result<Destination, String> {
    let shown = path.display();
    let of_others =
        !["/dev/fd", "/proc/self/fd"].iter().any(|own| folder_of(&real) == Path::new(own));
    let number = real.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let told = Path::new("/proc/self/fdinfo");
    if of_others || !told.is_dir() {
        return Ok(Destination::Direct(real));
    }
    let Ok(told) = fs::read_to_string(told.join(number)) else {
        return Err(format!("'{shown}' cannot be written: it is not open"));
    };
    if number.parse().is_ok_and(simsrv_startup::takes_nothing) {
        return Err(format!("'{shown}' cannot be written: it is closed, or open for reading"));
    }
    // The two lowest bits say what the file is open for; 0 is reading.
    let flags = told.lines().find_map(|line| line.strip_prefix("flags:")).unwrap_or_default();
    match u32::from_str_radix(flags.trim(), 8) {
        Ok(flags) if flags & 3 == 0 => {
            Err(format!("'{shown}' cannot be written: it is open for reading"))
        }
        _ => Ok(Destination::Direct(real)),
    }
}

fn can_be_made(path: &Path, real: &Path) -> Result<Destination, String> {
    let (shown, folder) = (path.display(), folder_of(real));
    if !folder.is_dir() {
        return Err(format!(
            "there is no folder '{}' for '{shown}': make it first",
            folder.display()
        ));
    }
    let name = real.file_name().map_or(0, |name| name.len());
    if name > LONGEST_NAME {
        return Err(format!("a name of {name} bytes is too long: the most is {LONGEST_NAME}"));
    }
    Ok(Destination::File(real.to_owned()))
}

/// The place behind all links; the last of them may lead to what is not there yet.
fn follow(path: &Path) -> Result<PathBuf, String> {
    let mut real = path.to_owned();
    for _ in 0..MOST_LINKS {
        // What a descriptor leads to has no name that could be replaced.
        if is_descriptor(&real) {
            return Ok(real);
        }
        match fs::read_link(&real) {
            Ok(target) => real = folder_of(&real).join(target),
            Err(_) => return Ok(real),
        }
    }
    Err(format!("'{}' is a link that leads to itself", path.display()))
}

/// Whether a path is an open file of this process: `/dev/stdout` leads to `/proc/self/fd/1`.
fn is_descriptor(path: &Path) -> bool {
    let folder = folder_of(path);
    if folder == Path::new("/dev/fd") {
        return true;
    }
    let parts: Vec<_> = folder.components().collect();
    matches!(parts[..], [Component::RootDir, Component::Normal(proc), .., Component::Normal(fd)]
        if proc == "proc" && fd == "fd")
}

/// Whether a path leads to an open file of this process, such as what a shell puts in the place of
/// `<(...)`: it has no folder of its own.
pub(super) fn is_stream(path: &Path) -> bool {
    follow(path).is_ok_and(|real| is_descriptor(&real))
}

/// The folder of a path.
pub(super) fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

impl Destination {
    /// Which file it is; `None` of what many may share.
    pub(super) fn identity(&self) -> Option<Identity> {
        let Destination::File(path) = self else { return None };
        if let Ok(data) = fs::metadata(path) {
            return Identity::of(path, &data, None);
        }
        let folder = folder_of(path);
        let data = fs::metadata(&folder).ok()?;
        Identity::of(&folder, &data, path.file_name().map(OsString::from))
    }

    /// The folder in which a file is made or replaced.
    pub(super) fn folder(&self) -> Option<PathBuf> {
        let Destination::File(path) = self else { return None };
        Some(folder_of(path))
    }

    /// Whether there is a file that nobody, or not this user, may write to.
    pub(super) fn is_protected(&self) -> bool {
        let Destination::File(path) = self else { return false };
        let Ok(data) = fs::metadata(path) else { return false };
        data.permissions().readonly() || may_write(path).is_err()
    }

    /// Whether there is something that simsrv did not write.
    pub(super) fn is_foreign(&self) -> bool {
        let Destination::File(path) = self else { return false };
        let Ok(file) = File::open(path) else { return path.exists() };
        let mut begin = Vec::new();
        let read = file.take(FIRST_BYTES).read_to_end(&mut begin);
        read.is_err() || !(begin.is_empty() || is_own(&begin))
    }
}

/// Bytes in which a file says who wrote it.
const FIRST_BYTES: u64 = 1024;

/// Whether a file begins like one of simsrv's: results name it in their first line or key, pictures
/// in a comment (SVG) or a text chunk (PNG); records and Markdown tables are known by their columns.
fn is_own(begin: &[u8]) -> bool {
    let has = |part: &str| begin.windows(part.len()).any(|bytes| bytes == part.as_bytes());
    let first = String::from_utf8_lossy(begin.split(|byte| *byte == b'\n').next().unwrap_or(begin));
    let first = first.trim_start_matches('\u{feff}').trim_end();
    let bare = first.trim_start_matches(['#', ';', '/', '<', '!', '-', ' ']);
    bare.len() < first.len() && bare.strip_prefix("simsrv ").is_some_and(is_version)
        || first == records_csv::COLUMNS
        || results_csv::is_header(first)
        || first.starts_with('|') && has("\n|-") && first.contains(" mean response ")
        || first.starts_with('|') && has("\n|-") && first.contains(" p95 response ")
        || begin.starts_with(b"{") && has("\"simsrv\":")
        || has("<testsuites name=\"simsrv\"")
        || first.starts_with("<svg") && has("<!-- simsrv -->")
        || first.starts_with("<!doctype html") && has(" simsrv</title>")
        || begin.starts_with(b"\x89PNG") && has("Software\0simsrv")
        || ["// simsrv check: ", "# simsrv check: "].iter().any(|mark| first.starts_with(mark))
        || first == "#!/bin/sh" && has("\n# simsrv check: ")
        || has("<jmeterTestPlan ") && has(" testname=\"simsrv check\"")
}

/// Whether a text begins with a version, such as 0.1.0: notes about simsrv begin otherwise.
fn is_version(text: &str) -> bool {
    let version = text.split([' ', ':']).next().unwrap_or_default();
    let numbers = version.split('-').next().unwrap_or_default().split('.');
    numbers.clone().count() == 3 && numbers.into_iter().all(|number| number.parse::<u32>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_simsrv_are_known() {
        for text in [
            "# simsrv 0.1.0",
            "; simsrv 0.1.0\n",
            "// simsrv 0.1.0",
            "| workers | p95 response |\n|---|---|\n",
            "<!-- simsrv 0.1.0 -->\n<Connector/>",
            "# simsrv 0.1.0: part 1 of 2\n",
            "# simsrv 0.2.0-rc.1",
            "{\n  \"simsrv\": \"0.1.0\"",
            records_csv::COLUMNS,
            "workers,threads,cores,clients,rate_per_s,case,requests,refused,stable,load\n1,1",
            "<svg a=\"b\"><!-- simsrv -->",
            "// simsrv check: a title",
            "#!/bin/sh\n# simsrv check: a title",
        ] {
            assert!(is_own(text.as_bytes()), "{text}");
        }
        for text in [
            "old",
            "| p95 response |",
            "| my | table |\n|---|---|",
            "simsrv is a program",
            "# my notes",
            "# simsrv settings of our shop\nservice = '3s'",
            "# simsrv fit: from access.log",
            "#!/bin/sh\nsimsrv check k6 s.toml",
            "# simsrv 4 workers",
            "{}",
            "<svg>",
            "a,b\n1,2\n",
            "workers,threads,cores,clients,rate_per_s\n1,1,8,,3\n",
        ] {
            assert!(!is_own(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn two_paths_of_one_file_are_equal() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| destination(&folder.path().join(name)).unwrap().identity();
        assert_eq!(at("x.csv"), at("./x.csv"));
        assert_ne!(at("x.csv"), at("y.csv"));
        fs::write(folder.path().join("x.csv"), "").unwrap();
        fs::hard_link(folder.path().join("x.csv"), folder.path().join("y.csv")).unwrap();
        assert_eq!(at("x.csv"), at("y.csv"));
    }
}
