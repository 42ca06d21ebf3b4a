//! Options written out again: as a command, as a scenario file, and as the hash that stands for
//! them.

use toml_edit::{ArrayOfTables, DocumentMut, Table};

use super::keys::{self, Group};
use super::raw_options::{RawOptions, steers};
use super::read::Case;

/// A word of a command, quoted where a shell needs it; what would steer the terminal as Bash, Zsh and
/// POSIX 2024 write it out.
pub fn quoted(word: &str) -> String {
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
        c if steers(c) && u32::from(c) <= 0xffff => format!("\\u{:04x}", u32::from(c)),
        c if steers(c) => format!("\\U{:08x}", u32::from(c)),
        c => c.to_string(),
    }
}

/// A hash of the options that the results depend on (FNV-1a, 64 bits): equal for equal questions.
pub(crate) fn hash(base: &RawOptions, cases: &[Case]) -> u64 {
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
pub(crate) fn changed(begin: &str, flags: &RawOptions, changes: &[(&str, String)]) -> String {
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

/// Options and their cases as a scenario file, which `simsrv run` takes; without those that no result depends
/// on.
pub(crate) fn toml(options: &RawOptions, cases: &[Case]) -> String {
    let mut document = DocumentMut::new();
    add(&mut document, options);
    let mut all = ArrayOfTables::new();
    for (name, own) in cases {
        let mut case = Table::new();
        if let Some(name) = name {
            case["name"] = toml_edit::value(name.as_str());
        }
        add(&mut case, own);
        all.push(case);
    }
    if !all.is_empty() {
        document["case"] = all.into();
    }
    document.to_string()
}

fn add(table: &mut Table, options: &RawOptions) {
    for key in keys::KEYS.iter().filter(|key| key.effect.repeated()) {
        let Some(value) = options.get(key.name) else { continue };
        table[key.name] = match key.value {
            "" => toml_edit::value(value.text == "true"),
            _ => toml_edit::value(value.text.as_str()),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Place, Value, file};

    fn options(pairs: &[(&str, &str)]) -> RawOptions {
        let mut raw = RawOptions::new();
        for (name, text) in pairs {
            raw.set(name, Value { text: (*text).to_owned(), place: Place::Default });
        }
        raw
    }

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        assert_eq!(quoted("a\u{1b}b"), r"$'a\x1bb'");
        assert_eq!(quoted("a\u{200b}\u{202e}b"), r"$'a\u200b\u202eb'");
        assert_eq!(quoted("a\u{e0041}b"), r"$'a\U000e0041b'");
    }

    #[test]
    fn what_is_written_as_a_file_is_read_again() {
        let raw = options(&[("workers", "1..4"), ("cpu", "exp(20ms)"), ("preload", "true")]);
        let cases = [("light", "exp(20ms)"), ("heavy", "exp(40ms)")];
        let cases = cases.map(|(name, cpu)| (Some(name.to_owned()), options(&[("cpu", cpu)])));
        let again = file::read(&toml(&raw, &cases)).expect("a scenario");
        let texts = |raw: &RawOptions| {
            raw.iter().map(|(key, value)| (key.name, value.text.clone())).collect::<Vec<_>>()
        };
        assert_eq!(texts(&again.base), texts(&raw));
        let named = |cases: &[Case]| -> Vec<_> {
            cases.iter().map(|(name, raw)| (name.clone(), texts(raw))).collect()
        };
        assert_eq!(named(&again.cases), named(&cases));
    }

    #[test]
    fn a_command_quotes_what_a_shell_would_take_apart() {
        let raw = options(&[("cpu", "exp(20ms)"), ("workers", "1..4"), ("quiet", "true")]);
        assert_eq!(changed("simsrv", &raw, &[]), "simsrv --workers 1..4 --cpu 'exp(20ms)'");
        let changes = [("workers", "it's".to_owned())];
        assert_eq!(
            changed("simsrv", &raw, &changes),
            r"simsrv --workers 'it'\''s' --cpu 'exp(20ms)'"
        );
    }
}
