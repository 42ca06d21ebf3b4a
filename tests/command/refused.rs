//! Wrong usage: each mistake has a sentence of its own, and nothing is simulated or written.

use crate::support::{folder, refused_in, words};

/// Arguments, and what the sentence says.
type Table<'a> = &'a [(&'a [&'a str], &'a str)];

fn check(table: Table<'_>) {
    let folder = folder();
    std::fs::write(folder.path().join("a-file"), "old").unwrap();
    for (arguments, part) in table {
        refused_in(folder.path(), arguments, part);
    }
}

#[test]
fn lists() {
    check(&[
        (
            &["--service", "3s", "--workers", "0"],
            "--workers: '0' workers: there must be at least 1",
        ),
        (
            &["--service", "3s", "--workers", "-3"],
            "--workers: '-3' workers: there must be at least",
        ),
        (&["--service", "3s", "--workers", "1e9"], "--workers: '1e9' is not a number of workers"),
        (
            &["--service", "3s", "--workers", "four"],
            "'four' is not a number of workers: write a list",
        ),
        (&["--service", "3s", "--workers", "1.5"], "'1.5' is not a number of workers"),
        (&["--service", "3s", "--workers", ""], "--workers: the list of workers is empty"),
        (&["--service", "3s", "--workers", "1,,2"], "'1,,2' has an empty place between its commas"),
        (&["--service", "3s", "--workers", "5..1"], "'5..1' counts down: write 1..5"),
        (&["--service", "3s", "--workers", "1..9..0"], "'0' workers: there must be at least 1"),
        (&["--service", "3s", "--workers", "1..2..3..4"], "'1..2..3..4' is not a range"),
        (&["--service", "3s", "--workers", "1000000000"], "'1000000000' workers are too many"),
        (&["--service", "3s", "--workers", "1..1000000"], "has 1000000 items: a list has at most"),
        (&["--service", "3s", "--workers", "99999999999999999999"], "are too many: the most is"),
        (
            &["--service", "3s", "--threads", "0"],
            "--threads: '0' threads: there must be at least 1",
        ),
        (
            &["--service", "3s", "--workers", "1000", "--threads", "1001"],
            "requests in service at once",
        ),
        (
            &["--service", "3s", "--clients", "0"],
            "--clients: '0' clients: there must be at least 1",
        ),
        (
            &["--service", "3s", "--clients", "100000000"],
            "clients are too many: the most is 10000000",
        ),
        (
            &["--service", "3s", "--cores", "0"],
            "--cores: '0' cores: the number of cores must be above",
        ),
        (&["--service", "3s", "--cores", "-1"], "--cores: '-1' cores"),
        (
            &["--service", "3s", "--cores", "many"],
            "'many' is not a number of cores: write 8, 0.5 or 500m",
        ),
        (&["--service", "3s", "--cores", "nan"], "--cores: 'nan' is not a number of cores"),
        (&["--service", "3s", "--cores", "4..1"], "--cores: '4..1' counts down: write 1..4"),
        (&["--service", "3s", "--rate", "3"], "--rate: '3' does not say per what time: write 3/s"),
        (&["--service", "3s", "--rate", "0/s"], "--rate: '0/s' is out of bounds"),
        (&["--service", "3s", "--rate", "-1/s"], "--rate: '-1/s' is out of bounds"),
        (&["--service", "3s", "--rate", "1e400/s"], "--rate: '1e400/s' is not a rate"),
        (
            &["--service", "3s", "--rate", "3/fortnight"],
            "'fortnight' in '3/fortnight' is not a unit",
        ),
        (&["--service", "3s", "--rate", ""], "the list of rates is empty: write at least one"),
    ]);
}

#[test]
fn distributions() {
    let nested = format!("{}1s{}", "mix(50%:1s,50%:".repeat(100), ")".repeat(100));
    let open = "mix(50%:1s,50%:".repeat(4_000);
    check(&[
        (&["--service", ""], "--service: '' is not a length of time: write a number and a unit"),
        (&["--service", "3"], "--service: '3' has no unit: write 3s, 3ms or 3us"),
        (&["--service", "nan"], "--service: 'nan' is not a distribution"),
        (&["--service", "-1s"], "--service: '-1s' is negative"),
        (&["--service", "1e400s"], "--service: '1e400s' is too long"),
        (&["--service", "exp()"], "write exp(20ms)"),
        (&["--service", "exp(3)"], "'3' has no unit"),
        (&["--service", "exp(3s"], "is not closed: a ')' is missing"),
        (&["--service", "epx(3s)"], "'epx' is not a distribution (did you mean 'exp'?)"),
        (&["--service", "lognormal(mean=1s,p99=0.5s)"], "no log-normal has mean=1s and p99=500ms"),
        (&["--service", "pareto(mean=1s,alpha=1)"], "pareto with alpha=1 has no mean"),
        (&["--service", "uniform(3s,1s)"], "uniform"),
        (&["--service", "mix(50%:1s)"], "mix"),
        (&["--service", &nested], "distributions are nested more than"),
        (&["--service", &open], "is not closed: a ')' is missing"),
        (
            &["--service", "samples:missing.csv#s"],
            "samples:missing.csv: 'missing.csv' cannot be read",
        ),
        (&["--service", "3s", "--think", "3"], "--think: '3' has no unit"),
        (&["--service", "3s", "--patience", "-3s"], "--patience: '-3s' is negative"),
        (
            &["--service", "3s", "--rate", "1/s", "--arrivals", "weekly"],
            "--arrivals: 'weekly' is no",
        ),
        (&["--service", "lognormal(mean=1s,cv=1e4)"], "cv=10000 of lognormal is out of bounds"),
        (&["--service", "hyperexp(mean=1s,cv=0.5)"], "cv=0.5 of hyperexp is too small"),
        (&["--phases", ""], "--phases: no phases: write such as 'cpu:3ms io:20ms'"),
        (&["--phases", "gpu:3s"], "--phases: 'gpu' is not a kind of phase"),
        (&["--phases", "3s"], "--phases: '3s' is not a phase"),
    ]);
}

/// How arrivals are spread: what cannot be, and what cannot be looked at for ever.
#[test]
fn arrivals() {
    let folder = folder();
    for (distribution, more, part) in [
        ("mmpp(0/s:1s,0/s:2s)", "", "--arrivals: all rates of mmpp are zero"),
        ("mmpp(1/s:0s,2/s:2s)", "", "a state of mmpp lasts 0s: its mean time must be more than"),
        ("mmpp(-1/s:1s,2/s:2s)", "", "rate in mmpp: '-1/s' is out of bounds"),
        ("onoff(on=0s,off=1s)", "", "never changes: both times must be more than zero"),
        ("batch(0)", "", "a batch of 0 is out of bounds: it holds 1 to 1000000"),
        ("batch(geometric(0.9))", "", "a batch of 0.9 is out of bounds: it holds 1 to 1000000"),
        ("gamma(cv=-1)", "", "cv=-1 of gamma is out of bounds"),
        ("hyperexp(cv=0.5)", "", "cv=0.5 of hyperexp is too small: it must be 1 or more"),
        ("pareto(alpha=0.9)", "", "pareto with alpha=0.9 has no mean"),
        ("profile(0h:0,1h:0,period=2h)", "", "--arrivals: all levels of profile are 0"),
        ("profile(0h:1,1h:-2,period=2h)", "", "level -2 in profile is out of bounds"),
        ("profile(1h:1,0h:2,period=2h)", "", "1h comes before 0s in profile: write times in"),
        ("profile(0h:1,2h:2,period=2h)", "", "2h in profile is not before the end of its period"),
        ("ramp(0h:1,period=2h)", "", "a ramp needs two points or more"),
        ("spike(at=60s,for=10s,by=5)", "", "happens once, so there is no steady state to measure"),
        ("steps(60s:5)", "", "say how much of it is simulated, with --duration or --requests"),
        ("spike(at=60s,for=10s,by=5)", "--duration 60s", "begins after 60s, but --duration ends"),
        ("steps(5s:2,9s:0)", "--requests 99", "no more requests arrive: give a --duration"),
        ("profile(0h:1,8h:3,period=24h)", "", "2 of 86400 s in each of 20 replications are about"),
        ("profile(0h:1,8h:3,period=24h)", "--duration 60s", "whole periods are measured"),
        ("profile(0h:1,8h:3,period=5000000h)", "", "whole periods are measured"),
    ] {
        let mut arguments = vec!["--service", "3ms", "--rate", "100/s", "--arrivals", distribution];
        arguments.extend(more.split_whitespace());
        refused_in(folder.path(), &arguments, part);
    }
}

#[test]
fn numbers_and_words() {
    check(&[
        (
            &["--service", "3s", "--requests", "0"],
            "--requests: '0' requests: there must be at least 1",
        ),
        (&["--service", "3s", "--requests", "many"], "'many' is not a whole number of requests"),
        (
            &["--service", "3s", "--duration", "0s"],
            "--duration: a duration of 0: write such as 60s",
        ),
        (&["--service", "3s", "--duration", "60"], "--duration: '60' has no unit"),
        (&["--service", "3s", "--warmup", "soon"], "--warmup: 'soon' is not a length of time"),
        (&["--service", "3s", "--precision", "0"], "--precision: '0' is not between 0 and 1"),
        (&["--service", "3s", "--precision", "1"], "--precision: '1' is not between 0 and 1"),
        (
            &["--service", "3s", "--precision", "nan"],
            "--precision: 'nan' is not a share: write such as 5%",
        ),
        (
            &["--service", "3s", "--confidence", "95"],
            "--confidence: '95' is above 1: write 95% or 0.95",
        ),
        (&["--service", "3s", "--confidence", "0"], "--confidence: '0' is not between 0 and 1"),
        (
            &["--service", "3s", "--confidence", "100%"],
            "--confidence: '100%' is not between 0 and 1",
        ),
        (
            &["--service", "3s", "--seed", "-1"],
            "--seed: '-1' is not a seed: write a whole number from 0",
        ),
        (&["--service", "3s", "--seed", "99999999999999999999999"], "is not a seed"),
        (
            &["--service", "3s", "--jobs", "0"],
            "--jobs: '0' is not a number of threads: write 1 to 1024",
        ),
        (&["--service", "3s", "--replications", "0"], "--replications: '0' replications"),
        (
            &["--service", "3s", "--max-requests-simulated", "0"],
            "'0' requests: there must be at least",
        ),
        (&["--service", "3s", "--gil", "maybe"], "--gil: 'maybe' is neither on nor off"),
        (
            &["--service", "3s", "--format", "pdf"],
            "--format: 'pdf' is not a format: write table, csv",
        ),
        (
            &["--service", "3s", "--color", "sometimes"],
            "--color: 'sometimes' is not a valid choice",
        ),
        (&["--service", "3s", "--engine", "steam"], "--engine: 'steam' is not an engine"),
        (
            &["--service", "3s", "--backlog", "-1"],
            "--backlog: '-1' is not a length of the listen queue",
        ),
        (
            &["--service", "3s", "--engine", "recursion", "--cores", "1", "--workers", "2"],
            "recursion",
        ),
    ]);
}

#[test]
fn contradictions() {
    check(&[
        (
            &["--service", "3s", "--rate", "1/s", "--clients", "2"],
            "--rate cannot be used with --clients",
        ),
        (
            &["--service", "3s", "--rate", "1/s", "--think", "2s"],
            "--rate cannot be used with --think",
        ),
        (&["--service", "3s", "--cpu", "3s"], "--service cannot be used with --cpu"),
        (&["--service", "3s", "--io", "3s"], "--service cannot be used with --io"),
        (&["--service", "3s", "--phases", "io:3s"], "--phases cannot be used with --service"),
        (&["--trace", "t.csv", "--clients", "3"], "--trace cannot be used with --clients"),
        (&["--trace", "t.csv", "--rate", "3/s"], "--trace cannot be used with --rate"),
        (&["--trace", "t.csv", "--service", "3s"], "--trace cannot be used with --service"),
        (&["--trace", "t.csv", "--requests", "3"], "--trace cannot be used with --requests"),
        (
            &["--service", "3s", "--clients", "3", "--arrivals", "poisson"],
            "--clients cannot be used with",
        ),
        (&["--service", "3s", "--arrivals", "poisson"], "--arrivals is how arrivals are spread"),
        (
            &["--service", "3s", "--requests", "3", "--duration", "3s"],
            "--requests and --duration both",
        ),
        (&["--service", "3s", "--warmup", "1s"], "--warmup cannot be used with a finite story"),
        (
            &["--service", "3s", "--duration", "3s", "--warmup", "3s"],
            "--warmup is longer than the whole",
        ),
        (&["--service", "0s", "--duration", "3s"], "would stop simulated time"),
        (
            &["--service", "1ms", "--workers", "1..10000", "--cores", "1..100"],
            "this sweep has 1,000,000",
        ),
        (
            &["--export-csv", "x", "--visits", "x", "--service", "3s"],
            "is the file of --export-csv too",
        ),
        (&["--service", "1s", "--rate", "1e-9/s"], "takes about 3168581 years of simulated time"),
        (
            &["--service", "5000000h", "--clients", "3"],
            "the longest that can be simulated is 292 years",
        ),
        (&["--workers", "4"], "how long does one request take? Give --service 3s"),
        (&[], "how long does one request take? Give --service 3s"),
    ]);
}

#[test]
fn flags_and_commands() {
    check(&[
        (&["--worker", "3"], "unknown option '--worker': did you mean '--workers'?"),
        (&["--wrokers=3"], "did you mean '--workers'?"),
        (&["--wibble"], "unknown option '--wibble'"),
        (&["-x", "3"], "unknown option '-x'"),
        (
            &["--workers", "--service", "3s"],
            "--workers needs a value (LIST), but '--service' follows",
        ),
        (&["--service"], "--service needs a value (DIST), but nothing follows"),
        (&["--service", "3s", "--service", "4s"], "--service is given twice"),
        (&["--yes=1", "--service", "3s"], "--yes takes no value: drop '1'"),
        (&["--service", "3s", "4"], "'4': a value comes directly after its option"),
        (&["4"], "'4' is neither an option nor a command"),
        (&["rnu", "x.toml"], "unknown command 'rnu': did you mean 'run'?"),
        (&["--workers", "3", "run", "x.toml"], "'run' comes first, then its options"),
        (&["run"], "FILE.toml is missing: write simsrv run FILE.toml"),
        (&["run", "missing.toml"], "'missing.toml' cannot be read: No such file or directory"),
        (&["run", "."], "'.' is a folder, not a file"),
        (&["run", "a-file", "--wokers", "3"], "did you mean '--workers'?"),
        (&["run", "a-file", "--workers"], "--workers needs a value (LIST), but nothing follows"),
        (&["plot"], "RESULTS.csv is missing: write simsrv plot RESULTS.csv"),
        (&["plot", "missing.csv"], "'missing.csv' cannot be read"),
        (
            &["plot", "a-file", "-o", "a-file"],
            "the folder 'a-file' cannot be made: 'a-file' is a file",
        ),
        (
            &["completions"],
            "simsrv completions bash; there are bash, elvish, fish, powershell, zsh",
        ),
        (&["completions", "dos"], "'dos' is none of bash"),
        (&["man", "3"], "'3'"),
    ]);
}

#[test]
fn places_where_nothing_can_be_written() {
    check(&[
        (
            &["--service", "3s", "--export-csv", "/nonexistent/x.csv"],
            "--export-csv: there is no folder '/nonexistent' for '/nonexistent/x.csv': make it first",
        ),
        (
            &["--service", "3s", "--export-csv", "."],
            "--export-csv: '.' is a folder: name a file in it",
        ),
        (&["--service", "3s", "--visits", "no/v.csv"], "--visits: there is no folder 'no'"),
        (&["--service", "3s", "--plot", "a-file/plots"], "cannot be made: 'a-file' is a file"),
        // A picture's folder is not made for a run that is refused.
        (&["--service", "3", "--plot", "plots"], "'3' has no unit"),
    ]);
}

/// Values are shown shortened, and what would steer the terminal is not passed on.
#[test]
fn long_and_strange_values() {
    let long = "9".repeat(100_000);
    let many = "1..10000,".repeat(10_000);
    let (dots, commas) = ("..".repeat(50_000), ",".repeat(100_000));
    let folder = folder();
    for value in [&long, &many, &dots, &commas, "\u{1b}[31mred", "１", "٣", "1\n2", "\u{202e}4"] {
        for option in ["--workers", "--cores", "--rate", "--service", "--seed", "--precision"] {
            if option == "--seed" && value == long {
                continue;
            }
            let told = refused_in(folder.path(), &[option, value, "--io", "1s"], option);
            assert!(!told.contains('\u{1b}'), "{told:?}");
        }
    }
}

/// Before a cell of them is made: a thousand million would not fit into any memory.
#[test]
fn a_sweep_that_cannot_be_meant_is_refused_at_once() {
    let lists = "--workers 1..1000 --cores 1..1000 --threads 1..1000 --service 1s --rate 1/s";
    check(&[
        (&words(lists), "1,000,000,000 cells"),
        (&words(&format!("{lists} --yes")), "the most is 1,000,000"),
        (&words("--workers 1..80 --cores 1..80 --service 1s --clients 1"), "6400 cells"),
    ]);
}
