//! `simsrv serve`: the page on this machine.

use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::end::{ExitStatus, Failure, input, reason};
use super::{interrupt, output};
use crate::serve::{self, ServeSettings};

/// The port if nothing is said: free on most machines.
const PORT: &str = "8642";
/// How long a question runs at most.
const LONGEST: Duration = Duration::from_secs(60);

/// The subcommand.
pub(super) fn command() -> Command {
    Command::new("serve")
        .about("Show the page: ask, see the answer, watch the machine in motion")
        .after_help(
            "The page is served on this machine alone. It reads and writes no files. With \
             --allow-remote other machines may open it, with the token in the address that is \
             printed.",
        )
        .arg(
            Arg::new("port")
                .long("port")
                .value_name("N")
                .default_value(PORT)
                .value_parser(clap::value_parser!(u16))
                .help("The port; 0 takes a free one"),
        )
        .arg(
            Arg::new("open")
                .long("open")
                .action(ArgAction::SetTrue)
                .help("Open the page in the browser"),
        )
        .arg(
            Arg::new("allow-remote")
                .long("allow-remote")
                .action(ArgAction::SetTrue)
                .help("Let other machines in, with a token"),
        )
}

/// Serves until Ctrl-C.
pub(super) fn run(matches: &ArgMatches) -> Result<ExitStatus, Failure> {
    let port = matches.get_one::<u16>("port").copied().unwrap_or(0);
    let remote = matches.get_flag("allow-remote");
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    let settings = ServeSettings { port, remote, jobs, longest: LONGEST };
    let ready = |address: &str| {
        // Without a reader of the address the page is served all the same.
        let sentence = format!("The page is at {address} (Ctrl-C ends it)");
        match output::check_stdout() {
            Ok(()) => drop(output::print(&(sentence + "\n"), false)),
            Err(_) => output::tell(&sentence),
        }
        if matches.get_flag("open") && !opened(address) {
            output::tell("simsrv: no browser could be started: open the address yourself");
        }
    };
    serve::run(settings, interrupt::stop(), ready)
        .map(|()| ExitStatus::Done)
        .map_err(|error| input(format!("--port {port}: {}", reason(&error))))
}

/// Starts the browser of this system.
fn opened(address: &str) -> bool {
    let program = match std::env::consts::OS {
        "macos" => "open",
        "windows" => "explorer",
        _ => "xdg-open",
    };
    std::process::Command::new(program).arg(address).spawn().is_ok()
}
