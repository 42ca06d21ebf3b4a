//! A locustfile (`locust.HttpUser`, `events.test_start`, `events.quitting`,
//! `environment.process_exit_code`: docs.locust.io, "Writing a locustfile", "Running without the
//! web UI").

use super::plan::{LoadTest, TestLoad, Think, percentiles};
use crate::fit::check::MEASURES;

/// The test.
pub(crate) fn text(test: &LoadTest) -> String {
    let run = format!(
        "locust -f THIS-FILE.py --headless -u {} -r {} -t {}s --csv result",
        users(test),
        users(test),
        test.warmup + test.seconds
    );
    let header = test.header(&[run, test.reads("result_stats.csv", false)]);
    let mut text: String =
        header.iter().map(|line| format!("# {line}").trim_end().to_owned() + "\n").collect();
    text.push_str(IMPORTS);
    text.push_str(&limits(test));
    text.push_str(&user(test));
    text.push_str(&format!("\nWARM_UP = {}\n", test.warmup));
    text.push_str(LISTENERS);
    text
}

/// Users, or sources of an open load.
fn users(test: &LoadTest) -> u32 {
    match test.load {
        TestLoad::Open(_) => test.sources(),
        TestLoad::Closed(users, _) => users,
    }
}

const IMPORTS: &str = "\
import logging
import random
import time

import gevent
from locust import HttpUser, events, task

";

/// The least and the greatest of each measure.
fn limits(test: &LoadTest) -> String {
    let mut text = String::from(
        "# measure: least, greatest (seconds, requests a second, a share)\nLIMITS = {\n",
    );
    for limit in &test.limits {
        let (low, high) = (limit.low, limit.high);
        text.push_str(&format!("    \"{}\": ({low:.6}, {high:.6}),\n", MEASURES[limit.at]));
    }
    text.push_str("}\nPERCENTILES = {\n");
    for (name, p) in percentiles() {
        text.push_str(&format!("    \"{name}\": {p},\n"));
    }
    text.push_str("}\n");
    text
}

fn user(test: &LoadTest) -> String {
    let pause = match test.load {
        TestLoad::Open(rate) => {
            let gap = f64::from(test.sources()) / rate;
            format!(
                "\n    # One of many sources: the next request is due an exponential gap after the\n    \
                 # last one was, whenever that was answered.\n    due = None\n\n    \
                 def wait_time(self):\n        now = time.monotonic()\n        \
                 self.due = (self.due or now) + random.expovariate(1 / {gap:.6})\n        \
                 return max(0.0, self.due - now)\n\n    \
                 def on_start(self):\n        gevent.sleep(self.wait_time())\n"
            )
        }
        TestLoad::Closed(_, Think::None) => {
            "\n    def wait_time(self):\n        return 0\n".to_owned()
        }
        TestLoad::Closed(_, Think::Constant(seconds)) => {
            format!("\n    def wait_time(self):\n        return {seconds:.6}\n")
        }
        TestLoad::Closed(_, Think::Exponential(mean)) => {
            format!(
                "\n    def wait_time(self):\n        return random.expovariate(1 / {mean:.6})\n"
            )
        }
    };
    let port = test.url.port.map(|port| format!(":{port}")).unwrap_or_default();
    let close = if test.keeps { "" } else { ", headers={\"Connection\": \"close\"}" };
    let task = |weight: &str, name: &str, path: &str| {
        format!(
            "\n    @task{weight}\n    def {name}(self):\n        self.client.get(\"{path}\"{close})\n"
        )
    };
    let mut tasks = String::new();
    for (at, path) in test.paths.iter().enumerate() {
        // Weights are whole numbers.
        let weight = format!("({:.0})", (path.share * 1e4).max(1.0));
        tasks.push_str(&task(&weight, &format!("route_{}", at + 1), &path.url.path));
    }
    if tasks.is_empty() {
        tasks = task("", "request", &test.url.path);
    }
    format!(
        "\n\nclass Client(HttpUser):\n    host = \"{}://{}{port}\"\n{pause}{tasks}\n",
        test.url.scheme, test.url.host
    )
}

/// The warm-up does not count; at the end the figures are held to the limits.
const LISTENERS: &str = r#"

@events.test_start.add_listener
def warm_up(environment, **_):
    gevent.spawn_later(WARM_UP, environment.stats.reset_all)


@events.quitting.add_listener
def check(environment, **_):
    total = environment.stats.total
    measured = {
        "throughput": total.total_rps - total.total_fail_per_sec,
        "mean": total.avg_response_time / 1e3,
        "failed": total.fail_ratio,
    }
    for name, share in PERCENTILES.items():
        measured[name] = total.get_response_time_percentile(share) / 1e3
    missed = [name for name in LIMITS if not LIMITS[name][0] <= measured[name] <= LIMITS[name][1]]
    for name in missed:
        logging.error("%s: measured %g, predicted %g to %g", name, measured[name], *LIMITS[name])
    environment.process_exit_code = 1 if missed else 0
"#;
