//! Models in, rows out: what a program asks that has no options as text.

use std::sync::atomic::AtomicBool;

use crate::experiment::error::PlanError;
use crate::experiment::nonstationary;
use crate::experiment::plan::{Cell, Length, Plan, Settings};
use crate::experiment::result::cell::CellResult;
use crate::experiment::result::row::Row;
use crate::experiment::run::control::Control;
use crate::experiment::sweep::sweep as run;
use crate::model::Model;

/// Simulates a model, on the threads of the pool that it is called from.
///
/// # Errors
/// [`PlanError::Endless`], or one of a profile of arrivals, if the settings do not go with the model.
pub fn simulate(model: &Model, settings: &Settings) -> Result<Row, PlanError> {
    let mut rows = sweep([model.clone()], settings)?;
    rows.pop().ok_or(PlanError::NotRun)
}

/// Simulates models, in parallel, and compares them as the command does: the verdict of each row says
/// which was shown to be near the best; those that differ in cores or load are no choice. For a run that
/// can be stopped, see [`crate::experiment::sweep`].
///
/// # Errors
/// [`PlanError::NoModels`]; [`PlanError::SomeFinite`], [`PlanError::Endless`], or one of a profile of
/// arrivals, if the settings do not go with the models.
pub fn sweep(
    models: impl IntoIterator<Item = Model>,
    settings: &Settings,
) -> Result<Vec<Row>, PlanError> {
    let plan = Plan::of_models(models, settings)?;
    let never = AtomicBool::new(false);
    let (_, cells) = run(plan, Control::new(&never), |_: &CellResult| ());
    Ok(cells.into_iter().flatten().map(|cell| cell.row).collect())
}

impl Plan {
    /// A plan for models. Finite ones (a trace, clients that each send so many requests) are run as
    /// stories whatever the length in `settings` is. Models that have the same place on all axes become
    /// cases, named by their position from 1.
    ///
    /// # Errors
    /// [`PlanError::NoModels`], [`PlanError::SomeFinite`], [`PlanError::Endless`], and those of
    /// `nonstationary::check`.
    pub(crate) fn of_models(
        models: impl IntoIterator<Item = Model>,
        settings: &Settings,
    ) -> Result<Plan, PlanError> {
        let mut settings = settings.clone();
        let mut cells: Vec<Cell> = models.into_iter().map(|model| Cell::of(model, None)).collect();
        let finite = cells.iter().filter(|cell| cell.model.story_requests().is_some()).count();
        match finite {
            _ if cells.is_empty() => return Err(PlanError::NoModels),
            0 if settings.length == Length::Story => return Err(PlanError::Endless),
            0 => {}
            all if all == cells.len() => settings.length = Length::Story,
            finite => return Err(PlanError::SomeFinite { finite, all: cells.len() }),
        }
        for cell in &cells {
            nonstationary::check(&cell.model, &settings)?;
        }
        let alike = |at: usize| cells[..at].iter().any(|cell| cell.axes == cells[at].axes);
        if (0..cells.len()).any(alike) {
            for (at, cell) in cells.iter_mut().enumerate() {
                cell.axes.case = Some((at + 1).to_string());
            }
        }
        Ok(Plan { cells, settings, skipped: Vec::new(), search: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::result::row::{Measure, Verdict};
    use crate::model::{Cores, Load, Phase, Server};

    fn load(rate: &str, cpu: &str) -> Load {
        Load::poisson(rate.parse().unwrap(), vec![Phase::cpu(cpu.parse().unwrap())])
    }

    /// M/M/1 at a load of 0.5 and 0.8: 1 s / (1 - load). Two models of one place are cases, and none is
    /// compared with the other.
    #[test]
    fn models_of_one_place_are_cases() {
        let one = |cpu: &str| Model::new(load("0.5/s", cpu), Server::ideal(1)).unwrap();
        let settings = Settings { precision: 0.05, ..Settings::default() };
        let rows = sweep([one("exp(1s)"), one("exp(1.6s)")], &settings).unwrap();
        for (row, (case, mean)) in rows.iter().zip([("1", 2.0), ("2", 8.0)]) {
            assert_eq!(row.axes.case.as_deref(), Some(case));
            let got = row.measures.get(Measure::ResponseMean).unwrap();
            // Five half-widths: some ten standard errors.
            assert!((got.value - mean).abs() < 5.0 * got.half_width.unwrap(), "{got:?}");
        }
    }

    #[test]
    fn workers_are_compared() {
        // Cells of other cores are no choice: all have as many.
        let server = |workers| Server { cores: Cores::whole(6), ..Server::ideal(workers) };
        let of = |workers| Model::new(load("1.5/s", "exp(1s)"), server(workers)).unwrap();
        let rows = sweep([of(2), of(6)], &Settings::default()).unwrap();
        assert_eq!(rows[1].verdict(), Some(Verdict::Named));
        assert_eq!(rows[0].verdict(), Some(Verdict::Worse));
    }

    #[test]
    fn what_never_ends_is_refused() {
        let model = || Model::new(load("1/s", "exp(1s)"), Server::ideal(2)).unwrap();
        let story = Settings { length: Length::Story, ..Settings::default() };
        assert!(simulate(&model(), &story).unwrap_err().to_string().contains("go on for ever"));
        assert!(sweep([], &story).unwrap_err().to_string().contains("at least one"));
    }
}
