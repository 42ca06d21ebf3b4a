//! A server of a model as its own configuration, with the reason as a comment before it.

use super::wrap;
use crate::model::Server;
use crate::model::runtime::{Class, Runtime};
use crate::servers::{Preset, Writer};

/// Width of the text of comments: with their signs they fit into 80 columns.
const WIDTH: usize = 76;

/// Sentences as comments that begin and end with given signs.
pub(crate) fn comment((begin, end): &(&str, &str), sentences: &[String]) -> String {
    let mut text = String::new();
    for sentence in sentences.iter().filter(|sentence| !sentence.is_empty()) {
        let sentence = sentence.replace("--", if end.is_empty() { "--" } else { "" });
        for line in wrap::lines(&sentence, WIDTH) {
            text += &format!("{begin}{line}{end}\n");
        }
    }
    text
}

fn writer<'a>(preset: &'static Preset, server: &'a Server, ideal: &'a Runtime) -> Writer<'a> {
    let runtime = server.runtime.as_deref().unwrap_or(ideal);
    Writer { preset, server, runtime, preload: false }
}

/// The configuration of a server, after the reason for it. `preload` says that new workers are
/// forked with the application loaded, which a model does not keep.
pub fn config(preset: &'static Preset, server: &Server, preload: bool, why: &str) -> String {
    let ideal = Runtime::neutral(Class::Sync);
    let writer = Writer { preload, ..writer(preset, server, &ideal) };
    let mut reasons = vec![why.to_owned()];
    reasons.extend(writer.unsaid());
    comment(&preset.comment, &reasons) + &(preset.write)(&writer)
}

/// What was simulated and no setting of the server says; a sentence each.
pub(crate) fn unsaid(preset: &'static Preset, server: &Server) -> Vec<String> {
    writer(preset, server, &Runtime::neutral(Class::Sync)).unsaid()
}
