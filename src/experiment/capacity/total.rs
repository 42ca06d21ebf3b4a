//! Capacity of a whole cell: of all hosts, with what the server itself takes.

use super::bound::Capacity;
use super::{hosts, ideal, with_runtime};
use crate::model::Model;

/// Capacity of a model's server for its requests, of all its hosts together; `None` where requests
/// take no time.
pub fn capacity(model: &Model) -> Option<Capacity> {
    let ideal = |workers, demand| ideal::capacity(model, workers, demand);
    match &model.server().runtime {
        Some(runtime) => {
            let one = with_runtime::capacity(model, runtime, ideal)?;
            Some(hosts::capacity(model, runtime, one))
        }
        None => ideal(model.server().workers, model.mean_demand()),
    }
}
