//! Locust: `*_stats.csv` (one line a request name, the last one of all) and `*_stats_history.csv`
//! (one line an interval), in milliseconds (`locust/stats.py`).

use super::SummaryFormat;
use super::columns::fields;
use crate::fit::record::LoadTestSummary;

/// `*_stats.csv`.
pub(crate) const STATS: SummaryFormat = SummaryFormat {
    name: "locust",
    title: "Locust statistics (CSV)",
    times: "ms; the wait for a worker is in it",
    read: stats,
};

/// `*_stats_history.csv`.
pub(crate) const HISTORY: SummaryFormat = SummaryFormat {
    name: "locust-history",
    title: "Locust history (CSV)",
    times: "ms; its last line of all requests is read; the wait for a worker is in it",
    read: history,
};

/// The columns of percentiles.
const PERCENTILES: [(f64, &str); 8] = [
    (0.5, "50%"),
    (0.66, "66%"),
    (0.75, "75%"),
    (0.9, "90%"),
    (0.95, "95%"),
    (0.98, "98%"),
    (0.99, "99%"),
    (0.999, "99.9%"),
];

fn stats(text: &str) -> Option<LoadTestSummary> {
    let row = last_of_all(text, "Average Response Time")?;
    let count = |name: &str| row.number(name).map(|count| count as u64);
    Some(LoadTestSummary {
        requests: count("Request Count"),
        failed: count("Failure Count"),
        rate: row.number("Requests/s"),
        users: None,
        mean: row.number("Average Response Time").map(|ms| ms / 1e3),
        quantiles: row.percentiles(),
    })
}

fn history(text: &str) -> Option<LoadTestSummary> {
    let row = last_of_all(text, "Total Average Response Time")?;
    let count = |name: &str| row.number(name).map(|count| count as u64);
    Some(LoadTestSummary {
        requests: count("Total Request Count"),
        failed: count("Total Failure Count"),
        rate: row.number("Requests/s"),
        users: count("User Count"),
        mean: row.number("Total Average Response Time").map(|ms| ms / 1e3),
        quantiles: row.percentiles(),
    })
}

/// A line by the names of its columns.
struct LocustRow<'t> {
    names: Vec<&'t [u8]>,
    fields: Vec<&'t [u8]>,
}

impl LocustRow<'_> {
    fn number(&self, name: &str) -> Option<f64> {
        let at = self.names.iter().position(|found| *found == name.as_bytes())?;
        std::str::from_utf8(self.fields.get(at)?).ok()?.parse().ok()
    }

    fn percentiles(&self) -> Vec<(f64, f64)> {
        let known = PERCENTILES.iter();
        known.filter_map(|(p, name)| Some((*p, self.number(name)? / 1e3))).collect()
    }
}

/// The last line whose name is `Aggregated` (older: `Total`), of a table that has a column.
fn last_of_all<'t>(text: &'t str, needed: &str) -> Option<LocustRow<'t>> {
    let mut lines = text.lines();
    let names: Vec<&[u8]> = fields(lines.next()?.as_bytes(), b',').collect();
    let place = |name: &[u8]| names.iter().position(|found| *found == name);
    let name = place(b"Name")?;
    place(needed.as_bytes())?;
    let all = |row: &Vec<&[u8]>| matches!(row.get(name), Some(&(b"Aggregated" | b"Total")));
    let mut rows = lines.map(|line| fields(line.as_bytes(), b',').collect::<Vec<&[u8]>>());
    let last = rows.rfind(all)?;
    Some(LocustRow { names, fields: last })
}
