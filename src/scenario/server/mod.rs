//! Servers by name and by their own configuration: `--server` and `--from` become options.
//!
//! What is given beside them wins over what is read with `--from`, that over the defaults of the
//! server, and those over the defaults of simsrv. A text becomes services (`places`), a service a
//! command (`command`), a command settings and files (`reading`, `files`), a setting a value
//! (`value`), and a value options (`meaning`); [`edit`] goes the way back.

mod command;
mod diff;
pub mod edit;
mod expression;
mod files;
mod limits;
mod meaning;
mod piece;
mod places;
mod reading;
mod setting;
mod shell;
mod statements;
mod value;
mod yaml;

use std::collections::BTreeMap;

use self::meaning::{FoundOption, Meaning, WordTable};
use self::reading::{From, Reading};
use super::defaults::CORES;
use super::keys::{KEYS, Need};
use super::raw_options::{Place, Problem, RawOptions, Value, shown};
use super::read::{Case, Files};
use super::suggest::unknown;
use crate::servers::{Grammar, PRESETS, Preset, PresetUse};

/// Options, with those of their server.
#[derive(Clone, Debug)]
pub struct Expanded {
    /// All of them.
    pub raw: RawOptions,
    /// Where those came from that were not given.
    pub server: Option<PresetUse>,
}

/// Adds to some options those of their server.
///
/// # Errors
/// A sentence: a server that is not known, a command line that cannot be read.
pub fn expand(raw: &RawOptions, files: &dyn Files) -> Result<Expanded, Problem> {
    let named = named(raw)?;
    let from = raw.get("from");
    let (preset, meaning) = match from {
        Some(value) => {
            let read = read(value, named, raw, files);
            let (reading, meaning) = read.map_err(|sentence| Problem::at(value, sentence))?;
            (Some(reading.preset), meaning)
        }
        None => (named, Meaning::default()),
    };
    let Some(preset) = preset else {
        return Ok(Expanded { raw: raw.clone(), server: None });
    };
    let mut origin = PresetUse {
        preset,
        case: None,
        taken: Vec::new(),
        read: Vec::new(),
        left_out: meaning.left_out,
        pasted: from.is_some(),
    };
    let mut all = RawOptions::new();
    let cores = cores(raw, &meaning.found).unwrap_or(CORES).to_string();
    for default in preset.defaults {
        let text = if default.value == "cores" { cores.clone() } else { default.value.to_owned() };
        all.set(default.option, Value { text, place: Place::Default });
    }
    let place = from.map_or(Place::Default, |value| value.place.clone());
    for FoundOption { own, said: (option, text) } in meaning.found {
        origin.read.retain(|(_, earlier, _)| *earlier != option);
        if !raw.has(option) {
            all.set(option, Value { text: text.clone(), place: place.clone() });
            origin.read.push((own, option, text));
        }
    }
    let mut all = all.with(raw);
    drop_lonely(&mut all, raw, &mut origin);
    let of = |name: &str| all.get(name).map(|value| value.text.as_str());
    origin.left_out.extend((preset.without_effect)(&of).map(str::to_owned));
    let default = |d: &&crate::servers::Default| {
        all.get(d.option).is_some_and(|value| value.place == Place::Default)
    };
    origin.taken = preset.defaults.iter().filter(default).copied().collect();
    refuse_impossible(&all, raw, preset)?;
    Ok(Expanded { raw: all, server: Some(origin) })
}

fn named(raw: &RawOptions) -> Result<Option<&'static Preset>, Problem> {
    raw.parse("server", |word| {
        Preset::find(word).ok_or_else(|| unknown(word, PRESETS.iter().map(|preset| preset.word)))
    })
}

/// The servers of a plan, case by case.
///
/// # Errors
/// As [`expand`].
pub(crate) fn uses(
    base: &RawOptions,
    cases: &[Case],
    files: &dyn Files,
) -> Result<Vec<PresetUse>, Problem> {
    let mut all = Vec::new();
    let none = [(None, RawOptions::new())];
    for (name, overrides) in if cases.is_empty() { &none } else { cases } {
        if let Some(found) = expand(&base.with(overrides), files)?.server {
            all.push(PresetUse { case: name.clone(), ..found });
        }
    }
    Ok(all)
}

/// Takes out what came with a server and means nothing without what is not there.
fn drop_lonely(all: &mut RawOptions, raw: &RawOptions, origin: &mut PresetUse) {
    for key in KEYS {
        let Some(Need { other, .. }) = key.needs else { continue };
        let name = key.name;
        if all.has(other) || raw.has(name) || !all.has(name) {
            continue;
        }
        all.remove(name);
        if let Some(at) = origin.read.iter().position(|(_, option, _)| *option == name) {
            let (own, ..) = origin.read.remove(at);
            origin.left_out.push(format!("{own}: it has no effect without --{other}"));
        }
    }
}

/// What a server cannot be told to do.
fn refuse_impossible(all: &RawOptions, raw: &RawOptions, preset: &Preset) -> Result<(), Problem> {
    let other = |name: &str| raw.get(name).filter(|value| value.text.trim() != "1");
    if let (Some(why), Some(value)) = (preset.single_threaded, other("threads")) {
        return Err(Problem::at(value, format!("{why}: give --workers instead of --threads")));
    }
    if let (Some(why), Some(value)) = (preset.single_process, other("workers")) {
        return Err(Problem::at(value, why));
    }
    let of = |name: &str| all.get(name).map(|value| value.text.as_str());
    match (preset.refuses)(&of) {
        Some((option, sentence)) => Err(match all.get(option) {
            Some(value) => Problem::at(value, sentence),
            None => Problem::new(sentence),
        }),
        None => Ok(()),
    }
}

/// What a command line or a configuration says, and what that means.
fn read(
    value: &Value,
    named: Option<&'static Preset>,
    raw: &RawOptions,
    files: &dyn Files,
) -> Result<(Reading, Meaning), String> {
    let path = files.resolve(&value.text, &value.place);
    let given = raw.get("env").map(|env| environment(&env.text)).transpose()?.unwrap_or_default();
    let mut reading = reading::read((&value.text, &path), named, &given, files)?;
    let mut meaning = Meaning::default();
    add(&reading, &mut meaning, raw, true)?;
    reading.scope.cores = Some(cores(raw, &meaning.found));
    add(&reading, &mut meaning, raw, false)?;
    settle(&reading, &mut meaning);
    let options = reading.preset.words.iter().filter_map(|word| word.does.option());
    let count = options.into_iter().find(|option| ["workers", "threads"].contains(option));
    let count = count.unwrap_or("workers");
    let counted = raw.has(count) || meaning.found.iter().any(|found| found.said.0 == count);
    let (said, advice) = files.absent();
    for (own, path) in &reading.missing {
        let path = shown(path);
        if !counted {
            return Err(format!("{own}: '{path}' {said}, {advice}, or give --{count}"));
        }
        meaning.left_out.push(format!("{own}: '{path}' {said}, and nothing of it is known"));
    }
    let script = reading.preset.file.is_some_and(|file| file.grammar == Grammar::Script);
    if script && !counted && reading.documents[0].text.contains(".fork(") {
        return Err("how many processes it forks was not understood: give --workers".to_owned());
    }
    Ok((reading, meaning))
}

/// Adds what the settings say, limits first: the number of cores may depend on them.
fn add(
    reading: &Reading,
    meaning: &mut Meaning,
    raw: &RawOptions,
    limits: bool,
) -> Result<(), String> {
    let given = |option: &str| raw.has(option);
    let title = reading.preset.title;
    for (from, setting) in &reading.settings {
        if (*from == From::Limit) != limits {
            continue;
        }
        let (words, unknown) = reading.words(*from);
        let (preset, scope) = (reading.preset, &reading.scope);
        let table = WordTable { preset, words, unknown, scope, given: &given };
        meaning.add(table, setting).map_err(|error| match limits {
            true => format!("{}: {error}", shown(&setting.raw)),
            false => format!("{title}'s {}: {error}", shown(&setting.raw)),
        })?;
    }
    Ok(())
}

/// Numbers of a server that together make one option.
fn settle(reading: &Reading, meaning: &mut Meaning) {
    let number = |name: &str| {
        let is = |(_, setting): &&(From, setting::Setting)| setting.name.eq_ignore_ascii_case(name);
        let (_, setting) = reading.settings.iter().rev().find(is)?;
        setting.computed(&reading.scope).ok()?.parse::<u64>().ok()
    };
    for (own, said) in (reading.preset.settle)(&number) {
        meaning.found.push(FoundOption { own, said });
    }
}

/// `X=8,Y=2`: a part without a sign belongs to the value before it.
fn environment(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut all: Vec<(String, String)> = Vec::new();
    for part in text.split(',') {
        match (part.split_once('='), all.last_mut()) {
            (Some((name, value)), _) if !name.trim().is_empty() => {
                all.push((name.trim().to_owned(), value.to_owned()));
            }
            (_, Some((_, value))) => {
                value.push(',');
                value.push_str(part);
            }
            _ => return Err(format!("--env '{}': write NAME=VALUE", shown(text))),
        }
    }
    Ok(all.into_iter().collect())
}

/// The number of cores that a server sees: those of the machine, also beneath a quota.
fn cores(raw: &RawOptions, found: &[FoundOption]) -> Result<u32, String> {
    let option = |name: &str| {
        let read = found.iter().rev().find(|found| found.said.0 == name);
        raw.get(name).map(|value| value.text.clone()).or(read.map(|found| found.said.1.clone()))
    };
    let name = if option("quota-period").is_some() { "machine-cores" } else { "cores" };
    let Some(text) = option(name) else { return Ok(CORES) };
    match text.trim().parse::<f64>() {
        Ok(cores) if cores > 0.0 && cores < 1e6 => Ok(cores.ceil() as u32),
        _ => Err(format!("it depends on the number of cores, and --{name} is '{}'", shown(&text))),
    }
}
