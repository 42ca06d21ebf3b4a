//! Node's module `cluster`, and pm2, which uses it.

use super::words::{Does, Said, ServerWord, Unknown, as_is, never, whole, with};
use super::{
    CPU_UNKNOWN, Default, NO_OVERHEAD, Preset, Writer, always, program, says, with_word, works,
};
use crate::model::runtime::Accept;
use Does::{Nothing, Special};

/// Node's cluster: one event loop a process; the primary accepts and hands out in turn. How many
/// processes there are, the application says (the documentation: `os.availableParallelism()`).
const DEFAULTS: &[Default] = &[
    works("workers", "1", "the application forks them"),
    says("backlog", "511", "backlog", "lib/net.js, setupListenHandle: backlog || 511"),
    works("class", "asgi", "one event loop a process"),
    works("loop", "uvloop", "libuv src/unix/stream.c, uv__server_io (Node is on libuv, as uvloop)"),
    works("accept", "round-robin", "lib/internal/cluster/round_robin_handle.js"),
    NO_OVERHEAD[0],
    NO_OVERHEAD[1],
];

const WORDS: &[ServerWord] = &[
    with(&["i", "instances", "forks"], Special("workers", node_forks, as_is)),
    with(&["NODE-CLUSTER-SCHED-POLICY"], Special("accept", node_policy, never)),
    with(
        &[
            "n",
            "name",
            "max-memory-restart",
            "watch",
            "e",
            "o",
            "l",
            "cwd",
            "r",
            "require",
            "exec_mode",
        ],
        Nothing,
    ),
];

fn node_forks(text: &str) -> Result<Vec<Said>, String> {
    Ok(vec![("workers", whole(text, 1)?)])
}

/// `none` leaves it to the kernel, and a few processes take most: "over 70 % of all connections
/// ended up in just two processes, out of a total of eight" (Node's documentation of `cluster`),
/// which is what a ratio of 0.56 gives.
fn node_policy(text: &str) -> Result<Vec<Said>, String> {
    match text {
        "rr" => Ok(vec![("accept", "round-robin".to_owned())]),
        "none" => Ok(vec![("accept", "greedy".to_owned()), ("accept-bias", "0.56".to_owned())]),
        other => Err(format!("'{}' is neither rr nor none", other)),
    }
}

fn write(of: &Writer<'_>) -> String {
    let mut text = "const cluster = require('node:cluster');\n".to_owned();
    if matches!(of.runtime.accept, Accept::Greedy(_)) {
        text += "cluster.schedulingPolicy = cluster.SCHED_NONE;\n";
    }
    let forks = of.server.workers;
    text += &format!("const forks = {forks}; // instead of os.availableParallelism()\n");
    text + "if (cluster.isPrimary) for (let i = 0; i < forks; i++) cluster.fork();\n"
}

/// Node's cluster.
pub(super) const PRESET: Preset = Preset {
    word: "node-cluster",
    title: "Node's cluster",
    defaults: DEFAULTS,
    words: WORDS,
    programs: &[
        program("node"),
        program("nodejs"),
        with_word("pm2", "start"),
        with_word("pm2-runtime", "start"),
        program("pm2-runtime"),
    ],
    variables: &[("NODE_CLUSTER_SCHED_POLICY", "node-cluster-sched-policy")],
    unknown: Unknown::Ignore,
    file: Some(super::File {
        grammar: super::Grammar::Script,
        signs: &["cluster.fork"],
        names: &[".js", ".cjs", ".mjs", ".ts", "ecosystem.config.json"],
        unknown: Unknown::Ignore,
    }),
    single_threaded: Some("a process of Node runs JavaScript in one thread"),
    comment: ("// ", ""),
    as_cores: &[("max", 0), ("0", 0), ("-1", -1)],
    command_wins: false,
    accepts: &["greedy"],
    not_modelled: &[
        always("the pool of threads for files and DNS (UV_THREADPOOL_SIZE 4)"),
        always("keep-alive connections, whose requests stay with their process (--keep-alive)"),
        always("the CPU time of the primary"),
        CPU_UNKNOWN,
    ],
    on_command: false,
    write,
    ..Preset::BASE
};
