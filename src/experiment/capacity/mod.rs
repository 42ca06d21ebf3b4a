//! The most that a server can answer, and what bounds it.

pub(crate) mod bound;
pub(crate) mod hosts;
pub(crate) mod ideal;
pub(crate) mod killed;
pub(crate) mod total;
pub(crate) mod with_runtime;

pub(crate) use bound::Capacity;
pub use total::capacity;
