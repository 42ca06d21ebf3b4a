//! What an answer says first, how it ends, and how wide it is.

use std::fs;

use crate::support::{folder, run_in, succeeds, succeeds_in, words};

/// The code of a sweep in which a memory is the limit: workers of 100M each; a mean of M/M/c in seconds.
fn code(line: &str) -> (Option<i32>, String) {
    let ran = run_in(folder().path(), &words(line));
    (ran.code, ran.out + &ran.err)
}

/// One rule for several choices: 0 if a row of any of them is named; else 3 if that is open for one of
/// them; else 4 if what meets the objectives does not fit for one of them; else 1. Of M/M/c with services
/// of 100 ms, p95 with 2 workers busy for 30/s is overloaded and with 8 it is 300 ms.
#[test]
fn several_choices_end_by_one_rule() {
    let run = "--workers 2,8 --cores 8 --io exp(100ms) --rate 30/s,60/s --replications 10 --quiet";
    let with = |more: &str| code(&format!("{run} {more}"));
    // At 60/s 8 workers wait (75 % busy), at 30/s hardly.
    let (end, said) = with("--requests 20000 --slo p95<305ms");
    assert_eq!(end, Some(0), "{said}");
    assert!(said.contains("30/s: 8 workers (p95") && said.contains("60/s: none"), "{said}");
    assert_eq!(with("--requests 20000 --slo p95<290ms").0, Some(1));
    assert_eq!(with("--requests 100 --slo p95<305ms").0, Some(3));
    let memory = "--memory 400M --worker-memory 100M";
    assert_eq!(with(&format!("--requests 20000 --slo p95<305ms {memory}")).0, Some(4));
    let (end, said) = with(&format!(
        "--requests 20000 --slo p95<305ms --memory 400M,900M \
                                     --worker-memory 100M"
    ));
    assert_eq!(end, Some(0), "{said}");
}

/// A file that states the objective is met by the same rule.
#[test]
fn a_check_of_several_choices_ends_by_the_same_rule() {
    let at = folder();
    let scenario = "workers = [2, 8]\nio = 'exp(100ms)'\nrate = ['30/s', '60/s']\nrequests = 20000\n\
                    replications = 10\nslo = 'p95<305ms'\n";
    fs::write(at.path().join("s.toml"), scenario).unwrap();
    assert_eq!(run_in(at.path(), &["run", "--check", "s.toml"]).code, Some(0));
}

/// The figures of several choices are told at the higher load as well.
#[test]
fn headroom_is_told_of_several_choices() {
    let line = "--workers 2,8 --io exp(100ms) --rate 20/s,30/s --requests 5000 --slo p95<330ms \
                --headroom 20% --quiet";
    let said = succeeds(&words(line));
    assert_eq!(said.matches("; with 20 % more load p95 ").count(), 2, "{said}");
}
