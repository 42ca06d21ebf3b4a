//! Every option, once: the same names, grammar and help for flags and for scenario files.

/// What an option decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// The server.
    Server,
    /// Where requests come from.
    Load,
    /// What a request asks for.
    Request,
    /// How long and how often is simulated.
    Run,
    /// Where the results go.
    Output,
}

impl Group {
    /// The heading in the help.
    pub const fn heading(self) -> &'static str {
        match self {
            Group::Server => "Server",
            Group::Load => "Clients and arrivals",
            Group::Request => "Requests",
            Group::Run => "Run",
            Group::Output => "Output",
        }
    }
}

/// One option.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name, without dashes.
    pub name: &'static str,
    /// What stands for its value in the help; empty for a switch.
    pub value: &'static str,
    /// What it is, and its default.
    pub help: &'static str,
    /// Where it belongs.
    pub group: Group,
}

const fn key(group: Group, name: &'static str, value: &'static str, help: &'static str) -> Key {
    Key { name, value, help, group }
}

use Group::{Load, Output, Request, Run, Server};

/// All options, in the order of the help.
pub const KEYS: [Key; 34] = [
    key(
        Server,
        "workers",
        "LIST",
        "Worker processes: 4, 1,4,12,32, 1..32 or 4..32..4 [default: 1]",
    ),
    key(Server, "threads", "LIST", "Threads in each worker [default: 1]"),
    key(
        Server,
        "gil",
        "on|off",
        "Whether a process runs only one of its threads at a time [default: on]",
    ),
    key(
        Server,
        "cores",
        "LIST",
        "Cores that the workers share; fractions and millicores: 0.5, 500m [default: 8]",
    ),
    key(Server, "backlog", "N|unlimited", "Places in the listen queue [default: 2048]"),
    key(
        Load,
        "clients",
        "LIST",
        "Closed loop: users, all there at time 0; each sends, waits for its answer, thinks, sends again [default: 1 without --rate]",
    ),
    key(Load, "think", "LAW", "Time between an answer and the client's next request [default: 0s]"),
    key(Load, "rate", "LIST", "Open loop: mean arrivals, 120/s or 5/min"),
    key(
        Load,
        "arrivals",
        "LAW",
        "Law of the gaps, scaled to the rate: poisson, constant, gamma(cv=2), mmpp(...), batch(3) [default: poisson]",
    ),
    key(
        Load,
        "trace",
        "FILE.csv",
        "Replay recorded requests: columns arrival_s,phases or arrival_s,cpu_s,io_s",
    ),
    key(
        Load,
        "patience",
        "LAW",
        "A client leaves the listen queue if not started by then [default: never]",
    ),
    key(
        Request,
        "service",
        "LAW",
        "Time one request takes on an idle machine, all of it CPU: 3s, exp(20ms), lognormal(median=20ms,p99=300ms)",
    ),
    key(Request, "cpu", "LAW", "The part of a request that computes, instead of --service"),
    key(
        Request,
        "io",
        "LAW",
        "The part of a request that waits off the CPU, after --cpu; its worker is held",
    ),
    key(
        Request,
        "phases",
        "PHASES",
        "Any phases, one after another: 'cpu:exp(3ms) io:20ms cpu:1ms'",
    ),
    key(
        Run,
        "requests",
        "N",
        "Length of a replication: requests per client (closed) or in all (open)",
    ),
    key(Run, "duration", "T", "Length of a replication in simulated time"),
    key(
        Run,
        "warmup",
        "T|auto",
        "What is thrown away first [default: auto, a fifth of the replication]",
    ),
    key(Run, "replications", "N|auto", "Independent repetitions [default: auto]"),
    key(
        Run,
        "precision",
        "P",
        "Wanted half-width of the intervals of the headline measures [default: 2%]",
    ),
    key(Run, "confidence", "P", "Confidence of the intervals [default: 95%]"),
    key(Run, "seed", "N", "Everything random hangs on it [default: 1]"),
    key(
        Run,
        "engine",
        "auto|events|recursion",
        "Which engine may run; results are the same [default: auto]",
    ),
    key(
        Run,
        "max-requests-simulated",
        "N",
        "End a cell's run here if its precision is not reached by then [default: 200000000]",
    ),
    key(Run, "jobs", "N", "Threads; results never depend on it [default: all cores]"),
    key(Run, "yes", "", "Run a sweep of any size"),
    key(
        Output,
        "format",
        "table|csv|json|markdown",
        "What goes to standard output [default: table]",
    ),
    key(Output, "export-csv", "FILE", "Write the results as CSV ('-' is standard output)"),
    key(Output, "export-json", "FILE", "Write the results as JSON"),
    key(Output, "export-markdown", "FILE", "Write the results as a Markdown table"),
    key(Output, "visits", "FILE.csv", "Write one row per request"),
    key(Output, "plot", "DIR", "Draw charts of this run, PNG and SVG"),
    key(
        Output,
        "color",
        "auto|always|never",
        "Colours in the terminal; NO_COLOR is obeyed [default: auto]",
    ),
    key(Output, "quiet", "", "No progress and no hints"),
];

/// The option of that name.
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}
