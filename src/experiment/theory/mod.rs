//! What theory says of a cell, and whether the simulation agrees.

pub mod against;
pub(crate) mod distributions;
pub(crate) mod hosts;
pub(crate) mod routes;
pub(crate) mod theory_of;

pub(crate) use theory_of::of_routes;
pub use theory_of::{columns, exact, kind, name, theory_of, value};
