//! Gunicorn and uvicorn.

use crate::scenario::server::vocabulary::{A_FILE, Does, Said, Word, bare, maybe, whole, with};

use Does::{Count, Left, Nothing, Seconds, Special, Switch, Whole};

pub(super) const GUNICORN: &[Word] = &[
    with(&["w", "workers"], Count("workers")),
    with(&["threads"], Count("threads")),
    with(&["k", "worker-class"], Special(worker_class)),
    with(&["worker-connections"], Count("worker-connections")),
    with(&["backlog"], Whole("backlog")),
    with(&["t", "timeout"], Seconds("timeout")),
    with(&["graceful-timeout"], Seconds("graceful-timeout")),
    with(&["max-requests"], Whole("max-requests")),
    with(&["max-requests-jitter"], Whole("max-requests-jitter")),
    bare(&["preload", "preload-app"], Switch("preload")),
    bare(&["reuse-port"], Special(reuse_port)),
    with(&["c", "config"], Left(A_FILE)),
    with(&["keep-alive", "keepalive"], Left("every request has its own connection")),
    with(&["dirty-*"], Left("dirty workers")),
    bare(&["reload"], Left("reloading")),
    with(
        &[
            "b",
            "bind",
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
            "asgi-loop",
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
        "gevent" | "gevent_wsgi" | "gevent_pywsgi" => "gevent",
        "asgi" => "asgi",
        name if name.contains("UvicornWorker") || name.contains("UvicornH11Worker") => "asgi",
        other => {
            return Err(format!(
                "the class '{}' is not known here: sync, gthread, gevent, asgi and \
                 UvicornWorker are",
                crate::scenario::raw_options::shown(other)
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

pub(super) const UVICORN: &[Word] = &[
    with(&["workers"], Count("workers")),
    with(&["backlog"], Whole("backlog")),
    with(&["limit-concurrency"], Special(uvicorn_limit)),
    with(&["limit-max-requests"], Whole("max-requests")),
    with(&["limit-max-requests-jitter"], Whole("max-requests-jitter")),
    with(&["timeout-graceful-shutdown"], Seconds("graceful-timeout")),
    with(&["timeout-keep-alive"], Left("every request has its own connection")),
    bare(&["reload"], Left("reloading")),
    with(
        &[
            "host",
            "port",
            "uds",
            "fd",
            "reload-dir",
            "reload-include",
            "reload-exclude",
            "reload-delay",
            "loop",
            "http",
            "ws",
            "ws-*",
            "lifespan",
            "interface",
            "env-file",
            "log-config",
            "log-level",
            "forwarded-allow-ips",
            "root-path",
            "ssl-*",
            "header",
            "app-dir",
            "h11-max-incomplete-event-size",
            "timeout-worker-healthcheck",
        ],
        Nothing,
    ),
    bare(
        &[
            "http2",
            "access-log",
            "no-access-log",
            "use-colors",
            "no-use-colors",
            "proxy-headers",
            "no-proxy-headers",
            "server-header",
            "no-server-header",
            "date-header",
            "no-date-header",
            "version",
            "reset-contextvars",
            "factory",
        ],
        Nothing,
    ),
];

/// The connection that is looked at counts too: with a limit of N the Nth is turned away
/// (`uvicorn/protocols/http/h11_impl.py`: `len(self.connections) >= self.limit_concurrency`).
fn uvicorn_limit(text: &str) -> Result<Vec<Said>, String> {
    let limit: u64 = whole(text, 1)?.parse().unwrap_or(1);
    match limit {
        1 => Err("a limit of 1 refuses every request: the connection itself counts".to_owned()),
        _ => Ok(vec![
            ("worker-connections", (limit - 1).to_string()),
            ("at-limit", "refuse".to_owned()),
        ]),
    }
}
