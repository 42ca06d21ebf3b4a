//! Whether the engines say what is true of the model: one binary, because linking is the cost.
//!
//! - `traces`: stories with exact answers, through the command and through the twin;
//! - `engines`: random models, the engine of events against its slow twin (`twin`, in exact
//!   fractions: `ratio`) and against the recursion;
//! - `accepting`: who accepts a connection and when, by stories to the nanosecond;
//! - `runtime`: what a runtime adds to a server, by stories; each set of policies against the others;
//! - `servers`: servers by name and by their own configuration;
//! - `hosts`: several hosts behind a balancer and a pool behind them, by stories, exact answers and
//!   a slow twin (`hosts_twin`);
//! - `pools`: pools of each process, their timeouts, and workers that slow each other down, by stories;
//! - `proxy`: a proxy that waits only so long, by stories to the nanosecond;
//! - `choice`: what is named was shown, by exact answers;
//! - `invariants`: what must hold of any run, and of the command whatever the threads;
//! - `draws`: what sources hand over depends on the seed and the number of the request only;
//! - `progress`: random models of every kind of server end, and spend no time twice;
//! - `promises`: intervals that contain the truth, selections that find the best;
//! - `architecture`, `circles`: the layers of the modules, and no import circle inside one;
//! - `words`: the words to avoid occur nowhere;
//! - `oracles`: the command against published exact values.

mod accepting;
mod architecture;
mod cases;
mod choice;
mod circles;
mod command;
mod configurations;
mod cut_short;
mod draws;
mod engines;
mod examples;
mod hosts;
mod hosts_twin;
mod invariants;
mod memory;
#[path = "../../fuzz/models.rs"]
mod models;
mod options;
mod oracles;
mod pools;
mod progress;
mod promises;
mod proxy;
mod ratio;
mod runtime;
mod servers;
mod shards;
mod traces;
mod twin;
mod words;
