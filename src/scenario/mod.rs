//! From flags or a TOML file, as written, to a plan of cells, or a sentence that says what is
//! wrong and where.

pub mod chart;
pub mod expect;
pub mod file;
pub mod judge;
pub mod keys;
pub mod lists;
mod memory;
pub mod phases;
pub mod practice;
pub mod recorded;
pub mod resolve;
pub mod runs;
pub mod server;
pub mod trace_file;
pub mod written;

pub use chart::{ChartKind, ChartWanted};
pub use file::Scenario;
pub use resolve::{Case, Files, plan, server};
pub use written::{Place, Problem, Value, Written};
