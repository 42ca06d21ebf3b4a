//! The servers that simsrv knows by name, as data: what each does if nobody says anything, in terms
//! of simsrv's own options, and what of it is not modelled.
//!
//! Every default names the word that the server itself has for it and the place in its source where
//! the value stands: Gunicorn 27.0.1, Puma 8.0.2 (ff2e212), PHP-FPM (php-src, `www.conf.in`), uWSGI
//! (6cbb217), Passenger (080171e), Apache httpd (0cb6804), Tomcat (84ac9af), Node, uvicorn 0.54
//! (e6c7ce7).

/// A server that simsrv knows by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Name {
    /// Gunicorn.
    Gunicorn,
    /// Puma.
    Puma,
    /// PHP-FPM.
    PhpFpm,
    /// uWSGI.
    Uwsgi,
    /// Phusion Passenger.
    Passenger,
    /// Apache with one process a request.
    ApachePrefork,
    /// Apache Tomcat.
    Tomcat,
    /// Node's module `cluster`.
    NodeCluster,
    /// uvicorn by itself.
    Uvicorn,
}

/// One default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Default {
    /// The option of simsrv.
    pub option: &'static str,
    /// Its value, as one would write it.
    pub value: &'static str,
    /// The word of the server for it; empty for what is no setting but the way it works.
    pub own: &'static str,
    /// Where the value, or the way it works, stands in the server's source.
    pub source: &'static str,
}

const fn says(
    option: &'static str,
    value: &'static str,
    own: &'static str,
    source: &'static str,
) -> Default {
    Default { option, value, own, source }
}

/// How a server works, where it is no setting of it.
const fn works(option: &'static str, value: &'static str, source: &'static str) -> Default {
    Default { option, value, own: "", source }
}

/// What simsrv knows of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// Which.
    pub name: Name,
    /// The word of `--server`.
    pub word: &'static str,
    /// As it is written in a sentence.
    pub title: &'static str,
    /// What it does if nobody says anything.
    pub defaults: &'static [Default],
    /// Why it has one thread in each process, if it has.
    pub single_threaded: Option<&'static str>,
    /// What it does and simsrv does not.
    pub not_modelled: &'static [&'static str],
}

impl Preset {
    /// The preset of a word.
    pub fn find(word: &str) -> Option<&'static Preset> {
        PRESETS.iter().find(|preset| preset.word == word)
    }

    /// The preset of a server.
    pub fn of(name: Name) -> &'static Preset {
        PRESETS.iter().find(|preset| preset.name == name).unwrap_or(&PRESETS[0])
    }

    /// The default of an option, if the server has one.
    pub fn default(&self, option: &str) -> Option<&'static Default> {
        self.defaults.iter().find(|default| default.option == option)
    }
}

/// What was measured of Gunicorn is not known of the others: no CPU time of their own.
const NO_OVERHEAD: [Default; 2] = [
    works("overhead", "0", "not measured: the server's own CPU time is 0"),
    works("overhead-io", "0", "not measured"),
];

/// Gunicorn: what `--class` and its kin know of it. `workers` is 1 unless `WEB_CONCURRENCY` says
/// otherwise; more than one thread makes a sync worker a gthread worker.
const GUNICORN: &[Default] = &[
    says("workers", "1", "workers", "gunicorn/config.py:762"),
    says("threads", "1", "threads", "gunicorn/config.py, class WorkerThreads"),
    works("class", "auto", "gunicorn/config.py:138-150, worker_class_str"),
    says("backlog", "2048", "backlog", "gunicorn/config.py:735-752"),
    says("timeout", "30s", "timeout", "gunicorn/config.py:890-920"),
    says(
        "graceful-timeout",
        "30s",
        "graceful_timeout",
        "gunicorn/config.py, class GracefulTimeout",
    ),
];

/// Puma 8 on MRI. Without `workers` it runs one process (single mode). A process accepts whether or
/// not a thread is free (`lib/puma/server.rb`, `handle_servers`, with `queue_requests`), but sleeps
/// before, for up to 5 ms, the longer the more it holds. Ruby's threads change every 100 ms.
const PUMA: &[Default] = &[
    says("workers", "1", "workers", "lib/puma/configuration.rb:129-185 (0: one process)"),
    says("threads", "5", "threads", "lib/puma/configuration.rb:129-185 (16 without a GVL)"),
    says("backlog", "1024", "backlog", "lib/puma/binder.rb:171"),
    works("class", "gthread", "lib/puma/server.rb, handle_servers"),
    works("accept", "least-loaded", "lib/puma/cluster_accept_loop_delay.rb"),
    works("worker-connections", "unlimited", "lib/puma/thread_pool.rb, <<"),
    works("gil", "on", "Ruby, the global VM lock of a process"),
    works("switch-interval", "100ms", "Ruby, thread_pthread.c, TIME_QUANTUM_MSEC"),
    NO_OVERHEAD[0],
    NO_OVERHEAD[1],
];

/// PHP-FPM: a child serves one request; idle children sleep in `accept` on one socket, and the
/// kernel wakes one of them.
const PHP_FPM: &[Default] = &[
    says("workers", "5", "pm.max_children", "sapi/fpm/www.conf.in, pm.max_children"),
    says("backlog", "511", "listen.backlog", "sapi/fpm/www.conf.in, listen.backlog"),
    works("class", "sync", "sapi/fpm/fpm/fpm_main.c, fcgi_accept_request"),
    NO_OVERHEAD[0],
    NO_OVERHEAD[1],
];

/// uWSGI: each thread of each process accepts by itself; Python's threads share a lock.
const UWSGI: &[Default] = &[
    says("workers", "1", "processes", "core/init.c:104-137, numproc"),
    says("threads", "1", "threads", "core/init.c:104-137, threads"),
    says("backlog", "100", "listen", "core/init.c:104-137, listen_queue"),
    works("class", "auto", "core/loop.c, simple_loop_run"),
    works("accept", "shared", "core/loop.c, simple_loop_run"),
    works("gil", "on", "plugins/python, with threads"),
    NO_OVERHEAD[0],
    NO_OVERHEAD[1],
];

/// Passenger: one queue in the server itself, from which the process with the fewest requests is
/// given the next; beyond `max_request_queue_size` the answer is a 503.
const PASSENGER: &[Default] = &[
    says("workers", "6", "max_pool_size", "Constants.h:50-68, DEFAULT_MAX_POOL_SIZE"),
    says("threads", "1", "thread_count", "Constants.h:50-68, DEFAULT_APP_THREAD_COUNT"),
    says(
        "backlog",
        "100",
        "max_request_queue_size",
        "Constants.h:50-68, DEFAULT_MAX_REQUEST_QUEUE_SIZE",
    ),
    works("on-full", "refuse", "ApplicationPool/Group, RequestQueueFullException"),
    works("class", "auto", "Constants.h:50-68, DEFAULT_CONCURRENCY_MODEL process"),
    works("accept", "shared", "ApplicationPool/Group, the process that is least busy"),
    works("switch-interval", "100ms", "Ruby, thread_pthread.c, TIME_QUANTUM_MSEC"),
    NO_OVERHEAD[0],
    NO_OVERHEAD[1],
];

/// Apache with the module `prefork`: a child serves one request; a mutex lets one idle child at a
/// time accept.
const APACHE_PREFORK: &[Default] = &[
    says(
        "workers",
        "256",
        "MaxRequestWorkers",
        "prefork/mpm_default.h:33-47, DEFAULT_SERVER_LIMIT",
    ),
    says("backlog", "511", "ListenBacklog", "include/mpm_common.h:63, DEFAULT_LISTENBACKLOG"),
    works("class", "sync", "server/mpm/prefork/prefork.c, child_main"),
    NO_OVERHEAD[0],
    NO_OVERHEAD[1],
];

/// Tomcat: one process without a lock; connections are taken up to `maxConnections` and wait in
/// the queue of the executor, which is long enough for all of them.
const TOMCAT: &[Default] = &[
    works("workers", "1", "one process"),
    says("threads", "200", "maxThreads", "webapps/docs/config/http.xml:614"),
    says("worker-connections", "8192", "maxConnections", "webapps/docs/config/http.xml:548"),
    says("backlog", "100", "acceptCount", "webapps/docs/config/http.xml:380"),
    works("class", "gthread", "org/apache/tomcat/util/net/NioEndpoint"),
    works("accept", "random", "one process takes all"),
    works("gil", "off", "Java's threads compute at the same time"),
    NO_OVERHEAD[0],
    NO_OVERHEAD[1],
];

/// Node's cluster: one event loop a process; the primary accepts and hands out in turn. How many
/// processes there are, the application says (the documentation: `os.availableParallelism()`).
const NODE_CLUSTER: &[Default] = &[
    works("workers", "1", "the application forks them"),
    says("backlog", "511", "backlog", "lib/net.js, setupListenHandle: backlog || 511"),
    works("class", "asgi", "one event loop a process"),
    works("accept", "round-robin", "lib/internal/cluster/round_robin_handle.js"),
    NO_OVERHEAD[0],
    NO_OVERHEAD[1],
];

/// uvicorn by itself: one event loop a process; all accept from one socket.
const UVICORN: &[Default] = &[
    says("workers", "1", "workers", "uvicorn/config.py:330 (or WEB_CONCURRENCY)"),
    says("backlog", "2048", "backlog", "uvicorn/config.py:211-214"),
    works("class", "asgi", "asyncio's event loop"),
    NO_OVERHEAD[0],
    NO_OVERHEAD[1],
];

/// All servers, in the order of the help.
pub const PRESETS: [Preset; 9] = [
    Preset {
        name: Name::Gunicorn,
        word: "gunicorn",
        title: "Gunicorn",
        defaults: GUNICORN,
        single_threaded: None,
        not_modelled: &["keep-alive connections", "a slow client that holds a worker"],
    },
    Preset {
        name: Name::Puma,
        word: "puma",
        title: "Puma",
        defaults: PUMA,
        single_threaded: None,
        not_modelled: &[
            "keep-alive connections",
            "the sleep before accept itself (up to 5 ms; the process that holds fewer always wins)",
            "the accepting thread, which waits for the lock too",
            "worker_timeout (60 s), which checks a heartbeat, not requests",
            "CPU time of the server itself (0; --overhead)",
        ],
    },
    Preset {
        name: Name::PhpFpm,
        word: "php-fpm",
        title: "PHP-FPM",
        defaults: PHP_FPM,
        single_threaded: Some("a child of PHP-FPM serves one request at a time"),
        not_modelled: &[
            "pm = dynamic (start_servers 2, spare servers 1 to 3) and ondemand: all children exist \
             from the beginning, as with pm = static",
            "the web server in front",
            "CPU time of the server itself (0; --overhead)",
        ],
    },
    Preset {
        name: Name::Uwsgi,
        word: "uwsgi",
        title: "uWSGI",
        defaults: UWSGI,
        single_threaded: None,
        not_modelled: &[
            "cheaper (a varying number of workers)",
            "the web server in front",
            "CPU time of the server itself (0; --overhead)",
        ],
    },
    Preset {
        name: Name::Passenger,
        word: "passenger",
        title: "Passenger",
        defaults: PASSENGER,
        single_threaded: None,
        not_modelled: &[
            "processes that start when needed and end after pool_idle_time (300 s): all exist \
             all are there",
            "socket_backlog (2048): the server accepts connections faster than they arrive",
            "CPU time of the server itself (0; --overhead)",
        ],
    },
    Preset {
        name: Name::ApachePrefork,
        word: "apache-prefork",
        title: "Apache (prefork)",
        defaults: APACHE_PREFORK,
        single_threaded: Some("a child of Apache's prefork serves one request at a time"),
        not_modelled: &[
            "children that start when needed (StartServers 5, spare servers 5 to \
             10, up to 32 a second): all exist from the beginning",
            "KeepAlive, which holds a child between two requests",
            "CPU time of the server itself (0; --overhead)",
        ],
    },
    Preset {
        name: Name::Tomcat,
        word: "tomcat",
        title: "Tomcat",
        defaults: TOMCAT,
        single_threaded: None,
        not_modelled: &[
            "threads that start when needed (minSpareThreads 10): all exist from the beginning",
            "keep-alive connections and count against maxConnections",
            "pauses of the garbage collector",
            "CPU time of the server itself (0; --overhead)",
        ],
    },
    Preset {
        name: Name::NodeCluster,
        word: "node-cluster",
        title: "Node's cluster",
        defaults: NODE_CLUSTER,
        single_threaded: Some("a process of Node runs JavaScript in one thread"),
        not_modelled: &[
            "the pool of threads for files and DNS (UV_THREADPOOL_SIZE 4)",
            "keep-alive connections, whose requests stay with their process",
            "the CPU time of the primary",
            "CPU time of the server itself (0; --overhead)",
        ],
    },
    Preset {
        name: Name::Uvicorn,
        word: "uvicorn",
        title: "uvicorn",
        defaults: UVICORN,
        single_threaded: Some("a process of uvicorn runs one event loop"),
        not_modelled: &[
            "keep-alive connections (5 s), whose requests stay with their process",
            "the pool of threads for functions that are not async",
            "CPU time of the server itself (0; --overhead)",
        ],
    },
];

/// Where options came from: a server's defaults and what was read of its configuration.
#[derive(Clone, Debug)]
pub struct Use {
    /// Which server.
    pub preset: &'static Preset,
    /// The scenario's case; `None` where there is one set of options.
    pub case: Option<String>,
    /// Its defaults that were taken, because nobody said otherwise.
    pub taken: Vec<Default>,
    /// What was read: the server's word with its value, the option and its value.
    pub read: Vec<(String, &'static str, String)>,
    /// What was read and understood, but is not modelled; a sentence each.
    pub left_out: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_has_one_row_and_an_option_one_default() {
        for (at, preset) in PRESETS.iter().enumerate() {
            assert_eq!(Preset::find(preset.word), Some(preset));
            assert_eq!(Preset::of(preset.name), preset);
            assert!(PRESETS[..at].iter().all(|other| other.word != preset.word));
            for (at, default) in preset.defaults.iter().enumerate() {
                let others = &preset.defaults[..at];
                assert!(others.iter().all(|other| other.option != default.option), "{default:?}");
                assert!(!default.source.is_empty());
            }
        }
        assert_eq!(Preset::find("nginx"), None);
    }
}
