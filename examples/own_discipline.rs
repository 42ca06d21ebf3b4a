//! A queue discipline of your own: of the requests that wait, the shortest is next.
//!
//! `cargo run --release --example own_discipline`

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use simsrv::model::{Discipline, Order, OwnOrder, Waiting};
use simsrv::time::Span;
use simsrv::{Load, Measure, Model, Phase, Server, Settings, simulate};

/// Waiting requests, the shortest on top.
#[derive(Debug, Default)]
struct ShortestFirst(BinaryHeap<Reverse<(Span, u32)>>);

impl Order for ShortestFirst {
    fn join(&mut self, request: Waiting) {
        self.0.push(Reverse((request.demand, request.id)));
    }

    fn next(&mut self) -> Option<u32> {
        self.0.pop().map(|Reverse((_, id))| id)
    }
}

/// Mean wait of M/M/1 with the shortest job next, at a load `rho` with jobs of 1 s on average (Phipps
/// 1956, Operations Research 4:76): the residual work, divided for each length by the square of the time
/// that jobs as long or shorter leave.
fn by_theory(rho: f64) -> f64 {
    let step = 1e-4;
    let part = |at: f64| {
        let busy = rho * (1.0 - (1.0 + at) * (-at).exp());
        (-at).exp() / (1.0 - busy).powi(2)
    };
    let integral: f64 = (0..400_000).map(|n| part((n as f64 + 0.5) * step) * step).sum();
    rho * integral
}

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let shortest = OwnOrder { name: "shortest first", empty: || Box::<ShortestFirst>::default() };
    let settings = Settings { precision: 0.05, ..Settings::default() };
    let mut waits = Vec::new();
    for discipline in [Discipline::Fifo, Discipline::Own(shortest)] {
        let load = Load::poisson("0.8/s".parse()?, vec![Phase::cpu("exp(1s)".parse()?)]);
        let server = Server { discipline, ..Server::ideal(1) };
        let row = simulate(&Model::new(load, server)?, &settings)?;
        let wait = row.measures.get(Measure::WaitMean).ok_or("no request was answered")?;
        let half_width = wait.half_width.ok_or("no interval")?;
        println!("{discipline:<15}  mean wait {:.2} ± {half_width:.2} s", wait.value);
        waits.push((wait.value, half_width));
    }
    let theory = by_theory(0.8);
    println!("by theory        mean wait {:.2} s and {theory:.2} s", 0.8 / 0.2);
    // Five half-widths of a 95 % interval are some ten standard errors.
    for ((wait, half_width), theory) in waits.into_iter().zip([4.0, theory]) {
        assert!((wait - theory).abs() < 5.0 * half_width, "{wait} ± {half_width}, not {theory}");
    }
    Ok(())
}
