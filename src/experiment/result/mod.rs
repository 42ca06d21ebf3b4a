//! What came out: from tallies to rows, and how rows compare.

pub(crate) mod cell;
pub mod choice;
pub mod compare;
pub(crate) mod measure;
pub(crate) mod memory;
pub mod objective;
pub(crate) mod rare;
pub mod row;
pub(crate) mod server_facts;
pub(crate) mod summary;
pub mod tails;

pub use cell::CellResult;
