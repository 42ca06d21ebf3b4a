//! Logs, results of load tests, and the load tests that are written.

use simsrv::fit::bytes::shown;
use simsrv::fit::load_tests::{self, LoadTest, TestLoad, Tool};
use simsrv::fit::question::Question;
use simsrv::fit::{report, results_json, trace_text};
use simsrv::page::fitted;
use simsrv::scenario::{NoFiles, file, trace_file};

use super::text;

/// The first line has the options of `simsrv fit`, `NAME=VALUE` with tabs between them; the rest is
/// the log, or what a load test printed.
pub fn log(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let options = text(&bytes[..end]);
    let log = bytes.get(end + 1..).unwrap_or_default();
    let pairs = || options.split('\t').filter_map(|pair| pair.split_once('='));
    let of = |name: &str| pairs().find(|(key, _)| *key == name).map(|(_, text)| text.to_owned());
    // A log that was dropped on the page.
    let _ = fitted::document(log, &of);
    let question = match Question::of_options(pairs()) {
        Ok(question) => question,
        Err(sentence) => return assert!(sentence.len() > 10, "{sentence}"),
    };
    let findings = match question.findings(["log"], |name| Ok((name, log))) {
        Ok(findings) => findings,
        Err(sentence) => return assert!(sentence.len() > 10, "{sentence}"),
    };
    let printed = report::text(&findings);
    assert!(!printed.contains(|c: char| c.is_control() && c != '\n'), "{printed:?}");
    results_json::text(&findings, None);
    if let Ok(trace) = trace_text::text(&findings) {
        trace_file::read(trace.as_bytes()).expect("a trace that is written is read");
    }
    if let Ok(scenario) = question.scenario(&findings) {
        let read = file::read(&scenario).unwrap_or_else(|why| panic!("{why}\n{scenario}"));
        let plan = simsrv::scenario::plan(&read.base, &read.cases, &NoFiles);
        // Requests may be decades apart.
        let why = plan.map_or_else(|why| why.to_string(), |_| String::new());
        assert!(why.is_empty() || why.contains("the most is 584"), "{why}\n{scenario}");
    }
}

/// What load tests print, read like a log.
pub fn load_test(bytes: &[u8]) {
    log(bytes);
}

/// Lines: the address, the title, the path of the scenario. All of them are written into programs, of
/// which every line but those of the template is a comment.
pub fn test_plan(bytes: &[u8]) {
    let mut lines = text(bytes).splitn(3, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (Ok(url), title, scenario) = (line().parse(), shown(line().as_bytes(), 100), line()) else {
        return;
    };
    for (_, tool) in Tool::ALL {
        let plain = test(tool, "title", Some("s.toml"), &url);
        let odd = test(tool, &title, Some(scenario), &url);
        assert_eq!(plain.lines().count(), odd.lines().count(), "{odd}");
        // U+2028 ends a line of JavaScript.
        let ends = |c: char| c.is_control() && c != '\n' || "\u{2028}\u{2029}".contains(c);
        assert!(!odd.contains(ends), "{odd:?}");
    }
}

fn test(tool: Tool, title: &str, scenario: Option<&str>, url: &load_tests::Url) -> String {
    load_tests::text(&LoadTest {
        paths: Vec::new(),
        tool,
        title: title.to_owned(),
        scenario: scenario.map(simsrv::scenario::written::quoted),
        url: url.clone(),
        load: TestLoad::Open(10.0),
        warmup: 1,
        seconds: 9,
        keeps: false,
        limits: Vec::new(),
        inside: 3.0,
    })
}
