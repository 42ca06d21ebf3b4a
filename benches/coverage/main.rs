//! How often the intervals that simsrv prints contain the truth: independent seeds of models whose
//! exact values are known, then of servers beside one long run, as the tables of `docs/trust.md`.
//!
//! `cargo bench --bench coverage -- [SEEDS [PRECISION [PART OF A NAME]]]`; 1000 seeds at the
//! default precision if nothing is said.

mod cases;
mod servers;

use cases::{CASES, Tested};
use servers::SERVERS;

fn main() {
    // Cargo adds `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let seeds: u64 = arguments.first().map_or(1000, |text| text.parse().expect("SEEDS: a number"));
    let precision = arguments.get(1).map(String::as_str);
    let part = arguments.get(2).map_or("", String::as_str);
    println!("| model | measure | exact | coverage | bias | deviation | half-width | requests |");
    println!("|---|---|---|---|---|---|---|---|");
    for case in CASES.iter().filter(|case| case.name.contains(part)) {
        print(case.name, case.test(1..seeds + 1, precision), seeds);
    }
    for server in SERVERS.iter().filter(|server| server.name.contains(part)) {
        print(server.name, server.test(1..seeds + 1, precision), seeds);
    }
}

fn print(name: &str, (tested, requests): (Vec<Tested>, f64), seeds: u64) {
    for one in tested {
        println!(
            "| {name} | `{}` | {:.5} | {:.1} % | {:+.2} % | {:.2} % | {:.2} % | {:.1} M |",
            one.measure,
            one.truth,
            100.0 * one.hits as f64 / seeds as f64,
            100.0 * one.bias,
            100.0 * one.deviation,
            100.0 * one.half_width,
            requests / 1e6
        );
    }
}
