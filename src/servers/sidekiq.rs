//! Sidekiq 7: a queue of jobs in Redis and threads that take them; there is no listen queue.

use super::words::{Does, ServerWord, Unknown, bare, with};
use super::{
    CPU_UNKNOWN, Default, File, Grammar, NO_OVERHEAD, Preset, Writer, always, program, says, works,
    writer::command,
};
use Does::{Count, Nothing};

/// One process with five threads, which share Ruby's lock.
const DEFAULTS: &[Default] = &[
    works("workers", "1", "one process"),
    says("threads", "5", "concurrency", "lib/sidekiq/config.rb, DEFAULTS"),
    works("backlog", "unlimited", "Redis keeps all jobs"),
    works("class", "gthread", "lib/sidekiq/manager.rb, one thread a processor"),
    works("accept", "shared", "lib/sidekiq/fetch.rb, each thread takes a job when it is idle"),
    works("gil", "on", "Ruby, the global VM lock of a process"),
    works("switch-interval", "100ms", "Ruby, thread_pthread.c, TIME_QUANTUM_MSEC"),
    NO_OVERHEAD[0],
    NO_OVERHEAD[1],
];

const WORDS: &[ServerWord] = &[
    with(&["c", "concurrency", "production.concurrency"], Count("threads")),
    with(&["C", "config"], Does::File),
    with(
        &[
            "e",
            "environment",
            "g",
            "tag",
            "q",
            "queue",
            "r",
            "require",
            "t",
            "timeout",
            "queues",
            "max_retries",
            "logfile",
            "pidfile",
            "P",
            "L",
            "capsules.*",
            "development.*",
            "staging.*",
            "scheduler.*",
        ],
        Nothing,
    ),
    bare(&["v", "verbose"], Nothing),
];

fn write(of: &Writer<'_>) -> String {
    command("sidekiq", &[("concurrency", Some(of.server.threads.to_string()))]) + "\n"
}

/// Sidekiq.
pub(super) const PRESET: Preset = Preset {
    word: "sidekiq",
    title: "Sidekiq",
    defaults: DEFAULTS,
    words: WORDS,
    programs: &[program("sidekiq"), program("sidekiqswarm")],
    variables: &[("RAILS_MAX_THREADS", "concurrency")],
    file: Some(File {
        grammar: Grammar::Yaml,
        signs: &[":concurrency:", ":queues:"],
        names: &["sidekiq.yml", "sidekiq.yaml"],
        unknown: Unknown::Ignore,
    }),
    not_modelled: &[always("the way through Redis"), CPU_UNKNOWN],
    write,
    ..Preset::BASE
};
