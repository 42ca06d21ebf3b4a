//! `simsrv check`: load tests for five tools; `simsrv observe`: lines for four servers.

use serde_json::Value;

use crate::support::{files, folder, refused_in, run_in, succeeds_in};

const TOOLS: [&str; 5] = ["jmeter", "k6", "locust", "oha", "vegeta"];

/// Two users, one worker, 100 ms each: by hand every answer takes 200 ms, and there are 10 a
/// second. The limits are a tenth below and above.
#[test]
fn the_limits_are_those_of_the_prediction() {
    let folder = folder();
    let users = ["--workers", "1", "--io", "100ms", "--clients", "2"];
    let text = succeeds_in(folder.path(), &[&["check", "locust"][..], &users].concat());
    assert!(text.contains("\"mean\": (0.180000, 0.220000)"), "{text}");
    assert!(text.contains("\"p99\": (0.180000, 0.220000)"), "{text}");
    assert!(text.contains("\"throughput\": (9.000000, 11.000000)"), "{text}");
    assert!(text.contains("-u 2 -r 2 -t 70s"), "{text}");
    // At equal gaps of 100 ms no request of 50 ms waits: the arrivals are those of the tool.
    let open = ["--workers", "1", "--io", "50ms", "--rate", "10/s", "--duration", "30s"];
    let text = succeeds_in(folder.path(), &[&["check", "k6"][..], &open].concat());
    assert!(text.contains("'avg>=45.000', 'avg<=55.000'"), "{text}");
    assert!(text.contains("rate: 10000,") && text.contains("timeUnit: '1000s'"), "{text}");
    assert!(text.contains("startTime: '10s'") && text.contains("duration: '30s'"), "{text}");
    let text = succeeds_in(folder.path(), &[&["check", "jmeter"][..], &open].concat());
    assert!(text.contains("Load: 10/s, a Poisson process of "), "{text}");
}

/// The names of elements that are open at the end, and those that were closed out of turn.
fn unbalanced(xml: &str) -> Vec<String> {
    let mut open: Vec<String> = Vec::new();
    for tag in xml.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default()) {
        let name = tag.split([' ', '/']).find(|word| !word.is_empty()).unwrap_or_default();
        match (tag.starts_with('/'), tag.ends_with('/') || tag.starts_with('?')) {
            (true, _) => match open.pop() {
                Some(last) if last == name => {}
                other => return vec![format!("{other:?} is closed by {name}")],
            },
            (false, true) => {}
            (false, false) => open.push(name.to_owned()),
        }
    }
    open
}

/// A title cannot end the text in which it stands.
#[test]
fn a_title_stays_a_title() {
    let folder = folder();
    let title = r#"</stringProp> "a" */ ${x} $(b) --> \u2028 '''"#;
    let scenario = format!(
        "title = {}\nworkers = 2\nio = \"exp(40ms)\"\nrate = \"20/s\"\n",
        serde_json::to_string(title).unwrap()
    );
    std::fs::write(folder.path().join("a b'.toml"), scenario).unwrap();
    for tool in TOOLS {
        let text = succeeds_in(folder.path(), &["check", tool, "a b'.toml", "--duration", "9s"]);
        match tool {
            "jmeter" => {
                assert_eq!(unbalanced(&text), Vec::<String>::new());
                assert!(!text.contains("${") && !text.contains("</stringProp> \"a\""), "{text}");
                for element in ["ThreadGroup", "HTTPSamplerProxy", "BeanShellTimer", "TestPlan"] {
                    assert_eq!(text.matches(&format!("</{element}>")).count(), 1, "{element}");
                }
            }
            _ => {
                let comment = if tool == "k6" { "// " } else { "# " };
                let lines = text.lines().filter(|line| line.contains("$(b)"));
                assert!(
                    lines.clone().count() == 1 && lines.clone().all(|l| l.starts_with(comment))
                );
            }
        }
        if ["oha", "vegeta"].contains(&tool) {
            let last = text.lines().last().unwrap();
            assert_eq!(last, r#"simsrv fit result.csv --prediction 'a b'\''.toml'"#, "{text}");
        }
    }
}

#[test]
fn what_a_tool_cannot_send_is_refused() {
    let folder = folder();
    let at = folder.path();
    std::fs::write(at.join("t.csv"), "arrival_s,cpu_s,io_s\n0,0.1,0\n").unwrap();
    let users = ["--io", "50ms", "--workers", "2", "--clients", "9", "--think", "1s"];
    let rate = ["--io", "50ms", "--workers", "2", "--rate", "9/s"];
    for (front, tail, part) in [
        (&["check", "vegeta"][..], &users[..], "vegeta sends at a rate"),
        (&["check", "oha"], &users, "have no pauses"),
        (&["check", "k6", "--trace", "t.csv"], &[], "a trace is not a load"),
        (&["check", "k6", "--url", "ftp://a/"], &rate, "--url: write an address"),
        (&["check", "k6", "--url", "http://a/$(b)"], &rate, "--url: write an address"),
        (&["check", "k6", "--export-csv", "r.csv"], &rate, "cannot be used with 'simsrv check'"),
        (
            &["check", "k6", "--io", "50ms", "--rate", "9/s", "--workers", "1..4"],
            &[],
            "several servers",
        ),
        (&["check", "k6", "missing.toml"], &[], "cannot be read"),
        (&["check", "wrk"], &rate, "wrk"),
        (&["check", "k6", "-o", "t.csv"], &rate, "simsrv did not write it"),
        (&["check", "k6", "--duration", "2000h"], &rate, "from 1 s to a day"),
    ] {
        refused_in(at, &[front, tail].concat(), part);
    }
    assert_eq!(files(at).len(), 1);
}

/// A test that simsrv wrote may be written again, another file may not.
#[test]
fn a_load_test_is_written_again() {
    let folder = folder();
    let rate = ["--io", "50ms", "--workers", "2", "--rate", "9/s", "-o", "test"];
    for tool in TOOLS {
        std::fs::write(folder.path().join("test"), "").unwrap();
        for _ in 0..2 {
            succeeds_in(folder.path(), &[&["check", tool][..], &rate].concat());
            assert!(files(folder.path())["test"].len() > 500, "{tool}");
        }
    }
    std::fs::write(folder.path().join("test"), "#!/bin/sh\nsimsrv check k6\n").unwrap();
    let again = [&["check", "oha"][..], &rate].concat();
    refused_in(folder.path(), &again, "simsrv did not write it");
}

/// What would be replayed for days, or not fit into the memory, is refused.
#[test]
fn endless_predictions_are_refused() {
    let folder = folder();
    let too_many = "more than 5000000 requests";
    let closed = ["check", "k6", "--service", "1ns", "--clients", "3"];
    refused_in(folder.path(), &closed, too_many);
    let open = ["check", "vegeta", "--service", "1us", "--cores", "9", "--rate", "900000/s"];
    refused_in(folder.path(), &open, too_many);
    let line =
        "::1 - - [23/Nov/2026:02:36:18 +0000] \"GET / HTTP/1.0\" 200 3 \"-\" \"c\" D=501000\n";
    std::fs::write(folder.path().join("a.log"), line.repeat(3)).unwrap();
    let scenario = "service = '1ns'\nclients = 3\nduration = '1h'\n";
    std::fs::write(folder.path().join("s.toml"), scenario).unwrap();
    refused_in(folder.path(), &["fit", "a.log", "--prediction", "s.toml"], too_many);
}

/// Lines that the hooks of a real Gunicorn 27 and Uvicorn wrote.
#[test]
fn what_is_observed_is_read() {
    let folder = folder();
    let gunicorn = "127.0.0.1 - - [29/Nov/2026:09:08:58 +0000] \"GET /x HTTP/1.1\" 200 3 \"-\" \
                    \"Python-urllib/3.11\" D=41722 pid=<25279> cpu_us=5764 msec=1795943338.734011 xrs=-";
    let uvicorn = "- - - [29/Nov/2026:09:09:17 +0000] \"GET /y HTTP/1.1\" 200 - \"-\" \"-\" D=61475 \
                   pid=<26008> cpu_us=4633 msec=1795943357.625768 xrs=-";
    let php = "127.0.0.1 -  29/Nov/2026:09:09:17 +0000 \"GET /a.php\" 200 d=50000 cpu=20.00% pid=7";
    for (line, held, cpu) in
        [(gunicorn, 0.041722, 0.005764), (uvicorn, 0.061475, 0.004633), (php, 0.05, 0.01)]
    {
        std::fs::write(folder.path().join("observed.log"), format!("{line}\n{line}\n")).unwrap();
        let json = succeeds_in(folder.path(), &["fit", "observed.log", "--format", "json"]);
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["service"]["mean_s"], held, "{line}");
        let found = json["cpu"]["mean_s"].as_f64().unwrap();
        assert!((found - cpu).abs() < 1e-9, "{line}: {found}");
    }
    for (server, part) in [
        ("gunicorn", "logger_class = Observed"),
        ("uvicorn", "class Observed:"),
        ("puma", "CLOCK_THREAD_CPUTIME_ID"),
        ("php-fpm", "access.format = "),
    ] {
        let text = succeeds_in(folder.path(), &["observe", server]);
        assert!(text.contains(part) && text.contains("simsrv observe"), "{text}");
    }
    assert_eq!(run_in(folder.path(), &["observe", "apache"]).code, Some(2));
}

/// Two processes, then eight: no one number explains the log.
#[test]
fn a_pool_that_grows_is_said() {
    let folder = folder();
    let line = |k: u64| {
        let pid = 1 + k % if k < 200 { 2 } else { 8 };
        let second = k / 20;
        format!(
            "::1 - - [23/Nov/2026:02:36:{second:02} +0000] \"GET / HTTP/1.0\" 200 3 \"-\" \"c\" \
             D=9000 pid=<{pid}>\n"
        )
    };
    let grown: String = (0..600).map(line).collect();
    std::fs::write(folder.path().join("g.log"), grown).unwrap();
    let text = succeeds_in(folder.path(), &["fit", "g.log"]);
    assert!(text.contains("WARNING") && text.contains("from 2 in the first third"), "{text}");
    let level: String = (0..600).map(|k| line(k + 200).replace(":4", ":3")).collect();
    std::fs::write(folder.path().join("g.log"), level).unwrap();
    assert!(!succeeds_in(folder.path(), &["fit", "g.log"]).contains("WARNING"));
}

/// A load test asks for one URL.
#[test]
fn several_routes_are_refused() {
    let two = ["--route", "a 50% cpu:1ms", "--route", "b 50% cpu:2ms", "--rate", "5/s"];
    let folder = folder();
    refused_in(folder.path(), &[&["check", "k6"][..], &two].concat(), "has several routes");
}
