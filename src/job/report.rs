//! What a person reads: the answer, the table, why, what was assumed, what to run next.

use anstyle::{AnsiColor, Style};

use super::paragraphs::{Asked, explained, paragraphs};
use super::{Job, Results, shown};
use crate::experiment::CellResult;
use crate::experiment::plan::Plan;
use crate::experiment::row::{Axes, Row};
use crate::render::story::{self, StoryCell};
use crate::render::{BEST, axes_told, servers, table, words, wrap};
use crate::servers::PresetUse;

/// The widest running text: longer lines are hard to read.
const WIDEST: usize = 100;
/// Where text beside a word at the margin begins.
const MARGIN: usize = 9;

/// What is said of a run that was stopped at once.
const NOTHING_FINISHED: &str = "Interrupted before the first cell was finished.";

/// The whole answer.
pub(super) fn text(job: &Job, results: &Results, uses: &[PresetUse], width: usize) -> String {
    let uses = &without_searched(uses, &results.plan)[..];
    let finished: Vec<&CellResult> = results.finished().map(|(_, cell)| cell).collect();
    if let Some(broken) = &results.impossible {
        return wrapped(&words::broken_alone(broken), 0, width);
    }
    if finished.is_empty() {
        return wrapped(NOTHING_FINISHED, 0, width);
    }
    let mut text = match stories(results) {
        Some(cells) => told_as_story((job, results), &cells, &finished, uses, width),
        None => told_as_table((job, results), &finished, uses, width),
    };
    if let Some(left_out) = servers::left_out(uses) {
        text += &wrapped(&left_out, 0, width);
    }
    let next = words::next(&results.plan, &finished);
    if let Some(changes) = next.filter(|changes| is_new(job, changes)) {
        // On one line, however long: a command is there to be copied.
        text += &format!("{}{}\n", head("Next"), job.with(&changes));
    }
    if results.partial() {
        let (done, all) = (finished.len(), results.cells.len());
        text += &paragraph(
            "Partial",
            &format!("interrupted: {done} of {all} cells were finished."),
            width,
        );
    }
    text
}

/// Servers without the default of a number that was searched for.
fn without_searched(uses: &[PresetUse], plan: &Plan) -> Vec<PresetUse> {
    let mut uses = uses.to_vec();
    if let Some(search) = &plan.search {
        let option = search.of.option();
        uses.iter_mut().for_each(|one| one.taken.retain(|default| default.option != option));
    }
    uses
}

/// Records of every cell, if the run is exact and small enough to be told as a story; not after an
/// interrupt.
pub(super) fn stories(results: &Results) -> Option<Vec<StoryCell<'_>>> {
    if results.partial() && results.finished().next().is_some() {
        return None;
    }
    story::cells(&results.plan, &results.cells)
}

/// Whether a command with some options changed is another one than that which was run.
fn is_new(job: &Job, changes: &[(&str, String)]) -> bool {
    let given = |name: &str| job.base.get(name).map(|value| value.text.as_str());
    // Where pictures go makes no other question.
    let same = |(name, text): &(&str, String)| match *name {
        "plot" => given("plot").is_some(),
        name => given(name) == Some(text.as_str()),
    };
    !changes.iter().all(same)
}

fn told_as_story(
    (job, results): (&Job, &Results),
    cells: &[StoryCell<'_>],
    finished: &[&CellResult],
    uses: &[PresetUse],
    width: usize,
) -> String {
    let mut text: String =
        servers::header(uses).iter().map(|line| wrapped(line, 0, width)).collect();
    text += &beside(&words::description(&results.plan), "exact: nothing is random", width);
    text.push('\n');
    let shown = shown::shown(finished, most_rows(job));
    let rows: Vec<StoryCell<'_>> = shown.iter().map(|at| cells[*at].clone()).collect();
    text += &highlighted(&story::table(&rows, width));
    text += &left_out(shown.len(), finished.len(), width);
    text.push('\n');
    text += &story::timelines(cells);
    text += &said_below((job, results), Some(cells), uses, width);
    text
}

/// The paragraphs below the table.
fn said_below(
    (job, results): (&Job, &Results),
    stories: Option<&[StoryCell<'_>]>,
    uses: &[PresetUse],
    width: usize,
) -> String {
    let asked = Asked { base: &job.base, cases: &job.cases, uses };
    let told = paragraphs(asked, results, stories);
    told.iter().map(|(word, text)| paragraph(word, text, width)).collect()
}

/// The answer by itself.
pub(crate) fn answer(results: &Results) -> String {
    let plan = &results.plan;
    let finished: Vec<&CellResult> = results.finished().map(|(_, cell)| cell).collect();
    match &results.impossible {
        Some(broken) => words::broken_alone(broken),
        None if finished.is_empty() => NOTHING_FINISHED.to_owned(),
        None => words::answer(plan, &finished),
    }
}

/// A sentence and a remark at the right edge, or below if there is no room.
fn beside(sentence: &str, remark: &str, width: usize) -> String {
    let both = sentence.chars().count() + remark.chars().count();
    if both + 3 > width {
        return wrapped(sentence, 0, width) + remark + "\n";
    }
    format!("{sentence}{}{remark}\n", " ".repeat(width.min(WIDEST).max(both + 3) - both))
}

fn told_as_table(
    (job, results): (&Job, &Results),
    finished: &[&CellResult],
    uses: &[PresetUse],
    width: usize,
) -> String {
    let plan = &results.plan;
    let mut text = String::new();
    let answer = words::answer(plan, finished);
    let told = [answer].into_iter().chain(servers::header(uses)).chain([words::description(plan)]);
    for line in told {
        if !line.is_empty() {
            text += &wrapped(&line, 0, width);
        }
    }
    text.push('\n');
    let shown_rows = shown::shown(finished, most_rows(job));
    let told = |at: &usize| (&finished[*at].row, finished[*at].overload);
    text += &highlighted(&table::plain(&shown_rows.iter().map(told).collect::<Vec<_>>(), width));
    text += &left_out(shown_rows.len(), finished.len(), width);
    text += &routes(plan, finished, width);
    text.push('\n');
    text += &said_below((job, results), None, uses, width);
    text
}

/// The routes of the row that is explained.
fn routes(plan: &Plan, finished: &[&CellResult], width: usize) -> String {
    let cell = finished[explained(plan, finished)];
    let rows: Vec<Row> = cell.row.with_routes().skip(1).collect();
    if rows.is_empty() {
        return String::new();
    }
    let told: Vec<_> = rows.iter().map(|row| (row, None)).collect();
    let of = match finished.len() {
        1 => "by route".to_owned(),
        _ => {
            let all: Vec<&Axes> = finished.iter().map(|cell| &cell.row.axes).collect();
            format!("by route, {}", axes_told(&cell.row.axes, &all, &[]))
        }
    };
    format!("\n  {of}:\n{}", table::plain(&told, width))
}

/// How many rows are printed. What is wrong with the option was said before the run.
fn most_rows(job: &Job) -> usize {
    shown::most_rows(&job.base).unwrap_or(usize::MAX)
}

/// What is said below a table that is not whole.
fn left_out(shown: usize, all: usize, width: usize) -> String {
    shown::left_out(shown, all).map_or(String::new(), |text| wrapped(&text, 2, width))
}

/// Colours the rows that are marked as best.
fn highlighted(table: &str) -> String {
    let strong = Style::new().bold().fg_color(Some(AnsiColor::Green.into()));
    let line = |line: &str| {
        if line.trim_start().starts_with(BEST) {
            format!("{strong}{line}{strong:#}\n")
        } else {
            format!("{line}\n")
        }
    };
    table.lines().map(line).collect()
}

/// A word at the margin.
fn head(word: &str) -> String {
    let strong = Style::new().bold();
    format!("{strong}{word}{strong:#}{}", " ".repeat(MARGIN - word.len()))
}

/// A word at the margin and running text beside it.
pub(crate) fn paragraph(word: &str, body: &str, width: usize) -> String {
    head(word) + wrapped(body, MARGIN, width).trim_start()
}

/// Running text in lines, each of them indented.
pub(crate) fn wrapped(text: &str, indent: usize, width: usize) -> String {
    let line = |line: String| format!("{:indent$}{line}\n", "");
    wrap::lines(text, width.min(WIDEST).saturating_sub(indent).max(1))
        .into_iter()
        .map(line)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::experiment::Control;
    use crate::scenario::NoFiles;

    fn fifty_stories() -> Job {
        let options = [("workers", "1..50"), ("service", "3s"), ("clients", "3")];
        Job::of_options(options, Box::new(NoFiles)).unwrap()
    }

    /// The records were kept while the cells ran, so nothing that takes long is left for a signal to end:
    /// without its batch no cell can be run again.
    #[test]
    fn a_story_is_told_without_being_run_again() {
        let (job, stop) = (fifty_stories(), AtomicBool::new(false));
        let mut results = job.run(Control::new(&stop), |_| ()).unwrap();
        let text = job.text(&results, 80).unwrap();
        assert!(text.contains("user 3"), "{text}");
        results.cells.iter_mut().flatten().for_each(|cell| cell.batch = None);
        assert_eq!(job.text(&results, 80).unwrap(), text);
    }

    /// Stories are printed for a whole run only.
    #[test]
    fn after_an_interrupt_no_story_is_told() {
        let job = fifty_stories();
        for interrupted in [false, true] {
            let stop = AtomicBool::new(false);
            let done = |_: &CellResult| stop.store(interrupted, Ordering::Relaxed);
            let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
            let results = pool.install(|| job.run(Control::new(&stop), done)).unwrap();
            let text = job.text(&results, 80).unwrap();
            assert_eq!(text.contains("Partial"), interrupted, "{text}");
            assert_eq!(stories(&results).is_none(), interrupted);
            assert_eq!(text.contains("user 1"), !interrupted, "{text}");
        }
    }
}
