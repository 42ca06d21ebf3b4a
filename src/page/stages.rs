//! One question in stages: first a run that is short enough to be seen at once, then finer ones,
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
/// Replications of a run whose length is fixed, and the fewest where it is short.
const REPLICATIONS: u64 = 10;
const FEWEST: u64 = 4;
/// Requests that a replication should have: many short ones agree on a queue that none of them saw
/// grow to its length.
const ENOUGH: u64 = 1_000;
/// How many times the requests of a first stage may be exceeded for that.
const EXCESS: u64 = 4;
/// Requests of each cell of a map or a curve: both are looked at, not read off.
const EACH: u64 = 40_000;
/// The same of servers as they are.
const EACH_REAL: u64 = 10_000;
/// How many times as many the second stage of a map or a curve has.
const FINER: u64 = 8;
/// Wanted half-width of a stage, in those of the next: a sixteenth of its requests.
const COARSER: f64 = 4.0;
/// The widest that is worth a stage: below it the least that is run decides what a run costs.
const WIDEST: f64 = 0.1;
/// The widest half-width that the first of several refinements has.
const FIRST_OF_MANY: f64 = 0.08;
/// Requests that take seconds.
const SECONDS: f64 = 20e6;
/// Requests of a cell for a p95 with a relative half-width of 1; a half-width of w takes 1 / w^2 times
/// as many. Independent times with an exponential tail need 8 (1.96^2 x 19 / ln^2 20); times that are
/// correlated by a queue need more.
const OF_WIDTH_1: f64 = 128.0;
/// How much longer the same requests take where servers are as they are, or of several routes.
const SLOWER: f64 = (FIRST / FIRST_REAL) as f64;

/// How long a stage is likely to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// A moment, and nothing is seen before it.
    First,
    /// A moment.
    Moment,
    /// Seconds.
    Seconds,
    /// As long as it is let.
    Long,
}

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
        let changes = match number {
            _ if !stepwise => return Ok(asked()),
            0 => first(question),
            _ => match refinements(settings.precision).nth(number as usize - 1) {
                Some(wanted) => vec![("precision", format!("{wanted}%"))],
                None => return Ok(asked()),
            },
        };
        Ok(QuestionStage { question: question.with(&changes)?, number, last: false })
    }

    /// The stage of that number, or the last, of a question that is drawn: its cells are compared with
    /// the eye, so all have the same length.
    ///
    /// # Errors
    /// A sentence, if the question cannot be asked.
    pub fn of_picture(question: &PageQuestion, number: u32) -> Result<QuestionStage, Problem> {
        let last = number > 1;
        let times = if last { FINER } else { 1 };
        match question.plan().settings.length {
            Length::Auto => {
                let question = question.with(&brief(question, times * EACH, times * EACH_REAL))?;
                Ok(QuestionStage { question, number, last })
            }
            _ => Ok(QuestionStage { question: question.clone(), number, last: true }),
        }
    }

    /// How long it is likely to take.
    pub fn effort(&self) -> Effort {
        let plan = self.question.plan();
        let precise = || plan.cells.len() as f64 * OF_WIDTH_1 / plan.settings.precision.powi(2);
        let requests = plan.least_requests().map_or_else(precise, |requests| requests as f64);
        let slower = if is_real(&self.question) { SLOWER } else { 1.0 };
        match requests * slower {
            _ if self.number == 0 && !self.last => Effort::First,
            requests if requests <= FIRST as f64 && self.number == 0 => Effort::First,
            requests if requests <= FIRST as f64 => Effort::Moment,
            requests if requests <= SECONDS => Effort::Seconds,
            _ => Effort::Long,
        }
    }

    /// Runs it; cells that `stop` ended are `None`.
    pub fn run(&self, stop: &AtomicBool) -> Results {
        Results::of_plan(self.question.plan().clone(), Control::new(stop), |_| {})
    }
}

/// Precisions in percent of the stages between the first and that of a precision that is asked for.
fn refinements(asked: f64) -> impl Iterator<Item = f64> {
    let coarser = move |times: i32| asked * COARSER.powi(times);
    let most = (2..=8).rev().find(|times| coarser(*times) <= FIRST_OF_MANY).unwrap_or(1);
    let worth = (1..=most).rev().map(coarser).filter(|wanted| *wanted < WIDEST);
    worth.map(|wanted| (wanted * 1e8).round() / 1e6)
}

/// The first stage: what all cells together take is fixed.
fn first(question: &PageQuestion) -> Vec<(&'static str, String)> {
    let cells = question.plan().cells.len().max(1) as u64;
    let each = |all: u64| {
        (all / cells).max((FEWEST * ENOUGH).min(EXCESS * all / cells)).clamp(FEWEST * 100, MOST)
    };
    let mut changes = brief(question, each(FIRST), each(FIRST_REAL));
    // Of a fixed length a server without a number has one worker: what is searched for is said.
    changes.extend(
        question.plan().search.iter().map(|search| (search.of.option(), "auto".to_owned())),
    );
    changes
}

/// Whether a cell is a server as it is, or has several routes.
fn is_real(question: &PageQuestion) -> bool {
    let slow = |model: &Model| model.server().runtime.is_some() || !model.routes().is_empty();
    question.plan().cells.iter().any(|cell| slow(&cell.model))
}

/// Changes that give a question a fixed length, of so many requests for each cell over all
/// replications, or of so many where servers are as they are or requests are of several routes.
fn brief(question: &PageQuestion, each: u64, real: u64) -> Vec<(&'static str, String)> {
    let cells = &question.plan().cells;
    // Of a closed loop the number is of each client.
    let clients = cells.iter().filter_map(|cell| cell.axes.clients).max().map(u64::from);
    let all = if is_real(question) { real } else { each };
    let replications = (all / ENOUGH).clamp(FEWEST, REPLICATIONS);
    let requests = all / replications;
    let requests = clients.map_or(requests, |clients| (requests / clients).max(3));
    vec![
        ("requests", requests.to_string()),
        ("replications", replications.to_string()),
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
        // Many cells of a server as it is get few replications, which are long enough to fill a queue.
        let many =
            [("server", "puma"), ("workers", "1..6"), ("cores", "1,2,3,4"), ("rate", "60/s")];
        let many = PageQuestion::read(many.into_iter().chain([("cpu", "exp(30ms)")])).expect("one");
        let first = QuestionStage::of(&many, 0).expect("a stage").question.command();
        assert!(first.contains("--requests 1000 --replications 4"), "{first}");
        let searched = PageQuestion::read([("cpu", "exp(20ms)"), ("rate", "40/s")]).expect("one");
        let first = QuestionStage::of(&searched, 0).expect("a stage");
        assert!(first.question.plan().search.is_some(), "{}", first.question.command());
        let story = PageQuestion::read([("service", "3s"), ("clients", "3")]).expect("a question");
        let story = QuestionStage::of(&story, 0).expect("a stage");
        assert!(story.last && story.effort() == Effort::First);
    }

    /// Of a fine one there are several between, each of which is a question that can be asked.
    #[test]
    fn stages_become_finer() {
        let of = |asked: f64| refinements(asked).collect::<Vec<_>>();
        assert_eq!(of(0.3), Vec::<f64>::new());
        assert_eq!(of(0.1), Vec::<f64>::new());
        assert_eq!(of(0.02), [8.0]);
        assert_eq!(of(0.005), [8.0, 2.0]);
        assert_eq!(of(1e-4), [2.56, 0.64, 0.16, 0.04]);
        let finest =
            [("workers", "2"), ("cpu", "exp(20ms)"), ("rate", "40/s"), ("precision", "0.001%")];
        let finest = PageQuestion::read(finest).expect("a question");
        let stages: Vec<_> = (0..9).map(|number| QuestionStage::of(&finest, number)).collect();
        let stages: Vec<_> = stages.into_iter().map(|stage| stage.expect("a stage")).collect();
        assert_eq!(stages.iter().position(|stage| stage.last), Some(7));
        let efforts: Vec<_> = stages[..4].iter().map(QuestionStage::effort).collect();
        assert_eq!(efforts, [Effort::First, Effort::Moment, Effort::Seconds, Effort::Seconds]);
        assert_eq!(stages[7].effort(), Effort::Long);
    }

    #[test]
    fn a_picture_has_a_coarse_and_a_fine_stage() {
        let asked = [("workers", "2..4"), ("cpu", "exp(20ms)"), ("rate", "40/s")];
        let asked = PageQuestion::read(asked).expect("a question");
        let of = |number| QuestionStage::of_picture(&asked, number).expect("a stage");
        let length = |stage: &QuestionStage| stage.question.plan().least_requests();
        assert_eq!((length(&of(1)), of(1).last), (Some(3 * 40_000), false));
        assert_eq!((length(&of(2)), of(2).last), (Some(3 * 320_000), true));
        let story = PageQuestion::read([("service", "3s"), ("clients", "3")]).expect("a question");
        assert!(QuestionStage::of_picture(&story, 1).expect("a stage").last);
    }

    #[test]
    fn an_older_question_is_stopped() {
        let question =
            PageQuestion::read([("service", "exp(20ms)"), ("rate", "40/s")]).expect("one");
        let stage = QuestionStage::of(&question, 2).expect("a stage");
        assert!(stage.run(&AtomicBool::new(true)).finished().next().is_none());
    }
}
