//! Loads that go by the clock and demands without means: what is printed of them.

use crate::support::succeeds;

/// The columns of a CSV by their names, row by row.
fn column(csv: &str, name: &str) -> Vec<String> {
    let text: Vec<&str> = csv.lines().filter(|line| !line.starts_with('#')).collect();
    let text = text.join("\n");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let at = reader.headers().unwrap().iter().position(|header| header == name);
    let at = at.unwrap_or_else(|| panic!("no column {name}"));
    reader.records().map(|record| record.unwrap()[at].to_owned()).collect()
}

/// 150 come in each second on average and 200 can be answered, but 225 at the peak. Whole periods
/// of 10 s are measured: 20 s of warm-up (a fifth of 60 s, rounded up) and 40 s.
#[test]
fn a_peak_over_capacity_is_told_and_whole_periods_are_measured() {
    let load = ["--service", "exp(10ms)", "--workers", "2", "--rate", "150/s", "--arrivals"];
    let profile = ["profile(0s:1,5s:3,period=10s)", "--duration", "60s", "--replications", "4"];
    let arguments = [&load[..], &profile[..]].concat();
    let told = succeeds(&arguments).replace("\n         ", " ");
    for part in [
        "profile(0s:1,5s:3,period=10s) arrivals",
        "M_t/M/2 in Kendall's notation; measured over whole periods of 10 s",
        "Peak over capacity: at the peak 225/s arrive and 200/s can be answered, so the queue grows; \
         it drains afterwards.",
    ] {
        assert!(told.contains(part), "'{part}' in:\n{told}");
    }
    let csv = succeeds(&[&arguments[..], &["--format", "csv"]].concat());
    assert_eq!(column(&csv, "stable"), ["yes"]);
    assert_eq!(column(&csv, "theory_response_mean_s"), [""]);
    let requests: f64 = column(&csv, "requests")[0].parse().unwrap();
    // 4 x 40 s x 150/s, standard deviation 155; five of these
    assert!((requests - 24_000.0).abs() < 775.0, "{requests}");
}

/// Of a spike everything counts, from time 0 on, and it is a finite run: 60 s x 10/s and 10 s more
/// x 4 x 10/s are 1,000 requests in each of 4 replications, standard deviation 63; five of these.
#[test]
fn a_spike_is_a_finite_run() {
    let arguments = [
        "--service",
        "exp(50ms)",
        "--rate",
        "10/s",
        "--arrivals",
        "spike(at=20s,for=10s,by=5)",
        "--duration",
        "60s",
        "--replications",
        "4",
    ];
    let told = succeeds(&arguments).replace("\n         ", " ");
    for part in [
        "10 requests/s, spike(at=20s,for=10s,by=5) arrivals",
        "measured from an empty server on",
        "at the peak 50/s arrive and 20/s can be answered",
    ] {
        assert!(told.contains(part), "'{part}' in:\n{told}");
    }
    assert!(!told.contains("Not yet steady"), "{told}");
    let csv = succeeds(&[&arguments[..], &["--format", "csv"]].concat());
    assert_eq!(column(&csv, "stable"), ["finite"]);
    let requests: f64 = column(&csv, "requests")[0].parse().unwrap();
    assert!((requests - 4_000.0).abs() < 316.0, "{requests}");
    // A load over capacity, but only for a while.
    let fast = [&arguments[..3], &["30/s"], &arguments[4..]].concat();
    let told = succeeds(&fast);
    assert!(!told.contains("overloaded"), "{told}");
}

/// Pareto demands of index 1.5: with one worker no mean wait exists, with three it does, without an
/// interval; percentiles have both.
#[test]
fn means_that_do_not_exist_are_left_out() {
    let csv = succeeds(&[
        "--service",
        "pareto(mean=20ms,alpha=1.5)",
        "--rate",
        "30/s",
        "--workers",
        "1,3",
        "--requests",
        "5000",
        "--replications",
        "5",
        "--format",
        "csv",
    ]);
    for name in ["wait_mean_s", "response_mean_s", "queue_mean", "in_system_mean"] {
        let values = column(&csv, name);
        assert_eq!(values[0], "", "{name}");
        assert!(values[1].parse::<f64>().unwrap() > 0.0, "{name}");
        assert_eq!(column(&csv, &format!("{name}_ci")), ["", ""], "{name}");
    }
    for name in ["response_p95_s", "response_p95_s_ci", "throughput_per_s_ci"] {
        assert!(column(&csv, name).iter().all(|value| !value.is_empty()), "{name}");
    }
    assert!(column(&csv, "flags").iter().all(|flags| flags.contains("heavy-tail")));
}

/// By hand: of a ramp of one client a second up to four, each with requests of 1 s and a worker of its
/// own, the first comes at 1 s and then each second, the second from 2 s on, the third from 3 s on; the
/// window ends at 4 s, so the fourth does not count. Then the line falls by two a second: the fourth and
/// the third are gone before 5 s, the others at 6 s.
#[test]
fn clients_come_and_go_with_a_ramp() {
    for engine in ["events", "recursion"] {
        let arrivals = |ramp: &str, more: &[&str]| {
            let common =
                ["--clients", ramp, "--service", "1s", "--workers", "8", "--engine", engine];
            let all = [&common[..], &["--visits", "-", "--quiet"], more].concat();
            let told = succeeds(&all);
            let of = |line: &str| {
                let fields: Vec<&str> = line.split(',').collect();
                let seconds: f64 = fields[5].parse().ok()?;
                Some((fields[3].to_owned(), seconds))
            };
            let told: Vec<(String, f64)> = told.lines().filter_map(of).collect();
            told
        };
        let client = |number: &str, seconds: f64| (number.to_owned(), seconds);
        let up = [("1", 1.0), ("1", 2.0), ("2", 2.0), ("1", 3.0), ("2", 3.0), ("3", 3.0)];
        let up: Vec<(String, f64)> = up.map(|(number, at)| client(number, at)).into();
        let by_time = |mut all: Vec<(String, f64)>| {
            all.sort_by(|one, other| one.1.total_cmp(&other.1).then(one.0.cmp(&other.0)));
            all
        };
        assert_eq!(by_time(arrivals("ramp(0s:0,4s:4)", &[])), up, "{engine}");
        let all = by_time(arrivals("ramp(0s:0,4s:4,6s:0)", &["--duration", "9s"]));
        let down = [("1", 4.0), ("2", 4.0), ("3", 4.0), ("4", 4.0), ("1", 5.0), ("2", 5.0)];
        assert_eq!(all[..6], up[..], "{engine}");
        assert_eq!(all[6..], down.map(|(number, at)| client(number, at)), "{engine}");
    }
}

/// Near saturation a replication wants to be long; a limit that was asked for holds all the same, over
/// the pilot and the run.
#[test]
fn a_limit_of_requests_holds_near_saturation() {
    let line = "--service exp(20ms) --rate 49/s --cores 1 --workers 1 --max-requests-simulated 200000 \
                --format csv";
    let csv = succeeds(&line.split_whitespace().collect::<Vec<_>>());
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let rows: Vec<std::collections::BTreeMap<String, String>> =
        reader.deserialize().map(|row| row.unwrap()).collect();
    let requests: u64 = rows[0]["requests"].parse().unwrap();
    assert!((10_000..=200_000).contains(&requests), "{requests}");
    assert!(rows[0]["flags"].contains("precision-not-reached"), "{}", rows[0]["flags"]);
}
