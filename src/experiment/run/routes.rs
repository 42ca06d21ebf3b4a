//! What is measured of each route of a cell.

use crate::experiment::result::row::{Measure, RouteRow, Theory, TheoryKind};
use crate::experiment::run::replications::CellRun;
use crate::experiment::theory::theory_of;
use crate::stats::tally::Tally;
use crate::theory::Known;

/// The routes of a cell, in the order in which they were given; none where all requests are alike.
pub(super) fn rows(
    job: &CellRun<'_>,
    (sections, exact): (&[Tally], bool),
    known: Option<&Known>,
) -> Vec<RouteRow> {
    let theory = known.map(|known| theory_of::of_routes(job.model(), job.settings, known));
    let theory = |at: usize| theory.as_ref().and_then(|all| all.get(at).copied().flatten());
    let routes = job.model().routes().iter().enumerate();
    let row = |(at, route): (usize, &crate::model::Route)| {
        let tallies: Vec<Tally> =
            sections.iter().filter_map(|section| section.routes.get(at)).cloned().collect();
        let mut told = job.summary().tell(&tallies, exact);
        // A worker that is killed for memory works for no route.
        told.measures.forget(Measure::MemoryKills);
        // When the last is answered is told where each run has an answer, and nobody left without one.
        let answered = |tally: &Tally| tally.served > 0 && tally.served == tally.requests();
        if !exact || !tallies.iter().all(answered) {
            told.measures.forget(Measure::Makespan);
        }
        RouteRow {
            name: route.name.clone(),
            requests: tallies.iter().map(Tally::requests).sum(),
            refused: tallies.iter().map(|tally| tally.refused).sum(),
            measures: told.measures,
            response_ccdf: told.response_ccdf,
            theory_response_mean_s: theory(at).map(|(_, response)| response),
            theory: columns(known, theory(at)),
        }
    };
    routes.map(row).collect()
}

/// What the row of a route tells of theory, given its mean waiting and response time.
fn columns(known: Option<&Known>, means: Option<(f64, f64)>) -> Theory {
    let wait =
        |measure: &Measure| means.map(|(wait, _)| wait).filter(|_| *measure == Measure::WaitMean);
    let kind = match means {
        Some(_) => known.map(theory_of::kind),
        None => known.map(|_| TheoryKind::None),
    };
    Theory { kind, values: Theory::MEASURES.each_ref().map(wait) }
}
