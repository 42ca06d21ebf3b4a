//! What came of the choices of a run: for programs, and for the exit code.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Results;
use crate::experiment::choice::{ChoiceOutcome, GroupChoice, choices};
use crate::experiment::objective::{Objective, Subject};
use crate::experiment::row::{Axes, Row};

/// How the question of a run is answered, the best answer first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AnswerKind {
    /// A cell is named, or nothing was asked for.
    Named,
    /// It cannot be told whether a cell meets the objectives.
    CannotTell,
    /// What meets the objectives does not fit into the memory.
    DoesNotFit,
    /// No cell meets the objectives.
    NoneMeets,
}

impl Results {
    /// How the objectives were met. Kinds of servers and machines are there to choose from, so of
    /// these the best answer counts; loads are there to be met, so of several the worst does.
    pub fn answer_kind(&self) -> AnswerKind {
        if self.plan.settings.objectives.is_empty() {
            return AnswerKind::Named;
        }
        if self.impossible.is_some() {
            return AnswerKind::NoneMeets;
        }
        let rows: Vec<&Row> = self.rows().collect();
        let one = |choice: GroupChoice| match choice.outcome {
            ChoiceOutcome::Named(_) => AnswerKind::Named,
            ChoiceOutcome::Between(..) => AnswerKind::CannotTell,
            ChoiceOutcome::DoesNotFit(_) => AnswerKind::DoesNotFit,
            ChoiceOutcome::None => AnswerKind::NoneMeets,
        };
        let mut of_loads = BTreeMap::new();
        for choice in choices(&rows) {
            let load = load(&rows[choice.cells[0]].axes);
            let answer = one(choice);
            let best = of_loads.entry(load).or_insert(answer);
            *best = answer.min(*best);
        }
        of_loads.into_values().max().unwrap_or(AnswerKind::CannotTell)
    }
}

/// The load of a row, for those that have the same.
fn load(axes: &Axes) -> (Option<u32>, Option<u64>, Option<&str>) {
    (axes.clients, axes.rate_per_s.map(f64::to_bits), axes.case.as_deref())
}

/// The field `answer` of the JSON; `text` is the answer in words.
pub(super) fn json(results: &Results, text: &str) -> Value {
    let rows: Vec<&Row> = results.rows().collect();
    let all = choices(&rows);
    let cell = |at: usize| axes(&rows[at].axes);
    let named: Vec<Value> = all.iter().filter_map(GroupChoice::named).map(cell).collect();
    let only = match (&all[..], &named[..]) {
        ([_], [named]) => named.clone(),
        _ => Value::Null,
    };
    let between: Vec<Value> = all.iter().filter_map(|choice| between(choice, &rows)).collect();
    let limits = results.limits;
    let up_to = limits.and_then(|limits| limits.meets_up_to);
    let named_row = all.iter().find_map(GroupChoice::named).map(|at| rows[at]);
    let headroom = |row: &Row| {
        let of = results.finished().find(|(_, cell)| std::ptr::eq(&cell.row, row));
        of.and_then(|(_, cell)| cell.headroom.as_deref())
    };
    let slo = |objective: &Objective| {
        let of = |row: Option<&Row>| {
            let got = row.and_then(|row| objective.estimate(row));
            (got.map(|got| got.value), got.and_then(|got| got.half_width))
        };
        let (value, ci) = of(named_row);
        let (more, more_ci) = of(named_row.and_then(headroom));
        json!({
            "objective": objective.text,
            "measure": match objective.subject {
                Subject::Measure(measure) => measure.name(),
                Subject::Lost => "failed",
            },
            "limit": objective.limit,
            "value": value,
            "ci": ci,
            "with_headroom": more,
            "with_headroom_ci": more_ci,
        })
    };
    let written = results.plan.settings.objectives.iter().filter(|one| !one.text.is_empty());
    json!({
        "named": only,
        "named_of_each": named,
        "between": between,
        "text": text,
        "slo": written.map(slo).collect::<Vec<_>>(),
        "headroom": results.plan.settings.headroom,
        "limit_rate_per_s": up_to.map(|(low, high)| f64::midpoint(low, high)),
        "limit_rate_ci_per_s": up_to.map(|(low, high)| [low, high]),
        "overloaded_from_per_s": limits.and_then(|limits| limits.overloaded_from),
    })
}

/// The cells among which the answer of a choice lies, smallest first.
fn between(choice: &GroupChoice, rows: &[&Row]) -> Option<Value> {
    let ChoiceOutcome::Between(first, last) = choice.outcome else { return None };
    let place = |at: usize| choice.cells.iter().position(|other| *other == at).unwrap_or(0);
    let cells = &choice.cells[place(first)..=place(last)];
    Some(cells.iter().map(|at| axes(&rows[*at].axes)).collect())
}

/// A cell by its axes, with the names of the columns.
fn axes(axes: &Axes) -> Value {
    let mut fields = Map::new();
    let mut set = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
    set("workers", json!(axes.workers));
    set("threads", json!(axes.threads));
    set("cores", json!(axes.cores));
    for (name, value) in [("clients", json!(axes.clients)), ("rate_per_s", json!(axes.rate_per_s))]
    {
        if !value.is_null() {
            set(name, value);
        }
    }
    axes.case.iter().for_each(|case| set("case", json!(case)));
    for (name, value) in &axes.kind {
        set(name, value.parse::<u32>().map_or_else(|_| json!(value), |number| json!(number)));
    }
    Value::Object(fields)
}
