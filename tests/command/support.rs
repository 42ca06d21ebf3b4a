//! Runs the program in a folder of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// The program.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_simsrv");

/// What a run left behind.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Ran {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The program in a folder, in a UTF-8 locale, whatever the tests run in.
pub fn program(folder: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.current_dir(folder);
    plain_environment(&mut command);
    command
}

/// `sh -c SCRIPT`, where `"$@"` is the program with its arguments.
#[cfg(unix)]
pub fn through_a_shell(script: &str, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script, "sh", PROGRAM]).args(arguments).current_dir(folder);
    plain_environment(&mut command);
    command
}

fn plain_environment(command: &mut Command) {
    // Lines of progress depend on how fast the machine is.
    command.env("SIMSRV_PROGRESS", "none");
    for name in ["NO_COLOR", "LC_CTYPE", "LANG", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    command.env("LC_ALL", "C.UTF-8").env("TERM", "xterm");
}

/// Runs the program in a folder.
pub fn run_in(folder: &Path, arguments: &[&str]) -> Ran {
    program(folder).args(arguments).output().expect("the program starts").into()
}

/// Runs the program in an empty folder and expects it to succeed; gives standard output.
pub fn succeeds(arguments: &[&str]) -> String {
    let folder = folder();
    succeeds_in(folder.path(), arguments)
}

/// Runs the program in a folder and expects it to succeed; gives standard output.
pub fn succeeds_in(folder: &Path, arguments: &[&str]) -> String {
    let ran = run_in(folder, arguments);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{arguments:?}: {}", ran.out);
    ran.out
}

/// Words between blanks, but what stands between single quotes is one.
pub fn words(line: &str) -> Vec<&str> {
    let parts = line.split('\'').enumerate();
    let words = parts.flat_map(|(at, part)| match at % 2 {
        0 => part.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>(),
        _ => vec![part],
    });
    words.collect()
}

/// Rows by the names of their columns.
pub fn rows(csv: &str) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(csv.as_bytes()).deserialize().map(|row| row.unwrap()).collect()
}

/// A figure of a row.
pub fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column}: '{}'", row[column]))
}

/// An empty folder.
pub fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Every file below a folder with its bytes.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_symlink() {
            let target = std::fs::read_link(&path).expect("a link");
            all.insert(name, target.to_string_lossy().into_owned().into_bytes());
        } else if path.is_dir() {
            all.insert(format!("{name}/"), Vec::new());
            let below = files(&path).into_iter();
            all.extend(below.map(|(below, bytes)| (format!("{name}/{below}"), bytes)));
        } else {
            all.insert(name, std::fs::read(&path).expect("a file"));
        }
    }
    all
}

/// Expects a run in `folder` to be refused: exit 2, a sentence with `part`, nothing on standard
/// output, and no file made or changed.
pub fn refused_in(folder: &Path, arguments: &[&str], part: &str) -> String {
    let before = files(folder);
    let ran = run_in(folder, arguments);
    let arguments: Vec<String> =
        arguments.iter().map(|text| text.chars().take(40).collect()).collect();
    assert_eq!(ran.code, Some(2), "{arguments:?}: {ran:?}");
    assert_eq!(ran.out, "", "{arguments:?}");
    assert!(ran.err.starts_with("simsrv: "), "{arguments:?}: {}", ran.err);
    assert!(ran.err.contains(part), "{arguments:?}: expected '{part}' in: {}", ran.err);
    assert!(ran.err.len() < 1_500, "{arguments:?}: too much is said: {}", ran.err);
    assert!(files(folder) == before, "{arguments:?}: files were written");
    ran.err
}
