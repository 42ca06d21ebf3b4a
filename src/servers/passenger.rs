//! Phusion Passenger (080171e).

use super::words::{Does, Said, ServerWord, Unknown, bare, whole, with};
use super::{
    CPU_UNKNOWN, Default, NO_OVERHEAD, Preset, Writer, always, by_default, program, says, works,
    writer::lines,
};
use Does::{Count, Left, Nothing, Seconds, Special, Whole};

/// Passenger: one queue in the server itself, from which the process with the fewest requests is
/// given the next; beyond `max_request_queue_size` the answer is a 503.
const DEFAULTS: &[Default] = &[
    says("workers", "6", "max_pool_size", "Constants.h:50-68, DEFAULT_MAX_POOL_SIZE"),
    says("threads", "1", "thread_count", "Constants.h:50-68, DEFAULT_APP_THREAD_COUNT"),
    says(
        "backlog",
        "100",
        "max_request_queue_size",
        "Constants.h:50-68, DEFAULT_MAX_REQUEST_QUEUE_SIZE",
    ),
    works("on-full", "refuse", "ApplicationPool/Group, RequestQueueFullException"),
    works("class", "auto", "Constants.h:50-68, DEFAULT_CONCURRENCY_MODEL process"),
    works("accept", "shared", "ApplicationPool/Group, the process that is least busy"),
    works("switch-interval", "100ms", "Ruby, thread_pthread.c, TIME_QUANTUM_MSEC"),
    NO_OVERHEAD[0],
    NO_OVERHEAD[1],
];

const WORDS: &[ServerWord] = &[
    with(&["max-pool-size"], Count("workers")),
    with(&["max-request-queue-size"], Special("backlog", passenger_queue, queue)),
    with(&["thread-count"], Count("threads")),
    with(&["max-requests"], Whole("max-requests")),
    with(&["max-request-time"], Seconds("timeout")),
    with(&["max-instances-per-app", "max-instances"], Count("workers")),
    with(
        &["force-max-concurrent-requests-per-process"],
        Left("a process serves as many requests at a time as it has threads"),
    ),
    with(&["memory-limit"], Left("limits on memory")),
    with(
        &[
            "concurrency-model",
            "min-instances",
            "pool-idle-time",
            "spawn-method",
            "a",
            "address",
            "p",
            "port",
            "S",
            "socket",
            "e",
            "environment",
            "R",
            "rackup",
            "app-type",
            "startup-file",
            "start-command",
            "nginx-*",
            "engine",
            "ruby",
            "python",
            "nodejs",
            "user",
            "log-file",
            "pid-file",
            "log-level",
            "static-files-dir",
            "data-buffer-dir",
            "socket-backlog",
            "envvar",
            "max-preloader-idle-time",
            "start-timeout",
            "pre-start",
            "instance-registry-dir",
            "friendly-error-pages",
            "load-shell-envvars",
            "ssl*",
            "sticky-sessions*",
            "ctl",
            "meteor-app-settings",
        ],
        Nothing,
    ),
    bare(&["d", "daemonize", "no-*", "ssl", "debugger", "disable-*", "auto"], Nothing),
];

/// 0 is a queue without an end.
fn passenger_queue(text: &str) -> Result<Vec<Said>, String> {
    let places = whole(text, 0)?;
    Ok(vec![("backlog", if places == "0" { "unlimited".to_owned() } else { places })])
}

/// 0 where the queue has no end.
fn queue(value: &str) -> Option<String> {
    Some(if value == "unlimited" { "0".to_owned() } else { value.to_owned() })
}

fn write(of: &Writer<'_>) -> String {
    let threads = of.unusual("threads", of.server.threads.to_string());
    lines(
        " ",
        ";",
        &[
            ("passenger_max_pool_size", Some(of.server.workers.to_string())),
            ("passenger_max_request_queue_size", of.backlog_or("0")),
            ("passenger_concurrency_model", threads.as_ref().map(|_| "thread".to_owned())),
            ("passenger_thread_count", threads),
            ("passenger_max_requests", of.max_requests()),
            ("passenger_max_request_time", of.timeout()),
        ],
    )
}

/// Passenger.
pub(super) const PRESET: Preset = Preset {
    word: "passenger",
    title: "Passenger",
    defaults: DEFAULTS,
    words: WORDS,
    programs: &[program("passenger")],
    file: Some(super::File {
        grammar: super::Grammar::Passenger,
        signs: &["passenger_", "PassengerMax", "max_pool_size"],
        names: &["Passengerfile.json"],
        unknown: Unknown::Ignore,
    }),
    limits: &["timeout", "max-requests"],
    not_modelled: &[
        by_default(
            "processes that start when needed and end after pool_idle_time (300 s): \
             all exist from the beginning",
        ),
        always("socket_backlog (2048): the server accepts connections faster than they arrive"),
        CPU_UNKNOWN,
    ],
    write,
    ..Preset::BASE
};
