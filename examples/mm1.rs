//! One worker, Poisson arrivals, exponential service: the mean response time beside its formula.
//!
//! `cargo run --release --example mm1`

use simsrv::{Load, Measure, Model, Phase, Server, Settings, simulate};

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("load   simulated   theory");
    for load in [0.5, 0.8, 0.9] {
        let arrivals =
            Load::poisson(format!("{load}/s").parse()?, vec![Phase::cpu("exp(1s)".parse()?)]);
        let row = simulate(&Model::new(arrivals, Server::ideal(1))?, &Settings::default())?;
        let mean = row.measures.get(Measure::ResponseMean).ok_or("no request was answered")?;
        let half_width = mean.half_width.ok_or("no interval")?;
        let theory = 1.0 / (1.0 - load);
        println!("{load:>4}   {:.2} ± {half_width:.2} s   {theory:.2} s", mean.value);
        // Five half-widths of a 95 % interval are some ten standard errors.
        assert!((mean.value - theory).abs() < 5.0 * half_width);
    }
    Ok(())
}
