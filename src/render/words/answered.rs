//! What came out, in a sentence.

use super::super::number::{measured, percent, plural, share, significant};
use super::super::{BEST, axes, memory_words};
use super::open::{UNDECIDED, range_of, what_decides};
use super::{list_of, objectives, servers_among, short_among, spoken};
use crate::experiment::CellResult;
use crate::experiment::capacity::bound::Resource;
use crate::experiment::choice::{ChoiceOutcome, GroupChoice, choices};
use crate::experiment::objective;
use crate::experiment::plan::{Indifference, Plan};
use crate::experiment::row::{Axes, Better, Estimate, Measure, Row, Stability, Verdict};

/// The answer of a sweep in a sentence or a few: the named cell of each group of cells that are a
/// choice, or how a measure goes along the axis that varies.
pub(crate) fn answer(plan: &Plan, results: &[&CellResult]) -> String {
    let measure = plan.settings.best;
    if let Some(answer) = memory_words::nothing_fits(plan, results, measure) {
        return answer;
    }
    let settled: Vec<usize> =
        (0..results.len()).filter(|at| results[*at].row.stability != Stability::No).collect();
    if let Some(answer) = memory_words::no_choice(results, &settled) {
        return answer;
    }
    let seen = |at: &usize| results[*at].row.measures.value(measure).is_some();
    let ran = |at: &usize| results[*at].row.requests > 0;
    if plan.settings.objectives.is_empty()
        && !settled.is_empty()
        && !settled.iter().any(|at| seen(at) || ran(at))
    {
        return nothing_known(results).to_owned();
    }
    let rows: Vec<&Row> = results.iter().map(|result| &result.row).collect();
    match (&choices(&rows)[..], &settled[..], results) {
        (_, [], [only]) if plan.cells.len() == 1 => {
            format!("Overloaded: {}", overload_words(only)) + all_cpu(plan, results)
        }
        (_, [], some) if some.len() < plan.cells.len() => format!(
            "The {} that were run are overloaded: the queue grows without bound in each.",
            plural(some.len() as u64, "cell")
        ),
        (_, [], _) => {
            "All of these are overloaded: the queue grows without bound in every cell.".to_owned()
                + all_cpu(plan, results)
        }
        ([one], ..) => match one.outcome {
            _ if !plan.settings.objectives.is_empty() => objectives::answer(plan, results, one),
            ChoiceOutcome::Named(at) => {
                the_best(plan, results, one, at)
                    + at_the_end(plan, results, one)
                    + &memory_words::beyond(results, at)
            }
            ChoiceOutcome::Between(first, last) => between((plan, results), one, (first, last)),
            ChoiceOutcome::None | ChoiceOutcome::DoesNotFit(_) => along(results, &settled, measure),
        },
        (_, _, [only]) => match only.row.measures.get(measure) {
            Some(value) => {
                let (name, value) = (spoken(measure), measured(measure, value));
                match unanswered(&only.row, measure) {
                    Some(lost) => format!(
                        "{lost} of the requests get no answer; of the others the {name} is {value}."
                    ),
                    None => format!("The {name} is {value}."),
                }
            }
            None => "No request was answered in the simulated time.".to_owned(),
        },
        ([], ..) => along(results, &settled, measure),
        (all, ..) => of_each(plan, results, all),
    }
}

/// Why no row has a request that was counted: a limit of time, or a simulated time that is too short.
fn nothing_known(results: &[&CellResult]) -> &'static str {
    if results.iter().any(|result| result.batch.is_none()) {
        return "Nothing is known yet: the time was over before a row was finished. Give a larger \
                --max-time.";
    }
    "Nothing is known: no request arrived in the simulated time that was measured. Give a longer \
     --duration."
}

fn the_best(plan: &Plan, results: &[&CellResult], choice: &GroupChoice, named: usize) -> String {
    let row = &results[named].row;
    let measure = plan.settings.best;
    let value_of = |row: &Row| {
        let value = row.measures.get(measure).map(|estimate| measured(measure, estimate));
        value.unwrap_or_default()
    };
    let (value, name, workers) =
        (value_of(row), spoken(measure), servers_among(&row.axes, results));
    let others = || choice.cells.iter().copied().filter(|at| *at != named);
    let runs = |at: &usize| results[*at].row.stability != Stability::No;
    if others().filter(runs).any(|at| lost(&results[at].row) > 0.001) {
        let share =
            if lost(row) > 0.0 { share(Estimate::exact(lost(row))) } else { "none".to_owned() };
        return format!("{workers}: the fewest requests are lost, {share}; the {name} is {value}.");
    }
    let close: Vec<usize> =
        others().filter(|at| results[*at].row.verdict() == Some(Verdict::Close)).collect();
    let cost = |at: &usize| cost(measure, &results[*at].row);
    let best = best_of(plan, results, close.iter().chain([&named]));
    let superlative = if measure.better() == Better::More { "the highest" } else { "the lowest" };
    match best {
        Some(best) if cost(&best) < cost(&named) && value_of(&results[best].row) != value => {
            format!(
                "{workers}: the {name} is {value}, shown to be within {} of the best ({}: {}).",
                indifference(plan),
                short_among(&results[best].row.axes, results),
                value_of(&results[best].row)
            )
        }
        _ if close.is_empty() => format!("{workers}: the {name} is {superlative}, {value}."),
        _ => {
            let names = list_of(&close, |at| short_among(&results[*at].row.axes, results));
            let do_better = if close.len() == 1 { "does" } else { "do" };
            format!("{workers}: the {name} is {value}; {names} {do_better} no better.")
        }
    }
}

/// Where the cores are too few, and requests are all CPU, so that perhaps a part of them is not.
fn all_cpu(plan: &Plan, results: &[&CellResult]) -> &'static str {
    let cores = |result: &&CellResult| {
        result.overload.is_some_and(|overload| overload.capacity.bound == Resource::Cores)
    };
    let io = plan.cells.iter().any(|cell| cell.model.mean_demand().1 > 0.0);
    if io || !results.iter().any(cores) {
        return "";
    }
    " All of a request is CPU here: time that it waits for a database or another service is --io, \
     beside --cpu."
}

/// Whether the named cell is the last of those that were compared, so that the list may end too early.
pub(in crate::render) fn is_last(
    plan: &Plan,
    results: &[&CellResult],
    choice: &GroupChoice,
) -> bool {
    let axes = |at: usize| &results[at].row.axes;
    let (Some(named), Some(last)) = (choice.named(), choice.cells.last()) else { return false };
    let fewer = |at: &usize| axes(*at).workers < axes(named).workers;
    let listed = plan.search.is_none() && plan.settings.objectives.is_empty();
    let cell = plan.cells.iter().find(|cell| cell.axes == *axes(named));
    let more_fit = cell.is_none_or(|cell| memory_words::most_workers(cell) > cell.axes.workers);
    // If no request waits, more workers change nothing.
    let waits =
        results[named].row.measures.get(Measure::WaitMean).is_none_or(|wait| wait.value > 0.0);
    listed
        && more_fit
        && waits
        && named == *last
        && results[named].row.fits()
        && choice.cells.iter().any(fewer)
}

fn at_the_end(plan: &Plan, results: &[&CellResult], choice: &GroupChoice) -> &'static str {
    match is_last(plan, results, choice) {
        true => " It is the last of the list: more may be better.",
        false => "",
    }
}

/// What may be the answer, and what would decide.
fn between(
    (plan, results): (&Plan, &[&CellResult]),
    choice: &GroupChoice,
    (first, last): (usize, usize),
) -> String {
    let row = |at: usize| &results[at].row;
    let value = |at: usize| {
        let measure = plan.settings.best;
        let value = row(at).measures.get(measure).map(|estimate| measured(measure, estimate));
        format!("{}: {}", short_among(&row(at).axes, results), value.unwrap_or_default())
    };
    let values = match first == last {
        true => value(first),
        false => format!("{}, {}", value(first), value(last)),
    };
    if results[first].on_limit {
        let best = best_of(plan, results, choice.cells.iter()).unwrap_or(last);
        return format!(
            "{}. With {} the {} is just about {} worse than the best ({}; the best, {}): at this precision \
             that is the limit itself. Another --delta or a finer --precision decides.",
            range_of(results, (first, last)),
            servers_among(&row(first).axes, results),
            spoken(plan.settings.best),
            indifference(plan),
            value(first),
            value(best)
        );
    }
    format!(
        "{}{UNDECIDED}. The {} is not shown to be within {} of the best, nor \
         beyond it ({values}); {}.",
        range_of(results, (first, last)),
        spoken(plan.settings.best),
        indifference(plan),
        what_decides(plan)
    )
}

/// The cell with the best value of those with a steady state.
fn best_of<'a>(
    plan: &Plan,
    results: &[&CellResult],
    among: impl Iterator<Item = &'a usize>,
) -> Option<usize> {
    let settled = |at: &usize| results[*at].row.stability != Stability::No;
    let cost = |at: &usize| cost(plan.settings.best, &results[*at].row);
    among.copied().filter(settled).min_by(|a, b| cost(a).total_cmp(&cost(b)))
}

/// A row's value, signed so that less is better.
fn cost(measure: Measure, row: &Row) -> f64 {
    let value = row.measures.value(measure).unwrap_or(f64::MAX);
    if measure.better() == Better::More { -value } else { value }
}

/// Which differences do not count.
fn indifference(plan: &Plan) -> String {
    match plan.settings.delta {
        Indifference::Share(share) => percent(share),
        Indifference::Absolute(value) => measured(plan.settings.best, Estimate::exact(value)),
    }
}

/// Share of the requests that were not answered.
fn lost(row: &Row) -> f64 {
    objective::lost(row).value
}

/// The share of requests without an answer, where that is more than lie beyond the percentile that is
/// told (of other measures, more than 1 %): then the measure alone would say too little.
fn unanswered(row: &Row, measure: Measure) -> Option<String> {
    let allowed = 1.0 - measure.quantile().unwrap_or(0.99);
    let lost = objective::lost(row);
    // The share itself, and what goes up with it, need no other.
    let alone = Measure::LOST.contains(&measure) || measure == Measure::Throughput;
    (lost.value > allowed && !alone).then(|| share(lost))
}

/// Groups that an answer names one by one.
const MOST_GROUPS: usize = 6;

fn of_each(plan: &Plan, results: &[&CellResult], all: &[GroupChoice]) -> String {
    let axes: Vec<&Axes> = results.iter().map(|result| &result.row.axes).collect();
    let chosen = ["workers", "threads", "class", "accept", "hosts", "balance", "pool"];
    let varying = axes::Varying::among(&axes);
    let group = |choice: &GroupChoice| varying.told(&results[choice.cells[0]].row.axes, &chosen);
    let has_one = |choice: &GroupChoice| !matches!(choice.outcome, ChoiceOutcome::None);
    let told = all.iter().filter(|choice| has_one(choice));
    let one = |choice| format!("{}: {}", group(choice), of_group(plan, results, choice));
    let mut parts: Vec<String> = told.clone().take(MOST_GROUPS).map(one).collect();
    if told.count() > MOST_GROUPS {
        parts.push(format!("the rest is marked {BEST}"));
    }
    // Consecutive groups without a number make one part.
    for run in all.chunk_by(|a, b| has_one(a) == has_one(b)).filter(|run| !has_one(&run[0])) {
        parts.push(match run {
            [first, _, .., last] => format!("{} to {}: none", group(first), group(last)),
            few => few.iter().map(group).collect::<Vec<String>>().join(" and ") + ": none",
        });
    }
    let what = match plan.settings.objectives.is_empty() {
        true => format!("By the {}", spoken(plan.settings.best)),
        false => format!("For {}", objectives::names(plan)),
    };
    format!("{what}, at {}.", parts.join("; "))
}

/// What is said of one group that has a number, or a range of them.
fn of_group(plan: &Plan, results: &[&CellResult], choice: &GroupChoice) -> String {
    let measure = plan.settings.best;
    match choice.outcome {
        ChoiceOutcome::Named(at) => {
            let row = &results[at].row;
            let value = match plan.settings.objectives.is_empty() {
                true => row.measures.get(measure).map(|found| {
                    let lost = unanswered(row, measure);
                    let lost = lost.map(|lost| format!("; {lost} get no answer"));
                    measured(measure, found) + &lost.unwrap_or_default()
                }),
                false => Some(objectives::values(plan, results[at])),
            };
            format!("{} ({})", servers_among(&row.axes, results), value.unwrap_or_default())
        }
        ChoiceOutcome::Between(first, last) => {
            let range = range_of(results, (first, last)).replacen("Between", "between", 1);
            let why = match results[first] {
                cell if objectives::unfinished(cell) => "smaller ones were not finished".to_owned(),
                cell if cell.on_limit => {
                    format!("{} on the limit", short_among(&cell.row.axes, results))
                }
                _ => "not enough requests to say".to_owned(),
            };
            format!("{range} ({why})")
        }
        ChoiceOutcome::None => "none".to_owned(),
        ChoiceOutcome::DoesNotFit(at) => {
            format!("{}, which do not fit", servers_among(&results[at].row.axes, results))
        }
    }
}

/// How a measure goes from the first to the last cell that settles.
fn along(results: &[&CellResult], settled: &[usize], measure: Measure) -> String {
    let all: Vec<&Axes> = results.iter().map(|result| &result.row.axes).collect();
    let varying = axes::Varying::among(&all);
    let cell = |at: &usize| varying.told(&results[*at].row.axes, &[]);
    let told: Vec<usize> = settled.iter().copied().filter(|at| results[*at].row.fits()).collect();
    let value = |at: &usize| {
        let estimate = results[*at].row.measures.get(measure)?;
        let lost = unanswered(&results[*at].row, measure);
        let lost = lost.map(|lost| format!(" ({lost} of the requests get no answer)"));
        let (value, lost) = (measured(measure, estimate), lost.unwrap_or_default());
        Some(format!("{value} at {}{lost}", cell(at)))
    };
    let ends: Vec<String> = match &told[..] {
        [only] => value(only).into_iter().collect(),
        [first, .., last] => [first, last].into_iter().filter_map(value).collect(),
        [] => Vec::new(),
    };
    let mut text = format!("The {}: {}", spoken(measure), ends.join(", "));
    // Both are in order.
    let other = |of: &[usize], at: &usize| of.binary_search(at).is_err();
    let endless: Vec<usize> = (0..results.len()).filter(|at| other(settled, at)).collect();
    if !endless.is_empty() {
        text += &format!("; overloaded at {}", list_of(&endless, cell));
    }
    let unfit: Vec<usize> = settled.iter().copied().filter(|at| other(&told, at)).collect();
    if !unfit.is_empty() {
        text += &format!("; memory is too small for {}", list_of(&unfit, cell));
    }
    text + "."
}

/// A growth that is smaller by this share than what cannot be answered has another reason than chance.
const SLOWER: f64 = 0.05;

pub(super) fn overload_words(result: &CellResult) -> String {
    let Some(overload) = result.overload else {
        return "the queue grows without bound.".to_owned();
    };
    let (offered, most) = (overload.offered, overload.capacity.per_second);
    let row = &result.row;
    let seen = row.measures.get(Measure::Growth).filter(|_| row.replications > 0);
    // Requests that leave do not queue: then the number in the system grows more slowly, or not at all.
    let leave = seen.is_some_and(|seen| {
        seen.value + seen.half_width.unwrap_or(0.0) < (1.0 - SLOWER) * overload.growth()
    });
    let growth = match offered > most * (1.0 + 1e-9) {
        true if leave => format!("{}/s are too many", significant(offered - most)),
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
    if let Some(seen) = seen {
        let seen = measured(Measure::Growth, seen);
        let why = if leave { ": the others leave without an answer" } else { "" };
        text += &format!(" In the simulation the number in the system grew by {seen}{why}.");
    }
    if let Some(p95) = row.measures.get(Measure::ResponseP95) {
        let p95 = measured(Measure::ResponseP95, p95);
        text += &match unanswered(row, Measure::ResponseP95) {
            Some(lost) => format!(
                " {lost} of the requests of that time get no answer; of the others the p95 response \
                 time is {p95}."
            ),
            None => format!(
                " Of the requests of that time the p95 response time is {p95}, and {} get no answer.",
                share(objective::lost(row))
            ),
        };
    }
    text
}
