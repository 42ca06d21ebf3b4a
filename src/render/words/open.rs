//! What is said where the simulated requests do not decide.

use super::{servers_among, short_among};
use crate::experiment::CellResult;
use crate::experiment::plan::{Length, Plan};

/// `Between 6 and 8 workers`.
pub(super) fn range_of(results: &[&CellResult], (first, last): (usize, usize)) -> String {
    let axes = |at: usize| &results[at].row.axes;
    if first == last {
        return format!("Perhaps {}", servers_among(axes(first), results));
    }
    let (from, to) = (short_among(axes(first), results), servers_among(axes(last), results));
    format!("Between {from} and {to}")
}

/// What is said of a range.
pub(crate) const UNDECIDED: &str = ": not enough requests to say";

/// What decides where the number of requests is given. The page gives that of its first stage itself,
/// and says something else in its place.
pub(crate) const MORE_REQUESTS: &str = "give more --requests, or drop them";

/// What to change so that an open question is decided.
pub(super) fn what_decides(plan: &Plan) -> &'static str {
    match plan.settings.length {
        Length::Auto => "give a larger --max-requests-simulated or --max-time",
        Length::Requests(_) => MORE_REQUESTS,
        Length::Duration(_) => "give a longer --duration, or drop it",
        Length::Story if plan.settings.replications.is_some() => {
            "give more --replications, or drop them"
        }
        Length::Story => "give a larger --max-requests-simulated",
    }
}
