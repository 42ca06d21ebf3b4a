//! From flags or a TOML file, as written, to a plan of cells, or a sentence that says what is
//! wrong and where.

mod auto;
pub mod chart;
pub mod comparison;
pub mod defaults;
pub mod expect;
pub mod file;
pub mod keys;
pub mod lists;
pub mod memory;
pub mod other_words;
mod peak;
pub mod phases;
pub mod raw_options;
pub mod read;
pub mod recorded;
pub mod resolve;
pub mod routes;
pub mod runs;
pub mod runtime;
pub mod server;
pub mod slo;
pub mod suggest;
pub mod trace_file;
pub mod values;
pub mod written;

pub use chart::{ChartKind, ChartWanted};
pub use file::Scenario;
pub use raw_options::{Place, Problem, RawOptions, Value};
pub use read::{Case, Files, NoFiles};
pub use resolve::{plan, plan_of_one, server};
