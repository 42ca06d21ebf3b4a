//! Apache httpd (0cb6804), whose modules serve in their own ways.

use super::words::{Does, Said, ServerWord, Unknown, as_is, whole, with};
use super::{
    CPU_UNKNOWN, Default, NO_OVERHEAD, Preset, Writer, always, by_default, program, says, works,
    writer::lines,
};
use crate::model::runtime::Spawning;
use Does::{Count, Nothing, Special, Whole};

/// Apache with the module `prefork`: a child serves one request; a mutex lets one idle child at a
/// time accept.
const DEFAULTS: &[Default] = &[
    says(
        "workers",
        "256",
        "MaxRequestWorkers",
        "prefork/mpm_default.h:33-47, DEFAULT_SERVER_LIMIT",
    ),
    says("backlog", "511", "ListenBacklog", "include/mpm_common.h:63, DEFAULT_LISTENBACKLOG"),
    works("class", "sync", "server/mpm/prefork/prefork.c, child_main"),
    NO_OVERHEAD[0],
    NO_OVERHEAD[1],
];

const WORDS: &[ServerWord] = &[
    with(&["MaxRequestWorkers", "MaxClients"], Count("workers")),
    with(&["StartServers"], Special("start-workers", starts, as_is)),
    with(&["MinSpareServers"], Special("min-spare", least, as_is)),
    with(&["MaxSpareServers"], Special("max-spare", most, as_is)),
    with(&["ListenBacklog"], Whole("backlog")),
    with(&["MaxConnectionsPerChild", "MaxRequestsPerChild"], Whole("max-requests")),
    with(&["f", "c", "C", "k", "d", "e", "E", "D"], Nothing),
];

/// A setting of the spare servers says that there are some.
fn spare(option: &'static str, text: &str) -> Result<Vec<Said>, String> {
    Ok(vec![(option, whole(text, 1)?), ("spawn", "prefork".to_owned())])
}

fn starts(text: &str) -> Result<Vec<Said>, String> {
    spare("start-workers", text)
}

fn least(text: &str) -> Result<Vec<Said>, String> {
    spare("min-spare", text)
}

fn most(text: &str) -> Result<Vec<Said>, String> {
    spare("max-spare", text)
}

/// `MaxRequestWorkers` is lowered to `ServerLimit` (256 if nothing is said; `prefork.c`,
/// `prefork_check_config`).
fn settle(number: &dyn Fn(&str) -> Option<u64>) -> Vec<(String, Said)> {
    const DEFAULT_LIMIT: u64 = 256;
    let workers = number("MaxRequestWorkers").or_else(|| number("MaxClients"));
    let limit = number("ServerLimit").or(workers.map(|_| DEFAULT_LIMIT));
    match limit {
        Some(limit) if workers.unwrap_or(DEFAULT_LIMIT) > limit => {
            let limit = limit.max(1).to_string();
            vec![(format!("ServerLimit {limit}"), ("workers", limit))]
        }
        _ => Vec::new(),
    }
}

fn write(of: &Writer<'_>) -> String {
    let workers = of.server.workers.to_string();
    let limit = (of.server.workers > 256).then(|| workers.clone());
    let spare = match of.runtime.spawning {
        Spawning::Prefork(spare) => Some(spare),
        _ => None,
    };
    let text = lines(
        " ",
        "",
        &[
            ("StartServers", spare.map(|spare| spare.start.to_string())),
            ("MinSpareServers", spare.map(|spare| spare.least.to_string())),
            ("MaxSpareServers", spare.map(|spare| spare.most.to_string())),
            ("ServerLimit", limit),
            ("MaxRequestWorkers", Some(workers)),
            ("ListenBacklog", of.backlog_or("4294967295")),
            ("MaxConnectionsPerChild", of.max_requests()),
        ],
    );
    format!("<IfModule mpm_prefork_module>\n{text}</IfModule>\n")
}

/// Apache (prefork).
pub(super) const PREFORK: Preset = Preset {
    word: "apache-prefork",
    title: "Apache (prefork)",
    defaults: DEFAULTS,
    words: WORDS,
    programs: &[
        program("httpd"),
        program("apache2"),
        program("apachectl"),
        program("apache2ctl"),
        program("apache2-foreground"),
        program("httpd-foreground"),
    ],
    unknown: Unknown::Ignore,
    file: Some(super::File {
        grammar: super::Grammar::Apache,
        signs: &["MaxRequestWorkers", "MaxClients", "mpm_prefork", "LoadModule mpm_prefork"],
        names: &["mpm_prefork.conf", "httpd.conf", "apache2.conf"],
        unknown: Unknown::Ignore,
    }),
    single_threaded: Some("a child of Apache's prefork serves one request at a time"),
    limits: &["max-requests"],
    not_modelled: &[
        by_default(
            "children that start when needed (StartServers 5, spare servers 5 to 10, up to 32 a \
             second), unless --spawn says so: here all exist from the beginning",
        ),
        always("KeepAlive, which holds a child between two requests (--keep-alive with --clients)"),
        CPU_UNKNOWN,
    ],
    settle,
    on_command: false,
    write,
    ..Preset::BASE
};

/// Children with threads, of which an idle one takes the next connection.
const EVENT_DEFAULTS: &[Default] = &[
    works("workers", "16", "server/mpm/event/event.c, DEFAULT_SERVER_LIMIT"),
    says("threads", "25", "ThreadsPerChild", "server/mpm/event/event.c, DEFAULT_THREADS_PER_CHILD"),
    says("backlog", "511", "ListenBacklog", "include/mpm_common.h:63, DEFAULT_LISTENBACKLOG"),
    works("class", "gthread", "server/mpm/event/event.c, worker_thread"),
    works("accept", "shared", "server/mpm/event/event.c, listener_thread waits for an idle thread"),
    works("gil", "off", "threads in C compute at the same time"),
    NO_OVERHEAD[0],
    NO_OVERHEAD[1],
];

const EVENT_WORDS: &[ServerWord] = &[
    with(&["ThreadsPerChild"], Count("threads")),
    with(&["ListenBacklog"], Whole("backlog")),
    with(&["MaxConnectionsPerChild", "MaxRequestsPerChild"], Whole("max-requests")),
    with(&["MaxRequestWorkers", "MaxClients", "ServerLimit", "ThreadLimit"], Nothing),
    with(&["f", "c", "C", "k", "d", "e", "E", "D"], Nothing),
];

/// `MaxRequestWorkers` threads in children of `ThreadsPerChild` each, at most `ServerLimit` children
/// (`server/mpm/event/event.c`, `event_check_config`).
fn settle_event(number: &dyn Fn(&str) -> Option<u64>) -> Vec<(String, Said)> {
    let Some(all) = number("MaxRequestWorkers").or_else(|| number("MaxClients")) else {
        return Vec::new();
    };
    let threads = number("ThreadsPerChild").unwrap_or(25).max(1);
    let limit = number("ServerLimit").unwrap_or(16).max(1);
    let workers = (all / threads).clamp(1, limit);
    vec![(format!("MaxRequestWorkers {all}"), ("workers", workers.to_string()))]
}

fn write_event(of: &Writer<'_>) -> String {
    let (workers, threads) = (u64::from(of.server.workers), u64::from(of.server.threads));
    let text = lines(
        " ",
        "",
        &[
            ("ServerLimit", (workers > 16).then(|| workers.to_string())),
            ("ThreadLimit", (threads > 64).then(|| threads.to_string())),
            ("ThreadsPerChild", Some(threads.to_string())),
            ("MaxRequestWorkers", Some((workers * threads).to_string())),
            ("ListenBacklog", of.backlog_or("4294967295")),
            ("MaxConnectionsPerChild", of.max_requests()),
        ],
    );
    format!("<IfModule mpm_event_module>\n{text}</IfModule>\n")
}

/// Apache (event, worker).
pub(super) const EVENT: Preset = Preset {
    word: "apache-event",
    title: "Apache (event)",
    defaults: EVENT_DEFAULTS,
    words: EVENT_WORDS,
    unknown: Unknown::Ignore,
    file: Some(super::File {
        grammar: super::Grammar::Apache,
        signs: &["ThreadsPerChild", "LoadModule mpm_event", "LoadModule mpm_worker"],
        names: &["mpm_event.conf", "mpm_worker.conf"],
        unknown: Unknown::Ignore,
    }),
    limits: &["max-requests"],
    settle: settle_event,
    not_modelled: &[
        by_default("children that start when needed: all exist from the beginning"),
        always("KeepAlive: idle connections hold no thread"),
        CPU_UNKNOWN,
    ],
    on_command: false,
    write: write_event,
    ..Preset::BASE
};
