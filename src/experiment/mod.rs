//! A plan is cells and how to run them; they are simulated in parallel and give rows.
//!
//! The folders show the way of a cell: `plan` (what to run), [`run`] (how long, and the runs),
//! `result` (what came out), `select` (where effort goes), [`theory`] (what formulas say of it)
//! and [`recorded`] (what a real server did). Below them: [`capacity`], `periodic`.

pub mod capacity;
mod error;
pub(crate) mod models;
pub(crate) mod nonstationary;
pub(crate) mod periodic;
pub(crate) mod plan;
pub mod recorded;
pub(crate) mod result;
pub mod run;
pub(crate) mod select;
pub mod sweep;
pub mod theory;
pub(crate) mod timeseries;

pub use error::PlanError;
pub use plan::{Cell, Length, Plan, SECTIONS, Settings};
pub use result::{CellResult, choice, compare, objective, row, tails};
pub use run::cell::run_cell;
pub(crate) use run::film;
pub use run::{Control, replay, saturation, stability};
pub(crate) use select::{limits, search};
