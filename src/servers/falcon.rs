//! Falcon (Ruby): an event loop of fibers in each process.

use super::words::{Does, ServerWord, bare, with};
use super::{
    CPU_UNKNOWN, Default, NO_OVERHEAD, Preset, Writer, always, program, says, works,
    writer::command,
};
use Does::{Count, Left, Nothing};

/// As many processes as there are cores; each accepts from the same socket.
const DEFAULTS: &[Default] = &[
    says("workers", "cores", "count", "async-container, Async::Container.processor_count"),
    works("backlog", "4096", "Ruby's Socket::SOMAXCONN"),
    works("class", "gevent", "falcon/lib/falcon/server.rb, fibers that switch when they wait"),
    works("accept", "random", "async-io, every process accepts"),
    works("worker-connections", "unlimited", "async-http, one fiber a connection"),
    NO_OVERHEAD[0],
    NO_OVERHEAD[1],
];

const WORDS: &[ServerWord] = &[
    with(&["n", "count"], Count("workers")),
    with(&["forks"], Count("workers")),
    with(&["threads"], Left("containers of threads")),
    bare(&["threaded", "hybrid"], Left("containers of threads")),
    with(
        &[
            "b",
            "bind",
            "p",
            "port",
            "h",
            "hostname",
            "t",
            "timeout",
            "c",
            "config",
            "preload",
            "cache",
            "verbose",
            "restart",
            "graceful-stop",
        ],
        Nothing,
    ),
    bare(&["forked", "no-cache"], Nothing),
];

fn write(of: &Writer<'_>) -> String {
    command("falcon serve", &[("count", Some(of.server.workers.to_string()))]) + "\n"
}

/// Falcon.
pub(super) const PRESET: Preset = Preset {
    word: "falcon",
    title: "Falcon",
    defaults: DEFAULTS,
    words: WORDS,
    programs: &[program("falcon"), program("falcon-host")],
    single_threaded: Some("a process of Falcon runs one event loop"),
    not_modelled: &[
        always("keep-alive connections, whose requests stay with their process"),
        CPU_UNKNOWN,
    ],
    write,
    ..Preset::BASE
};
