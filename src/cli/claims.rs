//! Which files a command reads and writes, as files and not as names: none is written twice, none is
//! written over an input, and none is replaced that simsrv did not write.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::end::Failure;
use super::output;
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
enum FileIdentity {
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
    known: Option<FileIdentity>,
    /// The folder in which it is made.
    folder: Option<PathBuf>,
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
        if !force && place.is_protected() {
            return Err(at(protected(path)));
        }
        let folder = place.folder();
        let known = match place {
            Destination::Stdout => Some(FileIdentity::Stdout),
            place => place.identity().map(FileIdentity::File),
        };
        let same = |other: &&Output| known.is_some() && other.known == known;
        if let Some(other) = self.outputs.iter().find(same) {
            let sentence =
                format!("'{}' is the file of {} too: name another", path.display(), other.what);
            return Err(at(sentence));
        }
        self.push(value, what, path, (known, folder));
        Ok(())
    }

    /// Claims the pictures that a folder gets, each as PNG and SVG; `stems` are their names.
    ///
    /// # Errors
    /// As [`Claims::output`], also if the folder cannot be made.
    pub(super) fn pictures<'a>(
        &mut self,
        value: &Value,
        folder: &Path,
        stems: impl IntoIterator<Item = &'a str>,
        force: bool,
    ) -> Result<(), Problem> {
        output::check_folder(folder).map_err(|sentence| Problem::at(value, sentence))?;
        for (stem, ending) in stems.into_iter().flat_map(|stem| [(stem, "png"), (stem, "svg")]) {
            let path = folder.join(format!("{stem}.{ending}"));
            self.picture(value, &format!("the chart '{stem}'"), &path, force)?;
        }
        Ok(())
    }

    /// Claims a picture of a folder that may have to be made first.
    ///
    /// # Errors
    /// As [`Claims::output`].
    fn picture(
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
        let there = path.ancestors().skip(1).find(|part| part.is_dir());
        let above = there.filter(|part| !part.as_os_str().is_empty()).unwrap_or(Path::new("."));
        self.push(value, what, path, (None, Some(above.to_owned())));
        Ok(())
    }

    fn push(
        &mut self,
        value: &Value,
        what: &str,
        path: &Path,
        (known, folder): (Option<FileIdentity>, Option<PathBuf>),
    ) {
        let (value, what, path) = (value.clone(), what.to_owned(), path.to_owned());
        self.outputs.push(Output { owner: self.owner, value, what, path, known, folder });
    }

    /// Tries whether files can be made in each folder that gets one: the last thing before a run.
    ///
    /// # Errors
    /// [`Failure::Output`] for the first output whose folder takes no file.
    pub(super) fn try_folders(&self) -> Result<(), Failure> {
        let mut tried = BTreeSet::new();
        for Output { path, folder, .. } in &self.outputs {
            let Some(folder) = folder.as_ref().filter(|folder| tried.insert((*folder).clone()))
            else {
                continue;
            };
            output::try_folder(folder).map_err(|error| output::failure(path, &error))?;
        }
        Ok(())
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
            let Some(FileIdentity::File(own)) = &output.known else { continue };
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
fn foreign(path: &Path) -> String {
    format!(
        "'{}' exists, and simsrv did not write it: name another file, or give --force",
        path.display()
    )
}

/// Why a file that is write-protected is not replaced.
fn protected(path: &Path) -> String {
    format!("'{}' is write-protected: name another file, or give --force", path.display())
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
