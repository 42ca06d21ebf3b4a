//! A server's own command line: which server, and which options.

use super::vocabulary::Setting;
use crate::scenario::raw_options::shown;
use crate::servers::words::{Takes, Word, find};
use crate::servers::{PRESETS, Preset};

/// What may stand before the program, with the number of words that belong to it.
const BEFORE: [&[&str]; 9] = [
    &["exec"],
    &["env"],
    &["sudo"],
    &["nohup"],
    &["bundle", "exec"],
    &["poetry", "run"],
    &["pipenv", "run"],
    &["uv", "run"],
    &["command"],
];

/// A command line, split.
#[derive(Debug)]
pub(super) struct Command {
    pub server: &'static Preset,
    /// `NAME=value` before the program.
    pub environment: Vec<(String, String)>,
    /// The words after it.
    pub words: Vec<String>,
}

/// Splits a command line as a shell does (without variables and patterns).
///
/// # Errors
/// A sentence if its quotes do not match.
pub(super) fn split(text: &str) -> Result<Vec<String>, String> {
    shlex::split(&text.replace("\\\r\n", " ")).ok_or_else(|| {
        format!("'{}' cannot be split into words: a quote or a \\ has no end", shown(text))
    })
}

/// The command that some words are; `None` if they do not begin with a known program.
pub(super) fn command(words: &[String]) -> Option<Command> {
    let mut environment = Vec::new();
    let mut rest = words;
    loop {
        let before = BEFORE.iter().find(|before| {
            rest.len() > before.len() && before.iter().zip(rest).all(|(a, b)| a == b)
        });
        let (first, others) = rest.split_first()?;
        if let Some(before) = before {
            rest = &rest[before.len()..];
        } else if let Some((name, value)) = assignment(first) {
            environment.push((name, value));
            rest = others;
        } else {
            break;
        }
    }
    let (program, mut rest) = rest.split_first()?;
    let mut base = program.rsplit('/').next().unwrap_or(program);
    // python -m gunicorn
    if base.starts_with("python")
        && let [flag, module, others @ ..] = rest
        && flag == "-m"
    {
        (base, rest) = (module, others);
    }
    Some(Command { server: server(base)?, environment, words: rest.to_vec() })
}

/// `NAME=value`, where the name is one of a variable.
fn assignment(word: &str) -> Option<(String, String)> {
    let (name, value) = word.split_once('=')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    (named && name.chars().all(plain)).then(|| (name.to_owned(), value.to_owned()))
}

/// The server of a program.
fn server(program: &str) -> Option<&'static Preset> {
    let version =
        |rest: &str| rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_digit() || c == '_');
    PRESETS.into_iter().find(|preset| {
        preset.programs.iter().any(|known| match program.strip_prefix(known.name) {
            Some(rest) => rest.is_empty() || known.versions && version(rest),
            None => false,
        })
    })
}

impl Command {
    /// Its settings: those of the environment first, then those of the command line.
    ///
    /// # Errors
    /// A sentence about an option that is not known or lacks its value.
    pub(super) fn settings(&self) -> Result<Vec<Setting>, String> {
        let table = self.server.words;
        let mut settings = Vec::new();
        for (name, value) in &self.environment {
            settings.extend(self.variable(name, value)?);
        }
        if self.server.word == "node-cluster" && !self.words.iter().any(|word| word == "start") {
            // Node's own options are many, and none of them is about queueing.
            return Ok(settings);
        }
        settings.extend(options(&self.words, table)?);
        Ok(settings)
    }

    /// What a variable of the environment sets.
    fn variable(&self, name: &str, value: &str) -> Result<Vec<Setting>, String> {
        let of = |(variable, word): &(&'static str, &'static str)| match variable.strip_suffix('*')
        {
            Some(begin) => name.strip_prefix(begin),
            None => (*variable == name).then_some(*word),
        };
        match self.server.variables.iter().find_map(of) {
            None => Ok(Vec::new()),
            Some("") => options(&split(value)?, self.server.words),
            Some(word) => {
                let raw = format!("{name}={value}");
                Ok(vec![Setting { name: word.to_owned(), value: Some(value.to_owned()), raw }])
            }
        }
    }
}

/// The options among some words; what is no option is the application's name and the like.
fn options(words: &[String], table: &'static [Word]) -> Result<Vec<Setting>, String> {
    let mut settings = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            break;
        } else if let Some(long) = word.strip_prefix("--") {
            settings.push(long_option(long, &mut words, table)?);
        } else if let Some(short) = word.strip_prefix('-').filter(|short| !short.is_empty()) {
            short_options(short, &mut words, table, &mut settings)?;
        }
    }
    Ok(settings)
}

fn long_option<'a>(
    long: &str,
    words: &mut impl Iterator<Item = &'a String>,
    table: &'static [Word],
) -> Result<Setting, String> {
    let (name, given) = match long.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (long, None),
    };
    let takes = find(table, name).map_or(Takes::Maybe, |word| word.takes);
    let value = match (takes, given) {
        (Takes::Value, None) => {
            let next = words.next().map(String::as_str);
            Some(next.ok_or_else(|| format!("--{} lacks its value", shown(name)))?)
        }
        _ => given,
    };
    Ok(Setting { raw: format!("--{name}"), ..Setting::new(name, value) })
}

/// Single letters: `-w4`, `-w 4`, `-qs`.
fn short_options<'a>(
    letters: &str,
    words: &mut impl Iterator<Item = &'a String>,
    table: &'static [Word],
    settings: &mut Vec<Setting>,
) -> Result<(), String> {
    for (at, letter) in letters.char_indices() {
        let name = letter.to_string();
        let rest = &letters[at + letter.len_utf8()..];
        let takes = find(table, &name).map(|word| word.takes);
        let value = match takes {
            Some(Takes::Value) if rest.is_empty() => {
                let next = words.next().map(String::as_str);
                Some(next.ok_or_else(|| format!("-{name} lacks its value"))?)
            }
            Some(Takes::Value) => Some(rest.strip_prefix('=').unwrap_or(rest)),
            Some(Takes::Maybe) => Some(rest.strip_prefix('=').unwrap_or(rest)),
            _ => None,
        };
        let raw = format!("-{name}");
        settings.push(Setting { raw, ..Setting::new(&name, value) });
        if takes.is_none() || takes != Some(Takes::No) {
            return Ok(());
        }
    }
    Ok(())
}
