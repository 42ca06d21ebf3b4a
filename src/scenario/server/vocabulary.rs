//! What settings of a server mean in options of simsrv.

use crate::scenario::file::nearest;
use crate::scenario::raw_options::shown;
use crate::servers::words::{Does, Said, Unknown, Word, find, seconds, switch, unquoted, whole};

/// One setting as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    /// The word, without dashes.
    pub name: String,
    /// Its value, if it has one.
    pub value: Option<String>,
    /// The word as it was raw.
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
            Does::Seconds(option) | Does::Millis(option) if given(option) => return Ok(()),
            Does::Count(option) => vec![(option, whole(value, 1)?)],
            Does::Whole(option) => vec![(option, whole(value, 0)?)],
            Does::Seconds(option) => vec![(option, seconds(value, 1.0)?)],
            Does::Millis(option) => vec![(option, seconds(value, 1e-3)?)],
            Does::Switch(option) => match switch(value)? {
                true => vec![(option, "true".to_owned())],
                false => Vec::new(),
            },
            Does::Special(_, read, _) => read(value)?,
            Does::Nothing => Vec::new(),
            Does::LeftIf(why) => {
                self.left_out.extend(why(value));
                Vec::new()
            }
            Does::File => {
                let raw = &setting.raw;
                self.left_out
                    .push(format!("{raw}: this file is not read: give it to --from by itself"));
                Vec::new()
            }
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
            (Unknown::Ignore, _) => Ok(()),
            (Unknown::Report, near) => {
                let meant = near.map(|near| format!(" (did you mean '{near}'?)"));
                let meant = meant.unwrap_or_default();
                self.left_out.push(format!("{}: not known here, ignored{meant}", setting.raw));
                Ok(())
            }
            (_, Some(near)) => {
                let dashes = if setting.raw.starts_with("--") { "--" } else { "" };
                Err(format!("did you mean '{dashes}{near}'?"))
            }
            (Unknown::Refuse, None) => {
                Err("not an option that is known here: drop it if queueing does not depend on it"
                    .to_owned())
            }
        }
    }
}
