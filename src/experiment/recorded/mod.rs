//! Recorded requests, and what the model makes of the same arrivals and demands.

mod look_phase;
mod quota_phase;
pub mod validation;
