//! Everything that reads text from outside, as functions of bytes. The long form (`cargo fuzz run
//! NAME`) calls one of them for hours; the short form (`cargo test --test command fuzz`) calls all of
//! them on the corpus and on mutations of it. A reader may refuse; it may not panic, and what it
//! reads and prints again means the same.

mod logs;
pub mod models;
mod page;
mod part;

pub use logs::{load_test, log, test_plan};
pub use page::{http, question};
pub use part::part;

use simsrv::distribution::{ArrivalProcess, Distribution};
use simsrv::render::{records_csv, results_csv};
use simsrv::scenario::{
    NoFiles, Place, RawOptions, Value, expect, file, lists, phases, slo, trace_file,
};
use simsrv::size::Size;
use simsrv::time::Span;

/// A reader of bytes.
pub type Reader = fn(&[u8]);

/// All of them, by the name of their corpus and of their target. A target names its function, so that no
/// other is part of its program: the fewer branches libFuzzer has to look at, the faster it is.
macro_rules! readers {
    ($($name:ident)*) => {
        pub const READERS: &[(&str, Reader)] = &[$((stringify!($name), $name)),*];
    };
}

readers! {
    distribution arrivals list size duration scenario trace samples results visits recorded runs server
    objectives route log load_test test_plan part question http model
}

fn text(bytes: &[u8]) -> &str {
    let bytes = &bytes[..bytes.len().min(4_096)];
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    }
}

pub fn distribution(bytes: &[u8]) {
    if let Ok(read) = text(bytes).parse::<Distribution>() {
        let shown = read.to_string();
        let again = shown.parse::<Distribution>().map(|again| again.to_string());
        assert_eq!(again.as_deref().ok(), Some(&shown[..]), "what is printed is read again");
    }
}

pub fn arrivals(bytes: &[u8]) {
    if let Ok(read) = text(bytes).parse::<ArrivalProcess>() {
        let shown = read.to_string();
        let again = shown.parse::<ArrivalProcess>().map(|again| again.to_string());
        assert_eq!(again.as_deref().ok(), Some(&shown[..]), "what is printed is read again");
    }
}

pub fn list(bytes: &[u8]) {
    let text = text(bytes);
    if let Ok(counts) = lists::counts(text, "workers", 1_000) {
        assert!(!counts.is_empty() && counts.iter().all(|n| (1..=1_000).contains(n)));
    }
    if let Ok(cores) = lists::cores(text) {
        assert!(!cores.is_empty() && cores.iter().all(|cores| cores.millicores() > 0));
    }
    if let Ok(rates) = lists::rates(text) {
        assert!(!rates.is_empty() && rates.iter().all(|rate| rate.per_second().is_finite()));
    }
    if let Ok(sizes) = lists::sizes(text) {
        assert!(!sizes.is_empty());
    }
}

pub fn size(bytes: &[u8]) {
    if let Ok(read) = text(bytes).parse::<Size>() {
        assert_eq!(read.to_string().parse::<Size>(), Ok(read));
    }
    let _ = expect::quantity(text(bytes));
    let _ = expect::Tolerance::parse(text(bytes));
}

pub fn duration(bytes: &[u8]) {
    if let Ok(read) = text(bytes).parse::<Span>() {
        assert_eq!(read.to_string().parse::<Span>(), Ok(read));
    }
    let mut demands = Vec::new();
    let _ = phases::demands(text(bytes), &mut demands);
}

pub fn scenario(bytes: &[u8]) {
    let text = text(bytes);
    match file::read(text) {
        Err(problem) => assert!(file::show(&problem, "s.toml", text).starts_with("s.toml")),
        Ok(scenario) => {
            if let Err(problem) = simsrv::scenario::plan(&scenario.base, &scenario.cases, &NoFiles)
            {
                assert!(problem.to_string().len() > 10, "{problem}");
            }
        }
    }
}

pub fn trace(bytes: &[u8]) {
    if let Ok(trace) = trace_file::read(bytes) {
        assert!((1..trace.len()).all(|at| trace.arrival(at - 1) <= trace.arrival(at)));
    }
}

pub fn samples(bytes: &[u8]) {
    let _ = simsrv::distribution::read_samples(trace_file::short_lines(bytes), None, None);
    let _ = simsrv::distribution::read_samples(trace_file::short_lines(bytes), Some("a"), None);
}

pub fn results(bytes: &[u8]) {
    let _ = results_csv::read(text(bytes));
}

pub fn visits(bytes: &[u8]) {
    let _ = records_csv::read(text(bytes));
}

pub fn recorded(bytes: &[u8]) {
    let _ = simsrv::scenario::recorded::read(bytes, None);
    let _ = simsrv::scenario::recorded::read(bytes, Some((3, None)));
}

pub fn runs(bytes: &[u8]) {
    let _ = simsrv::scenario::runs::read(text(bytes));
}

/// The first line names the server, the rest is its configuration or command line.
pub fn server(bytes: &[u8]) {
    let (name, rest) = text(bytes).split_once('\n').unwrap_or_default();
    let mut raw = RawOptions::new();
    if !name.is_empty() {
        raw.set("server", Value { text: name.to_owned(), place: Place::Flag("server") });
    }
    raw.set("from", Value { text: rest.to_owned(), place: Place::Flag("from") });
    if let Err(problem) = simsrv::scenario::server::expand(&raw, &NoFiles) {
        assert!(problem.to_string().len() > 10, "{problem}");
    }
}

pub fn objectives(bytes: &[u8]) {
    if let Ok(read) = slo::objectives(text(bytes)) {
        let shown: Vec<&str> = read.iter().map(|objective| &objective.text[..]).collect();
        let again = slo::objectives(&shown.join(","));
        assert_eq!(again.as_ref(), Ok(&read), "what is printed is read again");
    }
}

/// Routes as in `--route`, several between `|`.
pub fn route(bytes: &[u8]) {
    let mut raw = RawOptions::new();
    for (name, text) in [("requests", "10"), ("route", text(bytes))] {
        raw.set(name, Value { text: text.to_owned(), place: Place::Flag(name) });
    }
    if let Err(problem) = simsrv::scenario::plan(&raw, &[], &NoFiles) {
        assert!(problem.to_string().len() > 10, "{problem}");
    }
}

/// Bytes choose the options of a model.
pub fn model(bytes: &[u8]) {
    models::model(bytes);
}
