//! What theory says of the cells of a sweep, without simulating: as a table, CSV, JSON, Markdown.

use serde_json::{Map, Value, json};

use super::grid::{self, Column};
use super::number::{measured, significant};
use super::results_csv::{self, text_cell};
use super::{Origin, axes};
use crate::experiment::row::{Axes, ColumnGroup, Estimate, Measure, Stability};
use crate::experiment::theory;
use crate::theory::{Answer, Known};

/// A cell and what theory says of it.
pub struct CellTheory {
    /// Where it stands.
    pub(crate) axes: Axes,
    /// Whether it settles.
    pub(crate) stability: Stability,
    /// What is known.
    pub(crate) known: Known,
}

/// The measures that theory may know: the early ones, but for the longest times, of which it says
/// nothing.
fn measures() -> impl Iterator<Item = Measure> {
    let early = Measure::of_group(ColumnGroup::General);
    early.filter(|measure| !matches!(measure, Measure::WaitMax | Measure::ResponseMax))
}

/// What is to be said of an answer beside its condition and source: how far off it may be, or why
/// there is none.
fn note(known: &Known) -> &str {
    match &known.answer {
        Answer::Exact => "",
        Answer::Approximation { error } => error,
        Answer::Unstable => "the queue grows without bound: means do not exist",
        Answer::Unknown { why } => why,
    }
}

/// Every field of a cell by the name of its column, in order; `text` makes a value of what others
/// wrote.
fn fields(told: &CellTheory, has: Has, text: fn(&str) -> String) -> Vec<(String, Value)> {
    let CellTheory { axes, known, .. } = told;
    let finite = |value: Option<f64>| json!(value.filter(|value| value.is_finite()));
    let mut all = vec![
        ("workers", json!(axes.workers)),
        ("threads", json!(axes.threads)),
        ("cores", json!(axes.cores)),
        ("clients", json!(axes.clients)),
        ("rate_per_s", json!(axes.rate_per_s)),
    ];
    if has.cases {
        all.push(("case", json!(axes.case.as_deref().map(text))));
    }
    if has.routes {
        all.push(("route", json!(axes.route.as_deref().map(text))));
    }
    all.extend([
        ("stable", json!(told.stability.name())),
        ("model", json!(known.name)),
        ("theory_kind", json!(theory::kind(known).name())),
        ("capacity_per_s", finite(known.capacity)),
        ("load", finite(known.load)),
    ]);
    all.extend(measures().map(|m| (m.name(), json!(theory::value(known, m)))));
    all.extend([
        ("condition", json!(known.condition)),
        ("source", json!(known.source)),
        ("note", json!(note(known))),
    ]);
    all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Axes that only some tables have.
#[derive(Clone, Copy)]
struct Has {
    cases: bool,
    routes: bool,
}

impl Has {
    fn of(cells: &[CellTheory]) -> Has {
        Has {
            cases: cells.iter().any(|cell| cell.axes.case.is_some()),
            routes: cells.iter().any(|cell| cell.axes.route.is_some()),
        }
    }
}

/// One row a cell, with the columns of the results where they speak of the same.
pub fn csv(cells: &[CellTheory], origin: &Origin) -> Vec<u8> {
    let mut out = results_csv::comments(origin).into_bytes();
    let mut csv = csv::Writer::from_writer(&mut out);
    let cell = |value: Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text,
        other => other.to_string(),
    };
    let rows: Vec<_> = cells.iter().map(|cell| fields(cell, Has::of(cells), text_cell)).collect();
    // Writing to memory cannot fail, and every record has the header's length.
    if let Some(first) = rows.first() {
        let _ = csv.write_record(first.iter().map(|(name, _)| name));
    }
    for row in rows {
        let _ = csv.write_record(row.into_iter().map(|(_, value)| cell(value)));
    }
    let _ = csv.flush();
    drop(csv);
    out
}

/// The same as JSON.
pub(crate) fn json(cells: &[CellTheory], origin: &Origin) -> Vec<u8> {
    let fields = |cell| fields(cell, Has::of(cells), str::to_owned);
    let row = |cell| Value::Object(fields(cell).into_iter().collect::<Map<_, _>>());
    let mut document = json!({
        "simsrv": origin.version,
        "command": origin.command,
        "scenario": format!("{:016x}", origin.hash),
        "theory": cells.iter().map(row).collect::<Vec<_>>(),
    });
    if !origin.servers.is_empty() {
        document["servers"] = super::servers::json(&origin.servers);
    }
    let mut text = serde_json::to_vec_pretty(&document).unwrap_or_default();
    text.push(b'\n');
    text
}

/// For a document: one row a cell.
pub(crate) fn markdown(cells: &[CellTheory]) -> String {
    let mut columns = columns(cells);
    let of = |text: fn(&Known) -> &str| cells.iter().map(|c| text(&c.known).to_owned()).collect();
    columns.push(Column::words("condition", of(|known| known.condition)));
    columns.push(Column::words("source", of(|known| known.source)));
    columns.push(Column::words("note", of(note)));
    grid::markdown(&columns)
}

/// For the terminal: a row a cell; a single cell is told in full.
pub fn plain(cells: &[CellTheory], width: usize) -> String {
    match cells {
        [one] => in_full(one),
        many => grid::fitted(columns(many), width, &LEFT_OUT),
    }
}

/// What holds under which condition, each once: (models, what is said).
pub(crate) fn remarks(cells: &[CellTheory]) -> Vec<(String, String)> {
    let mut all: Vec<(Vec<String>, String)> = Vec::new();
    for CellTheory { known, .. } in cells {
        let kind = theory::kind(known).name();
        let said = match known.answer {
            Answer::Unknown { .. } => note(known).to_owned(),
            Answer::Unstable => format!("unstable: {}; {}", note(known), known.source),
            _ if note(known).is_empty() => {
                format!("{kind}, for {}; {}", known.condition, known.source)
            }
            _ => format!("{kind}, {}; for {}; {}", note(known), known.condition, known.source),
        };
        match all.iter_mut().find(|(_, other)| *other == said) {
            Some((names, _)) if names.contains(&known.name) => {}
            Some((names, _)) => names.push(known.name.clone()),
            None => all.push((vec![known.name.clone()], said)),
        }
    }
    let names = |names: Vec<String>| match &names[..] {
        [first, _, .., last] => format!("{first} … {last}"),
        few => few.join(", "),
    };
    all.into_iter().map(|(models, said)| (names(models), said)).collect()
}

fn shown(known: &Known, measure: Measure) -> Option<String> {
    let value = theory::value(known, measure)?;
    Some(measured(measure, Estimate::exact(value)))
}

fn per_second(value: Option<f64>) -> Option<String> {
    value.filter(|v| v.is_finite()).map(|v| format!("{}/s", significant(v)))
}

fn columns(cells: &[CellTheory]) -> Vec<Column> {
    let mut columns = axes::columns(&cells.iter().map(|cell| &cell.axes).collect::<Vec<_>>());
    let words = |of: &dyn Fn(&CellTheory) -> String| cells.iter().map(of).collect::<Vec<_>>();
    columns.push(Column::words("model", words(&|cell| cell.known.name.clone())));
    let kind = |cell: &CellTheory| theory::kind(&cell.known).name().to_owned();
    columns.push(Column::words("theory", words(&kind)));
    let mut numbers = |name: &str, of: &dyn Fn(&Known) -> Option<String>| {
        let values: Vec<Option<String>> = cells.iter().map(|cell| of(&cell.known)).collect();
        if values.iter().any(Option::is_some) {
            let text = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
            columns.push(Column::numbers(name, values.into_iter().map(text).collect()));
        }
    };
    numbers("\ncapacity", &|known| per_second(known.capacity));
    numbers("\nload", &|known| known.load.map(super::number::percent));
    for (name, measure) in [
        ("mean\nwait", Measure::WaitMean),
        ("p95\nwait", Measure::WaitP95),
        ("mean\nresponse", Measure::ResponseMean),
        ("p95\nresponse", Measure::ResponseP95),
        ("p99\nresponse", Measure::ResponseP99),
        ("all\nanswered", Measure::Makespan),
    ] {
        numbers(name, &|known| shown(known, measure));
    }
    let lost = |measure| {
        move |known: &Known| {
            theory::value(known, measure).filter(|share| *share > 0.0)?;
            shown(known, measure)
        }
    };
    numbers("\nrefused", &lost(Measure::RefusedShare));
    numbers("gave\nup", &lost(Measure::TimedOutShare));
    numbers("workers\nbusy", &|known| shown(known, Measure::WorkerUtilisation));
    columns
}

/// What is left out of a table that is too wide, in this order: CSV and JSON have all.
const LEFT_OUT: [&str; 6] =
    ["workers\nbusy", "\ncapacity", "p95\nwait", "p95\nresponse", "gave\nup", "\nrefused"];

/// All that is known of a cell, one measure a line.
fn in_full(told: &CellTheory) -> String {
    let known = &told.known;
    let mut lines = vec![
        ("model".to_owned(), known.name.clone()),
        ("theory".to_owned(), theory::kind(known).name().to_owned()),
    ];
    lines.extend(per_second(known.capacity).map(|text| ("capacity".to_owned(), text)));
    lines.extend(known.load.map(|load| ("load".to_owned(), super::number::percent(load))));
    let measures = measures();
    lines.extend(measures.filter_map(|m| Some((m.name().to_owned(), shown(known, m)?))));
    let (names, values) = lines.into_iter().unzip();
    grid::plain(&[Column::words("", names), Column::words("", values)], 3)
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| format!("{line}\n"))
        .collect()
}
