//! The command as it was typed.

use std::ffi::OsString;

pub(super) use crate::scenario::written::quoted;

/// The command line, quoted where a shell needs it; the program by its plain name.
pub(super) fn typed(arguments: &[OsString]) -> String {
    let words = arguments.iter().skip(1).map(|argument| quoted(&argument.to_string_lossy()));
    std::iter::once("simsrv".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}
