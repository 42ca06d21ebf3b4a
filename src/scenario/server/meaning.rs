//! What settings of a server mean in options of simsrv.

use super::setting::Setting;
use super::value::Scope;
use crate::scenario::raw_options::shown;
use crate::scenario::suggest::nearest;
use crate::servers::Preset;
use crate::servers::words::{
    Does, Said, ServerWord, Unknown, find, seconds, switch, unquoted, whole,
};

/// Where a word is looked up.
#[derive(Clone, Copy)]
pub(super) struct WordTable<'a> {
    pub(crate) preset: &'static Preset,
    pub(crate) words: &'static [ServerWord],
    pub(crate) unknown: Unknown,
    pub(crate) scope: &'a Scope,
    /// Whether an option is given by other means, so that a value that cannot be read does not
    /// matter.
    pub(crate) given: &'a dyn Fn(&str) -> bool,
}

/// One option that was read.
#[derive(Clone, Debug)]
pub(super) struct FoundOption {
    /// The server's word with its value.
    pub(crate) own: String,
    pub(crate) said: Said,
}

/// What settings say.
#[derive(Clone, Debug, Default)]
pub(super) struct Meaning {
    /// What each sets; what was said later is later.
    pub(crate) found: Vec<FoundOption>,
    /// What is understood but not modelled, or not understood.
    pub(crate) left_out: Vec<String>,
}

impl Meaning {
    /// Adds what one setting says.
    ///
    /// # Errors
    /// A sentence: the word is not known, or its value cannot be read and is not given otherwise.
    pub(crate) fn add(&mut self, table: WordTable<'_>, setting: &Setting) -> Result<(), String> {
        let Some(word) = find(table.words, &setting.name) else {
            return self.add_unknown(table, setting);
        };
        let plain = || setting.computed(table.scope).unwrap_or_else(|_| setting.text().to_owned());
        let Some(option) = word.does.option() else {
            match word.does {
                Does::Left(why) => {
                    let off = ["0", "false", "no", "off", "none", "nil"];
                    if !off.contains(&unquoted(&plain()).to_ascii_lowercase().as_str()) {
                        self.left_out.push(format!("{}: {why}", setting.raw));
                    }
                }
                Does::LeftIf(why) => self.left_out.extend(why(&plain())),
                _ => {}
            }
            return Ok(());
        };
        let given = (table.given)(option);
        if given && !matches!(word.does, Does::Special(..) | Does::Within(..)) {
            return Ok(());
        }
        let value = match word.does {
            Does::Within(..) => Ok(plain()),
            _ if !setting.sure && !given && option != "listen" => {
                Err("it is set more than once, or in a branch or a function".to_owned())
            }
            _ => setting.computed(table.scope),
        };
        let value = match value {
            // The options that it sets beside the one that is given.
            Err(_) if given => "1".to_owned(),
            value => value.map_err(|why| format!("{why}: give --{option}"))?,
        };
        let value = as_cores(table, option, &value).unwrap_or(value);
        let said = match read(word.does, &value) {
            Err(_) if given => return Ok(()),
            said => said.map_err(|why| format!("{why}; --{option} beside it overrides it"))?,
        };
        let said = match setting.sure {
            true => said,
            false => self.without_listen(table, setting, said),
        };
        let own = self.own(table, setting, &value);
        let found = said.into_iter().map(|said| FoundOption { own: own.clone(), said });
        self.found.extend(found);
        Ok(())
    }

    /// What one of several addresses says: not that clients connect to a Unix socket, which another
    /// one may be without.
    fn without_listen(
        &mut self,
        table: WordTable<'_>,
        setting: &Setting,
        said: Vec<Said>,
    ) -> Vec<Said> {
        let (listen, rest): (Vec<Said>, Vec<Said>) =
            said.into_iter().partition(|(option, _)| *option == "listen");
        if !listen.is_empty() && !(table.given)("listen") {
            let why = "is set more than once, or in a branch: a port is taken (else --listen unix)";
            self.left_out.push(format!("{} {why}", setting.raw));
        }
        rest
    }

    /// The word with its value, what that comes to, and on how many cores.
    fn own(&self, table: WordTable<'_>, setting: &Setting, value: &str) -> String {
        let without = Scope { cores: None, ..table.scope.clone() };
        let asks =
            as_cores(table, "workers", setting.computed(table.scope).as_deref().unwrap_or(""));
        let asks = asks.is_some() || setting.computed(&without).is_err();
        match (&table.scope.cores, asks) {
            (Some(Ok(cores)), true) if unquoted(setting.text()) != value => {
                format!("{} ({cores} cores)", setting.shown(value))
            }
            _ => setting.shown(value),
        }
    }

    fn add_unknown(&mut self, table: WordTable<'_>, setting: &Setting) -> Result<(), String> {
        let known = table.words.iter().flat_map(|word| word.names).copied().filter(|n| n.len() > 1);
        let near = nearest(&setting.name, known);
        match (table.unknown, near) {
            (Unknown::Report, Some(near)) => {
                let raw = &setting.raw;
                self.left_out.push(format!("{raw}: not known here (did you mean '{near}'?)"));
                Ok(())
            }
            (Unknown::Ignore | Unknown::Report, _) => Ok(()),
            (Unknown::Refuse, Some(near)) => {
                let dashes = if setting.raw.starts_with("--") { "--" } else { "" };
                Err(format!("did you mean '{dashes}{near}'?"))
            }
            (Unknown::Refuse, None) => {
                Err("not an option that is known here: drop it if queueing \
                                            does not depend on it"
                    .to_owned())
            }
        }
    }
}

/// The number that a word for "as many as there are cores" stands for: Puma's `auto`, pm2's `max`.
fn as_cores(table: WordTable<'_>, option: &str, value: &str) -> Option<String> {
    let value = unquoted(value).trim_start_matches(':').to_ascii_lowercase();
    let words = table.preset.as_cores.iter();
    let (_, more) = words.copied().find(|(word, _)| option == "workers" && *word == value)?;
    let cores = table.scope.cores.as_ref()?.as_ref().ok()?;
    Some((i64::from(*cores) + more).max(1).to_string())
}

fn read(does: Does, value: &str) -> Result<Vec<Said>, String> {
    Ok(match does {
        Does::Count(option) => vec![(option, whole(value, 1).map_err(|e| short(&e, value))?)],
        Does::Whole(option) => vec![(option, whole(value, 0).map_err(|e| short(&e, value))?)],
        Does::Seconds(option) => {
            vec![(option, seconds(value, 1.0).map_err(|e| short(&e, value))?)]
        }
        Does::Switch(option) => match switch(value)? {
            true => vec![(option, "true".to_owned())],
            false => Vec::new(),
        },
        Does::Special(_, read, _) => read(value).map_err(|error| short(&error, value))?,
        Does::Within(_, read) => read(value).map_err(|error| short(&error, value))?,
        Does::Nothing | Does::Left(_) | Does::LeftIf(_) | Does::File => Vec::new(),
    })
}

/// A sentence with a long value shortened.
fn short(sentence: &str, value: &str) -> String {
    let value = unquoted(value);
    if value.is_empty() { sentence.to_owned() } else { sentence.replace(value, &shown(value)) }
}
