//! Unicorn 6.1 (Ruby): one request a process, all from one listen queue, as Gunicorn's sync workers.

use super::words::{Does, Said, ServerWord, Unknown, bare, switch, with};
use super::{
    CPU_UNKNOWN, Default, File, Grammar, NO_OVERHEAD, Preset, Writer, program, says, works,
    writer::lines,
};
use Does::{Count, Nothing, Seconds, Switch, Within};

/// A worker that is silent for longer than `timeout` is killed by the master
/// (`lib/unicorn/http_server.rb`, `murder_lazy_workers`).
const DEFAULTS: &[Default] = &[
    says("workers", "1", "worker_processes", "lib/unicorn/configurator.rb, DEFAULTS"),
    says("backlog", "1024", "backlog", "lib/unicorn/socket_helper.rb, DEFAULTS"),
    says("timeout", "60s", "timeout", "lib/unicorn/configurator.rb, DEFAULTS"),
    works("class", "sync", "lib/unicorn/http_server.rb, worker_loop"),
    NO_OVERHEAD[0],
    NO_OVERHEAD[1],
];

const WORDS: &[ServerWord] = &[
    with(&["worker_processes"], Count("workers")),
    with(&["timeout"], Seconds("timeout")),
    with(&["preload_app"], Switch("preload")),
    with(&["listen", "l"], Within("backlog", backlog)),
    with(&["c", "config-file"], Does::File),
    with(
        &[
            "E",
            "env",
            "p",
            "port",
            "o",
            "host",
            "I",
            "include",
            "r",
            "require",
            "working_directory",
            "pid",
            "stderr_path",
            "stdout_path",
            "user",
            "logger",
            "before_*",
            "after_*",
            "check_client_connection",
            "rewindable_input",
            "client_body_buffer_size",
            "default_middleware",
            "early_hints",
            "worker_exec",
        ],
        Nothing,
    ),
    bare(&["D", "daemonize", "d", "debug", "w", "warn", "N", "no-default-middleware"], Nothing),
];

/// `listen "/run/app.sock", :backlog => 64` or `backlog: 64`.
fn backlog(text: &str) -> Result<Vec<Said>, String> {
    let mut said = super::words::address(text)?;
    let Some((_, after)) = text.split_once("backlog") else { return Ok(said) };
    let digits = after.trim_start_matches(|c: char| !c.is_ascii_digit());
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    said.push(("backlog", super::words::whole(&digits[..end], 0)?));
    Ok(said)
}

fn write(of: &Writer<'_>) -> String {
    let backlog = of.backlog_or("4294967295");
    let preload = of.preload.then(|| "true".to_owned()).filter(|on| switch(on) == Ok(true));
    lines(
        " ",
        "",
        &[
            ("worker_processes", Some(of.server.workers.to_string())),
            ("timeout", of.timeout()),
            ("preload_app", preload),
            ("listen", backlog.map(|backlog| format!("8080, :backlog => {backlog}"))),
        ],
    )
}

/// Unicorn.
pub(super) const PRESET: Preset = Preset {
    word: "unicorn",
    title: "Unicorn",
    defaults: DEFAULTS,
    words: WORDS,
    programs: &[program("unicorn"), program("unicorn_rails")],
    file: Some(File {
        grammar: Grammar::Ruby,
        signs: &["worker_processes "],
        names: &["unicorn.rb", "unicorn.conf.rb"],
        unknown: Unknown::Report,
    }),
    single_threaded: Some("a worker of Unicorn serves one request at a time"),
    limits: &["timeout"],
    not_modelled: &[CPU_UNKNOWN],
    write,
    ..Preset::BASE
};
