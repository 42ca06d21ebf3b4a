//! Tests of distributions: the grammar, the figures, the draws, the arrivals.
//!
//! Statistical tests have fixed seeds, so they pass or fail always; their level says how likely
//! a right program is to fail after a change of what it draws.

mod arrivals;
mod draws;
mod figures;
mod grammar;
mod pinned;
mod profiles;
mod second_order;

use super::error::DistributionError;
use super::{Distribution, SampleUnit};
use crate::random::{Purpose, Replication, Seed, Stream};
use crate::time::Span;

/// The stream of all tests; `lane` tells tests apart.
fn stream(lane: u64) -> Stream {
    Stream::new(Seed(1), Purpose::Phase(0), Replication(0), lane)
}

/// Measured values for `samples:`: 1 to 4 ms under the path `data.csv`, zeros under `zero.csv`.
fn load(path: &str, column: Option<&str>, _: Option<SampleUnit>) -> Result<Vec<Span>, String> {
    let milliseconds =
        |values: &[u64]| Ok(values.iter().map(|ms| Span::from_nanos(ms * 1_000_000)).collect());
    match (path, column) {
        ("empty.csv", _) => Ok(Vec::new()),
        ("zero.csv", _) => milliseconds(&[0, 0]),
        ("missing.csv", _) => Err("no such file".to_owned()),
        _ => milliseconds(&[4, 2, 1, 3]),
    }
}

fn parsed(text: &str) -> Result<Distribution, DistributionError> {
    Distribution::parse_with(text, &load)
}

#[track_caller]
fn distribution(text: &str) -> Distribution {
    parsed(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[track_caller]
fn near(got: f64, expect: f64, relative: f64, what: &str) {
    let error = (got - expect).abs() / expect.abs().max(f64::MIN_POSITIVE);
    assert!(error <= relative || got == expect, "{what}: {got}, expected {expect}");
}

/// One distribution of each kind, and of each parametrisation.
const EVERY_KIND: [&str; 25] = [
    "3s",
    "exp(20ms)",
    "uniform(10ms,30ms)",
    "erlang(mean=20ms,k=3)",
    "gamma(mean=20ms,cv=0.5)",
    "gamma(mean=20ms,cv=2)",
    "lognormal(mean=20ms,cv=2)",
    "lognormal(median=20ms,p99=300ms)",
    "lognormal(mean=20ms,p95=60ms)",
    "weibull(mean=20ms,shape=0.7)",
    "weibull(mean=20ms,cv=1.5)",
    "weibull(median=20ms,p90=100ms)",
    "pareto(mean=20ms,alpha=2.5)",
    "pareto(min=12ms,alpha=3.5)",
    "pareto(min=12ms,alpha=1,max=10s)",
    "pareto(min=12ms,alpha=2.2,max=1s)",
    "hyperexp(mean=20ms,cv=4)",
    "mix(90%:5ms,10%:exp(200ms))",
    "mix(1:exp(1ms),2:uniform(1s,2s),1:mix(50%:1s,50%:gamma(mean=3s,cv=0.3)))",
    "quantiles(p50=20ms,p99=300ms,max=2s)",
    "quantiles(min=1ms,p10=2ms,p99.9=300ms,max=2s)",
    "samples:data.csv#wait",
    "samples:data.csv",
    "exp(20ms) + 5ms",
    "mix(50%:samples:data.csv + 1ms,50%:2ms) + 3us",
];
