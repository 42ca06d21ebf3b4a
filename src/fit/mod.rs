//! From what people have to a scenario: access logs and results of load tests in, service times,
//! arrivals and a scenario out.
//!
//! A log has response times, not service times: the wait for a worker is in them, and where
//! workers share cores, the wait for a core. [`service`] takes both out.
//!
//! | module | what it knows |
//! |---|---|
//! | [`formats`] | one file a format, one table of all |
//! | [`ledger`] | lines gathered in bounded memory |
//! | `occupancy`, `sharing`, [`service`] | when workers were busy; who shared cores; the time on an idle machine |
//! | `growth` | whether workers were added while the log was written |
//! | `arrivals`, [`routes`], `route_tables`, `shape` | how requests come; which are of one kind, and what each takes; distributions |
//! | [`measured`] | a model out of a few figures |
//! | [`question`] | the options, and what files say to them |
//! | [`findings`], [`report`], [`results_json`], [`scenario_text`], [`trace_text`] | all of it; as text, JSON, scenario, trace |
//! | `observe` | lines for a server's configuration that log CPU and wall time |
//! | [`check`], [`load_tests`] | predicted beside logged; the load test by which a prediction is tried |

pub(crate) mod arrivals;
pub mod bytes;
pub mod check;
pub mod findings;
pub mod formats;
pub(crate) mod growth;
pub(crate) mod json;
pub mod ledger;
pub(crate) mod lines;
pub mod load_tests;
pub mod measured;
pub(crate) mod observe;
pub(crate) mod occupancy;
pub mod question;
pub mod record;
pub mod report;
pub mod results_json;
mod route_tables;
pub mod routes;
pub mod scenario_text;
pub mod service;
pub(crate) mod shape;
pub(crate) mod sharing;
pub mod trace_text;
