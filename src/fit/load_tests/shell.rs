//! Scripts of a shell for oha and vegeta, which have no thresholds: the last command reads the
//! result and ends with 1 if the prediction was missed (hatoo/oha `src/lib.rs`, tsenart/vegeta
//! README).

use super::paths;
use super::plan::{LoadTest, TestLoad};

/// The script for oha.
pub(crate) fn oha(test: &LoadTest) -> String {
    let (rate, users) = match test.load {
        TestLoad::Open(rate) => (format!(" -q {rate:.6} --latency-correction"), test.sources()),
        TestLoad::Closed(users, _) => (String::new(), users),
    };
    let keep = if test.keeps { "" } else { " --disable-keepalive" };
    let send = |seconds: u64| format!("oha --no-tui -z {seconds}s -c {users}{rate}{keep}");
    let (list, url) = match test.paths.is_empty() {
        true => (None, format!("'{}'", test.url.text)),
        // It draws a line for each request.
        false => (Some(targets(test, "")), "--urls-from-file targets.txt".to_owned()),
    };
    let sent = [
        format!("{} {url} > /dev/null", send(test.warmup)),
        format!("{} -w --output-format csv -o result.csv {url}", send(test.seconds)),
    ];
    script(test, &list.into_iter().chain(sent).collect::<Vec<_>>())
}

/// The commands that write the list of targets.
fn targets(test: &LoadTest, front: &str) -> String {
    let lines = paths::round(&test.paths).into_iter().map(|url| format!("{front}{}\n", url.text));
    format!("cat > targets.txt <<'END'\n{}END", lines.collect::<String>())
}

/// The script for vegeta.
pub(crate) fn vegeta(test: &LoadTest) -> String {
    let TestLoad::Open(rate) = test.load else { return String::new() };
    // vegeta takes whole numbers: so many in 1,000 s
    let rate = format!("-rate={:.0}/1000s", (rate * 1e3).max(1.0));
    let keep = if test.keeps { "" } else { " -keepalive=false" };
    let (list, from) = match test.paths.is_empty() {
        true => (None, format!("echo 'GET {}' |", test.url.text)),
        // It goes through the lines again and again.
        false => (Some(targets(test, "GET ")), "cat targets.txt |".to_owned()),
    };
    let send = |seconds: u64| format!("{from} vegeta attack {rate} -duration={seconds}s{keep}");
    let sent = [
        format!("{} > /dev/null", send(test.warmup)),
        format!("{} | vegeta encode --to csv > result.csv", send(test.seconds)),
    ];
    script(test, &list.into_iter().chain(sent).collect::<Vec<_>>())
}

fn script(test: &LoadTest, commands: &[String]) -> String {
    let mut text = String::from("#!/bin/sh\n");
    for line in test.header(&["sh THIS-FILE".to_owned()]) {
        text.push_str(format!("# {line}").trim_end());
        text.push('\n');
    }
    text.push_str("set -eu\n");
    for command in commands {
        text.push_str(&format!("{command}\n"));
    }
    let reads = test.reads("result.csv", false);
    let front = if test.scenario.is_some() { "" } else { "# " };
    text.push_str(&format!("{front}{reads}\n"));
    text
}
