//! The results as JSON: the names of the CSV's columns; what does not apply is `null`. The schema
//! is in `docs/results.schema.json`.

use serde_json::{Map, Value, json};

use super::Origin;
use crate::experiment::row::{Measure, Row};

/// The document.
pub fn write(rows: &[Row], origin: &Origin) -> Vec<u8> {
    let document = json!({
        "simsrv": origin.version,
        "command": origin.command,
        "seed": origin.seed,
        "scenario": format!("{:016x}", origin.hash),
        "partial": origin.partial.map(|(done, all)| json!({ "finished": done, "cells": all })),
        "rows": rows.iter().map(row).collect::<Vec<_>>(),
    });
    let mut text = serde_json::to_vec_pretty(&document).unwrap_or_default();
    text.push(b'\n');
    text
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
        set(name, json!(value));
    }
    set("requests", json!(row.requests));
    set("refused", json!(row.refused));
    set("replications", json!(row.replications));
    set("seed", json!(row.seed));
    set("stable", json!(row.stability.name()));
    let real = |measure: &Measure| !measure.of_real_servers() || !axes.kind.is_empty();
    for measure in Measure::ALL.into_iter().filter(real) {
        let estimate = row.measures.get(measure);
        set(measure.name(), json!(estimate.map(|estimate| estimate.value)));
        let half_width = estimate.and_then(|estimate| estimate.half_width);
        set(&format!("{}_ci", measure.name()), json!(half_width));
    }
    set("theory_response_mean_s", json!(row.theory_response_mean_s));
    set("flags", json!(row.flags.iter().map(|flag| flag.name()).collect::<Vec<_>>()));
    set("response_ccdf", json!(row.response_ccdf));
    Value::Object(fields)
}
