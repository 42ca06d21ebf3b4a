//! Celery 5: a queue of tasks and processes that take them; there is no listen queue.

use super::words::{Does, ServerWord, Unknown, bare, with};
use super::{
    CPU_UNKNOWN, Default, File, Grammar, NO_OVERHEAD, Preset, Writer, always, says, with_word,
    works, writer::command,
};
use Does::{Count, Left, LeftIf, Nothing, Seconds, Whole};

/// With the pool `prefork`: as many processes as there are cores, each with one task.
const DEFAULTS: &[Default] = &[
    says(
        "workers",
        "cores",
        "concurrency",
        "celery/app/defaults.py, worker.concurrency; celery/concurrency/prefork.py",
    ),
    works("backlog", "unlimited", "the broker keeps all tasks"),
    works("class", "sync", "celery/concurrency/prefork.py, one task a process"),
    NO_OVERHEAD[0],
    NO_OVERHEAD[1],
];

const WORDS: &[ServerWord] = &[
    with(&["c", "concurrency", "worker_concurrency", "celeryd_concurrency"], Count("workers")),
    with(&["max-tasks-per-child", "worker_max_tasks_per_child"], Whole("max-requests")),
    with(&["time-limit", "task_time_limit"], Seconds("timeout")),
    with(&["P", "pool", "worker_pool"], LeftIf(pool)),
    with(&["autoscale"], Left("processes do not come and go")),
    with(
        &["prefetch-multiplier", "worker_prefetch_multiplier"],
        Left("tasks that a worker takes ahead"),
    ),
    with(&["max-memory-per-child", "worker_max_memory_per_child"], Left("limits on memory")),
    with(&["soft-time-limit", "task_soft_time_limit"], Left("an exception in the task")),
    bare(&["B", "beat"], Left("the scheduler of periodic tasks")),
    with(
        &[
            "A",
            "app",
            "b",
            "broker",
            "l",
            "loglevel",
            "n",
            "hostname",
            "Q",
            "queues",
            "X",
            "exclude-queues",
            "O",
            "f",
            "logfile",
            "pidfile",
            "s",
            "schedule",
            "statedb",
            "workdir",
            "heartbeat-interval",
            "S",
            "uid",
            "gid",
            "include",
            "result-backend",
            "loader",
            "config",
            "broker_*",
            "result_*",
            "task_*",
            "worker_*",
            "imports",
            "timezone",
            "enable_utc",
            "accept_content",
            "beat_*",
        ],
        Nothing,
    ),
    bare(
        &[
            "E",
            "task-events",
            "without-*",
            "D",
            "detach",
            "purge",
            "q",
            "quiet",
            "no-color",
            "skip-checks",
            "C",
        ],
        Nothing,
    ),
];

fn pool(text: &str) -> Option<String> {
    (!matches!(text, "prefork" | "processes"))
        .then(|| format!("pool {text}: tasks are taken as by processes, one each"))
}

fn write(of: &Writer<'_>) -> String {
    command(
        "celery -A APP worker",
        &[
            ("concurrency", Some(of.server.workers.to_string())),
            ("max-tasks-per-child", of.max_requests()),
        ],
    ) + "\n"
}

/// Celery.
pub(super) const PRESET: Preset = Preset {
    word: "celery",
    title: "Celery",
    defaults: DEFAULTS,
    words: WORDS,
    programs: &[with_word("celery", "worker")],
    file: Some(File {
        grammar: Grammar::Python,
        signs: &["worker_concurrency", "celeryd_concurrency"],
        names: &["celeryconfig.py"],
        unknown: Unknown::Ignore,
    }),
    single_threaded: Some("a process of Celery's runs one task at a time"),
    limits: &["max-requests"],
    not_modelled: &[always("the way through the broker"), CPU_UNKNOWN],
    write,
    ..Preset::BASE
};
