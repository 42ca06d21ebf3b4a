//! What is said of the cells that differ from the best.

use super::number::{self, measured, percent, plural, significant};
use super::words::{servers_among, short_among, spoken};
use crate::experiment::CellResult;
use crate::experiment::choice::GroupChoice;
use crate::experiment::compare::{self, Difference, Rules};
use crate::experiment::plan::{Indifference, Plan};
use crate::experiment::row::{Axes, Estimate, Measure, Verdict};

/// Differences that are named: those whose servers are nearest to the best.
const MOST: usize = 6;

/// By how much the others differ from the best, with what confidence, and what sharing the random
/// numbers brought. `None` where nothing is random, or nothing is left to compare.
pub(crate) fn words(plan: &Plan, results: &[&CellResult], choice: &GroupChoice) -> Option<String> {
    let named = choice.named().filter(|_| plan.random())?;
    let cells: Vec<&CellResult> = choice.cells.iter().map(|at| results[*at]).collect();
    let place = choice.cells.iter().position(|at| *at == named)?;
    let measure = plan.settings.best;
    let differences = compare::differences(&cells, place, Rules::of(plan, measure));
    if differences.is_empty() {
        return None;
    }
    let axes = |at: usize| &cells[at].row.axes;
    let best = axes(place);
    let size = |axes: &Axes| i64::from(axes.workers) * i64::from(axes.threads);
    let mut nearest: Vec<&Difference> = differences.iter().collect();
    nearest.sort_by_key(|difference| (size(axes(difference.of)) - size(best)).abs());
    nearest.truncate(MOST);
    nearest.sort_by_key(|difference| difference.of);
    let one = |difference: &&Difference| {
        let name = short_among(axes(difference.of), results);
        format!(
            "{name}: {}",
            signed(number::difference(measure, difference.estimate), difference.estimate)
        )
    };
    let told: Vec<String> = nearest.iter().map(one).collect();
    let confidence = significant(plan.settings.confidence * 100.0);
    let together = match differences.len() {
        1 => format!("with {confidence} % confidence"),
        count if count > told.len() => format!(
            "all {count} such intervals, of which {} are shown, hold together with {confidence} % \
             confidence",
            told.len()
        ),
        2 => format!("both intervals hold together with {confidence} % confidence"),
        count => format!("all {count} such intervals hold together with {confidence} % confidence"),
    };
    let mut text = format!(
        "The {} against that of {}: {}; {together}.",
        spoken(measure),
        servers_among(best, results),
        told.join(", ")
    );
    text += &gain(&nearest);
    Some(text)
}

/// What a selection says: which difference it was about, and where its effort went.
pub(crate) fn selected(plan: &Plan, results: &[&CellResult]) -> Option<String> {
    let settings = &plan.settings;
    let of = |verdict| {
        let stands = move |result: &&&CellResult| result.row.verdict() == Some(verdict);
        results.iter().filter(stands).map(|result| result.row.replications)
    };
    let best = of(Verdict::Named).next();
    let delta = match settings.delta {
        Indifference::Share(share) => percent(share),
        Indifference::Absolute(value) => measured(settings.best, Estimate::exact(value)),
    };
    let confidence = significant(settings.confidence * 100.0);
    let less = if settings.best == Measure::Throughput { "higher" } else { "less" };
    let mut text = match of(Verdict::Undecided).count() {
        0 if best.is_none() => return None,
        0 => format!(
            "With {confidence} % confidence no other {} is {less} by {delta} or more (Kim & Nelson \
             2001).",
            spoken(settings.best)
        ),
        count => format!(
            "Undecided: a limit ended the selection while {} were left.",
            plural(count as u64, "cell")
        ),
    };
    let dropped: Vec<u32> = of(Verdict::Worse).collect();
    if let (Some(least), Some(most)) = (dropped.iter().min(), dropped.iter().max()) {
        let were = if dropped.len() == 1 { "was" } else { "were" };
        let after = if least == most { most.to_string() } else { format!("{least} to {most}") };
        text += &format!(
            " {} {were} dropped after {after} replications",
            plural(dropped.len() as u64, "cell")
        );
        text += &best.map_or(".".to_owned(), |best| format!("; the best had {best}."));
    }
    Some(text)
}

/// A difference with its sign.
fn signed(text: String, estimate: Estimate) -> String {
    if estimate.value > 0.0 { format!("+{text}") } else { text.replacen('-', "−", 1) }
}

/// What common random numbers brought, as they did: little where configurations are different.
fn gain(differences: &[&Difference]) -> String {
    let gains: Vec<f64> = differences.iter().filter_map(|difference| difference.gain).collect();
    let least = gains.iter().copied().fold(f64::MAX, f64::min);
    let most = gains.iter().copied().fold(0.0, f64::max);
    if gains.is_empty() {
        return String::new();
    }
    if most < 1.05 {
        return " Common arrivals and demands did not help: the cells are too \
                different."
            .to_owned();
    }
    let times = match (significant(least), significant(most)) {
        (least, most) if least == most => least,
        // Where servers are very different, the same draws may make a difference vary more.
        (_, most) if gains.iter().any(|gain| *gain < 1.0) => format!("up to {most}"),
        (least, most) => format!("{least} to {most}"),
    };
    format!(
        " Common arrivals and demands made the variance of these differences \
         {times} times smaller than independent ones would."
    )
}
