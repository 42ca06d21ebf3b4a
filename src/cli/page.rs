//! `--report`: the page of a run as one file, or its words and table in Markdown.

use std::path::Path;

use serde_json::Value;

use super::end::Failure;
use super::interrupt::stop;
use super::output;
use super::task::Task;
use crate::job::Results;
use crate::page::document::Answered;
use crate::page::texts::Texts;
use crate::page::{motion, report};
use crate::render::Origin;

/// Requests that move in a report.
const MOVED: usize = 300;

/// The cell that moves: of a story the first, where most wait, else the one that is explained.
fn moving(document: &Value) -> usize {
    let story = !document["timeline"].is_null();
    let cell = if story { &document["cells"][0]["at"] } else { &document["explained"] };
    cell.as_u64().unwrap_or(0) as usize
}

fn is_html(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "html" || end == "htm")
}

/// Markdown that says who wrote it, so that it may be written anew.
fn marked(text: &str) -> String {
    format!("<!-- simsrv {} -->\n\n{text}", env!("CARGO_PKG_VERSION"))
}

/// Writes the report of a text.
pub(super) fn write_texts(path: &Path, texts: &Texts<'_>) -> Result<(), Failure> {
    match is_html(path) {
        true => output::write(path, &texts.html()),
        false => output::write(path, marked(&texts.markdown()).as_bytes()),
    }
}

/// Writes the report of some results.
pub(super) fn write(
    path: &Path,
    (task, results): (&Task, &Results),
    origin: &Origin,
) -> Result<(), Failure> {
    let answered = Answered {
        results,
        raw: &task.job.base,
        cases: &task.job.cases,
        origin,
        files: &*task.job.files,
        with: &|changes| task.job.with(changes),
    };
    let mut document = answered.document();
    document["title"] = task.lead.trim().into();
    if !is_html(path) {
        return output::write(path, marked(&report::markdown(&document)).as_bytes());
    }
    let moving = moving(&document);
    if let Some(cell) = results.plan.cells.get(moving) {
        document["film"] = motion::document(cell, results.plan.settings.seed, MOVED, stop());
        document["film"]["cell"] = moving.into();
    }
    output::write(path, &report::html(&document))
}
