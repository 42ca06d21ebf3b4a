//! `simsrv completions`, `simsrv man` and `simsrv observe`: texts for a shell, for `man` and for a server.

use clap::builder::PossibleValuesParser;
use clap::{ArgMatches, Command, ValueHint};
use clap_complete::Shell;

use super::end::{EXIT_CODES, ExitStatus, Failure};
use super::grammar::{ARRIVALS, DISTRIBUTIONS, EXAMPLES, WrittenForm};
use super::{args, output};
use crate::fit::observe;
use crate::scenario::{keys, values};

/// Prints the completions of a shell.
pub(super) fn completions(matches: &ArgMatches) -> Result<ExitStatus, Failure> {
    let mut page = Vec::new();
    if let Some(shell) = matches.get_one::<Shell>("shell") {
        clap_complete::generate(*shell, &mut with_values(args::command()), "simsrv", &mut page);
    }
    output::print_bytes(&page).map(|()| ExitStatus::Done)
}

/// A command whose options know the values that they take, and which of them are files. The parser
/// does without: its own sentences say more.
fn with_values(command: Command) -> Command {
    let of_commands: Vec<String> =
        command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    let command = of_commands.into_iter().fold(command, |all, name| all.mut_subcommand(name, told));
    told(command)
}

fn told(mut command: Command) -> Command {
    for key in keys::KEYS.iter().filter(|key| !key.is_switch()) {
        if !command.get_arguments().any(|arg| arg.get_id() == key.name) {
            continue;
        }
        let words = values::of(key.name);
        command = command.mut_arg(key.name, |arg| match key.value {
            _ if !words.is_empty() => arg.value_parser(PossibleValuesParser::new(words)),
            "FILE" => arg.value_hint(ValueHint::FilePath),
            "DIR" => arg.value_hint(ValueHint::DirPath),
            "COMMAND" => arg.value_hint(ValueHint::AnyPath),
            _ => arg.value_hint(ValueHint::Other),
        });
    }
    command
}

/// Prints the lines by which a server logs CPU and wall time.
pub(super) fn observe(matches: &ArgMatches) -> Result<ExitStatus, Failure> {
    let server = matches.get_one::<String>("server").map_or("", String::as_str);
    output::print(observe::lines(server).unwrap_or_default(), false).map(|()| ExitStatus::Done)
}

/// Prints the manual page.
pub(super) fn man() -> Result<ExitStatus, Failure> {
    output::print_bytes(page().as_bytes()).map(|()| ExitStatus::Done)
}

/// The manual page, in roff.
fn page() -> String {
    let command = args::command();
    let man = clap_mangen::Man::new(command.clone());
    let mut begin = Vec::new();
    // Writing to memory cannot fail.
    let _ = man.render_title(&mut begin).and_then(|()| man.render_name_section(&mut begin));
    let mut options = Vec::new();
    let _ = man.render_options_section(&mut options);
    // Its groups are parts of one section.
    let options = String::from_utf8_lossy(&options).replace("\n.SH ", "\n.SS ");
    let options = options.replacen(".SS OPTIONS", ".SH OPTIONS", 1);
    let commands: Vec<(String, String)> = command
        .get_subcommands()
        .map(|sub| (format!("simsrv {}", sub.get_name()), about(sub)))
        .collect();
    let codes = EXIT_CODES.iter().map(|(code, about)| (code.to_string(), (*about).to_owned()));
    let owned = |forms: &[WrittenForm]| {
        forms.iter().map(|(form, about)| ((*form).to_owned(), (*about).to_owned())).collect()
    };
    [
        String::from_utf8_lossy(&begin).into_owned(),
        ".SH SYNOPSIS\n\\fBsimsrv\\fR [\\fIOPTIONS\\fR]\n.br\n\\fBsimsrv\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR] \
         [\\fIFILE\\fR ...]\n"
            .to_owned(),
        format!(".SH DESCRIPTION\n{}\n", escaped(&about(&command))),
        section("EXAMPLES", owned(&EXAMPLES)),
        options,
        section("COMMANDS", commands),
        section("DISTRIBUTIONS", owned(&DISTRIBUTIONS)),
        section("ARRIVALS", owned(&ARRIVALS)),
        section("EXIT STATUS", codes.collect()),
    ]
    .concat()
}

fn about(command: &Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}

/// A section that is a list of terms, each with what it is.
fn section(title: &str, items: Vec<(String, String)>) -> String {
    let item = |(term, about): (String, String)| {
        format!(".TP\n\\fB{}\\fR\n{}\n", escaped(&term), escaped(&about))
    };
    format!(".SH \"{title}\"\n{}", items.into_iter().map(item).collect::<String>())
}

/// Text as roff takes it: no sign of it steers, and a hyphen can be copied.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}
