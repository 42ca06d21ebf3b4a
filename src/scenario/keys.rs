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
    pub(crate) const fn heading(self) -> &'static str {
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
    pub(crate) value: &'static str,
    /// What it is, and its default, on one line.
    pub(crate) help: &'static str,
    /// What else there is to know.
    pub more: &'static str,
    /// Where it belongs.
    pub group: Group,
    /// Whether only the long help has it.
    pub(crate) detail: bool,
    /// What depends on it.
    pub(crate) effect: Effect,
    /// Whether it makes a server real: everything that is ideal otherwise may then be as it is.
    pub(crate) real: bool,
    /// The option without which it has no effect, and why.
    pub(crate) needs: Option<Need>,
    /// Whether a sweep may go over it in a way that `[[expect]]` and `[[chart]]` can select by.
    pub(crate) axis: bool,
    /// Whether it may be given several times; its values then stand between `|`.
    pub(crate) repeats: bool,
    /// Whether it is taken on the command line only: a file cannot allow itself something.
    pub(crate) flag_only: bool,
    /// Why `simsrv theory`, which simulates nothing, refuses it.
    pub(crate) simulated: Option<&'static str>,
}

/// What depends on an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
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
    pub(crate) const fn on_results(self) -> bool {
        matches!(self, Effect::Results | Effect::Limit)
    }

    /// Whether a command that goes on from this one repeats it.
    pub(crate) const fn repeated(self) -> bool {
        matches!(self, Effect::Results | Effect::Execution)
    }
}

/// An option that another one needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Need {
    /// Its name.
    pub(crate) other: &'static str,
    /// What the dependent option is, as the end of a sentence.
    pub(crate) why: &'static str,
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
        repeats: false,
        flag_only: false,
        simulated: None,
    }
}

/// A key that only the long help shows.
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

    /// It may be given several times.
    const fn repeats(mut self) -> Key {
        self.repeats = true;
        self
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
    pub(crate) fn writes_file(&self) -> bool {
        self.group == Group::Output && self.value == "FILE"
    }

    /// Whether it is a switch, which takes no value.
    pub(crate) fn is_switch(&self) -> bool {
        self.value.is_empty()
    }
}

/// Names of the options that are axes.
pub(crate) fn axes() -> impl Iterator<Item = &'static str> {
    KEYS.iter().filter(|key| key.axis).map(|key| key.name)
}

use Group::{Load, Output, Real, Request, Run, Server};

/// Why an option of memory needs `--worker-memory`.
const A_PROCESS: &str = "give what one process has for itself, such as --worker-memory 180MB";

/// All options, in the order of the help.
pub const KEYS: &[Key] = &[
    key(Server, "workers", "LIST", "Worker processes: 4, 1,4,12,32 or 1..32 [default: auto]")
        .more(
            "Per host. A worker holds one request from its start to its answer. Several numbers \
             make a sweep: 1,4,12,32, or 1..32 (both ends included), or 4..32..4 (in steps of \
             4). Several lists make the product of all. auto, the default where a load goes on \
             and nothing else gives a number, searches for the smallest that is good enough; a \
             finite story has 1. --threads auto and --hosts auto search for those.",
        )
        .axis(),
    key(Server, "threads", "LIST", "Threads in each worker [default: 1]")
        .more(
            "Each thread holds one request. A request goes to an idle thread of the worker with \
             the fewest busy threads.",
        )
        .axis(),
    key(Server, "gil", "on|off", "Whether a worker runs one thread at a time [default: on]").more(
        "With the global interpreter lock of Python, the threads of a process share one \
             core; during I/O the lock is free. off: free-threaded Python, or a language without \
             such a lock.",
    ),
    key(Server, "cores", "LIST", "Cores that the workers share: 8, 0.5, 500m [default: 8]")
        .more(
            "Per host. n workers that compute on C cores run at min(1, C/n) each. Fractions are \
             a quota with a class or a server, else a slower core: 500m are 500 millicores.",
        )
        .axis(),
    detail(Server, "queue", "NAME", "Which request is next: fifo, lifo, priority [default: fifo]")
        .more(
            "fifo takes the one that has waited longest, lifo the one that came last, priority one of \
             the route that is given first (see --route). A request in service is not interrupted. \
             The accept queue of a real server is fifo.",
        ),
    key(Server, "backlog", "N", "Length of the listen queue, or unlimited [default: 2048]")
        .more("Per host. A request that finds all workers busy and the queue full is refused."),
    detail(Server, "hosts", "LIST", "Hosts behind a balancer, all alike [default: 1]")
        .more(
            "Each host has its own --workers and --cores and its own listen queue. The balancer \
             chooses a host when a client connects. A client that retries is balanced again; a \
             SYN that is retransmitted goes to the same host.",
        )
        .axis()
        .real(),
    detail(Server, "balance", "LIST", "Which host gets a request [default: round-robin]")
        .more(
            "round-robin; random; least-connections (round robin among those that tie); \
             power-of-two (the less busy of two different random hosts); random(2) (of two \
             random hosts that may be the same); join-idle (an idle host, else any).",
        )
        .axis()
        .real()
        .needs("hosts", "it chooses one of several hosts for a request"),
    detail(
        Server,
        "pool",
        "LIST",
        "Connections to a database that all hosts share [default: none]",
    )
    .more(
        "Every I/O part of a request holds one connection from its beginning to its end. If \
             none is free it waits, first come first served, and its worker or thread waits with \
             it (in an event loop only the request). Numbers, or 'unlimited'.",
    )
    .axis()
    .real(),
    detail(Server, "pool-per", "WHOM", "Who has such a pool: process, host or all [default: all]")
        .more(
            "process: a library that keeps it in the memory of each worker process (SQLAlchemy, \
             ActiveRecord, HikariCP). all: one for all, as PgBouncer.",
        )
        .real()
        .needs("pool", "it says whose the pool is"),
    detail(Server, "pool-overflow", "N", "Connections beyond the size of a pool [default: 0]")
        .more("Opened while they are needed: SQLAlchemy's max_overflow, 10 by default.")
        .real()
        .needs("pool", "it is how many more the pool opens"),
    detail(Server, "pool-timeout", "T", "When a request fails that waits [default: never]")
        .more(
            "SQLAlchemy and HikariCP have 30s, ActiveRecord 5s. The request ends with an error and \
             its worker is free.",
        )
        .real()
        .needs("pool", "it is how long a request waits for it"),
    key(Server, "server", "NAME", "A server with its defaults: gunicorn, puma, php-fpm ...").more(
        "gunicorn, puma, php-fpm, uwsgi, passenger, apache-prefork, tomcat, node-cluster, uvicorn, \
             unicorn, hypercorn, granian, waitress, daphne, mod-wsgi, apache-event, thin, falcon, \
             celery, sidekiq, fastapi (def endpoints): its number of workers and threads, its listen queue, which process accepts \
             a connection, its limits. Options given explicitly override it.",
    ),
    key(Server, "from", "COMMAND", "A server's own command line, or a file that has it").more(
        "'gunicorn -w 4 --threads 2 --backlog 512 app:app'; or a file: Dockerfile, Procfile, \
             compose.yml, a Deployment, a unit of systemd, www.conf, puma.rb, gunicorn.conf.py, \
             uwsgi.ini, server.xml ... FILE#NAME is one service of several. Options given \
             explicitly override it.",
    ),
    detail(Server, "env", "LIST", "Variables that --from meets: WEB_CONCURRENCY=4,THREADS=2").more(
        "The environment of this command is not read: a variable that is not given here has the \
             default that the configuration writes for it, or the value that its file sets.",
    )
    .needs("from", "it is the environment of what is started there"),
    detail(Server, "memory", "LIST", "Memory of the container or machine: 512M, 1.5G, 2GB")
        .more(
            "A configuration that does not fit is marked and never recommended. K, M and G are \
             powers of 1024, KB, MB and GB of 1000. Several sizes make a sweep: 512M,1G,2G.",
        )
        .axis()
        .needs("worker-memory", A_PROCESS),
    detail(Server, "memory-headroom", "P", "Memory that should stay free, or a warning [default: 10%]")
        .more("Of --memory. Processes take more than was measured: 0% for no warning.")
        .effect(Effect::Presentation)
        .needs("memory", "it is a share of it"),
    detail(Server, "worker-memory", "SIZE", "Private memory of one worker process, such as 180MB")
        .more("Its private pages (or, on the safe side, its proportional set size) under load."),
    detail(Server, "thread-memory", "SIZE", "Memory of each thread, in addition [default: 0]")
        .needs("worker-memory", A_PROCESS),
    detail(
        Server,
        "shared-memory",
        "SIZE",
        "Memory needed once: arbiter, shared pages [default: 16MB]",
    )
    .more("With --preload the application's pages are shared: less for each worker, more here.")
    .needs("worker-memory", A_PROCESS),
    key(Load, "clients", "LIST", "Clients of a closed loop [default: 1 without --rate]")
        .more(
            "All are present at time 0; each sends, waits for its answer, thinks, and sends \
             again. Without --think and --duration each sends one request (or --requests) and \
             every one counts. Or 'ramp(0s:0,60s:100)': how many there are at some times, straight \
             lines between; it is looked at until it is level, or over --duration.",
        )
        .axis(),
    key(Load, "think", "DIST", "Time from an answer to the next request [default: 0s]"),
    key(Load, "rate", "LIST", "Mean arrival rate (open loop), 120/s or 5/min")
        .more("Arrivals do not wait for answers. Lists: 10/s,20/s or 10..50..10/s.")
        .axis(),
    detail(Load, "peak", "LIST", "Highest rate of a profile, instead of its mean --rate: 40/s")
        .more(
            "The mean follows from it: with 'profile(0h:100%,12h:300%,period=24h)' it is two thirds \
             of the highest rate.",
        ),
    key(Load, "arrivals", "DIST", "How --rate is spread over time [default: poisson]").more(
        "poisson, constant, any distribution by its shape such as gamma(cv=2) or \
             hyperexp(cv=3), bursts such as batch(3) or mmpp(...), or a rate that varies with \
             the time of day: profile(0h:20%,8h:100%,20h:60%,period=24h), \
             spike(at=60s,for=10s,by=5). The mean is that of the rate.",
    ),
    key(Load, "trace", "FILE", "Replay recorded requests of a CSV file").more(
        "Columns arrival_s,phases (phases such as 'cpu:0.003 io:0.02') or \
             arrival_s,cpu_s,io_s, in seconds, sorted by arrival. It gives the arrivals and the \
             demands of all requests. Columns route and priority (1 is served first) tell kinds of \
             requests apart.",
    ),
    key(Load, "patience", "DIST", "How long clients stay in the queue [default: for ever]")
        .more("A client whose request no worker has taken by then leaves the listen queue."),
    key(
        Request,
        "service",
        "DIST",
        "Time of a request on an idle machine, all CPU: exp(20ms)",
    )
    .more("See the distributions below. Requests that also wait take --cpu and --io instead."),
    key(Request, "cpu", "DIST", "CPU time of a request, instead of --service"),
    key(Request, "io", "DIST", "Time of a request off the CPU, after --cpu")
        .more("A database, another service, a disk: it holds its worker, but no core."),
    key(Request, "phases", "LIST", "Any parts, in order: 'cpu:exp(3ms) io:20ms cpu:1ms'"),
    key(Request, "route", "ROUTE", "A kind of requests: 'NAME SHARE PHASES'; one for each")
        .more(
            "SHARE is a part of the requests such as 20%, or a rate such as 5/s, PHASES as for \
             --phases: --route 'health 10% cpu:1ms' --route 'report 90% cpu:exp(300ms)'. Each route \
             has rows of its own in the results. With --queue priority the first is served first, or \
             as 'NAME SHARE priority=2 PHASES' says.",
        )
        .repeats(),
    detail(Request, "jitter", "P", "Variation of constant demands, such as 10% [default: none]")
        .more(
            "Log-normal with that coefficient of variation. Workers whose CPU and I/O never vary \
             synchronise; then the kernel's scheduler decides how long requests take.",
        ),
    key(Real, "class", "LIST", "Gunicorn's: sync, gthread, gevent, asgi [default: ideal]")
        .more(
            "auto is sync with one thread and gthread with more. With a class, every other \
             option of this group defaults to the behaviour of Gunicorn and Linux. Without a \
             class, options that are not given stay ideal.",
        ),
    detail(
        Real,
        "accept",
        "LIST",
        "Which process accepts a connection: shared, greedy, random ...",
    )
    .more(
        "shared: one queue for all idle workers (sync). greedy: every process accepts what \
             it can, with a bias (gthread, gevent). random: without a bias (asgi). least-loaded: \
             the process that holds the fewest (Puma). round-robin: a primary distributes them \
             (Node). reuse-port: a queue for each process.",
    ),
    detail(Real, "accept-bias", "B", "Under greedy: measured, linear, 0.6 or 63/37 [default: measured]")
        .more(
            "measured (gthread): evenly at up to 4 connections a second for each process, 65 to 35 \
             of two from 16 on. linear: 2 to 1, 3 to 2 to 1, and so on. 0.6: each process takes 0.6 times \
             what the one before it takes (gevent: 0.85). 63/37: the share of each.",
        ),
    detail(Real, "loop", "NAME", "The event loop of asgi: asyncio, uvloop, single [default: asyncio]")
        .more(
            "asyncio accepts all connections that are pending at once; uvloop (and Node) one, and \
             one more before the first is worked on; single (gevent): one between two bursts of \
             CPU.",
        )
        .needs("class", "only a class of workers with an event loop has one"),
    detail(Real, "worker-connections", "N", "Connections per process [default: 1000]")
        .more("Of gthread and gevent; asgi has no limit. A number, or 'unlimited'."),
    detail(Real, "at-limit", "HOW", "wait, or refuse: beyond --worker-connections [default: wait]")
        .more(
            "refuse: the process accepts the connection and answers with a 503 (uvicorn's \
             limit).",
        ),
    detail(Real, "switch-interval", "T", "How long a thread waits for the GIL [default: 5ms]")
        .more("CPython's sys.setswitchinterval. 0: threads share the lock evenly at every moment."),
    detail(Real, "lock", "NAME", "Whose lock the threads share: python, ruby [default: python]")
        .more(
            "python: an answer may be late because its thread loses the lock while it is sent. ruby \
             (Puma): the thread that accepts needs the lock, and a thread needs it again before it \
             takes the next request.",
        ),
    detail(Real, "slice", "T", "Time slice of the kernel, such as 3ms [default: even sharing]"),
    detail(Real, "contention", "LAW", "How busy workers slow each other: usl(0.05,0.001) [default: no]")
        .more(
            "The universal scalability law: with n busy workers on a host CPU time is 1 + 0.05 (n - 1) \
             + 0.001 n (n - 1) times as long. Locks of the application, shared caches: measure it.",
        ),
    detail(Real, "overhead", "T", "CPU of the server per request, or auto [default: auto]").more(
        "auto: 0.65 ms, measured on gunicorn 27 at tens to hundreds of requests a second; a \
             saturated worker needs 0.15 ms. Without --class the default is none.",
    ),
    detail(Real, "overhead-io", "T", "CPU per blocking call, or auto [default: auto, 0.2ms]"),
    detail(Real, "quota-period", "T", "Period of a CPU quota of --cores [default: 100ms for a fraction]").more(
        "As in containers: full speed until the period's CPU time is used up, then nothing \
             until the next period. With a class or a server a fraction of a core is such a quota; \
             none makes it a slower core, as it is without them.",
    ),
    detail(Real, "machine-cores", "N", "Cores of the machine under a quota [default: 8]")
        .needs("quota-period", "it is the machine that a quota belongs to"),
    detail(Real, "listen", "WHERE", "A port or a Unix socket: tcp, unix [default: tcp]").more(
        "unix, as behind nginx on the same host: if the listen queue is full the client has an error \
         at once (EAGAIN; nginx answers with a 502).",
    ),
    detail(Real, "somaxconn", "N", "The kernel's limit on the listen queue [default: 4096]"),
    detail(Real, "on-full", "HOW", "retransmit or refuse [default: with --class retransmit]").more(
        "When the listen queue is full. retransmit: Linux drops the SYN, and the client's \
             kernel retransmits it after 1, 2, 3, 4, 5, 7, 11, 19, 35 and 67 s and gives up \
             after 131 s.",
    ),
    detail(Real, "abort-on-overflow", "", "Send a reset when the accept queue is full (a sysctl)")
        .more(
            "net.ipv4.tcp_abort_on_overflow. Without it the clients believe that they are \
             connected, and wait for a retransmission of their data.",
        ),
    detail(Real, "syn", "HOW", "SYN timing: linear (Linux 6.5+) or doubling [default: linear]"),
    detail(Real, "timeout", "T", "Kill a worker that is silent for longer [default: never]").more(
        "The arbiter polls once a second. sync: kills the worker of any request that takes \
             longer, and its client gets a 500. gthread: never. gevent, asgi: only after a long \
             burst of CPU; connections close.",
    ),
    detail(Real, "spawn", "HOW", "Workers: all, dynamic, ondemand, prefork [default: all]").more(
        "all: every one from the beginning. dynamic (PHP-FPM): the master starts some once a second \
         while fewer than --min-spare are idle, and ends one while more than --max-spare are; \
         prefork (Apache): 1, 2, 4, ... up to 32 at once. ondemand (PHP-FPM): one for each \
         connection that finds none. --workers is the most.",
    ),
    detail(Real, "start-workers", "N", "Workers at the beginning [default: 2; prefork 5]")
        .needs("spawn", "with --spawn all every worker is there at the beginning"),
    detail(Real, "min-spare", "N", "Idle workers below which some start [default: 1; prefork 5]")
        .needs("spawn", "with --spawn all no worker is started later"),
    detail(Real, "max-spare", "N", "Idle workers above which one ends [default: 3; prefork 10]")
        .needs("spawn", "with --spawn all no idle worker ends"),
    detail(Real, "idle-timeout", "T", "How long a worker of ondemand may be idle [default: 10s]")
        .needs("spawn", "with --spawn all no idle worker ends"),
    detail(Real, "boot", "T", "How long a new worker loads the application [default: 0s]"),
    detail(Real, "preload", "", "Workers are forked with the application loaded: no --boot")
        .needs("boot", "it removes --boot"),
    detail(Real, "max-requests", "N", "Restart a worker after N requests [default: 0, never]"),
    detail(Real, "max-requests-jitter", "N", "Plus a random number, 0 to N, drawn per worker")
        .needs("max-requests", "it is the variation of --max-requests"),
    detail(Real, "leak", "SIZE", "Memory growth of a worker per request [default: 0]")
        .more(
            "Until --max-requests restarts the worker, or --memory is full: then the kernel \
             kills the largest worker, its connections close, and the arbiter starts another \
             one.",
        )
        .needs("worker-memory", A_PROCESS),
    detail(Real, "graceful-timeout", "T", "How long a restarting worker waits [default: 30s]")
        .needs("max-requests", "it is how long a worker that ends waits"),
    detail(
        Real,
        "client-timeout",
        "DIST",
        "How long a client waits for an answer [default: for ever]",
    )
    .more(
        "Then it closes the connection, and may retry. The server does not notice: it serves \
             the request when it reaches it, although no client waits for the answer.",
    ),
    detail(Real, "proxy-timeout", "T", "When a proxy answers 504 instead [default: no proxy]").more(
        "nginx has 60s (proxy_read_timeout), Heroku's router 30s. The server does not notice, and \
             serves the request all the same. With it the shares of 499, 502 and 504 are counted.",
    ),
    detail(Real, "keep-alive", "T", "Keep connections for the next request [default: 0, never]")
        .more(
            "Of a closed loop (--clients). A kept connection holds a worker that serves one request \
             at a time; in an event loop its client's requests stay with the process.",
        )
        .needs("clients", "requests of an open loop come from clients that do not come again"),
    detail(Real, "retries", "N", "Retries of a client after a failure [default: 0]"),
    detail(
        Real,
        "retry-backoff",
        "DIST",
        "Pause before the first retry, then growing [default: 1s]",
    )
    .more("A distribution gives it jitter: 'uniform(0s,1s)'.")
    .needs("retries", "it is the pause before the first of --retries"),
    detail(Real, "retry-growth", "F", "Each pause is F times as long as the last [default: 2]")
        .more("1: always the same.")
        .needs("retries", "it is the growth of their pauses"),
    key(Run, "requests", "N", "Length of a replication: requests a client, or in all")
        .more("Per client in a closed loop, in all with --rate."),
    key(Run, "duration", "T", "Length of a replication in simulated time, such as 60s"),
    key(Run, "warmup", "T", "Warm-up that is not measured [default: auto, a fifth]"),
    key(Run, "replications", "N", "Independent repetitions [default: auto, 20]").more(
        "Intervals are computed from how much they differ. With auto their length is chosen \
             for --precision.",
    ),
    key(Run, "precision", "P", "Wanted half-width of the main intervals [default: 2%]").more(
        "Of the mean, p95 and p99 of the response time and of the throughput, as a share of \
             them. Rows that are clearly not the answer are run shortly, unless this is given.",
    ),
    detail(Run, "confidence", "P", "Confidence of the intervals [default: 95%]"),
    key(Run, "seed", "N", "Seed of the random numbers [default: 1]").more(
        "Cells of a sweep see the same arrivals and demands; the same seed gives the same \
             results.",
    ),
    detail(Run, "engine", "ENGINE", "auto, events or recursion: same results [default: auto]")
        .effect(Effect::Execution),
    key(Run, "best", "MEASURE", "What cells are compared by [default: response_p95]")
        .more(
            "A column of the results, such as response_p99, wait_mean or throughput. Named is \
             the smallest number of workers that was shown to be within --delta of the best; \
             where that is not shown, the answer is a range.",
        ),
    key(Run, "delta", "D", "Differences that do not count [default: 5%]")
        .more("1% of the better value, or such as 5ms."),
    key(Run, "slo", "LIST", "Name the smallest that meets 'p99<500ms,failed<0.1%'").more(
        "mean, p50 to p999, wait_p95 and the like, failed, refused, throughput. Each row meets, \
         misses, or is run on until that is known. A percentile also allows no more lost \
         requests than lie beyond it. Exit 0 if a row is named, 1 if none meets, 3 if that \
         cannot be told, 4 if what meets does not fit into --memory; of several kinds of \
         servers or machines the best answer counts, of several loads the worst.",
    ),
    detail(Run, "headroom", "P", "Meet --slo with so much more load as well, such as 30%")
        .needs("slo", "it is the load at which the objectives have to be met too"),
    detail(
        Run,
        "select",
        "HOW",
        "subset, or best: drop cells once clearly worse [default: subset]",
    )
    .more(
        "best simulates each cell only until it is clearly worse than another (Kim and \
             Nelson's procedure), with --delta as the difference worth finding.",
    ),
    detail(Run, "check-theory", "", "Check the results against queueing theory")
        .more(
            "Every measure with an interval and an exact value, at a simultaneous level; exit 1 \
             if one differs significantly, 3 if there is nothing to compare.",
        )
        .only_simulated("there is no simulation to compare with theory")
        .effect(Effect::Presentation),
    detail(
        Run,
        "max-requests-simulated",
        "N",
        "Most requests to simulate per cell [default: 200000000]",
    )
    .more(
        "A row that reaches it is marked 'precision not reached'. For real servers the \
             default is 20000000.",
    ),
    key(Run, "max-time", "T", "Stop after this much wall-clock time, such as 30s")
        .more("Runs are planned to end by then; rows that miss the precision are marked.")
        .effect(Effect::Limit),
    detail(Run, "shard", "I/N", "Run part I of N, to --export-csv FILE [default: all]")
        .more(
            "auto: the index of an array job of Slurm, Kubernetes, AWS Batch or PBS. 'simsrv \
             merge' puts the parts together: byte for byte what one machine would have written.",
        )
        .only_simulated("there is nothing to share")
        .effect(Effect::Presentation),
    detail(Run, "shards", "N", "With --shard auto: how many parts there are in all")
        .only_simulated("there is nothing to share")
        .effect(Effect::Presentation),
    key(Run, "jobs", "N", "Threads of this program [default: all cores]")
        .effect(Effect::Presentation),
    detail(Run, "yes", "", "Run a sweep of any size").effect(Effect::Execution),
    key(Output, "format", "FORMAT", "table (default), csv, json, markdown, config, diff")
        .more(
            "Times in seconds and shares from 0 to 1 in csv and json. config: what --from \
             names with the numbers of the best row, or the best row as the configuration of its \
             --server. diff: what changes.",
        ),
    key(Output, "export-csv", "FILE", "Write the results as CSV ('-': standard output)")
        .more("'simsrv plot FILE' draws its charts again."),
    detail(Output, "csv-comments", "", "Begin a CSV with the version, the command and the seed")
        .more(
            "In lines that begin with #; the JSON has them in any case. A table that is not whole, \
             because the run was interrupted, has them without being asked for.",
        ),
    key(Output, "export-json", "FILE", "Write the results as JSON"),
    key(Output, "export-markdown", "FILE", "Write the results as a Markdown table"),
    detail(Output, "export-config", "FILE", "Write the best row as the server's own configuration")
        .more("With --server or --from: what --format config prints.")
        .only_simulated("the best row is a row that was simulated"),
    key(Output, "visits", "FILE", "Write one row per request as CSV")
        .more("Arrival, start, answer and worker of every request of every replication.")
        .only_simulated("theory has no single requests"),
    key(Output, "plot", "DIR", "Draw charts of this run, PNG and SVG")
        .only_simulated("the charts show what was simulated"),
    detail(Output, "chart", "LIST", "Which charts --plot draws: response, ccdf, over-time ...")
        .more(
            "timeline, response, wait, throughput, heatmap, knee, ccdf, best-workers, lines, over-time. \
             Without it those that fit the lists of the run. A scenario has [[chart]] instead.",
        )
        .needs("plot", "it chooses among the charts that are drawn")
        .flag_only()
        .only_simulated("the charts show what was simulated"),
    detail(Output, "report", "FILE", "Write a report: one page as .html, or Markdown")
        .more(
            "FILE.html has the answer, the table, the pictures, the assumptions, the command and \
             the data for download inside, and loads nothing. Any other name is written as \
             Markdown, as --report \"$GITHUB_STEP_SUMMARY\" wants it.",
        )
        .only_simulated("the report shows what was simulated"),
    detail(Output, "force", "", "Replace files that simsrv did not write")
        .more("Without it only what simsrv wrote before is replaced.")
        .flag_only(),
    detail(Output, "allow-write-anywhere", "", "Let a scenario write outside of its own folder")
        .more("Without it the files that a scenario names have to be beneath its folder.")
        .flag_only(),
    detail(Output, "rows", "N", "Rows of the table that are printed, or all [default: 30]").more(
        "Of a longer table the rows that answer and those around them are printed. Files have all.",
    ),
    key(Output, "color", "WHEN", "auto, always or never [default: auto]")
        .more("auto: on a terminal, unless NO_COLOR is set."),
    key(Output, "quiet", "", "No progress and no hints").more(
        "Where standard error is not a terminal, progress is a line every ten seconds; with \
         SIMSRV_PROGRESS=none in the environment there is none.",
    ),
];

/// The option of that name.
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}
