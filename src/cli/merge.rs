//! `simsrv merge`: the parts of a run put together, as if one machine had run it.

use clap::ArgMatches;

use super::claims::Claims;
use super::end::{ExitStatus, Failure, Stopped, input};
use super::interrupt::stop;
use super::part_files::PartFiles;
use super::task::Task;
use super::wanted::OutputOptions;
use super::{args, run, simulate};
use crate::experiment::Control;
use crate::job::{self, Results, parts::without};
use crate::scenario::RawOptions;
use crate::scenario::keys::{Effect, KEYS, Key};
use crate::scenario::written::quoted;

/// `simsrv merge PART... [--export-csv FILE] ...`.
pub(super) fn merge(matches: &ArgMatches) -> Result<ExitStatus, Failure> {
    let paths: Vec<&String> = matches.get_many("parts").into_iter().flatten().collect();
    let parts = PartFiles::open(&paths)?;
    let Some((_, first)) = parts.found.first() else { return Err(input("name the part files")) };
    let shown = args::raw(matches);
    refuse_others(&shown)?;
    let words = first
        .head
        .words()
        .ok_or_else(|| input("a part does not say what was asked: run it again"))?;
    let words = as_one_machine(words, &shown);
    let matches = args::command().try_get_matches_from(&words);
    let matches = matches.map_err(|error| input(format!("the question of the parts: {error}")))?;
    let typed = words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
    let mut scenario = match matches.subcommand() {
        Some(("run", matches)) => Some(run::only_file(matches, &typed)?),
        _ => None,
    };
    let mut of_flags = None;
    let task = match &mut scenario {
        Some(scenario) => &mut scenario.task,
        None => of_flags.insert(Task::of_flags(&matches, typed)),
    };
    for key in KEYS.iter().filter(|key| key.effect == Effect::Presentation) {
        task.job.base.remove(key.name);
    }
    task.job.base = task.job.base.with(&shown);
    let merged = whole(task, parts);
    match &scenario {
        Some(scenario) => scenario.ended(merged, false).map(|(end, _)| end),
        None => merged.map(|(_, end)| end).map_err(simulate::input_or),
    }
}

fn whole(task: &Task, parts: PartFiles) -> Result<(Results, ExitStatus), Stopped> {
    let wanted = OutputOptions::read(&task.job.base, &task.folder, true)?;
    let mut claims = Claims::default();
    let pictures = match wanted.plot {
        Some(_) => task.job.planned_pictures(&Results::none(task.job.plan()?))?,
        None => Vec::new(),
    };
    OutputOptions::claim(&task.job.base, &task.folder, &pictures, &mut claims)?;
    let PartFiles { found, files, identities: mut read } = parts;
    read.extend(task.inputs.identities());
    claims.check_inputs(0, &read)?;
    claims.try_folders()?;
    let line = |part: usize, range| files[part].text(range);
    let merged = || job::merged(&task.job, found, &line, Control::new(stop()));
    let results = wanted.pool()?.install(merged)?;
    let end = simulate::finish(task, &wanted, &results)?;
    Ok((results, end))
}

/// Refuses options of the run, which stand in the parts.
fn refuse_others(shown: &RawOptions) -> Result<(), Failure> {
    let other = |key: &Key| key.effect != Effect::Presentation || key.name.starts_with("shard");
    match shown.iter().find(|(key, _)| other(key)) {
        Some((key, _)) => Err(input(format!(
            "--{} cannot be used with 'simsrv merge': what was run stands in the parts",
            key.name
        ))),
        None => Ok(()),
    }
}

/// The command that one machine would have run: the file of each part becomes that of the whole.
fn as_one_machine(words: Vec<String>, shown: &RawOptions) -> Vec<String> {
    let Some(value) = shown.get("export-csv") else { return without(words, "export-csv") };
    let mut words = words;
    for at in 0..words.len() {
        if words[at] == "--export-csv" && at + 1 < words.len() {
            words[at + 1].clone_from(&value.text);
        } else if words[at].starts_with("--export-csv=") {
            words[at] = format!("--export-csv={}", value.text);
        }
    }
    words
}
