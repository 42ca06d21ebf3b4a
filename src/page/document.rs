//! Results as the page reads them: words, a table, what charts are drawn from, and the CSV itself.
//! All words and all rounded numbers are those of the command.

use serde_json::{Map, Value, json};

use crate::experiment::CellResult;
use crate::experiment::capacity::{self, Capacity};
use crate::experiment::choice::choices;
use crate::experiment::objective::{Objective, Subject};
use crate::experiment::plan::{Length, Plan};
use crate::experiment::row::{Axes, Flag, Measure, Measures, Row, Stability, Unit, Verdict};
use crate::job::Results;
use crate::job::paragraphs::{Asked, explained, paragraphs};
use crate::job::report;
use crate::model::Load;
use crate::record::RequestRecord;
use crate::render::number::{amount, measured, share, significant, time};
use crate::render::story::{self, StoryCell};
use crate::render::{Origin, axes, results_csv, server_config, servers, table, words};
use crate::scenario::{Case, Files, RawOptions, server, written};

/// An option and its new value.
type Change = (&'static str, String);

/// What came out of a question, and where it comes from.
pub(crate) struct Answered<'a> {
    /// What was run, and its results.
    pub(crate) results: &'a Results,
    /// The options of all cases.
    pub(crate) raw: &'a RawOptions,
    /// The cases, where there are some.
    pub(crate) cases: &'a [Case],
    /// Version, command, seed, servers.
    pub(crate) origin: &'a Origin,
    /// What files that options name contain.
    pub(crate) files: &'a dyn Files,
    /// The command with some options changed.
    pub(crate) with: &'a dyn Fn(&[Change]) -> String,
}

/// Measures that a chart may show beside a cell.
const SHOWN: [Measure; 13] = [
    Measure::Throughput,
    Measure::WaitMean,
    Measure::WaitP95,
    Measure::ResponseMean,
    Measure::ResponseP50,
    Measure::ResponseP95,
    Measure::ResponseP99,
    Measure::RefusedShare,
    Measure::FailedShare,
    Measure::WorkerUtilisation,
    Measure::CoreUtilisation,
    Measure::QueueMean,
    Measure::Makespan,
];

impl Answered<'_> {
    /// The document.
    pub(crate) fn document(&self) -> Value {
        let (plan, finished) = (&self.results.plan, self.finished());
        let stories = story::cells(plan, &self.results.cells);
        let rows: Vec<Row> = finished.iter().map(|(_, cell)| cell.row.clone()).collect();
        let told: Vec<_> = finished.iter().map(|(_, cell)| (&cell.row, cell.overload)).collect();
        let named = named(&finished);
        let all = axes_of(&finished);
        let limit = explained_cell(plan, &finished).and_then(|(at, _)| self.limit(at));
        json!({
            "version": self.origin.version,
            "command": self.origin.command,
            "scenario": written::toml(self.raw, self.cases),
            "config": self.config(),
            "seed": self.origin.seed,
            "answer": report::answer(self.results),
            "description": words::description(plan),
            "server": servers::header(&self.origin.servers),
            "exact": !plan.random(),
            "story": plan.settings.length == Length::Story,
            "effort": effort(&rows),
            "paragraphs": self.paragraphs(&finished, stories.as_deref()),
            "best_by": { "name": plan.settings.best.name(), "spoken": words::spoken(plan.settings.best) },
            "confidence": plan.settings.confidence,
            "named": named.map(|at| finished[at].0),
            "explained": explained_cell(plan, &finished).map(|(at, _)| at),
            "limit": limit,
            "rules": rules(plan),
            "slo": objectives(plan),
            "table": table::told(&told).json(),
            "routes": by_route(plan, &finished),
            "cells": finished.iter().map(|cell| one(*cell, &all, plan)).collect::<Vec<_>>(),
            "timeline": stories.map(|cells| cells.iter().map(timeline).collect::<Vec<_>>()),
            "partial": self.results.partial(),
            "csv": String::from_utf8_lossy(&results_csv::write(&rows, self.origin)),
        })
    }

    fn finished(&self) -> Vec<(usize, &CellResult)> {
        self.results.finished().collect()
    }

    /// Words at the margin, each with its text, as below the table of the command.
    fn paragraphs(
        &self,
        finished: &[(usize, &CellResult)],
        stories: Option<&[StoryCell<'_>]>,
    ) -> Vec<(&'static str, String)> {
        if finished.is_empty() {
            return Vec::new();
        }
        let asked = Asked { base: self.raw, cases: self.cases, uses: &self.origin.servers };
        let mut told = paragraphs(asked, self.results, stories);
        told.extend(
            servers::left_out(&self.origin.servers)
                .map(|text| ("Not modelled", text.replacen("Not modelled: ", "", 1))),
        );
        let cells: Vec<&CellResult> = finished.iter().map(|(_, cell)| *cell).collect();
        let next = words::next(&self.results.plan, &cells);
        told.extend(next.map(|next| ("Next", (self.with)(&next))));
        told
    }

    /// Up to which rate the cell at a place of the plan can answer at all.
    fn limit(&self, at: usize) -> Option<Value> {
        let model = &self.results.plan.cells[at].model;
        let Load::Open(_) = model.load() else { return None };
        let Capacity { per_second, bound } = capacity::capacity(model)?;
        let text = format!("overloaded from {}/s ({})", significant(per_second), bound.name());
        Some(json!({ "rate_per_s": per_second, "text": text }))
    }

    /// The named cell in the words of its server.
    fn config(&self) -> Option<String> {
        let finished = self.finished();
        let (at, cell) = finished[named(&finished)?];
        let uses = &self.origin.servers;
        let case = &cell.row.axes.case;
        let of = uses.iter().find(|one| one.case == *case).or(uses.first())?;
        let raw = self.cases.iter().find(|(name, _)| name == case);
        let raw = raw.map_or(self.raw.clone(), |(_, own)| self.raw.with(own));
        let all = server::expand(&raw, self.files).ok()?.raw;
        let preload = all.get("preload").is_some_and(|value| value.text == "true");
        let server = self.results.plan.cells[at].model.server();
        Some(server_config::config(of.preset, server, preload, &report::answer(self.results)))
    }
}

/// Takes the figures out of rows of a first stage, a map or a curve that is too short for them: near saturation the
/// mean of short runs is far below that of long ones, and its interval does not show that. Of an overloaded server
/// later stages have none either. The memory of a server does not come from a run and stays.
pub(crate) fn withhold(document: &mut Value, results: &Results) {
    for (place, (_, cell)) in results.finished().enumerate() {
        let overloaded = cell.row.stability == Stability::No;
        if !overloaded && !cell.row.flags.contains(&Flag::ShortRun) {
            continue;
        }
        let of_routes = document["routes"]["at"] == document["cells"][place]["at"];
        let of = &mut document["cells"][place];
        of["short"] = (!overloaded).into();
        of["shown"] = json!({});
        for route in of["routes"].as_object_mut().into_iter().flat_map(Map::values_mut) {
            *route = json!({});
        }
        clear(&mut document["table"], |row| row == place);
        if of_routes {
            clear(&mut document["routes"]["table"], |_| true);
        }
    }
}

/// Puts dashes in place of the measures in some rows of a table.
fn clear(table: &mut Value, which: impl Fn(usize) -> bool) {
    let of_run = |column: &Value| {
        column["measure"].as_str().is_some_and(|name| name != Measure::Memory.name())
    };
    let columns: Vec<bool> =
        table["columns"].as_array().into_iter().flatten().map(of_run).collect();
    let rows = table["rows"].as_array_mut().into_iter().flatten().enumerate();
    for (_, row) in rows.filter(|(at, _)| which(*at)) {
        let texts = row.as_array_mut().into_iter().flatten().zip(&columns);
        for (text, _) in texts.filter(|(_, of_run)| **of_run) {
            *text = "–".into();
        }
    }
}

/// The one cell that the answer names, by its place among those that are finished.
fn named(finished: &[(usize, &CellResult)]) -> Option<usize> {
    let rows: Vec<&Row> = finished.iter().map(|(_, cell)| &cell.row).collect();
    match &choices(&rows)[..] {
        [only] => only.named(),
        [] if finished.len() == 1 => Some(0),
        _ => None,
    }
}

/// Limits on response times, as lines of a chart.
fn objectives(plan: &Plan) -> Vec<Value> {
    let line = |objective: &Objective| match objective.subject {
        Subject::Measure(measure) if measure.name().starts_with("response_") => Some(json!({
            "limit_s": objective.limit,
            "route": objective.route,
            "text": objective.text,
        })),
        _ => None,
    };
    plan.settings.objectives.iter().filter_map(line).collect()
}

/// The cell that the paragraphs speak of, with its place in the plan.
fn explained_cell<'a>(
    plan: &Plan,
    finished: &[(usize, &'a CellResult)],
) -> Option<(usize, &'a CellResult)> {
    let cells: Vec<&CellResult> = finished.iter().map(|(_, cell)| *cell).collect();
    (!cells.is_empty()).then(|| finished[explained(plan, &cells)])
}

/// The routes of the cell that is explained, as the command prints them below its table.
fn by_route(plan: &Plan, finished: &[(usize, &CellResult)]) -> Option<Value> {
    let (at, cell) = explained_cell(plan, finished)?;
    let rows: Vec<Row> = cell.row.with_routes().skip(1).collect();
    let told: Vec<_> = rows.iter().map(|row| (row, None)).collect();
    let names: Vec<_> = cell.row.routes.iter().map(|route| &route.name).collect();
    (!rows.is_empty()).then(|| {
        json!({
            "at": at,
            "of": label(&cell.row.axes, &axes_of(finished)),
            "names": names,
            "table": table::told(&told).json(),
        })
    })
}

/// How long was run: the page shows it while it refines.
fn effort(rows: &[Row]) -> String {
    let most = rows.iter().max_by_key(|row| row.requests);
    let Some(row) = most else { return String::new() };
    let requests = crate::render::number::count(row.requests);
    match row.replications {
        0 => String::new(),
        1 => format!("{requests} requests, one run"),
        n => format!("up to {requests} requests a cell, in {n} replications"),
    }
}

/// The rules of thumb for the cores of a plan, where it has one number of them.
fn rules(plan: &Plan) -> Vec<Value> {
    let cores = plan.cells.first().map_or(0.0, |cell| cell.axes.cores);
    if cores < 1.0 || plan.cells.iter().any(|cell| cell.axes.cores != cores) {
        return Vec::new();
    }
    vec![
        json!({ "from": 2.0 * cores, "to": 4.0 * cores, "name": "2–4 × cores" }),
        json!({ "from": 2.0 * cores + 1.0, "to": 2.0 * cores + 1.0, "name": "2 × cores + 1" }),
    ]
}

fn one((at, cell): (usize, &CellResult), all: &[&Axes], plan: &Plan) -> Value {
    let row = &cell.row;
    let routes = row.routes.iter();
    let routes = routes.map(|route| (route.name.clone(), shown(&route.measures, plan)));
    json!({
        "at": at,
        "label": label(&row.axes, all),
        "mark": mark(row),
        "note": table::note(&(row, cell.overload)),
        "shown": shown(&row.measures, plan),
        "routes": routes.collect::<Map<String, Value>>(),
    })
}

/// Measures in the digits in which the command prints them.
fn shown(measures: &Measures, plan: &Plan) -> Value {
    let one = |measure: Measure| {
        let estimate = measures.get(measure)?;
        let text = match measure.unit() {
            Unit::Share => share(estimate),
            _ => measured(measure, estimate),
        };
        Some((measure.name().to_owned(), json!(text)))
    };
    SHOWN.into_iter().chain([plan.settings.best]).filter_map(one).collect::<Map<_, _>>().into()
}

fn axes_of<'a>(finished: &[(usize, &'a CellResult)]) -> Vec<&'a Axes> {
    finished.iter().map(|(_, cell)| &cell.row.axes).collect()
}

/// Axes that stand in every label, before those that differ.
const LABELLED: [&str; 8] =
    ["case", "class", "rate", "clients", "cores", "threads", "workers", "route"];

fn label(cell: &Axes, all: &[&Axes]) -> String {
    let mut label = story::label(cell, true);
    let kind = |name: &str| cell.kind(name).map(|value| format!(", {value}")).unwrap_or_default();
    label += &kind("class");
    let others = axes::told(cell, all, &LABELLED);
    if !others.is_empty() {
        label += &format!(", {others}");
    }
    if let Some(rate) = cell.rate_per_s {
        label += &format!(", {}/s", significant(rate));
    }
    if let Some(clients) = cell.clients {
        label += &format!(", {}", amount(f64::from(clients), "client"));
    }
    label
}

/// How a cell stands, in a word that the page gives a glyph.
fn mark(row: &Row) -> &'static str {
    match row.verdict() {
        _ if !row.fits() => Verdict::DoesNotFit.name(),
        _ if row.stability == Stability::No => Verdict::Overloaded.name(),
        Some(verdict) => verdict.name(),
        None => "",
    }
}

fn timeline(cell: &StoryCell<'_>) -> Value {
    let one = |record: &RequestRecord| {
        let seconds = |time: crate::time::Time| time.as_secs_f64();
        json!({
            "request": record.request,
            "client": record.client,
            "worker": record.worker,
            "arrival": seconds(record.arrival),
            "start": seconds(record.start),
            "departure": seconds(record.departure),
            "outcome": record.outcome.name(),
            "text": time(record.response().as_secs_f64()),
        })
    };
    json!({
        "label": story::label(&cell.row.axes, true),
        "requests": cell.records.iter().map(one).collect::<Vec<_>>(),
    })
}
