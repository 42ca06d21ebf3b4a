//! What queueing theory knows of a job, without simulating.

use rayon::prelude::*;

use super::{Error, Job};
use crate::experiment::theory::theory_of;
use crate::experiment::{Cell, Plan, stability};
use crate::render::Origin;
use crate::render::theory::Told;
use crate::scenario::{self, Problem, RawOptions};

/// What is known of the cells of a job.
pub struct Known {
    /// The cells.
    pub plan: Plan,
    /// What is known of each.
    pub cells: Vec<Told>,
    /// Where it comes from.
    pub origin: Origin,
}

impl Job {
    /// What is known of the cells without simulating them.
    ///
    /// # Errors
    /// What is wrong with the options; also if one of them needs a simulation.
    pub fn theory(&self) -> Result<Known, Error> {
        refuse_simulation(&self.base)?;
        let plan = scenario::plan_of_one(&self.base, &self.cases, &*self.files)?;
        let cells = plan.cells.par_iter().map(|cell| tell(cell, &plan)).collect();
        let origin = Origin {
            version: env!("CARGO_PKG_VERSION"),
            command: self.typed.clone(),
            seed: plan.settings.seed.0,
            hash: self.hash(),
            partial: None,
            comments: scenario::read::switch(&self.base, "csv-comments")?,
            servers: self.servers()?,
        };
        Ok(Known { plan, cells, origin })
    }
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

fn tell(cell: &Cell, plan: &Plan) -> Told {
    let stability = stability::expected(&cell.model, &plan.settings);
    Told { axes: cell.axes.clone(), stability, known: theory_of(&cell.model, &plan.settings) }
}
