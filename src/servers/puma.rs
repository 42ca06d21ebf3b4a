//! Puma 8.0.2 (ff2e212): the words are those of `lib/puma/cli.rb` and what `puma.rb` usually has.

use super::words::{
    Does, Said, ServerWord, Unknown, address, as_is, bare, maybe, never, whole, with,
};
use super::{CPU_UNKNOWN, Default, NO_OVERHEAD, Preset, Writer, always, program, says, works};
use crate::model::runtime::Accept;
use Does::{Count, File, Left, Nothing, Special, Switch, Within};

/// Puma 8 on MRI. Without `workers` it runs one process (single mode). A process accepts whether or
/// not a thread is free (`lib/puma/server.rb`, `handle_servers`, with `queue_requests`), but sleeps
/// before, for up to 5 ms, the longer the more it holds. Ruby's threads change every 100 ms.
const DEFAULTS: &[Default] = &[
    says("workers", "1", "workers", "lib/puma/configuration.rb:129-185 (0: one process)"),
    says("threads", "5", "threads", "lib/puma/configuration.rb:129-185 (16 without a GVL)"),
    says("backlog", "1024", "backlog", "lib/puma/binder.rb:171"),
    works("class", "gthread", "lib/puma/server.rb, handle_servers"),
    works("accept", "least-loaded", "lib/puma/cluster_accept_loop_delay.rb"),
    works("worker-connections", "unlimited", "lib/puma/thread_pool.rb, <<"),
    works("gil", "on", "Ruby, the global VM lock of a process"),
    works("switch-interval", "100ms", "Ruby, thread_pthread.c, TIME_QUANTUM_MSEC"),
    works("lock", "ruby", "lib/puma/server.rb, handle_servers and process_client"),
    NO_OVERHEAD[0],
    NO_OVERHEAD[1],
];

const WORDS: &[ServerWord] = &[
    with(&["w", "workers"], Special("workers", puma_workers, as_is)),
    with(&["t", "threads"], Special("threads", puma_threads, both)),
    with(&["max-threads", "puma-max-threads"], Count("threads")),
    with(&["min-threads", "puma-min-threads"], Nothing),
    with(&["b", "bind"], Within("backlog", puma_bind)),
    bare(&["preload", "preload-app!"], Switch("preload")),
    with(&["wait-for-less-busy-worker"], Special("accept", puma_race, never)),
    with(&["queue-requests"], Special("accept", puma_queue, never)),
    with(&["C", "config"], File),
    maybe(&["f", "fork-worker"], Left("all workers exist from the beginning")),
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
    let workers = whole(text, 0)?;
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
    let mut said = address(text)?;
    let Some((_, query)) = text.split_once('?') else { return Ok(said) };
    let backlog =
        query.trim_matches(['"', '\'']).split('&').find_map(|part| part.strip_prefix("backlog="));
    if let Some(backlog) = backlog {
        said.push(("backlog", whole(backlog, 0)?));
    }
    Ok(said)
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

/// As many at least as at most.
fn both(value: &str) -> Option<String> {
    as_is(value).map(|n| format!("{n}:{n}"))
}

fn write(of: &Writer<'_>) -> String {
    let (workers, threads) = (of.server.workers, of.server.threads);
    let workers = if workers == 1 { 0 } else { workers };
    let mut text = format!("workers {workers}\nthreads {threads}, {threads}\n");
    if let Some(backlog) = of.backlog_or("4294967295") {
        text += &format!("bind 'tcp://0.0.0.0:9292?backlog={backlog}'\n");
    }
    text += match of.runtime.accept {
        Accept::Random => "wait_for_less_busy_worker 0\n",
        Accept::Shared => "queue_requests false\n",
        _ => "",
    };
    if of.preload {
        text += "preload_app!\n";
    }
    text
}

/// Puma.
pub(super) const PRESET: Preset = Preset {
    word: "puma",
    title: "Puma",
    defaults: DEFAULTS,
    words: WORDS,
    programs: &[program("puma"), program("pumactl")],
    variables: &[
        ("WEB_CONCURRENCY", "workers"),
        ("PUMA_MAX_THREADS", "max-threads"),
        ("MAX_THREADS", "max-threads"),
    ],
    file: Some(super::File {
        grammar: super::Grammar::Ruby,
        signs: &["preload_app!", "on_worker_boot", "plugin :tmp_restart"],
        names: &[".rb"],
        unknown: Unknown::Report,
    }),
    as_cores: &[("auto", 0)],
    accepts: &["random", "shared"],
    not_modelled: &[
        always("keep-alive connections"),
        always("worker_timeout (60 s), which checks a heartbeat, not requests"),
        CPU_UNKNOWN,
    ],
    write,
    ..Preset::BASE
};
