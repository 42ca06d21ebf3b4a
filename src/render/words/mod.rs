//! What is said around a table: what was simulated, what came out, why, what was assumed.

mod answered;
mod assumed;
mod beware;
mod described;
mod next;
mod objectives;
mod open;
mod why;

use super::number::plural;
use crate::experiment::CellResult;
use crate::experiment::row::{Axes, Measure};

pub(crate) use answered::answer;
pub(crate) use assumed::{assumes, assumes_story, theory};
pub(crate) use beware::warnings;
pub(crate) use described::{description, distributions};
pub(crate) use next::next;
pub(crate) use objectives::{broken_alone, limits, nearest};
pub(crate) use open::{MORE_REQUESTS, UNDECIDED};
pub(crate) use why::{why, why_story};

/// `4 workers`, `2 workers x 4 threads`, `4 workers a host`.
pub(in crate::render) fn servers(axes: &Axes) -> String {
    let mut workers = plural(u64::from(axes.workers), "worker");
    if axes.kind("hosts").is_some_and(|hosts| hosts != "1") {
        workers += " a host";
    }
    match axes.threads {
        1 => workers,
        threads => format!("{workers} x {}", plural(u64::from(threads), "thread")),
    }
}

pub(in crate::render) fn short_servers(axes: &Axes) -> String {
    match axes.threads {
        1 => axes.workers.to_string(),
        threads => format!("{} x {threads}", axes.workers),
    }
}

/// The same, with what else differs among the cells of its choice: `gevent, 2 workers`.
pub(in crate::render) fn servers_among(axes: &Axes, all: &[&CellResult]) -> String {
    let mut parts = kinds(axes, all);
    parts.push(servers(axes));
    parts.join(", ")
}

/// The same in short: `gevent 2`.
pub(in crate::render) fn short_among(axes: &Axes, all: &[&CellResult]) -> String {
    let mut parts = kinds(axes, all);
    parts.push(short_servers(axes));
    parts.join(" ")
}

/// Class, hosts, balance and pool of a cell, where the cells of its choice differ in them.
fn kinds(axes: &Axes, all: &[&CellResult]) -> Vec<String> {
    let others = || all.iter().map(|cell| &cell.row.axes).filter(|other| other.same_group(axes));
    let differs = |name: &str| others().any(|other| other.kind(name) != axes.kind(name));
    // A class comes with its way to accept.
    let names: &[&str] = if differs("class") {
        &["class", "hosts", "balance", "pool"]
    } else {
        &["accept", "hosts", "balance", "pool"]
    };
    let value = |name: &&str| {
        let value = axes.kind(name).filter(|_| differs(name))?;
        Some(match *name {
            "hosts" => plural(value.parse().ok()?, "host"),
            "pool" => format!("pool {value}"),
            _ => value.to_owned(),
        })
    };
    names.iter().filter_map(value).collect()
}

/// `8, 10 and 12`; long lists by their ends.
pub(in crate::render) fn list(items: &[String]) -> String {
    list_of(items, String::clone)
}

/// A list of things by their names. Of a long list only the ends are named: to name a cell may take a
/// look at all others.
pub(in crate::render) fn list_of<T>(items: &[T], name: impl Fn(&T) -> String) -> String {
    match items {
        [] => String::new(),
        [one] => name(one),
        [first, .., last] if items.len() > 6 => format!("{} … {}", name(first), name(last)),
        [front @ .., last] => {
            let front: Vec<String> = front.iter().map(&name).collect();
            format!("{} and {}", front.join(", "), name(last))
        }
    }
}

/// A measure as it is spoken of.
pub(crate) fn spoken(measure: Measure) -> String {
    let name = measure.name();
    let name = name.strip_suffix("_per_s").or(name.strip_suffix("_s")).unwrap_or(name);
    let name = name.replace('_', " ");
    match name.split_once(' ') {
        Some((what @ ("response" | "wait"), how)) => {
            let what = if what == "wait" { "waiting" } else { what };
            format!("{how} {what} time")
        }
        _ => name,
    }
}

pub(super) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::list_of;

    /// Each name of a cell may take a look at all of them: of a long list two are made.
    #[test]
    fn a_long_list_makes_two_names() {
        for (count, expect, names) in [
            (0, "", 0),
            (1, "0", 1),
            (3, "0, 1 and 2", 3),
            (6, "0, 1, 2, 3, 4 and 5", 6),
            (5_000, "0 … 4999", 2),
        ] {
            let (items, made) = ((0..count).collect::<Vec<u32>>(), std::cell::Cell::new(0));
            let name = |item: &u32| {
                made.set(made.get() + 1);
                item.to_string()
            };
            assert_eq!((list_of(&items, name).as_str(), made.get()), (expect, names));
        }
    }
}
