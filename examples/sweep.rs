//! How many workers on two cores, for requests of 20 ms of CPU and 60 ms of waiting for a database?
//!
//! `cargo run --release --example sweep`

use simsrv::experiment::row::Verdict;
use simsrv::model::Cores;
use simsrv::{Load, Measure, Model, Phase, Server, Settings, sweep};

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let phases = vec![Phase::cpu("exp(20ms)".parse()?), Phase::io("exp(60ms)".parse()?)];
    let load = Load::poisson("40/s".parse()?, phases);
    let model = |workers| {
        let server = Server { cores: Cores::whole(2), ..Server::ideal(workers) };
        Model::new(load.clone(), server)
    };
    let models = (3..=10).map(model).collect::<Result<Vec<_>, _>>()?;
    let rows = sweep(models, &Settings::default())?;
    for row in &rows {
        let p95 = match row.measures.get(Measure::ResponseP95) {
            Some(p95) => {
                format!("{:.0} ± {:.0} ms", 1e3 * p95.value, 1e3 * p95.half_width.unwrap_or(0.0))
            }
            None => "overloaded".to_owned(),
        };
        let named = if row.verdict() == Some(Verdict::Named) { "   <- this many" } else { "" };
        println!("{:>2} workers   {p95}{named}", row.axes.workers);
    }
    // 40/s x 80 ms keep 3.2 workers busy: three are too few.
    assert_eq!(rows[0].verdict(), Some(Verdict::Overloaded));
    Ok(())
}
