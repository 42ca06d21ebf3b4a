//! The routes of a run beside each other.

use super::along::{Along, varying};
use super::{ChartError, Sheet, ccdf, lines};
use crate::experiment::row::{Measure, Row};

/// The axes that a chart of routes may run along, the first that varies.
const ALONG: [Along; 6] =
    [Along::Workers, Along::Rate, Along::Clients, Along::Cores, Along::Threads, Along::Hosts];

/// A measure of each route along the first axis that varies; of one cell the distribution of the
/// response time of each route.
///
/// # Errors
/// If requests are not of several routes, or none has the measure.
pub(crate) fn routes(rows: &[Row], measure: Measure) -> Result<Sheet<'static>, ChartError> {
    let of_routes = of_routes(rows);
    if of_routes.is_empty() {
        return Err(ChartError::NoValues("routes"));
    }
    let differ = varying(&rows.iter().collect::<Vec<_>>());
    match ALONG.into_iter().find(|along| differ.contains(along)) {
        Some(x) => {
            let sheet = lines(&of_routes, x, &[measure], Some(Along::Route))?;
            Ok(sheet.named("routes"))
        }
        None => Ok(ccdf(&of_routes)?.named("routes")),
    }
}

/// The rows of all routes, without those of all requests together.
pub(crate) fn of_routes(rows: &[Row]) -> Vec<Row> {
    rows.iter().flat_map(|row| row.with_routes().skip(1)).collect()
}
