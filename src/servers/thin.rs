//! Thin 2 (Ruby): an event loop that runs one request at a time; several servers make a cluster.

use super::words::{Does, ServerWord, Unknown, bare, with};
use super::{
    CPU_UNKNOWN, Default, File, Grammar, NO_OVERHEAD, Preset, Writer, always, program, says, works,
    writer::command,
};
use Does::{Count, Left, Nothing};

/// EventMachine reads all connections, but the application runs within its loop
/// (`lib/thin/connection.rb`, `process`), so a request that waits holds the process.
const DEFAULTS: &[Default] = &[
    says("workers", "1", "servers", "lib/thin/runner.rb, one server unless --servers"),
    works("backlog", "100", "eventmachine, ext/em.cpp, listen (acceptor, 100)"),
    works("class", "sync", "lib/thin/connection.rb, process"),
    NO_OVERHEAD[0],
    NO_OVERHEAD[1],
];

const WORDS: &[ServerWord] = &[
    with(&["s", "servers"], Count("workers")),
    with(&["max-conns", "max_conns"], Left("the limit of connections that are read")),
    with(&["threadpool-size"], Left("threads of the application")),
    bare(&["threaded"], Left("threads of the application")),
    with(&["C", "config"], Does::File),
    with(
        &[
            "a",
            "address",
            "p",
            "port",
            "S",
            "socket",
            "A",
            "adapter",
            "R",
            "rackup",
            "c",
            "chdir",
            "e",
            "environment",
            "l",
            "log",
            "P",
            "pid",
            "u",
            "user",
            "g",
            "group",
            "tag",
            "o",
            "only",
            "timeout",
            "wait",
            "max-persistent-conns",
            "r",
            "require",
            "prefix",
            "daemonize",
            "onebyone",
            "no-epoll",
        ],
        Nothing,
    ),
    bare(&["d", "ssl", "D", "debug", "V", "trace", "q", "quiet", "stats"], Nothing),
];

fn write(of: &Writer<'_>) -> String {
    command("thin start", &[("servers", Some(of.server.workers.to_string()))]) + "\n"
}

/// Thin.
pub(super) const PRESET: Preset = Preset {
    word: "thin",
    title: "Thin",
    defaults: DEFAULTS,
    words: WORDS,
    programs: &[program("thin")],
    file: Some(File {
        grammar: Grammar::Yaml,
        signs: &["\nservers:"],
        names: &["thin.yml", "thin.yaml"],
        unknown: Unknown::Report,
    }),
    single_threaded: Some("a server of Thin runs one request at a time"),
    not_modelled: &[
        always("the balancer in front, which gives each server its share"),
        CPU_UNKNOWN,
    ],
    write,
    ..Preset::BASE
};
