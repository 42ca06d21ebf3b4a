//! Real servers beside the ideal one: the same load on the same workers and cores, both by the whole
//! program, in one run. What a server has and the ideal one has not should cost little.

use simsrv::experiment::row::Row;

use super::{Options, median, per_request, replication};

/// Requests of one measurement.
const REQUESTS: u64 = 500_000;
/// Measurements; the median counts.
const ROUNDS: usize = 5;

/// A row: its name, the options of both, those of the ideal server, those of the real one.
type Case = (&'static str, Options, Options, Options);

const PHASES: [(&str, &str); 2] = [("cpu", "exp(12ms)"), ("io", "exp(40ms)")];

#[rustfmt::skip]
const ROWS: [Case; 10] = [
    ("sync", &[("workers", "8"), ("cores", "4"), ("rate", "100/s")], &[], &[("class", "sync")]),
    ("sync, a core each", &[("workers", "4"), ("cores", "4"), ("rate", "60/s")], &[], &[("class", "sync")]),
    ("gunicorn, a core each", &[("workers", "4"), ("cores", "4"), ("rate", "60/s")], &[], &[("server", "gunicorn")]),
    ("php-fpm", &[("workers", "8"), ("cores", "4"), ("rate", "100/s")], &[], &[("server", "php-fpm")]),
    ("puma 4x4", &[("workers", "4"), ("threads", "4"), ("cores", "2"), ("rate", "120/s")], &[], &[("server", "puma")]),
    ("gthread 4x4", &[("workers", "4"), ("threads", "4"), ("cores", "2"), ("rate", "120/s")], &[], &[("class", "gthread")]),
    ("gevent", &[("workers", "8"), ("cores", "4"), ("rate", "100/s")], &[], &[("class", "gevent")]),
    ("asgi", &[("workers", "8"), ("cores", "4"), ("rate", "100/s")], &[], &[("class", "asgi")]),
    ("4 hosts of 8 workers, sync", &[("rate", "400/s")], &[("workers", "32"), ("cores", "16")], &[("workers", "8"), ("cores", "4"), ("hosts", "4"), ("class", "sync")]),
    ("quota of 2 cores, sync", &[("workers", "8"), ("rate", "60/s")], &[("cores", "2")], &[("cores", "2"), ("class", "sync"), ("quota-period", "100ms")]),
];

/// Prints a line for each row.
pub fn print() {
    println!("\n{:<34}{:>12}{:>12}{:>9}", "server", "ideal ns", "server ns", "ratio");
    for (name, both, ideal, server) in ROWS {
        let run = |own: Options| {
            let options = PHASES.iter().chain(both).chain(own);
            replication(&options.copied().collect::<Vec<_>>(), REQUESTS)
        };
        let (ideal, server) = (run(ideal), run(server));
        let each = |run: &dyn Fn() -> Row| per_request(|| run().requests);
        let (mut ideals, mut servers) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            ideals.push(each(&ideal));
            servers.push(each(&server));
        }
        let (ideal, server) = (median(ideals), median(servers));
        println!("{name:<34}{ideal:>12.1}{server:>12.1}{:>9.2}", server / ideal);
    }
}
