//! The questions beside the one that was asked: workers over cores, and load against latency of one
//! cell. They are questions like any other, with a command of their own.

use super::question::PageQuestion;
use crate::experiment::capacity;
use crate::experiment::plan::Cell;
use crate::model::Load;
use crate::scenario::Problem;

/// Numbers of workers, and of cores, that a map shows.
const MOST_WORKERS: usize = 20;
const MOST_CORES: usize = 10;
/// Loads of the curve, as shares of the capacity: closer together towards the knee.
const SHARES: [f64; 14] =
    [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.94, 0.97, 1.05];

/// The same requests on other numbers of cores.
///
/// # Errors
/// A sentence, if that cannot be asked.
pub fn map(question: &PageQuestion) -> Result<PageQuestion, Problem> {
    let cells = &question.plan().cells;
    let workers = distinct(cells.iter().map(|cell| cell.axes.workers));
    let asked = distinct(cells.iter().map(|cell| cell.axes.cores));
    let around =
        asked.iter().flat_map(|cores| [0.125, 0.25, 0.5, 1.0, 1.5, 2.0].map(|x| x * cores));
    let mut cores = distinct(around.map(|cores| if cores < 1.0 { cores } else { cores.round() }));
    if asked.len() > 1 {
        cores = asked;
    }
    cores.retain(|cores| *cores >= 0.1);
    let list = |values: Vec<String>| values.join(",");
    let changes = vec![
        ("workers", list(thinned(&workers, MOST_WORKERS).iter().map(u32::to_string).collect())),
        ("cores", list(thinned(&cores, MOST_CORES).iter().map(f64::to_string).collect())),
    ];
    question.with(&changes)
}

/// One cell under more and more load: rates up to beyond its capacity, or more and more clients.
///
/// # Errors
/// A sentence, if that cannot be asked: of a recorded trace, or of a cell that is not there.
pub fn load(question: &PageQuestion, at: usize) -> Result<PageQuestion, Problem> {
    let cells = &question.plan().cells;
    let cell = cells.get(at).ok_or_else(|| Problem::new(format!("there is no cell {at}")))?;
    let mut changes = fixed(cell);
    match cell.model.load() {
        Load::Open(_) => {
            let capacity = capacity::capacity(&cell.model).map(|capacity| capacity.per_second);
            let capacity = capacity.ok_or_else(|| Problem::new("requests take no time"))?;
            let rate = |share: &f64| format!("{}/s", three_digits(share * capacity));
            changes.push(("rate", SHARES.iter().map(rate).collect::<Vec<_>>().join(",")));
        }
        Load::Closed(closed) => {
            let most = closed.clients.saturating_mul(2).max(8);
            let step = most.div_ceil(14);
            changes.push(("clients", format!("1..{most}..{step}")));
        }
        Load::Trace(_) => return Err(Problem::new("a recorded load has no other rate")),
    }
    question.with(&changes)
}

/// The one cell at a place, as a question.
///
/// # Errors
/// A sentence, if there is none.
pub fn one(question: &PageQuestion, at: usize) -> Result<PageQuestion, Problem> {
    let cells = &question.plan().cells;
    let cell = cells.get(at).ok_or_else(|| Problem::new(format!("there is no cell {at}")))?;
    let mut changes = fixed(cell);
    if let Some(rate) = cell.axes.rate_per_s {
        changes.push(("rate", format!("{rate}/s")));
    }
    if let Some(clients) = cell.axes.clients {
        changes.push(("clients", clients.to_string()));
    }
    question.with(&changes)
}

/// The options of a cell's server; axes that a server has by itself stay as they are.
fn fixed(cell: &Cell) -> Vec<(&'static str, String)> {
    let axes = &cell.axes;
    let mut changes = vec![
        ("workers", axes.workers.to_string()),
        ("threads", axes.threads.to_string()),
        ("cores", axes.cores.to_string()),
    ];
    let server = cell.model.server();
    if let Some(limit) = server.memory.and_then(|memory| memory.limit) {
        changes.push(("memory", limit.to_string()));
    }
    changes.extend(axes.kind.iter().map(|(name, value)| (*name, value.clone())));
    changes
}

fn distinct<T: PartialOrd + Copy>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut all: Vec<T> = values.collect();
    all.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    all.dedup();
    all
}

/// At most so many of them, evenly spread, the ends among them.
fn thinned<T: Copy>(values: &[T], most: usize) -> Vec<T> {
    if values.len() <= most {
        return values.to_vec();
    }
    (0..most).map(|at| values[at * (values.len() - 1) / (most - 1)]).collect()
}

/// A rate that reads well: three significant digits.
fn three_digits(value: f64) -> f64 {
    let step = 10f64.powf(value.log10().floor() - 2.0);
    // Divided, not multiplied: steps below 1 have no exact form.
    (value / step).round() / (1.0 / step).round().max(1.0) * if step > 1.0 { step } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(pairs: &[(&'static str, &'static str)]) -> PageQuestion {
        PageQuestion::read(pairs.iter().copied()).expect("a question")
    }

    #[test]
    fn a_curve_goes_beyond_the_capacity_of_its_cell() {
        let asked = question(&[("workers", "2,4"), ("io", "exp(100ms)"), ("rate", "10/s")]);
        let curve = load(&asked, 1).expect("a curve");
        let rates: Vec<f64> =
            curve.plan().cells.iter().filter_map(|cell| cell.axes.rate_per_s).collect();
        // 4 workers of 100 ms answer 40/s.
        assert_eq!((rates[0], rates[4], rates[13]), (4.0, 20.0, 42.0));
        assert!(curve.plan().cells.iter().all(|cell| cell.axes.workers == 4));
        assert!(load(&asked, 2).is_err());
    }

    #[test]
    fn a_map_has_the_cores_around_those_asked() {
        let asked = question(&[("workers", "1..40"), ("cpu", "10ms"), ("rate", "10/s")]);
        let map = map(&asked).expect("a map");
        let cores = distinct(map.plan().cells.iter().map(|cell| cell.axes.cores));
        assert_eq!(cores, [1.0, 2.0, 4.0, 8.0, 12.0, 16.0]);
        assert_eq!(map.plan().cells.len(), 6 * MOST_WORKERS);
    }

    #[test]
    fn rates_read_well() {
        for (value, expect) in [(41.999, 42.0), (1234.5, 1230.0), (0.012_345, 0.0123), (7.0, 7.0)] {
            assert!((three_digits(value) - expect).abs() < 1e-12, "{value}");
        }
    }
}
