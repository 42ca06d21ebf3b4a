//! Which axes of a sweep a reader has to see.

use super::grid::{Column, Side};
use super::number::{amount, plural, significant};
use crate::experiment::row::Axes;
use crate::size::Size;

type Of = fn(&Axes) -> String;

/// All axes, the one that varies fastest last.
const AXES: [(&str, Of); 12] = [
    ("case", |axes| axes.case.clone().unwrap_or_default()),
    ("class", |axes| axes.kind("class").unwrap_or_default().to_owned()),
    ("accept", |axes| axes.kind("accept").unwrap_or_default().to_owned()),
    ("hosts", |axes| axes.kind("hosts").unwrap_or_default().to_owned()),
    ("balance", |axes| axes.kind("balance").unwrap_or_default().to_owned()),
    ("pool", |axes| axes.kind("pool").unwrap_or_default().to_owned()),
    ("rate", |axes| {
        axes.rate_per_s.map_or(String::new(), |rate| format!("{}/s", significant(rate)))
    }),
    ("clients", |axes| axes.clients.map_or(String::new(), |clients| clients.to_string())),
    ("cores", |axes| axes.cores.to_string()),
    ("threads", |axes| axes.threads.to_string()),
    ("memory", |axes| {
        axes.memory.map_or(String::new(), |bytes| Size::from_bytes(bytes).to_string())
    }),
    ("workers", |axes| axes.workers.to_string()),
];

fn varies(axes: &[&Axes], of: Of) -> bool {
    axes.iter().any(|other| of(other) != of(axes[0]))
}

/// The columns of the axes that vary; the workers always.
pub(super) fn columns(axes: &[&Axes]) -> Vec<Column> {
    let column = |(name, of): &(&str, Of)| {
        let values: Vec<String> = axes.iter().map(|axes| of(axes)).collect();
        let words = ["case", "class", "accept", "balance"].contains(name);
        let side = if words { Side::Left } else { Side::Right };
        let wanted = *name == "workers" || varies(axes, *of);
        wanted.then(|| Column { name: (*name).to_owned(), values, side })
    };
    AXES.iter().filter_map(column).collect()
}

/// A cell by the axes that vary among `all`, but not those that are given as known: `60/s, 4
/// workers`. Empty if nothing varies.
pub(crate) fn told(cell: &Axes, all: &[&Axes], known: &[&str]) -> String {
    let part = |(name, of): &(&str, Of)| {
        if known.contains(name) || !varies(all, *of) {
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
    let parts = AXES.iter().filter_map(part).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(", ")
}

/// `pool of 5`, `unlimited pool`.
pub(super) fn pool_words(pool: &str) -> String {
    if pool == "unlimited" { format!("{pool} pool") } else { format!("pool of {pool}") }
}
