//! The words of each server: options of its command line and settings of its files.
//!
//! Gunicorn's are all that `gunicorn/config.py` (27.0.1) has, Puma's those of `lib/puma/cli.rb` and
//! what `puma.rb` usually has (8.0.2), uvicorn's those of `uvicorn/main.py` (0.54), PHP-FPM's those of
//! `www.conf.in`; of the others those that queueing hangs on.

use super::vocabulary::{Does, Said, Unknown, Word, bare, maybe, whole, with};
use crate::model::servers::Name;

use Does::{Count, Left, Nothing, Seconds, Special, Switch, Whole};

/// The words of a server.
pub(super) fn words(name: Name) -> &'static [Word] {
    match name {
        Name::Gunicorn => GUNICORN,
        Name::Puma => PUMA,
        Name::PhpFpm => PHP_FPM,
        Name::Uwsgi => UWSGI,
        Name::Passenger => PASSENGER,
        Name::ApachePrefork => APACHE,
        Name::Tomcat => TOMCAT,
        Name::NodeCluster => NODE,
        Name::Uvicorn => UVICORN,
    }
}

/// What a word means that is not in the table of a server: in its files, and on its command line.
pub(super) fn unknown(name: Name, in_file: bool) -> Unknown {
    match (name, in_file) {
        (Name::ApachePrefork | Name::Tomcat, _) => Unknown::PassOver,
        (Name::Passenger | Name::NodeCluster, true) => Unknown::PassOver,
        (Name::NodeCluster, false) => Unknown::PassOver,
        (Name::Gunicorn | Name::Puma | Name::Uwsgi, true) => Unknown::Tell,
        _ => Unknown::Refuse,
    }
}

const A_FILE: &str = "this file is not read: give it to --from by itself";

const GUNICORN: &[Word] = &[
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
    with(&["keep-alive", "keepalive"], Left("connections are not kept alive here")),
    with(&["dirty-*"], Left("dirty workers are not modelled")),
    bare(&["reload"], Left("a server that loads itself anew has one life here")),
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
                crate::scenario::written::shown(other)
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

const PUMA: &[Word] = &[
    with(&["w", "workers"], Special(puma_workers)),
    with(&["t", "threads"], Special(puma_threads)),
    with(&["max-threads", "puma-max-threads"], Count("threads")),
    with(&["min-threads", "puma-min-threads"], Nothing),
    with(&["b", "bind"], Special(puma_bind)),
    bare(&["preload", "preload-app!"], Switch("preload")),
    with(&["wait-for-less-busy-worker"], Special(puma_race)),
    with(&["queue-requests"], Special(puma_queue)),
    with(&["C", "config"], Left(A_FILE)),
    maybe(&["f", "fork-worker"], Left("workers are all there from the beginning")),
    with(&["max-io-threads"], Left("threads beyond the pool are not modelled")),
    with(&["worker-timeout"], Left("it watches a heartbeat, not requests")),
    with(&["idle-timeout"], Left("a server that ends when nobody comes does not end here")),
    with(
        &[
            "bind-to-activated-sockets",
            "control-url",
            "control-token",
            "dir",
            "directory",
            "e",
            "environment",
            "I",
            "include",
            "p",
            "port",
            "pidfile",
            "plugin",
            "extra-runtime-dependencies",
            "R",
            "restart-cmd",
            "restart-command",
            "S",
            "state",
            "state-path",
            "tag",
            "redirect-stdout",
            "redirect-stderr",
            "stdout-redirect",
            "worker-boot-timeout",
            "worker-shutdown-timeout",
            "persistent-timeout",
            "first-data-timeout",
            "max-keep-alive",
            "rackup",
            "activate-control-app",
            "before-*",
            "after-*",
            "on-*",
            "lowlevel-error-handler",
            "log-formatter",
            "app",
            "worker-check-interval",
            "worker-culling-strategy",
            "ssl-bind",
            "rails-env",
        ],
        Nothing,
    ),
    bare(
        &[
            "no-config",
            "debug",
            "prune-bundler",
            "q",
            "quiet",
            "v",
            "log-requests",
            "s",
            "silent",
            "early-hints",
            "V",
            "version",
            "redirect-append",
            "no-redirect-append",
            "enable-keep-alives",
            "silence-single-worker-warning",
            "daemonize",
            "end",
        ],
        Nothing,
    ),
];

/// 0 is one process (single mode).
fn puma_workers(text: &str) -> Result<Vec<Said>, String> {
    let workers = whole(text, 0).map_err(|error| match text.contains("auto") {
        true => "'auto' is the number of cores: give --workers".to_owned(),
        false => error,
    })?;
    Ok(vec![("workers", if workers == "0" { "1".to_owned() } else { workers })])
}

/// `min:max` or `min, max`, or one number for both.
fn puma_threads(text: &str) -> Result<Vec<Said>, String> {
    let most = text.rsplit([':', ',']).next().unwrap_or(text);
    if let Some(least) = text.split([':', ',']).next() {
        whole(least, 0)?;
    }
    Ok(vec![("threads", whole(most, 1)?)])
}

/// The listen queue stands in the address: `tcp://0.0.0.0:9292?backlog=512`.
fn puma_bind(text: &str) -> Result<Vec<Said>, String> {
    let Some((_, query)) = text.split_once('?') else { return Ok(Vec::new()) };
    let backlog =
        query.trim_matches(['"', '\'']).split('&').find_map(|part| part.strip_prefix("backlog="));
    backlog.map_or(Ok(Vec::new()), |backlog| Ok(vec![("backlog", whole(backlog, 0)?)]))
}

/// Without the sleep before accept any process may win the race.
fn puma_race(text: &str) -> Result<Vec<Said>, String> {
    let off = matches!(text.trim(), "false" | "nil") || text.trim().parse::<f64>() == Ok(0.0);
    Ok(if off { vec![("accept", "random".to_owned())] } else { Vec::new() })
}

/// Without `queue_requests` a process waits for a free thread before it accepts
/// (`lib/puma/server.rb`, `wait_until_not_full`).
fn puma_queue(text: &str) -> Result<Vec<Said>, String> {
    let off = text.trim() == "false";
    Ok(if off { vec![("accept", "shared".to_owned())] } else { Vec::new() })
}

const PHP_FPM: &[Word] = &[
    with(&["pm.max_children"], Count("workers")),
    with(&["listen.backlog"], Special(php_backlog)),
    with(&["pm.max_requests"], Whole("max-requests")),
    with(&["request_terminate_timeout"], Seconds("timeout")),
    with(&["c", "y", "fpm-config", "php-ini"], Left(A_FILE)),
    with(&["process.max"], Left("the limit over all pools")),
    with(
        &[
            "pm",
            "pm.start_servers",
            "pm.min_spare_servers",
            "pm.max_spare_servers",
            "pm.max_spawn_rate",
            "pm.process_idle_timeout",
            "pm.status_path",
            "pm.status_listen",
            "listen",
            "listen.*",
            "user",
            "group",
            "prefix",
            "access.*",
            "slowlog",
            "request_slowlog_*",
            "request_terminate_timeout_track_finished",
            "catch_workers_output",
            "decorate_workers_output",
            "clear_env",
            "security.limit_extensions",
            "env[*",
            "php_*",
            "process.*",
            "rlimit_*",
            "chroot",
            "chdir",
            "ping.*",
            "include",
            "pid",
            "error_log",
            "syslog.*",
            "log_*",
            "daemonize",
            "emergency_*",
            "process_control_timeout",
            "events.mechanism",
            "systemd_interval",
            "apparmor_hat",
            "p",
            "d",
            "g",
            "define",
        ],
        Nothing,
    ),
    bare(
        &[
            "n",
            "F",
            "nodaemonize",
            "R",
            "allow-to-run-as-root",
            "D",
            "daemonize",
            "O",
            "force-stderr",
            "t",
            "i",
            "m",
            "e",
        ],
        Nothing,
    ),
];

/// -1 is as much as the kernel allows.
fn php_backlog(text: &str) -> Result<Vec<Said>, String> {
    let backlog =
        if text.trim() == "-1" { u64::from(u32::MAX).to_string() } else { whole(text, 0)? };
    Ok(vec![("backlog", backlog)])
}

const UWSGI: &[Word] = &[
    with(&["p", "processes", "workers"], Count("workers")),
    with(&["threads"], Count("threads")),
    with(&["l", "listen"], Whole("backlog")),
    with(&["t", "harakiri"], Seconds("timeout")),
    with(&["R", "max-requests"], Whole("max-requests")),
    with(&["gevent"], Special(uwsgi_gevent)),
    with(&["worker-reload-mercy", "reload-mercy"], Seconds("graceful-timeout")),
    with(&["max-requests-delta"], Left("workers end after the same number of requests")),
    with(&["async", "fiber"], Left("asynchronous modes other than --gevent")),
    with(&["cheap*", "idle", "workload"], Left("workers do not come and go")),
    with(&["offload-threads"], Left("nothing is offloaded")),
    with(&["reload-on-*", "evil-reload-on-*", "limit-as"], Left("limits on memory")),
    with(&["max-worker-lifetime", "min-worker-lifetime"], Left("workers do not end by the clock")),
    with(&["harakiri-*"], Left("details of harakiri")),
    with(&["ini", "xml", "yaml", "json", "emperor"], Left(A_FILE)),
    with(
        &[
            "s",
            "socket",
            "http",
            "http-socket",
            "https",
            "https-socket",
            "uwsgi-socket",
            "fastcgi-socket",
            "shared-socket",
            "http-*",
            "wsgi-file",
            "file",
            "module",
            "wsgi",
            "w",
            "mount",
            "callable",
            "chdir",
            "chdir2",
            "pythonpath",
            "python-path",
            "pp",
            "H",
            "home",
            "virtualenv",
            "venv",
            "pyhome",
            "plugin",
            "plugins",
            "uid",
            "gid",
            "chown-socket",
            "pidfile",
            "pidfile2",
            "safe-pidfile",
            "d",
            "daemonize",
            "daemonize2",
            "logto",
            "logto2",
            "log-format",
            "logformat",
            "logger",
            "req-logger",
            "log-encoder",
            "log-req-encoder",
            "log-maxsize",
            "log-backupname",
            "stats",
            "stats-server",
            "stats-push",
            "touch-*",
            "py-autoreload",
            "python-autoreload",
            "b",
            "buffer-size",
            "post-buffering",
            "post-buffering-bufsize",
            "static-*",
            "check-static",
            "env",
            "socket-timeout",
            "so-*",
            "procname*",
            "py-tracebacker",
            "route*",
            "add-header",
            "cache*",
            "spooler*",
            "mule*",
            "attach-daemon*",
            "hook-*",
            "exec-*",
            "set",
            "set-placeholder",
            "pyargv",
            "py-call*",
            "cpu-affinity",
            "project",
            "base",
            "app",
            "umask",
            "pyimport",
            "import",
            "ssl-*",
            "honour-range",
            "crons",
            "cron",
            "unbit",
            "websockets*",
            "response-headers-limit",
        ],
        Nothing,
    ),
    maybe(&["C", "chmod-socket", "chmod"], Nothing),
    bare(
        &[
            "M",
            "master",
            "vacuum",
            "die-on-term",
            "hook-master-start",
            "enable-threads",
            "T",
            "single-interpreter",
            "i",
            "need-app",
            "lazy-apps",
            "lazy",
            "L",
            "disable-logging",
            "log-*",
            "m",
            "memory-report",
            "strict",
            "thunder-lock",
            "reuse-port",
            "ignore-*",
            "write-errors-*",
            "disable-write-exception",
            "tcp-nodelay",
            "manage-script-name",
            "auto-procname",
            "no-orphans",
            "no-default-app",
            "if-env",
            "endif",
            "py-sharedarray",
            "catch-exceptions",
            "threaded-logger",
            "logdate",
            "abstract-socket",
            "skip-atexit*",
            "wsgi-*",
            "master-fifo",
            "no-threads-wait",
            "threads-stacksize",
            "gevent-monkey-patch",
            "gevent-early-monkey-patch",
            "disable-sendfile",
        ],
        Nothing,
    ),
];

/// One event loop a process, with so many requests at most.
fn uwsgi_gevent(text: &str) -> Result<Vec<Said>, String> {
    let most = whole(text, 1)?;
    Ok(vec![
        ("class", "gevent".to_owned()),
        ("accept", "random".to_owned()),
        ("worker-connections", most),
    ])
}

const PASSENGER: &[Word] = &[
    with(&["max-pool-size"], Count("workers")),
    with(&["max-request-queue-size"], Special(passenger_queue)),
    with(&["thread-count"], Count("threads")),
    with(&["max-requests"], Whole("max-requests")),
    with(&["max-request-time"], Seconds("timeout")),
    with(&["max-instances-per-app", "max-instances"], Count("workers")),
    with(
        &["force-max-concurrent-requests-per-process"],
        Left("a process serves as many requests at a time as it has threads"),
    ),
    with(&["memory-limit"], Left("limits on memory")),
    with(
        &[
            "concurrency-model",
            "min-instances",
            "pool-idle-time",
            "spawn-method",
            "a",
            "address",
            "p",
            "port",
            "S",
            "socket",
            "e",
            "environment",
            "R",
            "rackup",
            "app-type",
            "startup-file",
            "start-command",
            "nginx-*",
            "engine",
            "ruby",
            "python",
            "nodejs",
            "user",
            "log-file",
            "pid-file",
            "log-level",
            "static-files-dir",
            "data-buffer-dir",
            "socket-backlog",
            "envvar",
            "max-preloader-idle-time",
            "start-timeout",
            "pre-start",
            "instance-registry-dir",
            "friendly-error-pages",
            "load-shell-envvars",
            "ssl*",
            "sticky-sessions*",
            "ctl",
            "meteor-app-settings",
        ],
        Nothing,
    ),
    bare(&["d", "daemonize", "no-*", "ssl", "debugger", "disable-*", "auto"], Nothing),
];

/// 0 is a queue without an end.
fn passenger_queue(text: &str) -> Result<Vec<Said>, String> {
    let places = whole(text, 0)?;
    Ok(vec![("backlog", if places == "0" { "unlimited".to_owned() } else { places })])
}

const APACHE: &[Word] = &[
    with(&["MaxRequestWorkers", "MaxClients"], Count("workers")),
    with(&["ListenBacklog"], Whole("backlog")),
    with(&["MaxConnectionsPerChild", "MaxRequestsPerChild"], Whole("max-requests")),
    with(&["f", "c", "C", "k", "d", "e", "E", "D"], Nothing),
];

const TOMCAT: &[Word] = &[
    with(&["maxThreads"], Count("threads")),
    with(&["maxConnections"], Special(tomcat_connections)),
    with(&["acceptCount"], Whole("backlog")),
    with(&["executor"], Left("the threads of an <Executor>: give --threads")),
    with(&["maxQueueSize"], Left("the queue of the executor takes all connections")),
];

/// -1 is any number.
fn tomcat_connections(text: &str) -> Result<Vec<Said>, String> {
    let most = if text.trim() == "-1" { "unlimited".to_owned() } else { whole(text, 1)? };
    Ok(vec![("worker-connections", most)])
}

const NODE: &[Word] = &[
    with(&["i", "instances", "forks"], Special(node_forks)),
    with(&["NODE-CLUSTER-SCHED-POLICY"], Special(node_policy)),
    with(
        &["n", "name", "max-memory-restart", "watch", "e", "o", "l", "cwd", "r", "require"],
        Nothing,
    ),
];

fn node_forks(text: &str) -> Result<Vec<Said>, String> {
    let forks = whole(text, 1).map_err(|error| match text.trim_matches(['"', '\'']) {
        "max" | "0" | "-1" => "as many processes as there are cores: give --workers".to_owned(),
        _ => error,
    })?;
    Ok(vec![("workers", forks)])
}

/// `none` leaves it to the kernel, and a few processes take most: "over 70 % of all connections ended
/// up in just two processes, out of a total of eight" (Node's documentation of `cluster`), which is
/// what a ratio of 0.56 gives.
fn node_policy(text: &str) -> Result<Vec<Said>, String> {
    match text {
        "rr" => Ok(vec![("accept", "round-robin".to_owned())]),
        "none" => Ok(vec![("accept", "greedy".to_owned()), ("accept-bias", "0.56".to_owned())]),
        other => {
            Err(format!("'{}' is neither rr nor none", crate::scenario::written::shown(other)))
        }
    }
}

const UVICORN: &[Word] = &[
    with(&["workers"], Count("workers")),
    with(&["backlog"], Whole("backlog")),
    with(&["limit-concurrency"], Special(uvicorn_limit)),
    with(&["limit-max-requests"], Whole("max-requests")),
    with(&["limit-max-requests-jitter"], Whole("max-requests-jitter")),
    with(&["timeout-graceful-shutdown"], Seconds("graceful-timeout")),
    with(&["timeout-keep-alive"], Left("connections are not kept alive here")),
    bare(&["reload"], Left("a server that loads itself anew has one life here")),
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
        1 => Err("a limit of 1 turns every request away: the connection itself counts".to_owned()),
        _ => Ok(vec![
            ("worker-connections", (limit - 1).to_string()),
            ("at-limit", "refuse".to_owned()),
        ]),
    }
}
