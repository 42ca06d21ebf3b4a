//! Which axes of a sweep a reader has to see.

use super::grid::Column;
use super::number::significant;
use crate::experiment::row::Axes;

type Of = fn(&Axes) -> String;

/// All axes, the one that varies fastest last.
const AXES: [(&str, Of); 6] = [
    ("case", |axes| axes.case.clone().unwrap_or_default()),
    ("rate", |axes| {
        axes.rate_per_s.map_or(String::new(), |rate| format!("{}/s", significant(rate)))
    }),
    ("clients", |axes| axes.clients.map_or(String::new(), |clients| clients.to_string())),
    ("cores", |axes| axes.cores.to_string()),
    ("threads", |axes| axes.threads.to_string()),
    ("workers", |axes| axes.workers.to_string()),
];

/// The columns of the axes that vary; the workers always.
pub(super) fn columns(axes: &[&Axes]) -> Vec<Column> {
    let column = |(name, of): &(&str, Of)| {
        let values: Vec<String> = axes.iter().map(|axes| of(axes)).collect();
        let varies = values.iter().any(|value| *value != values[0]);
        let words = *name == "case";
        (*name == "workers" || varies).then(|| Column { name: (*name).to_owned(), values, words })
    };
    AXES.iter().filter_map(column).collect()
}

/// Whether two cells differ in nothing but workers and threads.
pub fn same_group(a: &Axes, b: &Axes) -> bool {
    a.case == b.case && a.cores == b.cores && a.clients == b.clients && a.rate_per_s == b.rate_per_s
}
