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
    /// How a real server differs from the ideal one.
    Real,
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
            Group::Real => "Real servers",
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
    /// What it is, and its default, on one line.
    pub help: &'static str,
    /// What else there is to know.
    pub more: &'static str,
    /// Where it belongs.
    pub group: Group,
    /// Whether only the long help has it.
    pub detail: bool,
    /// What depends on it.
    pub effect: Effect,
    /// Whether it makes a server real: everything that is ideal otherwise may then be as it is.
    pub real: bool,
    /// The option without which it has no effect, and why.
    pub needs: Option<Need>,
    /// Whether a sweep may go over it in a way that `[[expect]]` and `[[chart]]` can select by.
    pub axis: bool,
    /// Whether it is taken on the command line only: a file cannot allow itself something.
    pub flag_only: bool,
    /// Why `simsrv theory`, which simulates nothing, refuses it.
    pub simulated: Option<&'static str>,
}

/// What depends on an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The results.
    Results,
    /// How far a run gets: the results, but on another machine other ones.
    Limit,
    /// How the same results are computed.
    Execution,
    /// What is shown of the results, and where.
    Presentation,
}

impl Effect {
    /// Whether the results depend on it.
    pub const fn on_results(self) -> bool {
        matches!(self, Effect::Results | Effect::Limit)
    }

    /// Whether a command that goes on from this one repeats it.
    pub const fn repeated(self) -> bool {
        matches!(self, Effect::Results | Effect::Execution)
    }
}

/// An option that another one needs.
#[derive(Clone, Copy, Debug)]
pub struct Need {
    /// Its name.
    pub other: &'static str,
    /// What the dependent option is, as the end of a sentence.
    pub why: &'static str,
}

const fn key(group: Group, name: &'static str, value: &'static str, help: &'static str) -> Key {
    let effect = match group {
        Group::Output => Effect::Presentation,
        _ => Effect::Results,
    };
    Key {
        name,
        value,
        help,
        more: "",
        group,
        detail: false,
        effect,
        real: matches!(group, Group::Real),
        needs: None,
        axis: false,
        flag_only: false,
        simulated: None,
    }
}

/// A key of which the short help says nothing.
const fn detail(group: Group, name: &'static str, value: &'static str, help: &'static str) -> Key {
    Key { detail: true, ..key(group, name, value, help) }
}

impl Key {
    const fn more(self, more: &'static str) -> Key {
        Key { more, ..self }
    }

    const fn effect(self, effect: Effect) -> Key {
        Key { effect, ..self }
    }

    const fn real(self) -> Key {
        Key { real: true, ..self }
    }

    const fn needs(self, other: &'static str, why: &'static str) -> Key {
        Key { needs: Some(Need { other, why }), ..self }
    }

    const fn axis(self) -> Key {
        Key { axis: true, ..self }
    }

    const fn flag_only(self) -> Key {
        Key { flag_only: true, ..self }
    }

    const fn only_simulated(self, why: &'static str) -> Key {
        Key { simulated: Some(why), ..self }
    }

    /// Whether its value names a file to be written.
    pub fn writes_file(&self) -> bool {
        self.group == Group::Output && self.value == "FILE"
    }

    /// Whether it is a switch, which takes no value.
    pub fn is_switch(&self) -> bool {
        self.value.is_empty()
    }
}

/// Names of the options that are axes.
pub fn axes() -> impl Iterator<Item = &'static str> {
    KEYS.iter().filter(|key| key.axis).map(|key| key.name)
}

use Group::{Load, Output, Real, Request, Run, Server};

/// Why an option of memory needs `--worker-memory`.
const A_PROCESS: &str = "give what one process has for itself, such as --worker-memory 180MB";

/// All options, in the order of the help.
pub const KEYS: &[Key] = &[
    key(Server, "workers", "LIST", "Worker processes: 4, 1,4,12,32 or 1..32 [default: 1]").more(
        "Of each host. A worker holds one request from its start to its answer. Several numbers make a sweep: \
         1,4,12,32, or 1..32 (both ends in), or 4..32..4 (in steps of 4). Several lists make the \
         product of all.",
    ).axis(),
    key(Server, "threads", "LIST", "Threads in each worker [default: 1]").more(
        "Each thread holds one request. A request goes to an idle thread of the worker with the \
         fewest busy threads.",
    ).axis(),
    key(Server, "gil", "on|off", "Whether a worker runs one thread at a time [default: on]").more(
        "With the global interpreter lock of Python, the threads of a process share one core; \
         during I/O it is free.",
    ),
    key(Server, "cores", "LIST", "Cores that the workers share: 8, 0.5 or 500m [default: 8]").more(
        "Of each host. n workers that compute on C cores run at min(1, C/n) each. Fractions are a \
         quota: 500m are 500 millicores.",
    ).axis(),
    key(Server, "backlog", "N", "Places in the listen queue, or 'unlimited' [default: 2048]")
        .more("Of each host. A request that finds all workers busy and all places taken is refused."),
    detail(Server, "hosts", "LIST", "Hosts behind a balancer, all alike [default: 1]").more(
        "Each has so many --workers, so many --cores and a listen queue of its own. A request is \
         given to one of them when its client connects; a client that tries again is given anew, a \
         SYN that is sent again goes to the same host.",
    ).axis().real(),
    detail(Server, "balance", "LIST", "Which host gets a request [default: round-robin]").more(
        "round-robin; random; least-connections (in turn among those that tie); power-of-two (the \
         fewer of two different hosts drawn); random(2) (of two that may be the same); join-idle (an \
         idle one, else any).",
    ).axis().real().needs("hosts", "it says which of several hosts gets a request"),
    detail(Server, "pool", "LIST", "Connections to a database that all hosts share [default: none]")
        .more(
            "Every part of a request off the CPU holds one from its beginning to its end; if none is \
             free it waits, first come first served, and its worker or thread with it (in an event \
             loop only the request). Numbers, or 'unlimited'.",
        ).axis().real(),
    key(Server, "server", "NAME", "A server with its defaults: gunicorn, puma, php-fpm ...").more(
        "gunicorn, puma, php-fpm, uwsgi, passenger, apache-prefork, tomcat, node-cluster or uvicorn: \
         its number of workers and threads, its listen queue, who takes a connection, its limits. \
         What is given beside it wins.",
    ),
    key(Server, "from", "COMMAND", "A server's own command line, or its configuration file").more(
        "'gunicorn -w 4 --threads 2 --backlog 512 app:app', or a file such as www.conf, puma.rb, \
         gunicorn.conf.py, uwsgi.ini, httpd.conf, server.xml. What is given beside it wins.",
    ),
    detail(Server, "memory", "LIST", "Memory of the container or machine: 512M, 1.5G, 2GB").more(
        "What does not fit is said to be so and never recommended. K, M and G are powers of 1024, \
         KB, MB and GB of 1000. Several sizes make a sweep: 512M,1G,2G.",
    ).axis().needs("worker-memory", A_PROCESS),
    detail(Server, "worker-memory", "SIZE", "What one worker process has for itself, such as 180MB")
        .more("Its private pages (or, on the safe side, its proportional set size) under load."),
    detail(Server, "thread-memory", "SIZE", "What each of its threads has beyond that [default: 0]").needs("worker-memory", A_PROCESS),
    detail(Server, "shared-memory", "SIZE", "What is there once: arbiter, shared pages [default: 16MB]")
        .more(
            "With --preload the application's pages are shared: less for each worker, more here.",
        ).needs("worker-memory", A_PROCESS),
    key(Load, "clients", "LIST", "Closed loop: so many users [default: 1 without --rate]").more(
        "All are there at time 0; each sends, waits for its answer, thinks, and sends again. \
         Without --think and --duration each sends one request (or --requests) and every one \
         counts.",
    ).axis(),
    key(Load, "think", "LAW", "Time between an answer and the next request [default: 0s]"),
    key(Load, "rate", "LIST", "Open loop: mean arrivals, 120/s or 5/min")
        .more("Arrivals do not wait for answers. Lists: 10/s,20/s or 10..50..10/s.").axis(),
    key(Load, "arrivals", "LAW", "How --rate is spread over time [default: poisson]").more(
        "poisson, constant, any law by its shape such as gamma(cv=2) or hyperexp(cv=3), bursts \
         such as batch(3) or mmpp(...), or by the clock: \
         profile(0h:20%,8h:100%,20h:60%,period=24h), spike(at=60s,for=10s,by=5). The mean is that \
         of the rate.",
    ),
    key(Load, "trace", "FILE", "Replay recorded requests of a CSV file").more(
        "Columns arrival_s,phases (phases such as 'cpu:0.003 io:0.02') or arrival_s,cpu_s,io_s, in \
         seconds, sorted by arrival. It says who comes when and what each request takes.",
    ),
    key(Load, "patience", "LAW", "How long a client waits to be started [default: for ever]")
        .more("A client whose request no worker has taken by then leaves the listen queue."),
    key(
        Request,
        "service",
        "LAW",
        "Time of one request on an idle machine, all CPU: 3s, exp(20ms)",
    )
    .more("See the laws below. Requests that also wait take --cpu and --io instead."),
    key(Request, "cpu", "LAW", "The part of a request that computes, instead of --service"),
    key(Request, "io", "LAW", "The part that waits off the CPU, after --cpu")
        .more("A database, another service, a disk: its worker is held, but no core."),
    key(Request, "phases", "LIST", "Any parts, in order: 'cpu:exp(3ms) io:20ms cpu:1ms'"),
    detail(Request, "jitter", "P", "Constant demands vary by so much, such as 10% [default: not]").more(
        "Log-normal with that coefficient of variation. Workers whose CPU and I/O never vary \
         fall into step, and then it hangs on the kernel how long they take.",
    ),
    key(Real, "class", "LIST", "Gunicorn's workers: sync, gthread, gevent, asgi [default: ideal]")
        .more(
            "auto is sync with one thread and gthread with more. With a class everything else of \
             this group is as Gunicorn and Linux have it, unless it is said. Without it, what is \
             not said stays ideal.",
        ),
    detail(Real, "accept", "LIST", "Who takes a connection: shared, greedy, random ...").more(
        "shared: one queue for all idle workers (sync). greedy: every process takes what it can, \
         with a bias (gthread, gevent). random: without one (asgi). least-loaded: who holds the \
         fewest (Puma). round-robin: a primary hands them out in turn (Node). reuse-port: a queue \
         for each.",
    ),
    detail(Real, "accept-bias", "B", "Under greedy: linear, 0.6 or 63/37 [default: as measured]").more(
        "linear (gthread): 2 to 1, 3 to 2 to 1, and so on. 0.6: each process takes 0.6 times what \
         the one before it takes (gevent: 0.85). 63/37: the parts of each.",
    ),
    detail(Real, "worker-connections", "N", "Connections that a process takes [default: 1000]")
        .more("Of gthread and gevent; asgi takes any number. A number, or 'unlimited'."),
    detail(Real, "at-limit", "HOW", "wait, or refuse: beyond --worker-connections [default: wait]")
        .more("refuse: the process takes the connection and answers it with a 503 (uvicorn's limit)."),
    detail(Real, "switch-interval", "T", "How long a thread waits for the lock [default: 5ms]").more(
        "CPython's sys.setswitchinterval. 0: threads share the lock evenly at every moment.",
    ),
    detail(Real, "slice", "T", "Time slice of the kernel, such as 3ms [default: even sharing]"),
    detail(Real, "overhead", "T", "CPU of the server per request, or auto [default: auto]").more(
        "auto: 0.65 ms, measured on gunicorn 27 at tens to hundreds of requests a second; a \
         saturated worker needs 0.15 ms. Without --class the default is none.",
    ),
    detail(Real, "overhead-io", "T", "CPU per blocking call, or auto [default: auto, 0.2ms]"),
    detail(Real, "quota-period", "T", "--cores is a quota by this period, such as 100ms").more(
        "As containers have it: at full speed until the period's CPU time is spent, then nothing \
         until the next. Without it a fraction of a core is a slower core.",
    ),
    detail(Real, "machine-cores", "N", "Cores of the machine beneath a quota [default: 8]").needs("quota-period", "it is the machine that a quota is spent on"),
    detail(Real, "somaxconn", "N", "The kernel's limit on the listen queue [default: 4096]"),
    detail(Real, "on-full", "HOW", "retransmit or refuse [default: with --class retransmit]").more(
        "What meets a full listen queue. retransmit: Linux drops its SYN, the client's kernel \
         sends it again after 1, 2, 3, 4, 5, 7, 11, 19, 35 and 67 s and gives up after 131 s.",
    ),
    detail(Real, "abort-on-overflow", "", "Reset whom the full queue lets in half (a sysctl)").more(
        "net.ipv4.tcp_abort_on_overflow. Without it they take themselves for connected, and \
         wait for a retransmission of their data.",
    ),
    detail(Real, "syn", "HOW", "SYNs again: linear (Linux 6.5+) or doubling [default: linear]"),
    detail(Real, "timeout", "T", "Kill a worker that is silent for so long [default: never]").more(
        "The arbiter looks once a second. sync: any request that takes longer, its client gets a \
         500. gthread: never. gevent, asgi: only a long burst of CPU, connections close.",
    ),
    detail(Real, "boot", "T", "How long a new worker loads the application [default: 0s]"),
    detail(Real, "preload", "", "Workers are forked with the application loaded: no --boot").needs("boot", "it makes --boot disappear"),
    detail(Real, "max-requests", "N", "A worker ends after so many requests [default: 0, never]"),
    detail(Real, "max-requests-jitter", "N", "... and up to so many more, drawn for each life").needs("max-requests", "it says by how much --max-requests varies"),
    detail(Real, "leak", "SIZE", "A worker grows by so much with each request [default: 0]").more(
        "Until --max-requests ends it, or --memory is full: then the kernel kills the largest \
         worker, its connections close, and the arbiter starts another one.",
    ).needs("worker-memory", A_PROCESS),
    detail(Real, "graceful-timeout", "T", "How long a worker that ends waits [default: 30s]").needs("max-requests", "it is how long a worker that ends waits"),
    detail(Real, "client-timeout", "LAW", "How long a client waits for an answer [default: for ever]")
        .more(
            "Then it closes the connection, and perhaps tries again. The server does not notice: \
             what was sent is worked on when its turn comes, for nobody.",
        ),
    detail(Real, "retries", "N", "Tries of a client after the first that failed [default: 0]"),
    detail(Real, "retry-backoff", "LAW", "Pause before the first retry, then growing [default: 1s]")
        .more("A law gives it jitter: 'uniform(0s,1s)'.").needs("retries", "it is the pause before the first of --retries"),
    detail(Real, "retry-growth", "F", "Each pause is F times as long as the last [default: 2]")
        .more("1: always the same.").needs("retries", "it is how much longer each of their pauses is"),
    key(Run, "requests", "N", "Length of a replication: requests per client, or in all")
        .more("Per client in a closed loop, in all with --rate."),
    key(Run, "duration", "T", "Length of a replication in simulated time, such as 60s"),
    key(Run, "warmup", "T", "What is thrown away first [default: auto, a fifth]"),
    key(Run, "replications", "N", "Independent repetitions [default: auto, 20]").more(
        "Intervals come from how much they differ. With auto their length is chosen for \
         --precision.",
    ),
    key(Run, "precision", "P", "Wanted half-width of the main intervals [default: 2%]").more(
        "Of the mean, p95 and p99 of the response time and of the throughput, as a share of them.",
    ),
    key(Run, "confidence", "P", "Confidence of the intervals [default: 95%]"),
    key(Run, "seed", "N", "Everything random hangs on it [default: 1]").more(
        "Cells of a sweep see the same arrivals and demands; the same seed gives the same results.",
    ),
    key(Run, "engine", "ENGINE", "auto, events or recursion: same results [default: auto]").effect(Effect::Execution),
    key(Run, "best", "MEASURE", "What cells are compared by [default: response_p95]").more(
        "A column of the results, such as response_p99, wait_mean or throughput. Named is the \
         smallest number of workers that is not distinguishably worse than the best.",
    ),
    key(Run, "delta", "D", "Differences that do not count: 1% or 5ms [default: the precision]"),
    key(Run, "select", "HOW", "subset, or best: drop cells once clearly worse [default: subset]")
        .more(
            "best simulates each cell only until it is clearly worse than another (Kim and Nelson's \
             procedure), with --delta as the difference worth finding.",
        ),
    key(Run, "check-theory", "", "Hold the results against queueing theory").more(
        "Every measure with an interval and an exact value, at a simultaneous level; exit 1 if one \
         differs by more than chance explains, 3 if there is nothing to compare.",
    ).only_simulated("there is no simulation to compare with theory").effect(Effect::Presentation),
    key(Run, "max-requests-simulated", "N", "Give up on the precision here [default: 200000000]")
        .more(
            "Of one cell; its row then says 'precision not reached'. Of real servers the default \
             is 20000000.",
        ),
    key(Run, "max-time", "T", "Be done after so much time of yours, such as 30s").more(
        "Runs are planned to end by then; what falls short of the precision says so.",
    ).effect(Effect::Limit),
    key(Run, "jobs", "N", "Threads of this program [default: all cores]").effect(Effect::Presentation),
    key(Run, "yes", "", "Run a sweep of any size").effect(Effect::Execution),
    key(Output, "format", "FORMAT", "Print table, csv, json, markdown or config [default: table]")
        .more(
            "Times in seconds and shares from 0 to 1 in csv and json. config: the best row as the \
             configuration of its --server.",
        ),
    key(Output, "export-csv", "FILE", "Write the results as CSV ('-' is standard output)")
        .more("'simsrv plot FILE' draws its pictures again."),
    key(Output, "export-json", "FILE", "Write the results as JSON"),
    key(Output, "export-markdown", "FILE", "Write the results as a Markdown table"),
    detail(Output, "export-config", "FILE", "Write the best row as the server's own configuration")
        .more("With --server or --from: what --format config prints.").only_simulated("the best row is one of those that were simulated"),
    key(Output, "visits", "FILE", "Write one row per request as CSV")
        .more("When it came, was started and was answered, by which worker, of every replication.").only_simulated("theory knows no single requests"),
    key(Output, "plot", "DIR", "Draw charts of this run, PNG and SVG").only_simulated("the charts show what was simulated"),
    detail(Output, "force", "", "Replace files that simsrv did not write")
        .more("Without it only what simsrv wrote before is replaced.")
        .flag_only(),
    detail(Output, "allow-write-anywhere", "", "Let a scenario write outside of its own folder")
        .more("Without it the files that a scenario names have to be beneath its folder.")
        .flag_only(),
    key(Output, "color", "WHEN", "auto, always or never [default: auto]")
        .more("auto: on a terminal, unless NO_COLOR is set."),
    key(Output, "quiet", "", "No progress and no hints"),
];

/// The option of that name.
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}
