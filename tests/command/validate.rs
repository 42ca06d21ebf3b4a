//! `simsrv validate`: recorded runs, lists of them, how near is near enough, and the picture.

use crate::support::{files, folder, refused_in, run_in, succeeds_in};

/// One worker, two requests of 1 s at once: by hand the answers come after 1 s and after 2 s.
const HONEST: &str = "phases,scheduled_s,done_s\nio:1,0,1\nio:1,0,2\n";
/// The second took half a second longer.
const LATE: &str = "phases,scheduled_s,done_s\nio:1,0,1\nio:1,0,2.5\n";
/// The second was not answered.
const FAILED: &str = "phases,scheduled_s,done_s,status\nio:1,0,1,200\nio:1,0,2,500\n";
const SERVER: &str = "--class sync --overhead 0s --overhead-io 0s";

/// A folder with the recordings and a list of those named.
fn recorded(runs: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = folder();
    for (name, text) in [("honest", HONEST), ("late", LATE), ("failed", FAILED)] {
        std::fs::write(folder.path().join(format!("{name}.csv")), text).unwrap();
    }
    let mut list = "run,files,options,target\n".to_owned();
    for (name, target) in runs {
        list += &format!("{name},{name}.csv,{SERVER},{target}\n");
    }
    std::fs::write(folder.path().join("runs.csv"), list).unwrap();
    folder
}

#[test]
fn what_is_as_near_as_promised_passes_the_check() {
    let folder = recorded(&[("honest", "1%"), ("late", "")]);
    let told = succeeds_in(folder.path(), &["validate", "--list", "runs.csv", "--check"]);
    let line = "| honest | 1 % | 1.500 | 1.500 | 0 | 0 | 0 | 0 | 0 | 0 | 0 / 0 |  |";
    assert!(told.lines().any(|other| other == line), "{told}");
    assert!(told.contains("| late |  | 1.750 | 1.500 | -14.3 % | 0 |"), "{told}");
}

#[test]
fn what_is_farther_off_or_unanswered_is_told_and_ends_with_1() {
    let folder = recorded(&[("late", "19%"), ("failed", "")]);
    let ran = run_in(folder.path(), &["validate", "--list", "runs.csv", "--check"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    for sentence in [
        "late: p95_s 2.500 predicted 2.000, more than 19 % off",
        "late: p99_s 2.500 predicted 2.000, more than 19 % off",
        "late: throughput_per_s 0.8000 predicted 1.000, more than 19 % off",
        "failed: unanswered 1.000 predicted 0, a different number",
    ] {
        assert!(ran.err.contains(sentence), "{}", ran.err);
    }
    // The difference is 14.3 % of the mean, 20 % of the tail, and 25 % of the throughput.
    assert!(!ran.err.contains("mean_s") && !ran.err.contains("p50_s"), "{}", ran.err);
    let folder = recorded(&[("late", "26%")]);
    succeeds_in(folder.path(), &["validate", "--list", "runs.csv", "--check"]);
}

/// The report has the table and the picture; what somebody else wrote is not replaced.
#[test]
fn a_validation_is_reported_as_a_page_or_as_markdown() {
    let folder = recorded(&[("honest", "1%"), ("late", "")]);
    let list = ["validate", "--list", "runs.csv", "--report"];
    let told = succeeds_in(folder.path(), &[&list[..], &["r.html"]].concat());
    succeeds_in(folder.path(), &[&list[..], &["r.html"]].concat());
    let page = std::fs::read_to_string(folder.path().join("r.html")).unwrap();
    assert!(page.contains("<td class=\"words\">late</td>") && page.contains(">-14.3 %</td>"));
    assert!(page.contains("<img alt=") && page.contains("image/svg+xml;base64,"));
    assert!(page.contains("simsrv validate --list runs.csv --report r.html</pre>"));
    succeeds_in(folder.path(), &[&list[..], &["r.md"]].concat());
    let markdown = std::fs::read_to_string(folder.path().join("r.md")).unwrap();
    assert!(markdown.contains(&told), "{markdown}");
    std::fs::write(folder.path().join("r.html"), "mine").unwrap();
    refused_in(folder.path(), &[&list[..], &["r.html"]].concat(), "r.html' exists");
}

#[test]
fn a_check_needs_something_to_check() {
    let folder = recorded(&[("late", "")]);
    let list = ["validate", "--list", "runs.csv", "--check"];
    refused_in(folder.path(), &list, "--check: no run has a target");
    refused_in(folder.path(), &["validate", "late.csv", "--check"], "give a --list");
}

#[test]
fn predictions_are_drawn_against_measurements() {
    let folder = recorded(&[("honest", "1%"), ("late", "")]);
    succeeds_in(folder.path(), &["validate", "--list", "runs.csv", "--plot", "p"]);
    let drawn = files(&folder.path().join("p"));
    let name = "predicted-against-measured";
    let names = [format!("{name}.png"), format!("{name}.svg")];
    assert_eq!(drawn.keys().collect::<Vec<_>>(), names.iter().collect::<Vec<_>>());
    let svg = String::from_utf8_lossy(&drawn[&names[1]]).into_owned();
    // The last answer is 20 % early, which is more than the bands are wide.
    assert!(svg.contains("late (p95 -20 %)") && !svg.contains("honest ("), "{svg}");
    let one: Vec<&str> = "validate late.csv --plot q".split(' ').chain(SERVER.split(' ')).collect();
    succeeds_in(folder.path(), &one);
    assert_eq!(files(&folder.path().join("q")).len(), 2);
}

/// Where chance has a part, how far it goes within the model stands beside the prediction.
#[test]
fn what_chance_does_is_told() {
    let folder = recorded(&[]);
    let server = "--class sync --workers 2 --accept reuse-port --replications 20";
    let ask: Vec<&str> = "validate honest.csv".split(' ').chain(server.split(' ')).collect();
    let told = succeeds_in(folder.path(), &ask);
    let line = told.lines().find(|line| line.starts_with("| max_s")).expect("a line");
    // Both go to the same worker, or each to its own.
    assert!(line.contains("1.0") && line.contains(" to 2.0"), "{told}");
}
