//! From what people have to a scenario: access logs and results of load tests.
pub mod bytes;
pub mod formats;
pub mod json;
pub mod ledger;
pub mod lines;
pub mod occupancy;
pub mod record;
pub mod routes;
pub mod service;
pub mod sharing;
