//! The flags: one for each option of [`keys::KEYS`], and the subcommands.

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::output::Failure;
use crate::scenario::keys::{self, Key};
use crate::scenario::{Place, Value, Written};

const ABOUT: &str = "How many workers should my server run? A simulator of clients, a listen \
                     queue, workers and cores.";

const EXAMPLES: &str = "\
Examples:
  simsrv --workers 1,4,12,32 --service 3s --clients 3
      three users come at once; each request is 3 s of CPU
  simsrv --workers 4..16 --cpu 'exp(10ms)' --io 'exp(70ms)' --rate 100/s
      how many workers for 100 requests a second that mostly wait for a database?
  simsrv --workers 1..12 --cores 1,2,4 --service 'exp(20ms)' --rate 45/s --plot plots
      the same question over cores, with pictures

Laws: 3s, exp(20ms), uniform(1s,5s), erlang(mean=20ms,k=3), gamma(mean=20ms,cv=0.5),
      lognormal(mean=20ms,cv=2), lognormal(median=20ms,p99=300ms), weibull(mean=20ms,shape=0.7),
      pareto(mean=20ms,alpha=2.5), hyperexp(mean=20ms,cv=4), mix(90%:5ms,10%:exp(200ms)),
      quantiles(p50=20ms,p99=300ms,max=2s), samples:FILE.csv#column, and any of them + 5ms
Exit codes: 0 done, 1 an expectation was missed, 2 wrong usage or input, 74 output could not be
      written, 130 interrupted";

/// The command line, for help, completions and parsing.
pub fn command() -> Command {
    Command::new("simsrv")
        .version(env!("CARGO_PKG_VERSION"))
        .about(ABOUT)
        .after_help(EXAMPLES)
        .args_conflicts_with_subcommands(true)
        .args(keys::KEYS.iter().map(flag))
        .subcommand(
            Command::new("run")
                .about("Run scenario files (TOML); flags override their keys")
                .arg(
                    Arg::new("files")
                        .value_name("FILE.toml")
                        .required(true)
                        .action(ArgAction::Append)
                        .num_args(1..)
                        .help("Scenarios, one after another"),
                )
                .arg(
                    Arg::new("check")
                        .long("check")
                        .action(ArgAction::SetTrue)
                        .help("Check the expectations; write no files; exit 1 if one is missed"),
                )
                .args(keys::KEYS.iter().map(flag)),
        )
        .subcommand(
            Command::new("plot")
                .about("Draw the charts of saved results again, or the timeline of saved visits")
                .arg(
                    Arg::new("file")
                        .value_name("RESULTS.csv")
                        .required(true)
                        .help("Results or visits that simsrv wrote"),
                )
                .arg(
                    Arg::new("output")
                        .short('o')
                        .long("output")
                        .value_name("DIR")
                        .required(true)
                        .help("Where the pictures go"),
                ),
        )
}

fn flag(key: &Key) -> Arg {
    let arg = Arg::new(key.name).long(key.name).help(key.help).help_heading(key.group.heading());
    if key.value.is_empty() {
        return arg.action(ArgAction::SetTrue);
    }
    arg.value_name(key.value).action(ArgAction::Set).allow_hyphen_values(true)
}

/// The options as written on the command line.
///
/// # Errors
/// A flag that has another flag for its value.
pub(super) fn written(matches: &ArgMatches) -> Result<Written, Failure> {
    let mut written = Written::new();
    for key in &keys::KEYS {
        let text = if key.value.is_empty() {
            if !matches.get_flag(key.name) {
                continue;
            }
            "true".to_owned()
        } else {
            match matches.get_one::<String>(key.name) {
                Some(text) => text.clone(),
                None => continue,
            }
        };
        if text.starts_with("--") {
            return Err(super::input(format!(
                "--{} needs a value ({}), but '{text}' follows",
                key.name, key.value
            )));
        }
        written.set(key.name, Value { text, place: Place::Flag(key.name) });
    }
    Ok(written)
}
