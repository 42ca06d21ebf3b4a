//! Recorded requests, and what the model makes of the same arrivals and demands.

mod quota_phase;
pub mod validation;
