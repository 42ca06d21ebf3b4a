//! wrk and wrk2 (wg/wrk): what they print.

use super::SummaryFormat;
use super::summary_text::{number, number_after, seconds};
use crate::fit::record::LoadTestSummary;

/// What it prints.
pub(crate) const SUMMARY: SummaryFormat = SummaryFormat {
    name: "wrk",
    title: "wrk summary (text)",
    times: "with their units; the wait for a worker is in it; a closed loop that leaves out what \
            was not sent (coordinated omission)",
    read: summary,
};

fn summary(text: &str) -> Option<LoadTestSummary> {
    if !text.contains("Thread Stats") {
        return None;
    }
    let latency = text.lines().find_map(|line| line.trim().strip_prefix("Latency "))?;
    let mut quantiles = Vec::new();
    for line in text.lines() {
        let Some((percent, time)) = line.trim().split_once('%') else { continue };
        if let Some(time) = seconds(time).filter(|_| !percent.contains(' ')) {
            quantiles.extend(number(percent).map(|p| (p / 100.0, time)));
        }
    }
    quantiles.retain(|(p, _)| *p < 1.0);
    let connections = text.lines().find_map(|line| line.trim().strip_suffix(" connections"));
    let users = connections.and_then(|line| line.split_whitespace().last()?.parse().ok());
    let requests = text.lines().find_map(|line| {
        let (count, rest) = line.trim().split_once(' ')?;
        rest.starts_with("requests in").then(|| count.parse().ok())?
    });
    Some(LoadTestSummary {
        requests,
        rate: number_after(text, "Requests/sec:"),
        users,
        mean: seconds(latency.split_whitespace().next()?),
        quantiles,
        ..LoadTestSummary::default()
    })
}
