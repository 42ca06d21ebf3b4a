//! The options that speak of memory.

use super::lists;
use super::raw_options::{Problem, RawOptions};
use super::read::share;
use crate::model::Memory;
use crate::model::memory::SHARED;
use crate::size::Size;

/// The share of the memory that should stay free.
const HEADROOM: f64 = 0.1;

/// The share of the memory below which less is free than is wanted.
///
/// # Errors
/// A sentence at the option.
pub(crate) fn headroom(raw: &RawOptions) -> Result<f64, Problem> {
    let read = |text: &str| match text.trim() {
        "0" | "0%" => Ok(0.0),
        text => share(text),
    };
    Ok(raw.parse("memory-headroom", read)?.unwrap_or(HEADROOM))
}

/// What processes take, once for each limit of the list; one `None` where nobody speaks of memory.
///
/// # Errors
/// A sentence at the option.
pub(super) fn read(raw: &RawOptions) -> Result<Vec<Option<Memory>>, Problem> {
    let size = |name: &str| {
        raw.parse(name, |text| text.parse::<Size>().map_err(|error| error.to_string()))
    };
    headroom(raw)?;
    let Some(worker) = size("worker-memory")? else { return Ok(vec![None]) };
    let memory = Memory {
        limit: None,
        worker,
        thread: size("thread-memory")?.unwrap_or_default(),
        shared: size("shared-memory")?.unwrap_or(SHARED),
        leak: size("leak")?.unwrap_or_default(),
    };
    let limits = raw.parse("memory", |text| {
        let limits = lists::sizes(text)?;
        match limits.iter().any(|limit| limit.is_zero()) {
            true => Err("a --memory of 0: nothing fits; write such as 512M".to_owned()),
            false => Ok(limits),
        }
    })?;
    Ok(match limits {
        Some(limits) => {
            limits.into_iter().map(|limit| Some(Memory { limit: Some(limit), ..memory })).collect()
        }
        None => vec![Some(memory)],
    })
}
