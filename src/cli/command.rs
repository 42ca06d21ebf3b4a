//! The command as it was typed, and the hash of what was asked for.

use std::ffi::OsString;

use crate::render::words::Changes;
use crate::scenario::keys::{self, Group};
use crate::scenario::raw_options::steers;
use crate::scenario::{Case, RawOptions};

/// The command line, quoted where a shell needs it; the program by its plain name.
pub(super) fn typed(arguments: &[OsString]) -> String {
    let words = arguments.iter().skip(1).map(|argument| quoted(&argument.to_string_lossy()));
    std::iter::once("simsrv".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

/// A word in quotes where a shell needs them; what would steer the terminal as Bash, Zsh and POSIX
/// 2024 write it out.
pub(super) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=.,/:%+@^".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    if word.contains(steers) {
        return format!("$'{}'", word.chars().map(written_out).collect::<String>());
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A character between `$'` and `'`.
fn written_out(c: char) -> String {
    match c {
        '\\' | '\'' => format!("\\{c}"),
        '\n' => "\\n".to_owned(),
        c if steers(c) && u32::from(c) < 0x80 => format!("\\x{:02x}", u32::from(c)),
        c if steers(c) => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    }
}

/// A hash of the options that the results depend on (FNV-1a, 64 bits): equal for equal questions.
pub(super) fn hash(base: &RawOptions, cases: &[Case]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |text: &str| {
        for byte in text.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    let mut options = |raw: &RawOptions| {
        for (key, value) in raw.iter().filter(|(key, _)| key.effect.on_results()) {
            add(key.name);
            add(&value.text);
        }
    };
    options(base);
    for (_, raw) in cases {
        options(raw);
    }
    hash
}

/// A command that repeats the flags of another with some of them changed.
pub(super) fn changed(begin: &str, flags: &RawOptions, changes: &Changes) -> String {
    let mut words = vec![begin.to_owned()];
    // A server and its requests first, then who asks for them: as one would say it.
    let order =
        [Group::Server, Group::Real, Group::Request, Group::Load, Group::Run, Group::Output];
    let keys =
        order.into_iter().flat_map(|group| keys::KEYS.iter().filter(move |k| k.group == group));
    for key in keys {
        let change = changes.iter().find(|(name, _)| *name == key.name).map(|(_, text)| text);
        let old = flags.get(key.name).filter(|_| key.effect.repeated());
        let Some(text) = change.or(old.map(|value| &value.text)) else { continue };
        words.push(match key.value {
            "" => format!("--{}", key.name),
            _ => format!("--{} {}", key.name, quoted(text)),
        });
    }
    words.join(" ")
}
