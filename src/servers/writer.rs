//! A server of a model as lines of its own configuration, which `--from` reads again.

use super::Preset;
use crate::model::runtime::{Accept, Lifecycle, Runtime};
use crate::model::{Backlog, Server};
use crate::time::Span;

/// A server of a model, and whose it is.
pub(crate) struct Writer<'a> {
    /// Whose.
    pub(crate) preset: &'static Preset,
    /// The server of the model.
    pub(crate) server: &'a Server,
    /// How it runs.
    pub(crate) runtime: &'a Runtime,
    /// Whether new workers are forked with the application loaded, which a model does not keep.
    pub(crate) preload: bool,
}

/// A setting that a server may have: its word, and the value where it is not the default.
pub(crate) type SettingValue = (&'static str, Option<String>);

impl Writer<'_> {
    /// A value, if it is not what the server does by itself.
    pub(super) fn unusual(&self, option: &str, value: String) -> Option<String> {
        let usual = self.preset.default(option).map(|default| default.value);
        (usual != Some(value.as_str())).then_some(value)
    }

    pub(super) fn backlog(&self) -> Option<String> {
        let text = match self.server.backlog {
            Backlog::Unlimited => "unlimited".to_owned(),
            Backlog::Places(places) => places.to_string(),
        };
        self.unusual("backlog", text)
    }

    /// The listen queue of a server whose word for "any number" is a number.
    pub(super) fn backlog_or(&self, unlimited: &str) -> Option<String> {
        self.backlog().map(|text| if text == "unlimited" { unlimited.to_owned() } else { text })
    }

    pub(super) fn lifecycle(&self) -> Lifecycle {
        self.runtime.lifecycle
    }

    pub(super) fn timeout(&self) -> Option<String> {
        let timeout = self.lifecycle().timeout.map_or("0s".to_owned(), seconds);
        let usual = self.preset.default("timeout").map_or("0s", |default| default.value);
        (timeout != usual).then(|| timeout.trim_end_matches('s').to_owned())
    }

    pub(super) fn max_requests(&self) -> Option<String> {
        Some(self.lifecycle().max_requests).filter(|n| *n > 0).map(|n| n.to_string())
    }

    pub(super) fn jitter(&self) -> Option<String> {
        Some(self.lifecycle().max_requests_jitter).filter(|n| *n > 0).map(|n| n.to_string())
    }

    /// How long a worker that ends waits, where it is not what `usual` says.
    pub(super) fn graceful(&self, usual: &str) -> Option<String> {
        self.max_requests()?;
        let graceful = seconds(self.lifecycle().graceful);
        (graceful != usual).then(|| graceful.trim_end_matches('s').to_owned())
    }

    pub(super) fn connections(&self, usual: Option<u32>) -> Option<String> {
        let most = self.runtime.worker_connections;
        (most != usual).then(|| most.map_or("unlimited".to_owned(), |most| most.to_string()))
    }

    /// What was simulated and no setting of the server says; a sentence each.
    pub(crate) fn unsaid(&self) -> Vec<String> {
        let title = self.preset.title;
        let mut sentences = Vec::new();
        let limits = [
            ("timeout", self.lifecycle().timeout.is_some()),
            ("max-requests", self.lifecycle().max_requests > 0),
        ];
        for (limit, _) in
            limits.iter().filter(|(limit, there)| *there && !self.preset.limits.contains(limit))
        {
            sentences.push(format!("Not a setting of {title}: the {limit} that was simulated."));
        }
        if !self.accept_is_said() {
            let accept = self.runtime.accept.name();
            sentences
                .push(format!("Not a setting of {title}: connections are accepted '{accept}'."));
        }
        if self.preset.word == "node-cluster" && self.backlog().is_some() {
            sentences.push("The listen queue is an argument of server.listen().".to_owned());
        }
        sentences
    }

    /// Whether who takes a connection is what the server does, or what its configuration says.
    fn accept_is_said(&self) -> bool {
        let accept = self.runtime.accept.name();
        let usual = self.preset.default("accept").map(|default| default.value);
        accept == usual.unwrap_or(Accept::of(self.runtime.class).name())
            || self.server.workers == 1
            || self.preset.accepts.contains(&accept)
    }
}

/// A time in whole or decimal seconds.
fn seconds(span: Span) -> String {
    format!("{}s", span.as_secs_f64())
}

/// Options of a command line; one with an empty value is a switch.
pub(super) fn command(program: &str, settings: &[SettingValue]) -> String {
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
pub(super) fn lines(between: &str, end: &str, settings: &[SettingValue]) -> String {
    let line =
        |(name, value): &SettingValue| Some(format!("{name}{between}{}{end}\n", value.as_ref()?));
    settings.iter().filter_map(line).collect()
}
