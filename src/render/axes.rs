//! Which axes of a sweep a reader has to see.

use super::grid::{Column, Side};
use super::number::{amount, plural, significant};
use crate::experiment::row::Axes;
use crate::size::Size;

type Of = fn(&Axes) -> String;

/// Whether two cells stand at the same place on an axis.
type Same = fn(&Axes, &Axes) -> bool;

/// An axis of one of the further kinds.
macro_rules! kind {
    ($name:literal) => {
        (
            $name,
            |axes: &Axes| axes.kind($name).unwrap_or_default().to_owned(),
            |a: &Axes, b: &Axes| a.kind($name) == b.kind($name),
        )
    };
}

/// All axes, the one that varies fastest last.
const AXES: [(&str, Of, Same); 13] = [
    ("case", |axes| axes.case.clone().unwrap_or_default(), |a, b| a.case == b.case),
    kind!("class"),
    kind!("accept"),
    kind!("hosts"),
    kind!("balance"),
    kind!("pool"),
    // Rates that are shown alike count as one.
    ("rate", rate, |a, b| a.rate_per_s == b.rate_per_s || rate(a) == rate(b)),
    (
        "clients",
        |axes| axes.clients.map_or(String::new(), |clients| clients.to_string()),
        |a, b| a.clients == b.clients,
    ),
    ("cores", |axes| axes.cores.to_string(), |a, b| a.cores == b.cores),
    ("threads", |axes| axes.threads.to_string(), |a, b| a.threads == b.threads),
    (
        "memory",
        |axes| axes.memory.map_or(String::new(), |bytes| Size::from_bytes(bytes).to_string()),
        |a, b| a.memory == b.memory,
    ),
    ("workers", |axes| axes.workers.to_string(), |a, b| a.workers == b.workers),
    ("route", |axes| axes.route.clone().unwrap_or_default(), |a, b| a.route == b.route),
];

fn rate(axes: &Axes) -> String {
    axes.rate_per_s.map_or(String::new(), |rate| format!("{}/s", significant(rate)))
}

/// The axes on which cells differ.
pub(crate) struct Varying([bool; AXES.len()]);

impl Varying {
    /// All axes are asked of one cell after another: a sweep may have a million of them, which are slow to
    /// reach.
    pub(crate) fn among(axes: &[&Axes]) -> Varying {
        let mut varies = [false; AXES.len()];
        for other in axes {
            for (varies, (_, _, same)) in varies.iter_mut().zip(&AXES) {
                *varies = *varies || !same(other, axes[0]);
            }
        }
        Varying(varies)
    }

    /// A cell by these axes, but not those that are given as known: `60/s, 4 workers`. Empty if nothing
    /// varies.
    pub(crate) fn told(&self, cell: &Axes, known: &[&str]) -> String {
        let part = |((name, of, _), varies): (&(&str, Of, Same), bool)| {
            if known.contains(name) || !varies {
                return None;
            }
            Some(match *name {
                "clients" => plural(u64::from(cell.clients?), "client"),
                "hosts" => plural(cell.kind("hosts")?.parse().ok()?, "host"),
                "pool" => pool_words(cell.kind("pool")?),
                "cores" => amount(cell.cores, "core"),
                "memory" => format!("{} of memory", Size::from_bytes(cell.memory?)),
                "threads" => plural(u64::from(cell.threads), "thread"),
                "workers" => plural(u64::from(cell.workers), "worker"),
                _ => of(cell),
            })
        };
        let parts = AXES.iter().zip(self.0).filter_map(part).filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(", ")
    }
}

/// The columns of the axes that vary; the workers always, but not of the routes of one cell.
pub(super) fn columns(axes: &[&Axes]) -> Vec<Column> {
    let of_one_cell = axes.iter().all(|axes| axes.route.is_some());
    let column = |((name, of, _), varies): (&(&str, Of, Same), bool)| {
        let values: Vec<String> = axes.iter().map(|axes| of(axes)).collect();
        let words = ["case", "class", "accept", "balance", "route"].contains(name);
        let side = if words { Side::Left } else { Side::Right };
        let always = *name == "workers" && !of_one_cell;
        let wanted = always || varies;
        wanted.then(|| Column { name: (*name).to_owned(), values, side })
    };
    AXES.iter().zip(Varying::among(axes).0).filter_map(column).collect()
}

/// A cell by the axes that vary among `all`: see [`Varying::told`].
pub(crate) fn told(cell: &Axes, all: &[&Axes], known: &[&str]) -> String {
    Varying::among(all).told(cell, known)
}

/// `pool of 5`, `unlimited pool`.
pub(super) fn pool_words(pool: &str) -> String {
    if pool == "unlimited" { format!("{pool} pool") } else { format!("pool of {pool}") }
}
