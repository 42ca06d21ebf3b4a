//! What is said below the table: why, what it was compared with, what was assumed. The command prints it
//! with the words at the margin; the page and a report show the same.

use super::Results;
use crate::experiment::choice::{ChoiceOutcome, GroupChoice, choices};
use crate::experiment::plan::{Plan, Select};
use crate::experiment::row::Row;
use crate::experiment::{CellResult, Length};
use crate::render::story::StoryCell;
use crate::render::{compared, memory_words, over_time, tails, words};
use crate::scenario::{self, Case, RawOptions};
use crate::servers::PresetUse;

/// What was asked, as far as the text speaks of it.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// The options of all cases.
    pub(crate) base: &'a RawOptions,
    /// The cases, where there are some.
    pub(crate) cases: &'a [Case],
    /// The servers that were meant, and what was read of them.
    pub(crate) uses: &'a [PresetUse],
}

/// A word and the text beside it.
pub(crate) type Paragraph = (&'static str, String);

/// The paragraphs of results with at least one finished cell; `stories` where the table is one of stories.
pub(crate) fn paragraphs(
    asked: Asked<'_>,
    results: &Results,
    stories: Option<&[StoryCell<'_>]>,
) -> Vec<Paragraph> {
    let plan = &results.plan;
    let finished: Vec<&CellResult> = results.finished().map(|(_, cell)| cell).collect();
    if finished.is_empty() {
        return Vec::new();
    }
    let memory = memory_words::memory(plan, &finished).unwrap_or_default();
    let mut told = match stories {
        Some(stories) => vec![
            ("Why", words::why_story(plan, stories)),
            ("Memory", memory),
            ("Assumes", words::assumes_story(plan, stories) + &default_cores(asked, plan)),
        ],
        None => measured(asked, results, &finished, memory),
    };
    told.retain(|(_, text)| !text.is_empty());
    told
}

fn measured(
    asked: Asked<'_>,
    results: &Results,
    finished: &[&CellResult],
    memory: String,
) -> Vec<Paragraph> {
    let plan = &results.plan;
    let cells: Vec<_> = results.finished().map(|(at, _)| &plan.cells[at]).collect();
    let at = explained(plan, finished);
    let (cell, result) = (cells[at], finished[at]);
    let story = plan.settings.length == Length::Story;
    let theory = result.theory.as_ref().and_then(|known| words::theory(known, story));
    let mut told = vec![
        ("Why", words::why(cell, result, plan)),
        ("Limits", results.limits.as_ref().and_then(words::limits).unwrap_or_default()),
        ("Compared", compared(plan, finished).unwrap_or_default()),
        ("Memory", memory),
    ];
    told.extend(words::distributions(cell).into_iter().map(|text| ("Demand", text)));
    told.extend([
        ("Tail", tails::tails(&cells, &plan.settings).unwrap_or_default()),
        ("Theory", theory.unwrap_or_default()),
        ("Assumes", words::assumes(plan, finished) + &default_cores(asked, plan)),
        ("Skipped", skipped(plan)),
    ]);
    let headroom = scenario::memory::headroom(asked.base).unwrap_or_default();
    let full = memory_words::too_full(plan, finished, headroom);
    let warnings = [Some(words::warnings(finished, plan)), over_time::beware(&cells), full];
    let warnings: Vec<String> = warnings.into_iter().flatten().filter(|w| !w.is_empty()).collect();
    told.push(("Warning", warnings.join(" ")));
    told
}

/// The end of what is assumed: cores that no option gave.
fn default_cores(asked: Asked<'_>, plan: &Plan) -> String {
    let given = asked.base.has("cores") || asked.cases.iter().any(|(_, raw)| raw.has("cores"));
    let read = |one: &PresetUse| one.read.iter().any(|(_, option, _)| *option == "cores");
    if given || asked.uses.iter().any(read) {
        return String::new();
    }
    let cores = plan.cells.first().map_or(0.0, |cell| cell.axes.cores);
    format!(" {cores} cores are the default: see --cores.")
}

fn skipped(plan: &Plan) -> String {
    match &plan.skipped[..] {
        [] => String::new(),
        skipped => format!("there is no {}.", skipped.join(", no ")),
    }
}

/// What the comparison behind the named row says, where there is one only.
fn compared(plan: &Plan, finished: &[&CellResult]) -> Option<String> {
    match plan.settings.select {
        Select::Best => compared::selected(plan, finished),
        Select::Subset if plan.settings.objectives.is_empty() => match &chosen(finished)[..] {
            [choice] => compared::words(plan, finished, choice),
            _ => None,
        },
        Select::Subset => None,
    }
}

/// The cell whose arithmetic is shown: the named one, of several the last; else the first that may be
/// the answer; else the one that comes nearest to the objectives, else the first that is overloaded,
/// else the last.
pub(crate) fn explained(plan: &Plan, finished: &[&CellResult]) -> usize {
    let endless = || finished.iter().position(|cell| cell.overload.is_some());
    let chosen = chosen(finished);
    let open = |choice: &GroupChoice| match choice.outcome {
        ChoiceOutcome::Between(first, _) => Some(first),
        _ => None,
    };
    let named = chosen.iter().filter_map(GroupChoice::named).next_back();
    let nearest = || chosen.iter().find_map(|choice| words::nearest(plan, finished, choice));
    let found = named.or_else(|| chosen.iter().find_map(open)).or_else(nearest).or_else(endless);
    found.unwrap_or(finished.len() - 1)
}

/// What was found of each choice.
pub(crate) fn chosen(finished: &[&CellResult]) -> Vec<GroupChoice> {
    let rows: Vec<&Row> = finished.iter().map(|cell| &cell.row).collect();
    choices(&rows)
}
