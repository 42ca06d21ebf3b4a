//! Puma and Passenger.

use crate::scenario::server::vocabulary::{A_FILE, Does, Said, Word, bare, maybe, whole, with};

use Does::{Count, Left, Nothing, Seconds, Special, Switch, Whole};

pub(super) const PUMA: &[Word] = &[
    with(&["w", "workers"], Special(puma_workers)),
    with(&["t", "threads"], Special(puma_threads)),
    with(&["max-threads", "puma-max-threads"], Count("threads")),
    with(&["min-threads", "puma-min-threads"], Nothing),
    with(&["b", "bind"], Special(puma_bind)),
    bare(&["preload", "preload-app!"], Switch("preload")),
    with(&["wait-for-less-busy-worker"], Special(puma_race)),
    with(&["queue-requests"], Special(puma_queue)),
    with(&["C", "config"], Left(A_FILE)),
    maybe(&["f", "fork-worker"], Left("all workers exist from the beginning")),
    with(&["max-io-threads"], Left("threads beyond the pool")),
    with(&["worker-timeout"], Left("it checks a heartbeat, not requests")),
    with(&["idle-timeout"], Left("ending an idle server")),
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

pub(super) const PASSENGER: &[Word] = &[
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
