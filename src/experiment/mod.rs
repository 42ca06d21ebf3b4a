//! A plan is cells and how to run them; they are simulated in parallel and give rows.

pub mod against_theory;
pub mod compare;
mod contest;
mod control;
pub mod course;
mod front;
mod job;
mod length;
pub mod measure;
mod memory;
pub mod over_time;
mod periods;
pub mod plan;
mod real;
pub mod replay;
pub mod row;
pub mod run;
pub mod saturation;
pub mod select;
mod settling;
pub mod stability;
mod summary;
pub mod sweep;
pub mod tails;
pub mod theory_of;
mod together;
pub mod validation;

pub use control::Control;
pub use length::SECTIONS;
pub use plan::{Cell, Length, Plan, Settings};
pub use run::CellResult;
