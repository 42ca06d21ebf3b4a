//! The public command, and the records that it writes.

use std::process::Command;

/// Runs `simsrv`, and gives what it prints to standard output.
pub fn simsrv<S: AsRef<std::ffi::OsStr> + std::fmt::Debug>(arguments: &[S]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_simsrv"))
        .args(arguments)
        .output()
        .expect("the command runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "simsrv {arguments:?}\n{errors}");
    String::from_utf8(output.stdout).expect("the command prints UTF-8")
}

/// The words of a command line; none holds a blank.
pub fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

/// A row of `--records`; times in nanoseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub cell: u64,
    pub replication: u64,
    pub request: u64,
    /// Only where clients wait for their answers.
    pub client: Option<u64>,
    pub worker: Option<u64>,
    pub arrival: u64,
    pub start: Option<u64>,
    pub departure: Option<u64>,
    pub outcome: String,
}

/// Reads what `--records -` printed.
pub fn records(text: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = "cell,replication,request,client,worker,arrival_s,start_s,departure_s,outcome";
    let columns = reader.headers().expect("a header");
    assert_eq!(columns.iter().collect::<Vec<_>>().join(","), header);
    reader.records().map(|record| row(&record.expect("a row"))).collect()
}

fn row(record: &csv::StringRecord) -> Row {
    let number =
        |at: usize| (!record[at].is_empty()).then(|| record[at].parse().expect("a number"));
    let nanos = |at: usize| (!record[at].is_empty()).then(|| nanos(&record[at]));
    Row {
        cell: number(0).expect("a cell"),
        replication: number(1).expect("a replication"),
        request: number(2).expect("a request"),
        client: number(3),
        worker: number(4),
        arrival: nanos(5).expect("an arrival"),
        start: nanos(6),
        departure: nanos(7),
        outcome: record[8].to_owned(),
    }
}

/// Seconds with exactly nine decimals, as the contract of `--records` has it.
fn nanos(text: &str) -> u64 {
    let (whole, decimals) = text.split_once('.').expect("a decimal point");
    assert_eq!(decimals.len(), 9, "'{text}' has nine decimals");
    format!("{whole}{decimals}").parse().expect("digits")
}
