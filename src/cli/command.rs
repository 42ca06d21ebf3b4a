//! The command as it was typed, and the hash of what was asked for.

use std::ffi::OsString;

use crate::scenario::{Case, Written};

/// The command line, quoted where a shell needs it; the program by its plain name.
pub(super) fn typed(arguments: &[OsString]) -> String {
    let words = arguments.iter().skip(1).map(|argument| quoted(&argument.to_string_lossy()));
    std::iter::once("simsrv".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=.,/:%+@^".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Options that change no result.
const WITHOUT_EFFECT: [&str; 11] = [
    "jobs",
    "yes",
    "format",
    "export-csv",
    "export-json",
    "export-markdown",
    "visits",
    "plot",
    "color",
    "quiet",
    "engine",
];

/// A hash of the options that results hang on (FNV-1a, 64 bits): equal for equal questions.
pub(super) fn hash(base: &Written, cases: &[Case]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |text: &str| {
        for byte in text.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    let mut options = |written: &Written| {
        for (name, value) in written.iter().filter(|(name, _)| !WITHOUT_EFFECT.contains(name)) {
            add(name);
            add(&value.text);
        }
    };
    options(base);
    for (name, written) in cases {
        let _ = name;
        options(written);
    }
    hash
}
