//! Options as other tools name them, in a command line: put in simsrv's words before it is read.

use std::ffi::OsString;

use clap::Command;

use super::args;
use super::end::{Failure, input};
use super::usage::with_hint;
use crate::scenario::keys;
use crate::scenario::other_words::{self, WordMeaning};

/// The command line with the words of other tools replaced.
///
/// # Errors
/// A sentence, where such a word may be several options.
pub(super) fn translated(arguments: &[OsString]) -> Result<Vec<OsString>, Failure> {
    let command = args::command();
    let first = arguments.get(1).and_then(|word| word.to_str());
    let command = first.and_then(|word| command.find_subcommand(word)).unwrap_or(&command);
    if !knows(command, "--workers") || !knows(command, "--rate") {
        return Ok(arguments.to_vec());
    }
    let mut all = Vec::with_capacity(arguments.len());
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let text = word.to_str().filter(|text| !all.is_empty() && text.starts_with('-'));
        if text == Some("--") {
            all.push(word.clone());
            break;
        }
        let Some((option, meaning, attached)) =
            text.map(|text| meant(command, text)).transpose()?.flatten()
        else {
            all.push(word.clone());
            // What follows such an option is its value, whatever it looks like.
            let takes = text.and_then(|text| keys::find(text.strip_prefix("--")?));
            if takes.is_some_and(|key| !key.is_switch()) {
                all.extend(words.next().cloned());
            }
            continue;
        };
        all.push(format!("--{option}").into());
        match attached.map(OsString::from).or_else(|| words.next().cloned()) {
            Some(value) => all.push(match value.to_str() {
                Some(text) if !text.starts_with("--") => meaning.value(text).into(),
                _ => value,
            }),
            None => break,
        }
    }
    all.extend(words.cloned());
    Ok(all)
}

/// An option of simsrv, how its value is written, and the value if it stands in the same word.
type Meant<'a> = (&'static str, WordMeaning, Option<&'a str>);

/// What a word that looks like an option means here; `None` if it is known or quite unknown.
fn meant<'a>(command: &Command, text: &'a str) -> Result<Option<Meant<'a>>, Failure> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => match text.strip_prefix('-').and_then(|rest| rest.chars().next()) {
            // -w4 is -w 4.
            Some(c) if c.is_ascii_alphabetic() && text.len() > 2 => (&text[..2], Some(&text[2..])),
            _ => (text, None),
        },
    };
    if knows(command, name) {
        return Ok(None);
    }
    let plain = other_words::plain(name);
    let found = match keys::find(&plain).filter(|_| name.starts_with("--")) {
        Some(key) if !key.is_switch() => Some(WordMeaning::Same(key.name)),
        _ => other_words::find(name).filter(|_| name.starts_with("--") == (plain.len() > 1)),
    };
    match found {
        Some(WordMeaning::See(advice)) => {
            Err(input(with_hint(format!("'{name}' is not an option of simsrv: {advice}"))))
        }
        Some(meaning @ (WordMeaning::Same(option) | WordMeaning::Per(option, _)))
            if knows(command, &format!("--{option}")) =>
        {
            Ok(Some((option, meaning, value)))
        }
        _ => Ok(None),
    }
}

/// Whether a command has an option of that name.
fn knows(command: &Command, name: &str) -> bool {
    let own = ["-h", "--help", "-V", "--version"].contains(&name);
    let letter = |arg: &clap::Arg| arg.get_short().is_some_and(|short| name == format!("-{short}"));
    let word = |arg: &clap::Arg| arg.get_long().is_some_and(|long| name == format!("--{long}"));
    own || command.get_arguments().any(|arg| letter(arg) || word(arg))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated_text(line: &str) -> Result<String, String> {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let joined = |all: Vec<OsString>| {
            all.iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
        };
        translated(&words)
            .map(joined)
            .map_err(|failure| failure.sentence().unwrap_or("").to_owned())
    }

    #[test]
    fn a_word_of_another_tool_is_the_option_that_it_means() {
        for (line, expect) in [
            ("simsrv --rps 40 -w 4", "simsrv --rate 40/s --workers 4"),
            ("simsrv --rps=40 -w4 -w=4", "simsrv --rate 40/s --workers 4 --workers 4"),
            ("simsrv theory --users 3 --cpus 2", "simsrv theory --clients 3 --cores 2"),
            ("simsrv --worker_connections 9", "simsrv --worker-connections 9"),
            // A value stays as it is, whatever it looks like.
            ("simsrv --from -w --rate -k", "simsrv --from -w --rate -k"),
            ("simsrv --rps --workers 4", "simsrv --rate --workers 4"),
            // Commands with options of their own.
            ("simsrv plot -w 4", "simsrv plot -w 4"),
            ("simsrv --wibble 3 -x", "simsrv --wibble 3 -x"),
        ] {
            assert_eq!(translated_text(line).as_deref(), Ok(expect), "{line}");
        }
    }

    #[test]
    fn a_word_that_may_be_several_options_has_a_sentence() {
        for (line, part) in [
            ("simsrv -t 30", "--timeout"),
            ("simsrv --concurrency 4", "--threads"),
            ("simsrv --target p99", "--slo 'p99<500ms'"),
            ("simsrv run a.toml --bind 0:80", "--listen unix"),
        ] {
            let sentence = translated_text(line).expect_err(line);
            assert!(
                sentence.contains(part) && sentence.ends_with("try 'simsrv -h'."),
                "{sentence}"
            );
        }
    }
}
