//! What is said of loads that change with the clock.

use super::axes;
use super::number::{significant, time};
use crate::experiment::plan::Cell;
use crate::experiment::row::Axes;
use crate::experiment::{nonstationary, periodic};
use crate::model::Model;

/// What was measured of such a load.
pub(super) fn assumes(model: &Model) -> Option<String> {
    match periodic::period(model) {
        Some(period) => {
            Some(format!("measured over whole periods of {}", clock(period.as_secs_f64())))
        }
        None => periodic::once(model).then(|| "measured from an empty server on".to_owned()),
    }
}

/// A period as one would say it: `24 h`, `90 min`, `10 s`.
fn clock(seconds: f64) -> String {
    match seconds {
        s if s >= 3600.0 && s % 3600.0 == 0.0 => format!("{} h", s / 3600.0),
        s if s >= 60.0 && s % 60.0 == 0.0 => format!("{} min", s / 60.0),
        s => time(s),
    }
}

/// Which cells are overrun at the peak, and by how much; nothing if none is.
pub(crate) fn beware(cells: &[&Cell]) -> Option<String> {
    let all: Vec<&Axes> = cells.iter().map(|cell| &cell.axes).collect();
    let over: Vec<_> = cells
        .iter()
        .filter_map(|cell| Some((*cell, nonstationary::peak_over_capacity(&cell.model)?)))
        .collect();
    let (_, worst) = over.iter().max_by(|(_, a), (_, b)| {
        let excess = |peak: &nonstationary::Peak| peak.per_second / peak.capacity.per_second;
        excess(a).total_cmp(&excess(b))
    })?;
    let names: Vec<String> =
        over.iter().map(|(cell, _)| axes::told(&cell.axes, &all, &[])).collect();
    let whom = match &names[..] {
        _ if cells.len() == 1 => String::new(),
        names if names.len() == cells.len() => " (all rows)".to_owned(),
        names if names.len() <= 3 => format!(" ({})", names.join("; ")),
        names => format!(" ({} rows)", names.len()),
    };
    let most = if over.len() > 1 { " at the least loaded host" } else { "" };
    let tries = over.iter().filter_map(|(cell, _)| nonstationary::tries_over_capacity(&cell.model));
    let after = match tries.max_by(f64::total_cmp) {
        None => "; it drains afterwards".to_owned(),
        Some(tries) => format!(
            ". It drains afterwards, unless retries keep it full: if all attempts fail, {}/s \
             arrive",
            significant(tries)
        ),
    };
    Some(format!(
        "Peak over capacity{whom}: at the peak {}/s arrive and {}/s can be answered{most}, so the \
         queue grows{after}.",
        significant(worst.per_second),
        significant(worst.capacity.per_second)
    ))
}
