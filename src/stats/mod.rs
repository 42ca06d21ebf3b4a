//! Statistics of simulation: sinks that count records in whole numbers, and what may be inferred
//! from several independent runs of them.

pub(crate) mod histogram;
pub mod inference;
pub(crate) mod quantiles;
pub mod tally;
pub mod window;
