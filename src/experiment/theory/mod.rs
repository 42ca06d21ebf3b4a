//! What theory says of a cell, and whether the simulation agrees.

pub(crate) mod against;
pub(crate) mod distributions;
pub(crate) mod hosts;
pub mod routes;
pub(crate) mod theory_of;

pub use theory_of::of_routes;
pub use theory_of::theory_of;
pub use theory_of::{columns, exact, kind, name, value};
