//! A server of a model as its own configuration, with the reason as a comment before it.

use crate::model::Server;
use crate::model::runtime::{Class, Runtime};
use crate::servers::{Preset, Writer, comment};

/// The configuration of a server. `preload` says that new workers are forked with the application
/// loaded, which a model does not keep.
pub fn config(preset: &'static Preset, server: &Server, preload: bool, why: &str) -> String {
    let ideal = Runtime::neutral(Class::Sync);
    let runtime = server.runtime.as_deref().unwrap_or(&ideal);
    let writer = Writer { preset, server, runtime, preload };
    let mut reasons = vec![why.to_owned()];
    reasons.extend(writer.unsaid());
    comment(preset, &reasons) + &(preset.write)(&writer)
}
