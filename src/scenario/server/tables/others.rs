//! PHP-FPM, Apache, Tomcat and Node.

use crate::scenario::server::vocabulary::{A_FILE, Does, Said, Word, bare, whole, with};

use Does::{Count, Left, Nothing, Seconds, Special, Whole};

pub(super) const PHP_FPM: &[Word] = &[
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

pub(super) const APACHE: &[Word] = &[
    with(&["MaxRequestWorkers", "MaxClients"], Count("workers")),
    with(&["ListenBacklog"], Whole("backlog")),
    with(&["MaxConnectionsPerChild", "MaxRequestsPerChild"], Whole("max-requests")),
    with(&["f", "c", "C", "k", "d", "e", "E", "D"], Nothing),
];

pub(super) const TOMCAT: &[Word] = &[
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

pub(super) const NODE: &[Word] = &[
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

/// `none` leaves it to the kernel, and a few processes take most: "over 70 % of all connections
/// ended up in just two processes, out of a total of eight" (Node's documentation of `cluster`),
/// which is what a ratio of 0.56 gives.
fn node_policy(text: &str) -> Result<Vec<Said>, String> {
    match text {
        "rr" => Ok(vec![("accept", "round-robin".to_owned())]),
        "none" => Ok(vec![("accept", "greedy".to_owned()), ("accept-bias", "0.56".to_owned())]),
        other => {
            Err(format!("'{}' is neither rr nor none", crate::scenario::raw_options::shown(other)))
        }
    }
}
