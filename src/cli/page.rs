//! `--report`: the page of a run as one file, or its words and table in Markdown.

use std::path::Path;

use super::end::Failure;
use super::output;
use super::results::{Job, Results};
use crate::page::document::Answered;
use crate::page::{motion, report};
use crate::render::Origin;

/// Requests that move in a report.
const MOVED: usize = 300;

/// Writes the report of some results.
pub(super) fn write(
    path: &Path,
    (job, results): (&Job, &Results),
    origin: &Origin,
) -> Result<(), Failure> {
    let answered = Answered {
        plan: &results.plan,
        results: &results.cells,
        raw: &job.base,
        cases: &job.cases,
        origin,
        files: &job.files(),
    };
    let mut document = answered.document();
    document["title"] = job.lead.trim().into();
    let page = path.extension().is_some_and(|end| end == "html" || end == "htm");
    if !page {
        return output::write(path, report::markdown(&document).as_bytes());
    }
    let named = document["named"].as_u64().unwrap_or(0) as usize;
    if let Some(cell) = results.plan.cells.get(named) {
        document["film"] = motion::document(cell, results.plan.settings.seed, MOVED);
    }
    output::write(path, &report::html(&document))
}
