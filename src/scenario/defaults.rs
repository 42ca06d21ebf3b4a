//! What holds for an option that is not given.

pub(crate) use crate::experiment::plan::{
    CONFIDENCE, DELTA, MAX_REQUESTS, MAX_REQUESTS_REAL, PRECISION,
};

/// Length of the listen queue: Gunicorn's default (`gunicorn/config.py`, class `Backlog`).
pub(crate) const BACKLOG: u64 = 2048;
/// Cores of the machine.
pub(crate) const CORES: u32 = 8;
/// Relative half-width of the headline measures where the number of workers is searched for: what
/// decides is run on until it is decided.
pub(crate) const PRECISION_OF_SEARCH: f64 = 0.05;
