//! Running text in lines of a width: broken at blanks only, never between a number and its unit or
//! its interval.

use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

/// A blank at which no line ends (U+00A0); only inside of this file.
const NO_BREAK: &str = "\u{a0}";
/// What belongs to the number before it.
const UNITS: [&str; 14] =
    ["s", "ms", "us", "ns", "%", "/s", "KB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB"];

/// The lines of a text; a word that is longer than the width has a line of its own.
pub(crate) fn lines(text: &str, width: usize) -> Vec<String> {
    let options = Options::new(width)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    let kept = keep_units(text);
    textwrap::wrap(&kept, options).iter().map(|line| line.replace(NO_BREAK, " ")).collect()
}

/// The text with units and intervals tied to their numbers.
fn keep_units(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for word in text.split(' ') {
        let plain = word.trim_end_matches(|c: char| ".,;:)".contains(c));
        let number = kept.ends_with(|c: char| c.is_ascii_digit());
        let tied = number && (UNITS.contains(&plain) || word == "±") || kept.ends_with('±');
        if !kept.is_empty() {
            kept.push_str(if tied { NO_BREAK } else { " " });
        }
        kept.push_str(word);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_blanks_but_not_before_a_unit() {
        assert_eq!(lines("it takes 12 ms in all", 11), ["it takes", "12 ms in", "all"]);
        assert_eq!(lines("it is 12 ± 3 ms, so", 9), ["it is", "12 ± 3 ms,", "so"]);
        assert_eq!(lines("--client-timeout 3s", 8), ["--client-timeout", "3s"]);
        assert_eq!(lines("12 s of 3 workers", 6), ["12 s", "of 3", "workers"]);
    }
}
