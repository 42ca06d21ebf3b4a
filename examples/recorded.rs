//! Requests that were recorded, on one, two and three workers: when the last is answered.
//!
//! `cargo run --release --example recorded`

use std::sync::Arc;

use simsrv::model::{Demand, PhaseKind, Trace};
use simsrv::time::{Span, Time};
use simsrv::{Load, Measure, Model, Server, Settings, sweep};

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Three requests that come at 0, 1 and 2 s and take 3 s each.
    let mut trace = Trace::new();
    for second in 0..3 {
        let demand = Demand::new(PhaseKind::Io, Span::from_secs_f64(3.0));
        trace.push(Time::from_nanos(second * 1_000_000_000), &[demand])?;
    }
    let trace = Arc::new(trace);
    let model = |workers| Model::new(Load::Trace(Arc::clone(&trace)), Server::ideal(workers));
    let models = (1..=3).map(model).collect::<Result<Vec<_>, _>>()?;
    let rows = sweep(models, &Settings::default())?;
    let last = |row: &simsrv::Row| row.measures.value(Measure::Makespan);
    for row in &rows {
        println!(
            "{} workers: the last answer after {} s",
            row.axes.workers,
            last(row).ok_or("none")?
        );
    }
    // By hand: one after the other 9 s; the third waits until 3 s for the first worker, 6 s; at once 5 s.
    assert_eq!(rows.iter().map(last).collect::<Vec<_>>(), [Some(9.0), Some(6.0), Some(5.0)]);
    Ok(())
}
