//! Gunicorn 27.0.1: the words are all that `gunicorn/config.py` has.

use super::uvicorn::{as_loop, event_loop};
use super::words::{Does, Said, ServerWord, Unknown, address, bare, maybe, with};
use super::{Default, Preset, Writer, always, program, says, works, writer::command};
use crate::model::runtime::{Accept, Class, EventLoop};
use Does::{Count, File, Left, Nothing, Seconds, Special, Switch, Whole, Within};

/// Gunicorn: what `--class` and its kin know of it. `workers` is 1 unless `WEB_CONCURRENCY` says
/// otherwise; more than one thread makes a sync worker a gthread worker.
const DEFAULTS: &[Default] = &[
    says("workers", "1", "workers", "gunicorn/config.py:762"),
    says("threads", "1", "threads", "gunicorn/config.py, class WorkerThreads"),
    works("class", "auto", "gunicorn/config.py:138-150, worker_class_str"),
    says("backlog", "2048", "backlog", "gunicorn/config.py:735-752"),
    says("timeout", "30s", "timeout", "gunicorn/config.py:890-920"),
    says(
        "graceful-timeout",
        "30s",
        "graceful_timeout",
        "gunicorn/config.py, class GracefulTimeout",
    ),
];

const WORDS: &[ServerWord] = &[
    with(&["w", "workers"], Count("workers")),
    with(&["threads"], Count("threads")),
    with(&["k", "worker-class"], Special("class", worker_class, class)),
    with(&["asgi-loop"], Special("loop", event_loop, as_loop)),
    with(&["worker-connections"], Count("worker-connections")),
    with(&["backlog"], Whole("backlog")),
    with(&["t", "timeout"], Seconds("timeout")),
    with(&["graceful-timeout"], Seconds("graceful-timeout")),
    with(&["max-requests"], Whole("max-requests")),
    with(&["max-requests-jitter"], Whole("max-requests-jitter")),
    bare(&["preload", "preload-app"], Switch("preload")),
    bare(&["reuse-port"], Special("accept", reuse_port, accept)),
    with(&["b", "bind"], Within("listen", address)),
    with(&["c", "config"], File),
    with(&["keep-alive", "keepalive"], Left("every request has its own connection")),
    with(&["dirty-*"], Left("dirty workers")),
    bare(&["reload"], Left("reloading")),
    with(
        &[
            "limit-request-line",
            "limit-request-fields",
            "limit-request-field-size",
            "reload-engine",
            "reload-extra-file",
            "chdir",
            "e",
            "env",
            "raw-env",
            "p",
            "pid",
            "pidfile",
            "worker-tmp-dir",
            "u",
            "user",
            "g",
            "group",
            "m",
            "umask",
            "forwarded-allow-ips",
            "access-logfile",
            "accesslog",
            "access-logformat",
            "access-log-format",
            "error-logfile",
            "errorlog",
            "log-file",
            "log-level",
            "logger-class",
            "log-config",
            "log-config-json",
            "log-syslog-to",
            "syslog-addr",
            "log-syslog-prefix",
            "syslog-prefix",
            "log-syslog-facility",
            "syslog-facility",
            "statsd-host",
            "dogstatsd-tags",
            "statsd-prefix",
            "n",
            "name",
            "proc-name",
            "pythonpath",
            "paste",
            "paster",
            "proxy-allow-from",
            "proxy-allow-ips",
            "protocol",
            "uwsgi-allow-from",
            "uwsgi-allow-ips",
            "keyfile",
            "certfile",
            "ssl-version",
            "cert-reqs",
            "ca-certs",
            "ciphers",
            "http-protocols",
            "http2-*",
            "paste-global",
            "forwarder-headers",
            "header-map",
            "asgi-lifespan",
            "asgi-disconnect-grace-period",
            "websocket-max-message-size",
            "http-parser",
            "root-path",
            "control-socket",
            "control-socket-mode",
            "wsgi-app",
            "logconfig",
            "logconfig-dict",
            "logconfig-json",
            "tmp-upload-dir",
            "secure-scheme-headers",
            "default-proc-name",
            "raw-paste-global-conf",
        ],
        Nothing,
    ),
    bare(
        &[
            "spew",
            "check-config",
            "print-config",
            "no-sendfile",
            "sendfile",
            "D",
            "daemon",
            "initgroups",
            "disable-redirect-access-to-syslog",
            "capture-output",
            "log-syslog",
            "syslog",
            "R",
            "enable-stdio-inheritance",
            "enable-backlog-metric",
            "suppress-ragged-eofs",
            "do-handshake-on-connect",
            "permit-*",
            "strip-header-spaces",
            "casefold-http-method",
            "no-control-socket",
            "control-socket-disable",
        ],
        Nothing,
    ),
    maybe(&["proxy-protocol"], Nothing),
];

/// `-k`: gthread is what sync becomes with threads (`config.py`, `worker_class_str`).
fn worker_class(text: &str) -> Result<Vec<Said>, String> {
    let class = match text.trim().trim_matches(['"', '\'']) {
        "sync" => "auto",
        "gthread" => "gthread",
        "gevent" | "gevent_wsgi" | "gevent_pywsgi" | "eventlet" => "gevent",
        // Other workers on gevent's loop.
        name if name.contains("geventwebsocket") || name.contains("meinheld") => "gevent",
        "asgi" => "asgi",
        name if name.contains("UvicornWorker") || name.contains("UvicornH11Worker") => "asgi",
        other => {
            return Err(format!(
                "the class '{}' is not known here: sync, gthread, gevent, asgi and \
                 UvicornWorker are",
                other
            ));
        }
    };
    Ok(vec![("class", class.to_owned())])
}

fn reuse_port(text: &str) -> Result<Vec<Said>, String> {
    match text {
        "False" | "false" | "0" => Ok(Vec::new()),
        _ => Ok(vec![("accept", "reuse-port".to_owned())]),
    }
}

/// The word of a class; an ideal worker has none.
fn class(value: &str) -> Option<String> {
    match value {
        "auto" => Some("sync".to_owned()),
        "sync" | "gthread" | "gevent" | "asgi" => Some(value.to_owned()),
        _ => None,
    }
}

/// A switch: the word alone.
fn accept(value: &str) -> Option<String> {
    (value == "reuse-port").then(String::new)
}

fn write(of: &Writer<'_>) -> String {
    let threads = of.server.threads;
    let usual = if threads > 1 { Class::Gthread } else { Class::Sync };
    let class = of.runtime.class;
    let limited = matches!(class, Class::Gthread | Class::Gevent).then_some(1000);
    let reuse = of.runtime.accept == Accept::ReusePort;
    command(
        "gunicorn",
        &[
            ("workers", Some(of.server.workers.to_string())),
            ("threads", (threads > 1).then(|| threads.to_string())),
            ("worker-class", (class != usual).then(|| class.name().to_owned())),
            (
                "asgi-loop",
                (of.runtime.event_loop == EventLoop::Uvloop).then(|| "uvloop".to_owned()),
            ),
            ("worker-connections", of.connections(limited)),
            ("backlog", of.backlog_or("4294967295")),
            ("timeout", of.timeout()),
            ("max-requests", of.max_requests()),
            ("max-requests-jitter", of.jitter()),
            ("graceful-timeout", of.graceful("30s")),
            ("preload", of.preload.then(String::new)),
            ("reuse-port", reuse.then(String::new)),
        ],
    ) + " APP:app\n"
}

/// Gunicorn.
pub(super) const PRESET: Preset = Preset {
    word: "gunicorn",
    title: "Gunicorn",
    defaults: DEFAULTS,
    words: WORDS,
    programs: &[program("gunicorn"), program("gunicorn3")],
    variables: &[("WEB_CONCURRENCY", "workers"), ("GUNICORN_CMD_ARGS", "")],
    file: Some(super::File {
        grammar: super::Grammar::Python,
        signs: &[],
        names: &["gunicorn.conf.py", "gunicorn_conf.py", ".py"],
        unknown: Unknown::Report,
    }),
    limits: &["timeout", "max-requests"],
    accepts: &["reuse-port"],
    not_modelled: &[always("keep-alive connections"), always("a slow client that holds a worker")],
    write,
    ..Preset::BASE
};
