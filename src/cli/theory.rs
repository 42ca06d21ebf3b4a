//! `simsrv theory`: what is known of the cells of a sweep without simulating them; and
//! `--check-theory`: a simulation compared with that.

use clap::ArgMatches;
use rayon::prelude::*;

use super::claims::Claims;
use super::end::{ExitStatus, Failure, input};
use super::interrupt::stop;
use super::output;
use super::task::Task;
use super::usage::with_hint;
use super::wanted::{OutputFormat, OutputOptions};
use crate::experiment::row::Axes;
use crate::experiment::theory::against::{TheoryComparison, of_result, of_twin};
use crate::experiment::{Control, Plan};
use crate::job::report::{paragraph, wrapped};
use crate::job::{KnownCells, Results};
use crate::render::theory::{self, CellTheory};
use crate::render::theory_check::{self, TheoryVerdict};
use crate::render::{Origin, servers, words};

/// `simsrv theory [OPTIONS]`.
pub(super) fn theory(matches: &ArgMatches, typed: String) -> Result<ExitStatus, Failure> {
    let task = Task::of_flags(matches, typed);
    let told = |problem: &dyn std::fmt::Display| input(with_hint(problem));
    let wanted = OutputOptions::read(&task.job.base, &task.folder, true);
    let wanted = wanted.map_err(|problem| told(&problem))?;
    // Everything is read and every file is claimed before anything is worked out.
    task.job.plan().map_err(|problem| told(&problem))?;
    let mut claims = Claims::default();
    OutputOptions::claim(&task.job.base, &task.folder, &[], &mut claims)
        .and_then(|()| claims.check_inputs(0, &task.inputs.identities()))
        .map_err(|problem| told(&problem))?;
    claims.try_folders()?;
    let KnownCells { plan, cells, origin } = task.job.theory().map_err(|error| told(&error))?;
    for (format, path) in &wanted.exports {
        output::write(path, &bytes(*format, &cells, &origin))?;
    }
    match wanted.format {
        None => {}
        Some(OutputFormat::Table) => wanted.show(&text(&plan, &cells, &origin))?,
        Some(format) => output::print_bytes(&bytes(format, &cells, &origin))?,
    }
    Ok(ExitStatus::Done)
}

fn bytes(format: OutputFormat, cells: &[CellTheory], origin: &Origin) -> Vec<u8> {
    match format {
        OutputFormat::Csv => theory::csv(cells, origin),
        OutputFormat::Json => theory::json(cells, origin),
        OutputFormat::Markdown
        | OutputFormat::Table
        | OutputFormat::Config
        | OutputFormat::Diff => theory::markdown(cells).into_bytes(),
    }
}

fn text(plan: &Plan, cells: &[CellTheory], origin: &Origin) -> String {
    let width = output::width();
    let mut text: String =
        servers::header(&origin.servers).iter().map(|line| wrapped(line, 0, width)).collect();
    text += &wrapped(&words::description(plan), 0, width);
    text.push('\n');
    text += &theory::plain(cells, width);
    text.push('\n');
    for (models, said) in theory::remarks(cells) {
        text += &paragraph("Theory", &format!("{models}: {said}."), width);
    }
    if let Some(left_out) = servers::left_out(&origin.servers) {
        text += &wrapped(&left_out, 0, width);
    }
    text
}

/// Compares results with theory, if that was asked for: the table goes to standard output, or to
/// standard error where the results themselves stand there for a machine.
pub(super) fn check(results: &Results, wanted: &OutputOptions) -> Result<ExitStatus, Failure> {
    if !wanted.check_theory {
        return Ok(ExitStatus::Done);
    }
    let settings = &results.plan.settings;
    let control = Control::new(stop());
    let cells: Vec<_> = results.finished().collect();
    let compare = |(at, result): &(usize, &_)| {
        let own = of_result(*at, result, settings.confidence);
        match own.is_empty() {
            true => of_twin(*at, &results.plan.cells[*at], settings, control),
            false => own,
        }
    };
    let pool = wanted.pool()?;
    let all: Vec<TheoryComparison> =
        pool.install(|| cells.par_iter().flat_map_iter(compare).collect());
    let axes: Vec<&Axes> = results.plan.cells.iter().map(|cell| &cell.axes).collect();
    let (verdict, text) =
        theory_check::table(&all, &axes, 1.0 - settings.confidence, output::width());
    let text = format!("\nTheory check\n{text}");
    if wanted.format == Some(OutputFormat::Table) {
        wanted.show(&text)?;
    } else {
        output::tell(text.trim_end());
    }
    Ok(match verdict {
        TheoryVerdict::Agrees => ExitStatus::Done,
        TheoryVerdict::Differs => ExitStatus::Missed,
        TheoryVerdict::CannotTell => ExitStatus::CannotTell,
    })
}
