//! mod_wsgi 5 in daemon mode (and mod_wsgi-express): processes with threads beside Apache.

use super::words::{Does, Said, ServerWord, Unknown, bare, never, seconds, whole, with};
use super::{
    CPU_UNKNOWN, Default, File, Grammar, NO_OVERHEAD, Preset, Writer, always, program, says, works,
};
use Does::{Count, Left, Nothing, Seconds, Special, Whole};

/// The threads of all daemon processes take connections from one socket, one at a time
/// (`src/server/mod_wsgi.c`, `wsgi_daemon_worker`); Python's threads share a lock.
const DEFAULTS: &[Default] = &[
    says("workers", "1", "processes", "src/server/mod_wsgi.c, wsgi_add_daemon_process"),
    says("threads", "15", "threads", "src/server/mod_wsgi.c, wsgi_add_daemon_process"),
    says("backlog", "100", "listen-backlog", "src/server/wsgi_daemon.h, WSGI_LISTEN_BACKLOG"),
    works("class", "gthread", "src/server/mod_wsgi.c, wsgi_daemon_worker"),
    works("accept", "shared", "src/server/mod_wsgi.c, wsgi_daemon_worker"),
    works("gil", "on", "CPython's lock in each process"),
    NO_OVERHEAD[0],
    NO_OVERHEAD[1],
];

const WORDS: &[ServerWord] = &[
    with(&["WSGIDaemonProcess"], Special("workers", daemon, never)),
    with(&["processes"], Count("workers")),
    with(&["threads"], Count("threads")),
    with(&["listen-backlog"], Whole("backlog")),
    with(&["maximum-requests"], Whole("max-requests")),
    with(&["request-timeout"], Left("a limit for the answer, averaged over the threads")),
    with(&["deadlock-timeout", "inactivity-timeout"], Left("it watches a process, not requests")),
    with(&["graceful-timeout"], Seconds("graceful-timeout")),
    with(
        &[
            "host",
            "port",
            "user",
            "group",
            "url-alias",
            "mount-point",
            "working-directory",
            "python-path",
            "server-root",
            "log-*",
            "access-log*",
            "include-file",
            "document-root",
            "entry-point",
            "application-type",
            "locale",
            "startup-log*",
            "server-name",
            "server-status",
            "initial-workers",
            "max-clients",
        ],
        Nothing,
    ),
    bare(&["reload-on-changes", "log-to-terminal", "trust-proxy-header"], Nothing),
];

/// `WSGIDaemonProcess NAME processes=2 threads=15`.
fn daemon(text: &str) -> Result<Vec<Said>, String> {
    let mut said = Vec::new();
    for word in text.split_whitespace() {
        let Some((name, value)) = word.split_once('=') else { continue };
        match name {
            "processes" => said.push(("workers", whole(value, 1)?)),
            "threads" => said.push(("threads", whole(value, 1)?)),
            "listen-backlog" => said.push(("backlog", whole(value, 0)?)),
            "maximum-requests" => said.push(("max-requests", whole(value, 0)?)),
            "graceful-timeout" => said.push(("graceful-timeout", seconds(value, 1.0)?)),
            _ => {}
        }
    }
    Ok(said)
}

fn write(of: &Writer<'_>) -> String {
    let mut text = format!(
        "WSGIDaemonProcess NAME processes={} threads={}",
        of.server.workers, of.server.threads
    );
    if let Some(backlog) = of.backlog_or("4294967295") {
        text += &format!(" listen-backlog={backlog}");
    }
    if let Some(most) = of.max_requests() {
        text += &format!(" maximum-requests={most}");
    }
    text + "\n"
}

/// mod_wsgi.
pub(super) const PRESET: Preset = Preset {
    word: "mod-wsgi",
    title: "mod_wsgi",
    defaults: DEFAULTS,
    words: WORDS,
    programs: &[program("mod_wsgi-express")],
    file: Some(File {
        grammar: Grammar::Apache,
        signs: &["WSGIDaemonProcess", "WSGIDaemon"],
        names: &[],
        unknown: Unknown::Ignore,
    }),
    limits: &["max-requests"],
    not_modelled: &[always("Apache's own processes in front"), CPU_UNKNOWN],
    write,
    ..Preset::BASE
};
