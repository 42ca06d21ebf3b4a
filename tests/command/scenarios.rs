//! Scenario files: mistakes are shown in their line, flags override, expectations are checked.

use crate::support::{files, folder, refused_in, run_in, succeeds_in};

#[test]
fn mistakes_are_shown_in_their_line() {
    let cases = [
        (
            "wokers = 4",
            "s.toml:1:1: unknown 'wokers': did you mean 'workers'?\n  |\n1 | wokers = 4\n  | ^^^^^^",
        ),
        ("a = 1\n", "s.toml:1:1: unknown 'a': expected one of workers, threads"),
        (
            "service = '3'",
            "s.toml:1:11: '3' has no unit: write 3s, 3ms or 3us\n  |\n1 | service = '3'\n  |           ^^^",
        ),
        ("service = 3", "s.toml:1:11: '3' has no unit"),
        (
            "service = '3s'\nworkers = [1, -4]",
            "s.toml:2:11: '-4' workers: there must be at least 1\n",
        ),
        ("service = '3s'\nworkers = true", "s.toml:2:11: 'true' is not a number of workers"),
        ("service = '3s'\nworkers = 1.5", "s.toml:2:11: '1.5' is not a number of workers"),
        ("workers = {a=1}", "s.toml:1:11: 'workers' takes a text, a number or a list of these"),
        ("service = 2020-01-01", "s.toml:1:11: 'service' takes a text, a number or a list"),
        ("service = '3s'\nquiet = 'maybe'", "s.toml:2:9: 'maybe' is neither true nor false"),
        ("service = '3s'\nformat = 'pdf'", "s.toml:2:10: 'pdf' is not a format"),
        ("service = '3s'\nservice = '4s'", "s.toml:2:1: duplicate key"),
        ("service = ", "s.toml:1:"),
        ("workers = 3", "s.toml: how long does one request take?"),
        ("", "s.toml: how long does one request take?"),
        ("service='3s'\nrate='3/s'\nclients=3", "s.toml:2:6: --rate cannot be used with --clients"),
        ("service='3s'\nrequests=3\nduration='3s'", "s.toml:2:10: --requests and --duration both"),
        ("service='3s'\nexport-csv='no/x'", "s.toml:2:12: there is no folder 'no' for 'no/x'"),
        ("trace = 'no.csv'", "s.toml:1:9: 'no.csv' cannot be read: No such file or directory"),
        ("service='3s'\n[[case]]\nname='a'\nwokers=3", "s.toml:4:1: unknown 'wokers'"),
        (
            "service='3s'\n[[case]]\nname='a'\nworkers='x'",
            "s.toml:4:9: 'x' is not a number of workers",
        ),
        ("service='3s'\n[[case]]\nname=3", "s.toml:3:6: expected a text in quotes"),
        ("service='3s'\n[[case]]\nworkers=3", "a case needs a name"),
        ("service='3s'\n[[case]]\nname='a'\nseed=3", "'seed' is for the whole scenario"),
        ("service='3s'\n[[case]]\nname='a'\n[[case]]\nname='a'", "two cases are named 'a'"),
        ("service='3s'\ncase=3", "write it as a table of its own, in double brackets"),
        ("service='3s'\n[[expect]]\nmeasure='p98'\nvalue=1", "s.toml:3:9: unknown 'p98'"),
        ("service='3s'\n[[expect]]\nmeasure='makespan_s'\nvalue='x'", "'x' is not a value"),
        ("service='3s'\n[[expect]]\nworkers=1", "an expectation needs a measure and a value"),
        ("service='3s'\n[[chart]]\nkind='pie'", "s.toml:3:6: unknown 'pie'"),
        ("service='3s'\n[[chart]]\nkind='knee'\nname='../x'", "not a valid name for a picture"),
        ("service='3s'\n[[chart]]\nkind='over-time'\nshow='awy'", "s.toml:4:6: unknown 'awy': did"),
        ("service='3s'\n[[chart]]\nkind='over-time'\naverage='x'", "'x' is neither true nor false"),
    ];
    let folder = folder();
    for (text, part) in cases {
        std::fs::write(folder.path().join("s.toml"), text).unwrap();
        refused_in(folder.path(), &["run", "s.toml"], part);
    }
}

#[test]
fn files_that_are_no_scenarios() {
    let folder = folder();
    let path = folder.path().join("s.toml");
    std::fs::write(&path, b"\xff\xfe").unwrap();
    refused_in(folder.path(), &["run", "s.toml"], "'s.toml' is not UTF-8 text: see its byte 1");
    std::fs::write(&path, vec![0; 1_000_000]).unwrap();
    refused_in(folder.path(), &["run", "s.toml"], "'s.toml' is not text: its byte 1 is zero");
    std::fs::write(&path, "[".repeat(100_000)).unwrap();
    refused_in(folder.path(), &["run", "s.toml"], "s.toml:1:");
}

/// A flag is wrong where it was typed, not in the file.
#[test]
fn flags_override_the_file() {
    let folder = folder();
    std::fs::write(folder.path().join("s.toml"), "service = '3s'\nclients = 3\n").unwrap();
    refused_in(
        folder.path(),
        &["run", "s.toml", "--service", "3"],
        "simsrv: --service: '3' has no",
    );
    let told = succeeds_in(folder.path(), &["run", "s.toml", "--service", "2s"]);
    assert!(told.starts_with("3 clients arrive together; each request is 2 s of CPU"), "{told}");
    assert!(told.contains("Next     simsrv run s.toml --workers 1..6 --cores 1,2,4 --service 2s"));
}

/// The second file is read before the first is run.
#[test]
fn one_wrong_file_of_several_stops_all() {
    let folder = folder();
    let good = "service = '3s'\nexport-csv = 'good.csv'\n";
    std::fs::write(folder.path().join("good.toml"), good).unwrap();
    std::fs::write(folder.path().join("bad.toml"), "service = '3s'\nworkers = 0\n").unwrap();
    refused_in(folder.path(), &["run", "good.toml", "bad.toml"], "bad.toml:2:11: '0' workers");
}

const SCENARIO: &str = "title = 'Three users'
service = '3s'
clients = 3
[[case]]
name = 'one'
[[case]]
name = 'four'
workers = 4
[[expect]]
case = 'one'
measure = 'response_max_s'
value = '9s'
[[expect]]
case = 'four'
measure = 'response_max_s'
value = '4s'
tolerance = '10%'
";

#[test]
fn expectations_are_checked() {
    let folder = folder();
    std::fs::write(folder.path().join("s.toml"), SCENARIO).unwrap();
    let ran = run_in(folder.path(), &["run", "--check", "s.toml", "--export-csv", "r.csv"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(ran.out, "s.toml: 1 of 2 expectations met\n");
    let expect =
        "s.toml: line 13: four, 4 workers: response_max is 3 s, expected 4 s within 10 %\n";
    assert_eq!(ran.err, expect);
    assert_eq!(files(folder.path()).len(), 1, "a check writes nothing");
    // But the report that a CI server shows as tests: a case for each expectation and cell.
    let check = ["run", "--check", "s.toml", "--export-junit", "tests.xml"];
    assert_eq!(run_in(folder.path(), &check).code, Some(1));
    let report = std::fs::read_to_string(folder.path().join("tests.xml")).unwrap();
    assert!(report.contains("<testsuite name=\"s.toml\" tests=\"2\" failures=\"1\" errors=\"0\">"));
    assert!(report.contains("<failure message=\"line 13: four, 4 workers: response_max is 3 s, "));
    std::fs::remove_file(folder.path().join("tests.xml")).unwrap();
    // And the same as JSON, alone on the standard output.
    let ran = run_in(folder.path(), &["run", "--check", "s.toml", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    let of = &document["files"][0]["expectations"];
    let verdicts: Vec<_> =
        of.as_array().unwrap().iter().filter_map(|one| one["verdict"].as_str()).collect();
    assert_eq!((ran.code, verdicts), (Some(1), vec!["met", "missed"]));
    assert!(of[1]["sentence"].as_str().unwrap().contains("response_max is 3 s, expected 4 s"));
    let csv = ["run", "--check", "s.toml", "--format", "csv"];
    refused_in(folder.path(), &csv, "cannot be used with --check");
    // Not over what is read, whatever is said.
    let over = ["run", "--check", "s.toml", "--export-junit", "s.toml", "--force"];
    refused_in(folder.path(), &over, "is read as");

    let ran = run_in(folder.path(), &["run", "s.toml"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.out.starts_with("Three users\n\n3 clients arrive together"), "{}", ran.out);
}

/// Four clients, one worker, a Unix socket whose queue holds two, a proxy of 1.5 s: of requests of 1 s
/// one is served, one is a 502 at once, and two are 504s; and a pool of one connection in which three
/// wait for 1.5 s at most: the last fails. The columns stand last, and none stands where there is
/// neither proxy nor timeout.
#[test]
fn what_users_count_is_measured() {
    let scenario = "clients = 4\nworkers = 1\nio = '1s'\nbacklog = 1\nlisten = 'unix'\n\
         proxy-timeout = '1500ms'\n\
         [[expect]]\nmeasure = 'status_504_share'\nvalue = 0.5\n\
         [[expect]]\nmeasure = 'status_502_share'\nvalue = 0.25\n\
         [[expect]]\nmeasure = 'status_499_share'\nvalue = 0\n\
         [[expect]]\nmeasure = 'throughput_per_s'\nvalue = 0.6667\ntolerance = '1%'\n";
    let folder = folder();
    std::fs::write(folder.path().join("proxy.toml"), scenario).unwrap();
    succeeds_in(folder.path(), &["run", "--check", "proxy.toml"]);
    let pool = "clients = 3\nworkers = 1\nthreads = 3\nio = '1s'\npool = 1\n\
         pool-timeout = '1500ms'\n\
         [[expect]]\nmeasure = 'pool_timeout_share'\nvalue = 0.3333\ntolerance = '1%'\n\
         [[expect]]\nmeasure = 'pool_wait_p99_s'\nvalue = '1s'\n";
    std::fs::write(folder.path().join("pool.toml"), pool).unwrap();
    succeeds_in(folder.path(), &["run", "--check", "pool.toml"]);
    let header = |arguments: &[&str]| {
        let text = succeeds_in(folder.path(), &[arguments, &["--format", "csv"]].concat());
        text.lines().next().expect("a header").to_owned()
    };
    let all = header(&["run", "proxy.toml"]);
    assert!(all.ends_with("status_504_share,status_504_share_ci"), "{all}");
    let none = header(&["--clients", "3", "--io", "1s", "--pool", "1", "--threads", "3"]);
    assert!(none.ends_with("pool_utilisation,pool_utilisation_ci"), "{none}");
}

/// The title belongs to the table; other formats stay what they are.
#[test]
fn formats_have_no_title() {
    let folder = folder();
    std::fs::write(folder.path().join("s.toml"), SCENARIO.split("[[expect]]").next().unwrap())
        .unwrap();
    let csv = succeeds_in(folder.path(), &["run", "s.toml", "--format", "csv"]);
    assert!(csv.starts_with("workers,threads,cores,clients,rate_per_s,case,requests"), "{csv}");
    let json = succeeds_in(folder.path(), &["run", "s.toml", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["rows"][1]["case"], "four");
}
