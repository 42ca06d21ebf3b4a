//! The servers that simsrv knows by name, one file each: what a server does if no option says
//! otherwise, its words, the signs by which its configuration is recognised, and how it is written.
//!
//! Every default names the word that the server itself has for it and the place in its source where
//! the value stands.

pub(crate) mod alike;
mod apache;
mod celery;
mod daphne;
mod falcon;
mod granian;
mod gunicorn;
mod hypercorn;
mod mod_wsgi;
mod node;
mod passenger;
mod php_fpm;
mod puma;
mod sidekiq;
mod thin;
mod tomcat;
mod unicorn;
mod uvicorn;
mod uwsgi;
mod waitress;
pub(crate) mod words;
mod writer;

use std::fmt;

use self::words::{Said, ServerWord, Unknown};
pub(crate) use self::writer::Writer;

/// All servers, in the order of the help.
pub const PRESETS: [&Preset; 21] = [
    &gunicorn::PRESET,
    &puma::PRESET,
    &php_fpm::PRESET,
    &uwsgi::PRESET,
    &passenger::PRESET,
    &apache::PREFORK,
    &tomcat::PRESET,
    &node::PRESET,
    &uvicorn::PRESET,
    &unicorn::PRESET,
    &hypercorn::PRESET,
    &granian::PRESET,
    &waitress::PRESET,
    &daphne::PRESET,
    &mod_wsgi::PRESET,
    &apache::EVENT,
    &thin::PRESET,
    &falcon::PRESET,
    &celery::PRESET,
    &sidekiq::PRESET,
    &uvicorn::FASTAPI,
];

/// One default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Default {
    /// The option of simsrv.
    pub option: &'static str,
    /// Its value, as one would write it.
    pub value: &'static str,
    /// The word of the server for it; empty for what is no setting but the way it works.
    pub own: &'static str,
    /// Where the value, or the way it works, stands in the server's source.
    pub(crate) source: &'static str,
}

const fn says(
    option: &'static str,
    value: &'static str,
    own: &'static str,
    source: &'static str,
) -> Default {
    Default { option, value, own, source }
}

/// How a server works, where it is no setting of it.
const fn works(option: &'static str, value: &'static str, source: &'static str) -> Default {
    Default { option, value, own: "", source }
}

/// What was measured of Gunicorn is not known of the others: no CPU time of their own.
const NO_OVERHEAD: [Default; 2] = [
    works("overhead", "0", "not measured: the server's own CPU time is 0"),
    works("overhead-io", "0", "not measured"),
];

/// What a server does and simsrv does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Remark {
    /// As part of a sentence.
    pub(crate) text: &'static str,
    /// Whether it is so with any configuration; otherwise only with the server's defaults, and a
    /// configuration that was read says for itself what it uses.
    pub(crate) always: bool,
}

const fn always(text: &'static str) -> Remark {
    Remark { text, always: true }
}

const fn by_default(text: &'static str) -> Remark {
    Remark { text, always: false }
}

const CPU_UNKNOWN: Remark = always("CPU time of the server itself (0; --overhead)");

/// How a server's configuration file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grammar {
    /// Assignments in Python: `name = expression`.
    Python,
    /// Calls in Ruby: `name expression, ...`.
    Ruby,
    /// `name = value` below `[sections]`.
    Ini,
    /// Directives of Apache, with sections for other modules.
    Apache,
    /// Directives of nginx or Apache, or JSON.
    Passenger,
    /// Attributes of XML.
    Tomcat,
    /// JavaScript: a list of applications, or a loop that forks.
    Script,
    /// `name: value`.
    Yaml,
}

/// A server's configuration file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct File {
    /// How it is written.
    pub(crate) grammar: Grammar,
    /// Texts that only such a file has.
    pub(crate) signs: &'static [&'static str],
    /// Ends of its usual names.
    pub(crate) names: &'static [&'static str],
    /// What a setting means that is not in the table of words.
    pub(crate) unknown: Unknown,
}

/// How a server's command is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    /// The name of the program, or of a Python module.
    pub name: &'static str,
    /// The word that must follow, as in `fastapi run`; empty if any may.
    pub(crate) then: &'static str,
    /// Whether a version may follow the name: `php-fpm8.2`, `uwsgi_python3`.
    pub(crate) versions: bool,
}

const fn program(name: &'static str) -> Program {
    Program { name, then: "", versions: false }
}

const fn with_word(name: &'static str, then: &'static str) -> Program {
    Program { name, then, versions: false }
}

/// What the options of a server come to, for a check of its own: the value of each.
pub(crate) type Options<'a> = &'a dyn Fn(&str) -> Option<&'a str>;

/// The numbers of a configuration by the server's own words.
pub(crate) type Numbers<'a> = &'a dyn Fn(&str) -> Option<u64>;

/// What simsrv knows of a server.
#[derive(Clone, Copy)]
pub struct Preset {
    /// The word of `--server`.
    pub word: &'static str,
    /// As it is written in a sentence.
    pub(crate) title: &'static str,
    /// What it does if no option says otherwise.
    pub defaults: &'static [Default],
    /// Its words.
    pub(crate) words: &'static [ServerWord],
    /// How its command begins.
    pub programs: &'static [Program],
    /// Variables of the environment and the word that each sets; of `UWSGI_*` the word is the rest.
    pub(crate) variables: &'static [(&'static str, &'static str)],
    /// What an option means that is not in the table of words.
    pub(crate) unknown: Unknown,
    /// Its configuration file, if it has one.
    pub(crate) file: Option<File>,
    /// Words for as many processes as there are cores, and how many more.
    pub(crate) as_cores: &'static [(&'static str, i64)],
    /// Whether its command line has options for its settings.
    pub(crate) on_command: bool,
    /// Whether its command line overrides its configuration file.
    pub(crate) command_wins: bool,
    /// Why it has one thread in each process, if it has.
    pub(crate) single_threaded: Option<&'static str>,
    /// Why it has one process, if it has.
    pub single_process: Option<&'static str>,
    /// Values that it does not start with: the option, and a sentence.
    pub(crate) refuses: fn(Options<'_>) -> Option<(&'static str, String)>,
    /// What of the settings has no effect; a sentence.
    pub(crate) without_effect: fn(Options<'_>) -> Option<&'static str>,
    /// Options that several numbers of its configuration make together, from each number.
    pub(crate) settle: fn(Numbers<'_>) -> Vec<(String, Said)>,
    /// What it does and simsrv does not.
    pub(crate) not_modelled: &'static [Remark],
    /// What a comment of its configuration begins and ends with.
    pub(crate) comment: (&'static str, &'static str),
    /// Limits that its configuration can say: `timeout`, `max-requests`.
    pub(crate) limits: &'static [&'static str],
    /// Ways to take a connection that its configuration can say, besides its own.
    pub(crate) accepts: &'static [&'static str],
    /// Its configuration with the settings that are not its defaults.
    pub(crate) write: fn(&Writer<'_>) -> String,
}

impl Preset {
    /// What most have; each server says the rest.
    const BASE: Preset = Preset {
        word: "",
        title: "",
        defaults: &[],
        words: &[],
        programs: &[],
        variables: &[],
        unknown: Unknown::Refuse,
        file: None,
        as_cores: &[],
        on_command: true,
        command_wins: true,
        single_threaded: None,
        single_process: None,
        refuses: |_| None,
        without_effect: |_| None,
        settle: |_| Vec::new(),
        not_modelled: &[],
        comment: ("# ", ""),
        limits: &[],
        accepts: &[],
        write: |_| String::new(),
    };

    /// The preset of a word.
    pub fn find(word: &str) -> Option<&'static Preset> {
        PRESETS.into_iter().find(|preset| preset.word == word)
    }

    /// The default of an option, if the server has one.
    pub fn default(&self, option: &str) -> Option<&'static Default> {
        self.defaults.iter().find(|default| default.option == option)
    }
}

impl PartialEq for Preset {
    fn eq(&self, other: &Preset) -> bool {
        self.word == other.word
    }
}

impl Eq for Preset {}

impl fmt::Debug for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word)
    }
}

/// Where options came from: a server's defaults and what was read of its configuration.
#[derive(Clone, Debug)]
pub struct PresetUse {
    /// Which server.
    pub preset: &'static Preset,
    /// The scenario's case; `None` where there is one set of options.
    pub(crate) case: Option<String>,
    /// Its defaults that were taken, because no option says otherwise.
    pub taken: Vec<Default>,
    /// What was read: the server's word with its value, the option and its value.
    pub read: Vec<(String, &'static str, String)>,
    /// What was read and understood, but is not modelled; a sentence each.
    pub left_out: Vec<String>,
    /// Whether a configuration was read.
    pub(crate) pasted: bool,
}

impl PresetUse {
    /// What of the server is not modelled: what its configuration uses, and what is always so.
    pub(crate) fn not_modelled(&self) -> Vec<String> {
        let remarks = self.preset.not_modelled.iter();
        let remarks = remarks.filter(|remark| remark.always || !self.pasted);
        let remarks = remarks.map(|remark| remark.text.to_owned());
        self.left_out.iter().cloned().chain(remarks).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_has_one_row_and_an_option_one_default() {
        for (at, preset) in PRESETS.iter().enumerate() {
            assert_eq!(Preset::find(preset.word), Some(*preset));
            assert!(PRESETS[..at].iter().all(|other| other.word != preset.word));
            for (at, default) in preset.defaults.iter().enumerate() {
                let others = &preset.defaults[..at];
                assert!(others.iter().all(|other| other.option != default.option), "{default:?}");
                assert!(!default.source.is_empty());
            }
        }
        assert_eq!(Preset::find("nginx"), None);
    }
}
