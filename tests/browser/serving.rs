//! The page over HTTP, without a browser: who may ask, what may be asked, many at once.

use serde_json::{Value, json};

use super::http;
use super::server::Server;

const STEADY: &str = "/api/answer?workers=2..5&cpu=exp(20ms)&io=exp(60ms)&rate=30/s";

#[test]
fn the_page_loads_from_here_alone() {
    let server = Server::start(&[]);
    let page = server.get("/");
    assert_eq!(page.status, 200);
    let headers = page.headers.to_lowercase();
    assert!(headers.contains("default-src 'none'; script-src 'self'; "));
    assert!(!headers.contains("unsafe-eval") && headers.contains("nosniff"));
    for part in page.body.split(['"']).filter(|part| part.starts_with('/') && part.len() > 1) {
        assert_eq!(server.get(part).status, 200, "{part}");
    }
    for path in ["/../Cargo.toml", "/..%2f..%2fetc%2fpasswd", "/%2e%2e/Cargo.toml", "/nothing"] {
        assert_eq!(server.get(path).status, 404, "{path}");
    }
}

#[test]
fn another_page_may_not_ask() {
    let server = Server::start(&[]);
    let host = format!("Host: localhost:{}", server.port);
    let status =
        |method: &str, headers: &[&str]| http::ask(server.port, method, STEADY, headers, "").status;
    assert_eq!(status("GET", &[&host]), 200);
    assert_eq!(status("GET", &["Host: evil.example"]), 403);
    assert_eq!(status("GET", &[&host, "Origin: http://evil.example"]), 403);
    assert_eq!(status("GET", &[&host, "Origin: null"]), 403);
    assert_eq!(status("POST", &[&host]), 405);
    assert_eq!(status("DELETE", &[&host]), 405);
}

#[test]
fn other_machines_need_the_token() {
    let server = Server::start(&["--allow-remote"]);
    assert_eq!(server.token.len(), 32);
    let status =
        |path: &str, headers: &[&str]| http::ask(server.port, "GET", path, headers, "").status;
    let right = format!("Authorization: Bearer {}", server.token);
    assert_eq!(status("/", &["Host: server:1"]), 200);
    assert_eq!(status(STEADY, &["Host: server:1"]), 401);
    assert_eq!(status(STEADY, &["Host: server:1", "Authorization: Bearer x"]), 401);
    assert_eq!(status(STEADY, &["Host: server:1", &right]), 200);
}

#[test]
fn what_is_refused_gets_a_sentence_and_reads_no_file() {
    let server = Server::start(&[]);
    for (query, part) in [
        ("service=3", "unit"),
        ("wrokers=3", "no option"),
        ("rate=1/s&cpu=samples:/etc/passwd%23root", "reads no files"),
        ("trace=/etc/passwd", "no files"),
        ("export-csv=/tmp/x&service=3s", "no files"),
        ("from=/etc/passwd&cpu=1ms&rate=1/s", "reads none"),
        ("workers=1..10000&threads=1..10000&service=1s", "cells"),
        ("service=1s&jobs=1000", "option of the command"),
    ] {
        let answer = server.get(&format!("/api/answer?{query}"));
        assert_eq!(answer.status, 400, "{query}: {}", answer.body);
        assert!(answer.body.contains(part), "{query}: {}", answer.body);
    }
    assert_eq!(server.get("/api/motion?service=3s&_cell=7").status, 400);
}

/// The CSV of an answer is the one that its command prints.
#[test]
fn the_numbers_are_those_of_the_command() {
    let server = Server::start(&[]);
    for stage in 0..2 {
        let answer = server.get(&format!("{STEADY}&precision=20%25&_stage={stage}"));
        let document: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
        let printed = super::printed(document["command"].as_str().expect("a command"));
        assert_eq!(super::bare(document["csv"].as_str().expect("a CSV")), super::bare(&printed));
    }
}

/// The length of a first stage is its own: its answer does not ask for more requests, as its command would.
#[test]
fn a_first_stage_says_that_it_is_refined() {
    let server = Server::start(&[]);
    let open = "/api/answer?cpu=exp(15ms)&io=exp(30ms)&rate=60/s&cores=2&precision=5%25";
    let answer = server.get(&format!("{open}&_stage=0"));
    let document: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
    let said = document["answer"].as_str().expect("a sentence");
    assert!(said.ends_with("; that is being refined."), "{said}");
}

/// Which rows of a table have a figure that comes out of a run.
fn with_figures(table: &Value) -> Vec<bool> {
    let of_run: Vec<bool> = table["columns"]
        .as_array()
        .expect("columns")
        .iter()
        .map(|column| column["measure"].as_str().is_some_and(|name| name != "memory"))
        .collect();
    let rows = table["rows"].as_array().expect("rows").iter();
    let row = |row: &Value| {
        let texts = row.as_array().expect("texts").iter().zip(&of_run);
        texts.filter(|(_, of_run)| **of_run).any(|(text, _)| text != "–")
    };
    rows.map(row).collect()
}

/// Near saturation, and above it, a first stage is too short for figures: 50/s is the most of 3 workers,
/// 67/s of 4. So are map and curve, and the routes.
#[test]
fn a_first_stage_that_is_too_short_has_no_figures() {
    let server = Server::start(&[]);
    let ask = |path: &str| -> Value { serde_json::from_str(&server.get(path).body).expect("JSON") };
    let near = "/api/answer?server=gunicorn&workers=3..7&cores=4&cpu=lognormal(mean=15ms,cv=1)&io=exp(45ms)\
                &rate=60/s&precision=10%25&_stage=0";
    let document = ask(near);
    let figures = with_figures(&document["table"]);
    assert_eq!([0, 1, 4].map(|row| figures[row]), [false, false, true], "{}", document["table"]);
    assert_eq!([0, 1].map(|place| document["cells"][place]["short"] == true), [false, true]);
    let said = document["answer"].as_str().expect("a sentence");
    assert!(!said.contains('±') || said.starts_with(['5', '6', '7']), "{said}");
    let map = ask(&near.replace("/answer", "/map").replace("&cores=4", "&cores=2,4"));
    let cells = map["cells"].as_array().expect("cells").iter().zip(with_figures(&map["table"]));
    let (short, long): (Vec<_>, Vec<_>) = cells.partition(|(cell, _)| cell["short"] == true);
    assert!(!short.is_empty() && !long.is_empty(), "{map}");
    assert!(short.iter().all(|(cell, figures)| cell["shown"] == json!({}) && !figures), "{map}");
    let routes = "/api/answer?server=gunicorn&workers=4&cores=4&route=a+25%25+cpu:15ms+io:exp(45ms)+\
                  %7C+b+75%25+cpu:15ms+io:exp(45ms)&rate=60/s&precision=10%25&_stage=0";
    let document = ask(routes);
    assert_eq!(document["cells"][0]["short"], true, "{document}");
    assert_eq!(with_figures(&document["routes"]["table"]), [false, false], "{document}");
    assert_eq!(document["cells"][0]["routes"], json!({ "a": {}, "b": {} }));
}

/// A log that is sent is read and becomes options that the page can ask.
#[test]
fn a_log_becomes_a_question() {
    let server = Server::start(&[]);
    let host = format!("Host: localhost:{}", server.port);
    let line = |at: u32| {
        format!(
            "127.0.0.1 - - [10/Oct/2025:13:{:02}:{:02} +0000] \"GET /a HTTP/1.1\" 200 512 \"-\" \"-\" 0.{:06}\n",
            at / 60,
            at % 60,
            40_000 + 1_000 * (at * 7 % 30)
        )
    };
    let log: String = (0..600).map(line).collect();
    let answer = http::ask(server.port, "POST", "/api/fit?workers=4", &[&host], &log);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let document: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
    assert!(document["options"].as_array().is_some_and(|options| options.len() > 1), "{document}");
    let refused = http::ask(server.port, "POST", "/api/fit", &[&host], "no log\n");
    assert_eq!(refused.status, 400);
    let strange = [&*host, "Origin: http://evil.example"];
    assert_eq!(http::ask(server.port, "POST", "/api/fit", &strange, &log).status, 403);
}

/// Twenty long questions at once: the page itself, and a coarse answer, are still served.
#[test]
fn many_questions_at_once_leave_the_page_responsive() {
    let server = Server::start(&[]);
    std::thread::scope(|scope| {
        let long = |at: usize| {
            let server = &server;
            move || {
                let path = format!("{STEADY}&seed={at}&precision=10%25&_stage=2");
                server.get(&path).status
            }
        };
        let asked: Vec<_> = (0..20).map(|at| scope.spawn(long(at))).collect();
        assert_eq!(server.get("/").status, 200);
        assert_eq!(server.get(STEADY).status, 200);
        let finished = asked.iter().filter(|thread| thread.is_finished()).count();
        assert!(finished < 20, "the first picture came after all the others");
        assert!(asked.into_iter().all(|thread| thread.join().expect("an answer") == 200));
    });
}
