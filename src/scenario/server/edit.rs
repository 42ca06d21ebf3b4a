//! A command or a file given back as it came, with only the values changed that were asked for.

use std::ops::Range;

use super::reading::{From, Reading};
use super::setting::{Insertion, Setting};
use super::value::Language;
use super::{diff, named, read};
use crate::scenario::raw_options::{Problem, RawOptions};
use crate::scenario::read::Files;
use crate::servers::words::{Does, ServerWord, as_is, find};
use crate::time::Span;

/// A text and what has become of it.
#[derive(Clone, Debug)]
pub struct GivenBack {
    /// Its name; empty where the text was given itself.
    pub path: String,
    /// Whether it is a command line by itself.
    pub(crate) command: bool,
    /// Whether comments in it begin with `#`, as those of a shell.
    pub(crate) shell: bool,
    /// As it was.
    pub before: String,
    /// As it is with the values changed.
    pub after: String,
    /// Options that it cannot say.
    pub(crate) unsaid: Vec<&'static str>,
}

impl GivenBack {
    /// The changes as a unified diff; empty if there are none.
    pub(crate) fn diff(&self) -> String {
        let path = if self.path.is_empty() { "command" } else { &self.path };
        diff::unified(path, &self.before, &self.after)
    }
}

/// Gives back what `--from` names with some options changed; `None` without `--from`.
///
/// # Errors
/// As [`super::expand`].
pub fn given_back(
    raw: &RawOptions,
    chosen: &RawOptions,
    files: &dyn Files,
) -> Result<Option<GivenBack>, Problem> {
    let Some(from) = raw.get("from") else { return Ok(None) };
    let (reading, _) =
        read(from, named(raw)?, raw, files).map_err(|sentence| Problem::at(from, sentence))?;
    let mut edits: Vec<Edit> = Vec::new();
    let mut unsaid = Vec::new();
    for (key, value) in chosen.iter() {
        let option = key.name;
        match edit(&reading, option, &value.text) {
            Some(Some(edit)) => edits.push(edit),
            Some(None) => {}
            // Who takes a connection is reported with what the server does of itself.
            None if option == "accept" => {}
            None => unsaid.push(option),
        }
    }
    let document = edits.iter().map(|edit| edit.document).max().unwrap_or(0);
    edits.retain(|edit| edit.document == document);
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
    let before = reading.documents[document].text.clone();
    let mut after = before.clone();
    for edit in edits {
        if after.get(edit.span.clone()).is_some() {
            after.replace_range(edit.span, &edit.text);
        }
    }
    let path = reading.documents[document].path.clone();
    let command = reading.command && path.is_empty();
    let shell = reading.command && document == 0;
    Ok(Some(GivenBack { path, command, shell, before, after, unsaid }))
}

/// One change.
struct Edit {
    document: usize,
    span: Range<usize>,
    text: String,
}

/// What must change so that an option has a value: nothing, one place; `None` if it cannot be said.
fn edit(reading: &Reading, option: &str, value: &str) -> Option<Option<Edit>> {
    let sets = |(from, setting): &&(From, Setting)| {
        let word = find(reading.words(*from).0, &setting.name);
        word.is_some_and(|word| word.does.option() == Some(option))
    };
    let found = reading.settings.iter().rev().find(sets);
    // A file that the command line overrides stays as it is.
    let elsewhere = |setting: &Setting| {
        setting.document == usize::MAX
            || setting.document > 0 && reading.command && reading.preset.command_wins
    };
    if let Some((from, setting)) = found {
        let word = find(reading.words(*from).0, &setting.name)?;
        if !setting.sure {
            return None;
        }
        let current = setting.computed(&reading.scope).ok();
        let text = written(word.does, value)?;
        if current.as_deref() == Some(text.as_str()) {
            return Some(None);
        }
        if !elsewhere(setting) {
            return replaced(setting, word, current.as_deref(), text).map(Some);
        }
    } else {
        let usual = reading.preset.default(option).map(|default| default.value);
        let known = reading.preset.words.iter().any(|word| word.does.option() == Some(option));
        if !known || usual == Some(value) {
            return Some(None);
        }
    }
    inserted(reading, option, value).map(Some)
}

/// A value of simsrv in the words of the server.
fn written(does: Does, value: &str) -> Option<String> {
    let seconds = || value.parse::<Span>().ok().map(Span::as_secs_f64);
    match does {
        Does::Count(_) => as_is(value),
        Does::Whole(_) if value == "unlimited" => Some(u32::MAX.to_string()),
        Does::Whole(_) => as_is(value),
        Does::Seconds(_) => seconds().map(|n| n.to_string()),
        Does::Switch(_) => Some(value.to_owned()),
        Does::Special(_, _, write) => write(value),
        Does::Within(..) => as_is(value),
        _ => None,
    }
}

fn replaced(
    setting: &Setting,
    word: &ServerWord,
    current: Option<&str>,
    text: String,
) -> Option<Edit> {
    let document = setting.document;
    let value = setting.value.as_ref()?;
    let number = match word.does {
        Does::Within(..) => {
            let at = value.text().find("backlog")?;
            let digits = value.text()[at..].find(|c: char| c.is_ascii_digit())? + at;
            let end = value.text()[digits..].find(|c: char| !c.is_ascii_digit());
            Some(digits..end.map_or(value.text().len(), |end| digits + end))
        }
        _ => current.and_then(|current| only_number(value.text(), current)),
    };
    if let Some(range) = number
        && as_is(&text).is_some()
    {
        return Some(Edit { document, span: value.slice(range).span(), text });
    }
    let quoted = value.text().trim().starts_with(['"', '\'']);
    let several =
        value.trim().trim_matches(|c| matches!(c, '"' | '\'')).text().contains(['"', '\'']);
    let text = match setting.language {
        Language::Code => in_code(&text, quoted && !several),
        _ => text,
    };
    Some(Edit { document, span: setting.span()?, text })
}

/// Where the one number in a text stands, if it is that value: the 4 of `${X:-4}`.
fn only_number(text: &str, value: &str) -> Option<Range<usize>> {
    let mut runs = Vec::new();
    let mut begin = None;
    let name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (begin, name(c)) {
            (None, true) => begin = Some(at),
            (Some(from), false) => {
                if text[from..at].starts_with(|c: char| c.is_ascii_digit()) {
                    runs.push(from..at);
                }
                begin = None;
            }
            _ => {}
        }
    }
    let computes = text.contains(['*', '+', '/', '%']) || text.contains("- ");
    match runs.as_slice() {
        [run] if !computes && text[run.clone()].replace('_', "") == value => Some(run.clone()),
        _ => None,
    }
}

/// A value in Python or Ruby: texts have quotes, a range of threads is two numbers.
fn in_code(text: &str, quoted: bool) -> String {
    match text {
        _ if quoted || text.parse::<f64>().is_ok() => text.to_owned(),
        _ if text.split(':').count() == 2 => text.replace(':', ", "),
        _ => format!("\"{text}\""),
    }
}

/// A setting more.
fn inserted(reading: &Reading, option: &str, value: &str) -> Option<Edit> {
    let word = reading.preset.words.iter().find(|word| word.does.option() == Some(option))?;
    if matches!(word.does, Does::Within(..)) {
        return None;
    }
    let text = written(word.does, value)?;
    let wanted = |insertion: &&Insertion| {
        !reading.command || reading.preset.command_wins == (insertion.document == 0)
    };
    let possible = |insertion: &&Insertion| {
        !reading.command || reading.preset.on_command || insertion.document > 0
    };
    let mut all = reading.insertions.iter().filter(possible);
    let insertion = all.clone().find(wanted).or(all.next())?;
    let document = &reading.documents[insertion.document].text;
    let insertion = in_block(insertion, document);
    let on_command = reading.command && insertion.document == 0;
    let name = word.names.iter().find(|name| name.len() > 1 && !name.contains('*'))?;
    let is_switch = matches!(word.does, Does::Switch(_)) || text.is_empty();
    let grammar = reading.preset.file.map(|file| file.grammar);
    let (name, text) = match grammar {
        _ if on_command => ((*name).to_owned(), text),
        Some(crate::servers::Grammar::Python | crate::servers::Grammar::Ruby) => {
            let python = grammar == Some(crate::servers::Grammar::Python);
            let text = match text.as_str() {
                "true" | "" if python => "True".to_owned(),
                "true" | "" => "true".to_owned(),
                _ => in_code(&text, false),
            };
            (name.replace('-', "_"), text)
        }
        _ => (in_style(name, reading), text),
    };
    let Insertion { before, between, after, .. } = insertion;
    let text = match on_command && is_switch {
        true => format!("{before}{name}{}", if between.contains('"') { "\"" } else { "" }),
        false => format!("{before}{name}{between}{text}{after}"),
    };
    Some(Edit { document: insertion.document, span: insertion.at..insertion.at, text })
}

/// Passenger's words have underscores in nginx and capitals in Apache.
fn in_style(name: &str, reading: &Reading) -> String {
    let words = name.split('-');
    match reading.insertions.first().map(|insertion| insertion.before.trim()) {
        Some("passenger_") => words.collect::<Vec<_>>().join("_"),
        Some("Passenger") => words.map(|word| word[..1].to_uppercase() + &word[1..]).collect(),
        _ => name.to_owned(),
    }
}

/// In a list whose items stand one below another, a new item is a line.
fn in_block(insertion: &Insertion, document: &str) -> Insertion {
    let line = document[..insertion.at].rfind('\n').map_or(0, |at| at + 1);
    let dash = document[line..insertion.at].find("- ").map(|at| line + at + 2);
    let blank = dash.is_some_and(|dash| document[line..dash].trim() == "-");
    let Some(prefix) = dash.filter(|_| blank).map(|dash| &document[line..dash]) else {
        return insertion.clone();
    };
    // A list in brackets may stand behind a dash, too.
    if !insertion.before.starts_with(", \"")
        || document[line + prefix.len()..insertion.at].starts_with('[')
    {
        return insertion.clone();
    }
    Insertion {
        before: format!("\n{prefix}\"--"),
        between: format!("\"\n{prefix}\""),
        after: "\"".to_owned(),
        ..insertion.clone()
    }
}
