//! Ranking and selection: cells are simulated only until the best is known.

pub(crate) mod kim_nelson;
pub(crate) mod run;
