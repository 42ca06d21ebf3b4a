//! The flags: one for each option of [`keys::KEYS`], and the subcommands.

use clap::{Arg, ArgAction, ArgMatches, Command};
use clap_complete::Shell;

use super::{grammar, output};
use crate::fit::load_tests::Tool;
use crate::fit::observe;
use crate::scenario::keys::{self, Group, Key};
use crate::scenario::routes::BETWEEN;
use crate::scenario::{Place, RawOptions, Value};

const ABOUT: &str = "How many workers should my server run? Simulates clients, queue, workers, \
                     cores.";

const FIRST_EXAMPLES: &str = "\
Examples:
  simsrv --workers 1,4,12,32 --service 3s --clients 3
  simsrv --workers 4..16 --cpu 'exp(10ms)' --io 'exp(70ms)' --rate 100/s";

const HINTS: &str = "\
DIST: 3s, exp(20ms), lognormal(mean=20ms,cv=2), mix(90%:5ms,10%:1s) and more.";

/// The widest help: longer lines are hard to read.
const WIDEST: usize = 100;

/// The end of the short help.
fn hints() -> String {
    let more = keys::KEYS.iter().filter(|key| key.detail).count();
    format!(
        "{HINTS}\n'simsrv --help' has {more} more options: servers, memory, hosts; and more of DIST."
    )
}

const TEMPLATE: &str = "\
{about}

{before-help}{usage-heading} {usage}

{all-args}{after-help}";

/// The command line, for help, completions and parsing.
pub(crate) fn command() -> Command {
    with_page(main_command())
}

#[cfg(feature = "serve")]
fn with_page(command: Command) -> Command {
    command.subcommand(super::serve::command())
}

#[cfg(not(feature = "serve"))]
fn with_page(command: Command) -> Command {
    command
}

fn main_command() -> Command {
    Command::new("simsrv")
        .version(env!("CARGO_PKG_VERSION"))
        .about(ABOUT)
        .override_usage("simsrv [OPTIONS]  or  simsrv <COMMAND>")
        .help_template(TEMPLATE)
        .term_width(output::width().min(WIDEST))
        .before_help(FIRST_EXAMPLES)
        .before_long_help(grammar::examples())
        .after_help(hints())
        .after_long_help(grammar::long_help())
        .args_conflicts_with_subcommands(true)
        .args(keys::KEYS.iter().map(flag))
        .subcommand(run())
        .subcommand(plot())
        .subcommand(theory())
        .subcommand(validate())
        .subcommand(merge())
        .subcommand(fit())
        .subcommand(check())
        .subcommand(observing())
        .subcommand(completions())
        .subcommand(Command::new("man").about("Print the manual page, in roff"))
}

fn run() -> Command {
    Command::new("run")
        .about("Run scenario files (TOML); flags override their keys")
        .after_help(
            "All options of 'simsrv -h' are accepted too and override the keys of the files.",
        )
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
                .help("Check the expectations; write no other files; exit 1 if one is missed"),
        )
        .arg(
            Arg::new("export-junit")
                .long("export-junit")
                .value_name("FILE")
                .help("Write what was expected and what came out as JUnit XML, for a CI server"),
        )
        .args(keys::KEYS.iter().map(|key| flag(key).hide_short_help(true)))
}

fn plot() -> Command {
    Command::new("plot")
        .about("Draw the charts of saved results, or the timeline of visits")
        .arg(
            Arg::new("file")
                .value_name("RESULTS.csv")
                .required(true)
                .help("What --export-csv or --visits wrote"),
        )
        .arg(
            Arg::new("output")
                .short('o')
                .long("output")
                .value_name("DIR")
                .default_value("plots")
                .help("Folder of the charts"),
        )
        .arg(
            Arg::new("force")
                .long("force")
                .action(ArgAction::SetTrue)
                .help("Replace files that simsrv did not write"),
        )
}

fn theory() -> Command {
    Command::new("theory")
        .about("Print what queueing theory says, without simulating")
        .after_help(
            "All options of 'simsrv -h' that describe the model are accepted, and --format and \
             the exports; options of a run (such as --seed) have no effect.",
        )
        .args(keys::KEYS.iter().map(|key| flag(key).hide_short_help(true)))
}

fn validate() -> Command {
    Command::new("validate")
        .about("Compare recorded runs of a real server with what is predicted")
        .after_help(
            "A recorded run is a CSV with the columns phases, scheduled_s, done_s and, where they \
             are known, client, status and worker; its server is described by the options of \
             'simsrv -h'. With --clients N it is a closed loop.",
        )
        .arg(
            Arg::new("files")
                .value_name("RECORDED.csv")
                .required_unless_present("list")
                .conflicts_with("list")
                .num_args(1..)
                .action(ArgAction::Append)
                .help("Recorded runs of one server, which are combined"),
        )
        .arg(
            Arg::new("list")
                .long("list")
                .value_name("RUNS.csv")
                .help("A list of runs: columns run, files, options, target and split"),
        )
        .arg(Arg::new("split").long("split").value_name("WHO").help(
            "Which process accepts a connection: policy, proportions or recorded [default: policy]",
        ))
        .arg(
            Arg::new("check")
                .long("check")
                .action(ArgAction::SetTrue)
                .help("Exit 1 if a run of the list misses its target"),
        )
        .args(keys::KEYS.iter().map(|key| flag(key).hide_short_help(true)))
}

fn merge() -> Command {
    let shown =
        |key: &&Key| key.group == Group::Output || ["jobs", "check-theory"].contains(&key.name);
    Command::new("merge")
        .about("Put the parts of a run together (see --shard)")
        .after_help(
            "The results are byte for byte those of one machine. Options of the run stand in the \
             parts; those of the output are given here.",
        )
        .arg(
            Arg::new("parts")
                .value_name("PART")
                .required(true)
                .action(ArgAction::Append)
                .num_args(1..)
                .help("The part files of all shards, in any order"),
        )
        .args(keys::KEYS.iter().map(move |key| flag(key).hide(!shown(&key))))
}

/// An option of a subcommand.
fn option(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

fn fit() -> Command {
    Command::new("fit")
        .about("Learn service times and arrivals from access logs and load tests")
        .after_help(
            "Reads the logs of gunicorn, nginx, Apache, uvicorn, PHP-FPM, AWS load balancers, Heroku, \
             Caddy and Traefik, and the results of JMeter, k6, hey, oha, vegeta, wrk, ab, Locust and \
             Gatling; packed ones (.gz, .zst) too. Response times are not service times: with \
             --workers, --cores and --cpu-busy the waiting is taken out of them.",
        )
        .arg(
            Arg::new("files")
                .value_name("FILE")
                .required_unless_present("measured")
                .num_args(1..)
                .action(ArgAction::Append)
                .help("Logs or results, which are taken together; - is standard input"),
        )
        .arg(option("log-format", "NAME|FORMAT", "The format: a name, or the server's own format string"))
        .arg(option("workers", "N", "Worker processes that wrote the log"))
        .arg(option("threads", "N", "Threads in each worker"))
        .arg(option("class", "CLASS", "Gunicorn's workers: sync, gthread, gevent, asgi"))
        .arg(option("cores", "N", "Cores that the workers shared: 8, 0.5 or 500m"))
        .arg(option("cpu-busy", "SHARE", "How busy these cores were with it, such as 60%"))
        .arg(
            option("route", "NAME=REGEX", "A route: the requests whose path matches; may be repeated")
                .action(ArgAction::Append),
        )
        .arg(
            option("routes", "N", "Tell the N most frequent routes apart in the scenario, as [[route]]")
                .requires("output"),
        )
        .arg(option(
            "measured",
            "FIGURES",
            "Instead of a log: 'throughput=1029/s users=100 mean=82ms p95=140ms cpu-busy=92%'",
        ))
        .arg(option("output", "FILE.toml", "Write a scenario for 'simsrv run'").short('o'))
        .arg(option("write-trace", "FILE.csv", "Write the requests for 'simsrv --trace': arrival, CPU, I/O"))
        .arg(option("report", "FILE", "Write what was found as one page (.html) or Markdown"))
        .arg(
            Arg::new("check")
                .long("check")
                .action(ArgAction::SetTrue)
                .help("Replay the log through its scenario: predicted beside logged; exit 1 if missed"),
        )
        .arg(option(
            "prediction",
            "FILE",
            "Check this scenario (or the requests of this trace) instead of the log's own",
        ))
        .arg(option("warmup", "TIME", "With --check: what came in this time does not count"))
        .arg(
            Arg::new("force")
                .long("force")
                .action(ArgAction::SetTrue)
                .help("Write over a file that simsrv fit did not write"),
        )
        .arg(option("format", "FORMAT", "What goes to standard output: text or json [default: text]")
            .value_parser(["text", "json"]))
}

fn check() -> Command {
    Command::new("check")
        .about("Write the load test by which a prediction is tried: k6 ...")
        .after_help(
            "The test sends the load of the scenario, after a warm-up that does not count, and holds \
             what comes out to the interval of the prediction. All options of 'simsrv -h' that \
             describe the model are accepted; --warmup [default: 10s] and --duration [default: 60s] \
             are those of the test.",
        )
        .arg(
            Arg::new("tool")
                .value_name("TOOL")
                .required(true)
                .value_parser(Tool::ALL.map(|(name, _)| name))
                .help("Which tool sends the load"),
        )
        .arg(Arg::new("scenario").value_name("SCENARIO.toml").help("The scenario; options override it"))
        .arg(option("url", "URL", "The address [default: http://127.0.0.1:8000/]"))
        .arg(
            option("path", "ROUTE=/PATH", "What is asked for of a route [default: as its name says]; may be repeated")
                .action(ArgAction::Append),
        )
        .arg(option("output", "FILE", "Write the test to this file instead of standard output").short('o'))
        .args(keys::KEYS.iter().map(|key| flag(key).hide_short_help(true)))
}

fn observing() -> Command {
    Command::new("observe")
        .about("Print the lines by which a server logs CPU and wall time")
        .after_help("The first lines say where they go. 'simsrv fit' reads what is then logged.")
        .arg(
            Arg::new("server")
                .value_name("SERVER")
                .required(true)
                .value_parser(observe::SERVERS.map(|(name, _)| name))
                .help("Which server"),
        )
}

fn completions() -> Command {
    Command::new("completions")
        .about("Print completions for a shell")
        .after_help(
            "Bash: simsrv completions bash > ~/.local/share/bash-completion/completions/simsrv\n\
             Zsh:  simsrv completions zsh > a folder of $fpath, as _simsrv\n\
             Fish: simsrv completions fish > ~/.config/fish/completions/simsrv.fish",
        )
        .arg(
            Arg::new("shell")
                .value_name("SHELL")
                .required(true)
                .value_parser(clap::value_parser!(Shell))
                .help("Which shell"),
        )
}

fn flag(key: &Key) -> Arg {
    let mut arg =
        Arg::new(key.name).long(key.name).help(key.help).help_heading(key.group.heading());
    arg = arg.hide_short_help(key.detail);
    if !key.more.is_empty() {
        arg = arg.long_help(format!("{}\n{}", key.help, key.more));
    }
    if key.is_switch() {
        return arg.action(ArgAction::SetTrue);
    }
    let action = if key.repeats { ArgAction::Append } else { ArgAction::Set };
    arg.value_name(key.value).action(action).allow_hyphen_values(true)
}

/// The options as given on the command line.
pub(super) fn raw(matches: &ArgMatches) -> RawOptions {
    let mut raw = RawOptions::new();
    for key in keys::KEYS {
        let text = match key.value {
            "" => matches.get_flag(key.name).then(|| "true".to_owned()),
            _ => {
                let texts = matches.get_many::<String>(key.name);
                texts.map(|texts| texts.map(String::as_str).collect::<Vec<_>>().join(BETWEEN))
            }
        };
        if let Some(text) = text {
            raw.set(key.name, Value { text, place: Place::Flag(key.name) });
        }
    }
    raw
}
