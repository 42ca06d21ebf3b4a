//! How long a cell is run, and the runs themselves.

pub(crate) mod cell;
pub(crate) mod control;
pub(crate) mod cycles;
pub(crate) mod film;
pub mod replay;
pub(crate) mod replications;
mod routes;
pub(crate) mod run_length;
pub mod saturation;
pub(crate) mod settling;
pub mod shards;
pub(crate) mod shared_draws;
pub mod stability;

pub use control::Control;
