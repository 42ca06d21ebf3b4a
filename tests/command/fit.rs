//! `simsrv fit`: logs in, figures and a scenario out.

use serde_json::Value;

use crate::support::{files, folder, refused_in, run_in, succeeds_in};

const LOG: &str = include_str!("../../docs/27-from-your-log.in/access.log");

/// What was asked for of the requests of the log, in seconds: mean, p50, p95, p99.
const ASKED: [f64; 4] = [0.0533, 0.0427, 0.1425, 0.2117];

fn with_log() -> tempfile::TempDir {
    let folder = folder();
    std::fs::write(folder.path().join("access.log"), LOG).unwrap();
    folder
}

const SERVER: [&str; 6] = ["--workers", "4", "--cores", "1", "--cpu-busy", "54%"];

#[test]
fn the_json_has_the_keys_of_the_contract_and_the_service_of_the_application() {
    let folder = with_log();
    let arguments = [&["fit", "access.log", "--format", "json"][..], &SERVER].concat();
    let json: Value = serde_json::from_str(&succeeds_in(folder.path(), &arguments)).unwrap();
    assert_eq!(json["requests"], 307);
    assert!(json["skipped"].is_object() && json["arrivals"]["dispersion"].is_number());
    let rate = json["arrivals"]["rate_per_s"].as_f64().unwrap();
    assert!((rate - 51.0).abs() < 1.0, "{rate}");
    for (key, asked) in ["mean_s", "p50_s", "p95_s", "p99_s"].iter().zip(ASKED) {
        let found = json["service"][key].as_f64().unwrap();
        assert!((found / asked - 1.0).abs() < 0.1, "{key}: {found}, asked {asked}");
        assert!(json["response"][key].as_f64().unwrap() > found, "{key}");
    }
    let cpu = json["cpu"]["mean_s"].as_f64().unwrap();
    assert!((cpu - 0.0105).abs() < 0.001, "{cpu}");
    assert!((json["io"]["mean_s"].as_f64().unwrap() - 0.0435).abs() < 0.003);
    assert!(json["service"]["method"].as_str().unwrap().contains("inverted"));
    assert_eq!(json["workers"]["given"], 4);
    assert!(json["workers"]["found"].as_u64().unwrap().abs_diff(4) <= 1);
    let routes = json["routes"].as_array().unwrap();
    assert_eq!(routes.len(), 2);
    assert_eq!(routes[0]["name"], "GET /orders/{n}");
}

/// A report has what the command prints, and the scenario to download.
#[test]
fn a_fit_is_reported_as_a_page_or_as_markdown() {
    let folder = with_log();
    let fit = [&["fit", "access.log", "--check"][..], &SERVER].concat();
    let told = succeeds_in(folder.path(), &[&fit[..], &["--report", "r.html"]].concat());
    let page = std::fs::read_to_string(folder.path().join("r.html")).unwrap();
    assert!(told.contains("307 requests") && told.contains("holds"));
    for line in told.lines().filter(|line| !line.contains(['<', '>', '&', '"'])) {
        assert!(page.contains(line), "{line}");
    }
    assert!(page.contains("download=\"scenario.toml\"") && !page.contains("<script"));
    succeeds_in(folder.path(), &[&fit[..], &["--report", "r.md"]].concat());
    succeeds_in(folder.path(), &[&fit[..], &["--report", "r.md"]].concat());
    let markdown = std::fs::read_to_string(folder.path().join("r.md")).unwrap();
    assert!(markdown.contains(&told) && markdown.contains("```sh\nsimsrv fit access.log --check"));
    refused_in(folder.path(), &[&fit[..], &["--report", "access.log"]].concat(), "access.log");
}

#[test]
fn the_scenario_runs() {
    let folder = with_log();
    let arguments = [&["fit", "access.log", "-o", "app.toml"][..], &SERVER].concat();
    let text = succeeds_in(folder.path(), &arguments);
    assert!(text.ends_with("Next       simsrv run app.toml\n"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let ran = succeeds_in(folder.path(), &["run", "app.toml", "--requests", "2000"]);
    assert!(ran.contains("As the log shows it"), "{ran}");
    // what simsrv fit wrote it may write again, other files it may not
    succeeds_in(folder.path(), &arguments);
    std::fs::write(folder.path().join("app.toml"), "mine = 1\n").unwrap();
    refused_in(folder.path(), &arguments, "simsrv did not write it");
    succeeds_in(folder.path(), &[&arguments[..], &["--force"]].concat());
    let input = [&["fit", "access.log", "--force", "-o", "./access.log"][..], &SERVER].concat();
    refused_in(folder.path(), &input, "is read as 'access.log' too");
}

/// Every kind of log gives a scenario that runs, whatever is not known.
#[test]
fn every_scenario_runs() {
    let folder = folder();
    let logs = [
        ("held", r#"::1 - - [23/Nov/2026:02:36:18 +0000] "GET / HTTP/1.0" 200 3 "-" "c" D=50105"#),
        (
            "jtl",
            "timeStamp,elapsed,label,responseCode,success\n1000,20,a,200,true\n1100,40,a,200,true\n1300,30,a,500,false",
        ),
        (
            "locust",
            "Name,Request Count,Failure Count,Average Response Time,Requests/s,50%\nAggregated,1000,3,82.0,37.45,80",
        ),
        (
            "ab",
            "Complete requests: 10\nConcurrency Level: 20\nRequests per second: 40 [#/sec]\nTime per request: 500 [ms]\n  50% 480\n",
        ),
    ];
    for (name, text) in logs {
        let text = match name {
            "held" => format!("{text}\n{}\n", text.replace(":18 ", ":20 ")),
            _ => text.to_owned(),
        };
        std::fs::write(folder.path().join(name), text).unwrap();
        for server in [&["--workers", "4", "--cores", "2"][..], &[]] {
            let target = format!("{name}.toml");
            succeeds_in(folder.path(), &[&["fit", name, "-o", &target][..], server].concat());
            let ran = run_in(folder.path(), &["run", &target, "--precision", "20%"]);
            assert_eq!(ran.code, Some(0), "{name}: {ran:?}");
        }
    }
}

#[test]
fn wrong_usage_is_refused_with_a_sentence() {
    let folder = with_log();
    std::fs::write(folder.path().join("notes.txt"), "hello\nworld\n").unwrap();
    for (arguments, part) in [
        (&["fit", "missing.log"][..], "'missing.log' cannot be read"),
        (&["fit", "."], "is a folder"),
        (&["fit", "notes.txt"], "is not in a format that is known"),
        (&["fit", "access.log", "--workers", "0"], "--workers '0'"),
        (&["fit", "access.log", "--workers", "many"], "--workers 'many'"),
        (&["fit", "access.log", "--class", "fast"], "--class"),
        (&["fit", "access.log", "--cores", "lots"], "--cores 'lots'"),
        (&["fit", "access.log", "--cpu-busy", "60"], "--cpu-busy '60'"),
        (&["fit", "access.log", "--cpu-busy", "60%"], "give --cores too"),
        (&["fit", "access.log", "--route", "x"], "NAME=REGEX"),
        (&["fit", "access.log", "--log-format", "$x"], "has no field that is read"),
        (&["fit", "access.log", "-o", "no/such.toml"], "there is no folder 'no'"),
        (&["fit", "--measured", "users=3"], "has no throughput"),
    ] {
        refused_in(folder.path(), arguments, part);
    }
    // It did not end.
    let many = ["--workers", "100000", "--threads", "100000"];
    let figures = ["fit", "--measured", "throughput=1/s mean=82ms"];
    refused_in(folder.path(), &[&figures[..], &many].concat(), "are too many");
    assert_eq!(files(folder.path()).len(), 2);
}

#[test]
fn untrusted_bytes_do_not_reach_the_terminal() {
    let folder = folder();
    let good = LOG.lines().next().unwrap();
    let evil = good.replace("/orders/", "/\x1b[31m\u{202e}/");
    let text = format!("{good}\n{evil}\n\x1b]0;title\x07\n{good}\n");
    std::fs::write(folder.path().join("e.log"), text).unwrap();
    let out = succeeds_in(folder.path(), &["fit", "e.log", "-o", "-", "--workers", "4"]);
    assert!(!out.contains(['\x1b', '\x07', '\u{202e}']), "{out:?}");
    assert!(out.contains("\\u{1b}"), "{out}");
}

#[test]
fn the_check_sets_predicted_beside_logged() {
    let folder = with_log();
    let own = [&["fit", "access.log", "--check"][..], &SERVER].concat();
    let text = succeeds_in(folder.path(), &own);
    assert!(text.contains("199 replays of the log's arrivals"), "{text}");
    let p95 = text.lines().find(|line| line.starts_with("p95 ")).unwrap();
    assert!(p95.ends_with("  holds") && text.lines().all(|line| line.chars().count() <= 80));
    let json = succeeds_in(folder.path(), &[&own[..], &["--format", "json"]].concat());
    let json: Value = serde_json::from_str(&json).unwrap();
    let rows = json["check"].as_array().unwrap();
    let names: Vec<&str> = rows.iter().map(|row| row["measure"].as_str().unwrap()).collect();
    assert_eq!(names, ["throughput", "mean", "p50", "p90", "p95", "p99", "failed"]);
    let (low, high) = (rows[1]["low"].as_f64().unwrap(), rows[1]["high"].as_f64().unwrap());
    let logged = rows[1]["logged"].as_f64().unwrap();
    assert!(low < logged && logged < high && rows[1]["verdict"] == "holds", "{json}");
    // Without --check there is no such key.
    let plain = [&["fit", "access.log", "--format", "json"][..], &SERVER].concat();
    let plain: Value = serde_json::from_str(&succeeds_in(folder.path(), &plain)).unwrap();
    assert!(plain.get("check").is_none());
}

/// A scenario of another server: the code is 1 if it misses, and flags override its keys.
#[test]
fn a_prediction_is_checked_against_a_result() {
    let folder = with_log();
    let at = folder.path();
    succeeds_in(at, &[&["fit", "access.log", "-o", "app.toml"][..], &SERVER].concat());
    let given = ["fit", "access.log", "--prediction", "app.toml"];
    assert!(succeeds_in(at, &given).contains("holds"));
    // With one worker for 2.7 there is overload, and the predicted times are far too long.
    let missed = run_in(at, &[&given[..], &["--workers", "1"]].concat());
    assert_eq!(missed.code, Some(1), "{missed:?}");
    assert!(missed.out.contains("missed"), "{missed:?}");
    let trace = [&["fit", "access.log", "--write-trace", "app.csv"][..], &SERVER].concat();
    succeeds_in(at, &trace);
    let replayed = ["fit", "access.log", "--prediction", "app.csv", "--workers", "4"];
    succeeds_in(at, &[&replayed[..], &["--cores", "1"]].concat());
    let ran = succeeds_in(at, &["--trace", "app.csv", "--workers", "4", "--cores", "1"]);
    assert!(ran.contains("307"), "{ran}");
    // What came in the first 3 s does not count: the mean is that of the rest.
    let mean = |more: &[&str]| {
        let ran = run_in(at, &[&replayed[..], more].concat());
        ran.out.lines().find(|line| line.starts_with("mean ")).map(str::to_owned)
    };
    assert!(mean(&["--cores", "1"]).is_some_and(|row| row.contains(" 80.8 ms ")));
    assert!(
        mean(&["--cores", "1", "--warmup", "3s"]).is_some_and(|row| !row.contains(" 80.8 ms "))
    );
    for (arguments, part) in [
        (&["fit", "access.log", "--warmup", "3s"][..], "without --check"),
        (&["fit", "access.log", "--check", "--warmup", "3"], "write a time"),
        (&["fit", "access.log", "--prediction", "none.toml"], "cannot be read"),
        (&["fit", "access.log", "--prediction", "access.log"], "access.log:1:"),
        (&["fit", "access.log", "--check", "--warmup", "9s"], "no request that counts"),
        (&["fit", "access.log", "--prediction", "app.toml", "-o", "app.toml"], "too"),
    ] {
        refused_in(at, arguments, part);
    }
    std::fs::write(at.join("many.toml"), "rate = '9/s'\nio = '1ms'\nworkers = '1..9'\n").unwrap();
    refused_in(at, &["fit", "access.log", "--prediction", "many.toml"], "several servers");
}

/// A log by hand: 60 quick requests of 10 ms, 30 slow ones of 100 ms, 10 of 30 ms of a route that is
/// seldom, one after another at one worker. Each route has its share and its own time.
#[test]
fn routes_are_told_apart_in_the_scenario() {
    let folder = folder();
    let mut log = String::new();
    for number in 0..100u32 {
        let (path, seconds) = match number % 10 {
            0..=5 => ("/health", 0.010),
            6..=8 => ("/reports/17", 0.100),
            _ => ("/about", 0.030),
        };
        let begin = 1_700_000_000.0 + f64::from(number);
        log += &format!(
            "192.0.2.1 - - [14/Nov/2023:22:13:20 +0000] \"GET {path} HTTP/1.1\" 200 5 \"-\" \"-\" \
             rt={seconds:.3} urt={seconds:.3} msec={:.3}\n",
            begin + seconds
        );
    }
    std::fs::write(folder.path().join("a.log"), log).unwrap();
    let line =
        ["fit", "a.log", "--workers", "1", "--cores", "1", "--cpu-busy", "0.4%", "-o", "r.toml"];
    let fitted = |routes: &str| {
        succeeds_in(folder.path(), &[&line[..], &["--routes", routes]].concat());
        std::fs::read_to_string(folder.path().join("r.toml")).unwrap()
    };
    let text = fitted("2");
    let routes = text.split("[[route]]").skip(1).map(|table| {
        let value = |key: &str| {
            let line = table.lines().find_map(|line| line.strip_prefix(&format!("{key} = ")));
            line.unwrap_or_else(|| panic!("{key}: {table}")).trim_matches('"').to_owned()
        };
        (value("name"), value("share"))
    });
    let expected = [("GET/health", "0.6"), ("rest", "0.4")];
    assert!(routes.eq(expected.map(|(name, share)| (name.to_owned(), share.to_owned()))), "{text}");
    // Three fit once the seldom one has 20 requests; here it and the slow one are the rest.
    let three = fitted("3");
    assert!(three.contains("name = \"GET/reports/{n}\"\nshare = 0.3"), "{three}");
    assert!(three.contains("name = \"rest\"\nshare = 0.1"), "{three}");
    let slo =
        ["run", "r.toml", "--slo", "GET/health:p99<1s", "--format", "csv", "--requests", "400"];
    let csv = succeeds_in(folder.path(), &slo);
    assert!(csv.lines().any(|row| row.contains(",GET/reports/{n},")), "{csv}");
    refused_in(folder.path(), &[&line[..], &["--routes", "1"]].concat(), "--routes: '1'");
    let without = ["fit", "a.log", "--routes", "2"];
    refused_in(folder.path(), &without, "--output");
}

/// A load test that says it had no users is one whose users are not known.
#[test]
fn no_users_are_not_written_as_clients() {
    let folder = folder();
    let ab = "Concurrency Level:      0\nTime taken for tests:   1.0 seconds\nComplete requests:      \
              1029\nFailed requests:        2\nRequests per second:    1029.00 [#/sec] (mean)\nTime per \
              request:       97.182 [ms] (mean)\n";
    std::fs::write(folder.path().join("ab.txt"), ab).unwrap();
    let scenario = ["fit", "ab.txt", "--workers", "200", "--cores", "9", "-o", "s.toml"];
    succeeds_in(folder.path(), &scenario);
    let text = std::fs::read_to_string(folder.path().join("s.toml")).unwrap();
    assert!(!text.contains("clients") && text.contains("rate = \"1029/s\""), "{text}");
    let none = ["fit", "--measured", "throughput=9/s users=0 mean=82ms", "--workers", "4"];
    refused_in(folder.path(), &none, "users=0");
}
