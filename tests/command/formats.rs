//! What machines read: names and order of columns, empty fields, the word in `stable`.

use serde_json::Value;

use crate::support::{folder, succeeds, succeeds_in};

/// The axes, then the rest; a further axis (`case`) stands between.
const AXES: &str = "workers,threads,cores,clients,rate_per_s";
const FRONT: &str = "requests,refused,replications,seed,stable";
const MEASURES: [&str; 21] = [
    "throughput_per_s",
    "wait_mean_s",
    "wait_p50_s",
    "wait_p90_s",
    "wait_p95_s",
    "wait_p99_s",
    "wait_max_s",
    "wait_prob",
    "response_mean_s",
    "response_p50_s",
    "response_p90_s",
    "response_p95_s",
    "response_p99_s",
    "response_p999_s",
    "response_max_s",
    "refused_share",
    "worker_utilisation",
    "core_utilisation",
    "queue_mean",
    "in_system_mean",
    "makespan_s",
];

/// The columns that other programs rely on; new ones come after them.
pub fn columns(case: bool) -> Vec<String> {
    let axes = AXES.split(',').chain(case.then_some("case"));
    let mut all: Vec<String> = axes.chain(FRONT.split(',')).map(str::to_owned).collect();
    all.extend(MEASURES.iter().flat_map(|name| [(*name).to_owned(), format!("{name}_ci")]));
    all
}

/// The rows of a CSV by the names of its columns.
fn rows(csv: &str) -> Vec<Vec<(String, String)>> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(csv.as_bytes());
    let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let row = |record: Result<csv::StringRecord, csv::Error>| {
        names.iter().cloned().zip(record.unwrap().iter().map(str::to_owned)).collect()
    };
    reader.records().map(row).collect()
}

fn field<'a>(row: &'a [(String, String)], name: &str) -> &'a str {
    row.iter().find(|(column, _)| column == name).map_or("no such column", |(_, value)| value)
}

const STORY: &[&str] = &["--workers", "1,4", "--service", "3s", "--clients", "3"];
const STEADY: &[&str] = &[
    "--workers",
    "1,2",
    "--service",
    "exp(20ms)",
    "--rate",
    "60/s",
    "--requests",
    "300",
    "--replications",
    "2",
];

fn with<'a>(arguments: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    arguments.iter().chain(more).copied().collect()
}

#[test]
fn csv_has_the_columns_of_the_contract_first() {
    // What reads CSV and knows nothing of simsrv begins with the header.
    let plain = succeeds(&with(STORY, &["--format", "csv"]));
    assert!(plain.starts_with("workers,threads,"), "{plain}");
    let csv = succeeds(&with(STORY, &["--format", "csv", "--csv-comments"]));
    assert!(csv.ends_with(&plain) && !plain.contains('#'), "{plain}");
    let comments: Vec<&str> = csv.lines().take_while(|line| line.starts_with('#')).collect();
    assert_eq!(comments[0], concat!("# simsrv ", env!("CARGO_PKG_VERSION")));
    assert_eq!(
        comments[1],
        "# command: simsrv --workers 1,4 --service 3s --clients 3 --format csv --csv-comments"
    );
    assert!(comments[2].starts_with("# seed: 1; scenario: "), "{}", comments[2]);
    let header = csv.lines().nth(comments.len()).unwrap();
    assert!(header.starts_with(&format!("{},", columns(false).join(","))), "{header}");

    let rows = rows(&csv);
    for (name, values) in [
        ("workers", ["1", "4"]),
        ("threads", ["1", "1"]),
        ("cores", ["8", "8"]),
        ("clients", ["3", "3"]),
        ("rate_per_s", ["", ""]),
        ("requests", ["3", "3"]),
        ("refused", ["0", "0"]),
        ("replications", ["1", "1"]),
        ("seed", ["1", "1"]),
        ("stable", ["finite", "finite"]),
        ("throughput_per_s", ["0.3333333333333333", "1"]),
        ("wait_max_s", ["6", "0"]),
        ("response_mean_s", ["6", "3"]),
        ("response_mean_s_ci", ["", ""]),
        ("response_max_s", ["9", "3"]),
        ("worker_utilisation", ["1", "0.75"]),
        ("core_utilisation", ["0.125", "0.375"]),
        ("makespan_s", ["9", "3"]),
    ] {
        let got: Vec<&str> = rows.iter().map(|row| field(row, name)).collect();
        assert_eq!(got, values, "{name}");
    }
}

#[test]
fn what_does_not_apply_is_empty() {
    let csv = succeeds(&with(STEADY, &["--format", "csv"]));
    let rows = rows(&csv);
    // 60/s of 20 ms are more than one worker can do.
    for (name, endless, steady) in [
        ("stable", "no", "yes"),
        ("clients", "", ""),
        ("rate_per_s", "60", "60"),
        ("makespan_s", "", ""),
    ] {
        assert_eq!((field(&rows[0], name), field(&rows[1], name)), (endless, steady), "{name}");
    }
    for name in ["wait_mean_s", "response_p95_s", "response_p95_s_ci", "queue_mean"] {
        // Over a length that was asked for there are figures, of an overload too.
        assert_ne!(field(&rows[0], name), "", "{name}");
        let value: f64 = field(&rows[1], name).parse().unwrap_or_else(|_| panic!("{name}"));
        assert!(value > 0.0, "{name}");
    }
    assert_eq!(field(&rows[1], "wait_max_s_ci"), "", "an extreme has no interval");
}

#[test]
fn json_has_the_same_names_and_null() {
    for arguments in [STORY, STEADY] {
        let csv = rows(&succeeds(&with(arguments, &["--format", "csv"])));
        let json = succeeds(&with(arguments, &["--format", "json"]));
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["simsrv"], env!("CARGO_PKG_VERSION"));
        assert_eq!(json["partial"], Value::Null);
        for (line, row) in csv.iter().zip(json["rows"].as_array().unwrap()) {
            let names: Vec<&String> = row.as_object().unwrap().keys().collect();
            assert_eq!(names, line.iter().map(|(name, _)| name).collect::<Vec<_>>());
            for (name, text) in line {
                same(name, text, &row[name]);
            }
        }
    }
}

fn same(name: &str, text: &str, value: &Value) {
    match value {
        Value::Null => assert_eq!(text, "", "{name}"),
        Value::String(value) => assert_eq!(text, value, "{name}"),
        Value::Number(value) => {
            // The reader of JSON may be off by the last bit.
            let (csv, json) = (text.parse::<f64>().unwrap(), value.as_f64().unwrap());
            assert!((csv - json).abs() <= 1e-15 * csv.abs(), "{name}: {csv} and {json}");
        }
        Value::Array(_) => {}
        other => panic!("{name}: {other}"),
    }
}

#[test]
fn files_hold_what_is_printed() {
    let folder = folder();
    let files = ["--export-csv", "r.csv", "--export-json", "r.json", "--export-markdown", "r.md"];
    let table = succeeds_in(folder.path(), &with(STORY, &files));
    assert!(table.contains("answered after"), "the table is printed too");
    for (format, file) in [("csv", "r.csv"), ("json", "r.json"), ("markdown", "r.md")] {
        let printed = succeeds(&with(STORY, &["--format", format]));
        let raw = std::fs::read_to_string(folder.path().join(file)).unwrap();
        let without_command = |text: &str| -> Vec<String> {
            text.lines().filter(|l| !l.contains("command")).map(str::to_owned).collect()
        };
        assert_eq!(without_command(&printed), without_command(&raw), "{format}");
    }
    let markdown = succeeds(&with(STORY, &["--export-markdown", "-"]));
    assert!(markdown.starts_with("| workers | mean wait | mean response |"), "{markdown}");
    assert!(
        markdown.lines().all(|line| line.starts_with('|') && line.ends_with('|')),
        "{markdown}"
    );
}

/// Neither the number of threads nor where the output goes changes a byte of the results.
#[test]
fn results_do_not_hang_on_threads() {
    let one = succeeds(&with(STEADY, &["--format", "csv", "--jobs", "1"]));
    let many = succeeds(&with(STEADY, &["--format", "csv", "--jobs", "7"]));
    let rows = |text: &str| {
        text.lines().filter(|l| !l.starts_with('#')).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(rows(&one), rows(&many));
    let hash = |text: &str| text.lines().nth(2).map(str::to_owned);
    assert_eq!(hash(&one), hash(&many));
}

const VISITS: &str = "cell,replication,request,client,worker,arrival_s,start_s,departure_s,outcome";

#[test]
fn records_of_the_three_users() {
    let records = succeeds(&with(STORY, &["--visits", "-"]));
    let expect = [
        VISITS,
        "1,1,1,1,1,0.000000000,0.000000000,3.000000000,served",
        "1,1,2,2,1,0.000000000,3.000000000,6.000000000,served",
        "1,1,3,3,1,0.000000000,6.000000000,9.000000000,served",
        "2,1,1,1,1,0.000000000,0.000000000,3.000000000,served",
        "2,1,2,2,2,0.000000000,0.000000000,3.000000000,served",
        "2,1,3,3,3,0.000000000,0.000000000,3.000000000,served",
    ];
    assert_eq!(records.lines().collect::<Vec<_>>(), expect);
}

#[test]
fn records_that_were_not_served() {
    let arguments = ["--service", "3s", "--clients", "3", "--visits", "-"];
    let refused = succeeds(&with(&arguments, &["--backlog", "0"]));
    assert_eq!(refused.lines().nth(2), Some("1,1,2,2,,0.000000000,,,refused"));
    let left = succeeds(&with(&arguments, &["--patience", "1s"]));
    assert_eq!(left.lines().nth(3), Some("1,1,3,3,,0.000000000,,1.000000000,timed_out"));
}

/// Arrivals from outside have no client; rows are in order of request, though answers overtake.
#[test]
fn records_of_an_open_loop() {
    let records = succeeds(&with(STEADY, &["--visits", "-"]));
    let rows: Vec<Vec<&str>> = records.lines().skip(1).map(|l| l.split(',').collect()).collect();
    assert!(rows.len() >= 600, "{}", rows.len());
    let mut before = (0, 0, 0);
    for row in rows {
        let number = |at: usize| row[at].parse::<u64>().unwrap();
        let place = (number(0), number(1), number(2));
        assert!(before < place, "{row:?} comes after {before:?}");
        before = place;
        assert_eq!((row[3], row[8]), ("", "served"));
        assert!(row[5] <= row[6] || row[5].len() < row[6].len(), "{row:?}");
    }
}
