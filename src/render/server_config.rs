//! A server of a model as lines of its own configuration, which `--from` reads again.

use super::wrap;
use crate::model::runtime::{Accept, Class, Lifecycle, Runtime};
use crate::model::servers::{Name, Preset};
use crate::model::{Backlog, Server};
use crate::time::Span;

/// Width of comments.
const WIDTH: usize = 96;

/// The configuration of a server, with the reason as a comment before it. `preload` says that new
/// workers are forked with the application loaded, which a model does not keep.
pub fn config(preset: &'static Preset, server: &Server, preload: bool, why: &str) -> String {
    let ideal = Runtime::neutral(Class::Sync);
    let runtime = server.runtime.as_deref().unwrap_or(&ideal);
    let of = Of { preset, server, runtime, preload };
    let mut reasons = vec![why.to_owned()];
    reasons.extend(of.unsaid());
    let lines = match preset.name {
        Name::Gunicorn => of.gunicorn(),
        Name::Puma => of.puma(),
        Name::PhpFpm => of.php_fpm(),
        Name::Uwsgi => of.uwsgi(),
        Name::Passenger => of.passenger(),
        Name::ApachePrefork => of.apache(),
        Name::Tomcat => of.tomcat(),
        Name::NodeCluster => of.node(),
        Name::Uvicorn => of.uvicorn(),
    };
    comment(preset.name, &reasons) + &lines
}

/// Sentences as comments of a server's configuration.
pub fn comment(name: Name, sentences: &[String]) -> String {
    let (begin, end) = match name {
        Name::PhpFpm => ("; ", ""),
        Name::NodeCluster => ("// ", ""),
        Name::Tomcat => ("<!-- ", " -->"),
        _ => ("# ", ""),
    };
    let mut text = String::new();
    for sentence in sentences.iter().filter(|sentence| !sentence.is_empty()) {
        let sentence = sentence.replace("--", if end.is_empty() { "--" } else { "" });
        for line in wrap::lines(&sentence, WIDTH) {
            text += &format!("{begin}{line}{end}\n");
        }
    }
    text
}

/// A server and whose it is.
struct Of<'a> {
    preset: &'static Preset,
    server: &'a Server,
    runtime: &'a Runtime,
    preload: bool,
}

/// A setting that a server may have: its option, and the value where it is not the default.
type Setting = (&'static str, Option<String>);

impl Of<'_> {
    /// A value, if it is not what the server does by itself.
    fn unusual(&self, option: &str, value: String) -> Option<String> {
        let usual = self.preset.default(option).map(|default| default.value);
        (usual != Some(value.as_str())).then_some(value)
    }

    fn backlog(&self) -> Option<String> {
        let text = match self.server.backlog {
            Backlog::Unlimited => "unlimited".to_owned(),
            Backlog::Places(places) => places.to_string(),
        };
        self.unusual("backlog", text)
    }

    /// The listen queue of a server whose word for "any number" is a number.
    fn backlog_or(&self, unlimited: &str) -> Option<String> {
        self.backlog().map(|text| if text == "unlimited" { unlimited.to_owned() } else { text })
    }

    fn life(&self) -> Lifecycle {
        self.runtime.lifecycle
    }

    fn timeout(&self) -> Option<String> {
        let timeout = self.life().timeout.map_or("0s".to_owned(), seconds);
        let usual = self.preset.default("timeout").map_or("0s", |default| default.value);
        (timeout != usual).then(|| timeout.trim_end_matches('s').to_owned())
    }

    fn max_requests(&self) -> Option<String> {
        Some(self.life().max_requests).filter(|n| *n > 0).map(|n| n.to_string())
    }

    fn jitter(&self) -> Option<String> {
        Some(self.life().max_requests_jitter).filter(|n| *n > 0).map(|n| n.to_string())
    }

    /// How long a worker that ends waits, where it is not what `usual` says.
    fn graceful(&self, usual: &str) -> Option<String> {
        self.max_requests()?;
        let graceful = seconds(self.life().graceful);
        (graceful != usual).then(|| graceful.trim_end_matches('s').to_owned())
    }

    fn connections(&self, usual: Option<u32>) -> Option<String> {
        let most = self.runtime.worker_connections;
        (most != usual).then(|| most.map_or("unlimited".to_owned(), |most| most.to_string()))
    }

    /// What was simulated and no setting of the server says; a sentence each.
    fn unsaid(&self) -> Vec<String> {
        let known: &[&str] = match self.preset.name {
            Name::Gunicorn | Name::Uwsgi | Name::Passenger | Name::PhpFpm => &["timeout", "ends"],
            Name::ApachePrefork | Name::Uvicorn => &["ends"],
            Name::Puma | Name::Tomcat | Name::NodeCluster => &[],
        };
        let mut sentences = Vec::new();
        let mut say = |what: &str, there: bool| {
            if there && !known.contains(&what) {
                let what = if what == "timeout" { "timeout" } else { "max-requests" };
                let title = self.preset.title;
                sentences.push(format!("Not a setting of {title}: the {what} that was simulated."));
            }
        };
        say("timeout", self.life().timeout.is_some());
        say("ends", self.life().max_requests > 0);
        if !self.accept_is_said() {
            let (title, accept) = (self.preset.title, self.runtime.accept.name());
            sentences
                .push(format!("Not a setting of {title}: connections are accepted '{accept}'."));
        }
        if self.preset.name == Name::NodeCluster && self.backlog().is_some() {
            sentences.push("The listen queue is an argument of server.listen().".to_owned());
        }
        sentences
    }

    /// Whether who takes a connection is what the server does, or what its configuration says.
    fn accept_is_said(&self) -> bool {
        let accept = self.runtime.accept.name();
        let usual = self.preset.default("accept").map(|default| default.value);
        let settings: &[&str] = match self.preset.name {
            Name::Gunicorn => &["reuse-port"],
            Name::Puma => &["random", "shared"],
            Name::NodeCluster => &["greedy"],
            Name::Uwsgi if self.runtime.class == Class::Gevent => &["random"],
            _ => &[],
        };
        accept == usual.unwrap_or(Accept::of(self.runtime.class).name())
            || self.server.workers == 1
            || settings.contains(&accept)
    }

    fn gunicorn(&self) -> String {
        let threads = self.server.threads;
        let usual = if threads > 1 { Class::Gthread } else { Class::Sync };
        let class = self.runtime.class;
        let limited = matches!(class, Class::Gthread | Class::Gevent).then_some(1000);
        let reuse = self.runtime.accept == Accept::ReusePort;
        command(
            "gunicorn",
            &[
                ("workers", Some(self.server.workers.to_string())),
                ("threads", (threads > 1).then(|| threads.to_string())),
                ("worker-class", (class != usual).then(|| class.name().to_owned())),
                ("worker-connections", self.connections(limited)),
                ("backlog", self.backlog_or("4294967295")),
                ("timeout", self.timeout()),
                ("max-requests", self.max_requests()),
                ("max-requests-jitter", self.jitter()),
                ("graceful-timeout", self.graceful("30s")),
                ("preload", self.preload.then(String::new)),
                ("reuse-port", reuse.then(String::new)),
            ],
        ) + " APP:app\n"
    }

    fn uvicorn(&self) -> String {
        let limit = self.runtime.worker_connections.filter(|_| self.runtime.turns_away);
        command(
            "uvicorn",
            &[
                ("workers", Some(self.server.workers.to_string())),
                ("backlog", self.backlog_or("4294967295")),
                ("limit-concurrency", limit.map(|limit| (u64::from(limit) + 1).to_string())),
                ("limit-max-requests", self.max_requests()),
                ("limit-max-requests-jitter", self.jitter()),
                ("timeout-graceful-shutdown", self.graceful("30s")),
            ],
        ) + " APP:app\n"
    }

    fn puma(&self) -> String {
        let (workers, threads) = (self.server.workers, self.server.threads);
        let workers = if workers == 1 { 0 } else { workers };
        let mut text = format!("workers {workers}\nthreads {threads}, {threads}\n");
        if let Some(backlog) = self.backlog_or("4294967295") {
            text += &format!("bind 'tcp://0.0.0.0:9292?backlog={backlog}'\n");
        }
        text += match self.runtime.accept {
            Accept::Random => "wait_for_less_busy_worker 0\n",
            Accept::Shared => "queue_requests false\n",
            _ => "",
        };
        if self.preload {
            text += "preload_app!\n";
        }
        text
    }

    fn php_fpm(&self) -> String {
        "pm = static\n".to_owned()
            + &lines(
                " = ",
                "",
                &[
                    ("pm.max_children", Some(self.server.workers.to_string())),
                    ("listen.backlog", self.backlog_or("-1")),
                    ("request_terminate_timeout", self.timeout().map(|text| text + "s")),
                    ("pm.max_requests", self.max_requests()),
                ],
            )
    }

    fn uwsgi(&self) -> String {
        let gevent = self.runtime.class == Class::Gevent;
        let cores = self.runtime.worker_connections.filter(|_| gevent);
        "[uwsgi]\nmaster = true\n".to_owned()
            + &lines(
                " = ",
                "",
                &[
                    ("processes", Some(self.server.workers.to_string())),
                    ("threads", self.unusual("threads", self.server.threads.to_string())),
                    ("gevent", cores.map(|cores| cores.to_string())),
                    ("listen", self.backlog_or("4294967295")),
                    ("harakiri", self.timeout()),
                    ("max-requests", self.max_requests()),
                    ("worker-reload-mercy", self.graceful("30s")),
                ],
            )
    }

    fn passenger(&self) -> String {
        let threads = self.unusual("threads", self.server.threads.to_string());
        lines(
            " ",
            ";",
            &[
                ("passenger_max_pool_size", Some(self.server.workers.to_string())),
                ("passenger_max_request_queue_size", self.backlog_or("0")),
                ("passenger_concurrency_model", threads.as_ref().map(|_| "thread".to_owned())),
                ("passenger_thread_count", threads),
                ("passenger_max_requests", self.max_requests()),
                ("passenger_max_request_time", self.timeout()),
            ],
        )
    }

    fn apache(&self) -> String {
        let workers = self.server.workers.to_string();
        let limit = (self.server.workers > 256).then(|| workers.clone());
        let text = lines(
            " ",
            "",
            &[
                ("ServerLimit", limit),
                ("MaxRequestWorkers", Some(workers)),
                ("ListenBacklog", self.backlog_or("4294967295")),
                ("MaxConnectionsPerChild", self.max_requests()),
            ],
        );
        format!("<IfModule mpm_prefork_module>\n{text}</IfModule>\n")
    }

    fn tomcat(&self) -> String {
        let most = self.connections(Some(8192));
        let attribute = |(name, value): &Setting| {
            value.as_ref().map(|value| format!(" {name}=\"{value}\"")).unwrap_or_default()
        };
        let attributes: String = [
            ("maxThreads", Some(self.server.threads.to_string())),
            ("maxConnections", most.map(|most| most.replace("unlimited", "-1"))),
            ("acceptCount", self.backlog_or("4294967295")),
        ]
        .iter()
        .map(attribute)
        .collect();
        format!("<Connector port=\"8080\" protocol=\"HTTP/1.1\"{attributes} />\n")
    }

    fn node(&self) -> String {
        let mut text = "const cluster = require('node:cluster');\n".to_owned();
        if matches!(self.runtime.accept, Accept::Greedy(_)) {
            text += "cluster.schedulingPolicy = cluster.SCHED_NONE;\n";
        }
        let forks = self.server.workers;
        text += &format!("const forks = {forks}; // instead of os.availableParallelism()\n");
        text + "if (cluster.isPrimary) for (let i = 0; i < forks; i++) cluster.fork();\n"
    }
}

/// A time in whole or decimal seconds.
fn seconds(span: Span) -> String {
    format!("{}s", span.as_secs_f64())
}

/// Options of a command line; one with an empty value is a switch.
fn command(program: &str, settings: &[Setting]) -> String {
    let mut text = program.to_owned();
    for (name, value) in settings {
        match value.as_deref() {
            Some("") => text += &format!(" --{name}"),
            Some(value) => text += &format!(" --{name} {value}"),
            None => {}
        }
    }
    text
}

/// Settings one below another.
fn lines(between: &str, end: &str, settings: &[Setting]) -> String {
    let line = |(name, value): &Setting| Some(format!("{name}{between}{}{end}\n", value.as_ref()?));
    settings.iter().filter_map(line).collect()
}
