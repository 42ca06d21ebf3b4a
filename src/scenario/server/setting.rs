//! One setting as it was read, and how one is added.

use std::ops::Range;

use super::piece::Piece;
use super::value::{ComputedValue, Language, Scope, compute};
use crate::scenario::raw_options::shown;
use crate::servers::words::unquoted;

/// One setting as it was read.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    /// The word, without dashes.
    pub(crate) name: String,
    /// Its value, if it has one.
    pub(crate) value: Option<Piece>,
    /// The word as it is written.
    pub(crate) raw: String,
    /// How the value is written.
    pub(crate) language: Language,
    /// Whether it always applies: it does not stand in a branch or a function.
    pub(crate) sure: bool,
    /// In which document it stands.
    pub(crate) document: usize,
}

impl Setting {
    pub(crate) fn new(name: &str, value: Option<Piece>) -> Setting {
        let (name, raw) = (name.to_owned(), name.to_owned());
        Setting { name, value, raw, language: Language::Plain, sure: true, document: 0 }
    }

    /// The value as it is written.
    pub(crate) fn text(&self) -> &str {
        self.value.as_ref().map_or("", Piece::text)
    }

    /// What the value comes to.
    ///
    /// # Errors
    /// Why it cannot be computed.
    pub(crate) fn computed(&self, scope: &Scope) -> Result<String, String> {
        if self.text().trim().is_empty() {
            return Ok(String::new());
        }
        match compute(scope, self.text(), self.language)? {
            // Python's division makes 4.0 of 8 / 2.
            ComputedValue::Number(n) if self.language == Language::Code && n.fract() == 0.0 => {
                Ok(format!("{n:.0}"))
            }
            value => Ok(value.text()),
        }
    }

    /// The word with its value, and what that comes to where it is not the same.
    pub(crate) fn shown(&self, computed: &str) -> String {
        let text = unquoted(self.text());
        if text.is_empty() || self.raw.contains('=') {
            return self.raw.clone();
        }
        let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let same = unquoted(computed) == text || self.language == Language::Plain;
        let number = text.replace('_', "") == computed;
        let list = |text: &str| text.replace([' ', '\'', '"', '[', ']', '(', ')'], "");
        match same || number || list(text) == list(computed) {
            true => format!("{} {}", self.raw, shown(&one_line)),
            false => format!("{} {} = {}", self.raw, shown(&one_line), shown(computed)),
        }
    }

    /// What the value covers in its document, without quotes.
    pub(crate) fn span(&self) -> Option<Range<usize>> {
        let value = self.value.as_ref()?.trim();
        let plain = value.trim_matches(|c| matches!(c, '"' | '\''));
        Some(if plain.text().contains(['"', '\'']) { value.span() } else { plain.span() })
    }
}

/// Where a setting that is not there is added, and what stands around it.
#[derive(Clone, Debug, Default)]
pub(super) struct Insertion {
    pub(crate) document: usize,
    pub(crate) at: usize,
    pub(crate) before: String,
    pub(crate) between: String,
    pub(crate) after: String,
}
