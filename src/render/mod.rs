//! Results as bytes: tables, CSV, JSON, Markdown, pictures. Renderers open no files.

pub(crate) mod axes;
pub(crate) mod charts;
pub(crate) mod compared;
mod grid;
pub(crate) mod memory_words;
pub(crate) mod number;
pub(crate) mod over_time;
pub mod part_csv;
mod real_words;
pub mod records_csv;
pub mod results_csv;
pub(crate) mod results_json;
pub mod server_config;
pub(crate) mod servers;
pub(crate) mod spread;
pub(crate) mod story;
pub mod table;
pub(crate) mod tails;
pub mod theory;
pub(crate) mod theory_check;
pub(crate) mod words;
pub(crate) mod wrap;

use crate::servers::PresetUse;

pub(crate) use axes::told as axes_told;

/// Where results come from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Version of the program.
    pub(crate) version: &'static str,
    /// The command as it was typed.
    pub(crate) command: String,
    /// The seed.
    pub(crate) seed: u64,
    /// Hash of the options as resolved.
    pub(crate) hash: u64,
    /// Whether a CSV says all this in comments before its header.
    pub(crate) comments: bool,
    /// (finished, all) cells, if the run was stopped.
    pub(crate) partial: Option<(usize, usize)>,
    /// The servers that were named, and which of their defaults were taken.
    pub(crate) servers: Vec<PresetUse>,
}

/// What is wrong with a CSV, as a sentence with its line.
fn csv_sentence(error: &csv::Error) -> String {
    let line = error.position().map_or(1, csv::Position::line);
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("line {line}: {len} fields, but the first line names {expected_len} columns")
        }
        csv::ErrorKind::Utf8 { .. } => format!("line {line} is not UTF-8 text"),
        _ => error.to_string(),
    }
}

/// The glyph of the named row.
pub(crate) const BEST: &str = "▶";
/// The glyph of rows that do not fit into the memory.
pub(crate) const UNFIT: &str = "✗";
/// The glyph of rows that were shown to be good enough as well.
pub(crate) const CLOSE: &str = "≈";
/// The glyph of rows of which nothing was shown.
pub(crate) const OPEN: &str = "?";

/// The same text for a terminal that shows ASCII only; columns stay where they are.
pub(crate) fn ascii(text: &str) -> String {
    let text = text.replace("± is", "+- is").replace("± ", "+-");
    text.chars()
        .map(|c| match c {
            '▶' => '>',
            '≈' => '~',
            '✗' => 'x',
            '█' => '#',
            '·' => '.',
            '–' | '…' => '-',
            '±' => '~',
            'µ' => 'u',
            c if c.is_ascii() => c,
            _ => '?',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_keeps_columns() {
        let text = "▶ 102 ± 2 ms ··██ – … x";
        assert_eq!(ascii(text), "> 102 +-2 ms ..## - - x");
        assert_eq!(ascii(text).chars().count(), text.chars().count());
    }
}
