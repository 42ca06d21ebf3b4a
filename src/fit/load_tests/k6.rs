//! A script for k6: two scenarios, of which the first is the warm-up, and thresholds on the second
//! (Grafana k6, "Scenarios", "Constant arrival rate", "Thresholds").

use super::plan::{LoadTest, TestLoad, Think, percentiles};
use crate::fit::check::{FAILED, MEASURES};

/// The script.
pub(crate) fn text(test: &LoadTest) -> String {
    let run = "K6_CSV_TIME_FORMAT=unix_milli k6 run --out csv=result.csv THIS-FILE".to_owned();
    let header = test.header(&[run, test.reads("result.csv", true)]);
    let lines = header.iter().map(|line| format!("// {line}").trim_end().to_owned() + "\n");
    let mut text: String = lines.collect();
    text.push_str("import http from 'k6/http';\nimport { sleep } from 'k6';\n\n");
    text.push_str("export const options = {\n");
    text.push_str(&format!("  noConnectionReuse: {},\n  scenarios: {{\n", !test.keeps));
    text.push_str(&scenario(test, "warm_up", (0, test.warmup)));
    text.push_str(&scenario(test, "test", (test.warmup, test.seconds)));
    text.push_str("  },\n  thresholds: {\n");
    text.push_str(&thresholds(test));
    text.push_str("  },\n};\n\n");
    text.push_str(&routes(test));
    text.push_str("export default function () {\n");
    text.push_str(&match test.paths.is_empty() {
        true => format!("  http.get('{}');\n", test.url.text),
        false => "  http.get(address());\n".to_owned(),
    });
    text.push_str(&match test.load {
        TestLoad::Open(_) | TestLoad::Closed(_, Think::None) => String::new(),
        TestLoad::Closed(_, Think::Constant(seconds)) => format!("  sleep({seconds:.6});\n"),
        TestLoad::Closed(_, Think::Exponential(mean)) => {
            format!("  sleep(-{mean:.6} * Math.log(1 - Math.random()));\n")
        }
    });
    text.push_str("}\n");
    text
}

/// The addresses of the routes, each up to the share that it and those before it have.
fn routes(test: &LoadTest) -> String {
    let Some((last, others)) = test.paths.split_last() else { return String::new() };
    let mut text = "const ROUTES = [\n".to_owned();
    let mut up_to = 0.0;
    for path in others {
        up_to += path.share;
        text.push_str(&format!("  [{up_to:.6}, '{}'],\n", path.url.text));
    }
    text.push_str(&format!("  [1, '{}'],\n];\n\n", last.url.text));
    text.push_str("function address() {\n  const drawn = Math.random();\n");
    text.push_str("  return ROUTES.find(([upTo]) => drawn < upTo)[1];\n}\n\n");
    text
}

fn scenario(test: &LoadTest, name: &str, (start, length): (u64, u64)) -> String {
    let executor = match test.load {
        TestLoad::Open(rate) => {
            // k6 takes whole numbers: so many in 1,000 s
            let users = test.inside.ceil() as u64 + 10;
            format!(
                "      executor: 'constant-arrival-rate',\n      rate: {:.0},\n      \
                 timeUnit: '1000s',\n      preAllocatedVUs: {users},\n      maxVUs: {},\n",
                (rate * 1e3).max(1.0),
                users * 10
            )
        }
        TestLoad::Closed(users, _) => {
            format!("      executor: 'constant-vus',\n      vus: {users},\n")
        }
    };
    format!(
        "    {name}: {{\n{executor}      startTime: '{start}s',\n      duration: '{length}s',\n      \
         gracefulStop: '30s',\n    }},\n"
    )
}

/// Both ends of each interval: a prediction is missed on either side.
fn thresholds(test: &LoadTest) -> String {
    let mut text = String::new();
    let ms = |seconds: f64| format!("{:.3}", seconds * 1e3);
    let mut both = Vec::new();
    let names = percentiles().map(|(name, p)| (name, format!("p({})", p * 100.0)));
    for (name, of) in std::iter::once(("mean", "avg".to_owned())).chain(names) {
        if let Some(limit) = test.limit(name) {
            both.push(format!("'{of}>={}'", ms(limit.low)));
            both.push(format!("'{of}<={}'", ms(limit.high)));
        }
    }
    text.push_str(&format!("    'http_req_duration{{scenario:test}}': [{}],\n", both.join(", ")));
    if let Some(limit) = test.limit(MEASURES[FAILED]) {
        let high = limit.high;
        text.push_str(&format!("    'http_req_failed{{scenario:test}}': ['rate<={high:.6}'],\n"));
    }
    text
}
