//! Granian 2: an event loop in each process, fed by threads in Rust.

use super::words::{Does, ServerWord, bare, with};
use super::{
    CPU_UNKNOWN, Default, NO_OVERHEAD, Preset, Writer, always, program, says, works,
    writer::command,
};
use Does::{Count, Left, LeftIf, Nothing, Whole};

/// What it does with ASGI; the listen queue is its own option (`granian/cli.py`, `--backlog`).
const DEFAULTS: &[Default] = &[
    says("workers", "1", "workers", "granian/cli.py, --workers"),
    says("backlog", "1024", "backlog", "granian/cli.py, --backlog"),
    works("class", "asgi", "granian/asgi.py, one event loop a process"),
    NO_OVERHEAD[0],
    NO_OVERHEAD[1],
];

const WORDS: &[ServerWord] = &[
    with(&["workers"], Count("workers")),
    with(&["backlog"], Whole("backlog")),
    with(&["backpressure"], Left("the limit of requests that wait for Python in a process")),
    with(&["blocking-threads"], Left("threads of WSGI: the model is that of ASGI")),
    with(&["interface"], LeftIf(interface)),
    with(&["workers-lifetime"], Left("workers that end by the clock are not modelled")),
    with(&["workers-max-rss"], Left("limits on memory")),
    bare(&["reload"], Left("reloading")),
    with(
        &[
            "host",
            "port",
            "uds",
            "http",
            "runtime-threads",
            "runtime-blocking-threads",
            "runtime-mode",
            "loop",
            "task-impl",
            "log-level",
            "log-config",
            "access-log-fmt",
            "ssl-*",
            "url-path-prefix",
            "respawn-interval",
            "workers-kill-timeout",
            "working-dir",
            "env-files",
            "static-*",
            "process-name",
            "pid-file",
            "http1-*",
            "http2-*",
            "threads",
            "threading-mode",
            "respawn-failed-workers-interval",
            "blocking-threads-idle-timeout",
        ],
        Nothing,
    ),
    bare(
        &[
            "ws",
            "no-ws",
            "log",
            "no-log",
            "access-log",
            "no-access-log",
            "respawn-failed-workers",
            "no-respawn-failed-workers",
            "factory",
            "no-factory",
            "no-reload",
        ],
        Nothing,
    ),
];

fn interface(text: &str) -> Option<String> {
    (text == "wsgi").then(|| {
        "--interface wsgi: its blocking threads; the model is one event loop a process".to_owned()
    })
}

fn write(of: &Writer<'_>) -> String {
    command(
        "granian",
        &[
            ("workers", Some(of.server.workers.to_string())),
            ("backlog", of.backlog_or("4294967295")),
        ],
    ) + " APP:app\n"
}

/// Granian.
pub(super) const PRESET: Preset = Preset {
    word: "granian",
    title: "Granian",
    defaults: DEFAULTS,
    words: WORDS,
    programs: &[program("granian")],
    variables: &[("GRANIAN_*", "")],
    single_threaded: Some("a process of Granian runs one event loop"),
    not_modelled: &[
        always("its threads in Rust, which read and write beside the event loop"),
        CPU_UNKNOWN,
    ],
    write,
    ..Preset::BASE
};
