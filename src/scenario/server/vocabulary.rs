//! The words of servers, and what they mean in options of simsrv.

use crate::scenario::raw_options::shown;
use crate::scenario::suggest::nearest;

/// An option and its value, as one would write them.
pub(super) type Said = (&'static str, String);

/// Why a file that a command line names is left out.
pub(super) const A_FILE: &str = "this file is not read: give it to --from by itself";

/// What a word of a server does.
#[derive(Clone, Copy)]
pub(super) enum Does {
    /// Sets an option to a whole number, from 1 on.
    Count(&'static str),
    /// The same, where 0 is a number too.
    Whole(&'static str),
    /// Sets an option to a time; a bare number is one of seconds.
    Seconds(&'static str),
    /// Switches an option on.
    Switch(&'static str),
    /// Something of its own.
    Special(fn(&str) -> Result<Vec<Said>, String>),
    /// Nothing that concerns queueing.
    Nothing,
    /// Something that simsrv does not do: why, or what it does instead.
    Left(&'static str),
}

/// Whether an option of a command line has a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// None.
    No,
    /// The next word, or what stands after `=`.
    Value,
    /// Only what stands after `=` (or at once after a single letter).
    Maybe,
}

/// Words of one meaning.
#[derive(Clone, Copy)]
pub(super) struct Word {
    /// As a command line has them, without dashes; one that ends with `*` is the beginning of
    /// others.
    pub names: &'static [&'static str],
    pub takes: Takes,
    pub does: Does,
}

/// Words with a value.
pub(super) const fn with(names: &'static [&'static str], does: Does) -> Word {
    Word { names, takes: Takes::Value, does }
}

/// Words without one.
pub(super) const fn bare(names: &'static [&'static str], does: Does) -> Word {
    Word { names, takes: Takes::No, does }
}

/// Words with a value after `=`, if any.
pub(super) const fn maybe(names: &'static [&'static str], does: Does) -> Word {
    Word { names, takes: Takes::Maybe, does }
}

/// What happens to a word that is not in the table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    /// It is refused.
    Refuse,
    /// It is told as not understood.
    Tell,
    /// It is passed over: the file has a thousand others, and none of them matters.
    PassOver,
}

/// One setting as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    /// The word, without dashes.
    pub name: String,
    /// Its value, if it has one.
    pub value: Option<String>,
    /// The word as it was written.
    pub raw: String,
}

impl Setting {
    pub fn new(name: &str, value: Option<&str>) -> Self {
        let value = value.map(str::to_owned);
        Setting { name: name.to_owned(), value, raw: name.to_owned() }
    }

    /// The word with its value.
    fn shown(&self) -> String {
        match self.value.as_deref().map(unquoted) {
            Some(value) if !value.is_empty() && !self.raw.contains('=') => {
                format!("{} {}", self.raw, shown(value))
            }
            _ => self.raw.clone(),
        }
    }
}

/// A word without what different files write differently: case, dashes and underscores. Single
/// letters stay as they are.
fn plain(name: &str) -> String {
    if name.chars().count() == 1 {
        return name.to_owned();
    }
    name.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect()
}

/// The meaning of a word.
pub(super) fn find(words: &'static [Word], name: &str) -> Option<&'static Word> {
    let name = plain(name);
    let is = |known: &str| match known.strip_suffix('*') {
        Some(begin) => name.starts_with(&plain(begin)),
        None => plain(known) == name,
    };
    words.iter().find(|word| word.names.iter().any(|known| is(known)))
}

/// What settings say.
#[derive(Clone, Debug, Default)]
pub(super) struct Meaning {
    /// The server's word, and what it sets; what was said later is later.
    pub said: Vec<(String, Said)>,
    /// What is understood but not modelled, or not understood.
    pub left_out: Vec<String>,
}

impl Meaning {
    /// Adds what one setting says. A value that cannot be read does not matter where `given` says
    /// that the option is given by other means.
    pub fn add(
        &mut self,
        words: &'static [Word],
        unknown: Unknown,
        setting: &Setting,
        given: &dyn Fn(&str) -> bool,
    ) -> Result<(), String> {
        let Some(word) = find(words, &setting.name) else {
            return self.add_unknown(words, unknown, setting);
        };
        let value = setting.value.as_deref().unwrap_or("");
        let own = setting.shown();
        let said = match word.does {
            Does::Count(option) if given(option) => return Ok(()),
            Does::Whole(option) if given(option) => return Ok(()),
            Does::Seconds(option) if given(option) => return Ok(()),
            Does::Count(option) => vec![(option, whole(value, 1)?)],
            Does::Whole(option) => vec![(option, whole(value, 0)?)],
            Does::Seconds(option) => vec![(option, seconds(value)?)],
            Does::Switch(option) => match switch(value)? {
                true => vec![(option, "true".to_owned())],
                false => Vec::new(),
            },
            Does::Special(read) => read(value)?,
            Does::Nothing => Vec::new(),
            Does::Left(why) => {
                if !matches!(value.trim_matches(['"', '\'']), "0" | "false" | "False" | "off") {
                    self.left_out.push(format!("{}: {why}", setting.raw));
                }
                Vec::new()
            }
        };
        self.said.extend(said.into_iter().map(|said| (own.clone(), said)));
        Ok(())
    }

    fn add_unknown(
        &mut self,
        words: &'static [Word],
        unknown: Unknown,
        setting: &Setting,
    ) -> Result<(), String> {
        let known = words.iter().flat_map(|word| word.names).copied().filter(|n| n.len() > 1);
        let near = nearest(&setting.name, known);
        match (unknown, near) {
            (Unknown::PassOver, _) => Ok(()),
            (Unknown::Tell, near) => {
                let meant = near.map(|near| format!(" (did you mean '{near}'?)"));
                let meant = meant.unwrap_or_default();
                self.left_out.push(format!("{}: not known to simsrv, ignored{meant}", setting.raw));
                Ok(())
            }
            (_, Some(near)) => {
                let dashes = if setting.raw.starts_with("--") { "--" } else { "" };
                Err(format!("did you mean '{dashes}{near}'?"))
            }
            (Unknown::Refuse, None) => {
                Err("not an option that simsrv knows: drop it if queueing does not depend on it"
                    .to_owned())
            }
        }
    }
}

/// A value without quotes.
fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(['"', '\''])
}

/// A whole number as simsrv writes it.
pub(super) fn whole(text: &str, least: u64) -> Result<String, String> {
    let digits = unquoted(text).replace('_', "");
    match digits.parse::<u64>() {
        Ok(n) if n < least => Err(format!("{n} is too few: there must be at least {least}")),
        Ok(n) => Ok(n.to_string()),
        Err(_) if digits.is_empty() => Err("a whole number is missing".to_owned()),
        Err(_) => Err(format!("'{}' is not a whole number", shown(unquoted(text)))),
    }
}

/// A time; a bare number is one of seconds, and `s`, `m`, `h`, `d` may follow.
pub(super) fn seconds(text: &str) -> Result<String, String> {
    let text = unquoted(text);
    let wrong = || format!("'{}' is not a number of seconds", shown(text));
    let at = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let scale = match unit.trim() {
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86400.0,
        _ => return Err(wrong()),
    };
    let value = number.parse::<f64>().map_err(|_| wrong())? * scale;
    if !value.is_finite() || value > 1e9 { Err(wrong()) } else { Ok(format!("{value}s")) }
}

/// Whether a switch is on; one without a value is.
fn switch(text: &str) -> Result<bool, String> {
    match unquoted(text).to_ascii_lowercase().as_str() {
        "" | "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        other => Err(format!("'{}' is neither on nor off", shown(other))),
    }
}
