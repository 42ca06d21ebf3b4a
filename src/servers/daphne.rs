//! Daphne 4: one process with one event loop, that of Twisted.

use super::words::{Does, ServerWord, bare, with};
use super::{CPU_UNKNOWN, Default, NO_OVERHEAD, Preset, Writer, always, program, says, works};
use Does::{Left, Nothing};

/// The listen queue is that of Twisted's endpoints.
const DEFAULTS: &[Default] = &[
    works("workers", "1", "daphne/server.py, one process"),
    says("backlog", "50", "backlog", "src/twisted/internet/endpoints.py, backlog=50"),
    works("class", "asgi", "daphne/server.py, Twisted's reactor on asyncio"),
    NO_OVERHEAD[0],
    NO_OVERHEAD[1],
];

const WORDS: &[ServerWord] = &[
    with(&["t", "http-timeout"], Left("a limit for the answer, after which a 504 is sent")),
    with(
        &[
            "p",
            "port",
            "b",
            "bind",
            "u",
            "unix-socket",
            "fd",
            "e",
            "endpoint",
            "v",
            "verbosity",
            "access-log",
            "log-fmt",
            "ping-interval",
            "ping-timeout",
            "websocket_timeout",
            "websocket-connect-timeout",
            "application-close-timeout",
            "root-path",
            "request-buffer-size",
            "proxy-headers-host",
            "proxy-headers-port",
            "s",
            "server-name",
            "websocket_connect_timeout",
        ],
        Nothing,
    ),
    bare(&["proxy-headers", "nostaticfiles", "no-server-name"], Nothing),
];

fn write(_: &Writer<'_>) -> String {
    "daphne APP:app\n".to_owned()
}

/// Daphne.
pub(super) const PRESET: Preset = Preset {
    word: "daphne",
    title: "Daphne",
    defaults: DEFAULTS,
    words: WORDS,
    programs: &[program("daphne")],
    single_threaded: Some("Daphne runs one event loop"),
    single_process: Some("Daphne is one process: start several behind a balancer, --hosts"),
    not_modelled: &[always("the pool of threads for functions that are not async"), CPU_UNKNOWN],
    write,
    ..Preset::BASE
};
