//! A server's own command line: which program, and which options.

use super::piece::Piece;
use super::places::{CommandForm, CommandLine};
use super::setting::{Insertion, Setting};
use super::shell::{self, ShellWord, assignment};
use super::value::Language;
use crate::scenario::raw_options::shown;
use crate::servers::words::{self, TakesValue, find};
use crate::servers::{PRESETS, Preset};

/// A command of a known server.
#[derive(Clone, Debug)]
pub(super) struct Command {
    pub(crate) server: &'static Preset,
    pub(crate) line: CommandLine,
    /// Where the program stands among the words.
    pub(crate) program: usize,
}

/// The servers' commands of some lines. What only names a program (`pip install gunicorn`) is left
/// out where something else runs one.
pub(super) fn commands(lines: &[CommandLine]) -> Result<Vec<Command>, String> {
    let mut all = Vec::new();
    for line in lines {
        all.extend(in_line(line, 0)?);
    }
    let strength = all.iter().map(Command::strength).max().unwrap_or(0);
    // What runs a server for certain is not outdone by what does so too.
    let least = strength.min(2);
    all.retain(|command| command.strength() >= least);
    Ok(all)
}

/// The deepest that commands stand in words of others.
const DEEPEST: usize = 4;

/// The command of a line: its program word wherever it stands, or in a text that is one word, as
/// behind `sh -c`.
fn in_line(line: &CommandLine, depth: usize) -> Result<Vec<Command>, String> {
    let mut found: Option<(usize, &'static Preset)> = None;
    for (at, word) in line.words.iter().enumerate() {
        let Some(server) = program(word.text(), &line.words[at + 1..]) else { continue };
        // sudo -u puma bundle exec puma: of the same name, and nothing but words between.
        let takes_over = match found {
            None => true,
            Some((earlier, _)) => {
                let user = earlier > 0
                    && line.words[earlier - 1].text().starts_with('-')
                    && line.words[earlier - 1].text() != "-m"
                    && line.words[earlier - 1].text() != "--";
                let between = &line.words[earlier + 1..at];
                user || between.iter().all(|word| !word.text().starts_with('-')) && at > earlier
            }
        };
        if takes_over {
            found = Some((at, server));
        }
    }
    if let Some((program, server)) = found {
        return Ok(vec![Command { server, line: line.clone(), program }]);
    }
    let mut all = Vec::new();
    if depth < DEEPEST {
        for word in line.words.iter().filter(|word| word.text().contains(char::is_whitespace)) {
            // A word that is no command of a shell need not have matching quotes.
            let Ok(inner) = shell::commands(&word.piece) else { continue };
            for one in inner {
                all.extend(in_line(
                    &CommandLine { words: one.words, form: CommandForm::Shell },
                    depth + 1,
                )?);
            }
        }
    }
    Ok(all)
}

/// The server that a word starts, with the words after it.
fn program(word: &str, after: &[ShellWord]) -> Option<&'static Preset> {
    let word = assignment_free(word);
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    let name = name.strip_suffix(".exe").unwrap_or(name);
    let version = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit() || c == '_');
    let follows = |then: &str| match then.strip_suffix('*') {
        _ if then.is_empty() => true,
        Some(part) => after.iter().any(|word| word.text().contains(part)),
        None => after.iter().any(|word| word.text() == then),
    };
    PRESETS.into_iter().find(|preset| {
        preset.programs.iter().any(|known| {
            let named = match name.strip_prefix(known.name) {
                Some(rest) => rest.is_empty() || known.versions && version(rest),
                None => false,
            };
            named && follows(known.then)
        })
    })
}

/// `command:gunicorn` and `ExecStart=gunicorn` are what stands behind the sign.
fn assignment_free(word: &str) -> &str {
    match word.split_once(['=', ':']) {
        Some((name, rest)) if name.chars().all(char::is_alphabetic) && !name.is_empty() => rest,
        _ => word,
    }
}

impl Command {
    /// The words after the program.
    fn arguments(&self) -> &[ShellWord] {
        &self.line.words[self.program + 1..]
    }

    /// How surely it runs: 2 as the first word or with options that are known, 1 with other words
    /// after it, else 0.
    fn strength(&self) -> usize {
        let words = &self.line.words;
        let own = ["exec", "env", "nohup", "command", "time"];
        let before = words[..self.program].iter();
        let first =
            before.clone().all(|word| own.contains(&word.text()) || assignment(word).is_some());
        let installs = before.clone().any(|word| {
            matches!(
                word.text(),
                "install" | "add" | "echo" | "which" | "stop" | "restart" | "remove"
            )
        });
        let known = |word: &ShellWord| {
            let name = word.text().trim_start_matches('-').split('=').next().unwrap_or_default();
            let short = name.get(..1).unwrap_or_default();
            word.text().starts_with('-')
                && (find(self.server.words, name).is_some()
                    || find(self.server.words, short).is_some())
        };
        match () {
            () if first || !installs && self.arguments().iter().any(known) => 2,
            () if !installs && !self.arguments().is_empty() => 1,
            () => 0,
        }
    }

    /// Variables that stand before the program, as in `WEB_CONCURRENCY=4 gunicorn`.
    pub(crate) fn environment(&self) -> Vec<(String, Piece)> {
        self.line.words[..self.program].iter().filter_map(assignment).collect()
    }

    /// Its options.
    ///
    /// # Errors
    /// A sentence about an option that lacks its value.
    pub(crate) fn options(&self) -> Result<Vec<Setting>, String> {
        let program = self.line.words[self.program].text();
        if self.server.word == "node-cluster" && !program.contains("pm2") {
            // Node's own options are many, and none of them is about queueing.
            return Ok(Vec::new());
        }
        options(self.arguments(), self.server)
    }

    /// Where one more option goes: behind the last word, or before `--`.
    pub(crate) fn insertion(&self) -> Option<Insertion> {
        let words = &self.line.words[self.program..];
        let end = words.iter().position(|word| word.text() == "--").unwrap_or(words.len());
        let last = words[..end].last()?;
        let (before, between, after) = match self.line.form {
            CommandForm::Shell => (" --", " ", ""),
            CommandForm::List => (", \"--", "\", \"", "\""),
        };
        Some(Insertion {
            document: 0,
            at: last.outer.end,
            before: before.to_owned(),
            between: between.to_owned(),
            after: after.to_owned(),
        })
    }
}

/// The options among some words; what is not an option is the application's name and the like.
///
/// # Errors
/// A sentence about an option that lacks its value.
pub(super) fn options(words: &[ShellWord], server: &Preset) -> Result<Vec<Setting>, String> {
    let mut settings = all_options(words, server)?;
    // uWSGI computes %k and its kin on its command line, too.
    for one in settings.iter_mut().filter(|one| server.word == "uwsgi" && one.text().contains('%'))
    {
        one.language = Language::Uwsgi;
    }
    Ok(settings)
}

fn all_options(words: &[ShellWord], server: &Preset) -> Result<Vec<Setting>, String> {
    let mut settings = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let text = word.text();
        let dotted = text.starts_with("-D") && text.contains('.') && text.contains('=');
        if text == "--" {
            break;
        } else if dotted || text.starts_with("--") {
            let long = word.piece.slice(2..text.len());
            settings.push(long_option(&long, &text[..2], &mut words, server)?);
        } else if text.len() > 1 && text.starts_with('-') {
            short_options(&word.piece.slice(1..text.len()), &mut words, server, &mut settings)?;
        }
    }
    Ok(settings)
}

fn long_option<'a>(
    long: &Piece,
    dashes: &str,
    words: &mut impl Iterator<Item = &'a ShellWord>,
    server: &Preset,
) -> Result<Setting, String> {
    let (name, given) = match long.split_once(|c| c == '=') {
        Some((name, value)) => (name, Some(value)),
        None => (long.clone(), None),
    };
    let name = name.text();
    let takes = find(server.words, name).map_or(TakesValue::Maybe, |word| word.takes);
    let value = match (takes, given) {
        (TakesValue::Value, None) => {
            let next = words.next().map(|word| word.piece.clone());
            Some(next.ok_or_else(|| format!("--{} lacks its value", shown(name)))?)
        }
        (_, given) => given,
    };
    let language = Language::Shell;
    Ok(Setting { raw: format!("{dashes}{name}"), language, ..Setting::new(name, value) })
}

/// Single letters: `-w4`, `-w 4`, `-qs`.
fn short_options<'a>(
    letters: &Piece,
    words: &mut impl Iterator<Item = &'a ShellWord>,
    server: &Preset,
    settings: &mut Vec<Setting>,
) -> Result<(), String> {
    // -prof: some servers have long names behind one dash.
    let whole = letters.text();
    if whole.chars().count() > 1 && words::find_whole(server.words, whole).is_some() {
        let setting = long_option(letters, "-", words, server)?;
        settings.push(setting);
        return Ok(());
    }
    for (at, letter) in whole.char_indices() {
        let name = letter.to_string();
        let rest = letters.slice(at + letter.len_utf8()..whole.len());
        let rest = rest.strip_prefix("=").unwrap_or(rest);
        let takes = find(server.words, &name).map(|word| word.takes);
        let value = match takes {
            Some(TakesValue::Value) if rest.text().is_empty() => {
                let next = words.next().map(|word| word.piece.clone());
                Some(next.ok_or_else(|| format!("-{name} lacks its value"))?)
            }
            Some(TakesValue::Value | TakesValue::Maybe) => Some(rest),
            _ => None,
        };
        let (raw, language) = (format!("-{name}"), Language::Shell);
        settings.push(Setting { raw, language, ..Setting::new(&name, value) });
        if takes != Some(TakesValue::No) {
            return Ok(());
        }
    }
    Ok(())
}
