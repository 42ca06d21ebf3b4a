//! How often the intervals that simsrv prints contain the truth: independent seeds of models whose
//! exact values are known, then of servers beside one long run, as the tables of `docs/trust.md`.
//!
//! `cargo bench --bench coverage -- [SEEDS [PRECISIONS [PART OF A NAME]]]`, with precisions such as
//! `10%,5%,2%`; 1000 seeds at 2 % if nothing is said.

mod cases;
mod servers;

use cases::{CASES, Tested};
use servers::SERVERS;

fn main() {
    // Cargo adds `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let seeds: u64 = arguments.first().map_or(1000, |text| text.parse().expect("SEEDS: a number"));
    let precisions = arguments.get(1).map_or("2%", String::as_str);
    let precisions: Vec<&str> = precisions.split(',').collect();
    let part = arguments.get(2).map_or("", String::as_str);
    println!(
        "| model | precision | measure | exact | coverage | bias | deviation | half-width | requests |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for case in CASES.iter().filter(|case| case.name.contains(part)) {
        for precision in &precisions {
            print((case.name, precision), case.test(1..seeds + 1, Some(precision)), seeds);
        }
    }
    for server in SERVERS.iter().filter(|server| server.name.contains(part)) {
        let truths = server.long_run();
        for precision in &precisions {
            let tested = server.test(&truths, 1..seeds + 1, Some(precision));
            print((server.name, precision), tested, seeds);
        }
    }
}

fn print((name, precision): (&str, &str), (tested, requests): (Vec<Tested>, f64), seeds: u64) {
    for one in tested {
        println!(
            "| {name} | {precision} | `{}` | {:.5} | {:.1} % | {:+.2} % | {:.2} % | {:.2} % | {:.1} M |",
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
