//! Sweeps that are refused unless their size was confirmed.

use crate::experiment::Plan;
use crate::model::{MAX_CLIENTS, MAX_SLOTS};
use crate::render::number::count;
use crate::scenario::read::switch;
use crate::scenario::{Case, Problem, RawOptions, lists};

/// Cells beyond which a sweep has to be asked for twice.
const MANY_CELLS: usize = 5_000;

/// Requests beyond which a sweep has to be asked for twice.
const MANY_REQUESTS: u128 = 2_000_000_000;

/// The most cells, whatever is confirmed: a plan takes about a kilobyte for each.
const MOST_CELLS: usize = 1_000_000;

/// How many cells the lists of some options make, before they are multiplied out. What cannot be read
/// counts as one value: it is refused where it is read.
pub(crate) fn cells(raw: &RawOptions) -> usize {
    let counts = |name: &'static str, most: u32| {
        let list = raw.get(name).and_then(|value| lists::counts(&value.text, name, most).ok());
        list.map_or(1, |list| list.len())
    };
    let items = |name: &str| raw.get(name).map_or(1, |value| value.text.split(',').count());
    let of = |name: &str| raw.get(name).map(|value| value.text.as_str());
    let lengths = [
        counts("workers", MAX_SLOTS),
        counts("threads", MAX_SLOTS),
        counts("hosts", MAX_SLOTS),
        counts("clients", MAX_CLIENTS),
        counts("pool", MAX_SLOTS),
        of("cores").and_then(|text| lists::cores(text).ok()).map_or(1, |list| list.len()),
        of("rate").and_then(|text| lists::rates(text).ok()).map_or(1, |list| list.len()),
        of("memory").and_then(|text| lists::sizes(text).ok()).map_or(1, |list| list.len()),
        items("class"),
        items("accept"),
        items("balance"),
    ];
    lengths.into_iter().fold(1_usize, usize::saturating_mul)
}

/// Refuses lists that make more cells than can be meant, before any of them is made.
pub(super) fn refuse_lists(base: &RawOptions, cases: &[Case]) -> Result<(), Problem> {
    let of_cases = cases.iter().map(|(_, overrides)| cells(&base.with(overrides)));
    let all = if cases.is_empty() { cells(base) } else { of_cases.fold(0, usize::saturating_add) };
    match switch(base, "yes")? {
        true if all > MOST_CELLS => Err(Problem::new(format!(
            "this sweep has {} cells; the most is {}: divide it into several",
            count(all as u64),
            count(MOST_CELLS as u64)
        ))),
        false if all > MANY_CELLS => Err(too_large(&format!("{} cells", count(all as u64)))),
        _ => Ok(()),
    }
}

/// Refuses a plan of more cells or requests than can be meant, unless `--yes` confirms it.
pub(super) fn refuse_plan(base: &RawOptions, plan: &Plan) -> Result<(), Problem> {
    let cells = plan.cells.len();
    let requests = plan.least_requests();
    let few = cells <= MANY_CELLS && requests.is_none_or(|n| n <= MANY_REQUESTS);
    if few || switch(base, "yes")? {
        return Ok(());
    }
    let cells = count(cells as u64);
    Err(too_large(&match requests {
        Some(requests) => {
            let requests = count(u64::try_from(requests).unwrap_or(u64::MAX));
            format!("{cells} cells with {requests} requests")
        }
        None => format!("{cells} cells"),
    }))
}

fn too_large(size: &str) -> Problem {
    Problem::new(format!(
        "this sweep has {size}; without --yes the most is {} cells and {} requests: use larger \
         steps (such as 4..32..4), fewer --requests or --replications, or add --yes",
        count(MANY_CELLS as u64),
        count(MANY_REQUESTS as u64)
    ))
}
