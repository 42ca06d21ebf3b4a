//! uvicorn 0.54 by itself: the words are those of `uvicorn/main.py`.

use super::words::{Does, Said, ServerWord, bare, never, unquoted, whole, with};
use super::{
    CPU_UNKNOWN, Default, NO_OVERHEAD, Preset, Writer, always, program, says, with_word, works,
    writer::command,
};
use crate::model::runtime::EventLoop;
use Does::{Count, Left, Nothing, Seconds, Special, Whole};

/// uvicorn by itself: one event loop a process; all accept from one socket.
const DEFAULTS: &[Default] = &[
    says("workers", "1", "workers", "uvicorn/config.py:330 (or WEB_CONCURRENCY)"),
    says("backlog", "2048", "backlog", "uvicorn/config.py:211-214"),
    works("class", "asgi", "asyncio's event loop"),
    works("loop", "asyncio", "uvicorn/loops/auto.py: uvloop only where that is installed"),
    NO_OVERHEAD[0],
    NO_OVERHEAD[1],
];

const WORDS: &[ServerWord] = &[
    with(&["workers"], Count("workers")),
    with(&["backlog"], Whole("backlog")),
    with(&["limit-concurrency"], Special("worker-connections", uvicorn_limit, limit)),
    with(&["limit-max-requests"], Whole("max-requests")),
    with(&["limit-max-requests-jitter"], Whole("max-requests-jitter")),
    with(&["timeout-graceful-shutdown"], Seconds("graceful-timeout")),
    with(&["uds"], Special("listen", unix, never)),
    with(&["loop"], Special("loop", event_loop, as_loop)),
    with(&["timeout-keep-alive"], Left("every request has its own connection")),
    bare(&["reload"], Left("reloading")),
    with(
        &[
            "host",
            "port",
            "fd",
            "reload-dir",
            "reload-include",
            "reload-exclude",
            "reload-delay",
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
            "app",
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

/// `--uds` names a Unix socket.
fn unix(_: &str) -> Result<Vec<Said>, String> {
    Ok(vec![("listen", "unix".to_owned())])
}

/// `auto` is uvloop where that is installed, which the command does not say.
pub(super) fn event_loop(text: &str) -> Result<Vec<Said>, String> {
    match unquoted(text) {
        "auto" | "none" => Ok(Vec::new()),
        name @ ("asyncio" | "uvloop") => Ok(vec![("loop", name.to_owned())]),
        other => Err(format!("the loop '{other}' is not known here: asyncio and uvloop are")),
    }
}

/// The word of a loop.
pub(super) fn as_loop(value: &str) -> Option<String> {
    matches!(value, "asyncio" | "uvloop").then(|| value.to_owned())
}

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

/// The limit that lets so many connections in.
fn limit(value: &str) -> Option<String> {
    value.parse::<u64>().ok().map(|n| n.saturating_add(1).to_string())
}

fn write(of: &Writer<'_>) -> String {
    let limit = of.runtime.worker_connections.filter(|_| of.runtime.turns_away);
    command(
        "uvicorn",
        &[
            ("workers", Some(of.server.workers.to_string())),
            ("loop", (of.runtime.event_loop == EventLoop::Uvloop).then(|| "uvloop".to_owned())),
            ("backlog", of.backlog_or("4294967295")),
            ("limit-concurrency", limit.map(|limit| (u64::from(limit) + 1).to_string())),
            ("limit-max-requests", of.max_requests()),
            ("limit-max-requests-jitter", of.jitter()),
            ("timeout-graceful-shutdown", of.graceful("30s")),
        ],
    ) + " APP:app\n"
}

/// uvicorn.
pub(super) const PRESET: Preset = Preset {
    word: "uvicorn",
    title: "uvicorn",
    defaults: DEFAULTS,
    words: WORDS,
    programs: &[program("uvicorn"), with_word("fastapi", "run"), with_word("fastapi", "dev")],
    variables: &[("WEB_CONCURRENCY", "workers"), ("UVICORN_*", "")],
    single_threaded: Some("a process of uvicorn runs one event loop"),
    limits: &["max-requests"],
    not_modelled: &[
        always("keep-alive connections, whose requests stay with their process (--keep-alive 5s)"),
        always("the pool of threads for functions that are not async"),
        CPU_UNKNOWN,
    ],
    write,
    ..Preset::BASE
};

/// FastAPI (or Starlette) with endpoints that are `def`, not `async def`: the loop hands them to
/// threads of its process (`fastapi/routing.py`, `run_endpoint_function`; `starlette/concurrency.py`,
/// `run_in_threadpool`), of which anyio lets 40 run at once. The loop accepts all the same, and what
/// is beyond the 40 waits in the process; all share its lock.
const IN_THREADS: &[Default] = &[
    DEFAULTS[0],
    DEFAULTS[1],
    says(
        "threads",
        "40",
        "total_tokens",
        "anyio/_backends/_asyncio.py, current_default_thread_limiter",
    ),
    works("class", "gthread", "starlette/concurrency.py, run_in_threadpool"),
    works("accept", "random", "every loop is woken by a connection, and any may be the first"),
    works("worker-connections", "unlimited", "uvicorn/config.py: limit_concurrency is None"),
    NO_OVERHEAD[0],
    NO_OVERHEAD[1],
];

/// The number of threads is no option of uvicorn: the application sets it where it starts.
fn write_in_threads(of: &Writer<'_>) -> String {
    let threads = of.server.threads;
    let limiter = "anyio.to_thread.current_default_thread_limiter()";
    let set = match threads {
        40 => String::new(),
        _ => format!(
            "# {threads} threads in each process: where the application starts (its lifespan),\n\
             #     {limiter}.total_tokens = {threads}\n"
        ),
    };
    set + &write(of)
}

/// FastAPI's `def` endpoints. Its command is uvicorn's, which does not say what they are.
pub(super) const FASTAPI: Preset = Preset {
    word: "fastapi",
    title: "FastAPI with def endpoints",
    defaults: IN_THREADS,
    single_threaded: None,
    programs: &[],
    not_modelled: &[
        always("the CPU time of the loop is taken by the thread of its request"),
        CPU_UNKNOWN,
    ],
    write: write_in_threads,
    ..PRESET
};
