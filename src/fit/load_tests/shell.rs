//! Scripts of a shell for oha and vegeta, which have no thresholds: the last command reads the
//! result and ends with 1 if the prediction was missed (hatoo/oha `src/lib.rs`, tsenart/vegeta
//! README).

use super::plan::{LoadTest, TestLoad};

/// The script for oha.
pub fn oha(test: &LoadTest) -> String {
    let (rate, users) = match test.load {
        TestLoad::Open(rate) => (format!(" -q {rate:.6} --latency-correction"), test.sources()),
        TestLoad::Closed(users, _) => (String::new(), users),
    };
    let keep = if test.keeps { "" } else { " --disable-keepalive" };
    let send = |seconds: u64| format!("oha --no-tui -z {seconds}s -c {users}{rate}{keep}");
    let url = &test.url.text;
    script(
        test,
        &[
            format!("{} '{url}' > /dev/null", send(test.warmup)),
            format!("{} -w --output-format csv -o result.csv '{url}'", send(test.seconds)),
        ],
    )
}

/// The script for vegeta.
pub fn vegeta(test: &LoadTest) -> String {
    let TestLoad::Open(rate) = test.load else { return String::new() };
    // vegeta takes whole numbers: so many in 1,000 s
    let rate = format!("-rate={:.0}/1000s", (rate * 1e3).max(1.0));
    let keep = if test.keeps { "" } else { " -keepalive=false" };
    let send = |seconds: u64| {
        format!("echo 'GET {}' | vegeta attack {rate} -duration={seconds}s{keep}", test.url.text)
    };
    script(
        test,
        &[
            format!("{} > /dev/null", send(test.warmup)),
            format!("{} | vegeta encode --to csv > result.csv", send(test.seconds)),
        ],
    )
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
