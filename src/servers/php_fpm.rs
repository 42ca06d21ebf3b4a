//! PHP-FPM (php-src): the words are those of `www.conf.in`.

use super::words::{Does, Said, ServerWord, Unknown, address, bare, unquoted, whole, with};
use super::{
    CPU_UNKNOWN, Default, NO_OVERHEAD, Preset, Program, Writer, always, by_default, program, says,
    works, writer::lines,
};
use crate::model::runtime::Spawning;
use Does::{Count, File, Left, Nothing, Seconds, Special, Whole, Within};

/// PHP-FPM: a child serves one request; idle children sleep in `accept` on one socket, and the
/// kernel wakes one of them.
const DEFAULTS: &[Default] = &[
    says("workers", "5", "pm.max_children", "sapi/fpm/www.conf.in, pm.max_children"),
    says("backlog", "511", "listen.backlog", "sapi/fpm/www.conf.in, listen.backlog"),
    works("class", "sync", "sapi/fpm/fpm/fpm_main.c, fcgi_accept_request"),
    NO_OVERHEAD[0],
    NO_OVERHEAD[1],
];

const WORDS: &[ServerWord] = &[
    with(&["pm.max_children"], Count("workers")),
    with(&["listen.backlog"], Special("backlog", php_backlog, backlog)),
    with(&["pm.max_requests"], Whole("max-requests")),
    with(&["request_terminate_timeout"], Seconds("timeout")),
    with(&["y", "fpm-config", "include"], File),
    with(&["listen"], Within("listen", address)),
    with(&["pm"], Special("spawn", grows, mode)),
    with(&["pm.start_servers"], Count("start-workers")),
    with(&["pm.min_spare_servers"], Count("min-spare")),
    with(&["pm.max_spare_servers"], Count("max-spare")),
    with(&["pm.process_idle_timeout"], Seconds("idle-timeout")),
    with(&["process.max"], Left("the limit over all pools")),
    with(
        &[
            "pm.max_spawn_rate",
            "pm.status_path",
            "pm.status_listen",
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
            "c",
            "php-ini",
            "process.*",
            "rlimit_*",
            "chroot",
            "chdir",
            "ping.*",
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

/// -1 where the queue has no end.
fn backlog(value: &str) -> Option<String> {
    Some(if value == "unlimited" { "-1".to_owned() } else { value.to_owned() })
}

/// Children that are started when they are needed.
fn grows(mode: &str) -> Result<Vec<Said>, String> {
    match unquoted(mode) {
        "static" => Ok(vec![("spawn", "all".to_owned())]),
        mode @ ("dynamic" | "ondemand") => Ok(vec![("spawn", mode.to_owned())]),
        other => Err(format!("'{other}' is none of static, dynamic and ondemand")),
    }
}

/// The word of a way to start children.
fn mode(value: &str) -> Option<String> {
    match value {
        "all" => Some("static".to_owned()),
        "dynamic" | "ondemand" => Some(value.to_owned()),
        _ => None,
    }
}

/// How children are started.
fn started(spawning: Spawning) -> String {
    match spawning {
        Spawning::Dynamic(spare) => format!(
            "pm = dynamic\npm.start_servers = {}\npm.min_spare_servers = {}\n\
             pm.max_spare_servers = {}\n",
            spare.start, spare.least, spare.most
        ),
        Spawning::OnDemand { idle } => {
            format!("pm = ondemand\npm.process_idle_timeout = {}s\n", idle.as_secs_f64())
        }
        _ => "pm = static\n".to_owned(),
    }
}

fn write(of: &Writer<'_>) -> String {
    started(of.runtime.spawning)
        + &lines(
            " = ",
            "",
            &[
                ("pm.max_children", Some(of.server.workers.to_string())),
                ("listen.backlog", of.backlog_or("-1")),
                ("request_terminate_timeout", of.timeout().map(|text| text + "s")),
                ("pm.max_requests", of.max_requests()),
            ],
        )
}

/// PHP-FPM.
pub(super) const PRESET: Preset = Preset {
    word: "php-fpm",
    title: "PHP-FPM",
    defaults: DEFAULTS,
    words: WORDS,
    programs: &[Program { versions: true, ..program("php-fpm") }],
    file: Some(super::File {
        grammar: super::Grammar::Ini,
        signs: &["pm.max_children"],
        names: &["www.conf"],
        unknown: Unknown::Refuse,
    }),
    single_threaded: Some("a child of PHP-FPM serves one request at a time"),
    comment: ("; ", ""),
    limits: &["timeout", "max-requests"],
    not_modelled: &[
        by_default(
            "pm = dynamic (start_servers 2, spare servers 1 to 3) and ondemand, unless --spawn says \
             so: here all children exist from the beginning",
        ),
        always("the web server in front"),
        CPU_UNKNOWN,
    ],
    command_wins: false,
    on_command: false,
    write,
    ..Preset::BASE
};
