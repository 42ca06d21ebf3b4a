//! Apache Tomcat (84ac9af).

use super::words::{Does, Said, ServerWord, Unknown, whole, with};
use super::{
    CPU_UNKNOWN, Default, NO_OVERHEAD, Preset, Writer, always, program, says, with_word, works,
};
use Does::{Count, Left, Nothing, Special, Whole};

/// Tomcat: one process without a lock; connections are taken up to `maxConnections` and wait in
/// the queue of the executor, which is long enough for all of them.
const DEFAULTS: &[Default] = &[
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

const WORDS: &[ServerWord] = &[
    with(
        &["maxThreads", "server.tomcat.threads.max", "server.tomcat.max-threads"],
        Count("threads"),
    ),
    with(
        &["maxConnections", "server.tomcat.max-connections"],
        Special("worker-connections", tomcat_connections, connections),
    ),
    with(&["acceptCount", "server.tomcat.accept-count"], Whole("backlog")),
    with(&["executor"], Left("the threads of an <Executor>: give --threads")),
    with(&["maxQueueSize"], Left("the queue of the executor takes all connections")),
    with(&["server.*", "spring.*", "management.*", "logging.*"], Nothing),
];

/// -1 is any number.
fn tomcat_connections(text: &str) -> Result<Vec<Said>, String> {
    let most = if text.trim() == "-1" { "unlimited".to_owned() } else { whole(text, 1)? };
    Ok(vec![("worker-connections", most)])
}

/// -1 where there is no limit.
fn connections(value: &str) -> Option<String> {
    Some(if value == "unlimited" { "-1".to_owned() } else { value.to_owned() })
}

fn write(of: &Writer<'_>) -> String {
    let most = of.connections(Some(8192));
    let attribute = |(name, value): &super::writer::SettingValue| {
        value.as_ref().map(|value| format!(" {name}=\"{value}\"")).unwrap_or_default()
    };
    let attributes: String = [
        ("maxThreads", Some(of.server.threads.to_string())),
        ("maxConnections", most.map(|most| most.replace("unlimited", "-1"))),
        ("acceptCount", of.backlog_or("4294967295")),
    ]
    .iter()
    .map(attribute)
    .collect();
    format!("<Connector port=\"8080\" protocol=\"HTTP/1.1\"{attributes} />\n")
}

/// Tomcat.
pub(super) const PRESET: Preset = Preset {
    word: "tomcat",
    title: "Tomcat",
    defaults: DEFAULTS,
    words: WORDS,
    programs: &[program("catalina.sh"), with_word("java", "server.tomcat.*")],
    variables: &[
        ("SERVER_TOMCAT_THREADS_MAX", "server.tomcat.threads.max"),
        ("SERVER_TOMCAT_MAX_CONNECTIONS", "server.tomcat.max-connections"),
        ("SERVER_TOMCAT_ACCEPT_COUNT", "server.tomcat.accept-count"),
    ],
    unknown: Unknown::Ignore,
    file: Some(super::File {
        grammar: super::Grammar::Tomcat,
        signs: &["<Connector", "server.tomcat."],
        names: &["server.xml", "application.properties", "application.yml", "application.yaml"],
        unknown: Unknown::Ignore,
    }),
    single_process: Some("Tomcat is one process with many threads: give --threads, not --workers"),
    comment: ("<!-- ", " -->"),
    not_modelled: &[
        always("threads that start when needed (minSpareThreads 10): all exist from the beginning"),
        always("keep-alive connections, which count against maxConnections"),
        always("pauses of the garbage collector"),
        CPU_UNKNOWN,
    ],
    on_command: false,
    write,
    ..Preset::BASE
};
