//! Apache httpd (0cb6804), whose modules serve in their own ways.

use super::words::{Does, Unknown, Word, with};
use super::{
    CPU_UNKNOWN, Default, NO_OVERHEAD, Preset, Writer, always, by_default, program, says, works,
    writer::lines,
};
use Does::{Count, Nothing, Whole};

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

const WORDS: &[Word] = &[
    with(&["MaxRequestWorkers", "MaxClients"], Count("workers")),
    with(&["ListenBacklog"], Whole("backlog")),
    with(&["MaxConnectionsPerChild", "MaxRequestsPerChild"], Whole("max-requests")),
    with(&["f", "c", "C", "k", "d", "e", "E", "D"], Nothing),
];

fn write(of: &Writer<'_>) -> String {
    let workers = of.server.workers.to_string();
    let limit = (of.server.workers > 256).then(|| workers.clone());
    let text = lines(
        " ",
        "",
        &[
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
        signs: &["MaxRequestWorkers", "MaxClients", "mpm_prefork"],
        names: &["httpd.conf", "apache2.conf"],
        unknown: Unknown::Ignore,
    }),
    single_threaded: Some("a child of Apache's prefork serves one request at a time"),
    limits: &["max-requests"],
    not_modelled: &[
        by_default(
            "children that are started when they are needed (StartServers 5, spare servers 5 to \
             10, up to 32 a second): all are there",
        ),
        always("KeepAlive, which holds a child between two requests"),
        CPU_UNKNOWN,
    ],
    write,
    ..Preset::BASE
};
