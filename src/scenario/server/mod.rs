//! Servers by name and by their own configuration: `--server` and `--from` become options.
//!
//! What is given beside them wins over what is read with `--from`, that over the defaults of the
//! server, and those over the defaults of simsrv.

mod command;
mod files;
mod tables;
mod vocabulary;

use self::vocabulary::Meaning;
use super::keys::{KEYS, Need};
use super::raw_options::{Place, Problem, RawOptions, Value, shown};
use super::read::{Case, Files};
use super::suggest::unknown;
use crate::model::runtime::AcceptQueue;
use crate::model::servers::{Name, PRESETS, Preset, Use};

/// Options, with those of their server.
#[derive(Clone, Debug)]
pub struct Expanded {
    /// All of them.
    pub raw: RawOptions,
    /// Where those came from that nobody wrote.
    pub server: Option<Use>,
}

/// Adds to some options those of their server.
///
/// # Errors
/// A sentence: a server that is not known, a command line that cannot be read.
pub fn expand(raw: &RawOptions, files: &dyn Files) -> Result<Expanded, Problem> {
    let named = raw.parse("server", |word| {
        Preset::find(word).ok_or_else(|| unknown(word, PRESETS.iter().map(|preset| preset.word)))
    })?;
    let from = raw.get("from");
    let read = match from {
        Some(value) => {
            let path = files.resolve(&value.text, &value.place);
            let read = read((&value.text, &path), named, &|option| raw.has(option), files);
            Some(read.map_err(|sentence| Problem::at(value, sentence))?)
        }
        None => None,
    };
    let Some(preset) = read.as_ref().map(|(preset, _)| *preset).or(named) else {
        return Ok(Expanded { raw: raw.clone(), server: None });
    };
    let meaning = read.map(|(_, meaning)| meaning).unwrap_or_default();
    let mut origin =
        Use { preset, case: None, taken: Vec::new(), read: Vec::new(), left_out: meaning.left_out };
    let mut all = RawOptions::new();
    for default in preset.defaults {
        let value = Value { text: default.value.to_owned(), place: Place::Default };
        all.set(default.option, value);
    }
    let place = from.map_or(Place::Default, |value| value.place.clone());
    for (own, (option, text)) in meaning.said {
        origin.read.retain(|(_, earlier, _)| *earlier != option);
        if !raw.has(option) {
            all.set(option, Value { text: text.clone(), place: place.clone() });
            origin.read.push((own, option, text));
        }
    }
    let mut all = all.with(raw);
    drop_lonely(&mut all, raw, &mut origin);
    let threads = all.get("threads").is_some_and(|value| value.text.trim() != "1");
    if preset.name == Name::Uwsgi && threads && all.has("timeout") {
        origin.left_out.push("harakiri: no process with threads is killed".to_owned());
    }
    let default = |d: &&crate::model::servers::Default| {
        all.get(d.option).is_some_and(|value| value.place == Place::Default)
    };
    origin.taken = preset.defaults.iter().filter(default).copied().collect();
    refuse_impossible(&all, raw, preset)?;
    Ok(Expanded { raw: all, server: Some(origin) })
}

/// The servers of a plan, case by case.
///
/// # Errors
/// As [`expand`].
pub fn uses(base: &RawOptions, cases: &[Case], files: &dyn Files) -> Result<Vec<Use>, Problem> {
    let mut all = Vec::new();
    let none = [(None, RawOptions::new())];
    for (name, overrides) in if cases.is_empty() { &none } else { cases } {
        if let Some(found) = expand(&base.with(overrides), files)?.server {
            all.push(Use { case: name.clone(), ..found });
        }
    }
    Ok(all)
}

/// Takes out what came with a server and has no effect without what is not there.
fn drop_lonely(all: &mut RawOptions, raw: &RawOptions, origin: &mut Use) {
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
    if let (Name::Tomcat, Some(value)) = (preset.name, other("workers")) {
        let sentence = "Tomcat is one process with many threads: give --threads, not --workers";
        return Err(Problem::at(value, sentence));
    }
    let number = |name: &str| all.get(name).and_then(|value| value.text.parse::<u64>().ok());
    let somaxconn = number("somaxconn").unwrap_or(AcceptQueue::linux().somaxconn);
    match (preset.name, number("backlog"), all.get("backlog")) {
        (Name::Uwsgi, Some(backlog), Some(value)) if backlog > somaxconn => {
            let sentence = format!(
                "uWSGI does not start with a listen queue of {backlog} where net.core.somaxconn is \
                 {somaxconn}: give a smaller --backlog, or the machine's --somaxconn"
            );
            Err(Problem::at(value, sentence))
        }
        _ => Ok(()),
    }
}

/// What a command line or a configuration says: the text as written, and as a path.
fn read(
    (text, path): (&str, &str),
    named: Option<&'static Preset>,
    given: &dyn Fn(&str) -> bool,
    files: &dyn Files,
) -> Result<(&'static Preset, Meaning), String> {
    // A configuration may have any quotes.
    let command = if text.contains('\n') { None } else { command::command(&command::split(text)?) };
    let command = command.or_else(|| several_lines(text));
    let (server, settings, in_file) = match command {
        Some(command) => (command.server, command.settings()?, false),
        None => {
            let (text, path) = contents(text, path, files)?;
            let as_command = several_lines(&text);
            let server = named.map(|preset| preset.name).or(files::server_of(&text, path));
            match (server, as_command) {
                (_, Some(command)) => (command.server, command.settings()?, false),
                (Some(server), None) => (server, files::settings(server, &text), true),
                (None, None) => {
                    return Err(format!(
                        "which server is '{}' of? Give --server too, such as --server puma",
                        shown(path)
                    ));
                }
            }
        }
    };
    let preset = Preset::of(server);
    if let Some(named) = named.filter(|named| named.name != server) {
        let (one, other) = (named.title, preset.title);
        return Err(format!("--server says {one}, but this is of {other}: drop one"));
    }
    if settings.iter().filter(|setting| setting.name == "pm.max_children").count() > 1 {
        return Err("pm.max_children occurs more than once: give one pool".to_owned());
    }
    let mut meaning = Meaning::default();
    for setting in &settings {
        let unknown = tables::unknown(server, in_file);
        let added = meaning.add(tables::words(server), unknown, setting, given);
        added.map_err(|error| format!("{}'s {}: {error}", preset.title, shown(&setting.raw)))?;
    }
    Ok((preset, meaning))
}

/// A command that stands alone among lines of comments, perhaps over several lines.
fn several_lines(text: &str) -> Option<command::Command> {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let text = lines.collect::<Vec<_>>().join("\n");
    command::command(&command::split(&text).ok()?)
}

/// The text of a configuration: of the file of that name, or written right here.
fn contents<'a>(text: &str, path: &'a str, files: &dyn Files) -> Result<(String, &'a str), String> {
    match files.text(path) {
        Ok(found) => Ok((found, path)),
        // A file's name has no blank around its = and no second line.
        Err(_) if text.contains([';', '\n', '<']) || text.contains(" = ") => {
            let lines = if text.contains('\n') { text.to_owned() } else { text.replace(';', "\n") };
            Ok((lines, ""))
        }
        Err(error) => Err(format!(
            "{error}; and it is not a command of gunicorn, puma, php-fpm, uwsgi, passenger, httpd, \
             node or uvicorn"
        )),
    }
}
