//! The routes of a log that a scenario tells apart: each with its share and its own demands.

use super::findings::{Findings, RouteFound, shapes_of};
use super::shape::SampleShape;

/// Requests of a route from which on its demands are worth writing: below, its quantiles say little.
const LEAST: usize = 20;

/// What is not told apart.
const REST: &str = "rest";

/// One route of a scenario.
#[derive(Debug)]
pub(super) struct RouteTable {
    /// A name as `[[route]]` takes it.
    pub(crate) name: String,
    /// Its share in millionths; all together are a million.
    pub(crate) share: u64,
    /// Its time on an idle machine, the CPU in it, and the rest, as far as they are known.
    pub(crate) parts: [Option<SampleShape>; 3],
}

/// The `most` most frequent routes, the last of which is all that is left.
///
/// # Errors
/// A sentence, if service times are not known, or if there is nothing to tell apart.
pub(super) fn of(findings: &Findings, most: usize) -> Result<Vec<RouteTable>, String> {
    let service = findings.service.as_ref().map_err(|why| format!("--routes: {why}"))?;
    let timed = |route: &&RouteFound| {
        route.service.as_ref().is_some_and(|shape| shape.values.len() >= LEAST)
    };
    let mut told: Vec<&RouteFound> = findings.routes.iter().filter(timed).collect();
    let all = findings.routes.len();
    // One place is kept for what is not told apart.
    if told.len() < all || told.len() > most {
        told.truncate(most - 1);
    }
    if all < 2 || told.is_empty() {
        return Err(format!(
            "--routes: the log has {all} routes, of which {} have {LEAST} requests with a time: drop \
             it, and all requests are of one kind",
            told.len()
        ));
    }
    let is_of =
        |route: &RouteFound, request: usize| findings.ledger.kept[request].route == route.id;
    let mut names: Vec<String> = Vec::new();
    let mut table = |name: &str, share: f64, parts: [Option<SampleShape>; 3]| {
        let name = unique(name, &names);
        names.push(name.clone());
        RouteTable { name, share: (share * 1e6).round() as u64, parts }
    };
    let one = |route: &&RouteFound| {
        table(&route.name, route.share, shapes_of(service, |request| is_of(route, request)))
    };
    let mut tables: Vec<RouteTable> = told.iter().map(one).collect();
    if told.len() < all {
        let rest = |request: usize| !told.iter().any(|route| is_of(route, request));
        let parts = shapes_of(service, rest);
        // What has no time of its own is taken for a request like all others.
        let parts = if parts[0].is_some() { parts } else { shapes_of(service, |_| true) };
        tables.push(table(REST, 0.0, parts));
    }
    if let Some((last, others)) = tables.split_last_mut() {
        last.share = 1_000_000 - others.iter().map(|table| table.share).sum::<u64>();
    }
    Ok(tables)
}

/// A name without blanks and signs that is none of `names`.
fn unique(name: &str, names: &[String]) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || "/{}_.-~%".contains(c);
    let plain = name.replace(' ', "");
    let plain: String = plain.chars().map(|c| if fits(c) { c } else { '-' }).collect();
    let numbered = (2..=names.len() + 1).map(|number| format!("{plain}-{number}"));
    let mut all = std::iter::once(plain.clone()).chain(numbered);
    all.find(|name| !names.contains(name)).unwrap_or(plain)
}
