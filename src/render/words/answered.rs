//! What came out, in a sentence.

use super::super::number::{measured, percent, share, significant};
use super::super::{BEST, axes, memory_words};
use super::{list, servers, short_servers, spoken};
use crate::experiment::CellResult;
use crate::experiment::plan::{Indifference, Plan};
use crate::experiment::row::{Axes, Estimate, Measure, Row, Stability};

/// The answer of a sweep in a sentence or a few: the best of each group of cells that differ in
/// workers only, or how a measure goes along the axis that varies.
pub fn answer(
    plan: &Plan,
    results: &[&CellResult],
    best: &[usize],
    tied: &[usize],
    measure: Measure,
) -> String {
    if let Some(answer) = memory_words::nothing_fits(plan, results, measure) {
        return answer;
    }
    let settled: Vec<usize> =
        (0..results.len()).filter(|at| results[*at].row.stability != Stability::No).collect();
    if let Some(answer) = memory_words::no_choice(results, &settled) {
        return answer;
    }
    match (best, &settled[..], results) {
        (_, [], [only]) => format!("Overloaded: {}", overload_words(only)),
        (_, [], _) => {
            "All of these are overloaded: the queue grows without bound in every cell.".to_owned()
        }
        (_, _, [only]) => match only.row.measures.get(measure) {
            Some(value) => format!("The {} is {}.", spoken(measure), measured(measure, value)),
            None => "No request was answered in the simulated time.".to_owned(),
        },
        ([best], ..) => {
            the_best(plan, results, *best, tied, measure) + &memory_words::beyond(results, *best)
        }
        ([], ..) => along(results, &settled, measure),
        _ => best_of_each(results, best, measure),
    }
}

fn the_best(
    plan: &Plan,
    results: &[&CellResult],
    best: usize,
    tied: &[usize],
    measure: Measure,
) -> String {
    let row = &results[best].row;
    let value = row.measures.get(measure).map(|estimate| measured(measure, estimate));
    let value = value.unwrap_or_default();
    let name = spoken(measure);
    let workers = servers(&row.axes);
    if results.iter().any(|other| lost(&other.row) > 0.001 && other.row.axes.same_group(&row.axes))
    {
        let share =
            if lost(row) > 0.0 { share(Estimate::exact(lost(row))) } else { "none".to_owned() };
        return format!("{workers}: the fewest requests are lost, {share}; the {name} is {value}.");
    }
    let others: Vec<String> = tied
        .iter()
        .filter(|at| **at != best && results[**at].row.axes.same_group(&row.axes))
        .map(|at| short_servers(&results[*at].row.axes))
        .collect();
    if others.is_empty() {
        return format!("{workers}: the {name} is the shortest, {value}.");
    }
    if !plan.random() {
        return format!("{workers}: the {name} is {value}; {} do no better.", list(&others));
    }
    format!(
        "{workers}: the {name} is {value}; too close to call against {}{}, so the smallest number.",
        list(&others),
        indifferent(plan)
    )
}

/// Which differences do not count, in brackets.
fn indifferent(plan: &Plan) -> String {
    let difference = match plan.settings.indifference() {
        Indifference::Share(share) => percent(share),
        Indifference::Absolute(value) => measured(plan.settings.best, Estimate::exact(value)),
    };
    match plan.settings.indifference().of(1.0) {
        0.0 => format!(" at {} confidence", percent(plan.settings.confidence)),
        _ => format!(" (differences up to {difference} do not count)"),
    }
}

/// Share of the requests that were not answered.
fn lost(row: &Row) -> f64 {
    let share = |measure| row.measures.value(measure).unwrap_or(0.0);
    Measure::LOST.into_iter().map(share).sum()
}

/// Groups that an answer names one by one.
const MOST_GROUPS: usize = 6;

fn best_of_each(results: &[&CellResult], best: &[usize], measure: Measure) -> String {
    let all: Vec<&Axes> = results.iter().map(|result| &result.row.axes).collect();
    let one = |at: &usize| {
        let row = &results[*at].row;
        let value = row.measures.get(measure).map(|estimate| measured(measure, estimate));
        let group = axes::told(&row.axes, &all, &["workers", "threads"]);
        format!("{group}: {} ({})", servers(&row.axes), value.unwrap_or_default())
    };
    let told: Vec<String> = best.iter().take(MOST_GROUPS).map(one).collect();
    let rest = if best.len() > MOST_GROUPS {
        format!("; the rest is marked {BEST}")
    } else {
        String::new()
    };
    format!("The shortest {}, at {}{rest}.", spoken(measure), told.join("; "))
}

/// How a measure goes from the first to the last cell that settles.
fn along(results: &[&CellResult], settled: &[usize], measure: Measure) -> String {
    let all: Vec<&Axes> = results.iter().map(|result| &result.row.axes).collect();
    let cell = |at: usize| axes::told(&results[at].row.axes, &all, &[]);
    let told: Vec<usize> = settled.iter().copied().filter(|at| results[*at].row.fits()).collect();
    let value = |at: &usize| {
        let estimate = results[*at].row.measures.get(measure)?;
        Some(format!("{} at {}", measured(measure, estimate), cell(*at)))
    };
    let ends: Vec<String> = match &told[..] {
        [only] => value(only).into_iter().collect(),
        [first, .., last] => [first, last].into_iter().filter_map(value).collect(),
        [] => Vec::new(),
    };
    let mut text = format!("The {}: {}", spoken(measure), ends.join(", "));
    let endless: Vec<String> =
        (0..results.len()).filter(|at| !settled.contains(at)).map(cell).collect();
    if !endless.is_empty() {
        text += &format!("; overloaded at {}", list(&endless));
    }
    let unfit: Vec<String> =
        settled.iter().filter(|at| !told.contains(at)).map(|at| cell(*at)).collect();
    if !unfit.is_empty() {
        text += &format!("; memory is too small for {}", list(&unfit));
    }
    text + "."
}

pub(super) fn overload_words(result: &CellResult) -> String {
    let Some(overload) = result.overload else {
        return "the queue grows without bound.".to_owned();
    };
    let (offered, most) = (overload.offered, overload.capacity.per_second);
    let growth = match offered > most * (1.0 + 1e-9) {
        true => format!("the queue grows by {}/s", significant(offered - most)),
        false => {
            "at full load random variation alone makes the queue grow without bound".to_owned()
        }
    };
    let mut text = format!(
        "{}/s arrive, at most {}/s can be answered, bounded by {}; {growth}.",
        significant(offered),
        significant(most),
        overload.capacity.bound.name(),
    );
    let row = &result.row;
    if let Some(seen) = row.measures.get(Measure::Growth).filter(|_| row.replications > 0) {
        let seen = measured(Measure::Growth, seen);
        text += &format!(" In the simulation the number in the system grew by {seen}.");
    }
    text
}
