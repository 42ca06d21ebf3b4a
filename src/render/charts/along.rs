//! The axes of a sweep: what a row says along each, and rows grouped by them.

use super::super::axes::pool_words;
use super::number;
use crate::experiment::row::{Axes, Row};
use crate::size::Size;

/// One of a sweep's axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Along {
    /// Worker processes.
    Workers,
    /// Threads in each worker.
    Threads,
    /// Cores.
    Cores,
    /// Clients of a closed loop.
    Clients,
    /// Arrivals per second of an open loop.
    Rate,
    /// Bytes of memory that there are.
    Memory,
    /// The scenario's case.
    Case,
    /// Of real servers: the class of the workers.
    Class,
    /// Of real servers: who takes a connection.
    Accept,
    /// Hosts behind a balancer.
    Hosts,
    /// Which host gets a request.
    Balance,
    /// Connections of the pool behind.
    Pool,
    /// The route, of rows of routes.
    Route,
}

impl Along {
    /// All axes, in the order of titles.
    pub(crate) const ALL: [Along; 13] = [
        Along::Case,
        Along::Route,
        Along::Class,
        Along::Accept,
        Along::Hosts,
        Along::Balance,
        Along::Pool,
        Along::Workers,
        Along::Threads,
        Along::Cores,
        Along::Clients,
        Along::Rate,
        Along::Memory,
    ];

    /// The name, as in titles and under axes.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Along::Workers => "workers",
            Along::Threads => "threads in each worker",
            Along::Cores => "cores",
            Along::Clients => "clients",
            Along::Rate => "requests per second",
            Along::Memory => "memory",
            Along::Case => "case",
            Along::Class => "class",
            Along::Accept => "accept",
            Along::Hosts => "hosts",
            Along::Balance => "balance",
            Along::Pool => "connections of the pool",
            Along::Route => "route",
        }
    }

    /// The axis of an option: `workers`, `rate`...
    pub(crate) fn from_option(name: &str) -> Option<Along> {
        let option = |along: &Along| match along {
            Along::Threads => "threads",
            Along::Rate => "rate",
            Along::Pool => "pool",
            other => other.name(),
        };
        Along::ALL.into_iter().find(|along| option(along) == name)
    }

    /// The value as a number; none for names, and where the axis does not apply.
    pub(crate) fn number(self, axes: &Axes) -> Option<f64> {
        match self {
            Along::Workers => Some(f64::from(axes.workers)),
            Along::Threads => Some(f64::from(axes.threads)),
            Along::Cores => Some(axes.cores),
            Along::Clients => axes.clients.map(f64::from),
            Along::Rate => axes.rate_per_s,
            Along::Memory => axes.memory.map(|bytes| bytes as f64),
            Along::Hosts => axes.kind("hosts").and_then(|hosts| hosts.parse().ok()),
            Along::Pool => axes.kind("pool").and_then(|pool| pool.parse().ok()),
            Along::Case | Along::Class | Along::Accept | Along::Balance | Along::Route => None,
        }
    }

    /// The value in words: `1 worker`, `100 requests/s`; none where the axis does not apply.
    pub(crate) fn phrase(self, axes: &Axes) -> Option<String> {
        let count = |value: f64, one: &str, many: &str| {
            format!("{} {}", number::short(value, 4), if value == 1.0 { one } else { many })
        };
        match self {
            Along::Workers => Some(count(f64::from(axes.workers), "worker", "workers")),
            Along::Threads => Some(count(f64::from(axes.threads), "thread", "threads")),
            Along::Cores => Some(count(axes.cores, "core", "cores")),
            Along::Clients => {
                axes.clients.map(|clients| count(clients.into(), "client", "clients"))
            }
            Along::Rate => axes.rate_per_s.map(|rate| count(rate, "request/s", "requests/s")),
            Along::Memory => {
                axes.memory.map(|bytes| format!("{} of memory", Size::from_bytes(bytes)))
            }
            Along::Case => axes.case.clone(),
            Along::Route => axes.route.clone(),
            Along::Class => axes.kind("class").map(str::to_owned),
            Along::Accept => axes.kind("accept").map(str::to_owned),
            Along::Hosts => self.number(axes).map(|hosts| count(hosts, "host", "hosts")),
            Along::Balance => axes.kind("balance").map(str::to_owned),
            Along::Pool => axes.kind("pool").map(pool_words),
        }
    }
}

/// The axes along which `rows` differ.
pub(super) fn varying(rows: &[&Row]) -> Vec<Along> {
    let differ = |along: &Along| {
        rows.windows(2).any(|pair| along.phrase(&pair[0].axes) != along.phrase(&pair[1].axes))
    };
    Along::ALL.into_iter().filter(differ).collect()
}

/// What all `rows` have in common, in words: `8 cores, 100 requests/s`.
pub(super) fn common(rows: &[&Row]) -> String {
    let Some(first) = rows.first() else { return String::new() };
    let differ = varying(rows);
    let idle = |along: &Along| *along == Along::Threads && first.axes.threads == 1;
    let said = Along::ALL.into_iter().filter(|along| !differ.contains(along) && !idle(along));
    joined(said.filter_map(|along| along.phrase(&first.axes)))
}

/// Rows that agree along some axes, and what they agree in.
#[derive(Clone, Debug)]
pub(super) struct RowGroup<'a> {
    /// In words; empty if there is but one group.
    pub(crate) label: String,
    /// In the order of the results.
    pub(crate) rows: Vec<&'a Row>,
}

/// Groups `rows` by those axes of `by` along which they differ, in the order of their coming.
pub(super) fn grouped<'a>(rows: &[&'a Row], by: &[Along]) -> Vec<RowGroup<'a>> {
    let differ = varying(rows);
    let by: Vec<Along> = by.iter().copied().filter(|along| differ.contains(along)).collect();
    let mut groups: Vec<RowGroup<'a>> = Vec::new();
    for &row in rows {
        let label = joined(by.iter().filter_map(|along| along.phrase(&row.axes)));
        match groups.iter_mut().find(|group| group.label == label) {
            Some(group) => group.rows.push(row),
            None => groups.push(RowGroup { label, rows: vec![row] }),
        }
    }
    groups
}

/// Groups `rows` by all axes but `but`.
pub(super) fn grouped_but<'a>(rows: &[&'a Row], but: &[Along]) -> Vec<RowGroup<'a>> {
    let told = |along: Along| but.contains(&Along::Case) && told_by_case(rows, along);
    let wanted = |along: &Along| !but.contains(along) && !told(*along);
    let by: Vec<Along> = Along::ALL.into_iter().filter(wanted).collect();
    grouped(rows, &by)
}

/// Whether a request that knows the case knows an axis too: each case has one value on it.
fn told_by_case(rows: &[&Row], along: Along) -> bool {
    let mut seen = std::collections::BTreeMap::new();
    rows.iter().all(|row| {
        let value = along.phrase(&row.axes);
        *seen.entry(&row.axes.case).or_insert_with(|| value.clone()) == value
    })
}

fn joined(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(", ")
}
