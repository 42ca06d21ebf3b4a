//! Text from others is text: a scenario from somebody else steers no terminal, breaks no table and
//! starts no formula; and bounds of what is read.

use simsrv::job::Job;
use simsrv::render::theory;
use simsrv::scenario::NoFiles;

use crate::support::{folder, refused_in, run_in, succeeds_in, words};

/// What must never reach a terminal: escapes, C1 controls, BEL, carriage returns, bidi overrides.
fn steers(c: char) -> bool {
    c.is_control() && c != '\n' || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// F20: titles, names of cases and paths.
#[test]
fn titles_and_names_do_not_steer_the_terminal() {
    let folder = folder();
    let at = folder.path();
    let text = r#"title = "T\u001b]0;pwned\u0007\r\u009b2J\u202e"
service = "exp(20ms)"
rate = "10/s"
requests = 200
replications = 2
[[case]]
name = "A\u001b[2J|b\nc\u202e"
[[case]]
name = "=1+1"
cores = 1
[[case]]
name = "@SUM(A1)"
cores = 2
"#;
    std::fs::write(at.join("s.toml"), text).unwrap();
    for format in ["table", "markdown", "csv", "json"] {
        for colour in ["never", "auto"] {
            let out = succeeds_in(at, &["run", "s.toml", "--format", format, "--color", colour]);
            assert!(!out.contains(steers), "{format}: {out:?}");
        }
    }
    let coloured = succeeds_in(at, &["run", "s.toml", "--color", "always"]);
    let styles_only = coloured.split('\u{1b}').skip(1).all(|part| {
        let end = part.find('m').unwrap_or(0);
        part.starts_with('[') && part[1..end].chars().all(|c| c.is_ascii_digit() || c == ';')
    });
    assert!(styles_only, "{coloured:?}");
    assert!(coloured.contains("T\\u{1b}]0;pwned"), "{coloured}");
    let markdown = succeeds_in(at, &["run", "s.toml", "--format", "markdown"]);
    let bars = |line: &str| line.replace("\\|", "").matches('|').count();
    let counts: Vec<usize> = markdown.lines().filter(|l| l.starts_with('|')).map(bars).collect();
    assert!(counts.len() == 5 && counts.iter().all(|n| *n == counts[0]), "{markdown}");
    let csv = succeeds_in(at, &["run", "s.toml", "--format", "csv"]);
    assert!(csv.contains(",'=1+1,") && csv.contains(",'@SUM(A1),"), "{csv}");
    // What was quoted is read back as it was.
    succeeds_in(at, &["run", "s.toml", "--export-csv", "r.csv"]);
    let ran = run_in(at, &["plot", "r.csv"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

/// The kind of F20: names of routes, from a flag, a scenario and a trace, and objectives that name them.
#[test]
fn names_of_routes_do_not_steer_the_terminal() {
    let folder = folder();
    let at = folder.path();
    for name in ["a\u{202e}", "a\u{200b}", "a\u{feff}", "a\u{1b}[2J"] {
        let route = format!("{name} 100% cpu:1ms");
        let err = refused_in(at, &["--route", &route, "--rate", "1/s"], "not a name of a route");
        assert!(!err.contains(steers), "{err:?}");
    }
    // In a scenario the name is written out, in the route as in the objective.
    let text = "rate = '10/s'\nrequests = 4000\nslo = \"a\\u202e:p99<9s\"\n\
                [[route]]\nname = \"a\\u202e\"\nshare = '50%'\ncpu = '1ms'\n\
                [[route]]\nname = 'b'\nshare = '50%'\ncpu = '1ms'\n";
    std::fs::write(at.join("s.toml"), text).unwrap();
    let out = succeeds_in(at, &["run", "s.toml"]);
    assert!(!out.contains(steers) && out.contains("a\\u{202e}"), "{out}");
    let trace = "arrival_s,cpu_s,io_s,route\n0,1,0,a\u{202e}\n1,1,0,=b\n";
    std::fs::write(at.join("t.csv"), trace).unwrap();
    let csv = succeeds_in(at, &["--trace", "t.csv", "--format", "csv"]);
    assert!(!csv.contains(steers) && csv.contains(",'=b,"), "{csv}");
    let unknown = ["--trace", "t.csv", "--slo", "c:p99<1s"];
    refused_in(at, &unknown, "there is no route 'c': the routes are a\\u{202e}, =b");
}

/// F20: the same in the CSV of theory, whose cases have names where a program reads a scenario.
#[test]
fn names_are_no_formulas_in_the_csv_of_theory() {
    let text = "service = 'exp(20ms)'\nrate = '10/s'\n[[case]]\nname = '=1+1'\n\
                [[case]]\nname = '@SUM(A1)'\ncores = 2\n";
    let scenario = simsrv::scenario::file::read(text).unwrap();
    let mut job = Job::of_options([], Box::new(NoFiles)).unwrap();
    (job.base, job.cases) = (scenario.base, scenario.cases);
    let known = job.theory().unwrap();
    let csv = String::from_utf8(theory::csv(&known.cells, &known.origin)).unwrap();
    assert!(csv.contains(",'=1+1,") && csv.contains(",'@SUM(A1),"), "{csv}");
}

#[test]
fn paths_are_written_out_where_a_shell_reads_them_again() {
    let folder = folder();
    let at = folder.path();
    let name = "a\u{1b}[2J\nb\u{202e}.toml";
    std::fs::write(at.join(name), "service = 'exp(20ms)'\nrate = '10/s'\nrequests = 200\n")
        .unwrap();
    let out = succeeds_in(at, &["run", name, "--color", "never"]);
    assert!(!out.contains(steers), "{out:?}");
    assert!(out.contains(r"simsrv run $'a\x1b[2J\nb\u202e.toml'"), "{out}");
    let err = refused_in(at, &["run", name, "--workers", "x\u{202e}y"], "x\\u{202e}y");
    assert!(!err.contains(steers), "{err:?}");
}

/// Point 6: a hundred thousand expectations take no time that grows with their square.
#[test]
fn many_expectations_are_read_in_linear_time() {
    let mut text = String::from("service = '3s'\n");
    for _ in 0..20_000 {
        text += "[[expect]]\nworkers = 1\nmeasure = 'response_max_s'\nvalue = '3s'\n";
    }
    let scenario = simsrv::scenario::file::read(&text).unwrap();
    assert_eq!(scenario.expectations.len(), 20_000);
    assert_eq!(scenario.expectations[0].line, 2);
    assert_eq!(scenario.expectations[19_999].line, 2 + 4 * 19_999);
}

#[test]
fn what_is_too_large_gets_a_sentence() {
    let folder = folder();
    let states = vec!["9/s:1s"; 1_001].join(",");
    let arrivals = format!("mmpp({states})");
    let open = ["--service", "1ms", "--rate", "1/s", "--arrivals", &arrivals];
    refused_in(folder.path(), &open, "mmpp with 1001 states: the most is 1000");
    for (value, option, part) in [
        ("1..99..1e-300/s", "--rate", "countless items"),
        ("20/s,1..99..1e-300/s", "--rate", "countless items"),
        ("1.0000001", "--cores", "the smallest step is 1m"),
        ("999.9999m", "--cores", "the smallest step is 1m"),
        ("1e-300", "--precision", "finer than can be reached"),
    ] {
        refused_in(folder.path(), &["--service", "1ms", option, value], part);
    }
    let detailed = ["--service", "1ms", "--clients", "10000000", "--class", "gevent"];
    refused_in(folder.path(), &detailed, "too many for a real server");
}

/// F24: what has a fraction of the smallest step is refused, not rounded without a word. What a program
/// has computed, a third in all its digits, and what is drawn or measured, is rounded.
#[test]
fn fractions_of_the_smallest_step_are_refused() {
    let folder = folder();
    let told = "has a fraction of a nanosecond: the smallest step is 1ns, so write";
    for (value, option, nearest) in [
        ("0.5ns", "--think", "1ns"),
        ("1.0000000001us", "--think", "1us"),
        ("exp(20.0000001ms)", "--think", "20ms"),
        ("mix(90%:5ms,10%:0.3333333333s)", "--think", "333.333333ms"),
        ("1e-30s", "--client-timeout", "1ns"),
        ("2.0000000001s", "--duration", "2s"),
        ("0.1ns", "--max-time", "1ns"),
        ("1h + 0.5ns", "--think", "1ns"),
    ] {
        let line = ["--service", "1ms", "--clients", "3", option, value];
        refused_in(folder.path(), &line, &format!("{told} {nearest}"));
    }
    let line = words("--class sync --service 1ms --clients 3 --worker-memory 1MB --leak 0.3B");
    let byte = "has a fraction of a byte: the smallest step is 1B, so write 1 B";
    refused_in(folder.path(), &line, byte);
    for line in [
        "--service 0.3333333333333333s --clients 3",
        "--service 30000000000000000e-17s --clients 3",
        "--service 0.30000000000000004s --clients 3",
        "--service 3ms --clients 3 --class sync --memory 1.1G --worker-memory 0.3M",
        "--service exp(3ms) --rate 0.333333/s --requests 20 --replications 2",
    ] {
        succeeds_in(folder.path(), &words(line));
    }
}

/// F21: a few requests are no steady state.
#[test]
fn tiny_runs_are_flagged() {
    let flags = |arguments: &[&str]| {
        let out = succeeds_in(folder().path(), &[arguments, &["--format", "csv"]].concat());
        let rows: Vec<&str> = out.lines().filter(|line| !line.starts_with('#')).collect();
        let column = rows[0].split(',').position(|name| name == "flags").unwrap();
        rows[1].split(',').nth(column).unwrap().to_owned()
    };
    let open = ["--service", "20ms", "--arrivals", "constant", "--rate", "20/s", "--requests"];
    assert!(flags(&[&open[..], &["1"]].concat()).contains("short-run"));
    assert!(flags(&[&open[..], &["2"]].concat()).contains("short-run"));
    assert!(!flags(&[&open[..], &["100"]].concat()).contains("short-run"));
    assert!(
        flags(&["--service", "3s", "--clients", "3", "--duration", "1ns"]).contains("short-run")
    );
    assert_eq!(flags(&["--service", "3s", "--clients", "3"]), "");
}
