#![warn(missing_docs)]
//! simsrv answers one question that every web developer meets: how many workers should my server
//! run? It simulates clients, a listen queue, workers and cores, request by request.
//!
//! The modules stand on floors; each uses only those below it (a test keeps it so):
//!
//! 1. [`time`], [`random`], [`heap`]: whole nanoseconds; streams of random numbers; a heap
//! 2. [`instant`], [`distribution`], [`record`], [`size`]: finer instants; distributions and their
//!    grammar; what an engine says; bytes
//! 3. [`model`], [`stats`], [`theory`]: what is simulated; what may be inferred; closed forms
//! 4. [`source`], [`servers`]: requests with everything drawn; the servers known by name
//! 5. [`engine`]: the loop over instants, and the recursion
//! 6. [`experiment`]: plans, cells, sweeps, rows of results
//! 7. [`scenario`], [`render`]: options as raw; results as bytes
//! 8. [`cli`]: flags, files, printing

pub mod cli;
pub mod distribution;
pub mod engine;
pub mod experiment;
pub mod heap;
pub mod instant;
pub mod model;
pub mod random;
pub mod record;
pub mod render;
pub mod scenario;
pub mod servers;
pub mod size;
pub mod source;
pub mod stats;
pub mod theory;
pub mod time;
