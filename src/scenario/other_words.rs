//! The words that other tools have for what simsrv knows by another name: load generators, servers,
//! containers, queueing theory. A word that is exactly one option is that option; where several may
//! be meant, a sentence names them.

use WordMeaning::{Per, Same, See};

/// What a word of another tool is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WordMeaning {
    /// The option of that name, with the value as it is written.
    Same(&'static str),
    /// The option of that name; a number without a unit has this one.
    Per(&'static str, &'static str),
    /// No single option: a sentence that names those that may be meant.
    See(&'static str),
}

impl WordMeaning {
    /// The value as the option takes it.
    pub(crate) fn value(self, text: &str) -> String {
        match self {
            Per(_, unit) if !text.contains('/') => format!("{text}{unit}"),
            _ => text.to_owned(),
        }
    }

    /// What to write in its place, as the end of a sentence.
    pub(crate) fn advice(self) -> String {
        match self {
            Same(option) => format!("write --{option}"),
            Per(option, unit) => format!("write --{option}, such as --{option} 40{unit}"),
            See(sentence) => sentence.to_owned(),
        }
    }
}

/// Words with the same meaning.
type Words = (&'static [&'static str], WordMeaning);

const SLO: WordMeaning = See("an objective is --slo, such as --slo 'p99<500ms'");
const ADDRESS: WordMeaning =
    See("an address has no effect on a simulation: drop it; for a Unix socket write --listen unix");
const FORMAT: WordMeaning =
    See("write --format json, --format csv, or --export-json FILE and --export-csv FILE");
const OWN: WordMeaning =
    See("a server's own command line is read as one text: --from 'gunicorn -w 4 app'");

/// Every word, in lower case and with `-` for `_`; a word of one letter is written with one dash.
pub(crate) const WORDS: &[Words] = &[
    // Load.
    (
        &[
            "rps",
            "qps",
            "tps",
            "hps",
            "ops",
            "lambda",
            "arrival-rate",
            "request-rate",
            "req-rate",
            "req-per-sec",
            "requests-per-second",
            "reqs-per-second",
            "requests-per-sec",
            "constant-arrival-rate",
        ],
        Per("rate", "/s"),
    ),
    (&["rpm", "qpm", "requests-per-minute"], Per("rate", "/min")),
    (&["peak-rate", "peak-rps", "max-rps", "max-rate", "peak-load"], Per("peak", "/s")),
    (
        &[
            "users",
            "user",
            "vus",
            "vu",
            "virtual-users",
            "concurrent-users",
            "num-users",
            "n-users",
            "num-clients",
            "concurrent-clients",
            "population",
        ],
        Same("clients"),
    ),
    (
        &["concurrency", "parallel", "parallelism", "limit-concurrency", "concurrent"],
        See(
            "clients that send at the same time are --clients; requests that one process holds at once \
             are --threads, or --worker-connections of an event loop",
        ),
    ),
    (
        &["connections", "connection", "conns", "max-connections", "max-conns"],
        See(
            "clients with a connection each are --clients; connections that one process accepts are \
             --worker-connections, those to a database --pool",
        ),
    ),
    (
        &["c"],
        See(
            "clients that send at the same time (ab, wrk, hey) are --clients; a configuration file is \
             read with --from FILE",
        ),
    ),
    (&["u"], See("users are --clients")),
    (
        &["n", "num-requests", "total-requests", "iterations", "loops"],
        See("the length of a replication in requests is --requests; without it simsrv chooses"),
    ),
    (
        &["d", "z", "l"],
        See(
            "the length of a replication in simulated time is --duration; without it simsrv chooses",
        ),
    ),
    (
        &["run-time", "runtime", "test-duration", "sim-time", "simulation-time", "length"],
        Same("duration"),
    ),
    (&["think-time", "thinktime", "pause", "pacing", "sleep", "delay"], Same("think")),
    (
        &["wait-time", "wait"],
        See(
            "the pause between an answer and the next request is --think; how long a client waits is \
             --patience in the queue and --client-timeout for the answer",
        ),
    ),
    (
        &["ramp", "ramp-up", "rampup", "spawn-rate", "hatch-rate", "stages", "ramp-time", "r"],
        See("a rate that changes with time is --arrivals, such as --rate 40/s --arrivals \
             'ramp(0s:0%,60s:100%,period=2m)'"),
    ),
    (&["burst", "bursts", "batch", "batch-size"], See("bursts are --arrivals, such as 'batch(3)'")),
    (&["arrival-process", "arrival-distribution", "interarrival"], Same("arrivals")),
    (&["replay", "requests-file", "trace-file"], Same("trace")),
    (
        &["log", "logs", "access-log"],
        See("'simsrv fit LOG' learns --cpu, --io and --rate from a log"),
    ),
    // Processes, threads, hosts.
    (
        &[
            "w",
            "processes",
            "process",
            "procs",
            "num-workers",
            "n-workers",
            "nworkers",
            "worker-count",
            "workers-count",
            "worker-processes",
            "num-procs",
            "num-processes",
            "max-children",
            "pm.max-children",
            "max-workers",
            "web-concurrency",
        ],
        Same("workers"),
    ),
    (
        &[
            "num-threads",
            "n-threads",
            "nthreads",
            "thread-count",
            "threads-per-worker",
            "worker-threads",
            "max-threads",
            "min-threads",
            "threadpool",
        ],
        Same("threads"),
    ),
    (
        &["max-request-workers", "max-clients", "server-limit"],
        See("Apache's limit is --workers with prefork, --workers times --threads with event"),
    ),
    (
        &["t"],
        See(
            "the time after which a worker is killed (Gunicorn) is --timeout; threads (Puma, wrk) are \
             --threads",
        ),
    ),
    (
        &["i", "instances", "instance", "servers", "num-servers", "max-instances"],
        See(
            "processes on one machine are --workers; machines behind a balancer are --hosts; which \
             server it is, --server",
        ),
    ),
    (
        &[
            "replicas",
            "replica",
            "pods",
            "pod",
            "nodes",
            "machines",
            "containers",
            "dynos",
            "vms",
            "host-count",
            "num-hosts",
            "backends",
            "upstreams",
        ],
        Same("hosts"),
    ),
    (
        &["lb", "load-balancer", "balancer", "balancing", "lb-policy", "lb-algorithm", "algorithm"],
        Same("balance"),
    ),
    (
        &[
            "cpus",
            "vcpus",
            "vcpu",
            "ncpu",
            "ncpus",
            "cpu-count",
            "cpu-cores",
            "num-cpus",
            "num-cores",
            "n-cores",
            "core-count",
            "processors",
            "cpu-limit",
            "cpus-limit",
            "cpu-limits",
            "limit-cpu",
        ],
        Same("cores"),
    ),
    (
        &["quota", "cpu-quota", "cfs-quota", "cpu-request", "cpu-requests", "limits", "cpu-shares"],
        See(
            "the CPU limit of a container is --cores, such as --cores 500m or --cores 1.5; the period \
             of its quota is --quota-period",
        ),
    ),
    (&["cpu-period", "cfs-period", "quota-interval"], See("write --quota-period, such as 100ms")),
    (&["worker-class", "workerclass", "worker-type", "worker-kind", "worker-model"], Same("class")),
    (
        &["k"],
        See("the class of Gunicorn's workers is --class; connections that are kept (ab -k) are \
             --keep-alive"),
    ),
    (
        &["web-server", "app-server", "preset", "framework", "stack"],
        See("a server with its defaults is --server, such as gunicorn, puma or php-fpm"),
    ),
    (&["app", "wsgi", "module", "reload", "config", "conf", "f"], OWN),
    (
        &["bind", "b", "port", "p", "host", "address", "socket", "url", "unix-socket", "uds"],
        ADDRESS,
    ),
    (
        &[
            "pool-size",
            "db-pool",
            "db-pool-size",
            "database-pool",
            "connection-pool",
            "max-pool-size",
            "db-connections",
            "database-connections",
            "dbpool",
        ],
        Same("pool"),
    ),
    (&["max-overflow", "pool-max-overflow"], Same("pool-overflow")),
    (&["checkout-timeout", "pool-wait-timeout"], Same("pool-timeout")),
    (
        &[
            "queue-size",
            "queue-length",
            "max-queue",
            "listen-backlog",
            "listen-queue",
            "accept-count",
            "accept-queue",
            "buffer",
        ],
        Same("backlog"),
    ),
    (&["mem", "ram", "mem-limit", "memory-limit", "max-memory", "limit-memory"], Same("memory")),
    (
        &[
            "worker-mem",
            "memory-per-worker",
            "mem-per-worker",
            "per-worker-memory",
            "process-memory",
            "memory-per-process",
            "rss",
            "pss",
            "worker-rss",
        ],
        Same("worker-memory"),
    ),
    (&["keepalive", "keep-alive-timeout", "keepalive-timeout"], Same("keep-alive")),
    (&["worker-timeout", "harakiri", "kill-after", "request-terminate-timeout"], Same("timeout")),
    (
        &["request-timeout", "read-timeout", "http-timeout"],
        See("how long a client waits for an answer is --client-timeout, how long a proxy does \
             --proxy-timeout; when a silent worker is killed, --timeout"),
    ),
    (&["proxy-read-timeout", "gateway-timeout", "router-timeout"], Same("proxy-timeout")),
    (&["max-retries", "retry", "num-retries"], Same("retries")),
    (&["backoff", "retry-delay", "retry-pause"], Same("retry-backoff")),
    (&["pm", "process-manager", "spawning"], Same("spawn")),
    (&["start-servers", "pm.start-servers", "min-workers"], Same("start-workers")),
    (&["min-spare-servers", "pm.min-spare-servers", "min-idle"], Same("min-spare")),
    (&["max-spare-servers", "pm.max-spare-servers", "max-idle"], Same("max-spare")),
    (&["process-idle-timeout", "pm.process-idle-timeout"], Same("idle-timeout")),
    (&["pm.max-requests", "max-worker-requests", "recycle-after"], Same("max-requests")),
    (&["boot-time", "startup", "startup-time", "start-time", "warm-up-time"], Same("boot")),
    (&["preload-app"], See("write --preload")),
    // Requests.
    (&["service-time", "processing-time", "work", "demand", "service-demand"], Same("service")),
    (&["cpu-time", "compute", "cpu-demand"], Same("cpu")),
    (&["io-time", "io-wait", "db-time", "io-demand", "blocking"], Same("io")),
    (
        &["latency", "response-time", "mean", "avg", "average"],
        See(
            "response times are a result; what one request takes on an idle machine is --cpu and --io; an \
             objective is --slo, such as --slo 'p99<500ms'",
        ),
    ),
    (
        &["mu", "service-rate"],
        See("give the time of one request, 1/mu, such as --service 'exp(20ms)'"),
    ),
    (
        &[
            "target",
            "goal",
            "objective",
            "sla",
            "slos",
            "threshold",
            "thresholds",
            "limit",
            "max-latency",
            "max-response-time",
            "fail-if",
            "p50",
            "p75",
            "p90",
            "p95",
            "p99",
            "p999",
            "p99.9",
        ],
        SLO,
    ),
    // Run and output.
    (
        &["runs", "reps", "repeat", "repeats", "repetitions", "trials", "num-runs"],
        Same("replications"),
    ),
    (&["ci", "confidence-level", "confidence-interval"], Same("confidence")),
    (&["accuracy", "error", "relative-error", "rel-error"], Same("precision")),
    (
        &["tolerance", "epsilon"],
        See("how exact the figures are is --precision; which differences do not count, --delta"),
    ),
    (&["random-seed", "rng-seed", "s"], Same("seed")),
    (&["warm-up", "burn-in", "transient"], Same("warmup")),
    (&["time-limit", "max-wall-time", "wall-time", "budget"], Same("max-time")),
    (&["j", "cpu-threads", "sim-threads"], Same("jobs")),
    (&["metric", "measure", "optimize", "optimise", "minimize", "minimise", "sort"], Same("best")),
    (&["q", "silent", "no-progress"], See("the answer alone is printed with --quiet")),
    (&["v", "verbose", "debug"], See("there is no longer output: --format json has every figure")),
    (&["y", "assume-yes"], See("a sweep of any size is run with --yes")),
    (&["no-color", "no-colour", "colour", "nocolor"], See("write --color never, auto or always")),
    (&["json", "csv", "markdown", "o", "out", "export", "output-format", "save"], FORMAT),
    (
        &["plots", "chart-dir", "plot-dir", "graph", "graphs", "draw", "png", "svg", "figures"],
        See("charts are drawn into a folder: --plot DIR"),
    ),
    (&["html"], See("write --report FILE.html")),
];

/// The meaning of a word, written with or without dashes before it.
pub(crate) fn find(word: &str) -> Option<WordMeaning> {
    let word = plain(word);
    let of = |(words, meaning): &Words| words.contains(&word.as_str()).then_some(*meaning);
    WORDS.iter().find_map(of)
}

/// A word as the table has it.
pub(crate) fn plain(word: &str) -> String {
    word.trim_start_matches('-').to_ascii_lowercase().replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::keys;

    /// The options that a sentence names.
    fn named(sentence: &str) -> Vec<&str> {
        let words = sentence.split(|c: char| c.is_whitespace() || "';,:".contains(c));
        words.filter_map(|word| word.strip_prefix("--")).collect()
    }

    #[test]
    fn every_word_leads_to_an_option_that_exists() {
        for (words, meaning) in WORDS {
            let options = match meaning {
                Same(option) | Per(option, _) => {
                    assert!(!keys::find(option).expect(option).is_switch(), "--{option} {words:?}");
                    vec![*option]
                }
                See(sentence) => named(sentence),
            };
            let fit = matches!(meaning, See(sentence) if sentence.contains("'simsrv fit"));
            assert!(fit || !options.is_empty(), "{words:?}");
            for option in options {
                assert!(keys::find(option).is_some(), "{words:?} lead to --{option}");
            }
        }
    }

    #[test]
    fn no_word_is_there_twice_or_is_an_option_itself() {
        let mut all: Vec<&str> = WORDS.iter().flat_map(|(words, _)| *words).copied().collect();
        for word in &all {
            assert!(keys::find(word).is_none(), "--{word} is an option");
            assert_eq!(*word, plain(word), "as the table has it");
        }
        all.sort_unstable();
        let before = all.len();
        all.dedup();
        assert_eq!(all.len(), before);
    }

    #[test]
    fn a_number_without_a_unit_gets_it() {
        let rps = find("--RPS").expect("a word");
        assert_eq!(rps.value("40"), "40/s");
        assert_eq!(rps.value("10,20"), "10,20/s");
        assert_eq!(rps.value("5/min"), "5/min");
        assert_eq!(find("max_children"), Some(Same("workers")));
        assert_eq!(find("wibble"), None);
    }
}
