//! The results as JSON: the names of the CSV's columns; what does not apply is `null`. The schema
//! is in `docs/results.schema.json`.

use rayon::prelude::*;
use serde_json::{Map, Value, json};

use super::Origin;
use super::results_csv::LIMIT;
use crate::experiment::row::{ColumnGroup, Measure, Row, Theory, TheoryKind};

/// The document.
pub(crate) fn write(rows: &[Row], answer: Value, origin: &Origin) -> Vec<u8> {
    let mut document = json!({
        "simsrv": origin.version,
        "command": origin.command,
        "seed": origin.seed,
        "scenario": format!("{:016x}", origin.hash),
        "partial": origin.partial.map(|(done, all)| json!({ "finished": done, "cells": all })),
        "answer": answer,
        "rows": [],
    });
    if !origin.servers.is_empty() {
        document["servers"] = super::servers::json(&origin.servers);
    }
    let text = format!("{document:#}\n");
    // Inside a text there is no newline. Thousands of rows are made on all cores and as text at once: as
    // values they would take ten times the memory.
    match text.split_once(NO_ROWS) {
        Some((before, behind)) if !rows.is_empty() => {
            let told: Vec<String> = rows.par_iter().map(text_of).collect();
            format!("{before}{}{}\n  ]{behind}", &NO_ROWS[..NO_ROWS.len() - 1], told.join(","))
        }
        _ => text,
    }
    .into_bytes()
}

/// The place of the rows in a document without them.
const NO_ROWS: &str = "\n  \"rows\": []";

/// A row, and those of its routes, as they stand in the document.
fn text_of(cell: &Row) -> String {
    let told = rows_of(cell).into_iter().map(|row| format!("\n{row:#}").replace('\n', "\n    "));
    told.collect::<Vec<_>>().join(",")
}

/// A row, and one for each of its routes.
fn rows_of(cell: &Row) -> Vec<Value> {
    let all = cell.with_routes().map(|told| {
        let mut value = row(&told);
        if !cell.routes.is_empty() {
            value["route"] = json!(told.axes.route);
        }
        value
    });
    all.collect()
}

fn row(row: &Row) -> Value {
    let axes = &row.axes;
    let mut fields = Map::new();
    let mut set = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
    set("workers", json!(axes.workers));
    set("threads", json!(axes.threads));
    set("cores", json!(axes.cores));
    set("clients", json!(axes.clients));
    set("rate_per_s", json!(axes.rate_per_s));
    if axes.case.is_some() {
        set("case", json!(axes.case));
    }
    for (name, value) in &axes.kind {
        // Hosts and connections are numbers; the others, and 'unlimited', are words.
        set(name, value.parse::<u32>().map_or_else(|_| json!(value), |number| json!(number)));
    }
    set("requests", json!(row.requests));
    set("refused", json!(row.refused));
    set("replications", json!(row.replications));
    set("seed", json!(row.seed));
    set("stable", json!(row.stability.name()));
    let measures = |fields: &mut Map<String, Value>, group: ColumnGroup| {
        for measure in Measure::of_group(group) {
            let estimate = row.measures.get(measure);
            let half_width = estimate.and_then(|estimate| estimate.half_width);
            fields.insert(measure.name().to_owned(), json!(estimate.map(|e| e.value)));
            fields.insert(format!("{measure}_ci"), json!(half_width));
        }
    };
    measures(&mut fields, ColumnGroup::General);
    let mut set = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
    set("theory_response_mean_s", json!(row.theory_response_mean_s));
    set("flags", json!(row.flags.iter().map(|flag| flag.name()).collect::<Vec<_>>()));
    set("response_ccdf", json!(row.response_ccdf));
    let memory = row.measures.get(Measure::Memory).is_some();
    let groups = [
        (true, ColumnGroup::Later),
        (!axes.kind.is_empty(), ColumnGroup::Detailed),
        (axes.kind("pool").is_some(), ColumnGroup::Pool),
        (memory, ColumnGroup::Memory),
        (row.measures.get(Measure::PoolTimeoutShare).is_some(), ColumnGroup::PoolTimes),
        (row.measures.get(Measure::Status504Share).is_some(), ColumnGroup::Proxy),
    ];
    groups.iter().filter(|(shown, _)| *shown).for_each(|(_, group)| measures(&mut fields, *group));
    let mut set = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
    let kind = json!(row.theory.kind.map(TheoryKind::name));
    let theory = std::iter::once(kind).chain(row.theory.values.map(|value| json!(value)));
    Theory::columns().zip(theory).for_each(|(name, value)| set(&name, value));
    let standing = row.standing;
    let difference = standing.and_then(|standing| standing.difference);
    set("best_by", json!(standing.map(|standing| standing.by.name())));
    set("verdict", json!(standing.map(|standing| standing.verdict.name())));
    set("best_difference", json!(difference.map(|estimate| estimate.value)));
    set("best_difference_ci", json!(difference.and_then(|estimate| estimate.half_width)));
    if memory {
        set(LIMIT, json!(axes.memory));
    }
    Value::Object(fields)
}
