//! A plan is a base model and axes; its cells are simulated in parallel and give rows.

pub mod row;
