//! Ranking and selection: which cell is named, and where the effort goes.

pub(crate) mod decide;
pub(crate) mod kim_nelson;
pub(crate) mod limits;
pub(crate) mod run;
pub(crate) mod screen;
pub(crate) mod search;
