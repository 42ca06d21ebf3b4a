//! `simsrv theory` and `--check-theory`: what is known, for every kind of model that an option can
//! say, against values worked by hand; what is refused; how a check ends.

use crate::support::{folder, refused_in, run_in, succeeds};

/// A table in CSV by the names of its columns: the first row.
fn first_row(csv: &str) -> impl Fn(&str) -> String + use<> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(csv.as_bytes());
    let names = reader.headers().unwrap().clone();
    let record = reader.records().next().unwrap().unwrap();
    move |name: &str| {
        let at = names.iter().position(|column| column == name);
        record[at.unwrap_or_else(|| panic!("no column {name}"))].to_owned()
    }
}

fn words(line: &str) -> Vec<&str> {
    line.split(' ').filter(|word| !word.is_empty()).collect()
}

/// (options, model, kind, column, value by hand).
const KNOWN: [(&str, &str, &str, &str, f64); 30] = [
    // M/M/1: rho / (1 - rho); p95 of the response ln 20 / (1 - rho)
    ("--workers 1 --service exp(1s) --rate 0.8/s", "M/M/1", "exact", "wait_mean_s", 4.0),
    (
        "--workers 1 --service exp(1s) --rate 0.8/s",
        "M/M/1",
        "exact",
        "response_p95_s",
        14.978_661_367_769_954,
    ),
    // Erlang C and B for two workers and one Erlang: 1/3 and 1/5
    ("--workers 2 --service exp(1s) --rate 1/s", "M/M/2", "exact", "wait_prob", 1.0 / 3.0),
    (
        "--workers 2 --service exp(1s) --rate 1/s --backlog 0",
        "M/M/2/2",
        "exact",
        "refused_share",
        0.2,
    ),
    ("--workers 2 --service 1s --rate 1/s --backlog 0", "M/D/2/2", "exact", "refused_share", 0.2),
    // M/M/1/2 at a load of 1: three states alike
    (
        "--workers 1 --service exp(1s) --rate 1/s --backlog 1",
        "M/M/1/2",
        "exact",
        "refused_share",
        1.0 / 3.0,
    ),
    // Pollaczek-Khinchine: rate (1 + cv²) / (2 (1 - rho))
    (
        "--workers 1 --service lognormal(mean=1s,cv=2) --rate 0.8/s",
        "M/G/1",
        "exact",
        "wait_mean_s",
        10.0,
    ),
    ("--workers 1 --service 1s --rate 0.5/s", "M/D/1", "exact", "wait_mean_s", 0.5),
    (
        "--workers 1 --service uniform(0s,2s) --rate 0.5/s",
        "M/G/1",
        "exact",
        "wait_mean_s",
        2.0 / 3.0,
    ),
    (
        "--workers 1 --service mix(50%:1s,50%:3s) --rate 0.25/s",
        "M/G/1",
        "exact",
        "wait_mean_s",
        1.25,
    ),
    // half a core is a worker that takes twice as long
    (
        "--workers 1 --cores 0.5 --service exp(1s) --rate 0.4/s",
        "M/M/1",
        "exact",
        "wait_mean_s",
        8.0,
    ),
    // E2/M/1: sigma = (1.6 / (2.6 - sigma))², wait sigma / (1 - sigma)
    (
        "--workers 1 --service exp(1s) --rate 0.8/s --arrivals erlang(k=2)",
        "E2/M/1",
        "exact",
        "wait_mean_s",
        2.843_979_767,
    ),
    // Allen-Cunneen: Erlang C's 0.745541 times (1 + 4) / 2
    (
        "--workers 4 --service lognormal(mean=1s,cv=2) --rate 3.2/s",
        "M/G/4",
        "approximation",
        "wait_mean_s",
        1.863_851_7,
    ),
    // two clients, one worker: p(n) ~ 1, 2, 2
    (
        "--workers 1 --service exp(1s) --clients 2 --think exp(1s)",
        "M/M/1//2",
        "exact",
        "throughput_per_s",
        0.8,
    ),
    // a core shared by both instead: the same, for any distribution
    (
        "--workers 2 --cores 1 --service lognormal(mean=1s,cv=2) --clients 2 --think exp(1s)",
        "M/G-PS1/2//2",
        "exact",
        "response_mean_s",
        1.5,
    ),
    // processor sharing is insensitive: 1 / (1 - rho), and M/M/2's mean for two cores
    (
        "--workers 1000 --cores 1 --service lognormal(mean=1s,cv=2) --rate 0.8/s",
        "M/G-PS1/1000",
        "exact",
        "response_mean_s",
        5.0,
    ),
    (
        "--workers 1000 --cores 2 --service pareto(mean=1s,alpha=2.5) --rate 1.6/s",
        "M/G-PS2/1000",
        "exact",
        "response_mean_s",
        1.0 / 0.36,
    ),
    // two may share one core, the others wait: Lq = rho³ / (1 - rho)
    (
        "--workers 2 --cores 1 --service exp(1s) --rate 0.8/s",
        "M/M-PS1/2",
        "exact",
        "wait_mean_s",
        3.2,
    ),
    // the capacity of two workers, CPU 0.1 s on one core, I/O 0.3 s
    (
        "--workers 2 --cores 1 --cpu exp(100ms) --io exp(300ms) --rate 3/s",
        "M/(M-PS1+M)/2",
        "exact",
        "capacity_per_s",
        80.0 / 17.0,
    ),
    (
        "--workers 1 --threads 2 --cpu exp(100ms) --io exp(300ms) --rate 3/s",
        "M/(M-PS1+M)/2",
        "exact",
        "capacity_per_s",
        80.0 / 17.0,
    ),
    // plenty of workers: CPU 0.1 / (1 - 0.8), then I/O 0.3
    (
        "--workers 1000 --cores 1 --phases cpu:50ms~io:300ms~cpu:50ms --rate 8/s",
        "M/(D-PS1+D+D-PS1)/1000",
        "exact",
        "response_mean_s",
        0.8,
    ),
    // Erlang A, by the density of the offered wait, integrated numerically
    (
        "--workers 4 --service exp(1s) --rate 3.2/s --patience exp(2s)",
        "M/M/4+M",
        "exact",
        "timed_out_share",
        0.094_769_296,
    ),
    (
        "--workers 4 --service exp(1s) --rate 3.2/s --patience exp(2s)",
        "M/M/4+M",
        "exact",
        "wait_mean_s",
        0.169_308_796,
    ),
    // patience 0: Erlang B of four workers and 3.2 Erlangs, by its recursion
    (
        "--workers 4 --service exp(1s) --rate 3.2/s --patience 1ns",
        "M/M/4+D",
        "exact",
        "timed_out_share",
        0.228_144_93,
    ),
    // modulated at equal rates is Poisson
    (
        "--workers 4 --service exp(1s) --rate 3.2/s --arrivals mmpp(3/s:1s,3/s:2s)",
        "MMPP/M/4",
        "exact",
        "wait_mean_s",
        0.745_540_7,
    ),
    // batches of three, one worker: L = rho (1 + 3) / (2 (1 - rho)); constant service by moments
    (
        "--workers 1 --service exp(1s) --rate 0.3/s --arrivals batch(3)",
        "M^X/M/1",
        "exact",
        "in_system_mean",
        0.3 * 4.0 / 1.4,
    ),
    (
        "--workers 1 --service 1s --rate 0.3/s --arrivals batch(3)",
        "M^X/D/1",
        "exact",
        "wait_mean_s",
        0.3 / 1.4 + 2.0 / 1.4,
    ),
    // three at once, one worker: 3 x 3 s, on average 6 s
    ("--workers 1 --service exp(3s) --clients 3", "3 at once/M/1", "exact", "makespan_s", 9.0),
    ("--workers 1 --service exp(3s) --clients 3", "3 at once/M/1", "exact", "response_mean_s", 6.0),
    // overload: the workers are the most that is answered
    ("--workers 4 --service exp(1s) --rate 5/s", "M/M/4", "unstable", "throughput_per_s", 4.0),
];

#[test]
fn every_kind_of_model_is_reached() {
    for (options, model, kind, column, value) in KNOWN {
        let mut arguments = vec!["theory", "--format", "csv"];
        arguments.extend(words(options));
        let phases: Vec<String> = arguments.iter().map(|word| word.replace('~', " ")).collect();
        let row = first_row(&succeeds(&phases.iter().map(String::as_str).collect::<Vec<_>>()));
        assert_eq!(
            (row("model").as_str(), row("theory_kind").as_str()),
            (model, kind),
            "{options}"
        );
        let got: f64 = row(column).parse().unwrap();
        assert!((got - value).abs() <= 2e-6 * value, "{options}: {column} {got}, expected {value}");
        assert!(!row("source").is_empty() && !row("condition").is_empty(), "{options}");
    }
}

#[test]
fn what_is_not_known_says_why() {
    for (options, why) in [
        ("--workers 4 --cores 2 --service lognormal(mean=1s,cv=2) --rate 1/s", "share cores"),
        ("--workers 2 --threads 2 --cpu 5ms --io exp(9ms) --rate 1/s", "GIL"),
        ("--workers 2 --service 1s --rate 1/s --arrivals batch(3)", "bursts"),
        ("--workers 2 --service gamma(mean=1s,cv=2) --rate 1/s --backlog 3", "bounded queue"),
        ("--workers 2 --service 1s --rate 1/s --patience exp(1s)", "clients that leave"),
        ("--workers 1 --service pareto(mean=1s,alpha=1.8) --rate 0.5/s", "second moment"),
        ("--workers 1 --service 3s --clients 3", "nothing is random"),
        ("--workers 1 --service uniform(1s,3s) --clients 3", "finite story"),
    ] {
        let mut arguments = vec!["theory", "--format", "csv"];
        arguments.extend(words(options));
        let row = first_row(&succeeds(&arguments));
        assert_eq!(row("theory_kind"), "none", "{options}");
        assert!(row("note").contains(why), "{options}: {}", row("note"));
        assert_eq!(row("wait_mean_s"), "", "{options}");
    }
}

/// The tables can be joined: the columns that both have are named alike, in the same order.
#[test]
fn columns_are_those_of_the_results() {
    let model = ["--service", "exp(1s)", "--rate", "0.5/s", "--format", "csv"];
    let names = |csv: String| -> Vec<String> {
        let line = csv.lines().find(|line| !line.starts_with('#')).unwrap().to_owned();
        line.split(',').map(str::to_owned).collect()
    };
    let theory = names(succeeds(&[&["theory"], &model[..]].concat()));
    let length = ["--requests", "300", "--replications", "2"];
    let results = names(succeeds(&[&model[..], &length].concat()));
    let own = ["model", "capacity_per_s", "load", "condition", "source", "note"];
    let shared = |name: &&String| !own.contains(&name.as_str());
    let missing: Vec<_> =
        theory.iter().filter(shared).filter(|name| !results.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(theory.len() > 25 && theory.starts_with(&results[..5]), "{theory:?}");
}

#[test]
fn every_format_is_told() {
    let model = ["theory", "--workers", "1,2", "--service", "exp(1s)", "--rate", "0.5/s"];
    let table = succeeds(&model);
    assert!(table.contains("M/M/2") && table.contains("Theory   M/M/1, M/M/2: exact"), "{table}");
    let json: serde_json::Value =
        serde_json::from_str(&succeeds(&[&model[..], &["--format", "json"]].concat())).unwrap();
    assert_eq!(json["theory"][0]["wait_prob"], 0.5);
    assert!(json["theory"][1]["makespan_s"].is_null());
    let markdown = succeeds(&[&model[..], &["--format", "markdown"]].concat());
    assert!(markdown.lines().count() == 4 && markdown.contains("| M/M/1 "), "{markdown}");
    let (folder, file) = (folder(), ["--export-csv", "t.csv"]);
    let ran = run_in(folder.path(), &[&model[..], &file].concat());
    assert_eq!(ran.code, Some(0));
    assert!(std::fs::read_to_string(folder.path().join("t.csv")).unwrap().contains("M/M/2"));
}

#[test]
fn theory_refuses_what_only_a_simulation_has() {
    let folder = folder();
    for (option, part) in [
        (&["--visits", "v.csv"][..], "--visits cannot be used with 'simsrv theory'"),
        (&["--plot", "pictures"], "--plot cannot be used with 'simsrv theory'"),
        (&["--check-theory"], "--check-theory cannot be used with 'simsrv theory'"),
        (&["--rate", "fast"], "fast"),
        (&["--servise", "1s"], "did you mean '--service'"),
    ] {
        let arguments = [&["theory", "--service", "exp(1s)"], option].concat();
        refused_in(folder.path(), &arguments, part);
    }
}

const CHECKED: [&str; 9] = [
    "--workers",
    "3,4",
    "--service",
    "exp(20ms)",
    "--rate",
    "100/s",
    "--precision",
    "10%",
    "--check-theory",
];

#[test]
fn a_check_that_agrees_ends_with_0() {
    let folder = folder();
    let ran = run_in(folder.path(), &CHECKED);
    assert_eq!(ran.code, Some(0), "{}", ran.out);
    assert!(ran.out.contains("All agree with theory."), "{}", ran.out);
    assert!(ran.out.contains("at a level of 5 % for all together (Bonferroni"), "{}", ran.out);
    assert!(ran.out.contains("3 workers   response_p99_s"), "{}", ran.out);
    // for machines the results stand alone
    let ran = run_in(folder.path(), &[&CHECKED[..], &["--format", "csv"]].concat());
    assert_eq!(ran.code, Some(0));
    assert!(ran.err.contains("All agree with theory.") && !ran.out.contains("agree"));
    // as a key of a scenario
    let scenario = "service = 'exp(20ms)'\nworkers = 4\nrate = '100/s'\nprecision = '10%'\n\
                    check-theory = true\n";
    std::fs::write(folder.path().join("s.toml"), scenario).unwrap();
    let ran = run_in(folder.path(), &["run", "s.toml"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.out.contains("All agree with theory."), "{}", ran.out);
}

#[test]
fn a_check_of_nothing_ends_with_3() {
    let folder = folder();
    for options in [
        &["--workers", "1,4", "--service", "3s", "--clients", "3", "--check-theory"][..],
        &["--workers", "4", "--service", "exp(1s)", "--rate", "5/s", "--check-theory"],
    ] {
        let ran = run_in(folder.path(), options);
        assert_eq!(ran.code, Some(3), "{options:?}: {}", ran.out);
        assert!(ran.out.contains("nothing to compare"), "{}", ran.out);
    }
}

/// Where nothing is known of the distributions the same server is checked with exponential ones.
#[test]
fn an_unknown_model_is_checked_by_its_twin() {
    let folder = folder();
    let options = "--workers 3 --cores 2 --cpu uniform(0s,20ms) --io 20ms --rate 60/s \
                   --precision 10% --check-theory";
    let ran = run_in(folder.path(), &words(options));
    assert_eq!(ran.code, Some(0), "{}", ran.out);
    assert!(ran.out.contains("no closed form is known for workers that share cores"));
    assert!(ran.out.contains("exponential twin  response_mean_s"), "{}", ran.out);
}
