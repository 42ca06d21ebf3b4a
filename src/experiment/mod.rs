//! A plan is cells and how to run them; they are simulated in parallel and give rows.

pub mod compare;
pub mod plan;
mod real;
pub mod row;
pub mod run;
pub mod stability;
mod summary;
pub mod sweep;
pub mod theory_of;
pub mod validation;

pub use plan::{Cell, Length, Plan, Settings};
pub use run::{CellResult, Control};
