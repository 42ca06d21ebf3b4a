//! One question in stages: first a run that is short enough to be seen at once, then a finer one,
//! then the one that was asked. Each is a question of its own, and its numbers are those that its
//! own command prints.

use std::sync::atomic::AtomicBool;

use super::question::PageQuestion;
use crate::experiment::Control;
use crate::experiment::plan::Length;
use crate::job::Results;
use crate::model::Model;
use crate::scenario::Problem;

/// Requests of the first stage, over all cells and replications: about 50 ms on one core.
const FIRST: u64 = 400_000;
/// The same of servers as they are, whose engine takes ten times as long, and of routes, each of
/// which is counted by itself.
const FIRST_REAL: u64 = 60_000;
/// The most for one cell.
const MOST: u64 = 50_000;
/// Replications of a run whose length is fixed.
const REPLICATIONS: u64 = 10;
/// Wanted half-width of the second stage, in those of the question: a sixteenth of its requests.
const SECOND: f64 = 4.0;
/// The widest that is worth a stage.
const WIDEST: f64 = 0.5;

/// A question at one of its stages.
#[derive(Clone, Debug)]
pub struct QuestionStage {
    /// What is run.
    pub question: PageQuestion,
    /// Which stage, from 0.
    pub number: u32,
    /// Whether it is what was asked.
    pub last: bool,
}

impl QuestionStage {
    /// The stage of that number, or the last.
    ///
    /// # Errors
    /// A sentence, if the question cannot be asked.
    pub fn of(question: &PageQuestion, number: u32) -> Result<QuestionStage, Problem> {
        let settings = &question.plan().settings;
        let stepwise = settings.length == Length::Auto && settings.replications.is_none();
        let asked = || QuestionStage { question: question.clone(), number, last: true };
        match number {
            0 if stepwise => {
                let question = question.with(&first(question))?;
                Ok(QuestionStage { question, number, last: false })
            }
            1 if stepwise && settings.precision * SECOND < WIDEST => {
                let wanted = (settings.precision * SECOND * 1000.0).round() / 10.0;
                let changes = [("precision", format!("{wanted}%"))];
                Ok(QuestionStage { question: question.with(&changes)?, number, last: false })
            }
            _ => Ok(asked()),
        }
    }

    /// Runs it; cells that `stop` ended are `None`.
    pub fn run(&self, stop: &AtomicBool) -> Results {
        Results::of_plan(self.question.plan().clone(), Control::new(stop), |_| {})
    }
}

/// The first stage: what all cells together take is fixed.
fn first(question: &PageQuestion) -> Vec<(&'static str, String)> {
    let cells = question.plan().cells.len().max(1) as u64;
    brief(question, (FIRST / cells).min(MOST), (FIRST_REAL / cells).min(MOST))
}

/// Changes that give a question a fixed length, of so many requests for each cell over all
/// replications, or of so many where servers are as they are or requests are of several routes.
pub(super) fn brief(question: &PageQuestion, each: u64, real: u64) -> Vec<(&'static str, String)> {
    let cells = &question.plan().cells;
    let slow = |model: &Model| model.server().runtime.is_some() || !model.routes().is_empty();
    let is_real = cells.iter().any(|cell| slow(&cell.model));
    // Of a closed loop the number is of each client.
    let clients = cells.iter().filter_map(|cell| cell.axes.clients).max().map(u64::from);
    let all = (if is_real { real } else { each }) / REPLICATIONS;
    let requests = clients.map_or(all.max(100), |clients| (all / clients).max(3));
    vec![
        ("requests", requests.to_string()),
        ("replications", REPLICATIONS.to_string()),
        ("precision", String::new()),
        ("select", String::new()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_state_is_refined_and_a_story_is_not() {
        let steady =
            PageQuestion::read([("workers", "2..4"), ("cpu", "exp(20ms)"), ("rate", "40/s")]);
        let steady = steady.expect("a question");
        let stages: Vec<QuestionStage> =
            (0..3).map(|number| QuestionStage::of(&steady, number).expect("a stage")).collect();
        assert_eq!(stages.iter().map(|stage| stage.last).collect::<Vec<_>>(), [false, false, true]);
        assert!(stages[0].question.command().contains("--requests 5000 --replications 10"));
        assert!(stages[1].question.command().contains("--precision 8%"));
        assert_eq!(stages[2].question.command(), steady.command());
        let routes =
            [("route", "a 50% cpu:1ms | b 50% io:2ms"), ("workers", "2..4"), ("rate", "40/s")];
        let routes = PageQuestion::read(routes).expect("a question");
        let first = QuestionStage::of(&routes, 0).expect("a stage").question.command();
        assert!(first.contains("--requests 2000 --replications 10"), "{first}");
        let story = PageQuestion::read([("service", "3s"), ("clients", "3")]).expect("a question");
        assert!(QuestionStage::of(&story, 0).expect("a stage").last);
    }

    #[test]
    fn an_older_question_is_stopped() {
        let question =
            PageQuestion::read([("service", "exp(20ms)"), ("rate", "40/s")]).expect("one");
        let stage = QuestionStage::of(&question, 2).expect("a stage");
        assert!(stage.run(&AtomicBool::new(true)).finished().next().is_none());
    }
}
