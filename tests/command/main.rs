//! The command line, used as a person or a script uses it: arguments in; exit code, both outputs
//! and files out.

#[cfg(unix)]
mod advice;
mod answers;
mod check;
mod endings;
mod files;
mod fit;
mod formats;
mod fuzz;
mod loads;
mod memory;
mod others;
mod pictures;
mod readers;
mod refused;
mod routes;
mod scenarios;
mod schema;
mod servers;
mod shards;
mod support;
#[cfg(unix)]
mod terminal;
mod texts;
mod theory;
mod traces;
mod validate;
