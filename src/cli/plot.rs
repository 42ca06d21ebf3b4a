//! `simsrv plot`: pictures from saved results, without simulating.

use std::path::{Path, PathBuf};

use clap::ArgMatches;

use super::claims::Claims;
use super::end::{ExitStatus, Failure, input};
use super::files::Inputs;
use super::{output, pictures};
use crate::render::charts;
use crate::render::{records_csv, results_csv};
use crate::scenario::{Place, Value};

/// The longest file that is read, in bytes.
const LONGEST: u64 = 64 << 20;

/// Draws what a file holds: results, or the records of a small story.
pub(super) fn plot(matches: &ArgMatches) -> Result<ExitStatus, Failure> {
    let path = matches.get_one::<String>("file").map(String::as_str).unwrap_or_default();
    let output = matches.get_one::<String>("output").map(String::as_str).unwrap_or(".");
    let output = Value { text: output.to_owned(), place: Place::Flag("output") };
    let folder = PathBuf::from(&output.text);
    let inputs = Inputs::default();
    let text = inputs.text(Path::new(path), LONGEST).map_err(input)?;
    output::check_folder(&folder).map_err(|sentence| input(format!("--output: {sentence}")))?;
    let wrong = |error: String| input(format!("'{path}': {error}"));
    let pictures = if text.starts_with(records_csv::COLUMNS) {
        let cells = records_csv::read(&text).map_err(wrong)?;
        charts::default_charts(&[], Some(&cells))
    } else {
        let rows = results_csv::read(&text).map_err(wrong)?;
        charts::default_charts(&rows, None)
    };
    if pictures.is_empty() {
        return Err(input(format!(
            "'{path}' has nothing to draw: a picture needs an axis that varies, random requests, \
             or the visits of a small story"
        )));
    }
    let (mut claims, names) = (Claims::default(), pictures.iter().map(|of| of.name.as_str()));
    claims
        .pictures(&output, &folder, names, matches.get_flag("force"))
        .and_then(|()| claims.check_inputs(0, &inputs.identities()))
        .map_err(input)?;
    output::make_folder(&folder)?;
    pictures::write(&pictures, &folder)?;
    output::print(&pictures::names(&pictures, &folder), false)?;
    Ok(ExitStatus::Done)
}
