//! Which files a command reads and writes, as files and not as names: none is written twice, none is
//! written over an input, and none is replaced that simsrv did not write.

use std::path::{Path, PathBuf};

use super::place::{Destination, Identity, LONGEST_NAME, destination, folder_of};
use crate::scenario::{Place, Problem, Value};

/// What is written by a command, over all of its scenarios.
#[derive(Default)]
pub(super) struct Claims {
    outputs: Vec<Output>,
    owner: usize,
}

/// What is known to be one thing under several names; devices and pipes may be shared.
#[derive(PartialEq, Eq)]
enum Known {
    Stdout,
    File(Identity),
}

struct Output {
    /// The number of its scenario.
    owner: usize,
    /// Where the option is, so that a scenario can show it.
    value: Value,
    /// The option, or what a picture is of.
    what: String,
    path: PathBuf,
    known: Option<Known>,
}

impl Claims {
    /// Claims a file for an output of an option.
    ///
    /// # Errors
    /// A sentence at the option, if it cannot be written, belongs to another output, or holds what
    /// simsrv did not write and `force` was not given.
    pub(super) fn output(
        &mut self,
        value: &Value,
        what: &str,
        path: &Path,
        force: bool,
    ) -> Result<(), Problem> {
        let at = |sentence: String| Problem::at(value, sentence);
        let place = destination(path).map_err(at)?;
        if !force && place.is_foreign() {
            return Err(at(foreign(path)));
        }
        let known = match place {
            Destination::Stdout => Some(Known::Stdout),
            place => place.identity().map(Known::File),
        };
        let same = |other: &&Output| known.is_some() && other.known == known;
        if let Some(other) = self.outputs.iter().find(same) {
            let sentence =
                format!("'{}' is the file of {} too: name another", path.display(), other.what);
            return Err(at(sentence));
        }
        self.push(value, what, path, known);
        Ok(())
    }

    /// Claims a picture of a folder that may have to be made first.
    ///
    /// # Errors
    /// As [`Claims::output`].
    pub(super) fn picture(
        &mut self,
        value: &Value,
        what: &str,
        path: &Path,
        force: bool,
    ) -> Result<(), Problem> {
        let name = path.file_name().map_or(0, |name| name.len());
        if name > LONGEST_NAME {
            let sentence = format!("{what} has a name of {name} bytes: the most is {LONGEST_NAME}");
            return Err(Problem::at(value, sentence));
        }
        if folder_of(path).is_dir() {
            return self.output(value, what, path, force);
        }
        // Of a folder that is not there yet the path is all that is known.
        let same = |other: &&Output| other.path == path;
        if let Some(other) = self.outputs.iter().find(same) {
            let sentence = format!("{what} has the file of {} too: name another", other.what);
            return Err(Problem::at(value, sentence));
        }
        self.push(value, what, path, None);
        Ok(())
    }

    fn push(&mut self, value: &Value, what: &str, path: &Path, known: Option<Known>) {
        let (value, what, path) = (value.clone(), what.to_owned(), path.to_owned());
        self.outputs.push(Output { owner: self.owner, value, what, path, known });
    }

    /// From now on outputs are those of the next scenario.
    pub(super) fn next_scenario(&mut self) {
        self.owner += 1;
    }

    /// Refuses outputs of a scenario (by number, from 0) that are inputs.
    ///
    /// # Errors
    /// A sentence at the output's option.
    pub(super) fn check_inputs(
        &self,
        scenario: usize,
        inputs: &[(PathBuf, Identity)],
    ) -> Result<(), Problem> {
        for output in self.outputs.iter().filter(|output| output.owner == scenario) {
            let Some(Known::File(own)) = &output.known else { continue };
            let same = |input: &&(PathBuf, Identity)| *own == input.1;
            if let Some((input, _)) = inputs.iter().find(same) {
                let (path, input) = (output.path.display(), input.display());
                let sentence = format!(
                    "'{path}' is read as '{input}' too, and would be written over: name another file"
                );
                return Err(Problem::at(&output.value, sentence));
            }
        }
        Ok(())
    }
}

/// Why a file is not replaced.
pub(super) fn foreign(path: &Path) -> String {
    format!(
        "'{}' exists, and simsrv did not write it: name another file, or give --force",
        path.display()
    )
}

/// Refuses a path of a scenario that leads out of the scenario's folder.
///
/// # Errors
/// A sentence at the option.
pub(super) fn beneath(value: &Value, path: &Path, folder: &Path) -> Result<(), Problem> {
    let inside = match value.place {
        Place::File(_) if value.text != "-" => stays_beneath(path, folder),
        _ => true,
    };
    if inside {
        return Ok(());
    }
    let sentence = format!(
        "this scenario wants to write '{}', which is not beneath its own folder: change it, or \
         give --allow-write-anywhere if you trust the file",
        value.text
    );
    Err(Problem::at(value, sentence))
}

/// Whether the nearest folder of a path that exists, behind all links, is beneath another.
fn stays_beneath(path: &Path, folder: &Path) -> bool {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(root) = folder.canonicalize() else { return false };
    let real = match destination(path) {
        Ok(Destination::File(real)) => real,
        Ok(_) => return false,
        Err(_) => path.to_owned(),
    };
    let mut rest = Vec::new();
    for part in real.ancestors() {
        let part = if part.as_os_str().is_empty() { Path::new(".") } else { part };
        match part.canonicalize() {
            // What is not there yet must not climb.
            Ok(known) => return known.starts_with(&root) && !rest.contains(&".."),
            Err(_) => rest.extend(part.file_name().is_none().then_some("..")),
        }
    }
    false
}
