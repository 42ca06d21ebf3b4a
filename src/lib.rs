#![warn(missing_docs, unreachable_pub)]
//! simsrv answers one question that every web developer meets: how many workers should my server
//! run? It simulates clients, a listen queue, workers and cores, request by request.
//!
//! ```
//! use simsrv::{Measure, Model, Load, Phase, Server, Settings, simulate};
//!
//! let load = Load::poisson("0.8/s".parse()?, vec![Phase::cpu("exp(1s)".parse()?)]);
//! let row = simulate(&Model::new(load, Server::ideal(1))?, &Settings::default())?;
//! let mean = row.measures.get(Measure::ResponseMean).ok_or("no request was answered")?;
//! // M/M/1: 1 s / (1 - 0.8) = 5 s.
//! assert!((mean.value - 5.0).abs() < 2.0 * mean.half_width.ok_or("no interval")?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The modules form layers; each uses only those below it (a test keeps it so):
//!
//! 1. [`time`], [`random`], [`heap`]: whole nanoseconds; streams of random numbers; a heap
//! 2. [`instant`], [`distribution`], [`record`], [`size`]: finer instants; distributions and their
//!    grammar; request records; bytes
//! 3. [`model`], [`stats`], [`theory`]: what is simulated; statistics; closed forms
//! 4. [`source`], [`servers`]: requests with everything drawn; the servers known by name
//! 5. [`engine`]: the loop over instants, and the recursion
//! 6. [`experiment`]: plans, cells, sweeps, rows of results
//! 7. [`scenario`], [`render`]: options as written; results as bytes
//! 8. [`fit`], [`job`]: from logs and load tests to a scenario; options in, results out
//! 9. [`page`]: results as a page; options from outside, within limits
//! 10. [`serve`]: the page over HTTP (feature `serve`)
//! 11. [`cli`]: flags, files, printing

pub mod cli;
pub mod distribution;
pub mod engine;
pub mod experiment;
pub mod fit;
pub mod heap;
pub mod instant;
pub mod job;
pub mod model;
pub mod page;
pub mod random;
pub mod record;
pub mod render;
pub mod scenario;
#[cfg(feature = "serve")]
pub mod serve;
pub mod servers;
pub mod size;
pub mod source;
pub mod stats;
pub mod theory;
pub mod time;

pub use experiment::PlanError;
pub use experiment::models::{simulate, sweep};
pub use experiment::plan::{Length, Plan, Settings};
pub use experiment::row::{Estimate, Measure, Row};
pub use model::{Load, Model, ModelError, Phase, Server};
