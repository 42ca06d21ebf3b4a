//! Options as a person wrote them, with the place where they stand, so that an error can point
//! there.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use super::keys::{self, Key};

/// Where a value was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// On the command line.
    Flag(&'static str),
    /// In a scenario file: the bytes of the value.
    File(Range<usize>),
    /// Nowhere: it is the default of the named server.
    Default,
}

/// A value as given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// Its text, in the grammar of the flags.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// What is wrong with what was given, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where; `None` if it is about something missing.
    pub(crate) place: Option<Place>,
    /// A sentence: what was read, what was expected, how to mend it.
    pub(crate) sentence: String,
}

impl Problem {
    /// A problem of nothing in particular.
    pub(crate) fn new(sentence: impl fmt::Display) -> Self {
        Problem { place: None, sentence: sentence.to_string() }
    }

    /// A problem at a value.
    pub(crate) fn at(value: &Value, sentence: impl fmt::Display) -> Self {
        Problem { place: Some(value.place.clone()), sentence: sentence.to_string() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            // A sentence that begins with its option needs no other beginning.
            Some(Place::Flag(name)) if !self.sentence.starts_with("--") => {
                write!(f, "--{name}: {}", self.sentence)
            }
            _ => f.write_str(&self.sentence),
        }
    }
}

impl std::error::Error for Problem {}

/// Whether a character steers a terminal, or the direction or the lines of text, instead of being
/// seen, or cannot be seen at all (Unicode Standard Annex 9, table 1; line and paragraph separators;
/// Unicode Technical Report 36, 2.10: what is ignored by default). The joiners U+200C and U+200D, which
/// scripts need, are left alone.
pub(crate) fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}' | '\u{fff9}'..='\u{fffb}')
        || matches!(c, '\u{e0000}'..='\u{e007f}')
}

/// Text from a file as it is shown: what would steer the terminal is written out, such as `\u{1b}`.
pub(crate) fn escaped(text: &str) -> String {
    if !text.contains(steers) {
        return text.to_owned();
    }
    let one = |c: char| match c {
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        '\r' => "\\r".to_owned(),
        c if steers(c) => c.escape_unicode().to_string(),
        c => c.to_string(),
    };
    text.chars().map(one).collect()
}

/// What was given, shortened where it is long, for a sentence that shows it.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The name of an option as the table of keys has it. A name that is not there is a mistake in the
/// program: no flag and no file gets this far with it.
fn known(name: &str) -> &'static str {
    let key = keys::find(name);
    debug_assert!(key.is_some(), "no option is named '{name}': see scenario/keys.rs");
    key.map_or("", |key| key.name)
}

/// Options by name.
#[derive(Clone, Debug, Default)]
pub struct RawOptions(BTreeMap<&'static str, Value>);

impl RawOptions {
    /// No options.
    pub fn new() -> Self {
        RawOptions::default()
    }

    /// Adds a value of the option `name`, which is one of [`keys::KEYS`].
    ///
    /// # Panics
    /// In a debug build, if there is no such option.
    pub fn set(&mut self, name: &str, value: Value) {
        self.0.insert(known(name), value);
    }

    /// Takes an option out.
    pub(crate) fn remove(&mut self, name: &str) {
        self.0.remove(known(name));
    }

    /// The value of an option.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(known(name))
    }

    /// Whether an option was given.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(known(name))
    }

    /// These options, overridden by others.
    pub fn with(&self, others: &RawOptions) -> RawOptions {
        let mut all = self.clone();
        all.0.extend(others.0.iter().map(|(name, value)| (*name, value.clone())));
        all
    }

    /// These options without values that are to be found.
    pub(super) fn without_auto(&self) -> RawOptions {
        let mut all = self.clone();
        all.0.retain(|name, value| {
            value.text.trim() != "auto" || !["workers", "threads", "hosts"].contains(name)
        });
        all
    }

    /// Options and values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static Key, &Value)> {
        self.0.iter().filter_map(|(name, value)| Some((keys::find(name)?, value)))
    }

    /// Reads an option with the parser of its type.
    ///
    /// # Errors
    /// The parser's sentence, at the value.
    pub(crate) fn parse<T, E: fmt::Display>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Problem> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let short = |error: E| error.to_string().replace(&value.text, &shown(&value.text));
        parse(&value.text).map(Some).map_err(|error| match value.text.is_empty() {
            true => Problem::at(value, error),
            false => Problem::at(value, short(error)),
        })
    }
}
