//! A job in pieces: the part of one shard, and the whole of all parts.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::ops::Range;

use super::{Error, Job, Results};
use crate::distribution::SampleUnit;
use crate::experiment::plan::Plan;
use crate::experiment::run::shards::{self, Gap, GapKind, Shard};
use crate::experiment::sweep::Unmerged;
use crate::experiment::{Control, limits, sweep};
use crate::model::Trace;
use crate::render::part_csv::{self, Head, Part, PartIndex};
use crate::scenario::raw_options::shown;
use crate::scenario::{Files, Place, Problem};
use crate::time::Span;

/// The most gaps that a sentence lists.
const LISTED: usize = 20;

impl Job {
    /// What the part of a shard says of itself; `question` is what a merge begins with.
    ///
    /// # Errors
    /// What is wrong with the options.
    pub fn head(&self, shard: Shard, question: String) -> Result<(Plan, Head), Error> {
        let (plan, hash) = self.plan_and_hash()?;
        shards::check(&plan).map_err(|sentence| Error::Option(Problem::new(sentence)))?;
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let seed = plan.settings.seed.0;
        Ok((plan, Head { version, shard, seed, hash, question }))
    }

    /// Simulates one shard. `done` is called for each finished cell, from any thread.
    ///
    /// # Errors
    /// [`Error::Stopped`].
    pub fn run_shard(
        &self,
        plan: &Plan,
        head: Head,
        control: Control<'_>,
        done: impl Fn() + Sync,
    ) -> Result<Part, Error> {
        let pieces = sweep::part(plan, head.shard, control, done).ok_or(Error::Stopped)?;
        Ok(Part { head, pieces })
    }

    /// What was asked, with the hash of the options and of all that their files contain.
    fn plan_and_hash(&self) -> Result<(Plan, u64), Problem> {
        let files = Witness { files: &*self.files, hash: Cell::new(self.hash()) };
        let plan = self.plan_with(&files)?;
        Ok((plan, files.hash.get()))
    }
}

/// The results of a job whose parts are given with their names: those of one process, bit for bit.
/// `line` gives some bytes of a part, by its position in `parts`.
///
/// # Errors
/// If the parts are of another run, or do not make a whole: what is missing, what is there twice; or
/// if `line` fails.
pub fn merged(
    job: &Job,
    parts: Vec<(String, PartIndex)>,
    line: &(dyn Fn(usize, Range<u64>) -> Result<String, String> + Sync),
    control: Control<'_>,
) -> Result<Results, Error> {
    let (plan, hash) = job.plan_and_hash()?;
    check_heads(&parts, hash).map_err(Error::Parts)?;
    let (names, sections): (Vec<_>, Vec<_>) =
        parts.into_iter().map(|(name, part)| (name, part.sections)).unzip();
    let read = |part: usize, range| {
        let tally = line(part, range).and_then(|line| part_csv::section(&line));
        tally.map_err(|sentence| format!("'{}': {sentence}", names[part]))
    };
    let cells = sweep::merged(&plan, sections, &read, control).map_err(|why| match why {
        Unmerged::Gaps(gaps) => Error::Parts(gaps_text(&gaps)),
        Unmerged::Unreadable(sentence) => Error::Parts(sentence),
    })?;
    // As in one process: where no cell can meet an objective there are no rows.
    if let Some(impossible) = limits::broken_alone(&plan, control) {
        return Ok(Results { impossible: Some(impossible), ..Results::none(plan) });
    }
    Ok(Results::judged(plan, cells, control))
}

/// Whether the parts are all those of one run, and of this one.
fn check_heads(parts: &[(String, PartIndex)], hash: u64) -> Result<(), String> {
    let Some((first_name, first)) = parts.first() else {
        return Err("no parts: name all part files of a run".to_owned());
    };
    let version = env!("CARGO_PKG_VERSION");
    let mut seen = BTreeSet::new();
    for (name, part) in parts {
        let Head { shard, seed, .. } = part.head;
        if part.head.version != version {
            let theirs = &part.head.version;
            return Err(format!("'{name}' was written by simsrv {theirs}, this is {version}"));
        }
        if (part.head.hash, seed) != (first.head.hash, first.head.seed) {
            let theirs = only_there(&part.head, &first.head);
            return Err(format!("'{name}' is a part of another run than '{first_name}'{theirs}"));
        }
        let (index, count) = (shard.index(), shard.count());
        if count != first.head.shard.count() {
            let of = first.head.shard.count();
            return Err(format!("'{name}' is one of {count} parts, '{first_name}' one of {of}"));
        }
        if !seen.insert(index) {
            return Err(format!("part {index} of {count} is there twice: '{name}'"));
        }
    }
    if first.head.hash != hash {
        return Err(format!(
            "'{first_name}' was made from other options or other contents of their files than \
             there are now: run the parts again"
        ));
    }
    let count = first.head.shard.count();
    let missing: Vec<String> =
        (1..=count).filter(|index| !seen.contains(index)).map(|index| index.to_string()).collect();
    match missing.len() {
        0 => Ok(()),
        more if more > LISTED => {
            let listed = missing[..LISTED].join(", ");
            Err(format!("missing of {count} parts: {listed} and {} more", more - LISTED))
        }
        _ => Err(format!("missing of {count} parts: {}", missing.join(", "))),
    }
}

/// Words of the question of a part that the question of another has not, for a sentence.
fn only_there(part: &Head, other: &Head) -> String {
    let (Some(words), Some(others)) = (part.words(), other.words()) else { return String::new() };
    // The name of its file is its own, whatever it is a part of.
    let only = without(words, "export-csv").into_iter().filter(|word| !others.contains(word));
    let only: Vec<String> = only.map(|word| shown(&word)).collect();
    match only.is_empty() {
        true => String::new(),
        false => format!(": only its question has {}", only.join(", ")),
    }
}

/// Words of a command without an option and its value.
pub(crate) fn without(words: Vec<String>, name: &str) -> Vec<String> {
    let (flag, joined) = (format!("--{name}"), format!("--{name}="));
    let mut value = false;
    let kept = |word: &String| {
        let drop = std::mem::replace(&mut value, *word == flag) || *word == flag;
        !drop && !word.starts_with(&joined)
    };
    words.into_iter().filter(kept).collect()
}

fn gaps_text(gaps: &[Gap]) -> String {
    let one = |gap: &Gap| {
        let cell = gap.cell;
        match &gap.kind {
            GapKind::Missing(sections) => format!("cell {cell} lacks its sections {sections:?}"),
            GapKind::Double(section) => format!("cell {cell} has its section {section} twice"),
            GapKind::Differs => format!("cell {cell} was planned differently by two parts"),
            GapKind::Unknown => {
                format!("cell {cell} is not one of this run, or has fewer sections")
            }
        }
    };
    let told: Vec<String> = gaps.iter().take(LISTED).map(one).collect();
    format!("the parts do not make a whole: {}", told.join("; "))
}

/// Files that are hashed as they are read.
struct Witness<'a> {
    files: &'a dyn Files,
    hash: Cell<u64>,
}

impl Witness<'_> {
    fn saw(&self, text: &str) {
        let all = format!("{:016x}{text}", self.hash.get());
        self.hash.set(part_csv::hash(all.as_bytes()));
    }
}

impl Files for Witness<'_> {
    fn resolve(&self, path: &str, place: &Place) -> String {
        self.files.resolve(path, place)
    }

    fn absent(&self) -> (&'static str, &'static str) {
        self.files.absent()
    }

    fn trace(&self, path: &str) -> Result<Trace, String> {
        let trace = self.files.trace(path)?;
        self.saw(&format!("{trace:?}"));
        Ok(trace)
    }

    fn samples(
        &self,
        path: &str,
        column: Option<&str>,
        unit: Option<SampleUnit>,
    ) -> Result<Vec<Span>, String> {
        let samples = self.files.samples(path, column, unit)?;
        self.saw(&format!("{samples:?}"));
        Ok(samples)
    }

    fn text(&self, path: &str) -> Result<String, String> {
        let text = self.files.text(path)?;
        self.saw(&text);
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_taken_out_of_a_command() {
        let words = |text: &str| shlex::split(text).unwrap();
        let typed = words("simsrv --shard 1/2 --workers 4 --shard=2/2 --shards 2 --quiet");
        assert_eq!(without(typed, "shard"), words("simsrv --workers 4 --shards 2 --quiet"));
    }
}
