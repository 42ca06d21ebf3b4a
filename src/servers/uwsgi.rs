//! uWSGI (6cbb217).

use super::words::{Does, Said, ServerWord, Unknown, address, as_is, bare, maybe, whole, with};
use super::{
    CPU_UNKNOWN, Default, NO_OVERHEAD, Options, Preset, Program, Writer, always, by_default,
    program, says, works, writer::lines,
};
use crate::model::runtime::{AcceptQueue, Class};
use Does::{Count, File, Left, Nothing, Seconds, Special, Whole, Within};

/// uWSGI: each thread of each process accepts by itself; Python's threads share a lock.
const DEFAULTS: &[Default] = &[
    says("workers", "1", "processes", "core/init.c:104-137, numproc"),
    says("threads", "1", "threads", "core/init.c:104-137, threads"),
    says("backlog", "100", "listen", "core/init.c:104-137, listen_queue"),
    works("class", "auto", "core/loop.c, simple_loop_run"),
    works("accept", "shared", "core/loop.c, simple_loop_run"),
    works("gil", "on", "plugins/python, with threads"),
    NO_OVERHEAD[0],
    NO_OVERHEAD[1],
];

const WORDS: &[ServerWord] = &[
    with(&["p", "processes", "workers"], Count("workers")),
    with(&["threads"], Count("threads")),
    with(&["l", "listen"], Whole("backlog")),
    with(&["t", "harakiri"], Seconds("timeout")),
    with(&["R", "max-requests"], Whole("max-requests")),
    with(&["gevent"], Special("worker-connections", uwsgi_gevent, as_is)),
    with(&["worker-reload-mercy", "reload-mercy"], Seconds("graceful-timeout")),
    with(&["max-requests-delta"], Left("workers end after the same number of requests")),
    with(&["async", "fiber"], Left("asynchronous modes other than --gevent")),
    with(&["cheap*", "idle", "workload"], Left("the number of workers is fixed")),
    with(&["offload-threads"], Left("nothing is offloaded")),
    with(&["reload-on-*", "evil-reload-on-*", "limit-as"], Left("limits on memory")),
    with(&["max-worker-lifetime", "min-worker-lifetime"], Left("workers do not end by the clock")),
    with(&["harakiri-*"], Left("details of harakiri")),
    with(
        &["s", "socket", "uwsgi-socket", "http-socket", "fastcgi-socket"],
        Within("listen", address),
    ),
    with(&["ini", "xml", "yaml", "json", "emperor"], File),
    with(
        &[
            "http",
            "https",
            "https-socket",
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
            "limit-post",
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

/// A listen queue beyond the kernel's limit (`core/socket.c`, `uwsgi_check_listen_queue`).
fn refuses(option: Options<'_>) -> Option<(&'static str, String)> {
    let number = |name: &str| option(name).and_then(|value| value.parse::<u64>().ok());
    let somaxconn = number("somaxconn").unwrap_or(AcceptQueue::linux().somaxconn);
    let backlog = number("backlog").filter(|backlog| *backlog > somaxconn)?;
    let sentence = format!(
        "uWSGI does not start with a listen queue of {backlog} where net.core.somaxconn is \
         {somaxconn}: give a smaller --backlog, or the machine's --somaxconn"
    );
    Some(("backlog", sentence))
}

fn without_effect(option: Options<'_>) -> Option<&'static str> {
    let threads = option("threads").is_some_and(|value| value.trim() != "1");
    let both = threads && option("timeout").is_some();
    both.then_some("harakiri: no process with threads is killed")
}

fn write(of: &Writer<'_>) -> String {
    let gevent = of.runtime.class == Class::Gevent;
    let cores = of.runtime.worker_connections.filter(|_| gevent);
    "[uwsgi]\nmaster = true\n".to_owned()
        + &lines(
            " = ",
            "",
            &[
                ("processes", Some(of.server.workers.to_string())),
                ("threads", of.unusual("threads", of.server.threads.to_string())),
                ("gevent", cores.map(|cores| cores.to_string())),
                ("listen", of.backlog_or("4294967295")),
                ("harakiri", of.timeout()),
                ("max-requests", of.max_requests()),
                ("worker-reload-mercy", of.graceful("30s")),
            ],
        )
}

/// uWSGI.
pub(super) const PRESET: Preset = Preset {
    word: "uwsgi",
    title: "uWSGI",
    defaults: DEFAULTS,
    words: WORDS,
    programs: &[Program { versions: true, ..program("uwsgi") }],
    variables: &[("UWSGI_*", "")],
    file: Some(super::File {
        grammar: super::Grammar::Ini,
        signs: &["[uwsgi]"],
        names: &["uwsgi.ini", "uwsgi.yml", "uwsgi.yaml", "uwsgi.json"],
        unknown: Unknown::Report,
    }),
    refuses,
    without_effect,
    limits: &["timeout", "max-requests"],
    accepts: &["random"],
    not_modelled: &[
        by_default("cheaper (a varying number of workers)"),
        always("the web server in front"),
        CPU_UNKNOWN,
    ],
    command_wins: false,
    write,
    ..Preset::BASE
};
