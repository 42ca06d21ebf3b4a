//! What a text or a file says of a server: the command in it, the files that the command names, the
//! environment and the limits around it.

use std::collections::BTreeMap;

use super::command::{self, Command};
use super::files::{self, Configuration};
use super::limits;
use super::piece::Piece;
use super::places::{self, StartedProgram};
use super::setting::{Insertion, Setting};
use super::shell;
use super::value::{Assigned, Language, Names, Scope, compute};
use crate::scenario::raw_options::shown;
use crate::scenario::read::Files;
use crate::servers::words::{Does, ServerWord, Unknown, find};
use crate::servers::{PRESETS, Preset, alike};

/// A text that was read.
#[derive(Clone, Debug)]
pub(super) struct Document {
    /// Its name; empty where the text was given itself.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Where a setting comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    Command,
    File,
    Limit,
}

/// All that was read.
#[derive(Debug)]
pub(super) struct Reading {
    pub(crate) preset: &'static Preset,
    pub(crate) documents: Vec<Document>,
    /// In the order in which the server takes them: later ones win.
    pub(crate) settings: Vec<(From, Setting)>,
    pub(crate) scope: Scope,
    /// Where a setting more goes, in order of preference.
    pub(crate) insertions: Vec<Insertion>,
    /// Files that are named and not there.
    pub(crate) missing: Vec<(String, String)>,
    /// Whether a command was read.
    pub(crate) command: bool,
}

impl Reading {
    /// The words that a setting is one of, and what an unknown one means.
    pub(crate) fn words(&self, from: From) -> (&'static [ServerWord], Unknown) {
        let in_file = self.preset.file.map_or(Unknown::Refuse, |file| file.unknown);
        match from {
            From::Command => (self.preset.words, self.preset.unknown),
            From::File => (self.preset.words, in_file),
            From::Limit => (limits::WORDS, Unknown::Ignore),
        }
    }
}

/// Reads a command line, a file's name (perhaps with `#service` behind it), or a file's text: `text`
/// as it was given, and as a path where it is one; `given` are variables of the environment in which the
/// server is started.
///
/// # Errors
/// A sentence: what was read, what was expected, how to mend it.
pub(super) fn read(
    (text, path): (&str, &str),
    named: Option<&'static Preset>,
    given: &BTreeMap<String, String>,
    files: &dyn Files,
) -> Result<Reading, String> {
    let found = if text.contains('\n') { None } else { file(path, files) };
    let reader =
        |path: &str, section| Reader { named, given, files, path: path.to_owned(), section };
    match found {
        Some((path, section, text)) => reader(&path, section).document(&text),
        None => reader("", None).pasted(text),
    }
}

/// A file by its name: path, service, text.
fn file(text: &str, files: &dyn Files) -> Option<(String, Option<String>, String)> {
    if let Ok(found) = files.text(text) {
        return Some((text.to_owned(), None, found));
    }
    let (path, section) = text.rsplit_once('#')?;
    let found = files.text(path).ok()?;
    Some((path.to_owned(), Some(section.to_owned()), found))
}

struct Reader<'a> {
    named: Option<&'static Preset>,
    given: &'a BTreeMap<String, String>,
    files: &'a dyn Files,
    path: String,
    section: Option<String>,
}

impl Reader<'_> {
    /// A file that is there.
    fn document(&self, text: &str) -> Result<Reading, String> {
        let piece = Piece::whole(text);
        let by_sign = files::server_of(text, &self.path);
        if let Some(services) = places::services(&self.path, &piece)? {
            let starts =
                |one: &StartedProgram| command::commands(&one.lines).is_ok_and(|c| !c.is_empty());
            if by_sign.is_none_or(|(score, _)| score < 2) || services.iter().any(starts) {
                return self.service(services, text);
            }
        }
        let preset = match (self.named, by_sign) {
            (Some(named), Some((score, found))) if score > 1 => {
                self.check(named, found)?;
                Some(found)
            }
            (Some(named), _) if named.file.is_some() => Some(named),
            (_, found) => found.map(|(_, found)| found),
        };
        let weak = by_sign.is_none_or(|(score, _)| score < 1);
        if weak && let Ok(service) = places::script(&piece) {
            let commands = command::commands(&service.lines)?;
            if !commands.is_empty() {
                return self.command(service, commands, text);
            }
        }
        match preset {
            Some(preset) => self.configuration(preset, text, &piece),
            None => Err(self.of_which(text)),
        }
    }

    fn of_which(&self, text: &str) -> String {
        alike::hint(text).map_or_else(
            || {
                format!(
                    "of which server is '{}'? No command or setting of a known server was found \
                     in it. Give --server too, such as --server puma",
                    shown(&self.path)
                )
            },
            str::to_owned,
        )
    }

    /// A text that is not the name of a file.
    fn pasted(&self, text: &str) -> Result<Reading, String> {
        let piece = Piece::whole(text);
        if let Some(services) = places::services("", &piece)? {
            return self.service(services, text);
        }
        let lines = text.contains([';', '\n', '<']) || text.contains('=');
        let script = places::script(&piece);
        if let Ok(service) = script {
            let commands = command::commands(&service.lines)?;
            if !commands.is_empty() {
                return self.command(service, commands, text);
            }
        } else if let Err(error) = script
            && !lines
        {
            return Err(error);
        }
        let by_sign = files::server_of(text, "").map(|(_, preset)| preset);
        match self.named.filter(|named| named.file.is_some()).or(by_sign) {
            Some(preset) if lines || text.contains(' ') => {
                let one_line = !text.contains('\n');
                let text_in_lines =
                    if one_line { text.replace(';', "\n") } else { text.to_owned() };
                // The same bytes in the same places.
                self.configuration(preset, text, &Piece::whole(&text_in_lines))
            }
            _ if lines => Err(self.of_which(text)),
            _ => Err(self.not_there(text)),
        }
    }

    fn not_there(&self, text: &str) -> String {
        if let Some(hint) = alike::hint(text) {
            return hint.to_owned();
        }
        let error = self.files.text(text).err().unwrap_or_default();
        let programs: Vec<&str> = PRESETS
            .iter()
            .filter_map(|preset| preset.programs.first().map(|program| program.name))
            .collect();
        format!("{error}; and it is not a command of {}", programs.join(", "))
    }

    fn check(&self, named: &Preset, found: &Preset) -> Result<(), String> {
        if named == found {
            return Ok(());
        }
        let (one, other) = (named.title, found.title);
        Err(format!("--server says {one}, but this is of {other}: drop one"))
    }

    // --- commands

    /// The one service of several that has a command of a known server, or that was named.
    fn service(&self, services: Vec<StartedProgram>, text: &str) -> Result<Reading, String> {
        let names: Vec<String> = services.iter().map(|service| service.name.clone()).collect();
        let mut found = Vec::new();
        for service in services {
            let wanted = self.section.as_ref().is_none_or(|section| *section == service.name);
            let mut commands = command::commands(&service.lines)?;
            if let Some(named) = self.named {
                let all = commands.len();
                commands.retain(|command| command.server == named);
                if all > 0 && commands.is_empty() && names.len() == 1 {
                    let other = command::commands(&service.lines)?;
                    self.check(named, other[0].server)?;
                }
            }
            if wanted && !commands.is_empty() {
                found.push((service, commands));
            }
        }
        if found.len() > 1 {
            let names: Vec<&str> = found.iter().map(|(one, _)| one.name.as_str()).collect();
            return Err(format!(
                "there are several services: write {}#{}, or another of {}",
                if self.path.is_empty() { "FILE" } else { &self.path },
                names[0],
                names.join(", ")
            ));
        }
        match found.pop() {
            Some((service, commands)) => self.command(service, commands, text),
            None => Err(match &self.section {
                Some(section) if !names.contains(section) => format!(
                    "there is no service '{}': write one of {}",
                    shown(section),
                    names.join(", ")
                ),
                _ => alike::hint(text).map_or_else(
                    || {
                        "no command of a known server was found in it: give the server's own \
                         command or configuration file"
                            .to_owned()
                    },
                    str::to_owned,
                ),
            }),
        }
    }

    fn command(
        &self,
        mut service: StartedProgram,
        mut commands: Vec<Command>,
        text: &str,
    ) -> Result<Reading, String> {
        if let Some(named) = self.named {
            if !commands.iter().any(|command| command.server == named) {
                self.check(named, commands[0].server)?;
            }
            commands.retain(|command| command.server == named);
        }
        if commands.len() > 1 {
            let mut names: Vec<&str> = commands.iter().map(|command| command.server.word).collect();
            names.dedup();
            return Err(match names.len() {
                1 => format!("there are {} commands of {}: give one", commands.len(), names[0]),
                _ => format!(
                    "there are several servers, {}: say which with --server {}",
                    names.join(" and "),
                    names[0]
                ),
            });
        }
        let command = commands.remove(0);
        let preset = command.server;
        service.environment.extend(self.environment());
        let mut reading = Reading {
            preset,
            documents: vec![Document { path: self.path.clone(), text: text.to_owned() }],
            settings: Vec::new(),
            scope: Scope { environment: service.environment.clone(), ..Scope::default() },
            insertions: command.insertion().into_iter().collect(),
            missing: Vec::new(),
            command: true,
        };
        for (name, value) in command.environment() {
            let (text, language) = (value.text().to_owned(), Language::Shell);
            let assigned = vec![Assigned { text, language, sure: true }];
            reading.scope.environment.entry(name).or_insert(assigned);
        }
        let computed = |reading: &Reading, value: &Piece| {
            let text = compute(&reading.scope, value.text(), Language::Shell);
            text.map_or(value.text().to_owned(), |value| value.text())
        };
        let mut last = Vec::new();
        for (name, value, document) in self.variables(&service, &command) {
            match of_variable(preset, &name) {
                Some("") => {
                    let elsewhere = document == usize::MAX;
                    let text =
                        if elsewhere { Piece::whole(&computed(&reading, &value)) } else { value };
                    let options = command_arguments(&text, preset)?.into_iter();
                    last.extend(options.map(|one| Setting { document, ..one }));
                }
                Some(word) => {
                    let raw = format!("{name}={}", computed(&reading, &value));
                    let setting = Setting::new(word, Some(value));
                    let setting = Setting { raw, language: Language::Shell, document, ..setting };
                    reading.settings.push((From::Command, setting));
                }
                None => {}
            }
        }
        let options = command.options().map_err(|error| format!("{}'s {error}", preset.title))?;
        let named: Vec<Setting> =
            options.iter().chain(&last).filter(|one| is_file(preset, one)).cloned().collect();
        for one in named {
            self.open(&one, &mut reading, 0)?;
        }
        let options = last.into_iter().chain(options).map(|one| (From::Command, one));
        reading.settings.extend(options);
        reading.settings.extend(service.limits.into_iter().map(|one| (From::Limit, one)));
        Ok(reading)
    }

    /// Variables that a server reads itself: those of its environment, then those before it.
    fn variables(
        &self,
        service: &StartedProgram,
        command: &Command,
    ) -> Vec<(String, Piece, usize)> {
        let known = |name: &&String| of_variable(command.server, name).is_some();
        // Where it stands is not kept; what it comes to is.
        let of_service = service
            .environment
            .keys()
            .filter(known)
            .map(|name| (name.clone(), Piece::whole(&format!("${{{name}}}")), usize::MAX));
        let own = command.environment().into_iter().map(|(name, value)| (name, value, 0));
        of_service.chain(own).collect()
    }

    // --- configurations

    /// The variables that are given, as the files of a server assign theirs.
    fn environment(&self) -> Names {
        let assigned = |(name, text): (&String, &String)| {
            let (text, language) = (text.clone(), Language::Plain);
            (name.clone(), vec![Assigned { text, language, sure: true }])
        };
        self.given.iter().map(assigned).collect()
    }

    fn configuration(
        &self,
        preset: &'static Preset,
        text: &str,
        piece: &Piece,
    ) -> Result<Reading, String> {
        let mut reading = Reading {
            preset,
            documents: vec![Document { path: self.path.clone(), text: text.to_owned() }],
            settings: Vec::new(),
            scope: Scope { environment: self.environment(), ..Scope::default() },
            insertions: Vec::new(),
            missing: Vec::new(),
            command: false,
        };
        // A configuration overrides what the environment says.
        for (name, text) in self.given {
            if let Some(word) = of_variable(preset, name).filter(|word| !word.is_empty()) {
                let setting = Setting::new(word, Some(Piece::whole(text)));
                let raw = format!("{name}={text}");
                let setting = Setting { raw, document: usize::MAX, ..setting };
                reading.settings.push((From::Command, setting));
            }
        }
        self.add_configuration(piece, 0, &mut reading, 0)?;
        Ok(reading)
    }

    fn add_configuration(
        &self,
        piece: &Piece,
        document: usize,
        reading: &mut Reading,
        depth: usize,
    ) -> Result<(), String> {
        let preset = reading.preset;
        let file = preset.file.ok_or_else(|| {
            format!("{} has no configuration file that is read: give its command", preset.title)
        })?;
        let section = self.section.as_deref().filter(|_| document == 0 && !reading.command);
        let Configuration { mut settings, names, insertion } =
            files::read(preset, &file, piece, section)?;
        if !settings.iter().any(|one| find(preset.words, &one.name).is_some()) {
            return Err(format!(
                "nothing in {} was understood as a setting of {}: give its command, or another \
                 file",
                self.called(&reading.documents[document]),
                preset.title
            ));
        }
        set_once(preset, &mut settings);
        let named: Vec<Setting> =
            settings.iter().filter(|one| is_file(preset, one)).cloned().collect();
        for (name, mut all) in names {
            reading.scope.names.entry(name).or_default().append(&mut all);
        }
        reading.insertions.extend(insertion.map(|one| Insertion { document, ..one }));
        let settings = settings.into_iter().map(|one| Setting { document, ..one });
        reading.settings.extend(settings.map(|one| (From::File, one)));
        for one in named {
            self.open(&one, reading, depth + 1)?;
        }
        Ok(())
    }

    fn called(&self, document: &Document) -> String {
        match document.path.as_str() {
            "" => "it".to_owned(),
            path => format!("'{}'", shown(path)),
        }
    }

    /// Opens the file that a setting names: below the current folder, or beside the configuration,
    /// there under its whole path or the end of it (a path in a container is another one outside).
    fn open(&self, setting: &Setting, reading: &mut Reading, depth: usize) -> Result<(), String> {
        let computed =
            setting.computed(&reading.scope).unwrap_or_else(|_| setting.text().to_owned());
        let path = computed.trim_matches(['"', '\'']);
        let path = match path.split_once(':') {
            Some(("python", module)) => module.replace('.', "/") + ".py",
            Some(("file", path)) => path.to_owned(),
            _ => path.to_owned(),
        };
        if path == "-" || path.is_empty() {
            return Ok(());
        }
        let found = ways(&path, &self.path)
            .into_iter()
            .find_map(|way| self.files.text(&way).ok().map(|text| (way, text)));
        match found {
            Some((path, text)) if depth < DEEPEST => {
                reading.documents.push(Document { path, text: text.clone() });
                let document = reading.documents.len() - 1;
                self.add_configuration(&Piece::whole(&text), document, reading, depth)
            }
            _ => {
                reading.missing.push((setting.raw.clone(), path));
                Ok(())
            }
        }
    }
}

/// The deepest that configurations name one another.
const DEEPEST: usize = 4;

/// Where a named file may be.
fn ways(path: &str, beside: &str) -> Vec<String> {
    let folder = beside.rsplit_once('/').map(|(folder, _)| folder);
    let mut ways = vec![path.to_owned()];
    let parts: Vec<&str> =
        path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    for begin in 0..parts.len() {
        let end = parts[begin..].join("/");
        ways.extend(folder.map(|folder| format!("{folder}/{end}")));
        ways.push(end);
    }
    ways
}

fn is_file(preset: &Preset, setting: &Setting) -> bool {
    find(preset.words, &setting.name).is_some_and(|word| matches!(word.does, Does::File))
}

/// What is set twice in a file is not known: which of them holds may depend on what is not read.
fn set_once(preset: &'static Preset, settings: &mut [Setting]) {
    let of = |setting: &Setting| {
        let word = find(preset.words, &setting.name)?;
        word.does.option().is_some().then_some(word.names)
    };
    let words: Vec<_> = settings.iter().map(of).collect();
    for (at, setting) in settings.iter_mut().enumerate() {
        let same =
            |other: &&Option<&'static [&'static str]>| words[at].is_some() && **other == words[at];
        if words.iter().filter(same).count() > 1 {
            setting.sure = false;
        }
    }
}

/// The word that a variable of the environment sets; empty if it holds a whole command line.
fn of_variable<'a>(preset: &Preset, name: &'a str) -> Option<&'a str> {
    preset.variables.iter().find_map(|(variable, word)| match variable.strip_suffix('*') {
        Some(begin) => name.strip_prefix(begin),
        None => (*variable == name).then_some(*word),
    })
}

/// The options in a variable such as `GUNICORN_CMD_ARGS`.
fn command_arguments(value: &Piece, preset: &Preset) -> Result<Vec<Setting>, String> {
    let words: Vec<_> = shell::commands(value)?.into_iter().flat_map(|one| one.words).collect();
    command::options(&words, preset)
}
