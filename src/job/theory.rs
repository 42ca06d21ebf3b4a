//! What queueing theory knows of a job, without simulating.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::{Error, Job};
use crate::experiment::row::Axes;
use crate::experiment::theory::{of_routes, theory_of};
use crate::experiment::{Cell, Plan, stability};
use crate::model::Route;
use crate::render::Origin;
use crate::render::theory::CellTheory;
use crate::scenario::{self, Problem, RawOptions};
use crate::theory::Known;

/// What is known of the cells of a job.
pub struct KnownCells {
    /// The cells.
    pub(crate) plan: Plan,
    /// What is known of each, and after it of each of its routes.
    pub cells: Vec<CellTheory>,
    /// Where it comes from.
    pub origin: Origin,
}

impl Job {
    /// What is known of the cells without simulating them.
    ///
    /// # Errors
    /// What is wrong with the options; also if one of them needs a simulation.
    pub fn theory(&self) -> Result<KnownCells, Error> {
        self.theory_until(&AtomicBool::new(false))
    }

    /// The same; the cells that are left are not told of once `stop` is set.
    ///
    /// # Errors
    /// Those of [`Job::theory`].
    pub fn theory_until(&self, stop: &AtomicBool) -> Result<KnownCells, Error> {
        refuse_simulation(&self.base)?;
        let plan = scenario::plan_of_one(&self.base, &self.cases, &*self.files)?;
        let told: Vec<Vec<CellTheory>> =
            plan.cells.par_iter().map(|cell| told_unless(stop, cell, &plan)).collect();
        let cells = told.into_iter().flatten().collect();
        let origin = Origin {
            version: env!("CARGO_PKG_VERSION"),
            command: self.typed.clone(),
            seed: plan.settings.seed.0,
            hash: self.hash(),
            partial: None,
            comments: scenario::read::switch(&self.base, "csv-comments")?,
            servers: self.servers()?,
        };
        Ok(KnownCells { plan, cells, origin })
    }
}

fn told_unless(stop: &AtomicBool, cell: &Cell, plan: &Plan) -> Vec<CellTheory> {
    if stop.load(Ordering::Relaxed) { Vec::new() } else { tell(cell, plan) }
}

fn refuse_simulation(raw: &RawOptions) -> Result<(), Problem> {
    if let Some(value) = raw.get("format").filter(|value| value.text == "config") {
        let sentence = "--format config is the best of what was simulated: drop the word 'theory'";
        return Err(Problem::at(value, sentence));
    }
    for (key, value) in raw.iter() {
        if let Some(why) = key.simulated {
            let name = key.name;
            let sentence = format!(
                "--{name} cannot be used with 'simsrv theory', which simulates nothing: {why}; \
                 drop it, or drop the word 'theory'"
            );
            return Err(Problem::at(value, sentence));
        }
    }
    Ok(())
}

fn tell(cell: &Cell, plan: &Plan) -> Vec<CellTheory> {
    let stability = stability::expected(&cell.model, &plan.settings);
    let known = theory_of(&cell.model, &plan.settings);
    let means = of_routes(&cell.model, &plan.settings, &known);
    let route = |(route, means): (&Route, &Option<(f64, f64)>)| {
        let known = match means {
            Some((wait, response)) => Known {
                wait_mean: Some(*wait),
                response_mean: Some(*response),
                throughput: known.throughput.map(|rate| rate * route.share),
                ..only_named(&known)
            },
            None => {
                let why = "what a route has by itself is not known here".to_owned();
                Known::nothing(known.name.clone(), why)
            }
        };
        CellTheory {
            axes: Axes { route: Some(route.name.clone()), ..cell.axes.clone() },
            stability,
            known,
        }
    };
    let routes: Vec<CellTheory> = cell.model.routes().iter().zip(&means).map(route).collect();
    let all = CellTheory { axes: cell.axes.clone(), stability, known };
    std::iter::once(all).chain(routes).collect()
}

/// The model and what kind of answer there is, without figures.
fn only_named(known: &Known) -> Known {
    let nothing = Known::nothing(known.name.clone(), String::new());
    let (condition, source) = (known.condition, known.source);
    Known { answer: known.answer.clone(), condition, source, ..nothing }
}
