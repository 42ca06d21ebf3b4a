//! The most that a server can answer, and what bounds it.

pub mod bound;
pub(crate) mod detailed;
pub(crate) mod hosts;
pub(crate) mod ideal;
pub(crate) mod total;

pub use bound::{Capacity, Resource};
pub use total::capacity;
