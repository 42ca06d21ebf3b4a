//! What is wrong with a command line, in the sentences of the rest of the program.

use std::ffi::OsString;

use clap::ValueEnum;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap_complete::Shell;

use super::end::{ExitStatus, Failure, input};
use super::{args, output};
use crate::scenario::keys;
use crate::scenario::raw_options::shown;
use crate::scenario::suggest::nearest;

/// A sentence about wrong usage, with where the options are listed.
pub(super) fn with_hint(sentence: impl std::fmt::Display) -> String {
    format!("{sentence}\n\nFor the main options, try 'simsrv -h'.")
}

/// Help and version are printed, anything else is wrong usage.
pub(super) fn answer(error: &clap::Error) -> Result<ExitStatus, Failure> {
    if error.use_stderr() {
        return Err(input(with_hint(sentence(error))));
    }
    output::check_stdout()?;
    let text = error.render().ansi().to_string();
    output::print(&text, output::automatic_colour()).map(|()| ExitStatus::Done)
}

/// Refuses an option whose value is missing, before the next option is taken for it.
pub(super) fn refuse_missing_values(arguments: &[OsString]) -> Result<(), Failure> {
    for (at, argument) in arguments.iter().enumerate().skip(1) {
        let name = argument.to_str().and_then(|text| text.strip_prefix("--"));
        let Some(key) = name.and_then(keys::find).filter(|key| !key.value.is_empty()) else {
            continue;
        };
        let follows = match arguments.get(at + 1).map(|next| next.to_string_lossy()) {
            Some(next) if next.starts_with("--") => format!("'{}' follows", shown(&next)),
            Some(_) => continue,
            None => "nothing follows".to_owned(),
        };
        return Err(input(with_hint(format!(
            "--{} needs a value ({}), but {follows}",
            key.name, key.value
        ))));
    }
    Ok(())
}

fn sentence(error: &clap::Error) -> String {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => shown(text),
        Some(ContextValue::Strings(texts)) => shown(&texts.join(" ")),
        _ => String::new(),
    };
    // Clap shows an option with what stands for its value.
    let option = || text(ContextKind::InvalidArg).split([' ', '=']).next().unwrap_or("").to_owned();
    match error.kind() {
        ErrorKind::UnknownArgument => unknown_option(&text(ContextKind::InvalidArg)),
        ErrorKind::InvalidSubcommand => unknown_command(&text(ContextKind::InvalidSubcommand)),
        ErrorKind::ArgumentConflict => conflict(error, &option()),
        ErrorKind::MissingRequiredArgument if missing_shell(error) => format!(
            "name a shell, as in: simsrv completions bash; there are {}",
            Shell::value_variants().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        ),
        ErrorKind::MissingRequiredArgument => {
            let missing = plain(&text(ContextKind::InvalidArg));
            format!("{missing} is missing: write {}", plain(&usage(error)))
        }
        ErrorKind::TooManyValues => {
            format!("{} takes no value: drop '{}'", option(), text(ContextKind::InvalidValue))
        }
        ErrorKind::InvalidValue => format!(
            "{}: '{}' is none of {}",
            plain(&text(ContextKind::InvalidArg)),
            text(ContextKind::InvalidValue),
            match error.get(ContextKind::ValidValue) {
                Some(ContextValue::Strings(values)) => values.join(", "),
                _ => "its values".to_owned(),
            }
        ),
        ErrorKind::InvalidUtf8 => "an argument is not UTF-8 text".to_owned(),
        _ => first_line(error),
    }
}

/// Whether the shell of `simsrv completions` is missing.
fn missing_shell(error: &clap::Error) -> bool {
    matches!(error.get(ContextKind::InvalidArg), Some(ContextValue::Strings(missing))
        if missing.iter().any(|name| name == "<SHELL>"))
}

/// What stands for a value, without the signs around it.
fn plain(text: &str) -> String {
    text.replace(['<', '>'], "").replace("...", "")
}

fn unknown_option(raw: &str) -> String {
    let options = keys::KEYS.iter().map(|key| key.name);
    let more = ["help", "version", "check", "output"];
    let name = raw.trim_start_matches('-').split('=').next().unwrap_or("");
    match nearest(name, options.chain(more)) {
        // What other commands take.
        Some(known) if known == name => {
            format!("'{raw}' is not an option of this command: --help lists those that are")
        }
        Some(known) => format!("unknown option '{raw}': did you mean '--{known}'?"),
        None if !raw.starts_with('-') => {
            format!("unexpected argument '{raw}': a value comes directly after its option")
        }
        None => format!("unknown option '{raw}'"),
    }
}

fn unknown_command(raw: &str) -> String {
    let command = args::command();
    match nearest(raw, command.get_subcommands().map(clap::Command::get_name)) {
        Some(known) => format!("unknown command '{raw}': did you mean '{known}'?"),
        None => format!("'{raw}' is neither an option nor a command"),
    }
}

fn conflict(error: &clap::Error, first: &str) -> String {
    if let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) {
        let command = args::command();
        return match command.find_subcommand(word) {
            Some(_) => {
                format!("'{word}' comes first, then its options, as in: simsrv {word} --help")
            }
            None => format!(
                "unexpected argument '{}': a value comes directly after its option",
                shown(word)
            ),
        };
    }
    match error.get(ContextKind::PriorArg) {
        Some(ContextValue::String(prior)) if prior.split(' ').next() != Some(first) => {
            format!("{first} cannot be used with {prior}: drop one")
        }
        _ => format!("{first} is given twice: give it once, with several values in one list"),
    }
}

fn usage(error: &clap::Error) -> String {
    match error.get(ContextKind::Usage) {
        Some(ContextValue::StyledStr(usage)) => {
            usage.to_string().replace("Usage:", "").split_whitespace().collect::<Vec<_>>().join(" ")
        }
        _ => "simsrv --help".to_owned(),
    }
}

fn first_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    text.lines().next().unwrap_or("").trim_start_matches("error: ").to_owned()
}
