//! Whether what simsrv says with a confidence is true as often: the short form of
//! `benches/coverage`, whose long form is the table of `docs/trust.md`.

use std::sync::atomic::AtomicBool;

use simsrv::experiment::row::{Measure, Verdict};
use simsrv::experiment::sweep::sweep;
use simsrv::experiment::{Control, Plan};
use simsrv::random::Seed;
use simsrv::scenario::{Place as Written_, RawOptions, Value, plan};
use simsrv::theory::erlang::Mmk;
use statrs::distribution::{Binomial, DiscreteCDF};

#[path = "../../benches/coverage/cases.rs"]
mod cases;

/// The level of one comparison: with some 50 of them a right program fails once in 1,000 changes of
/// its random numbers. The seeds are fixed, so a given program passes or fails for good.
const LEVEL: f64 = 2e-5;
/// Intervals that hold the truth less often than this are held to be broken.
const PROMISED: f64 = 0.93;

/// 60 seeds of every model and measure at 10 %: the number of intervals that contain the exact
/// value must not be one that happens less than once in 50,000 times if 93 % contain it.
#[test]
#[ignore = "a minute of optimised code, several of others; run by .ci/run"]
fn intervals_contain_the_truth() {
    contain(60, &[0, 1, 2, 3, 4, 5, 6], "10%");
}

/// A closed loop begins with all its clients at the accept_queue, and near or over saturation they
/// go on coming nearly together for many thoughts. What is reported by default is told from what
/// comes after: held against the exact chain (M/M/k//1000, at loads of 0.5, 0.9 and 1.4 of
/// saturation), at the level of `--check-theory`. Six thoughts are too short for the last two, and
/// that is seen.
#[test]
fn many_clients_have_settled_before_they_are_measured() {
    let agrees = |workers: &str, length: &[&str]| {
        let server = ["--workers", workers, "--cores", workers, "--backlog", "unlimited"];
        let clients = ["--clients", "1000", "--think", "exp(1s)", "--service", "exp(10ms)"];
        let status = std::process::Command::new(env!("CARGO_BIN_EXE_simsrv"))
            .args(server.iter().chain(&clients).chain(length))
            .args(["--check-theory", "--quiet"])
            .stdout(std::process::Stdio::null())
            .status();
        status.expect("the command runs").code()
    };
    for workers in ["20", "11", "7"] {
        assert_eq!(agrees(workers, &[]), Some(0), "{workers} workers");
    }
    for workers in ["11", "7"] {
        assert_eq!(agrees(workers, &["--duration", "6s"]), Some(1), "{workers} workers, short");
    }
}

/// The same for two models that take little time.
#[test]
fn intervals_of_some_models_contain_the_truth() {
    contain(30, &[0, 4], "20%");
}

fn contain(seeds: u64, which: &[usize], precision: &str) {
    let least = fewest(seeds, PROMISED);
    for case in which.iter().map(|at| &cases::CASES[*at]) {
        let (tested, _) = case.test(1..seeds + 1, Some(precision));
        assert!(tested.len() >= 6, "{}: {} measures", case.name, tested.len());
        for one in tested {
            let cases::Tested { measure, hits, truth, .. } = one;
            assert!(hits >= least, "{}: {measure} {truth}: {hits} of {seeds}", case.name);
            // The mean over the seeds, of half-widths of 2.09 standard errors each.
            let error = one.half_width / 2.09 / (seeds as f64).sqrt();
            assert!(one.bias.abs() < 5.0 * error, "{}: {measure}: {:+}", case.name, one.bias);
        }
    }
}

/// The least number of hits that is not too unlikely.
fn fewest(runs: u64, promised: f64) -> usize {
    let hits = Binomial::new(promised, runs).expect("a proper distribution");
    (0..=runs).find(|k| hits.cdf(*k) > LEVEL).expect("some number") as usize
}

/// The check can fail: intervals a third narrower than they should be contain the truth 84 times in
/// 100 (a normal value within 1.4 standard errors), and 1000 of them are seen to be broken.
#[test]
fn narrow_intervals_would_be_found() {
    let narrow = Binomial::new(0.84, 1000).expect("a proper distribution");
    let least = fewest(1000, PROMISED) as u64;
    assert!(narrow.cdf(least - 1) > 0.9999, "{least}");
}

fn workers(list: &str, seed: u64, options: &[(&'static str, &str)]) -> Plan {
    let mut raw = RawOptions::new();
    let seed_text = seed.to_string();
    let all = [("workers", list), ("io", "exp(1s)"), ("rate", "2.4/s"), ("seed", &seed_text)];
    for (name, text) in all.iter().chain(options) {
        let value = Value { text: (*text).to_owned(), place: Written_::Flag(name) };
        raw.set(name, value);
    }
    let plan = plan(&raw, &[], &simsrv::scenario::NoFiles).expect("the options are right");
    assert_eq!(plan.settings.seed, Seed(seed));
    plan
}

/// The cell that was named best, by its number of workers, and all replications that were run.
fn named(plan: &Plan) -> (u32, u32) {
    let stop = AtomicBool::new(false);
    let (_, results) = sweep(plan.clone(), Control::new(&stop), |_| {});
    let results: Vec<_> = results.into_iter().flatten().collect();
    let best = |row: &&simsrv::experiment::row::Row| row.verdict() == Some(Verdict::Named);
    let rows = || results.iter().map(|result| &result.row);
    let replications = rows().map(|row| row.replications).sum();
    (rows().find(best).expect("a best cell").axes.workers, replications)
}

/// M/M/3 to M/M/6 at 2.4 requests a second of 1 s: Erlang's mean responses are 2.079, 1.180, 1.043
/// and 1.011 s. Worth finding are differences of 3 %: the best is 6, and nothing else is within 3 %
/// of it. 20 selections at 95 %: fewer than 14 right ones happen less than once in 10,000 times.
#[test]
fn selections_find_the_best() {
    let means: Vec<f64> =
        (3..=6).map(|k| Mmk::new(2.4, 1.0, k).expect("below capacity").response_mean()).collect();
    assert!(means[2] > 1.03 * means[3], "{means:?}");
    let options = [("select", "best"), ("delta", "3%"), ("best", "response_mean")];
    let selected: Vec<_> = (1..=20).map(|seed| named(&workers("3..6", seed, &options))).collect();
    let right = selected.iter().filter(|(best, _)| *best == 6).count();
    assert!(right >= 14, "{right} of 20");
    // Effort goes where it matters: the hopeless are dropped after the first look, 16 each.
    let most = selected.iter().map(|(_, replications)| replications).max().expect("some");
    assert!(*most < 1_000, "{most} replications");
}

/// The subset: 5 and 6 differ by 3.2 %. Where differences of up to 10 % do not count, 5 is the
/// smallest that is not worse; where every difference counts and the runs are long, 6 is.
#[test]
fn the_smallest_that_is_not_worse_is_named() {
    let by = ("best", "response_mean");
    for seed in 1..=2 {
        let near = workers("3..6", seed, &[by, ("precision", "2%"), ("delta", "10%")]);
        assert_eq!(named(&near).0, 5, "seed {seed}");
        let every = workers("3..6", seed, &[by, ("precision", "1.5%"), ("delta", "0")]);
        assert_eq!(named(&every).0, 6, "seed {seed}");
    }
    assert_eq!(workers("3..6", 1, &[]).settings.best, Measure::ResponseP95);
}
