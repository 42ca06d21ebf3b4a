#![warn(missing_docs)]
//! simsrv answers one question that every web developer meets: how many workers should my server
//! run? It simulates clients, a listen queue, workers and cores, request by request.
//!
//! The modules stand on floors; each uses only those below it (a test keeps it so):
//!
//! 1. [`time`], [`random`]: whole nanoseconds; streams of random numbers
//! 2. [`law`], [`visit`]: distributions and their grammar; what an engine says
//! 3. [`theory`]: what is known without simulating
//! 4. [`experiment`]: plans, cells, sweeps, rows of results

pub mod cli;
pub mod engine;
pub mod experiment;
pub mod heap;
pub mod law;
pub mod model;
pub mod random;
pub mod theory;
pub mod time;
pub mod visit;
