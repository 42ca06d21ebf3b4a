//! Hypercorn 0.17: an event loop in each process, all of which accept from one socket.

use super::uvicorn::as_loop;
use super::words::{Does, Said, ServerWord, Unknown, address, bare, unquoted, with};
use super::{
    CPU_UNKNOWN, Default, File, Grammar, NO_OVERHEAD, Preset, Writer, always, program, says, works,
    writer::command,
};
use crate::model::runtime::EventLoop;
use Does::{Count, Left, Nothing, Seconds, Special, Whole, Within};

/// As uvicorn, with a listen queue of 100.
const DEFAULTS: &[Default] = &[
    says("workers", "1", "workers", "src/hypercorn/config.py, class Config"),
    says("backlog", "100", "backlog", "src/hypercorn/config.py, class Config"),
    says("graceful-timeout", "3s", "graceful_timeout", "src/hypercorn/config.py, class Config"),
    works("class", "asgi", "src/hypercorn/asyncio/run.py, worker_serve"),
    NO_OVERHEAD[0],
    NO_OVERHEAD[1],
];

const WORDS: &[ServerWord] = &[
    with(&["w", "workers"], Count("workers")),
    with(&["k", "worker-class"], Special("loop", event_loop, as_loop)),
    with(&["backlog"], Whole("backlog")),
    with(&["graceful-timeout"], Seconds("graceful-timeout")),
    with(&["max-requests"], Whole("max-requests")),
    with(&["max-requests-jitter"], Whole("max-requests-jitter")),
    with(&["b", "bind"], Within("listen", address)),
    with(&["c", "config"], Does::File),
    with(&["keep-alive"], Left("every request has its own connection")),
    bare(&["reload"], Left("reloading")),
    with(
        &[
            "access-log",
            "access-logfile",
            "access-logformat",
            "ca-certs",
            "certfile",
            "cert-reqs",
            "ciphers",
            "error-log",
            "error-logfile",
            "g",
            "group",
            "insecure-bind",
            "keyfile",
            "keyfile-password",
            "log-config",
            "log-level",
            "p",
            "pid",
            "quic-bind",
            "root-path",
            "server-name",
            "statsd-host",
            "statsd-prefix",
            "m",
            "umask",
            "u",
            "user",
            "verify-mode",
            "websocket-ping-interval",
            "alt_svc_headers",
            "loglevel",
            "accesslog",
            "errorlog",
            "h11_*",
            "h2_*",
            "read_timeout",
            "startup_timeout",
            "shutdown_timeout",
            "server_names",
        ],
        Nothing,
    ),
    bare(&["debug"], Nothing),
];

/// `trio` has no rule of its own here.
fn event_loop(text: &str) -> Result<Vec<Said>, String> {
    if unquoted(text) == "trio" { Ok(Vec::new()) } else { super::uvicorn::event_loop(text) }
}

fn write(of: &Writer<'_>) -> String {
    command(
        "hypercorn",
        &[
            ("workers", Some(of.server.workers.to_string())),
            (
                "worker-class",
                (of.runtime.event_loop == EventLoop::Uvloop).then(|| "uvloop".to_owned()),
            ),
            ("backlog", of.backlog_or("4294967295")),
            ("max-requests", of.max_requests()),
            ("max-requests-jitter", of.jitter()),
            ("graceful-timeout", of.graceful("3s")),
        ],
    ) + " APP:app\n"
}

/// Hypercorn.
pub(super) const PRESET: Preset = Preset {
    word: "hypercorn",
    title: "Hypercorn",
    defaults: DEFAULTS,
    words: WORDS,
    programs: &[program("hypercorn")],
    file: Some(File {
        grammar: Grammar::Python,
        signs: &[],
        names: &["hypercorn.py", "hypercorn_config.py", "hypercorn.toml"],
        unknown: Unknown::Report,
    }),
    single_threaded: Some("a process of Hypercorn runs one event loop"),
    limits: &["max-requests"],
    not_modelled: &[
        always("keep-alive connections (5 s), whose requests stay with their process"),
        CPU_UNKNOWN,
    ],
    write,
    ..Preset::BASE
};
