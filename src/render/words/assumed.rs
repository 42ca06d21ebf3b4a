//! What was assumed, and what theory says of it.

use super::super::number::{count, significant, time};
use super::super::story::{self, StoryCell};
use super::super::{over_time, real_words};
use super::beware::whom;
use super::capitalised;
use crate::experiment::objective;
use crate::experiment::plan::{Length, Plan};
use crate::experiment::row::Verdict;
use crate::experiment::{self, CellResult};
use crate::model::{Backlog, Discipline, Load, Model};
use crate::theory::{Answer, Known};

/// What was assumed of a story.
pub(crate) fn assumes_story(plan: &Plan, cells: &[StoryCell<'_>]) -> String {
    let real = real_words::assumed(plan);
    if !real.is_empty() {
        return format!("{}.", capitalised(&real.join("; ")));
    }
    let Some(cell) = plan.cells.first() else { return String::new() };
    let assumed = of_ideal_story(plan, &cell.model, cells);
    match next_served(cell.model.server().discipline) {
        Some(next) => format!("{}. {assumed}", capitalised(next)),
        None => assumed,
    }
}

fn of_ideal_story(plan: &Plan, model: &Model, cells: &[StoryCell<'_>]) -> String {
    let (cpu, io) = model.mean_demand();
    let Load::Closed(closed) = model.load() else {
        let lost = cells.iter().any(|cell| !story::lost(cell).is_empty());
        let and = if lost {
            "a request that gets no answer does not come again"
        } else {
            "no request is lost"
        };
        return format!("Workers are ready at once; {and}.");
    };
    let server = model.server();
    let clients = closed.clients;
    let whole = plan.cells.iter().all(|cell| cell.model.server().cores == server.cores);
    if cpu > 0.0 && plan.cells.iter().any(|cell| cell.model.server().lock_matters()) {
        return "Threads of a worker compute one at a time; without a GIL (--gil off) each would \
                have a core to itself while there are enough."
            .to_owned();
    }
    if cpu > 0.0 && io == 0.0 && clients > 1 && whole && server.cores.as_f64() > 1.0 {
        let cores = server.cores.as_f64();
        let constant = !model.phases().is_empty()
            && model.phases().iter().all(|phase| phase.demand.constant().is_some());
        let mut text =
            format!("The {} are CPU and {} cores are free.", time(cpu), significant(cores));
        if constant && closed.requests == Some(1) {
            text += &format!(
                " On 1 core, {clients} or more workers would make {} wait: {} each.",
                match clients {
                    2 => "BOTH".to_owned(),
                    3 => "ALL THREE".to_owned(),
                    n => format!("ALL {n}"),
                },
                time(cpu * f64::from(clients))
            );
        }
        return text;
    }
    if cpu + io == 0.0 {
        return "Requests take no time.".to_owned();
    }
    if cpu == 0.0 {
        return "The time is spent off the CPU (a database, another service): cores do not matter."
            .to_owned();
    }
    "Runnable workers share the cores equally; switching between them costs nothing.".to_owned()
}

/// What was assumed of a random run.
pub(crate) fn assumes(plan: &Plan, results: &[&CellResult]) -> String {
    let Some(cell) = plan.cells.first() else { return String::new() };
    let server = cell.model.server();
    let mut parts = Vec::new();
    if let ([only], false) = (&plan.cells[..], plan.settings.length == Length::Story) {
        parts.extend(
            experiment::theory::name(&only.model, &plan.settings)
                .map(|name| format!("{name} in Kendall's notation")),
        );
    }
    parts.extend(over_time::assumes(&cell.model));
    parts.extend(
        next_served(server.discipline).map(|next| {
            format!("{next}; after twice the length of a replication no request comes")
        }),
    );
    let real = real_words::assumed(plan);
    let slices = server.runtime.as_ref().is_some_and(|runtime| runtime.slice.is_some());
    if plan.cells.iter().any(|cell| cell.model.contended()) && !slices {
        parts.push("runnable workers share the cores equally".to_owned());
    }
    if real.is_empty() {
        parts.push(match server.backlog {
            Backlog::Places(places) => format!("a listen queue of {places}"),
            Backlog::Unlimited => "an unlimited listen queue".to_owned(),
        });
        parts.push("no overhead per request".to_owned());
    }
    parts.extend(real);
    let unserved = results.iter().any(|result| objective::lost(&result.row).value > 0.0);
    if let (Load::Closed(closed), true) = (cell.model.load(), unserved)
        && !closed.pause().is_zero()
    {
        parts.push(format!(
            "clients whose request is not served come again after {}",
            closed.pause()
        ));
    }
    let mut text = capitalised(&parts.join("; "));
    text.push('.');
    let random = results.iter().map(|result| &result.row).find(|row| row.replications > 1);
    if let Some(row) = random {
        let confidence = plan.settings.confidence * 100.0;
        text += &format!(
            " {} independent replications, seed {}; ± is the half-width of a {} % interval.",
            count(u64::from(row.replications)),
            row.seed,
            significant(confidence)
        );
    }
    text + &run_shortly(plan, results)
}

/// Which rows were not run to the precision, because they are clearly not the answer.
fn run_shortly(plan: &Plan, results: &[&CellResult]) -> String {
    let clear = |verdict: Verdict| verdict.rules_out() || verdict == Verdict::DoesNotFit;
    let shortly = |result: &CellResult| result.out && result.row.verdict().is_some_and(clear);
    if !results.iter().any(|result| shortly(result)) {
        return String::new();
    }
    format!(
        " Rows that are clearly not the answer{} were run shortly, so their intervals are wider: \
         --precision {}% narrows those of every row.",
        whom(results, shortly),
        significant(100.0 * plan.settings.precision)
    )
}

/// Which request is next, where it is not the one that has waited longest.
fn next_served(discipline: Discipline) -> Option<&'static str> {
    match discipline {
        Discipline::Own(_) => {
            Some("of the requests that wait the discipline given says which is next")
        }
        Discipline::Fifo => None,
        Discipline::Lifo => Some("of the requests that wait the one that came last is next"),
        Discipline::Priority => Some(
            "of the requests that wait one of the lowest priority number is next; none is interrupted",
        ),
    }
}

/// What theory says of a cell, in a sentence; nothing of stories for which there is no formula.
pub(crate) fn theory(known: &Known, story: bool) -> Option<String> {
    let how = match &known.answer {
        Answer::Exact => format!(" (exact; {}).", known.source),
        Answer::Approximation { error } => {
            format!(" (an approximation, {error}; {}).", known.source)
        }
        Answer::Unknown { why } if !story => return Some(format!("{}: {why}.", known.name)),
        Answer::Unknown { .. } | Answer::Unstable => return None,
    };
    let mut text = format!("{}: mean response {}", known.name, time(known.response_mean?));
    if let Some(quantiles) = known.response {
        text += &format!(", p95 {}, p99 {}", time(quantiles.p95), time(quantiles.p99));
    } else if let Some(quantiles) = known.wait {
        text += &format!(", p95 of the wait {}", time(quantiles.p95));
    }
    Some(text + &how)
}
