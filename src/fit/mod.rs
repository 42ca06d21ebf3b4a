//! From what people have to a scenario: access logs and results of load tests.
pub mod bytes;
pub mod formats;
pub mod json;
pub mod lines;
pub mod record;
