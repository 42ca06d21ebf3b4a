//! From flags or a TOML file, as written, to a plan of cells, or a sentence that says what is
//! wrong and where.

mod auto;
pub mod chart;
pub(crate) mod comparison;
pub(crate) mod defaults;
pub mod expect;
pub mod file;
pub mod keys;
pub mod lists;
pub(crate) mod memory;
pub(crate) mod other_words;
mod peak;
pub mod phases;
pub(crate) mod raw_options;
pub(crate) mod read;
pub mod recorded;
pub(crate) mod resolve;
pub(crate) mod routes;
pub mod runs;
pub(crate) mod runtime;
pub mod server;
pub mod slo;
pub(crate) mod suggest;
pub mod trace_file;
pub(crate) mod values;
pub mod written;

pub(crate) use chart::{ChartKind, ChartWanted};
pub use raw_options::{Place, Problem, RawOptions, Value};
pub use read::{Case, Files, NoFiles};
pub use resolve::{plan, plan_of_one, server};
