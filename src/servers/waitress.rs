//! Waitress 3: one process; an asynchronous main thread accepts, worker threads run the requests.

use super::words::{Does, ServerWord, bare, with};
use super::{
    CPU_UNKNOWN, Default, NO_OVERHEAD, Preset, Writer, always, program, says, works,
    writer::command,
};
use Does::{Count, Left, Nothing, Whole};

/// The main thread takes up to `connection_limit` connections, whose requests wait for a thread.
const DEFAULTS: &[Default] = &[
    works("workers", "1", "one process"),
    says("threads", "4", "threads", "src/waitress/adjustments.py, class Adjustments"),
    says(
        "worker-connections",
        "100",
        "connection_limit",
        "src/waitress/adjustments.py, class Adjustments",
    ),
    says("backlog", "1024", "backlog", "src/waitress/adjustments.py, class Adjustments"),
    works("class", "gthread", "src/waitress/task.py, ThreadedTaskDispatcher"),
    works("accept", "random", "one process takes all"),
    NO_OVERHEAD[0],
    NO_OVERHEAD[1],
];

const WORDS: &[ServerWord] = &[
    with(&["threads"], Count("threads")),
    with(&["connection-limit"], Count("worker-connections")),
    with(&["backlog"], Whole("backlog")),
    with(&["channel-timeout"], Left("keep-alive connections")),
    with(
        &[
            "host",
            "port",
            "listen",
            "unix-socket",
            "unix-socket-perms",
            "url-scheme",
            "url-prefix",
            "ident",
            "server-name",
            "trusted-proxy*",
            "max-request-*",
            "recv-bytes",
            "send-bytes",
            "outbuf-*",
            "inbuf-*",
            "cleanup-interval",
            "asyncore-*",
            "app",
            "channel-request-lookahead",
        ],
        Nothing,
    ),
    bare(
        &[
            "call",
            "expose-tracebacks",
            "no-expose-tracebacks",
            "ipv4",
            "no-ipv4",
            "ipv6",
            "no-ipv6",
            "log-socket-errors",
            "no-log-socket-errors",
            "log-untrusted-proxy-headers",
            "clear-untrusted-proxy-headers",
            "no-clear-untrusted-proxy-headers",
        ],
        Nothing,
    ),
];

fn write(of: &Writer<'_>) -> String {
    command(
        "waitress-serve",
        &[
            ("threads", Some(of.server.threads.to_string())),
            ("connection-limit", of.connections(Some(100))),
            ("backlog", of.backlog_or("4294967295")),
        ],
    ) + " APP:app\n"
}

/// Waitress.
pub(super) const PRESET: Preset = Preset {
    word: "waitress",
    title: "Waitress",
    defaults: DEFAULTS,
    words: WORDS,
    programs: &[program("waitress-serve"), program("waitress")],
    single_process: Some("Waitress is one process with threads: give --threads, not --workers"),
    not_modelled: &[always("keep-alive connections and count against its limit"), CPU_UNKNOWN],
    write,
    ..Preset::BASE
};
