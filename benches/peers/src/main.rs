//! Runs one of the five models in one of the Rust peers and prints requests, mean response time in
//! seconds and nanoseconds of CPU time per request:
//!
//!     peers desque mm1 1000000

mod desque_models;
mod draws;
mod models;
mod nexosim_models;

use models::{MODELS, Model};

/// CPU time of this process in nanoseconds, user and system.
fn cpu_ns() -> f64 {
    // /proc/self/schedstat: nanoseconds on a CPU, of the main thread.
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|first| first.parse().ok()).unwrap_or(f64::NAN)
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let usage = "usage: peers desque|nexosim MODEL REQUESTS";
    let [peer, name, requests] = &args[..] else { panic!("{usage}") };
    let (_, model) = MODELS.iter().find(|(known, _)| known == name).expect(usage);
    let requests: u64 = requests.parse().expect(usage);
    let run: fn(Model, u64) -> f64 = match peer.as_str() {
        "desque" => desque_models::mean_response,
        "nexosim" => nexosim_models::mean_response,
        _ => panic!("{usage}"),
    };
    let begin = cpu_ns();
    let mean = run(*model, requests);
    println!("{requests} {mean} {}", (cpu_ns() - begin) / requests as f64);
}
