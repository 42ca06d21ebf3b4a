//! Servers by name and by their own configuration: `--server` and `--from` become options.
//!
//! What is given beside them wins over what is read with `--from`, that over the defaults of the
//! server, and those over the defaults of simsrv.

mod command;
mod files;
mod vocabulary;

use self::vocabulary::Meaning;
use super::file::unknown;
use super::raw_options::{Place, Problem, RawOptions, Value, shown};
use super::resolve::{Case, Files};
use crate::servers::words::Unknown;
use crate::servers::{PRESETS, Preset, Use};

/// Options, with those of their server.
#[derive(Clone, Debug)]
pub struct Expanded {
    /// All of them.
    pub raw: RawOptions,
    /// Where those came from that nobody wrote.
    pub server: Option<Use>,
}

/// Options that mean nothing without another: what a server has for them is dropped then.
const LONELY: [(&str, &str); 3] = [
    ("graceful-timeout", "max-requests"),
    ("max-requests-jitter", "max-requests"),
    ("preload", "boot"),
];

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
            let read = read(&value.text, named, &|option| raw.has(option), files);
            Some(read.map_err(|sentence| Problem::at(value, sentence))?)
        }
        None => None,
    };
    let Some(preset) = read.as_ref().map(|(preset, _)| *preset).or(named) else {
        return Ok(Expanded { raw: raw.clone(), server: None });
    };
    let meaning = read.map(|(_, meaning)| meaning).unwrap_or_default();
    let mut origin = Use {
        preset,
        case: None,
        taken: Vec::new(),
        read: Vec::new(),
        left_out: meaning.left_out,
        pasted: from.is_some(),
    };
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
    let of = |name: &str| all.get(name).map(|value| value.text.as_str());
    origin.left_out.extend((preset.without_effect)(&of).map(str::to_owned));
    let default = |d: &&crate::servers::Default| {
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

/// Takes out what came with a server and means nothing without what is not there.
fn drop_lonely(all: &mut RawOptions, raw: &RawOptions, origin: &mut Use) {
    for (name, other) in LONELY {
        if all.has(other) || raw.has(name) || !all.has(name) {
            continue;
        }
        all.remove(name);
        if let Some(at) = origin.read.iter().position(|(_, option, _)| *option == name) {
            let (own, ..) = origin.read.remove(at);
            origin.left_out.push(format!("{own}: it changes nothing without --{other}"));
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

/// What a command line or a configuration says.
fn read(
    text: &str,
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
            let (text, path) = contents(text, files)?;
            let as_command = several_lines(&text);
            let server = named.or(files::server_of(&text, path));
            match (server, as_command) {
                (_, Some(command)) => (command.server, command.settings()?, false),
                (Some(server), None) => (server, files::settings(server, &text), true),
                (None, None) => {
                    return Err(format!(
                        "of which server is '{}'? Give --server too, such as --server puma",
                        shown(path)
                    ));
                }
            }
        }
    };
    let preset = server;
    if let Some(named) = named.filter(|named| *named != server) {
        let (one, other) = (named.title, preset.title);
        return Err(format!("--server says {one}, but this is of {other}: drop one"));
    }
    if settings.iter().filter(|setting| setting.name == "pm.max_children").count() > 1 {
        return Err("pm.max_children stands there more than once: give one pool alone".to_owned());
    }
    let mut meaning = Meaning::default();
    for setting in &settings {
        let unknown = match preset.file {
            Some(file) if in_file => file.unknown,
            None if in_file => Unknown::Refuse,
            _ => preset.unknown,
        };
        let added = meaning.add(preset.words, unknown, setting, given);
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

/// The text of a configuration: of the file of that name, or raw right here.
fn contents<'a>(text: &'a str, files: &dyn Files) -> Result<(String, &'a str), String> {
    match files.text(text) {
        Ok(found) => Ok((found, text)),
        // A file's name has no blank around its = and no second line.
        Err(_) if text.contains([';', '\n', '<']) || text.contains(" = ") => {
            let lines = if text.contains('\n') { text.to_owned() } else { text.replace(';', "\n") };
            Ok((lines, ""))
        }
        Err(error) => Err(format!(
            "{error}; and it is no command of gunicorn, puma, php-fpm, uwsgi, passenger, httpd, \
             node or uvicorn"
        )),
    }
}
