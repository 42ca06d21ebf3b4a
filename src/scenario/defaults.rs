//! What holds for an option that is not given.

use crate::experiment::plan::Indifference;

/// Length of the listen queue: Gunicorn's default (`gunicorn/config.py`, class `Backlog`).
pub const BACKLOG: u64 = 2048;
/// Cores of the machine.
pub const CORES: u32 = 8;
/// Relative half-width of the headline measures.
pub const PRECISION: f64 = 0.02;
/// Confidence of the intervals.
pub const CONFIDENCE: f64 = 0.95;
/// Differences that do not count when cells are compared.
pub const DELTA: Indifference = Indifference::Share(0.05);
/// Relative half-width of the headline measures where the number of workers is searched for: what
/// decides is run on until it is decided.
pub const PRECISION_OF_SEARCH: f64 = 0.05;
/// Requests that may be simulated for one cell.
pub const MAX_REQUESTS: u64 = 200_000_000;
/// The same for a real server, which takes about ten times as long.
pub const MAX_REQUESTS_REAL: u64 = 20_000_000;
