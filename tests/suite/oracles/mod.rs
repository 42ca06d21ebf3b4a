//! The public command against published exact values, case by case: see `docs/oracles.md`.

mod model;
mod table;
mod verdict;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use self::model::{Case, Run, scv};
use self::verdict::{STUDENT_19, Verdict, moved, near, verdict};
use crate::command::simsrv;

/// Requests of a run of all replications together: at least, and at most where that is enough.
const LEAST: f64 = 1e6;
const MOST: f64 = 1.2e7;
/// The most for a rotating tenth; cases that need more are left to the whole.
const MOST_OF_A_TENTH: f64 = 4e6;
/// The seed of a second run: those of the first runs are the numbers of the cases, from 1, because
/// cases of one seed share their random numbers, and their differences would hang together.
const AGAIN: u32 = 1_000_000;
/// A run that long for its precision has 20 replications of 4000 relaxation times,
/// (ca² + cs²) / (1 - rho)² requests; this part of it is the least that forgets its empty start.
const SHORTEST: f64 = 1.0 / 80.0;

fn cases() -> Vec<Case> {
    let read = |file: &str| {
        let path = format!("{}/tests/data/theory/{file}", env!("CARGO_MANIFEST_DIR"));
        let reader = csv::Reader::from_path(path).expect("the published values");
        reader.into_records().map(|record| record.expect("a row")).collect::<Vec<_>>()
    };
    let mut values: BTreeMap<String, Vec<(String, f64)>> = BTreeMap::new();
    for record in ["values.csv", "more_values.csv"].iter().flat_map(|file| read(file)) {
        let row = (record[1].to_owned(), record[2].parse().expect("a number"));
        values.entry(record[0].to_owned()).or_default().push(row);
    }
    let case = |record: csv::StringRecord| Case {
        id: record[0].to_owned(),
        family: record[1].to_owned(),
        params: serde_json::from_str(&record[3]).expect("parameters"),
        rows: values.remove(&record[0]).unwrap_or_default(),
    };
    ["models.csv", "more_models.csv"].iter().flat_map(|file| read(file)).map(case).collect()
}

/// Requests that give a relative standard error of 0.5 % of the mean wait: Whitt (1989),
/// "Planning queueing simulations", Management Science 35:1341: 2 / ε² relaxation times; and where
/// few wait, enough of those.
fn requests(case: &Case) -> f64 {
    let few = 1.0 / case.value("wait_prob").unwrap_or(1.0).max(1e-4);
    (2.0 / 0.005f64.powi(2) * relaxation(case).max(few)).max(LEAST)
}

/// The relaxation time in requests, (ca² + cs²) / (1 - rho)²: for about so long a queue remembers.
fn relaxation(case: &Case) -> f64 {
    let params = &case.params;
    let arrival = &params["arrival"];
    let mean = |distribution: &serde_json::Value| distribution["mean"].as_f64().unwrap_or(0.0);
    let rate = arrival["rate"].as_f64().unwrap_or(0.0);
    let share = |metric| case.value(metric).unwrap_or(0.0);
    let busy = share("util_worker").max(share("util_cpu"));
    let load = match (case.value("capacity"), case.load_of_many()) {
        (Some(capacity), _) => rate / capacity,
        (None, Some(load)) => load,
        _ => busy.max(
            rate * case.mean_of_classes().unwrap_or(0.0).max(mean(&params["cpu"]))
                / params["cores"].as_f64().unwrap_or(1.0),
        ),
    };
    let retry = &params["retry"];
    // Who is refused and comes again is not lost, and comes late.
    let bounded = case.closed()
        || params["backlog"].is_number() && retry.is_null()
        || params["patience"].is_object();
    let load = if bounded { load.min(0.8) } else { load.min(0.995) };
    let service = scv(&params["cpu"]).max(scv(&params["io"]));
    let arrivals = match arrival["type"].as_str() {
        Some("renewal") => scv(arrival),
        Some("batch" | "mmpp") => 30.0,
        _ => 1.0,
    };
    let again = 1.0 + mean(retry) / mean(&params["cpu"]).max(0.1);
    case.queues_apart() * again * (arrivals + service) / (1.0 - load).powi(2)
}

/// Whether a value depends on what a run of `length` requests sees too seldom for a standard error:
/// refusals that fewer than 100 requests meet, waits that fewer than 100 requests or 200 relaxation
/// times meet, and percentiles beyond which fewer than 20 relaxation times lie.
fn too_rare(case: &Case, metric: &str, exact: f64, length: f64) -> bool {
    let waits = case.value("wait_prob").unwrap_or(1.0);
    let percentile =
        metric.rsplit_once("_p").and_then(|(_, digits)| format!("0.{digits}").parse().ok());
    match (metric, percentile) {
        ("loss_prob" | "abandon_prob", _) => exact * length < 100.0,
        ("wait_prob" | "wait_mean" | "wait_mean_served" | "Lq", _) => {
            waits * length < (200.0 * relaxation(case)).max(100.0)
        }
        (_, Some(p)) => {
            let p: f64 = p;
            (1.0 - p) * length / relaxation(case) < 20.0
        }
        _ => false,
    }
}

/// Runs and gives the first row of the results; of the rows of routes, which follow it, `measure@route`.
fn results(case: &Case, run: &Run, requests: f64, seed: u32) -> BTreeMap<String, String> {
    let mut options = run.model.clone();
    let mut add = |name: &str, value: String| options.extend([format!("--{name}"), value]);
    add("format", "csv".to_owned());
    add("seed", seed.to_string());
    add("jobs", "1".to_owned());
    if run.fixed.is_none() {
        add("replications", "20".to_owned());
        let each = requests / 20.0;
        if case.closed() {
            let throughput = case.value("thr").expect("closed cases tell their throughput");
            add("duration", format!("{}s", (each / throughput).ceil()));
        } else {
            add("requests", each.ceil().to_string());
        }
    }
    options.push("--yes".to_owned());
    options.extend(run.fixed.clone().unwrap_or_default());
    let text = simsrv(&options);
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    let names = reader.headers().expect("a header").clone();
    let route = names.iter().position(|name| name == "route");
    let mut values = BTreeMap::new();
    for record in reader.records() {
        let record = record.expect("a row");
        let of = route.and_then(|at| record.get(at)).filter(|name| !name.is_empty());
        for (name, value) in names.iter().zip(record.iter()) {
            let name = match (of, name.strip_suffix("_ci")) {
                (None, _) => name.to_owned(),
                (Some(route), None) => format!("{name}@{route}"),
                (Some(route), Some(measure)) => format!("{measure}@{route}_ci"),
            };
            values.insert(name, value.to_owned());
        }
    }
    values
}

/// A value with its standard error; replications over 20 are counted in 20 sections or taken as
/// they are, then the t of many is that of the normal distribution.
fn estimate(results: &BTreeMap<String, String>, column: &str, stories: bool) -> (f64, f64) {
    let field = |name: &str| results.get(name).map_or("", String::as_str);
    let half_width: f64 = field(&format!("{column}_ci")).parse().unwrap_or(0.0);
    let replications: u32 = field("replications").parse().unwrap_or(1);
    let student = if replications > 200 && !stories { 1.97 } else { STUDENT_19 };
    (field(column).parse().unwrap_or(f64::NAN), half_width / student)
}

/// What came out of a run.
#[derive(Default)]
struct Outcome {
    /// Differences in standard errors, and what differs.
    z: Vec<(f64, String)>,
    compared: usize,
    rare: usize,
    again: usize,
    wrong: Vec<String>,
    unmoved: Vec<String>,
}

impl Outcome {
    fn add(&mut self, other: Outcome) {
        self.z.extend(other.z);
        self.compared += other.compared;
        self.rare += other.rare;
        self.again += other.again;
        self.wrong.extend(other.wrong);
        self.unmoved.extend(other.unmoved);
    }
}

/// A percentile of the wait jumps to zero at the share that does not wait; next to that its
/// estimate is no matter of standard errors (the share itself is compared).
fn at_the_jump(case: &Case, metric: &str) -> bool {
    let level = metric.strip_prefix("wait_p").and_then(|digits| format!("0.{digits}").parse().ok());
    let waits = case.value("wait_prob");
    level.zip(waits).is_some_and(|(p, waits): (f64, f64)| (1.0 - waits - p).abs() < 0.02)
}

fn run(case: &Case, run: &Run, seed: u32, most: f64) -> Outcome {
    let wanted = requests(case);
    // A request that comes a hundred times is as much work as a hundred.
    let attempts = case.value("attempts_per_request").unwrap_or(1.0).max(1.0);
    let length = wanted.min(most * (10.0 / attempts).min(1.0)).max(wanted * SHORTEST);
    let stories = case.params["arrival"]["type"] == "burst";
    let got = results(case, run, length, seed);
    let mut outcome = Outcome::default();
    let mut longer = None;
    for (metric, column, exact) in &run.rows {
        if at_the_jump(case, metric) {
            continue;
        }
        if run.fixed.is_none() && too_rare(case, metric, *exact, length) {
            outcome.rare += 1;
            continue;
        }
        let (simulated, error) = estimate(&got, column, stories);
        outcome.compared += 1;
        // percentiles are rounded to buckets of their histogram, by up to 0.1 %
        if error > 0.0 && (!column.contains("_p") || error > 0.001 * exact) {
            outcome.z.push(((simulated - exact) / error, format!("{} {metric}", case.id)));
        }
        let moved = moved(simulated, error, *exact);
        if *exact != 0.0 && verdict(simulated, error, moved) == Verdict::Agrees {
            outcome.unmoved.push(format!("{} {metric}", case.id));
        }
        let said = format!("{} {metric}: {simulated} ± {error} (1 s.e.), exact {exact}", case.id);
        match verdict(simulated, error, *exact) {
            Verdict::Agrees => {}
            Verdict::Differs => outcome.wrong.push(said),
            Verdict::Again => {
                outcome.again += 1;
                let more =
                    longer.get_or_insert_with(|| results(case, run, 4.0 * length, seed + AGAIN));
                let (simulated, error) = estimate(more, column, stories);
                if !near(simulated, error, *exact, 3.0) {
                    outcome.wrong.push(format!("{said}; again {simulated} ± {error}"));
                }
            }
        }
    }
    outcome
}

/// Runs what `chosen` says, two at a time.
fn run_all(cases: &[Case], chosen: &Chosen, (most, longest): (f64, f64)) -> Outcome {
    let of_case = |(at, case): (usize, _)| {
        let runs = Case::runs(case).unwrap_or_default().into_iter();
        runs.map(move |run| (case, run, at as u32 + 1))
    };
    let runs: Vec<(&Case, Run, u32)> = cases
        .iter()
        .enumerate()
        .filter(|(at, case)| chosen.has(*at, case))
        .flat_map(of_case)
        .filter(|(_, run, _)| !run.rows.is_empty())
        .collect();
    let possible = |(case, ..): &(&Case, Run, u32)| requests(case) * SHORTEST <= longest;
    let all_runs = runs.len();
    let runs: Vec<_> = runs.into_iter().filter(possible).collect();
    println!("{} runs, {} more are too long", runs.len(), all_runs - runs.len());
    let (next, all) = (AtomicUsize::new(0), Mutex::new(Outcome::default()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((case, one, seed)) = runs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = run(case, one, *seed, most);
                    all.lock().expect("no run panics").add(outcome);
                }
            });
        }
    });
    all.into_inner().expect("no run panics")
}

/// Which cases are run: all, a tenth (`SIMSRV_ORACLES=3`), or those of a name
/// (`SIMSRV_ORACLES=retr`).
enum Chosen {
    All,
    Tenth(usize),
    Named(String),
}

impl Chosen {
    fn read() -> Chosen {
        match std::env::var("SIMSRV_ORACLES") {
            Err(_) => Chosen::All,
            Ok(text) => text.parse().map_or(Chosen::Named(text), |n: usize| Chosen::Tenth(n % 10)),
        }
    }

    fn has(&self, at: usize, case: &Case) -> bool {
        match self {
            Chosen::All => true,
            Chosen::Tenth(tenth) => at % 10 == *tenth,
            Chosen::Named(name) => case.id.starts_with(name.as_str()) || case.family == *name,
        }
    }

    /// Bounds of the root mean square and of the mean: values of one case hang together, and a part
    /// has too few cases for the narrow ones.
    fn bounds(&self) -> (f64, f64, f64) {
        match self {
            Chosen::All => (0.8, 1.25, 0.3),
            Chosen::Tenth(_) => (0.7, 1.4, 0.5),
            Chosen::Named(_) => (0.0, 4.0, 4.0),
        }
    }
}

/// All cases, or those that [`Chosen`] names; a tenth runs shorter.
#[test]
#[ignore = "minutes of simulation: .ci/run runs a tenth"]
fn simulations_agree_with_published_values() {
    let chosen = Chosen::read();
    let most = match chosen {
        Chosen::Tenth(_) => (MOST_OF_A_TENTH, MOST_OF_A_TENTH),
        _ => (MOST, f64::INFINITY),
    };
    let outcome = run_all(&cases(), &chosen, most);
    let count = outcome.z.len() as f64;
    let mean = outcome.z.iter().map(|(z, _)| z).sum::<f64>() / count;
    let rms = (outcome.z.iter().map(|(z, _)| z * z).sum::<f64>() / count).sqrt();
    println!(
        "{} values compared, {} of them by a second run, {} too rare for their run; {count} with \
         chance: rms z {rms:.3}, mean z {mean:.3}",
        outcome.compared, outcome.again, outcome.rare
    );
    let mut far: Vec<&(f64, String)> = outcome.z.iter().collect();
    far.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
    far.iter().take(8).for_each(|(z, what)| println!("z {z:.2}: {what}"));
    let Outcome { wrong, unmoved, .. } = &outcome;
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(unmoved.is_empty(), "moved by 10 s.e. and not seen:\n{}", unmoved.join("\n"));
    let least = if matches!(chosen, Chosen::Named(_)) { 1 } else { 100 };
    assert!(outcome.compared >= least, "only {} values", outcome.compared);
    let (low, high, off) = chosen.bounds();
    assert!((low..=high).contains(&rms), "rms z is {rms}");
    assert!(mean.abs() <= off, "mean z is {mean}");
}

/// The table in the documents is the one that the cases give.
#[test]
fn the_table_of_oracles_is_up_to_date() {
    let path = format!("{}/docs/oracles.md", env!("CARGO_MANIFEST_DIR"));
    let made = table::document(&cases());
    if std::env::var("SIMSRV_ORACLES_TABLE").is_ok_and(|what| what == "overwrite") {
        std::fs::write(&path, &made).expect("docs/oracles.md");
    }
    let raw = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(raw == made, "write docs/oracles.md anew with SIMSRV_ORACLES_TABLE=overwrite");
}

/// `simsrv theory` says what was published, wherever it calls itself exact: to 1e-4 where a
/// transform is inverted and for unlimited workers of which there are many, else to 1e-7.
#[test]
fn theory_on_the_command_line_says_what_was_published() {
    let (mut exact, mut compared, mut differ) = (0, 0, Vec::new());
    for case in cases() {
        let Ok(runs) = case.runs() else { continue };
        let Some(run) = runs.into_iter().find(|run| run.fixed.is_none()) else { continue };
        let mut options = vec!["theory".to_owned(), "--format".to_owned(), "csv".to_owned()];
        options.extend(run.model.clone());
        if case.closed() {
            options.extend(["--duration".to_owned(), "1h".to_owned()]);
        }
        let text = simsrv(&options);
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
        let names = reader.headers().expect("a header").clone();
        let records: Vec<_> = reader.records().map(|record| record.expect("a row")).collect();
        let place = |name: &str| names.iter().position(|column| column == name);
        let field = |name: &str| {
            let (name, route) = name.split_once('@').unwrap_or((name, ""));
            let of =
                |record: &&csv::StringRecord| place("route").is_none_or(|at| record[at] == *route);
            let record = records.iter().find(of).expect("a row");
            record[place(name).expect("a column")].to_owned()
        };
        if field("theory_kind") != "exact" {
            continue;
        }
        exact += 1;
        let inverted = case.family == "M/G/1";
        for (metric, column, value) in &run.rows {
            let Ok(got) = field(column).parse::<f64>() else { continue };
            compared += 1;
            let allowed = if inverted { 1e-4 } else { 1e-7 } * value.abs() + 1e-9;
            let near = (got - value).abs() <= allowed;
            if !near {
                differ.push(format!("{} {metric}: got {got}, expected {value}", case.id));
            }
        }
    }
    assert!(differ.is_empty(), "{} differ:\n{}", differ.len(), differ.join("\n"));
    assert_eq!((exact, compared), (570, 5_167), "cases answered exactly, values compared");
}
