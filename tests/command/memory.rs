//! Memory, as the command tells it.

use crate::support::{folder, run_in, succeeds, succeeds_in};

const STORY: [&str; 6] = ["--service", "3s", "--clients", "3", "--worker-memory", "180MB"];
const TRAFFIC: [&str; 6] = ["--io", "exp(100ms)", "--rate", "30/s", "--worker-memory", "100MB"];

fn with<'a>(base: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [base, more].concat()
}

/// The value in a column, row by row.
fn column(csv: &str, name: &str) -> Vec<String> {
    let mut lines = csv.lines().filter(|line| !line.starts_with('#'));
    let at = lines.next().unwrap().split(',').position(|header| header == name).unwrap();
    lines.map(|line| line.split(',').nth(at).unwrap().to_owned()).collect()
}

/// 12 x (180 + 4 x 8) + 16 = 2,560 MB; (2,000 - 16) / 212 = 9.4.
#[test]
fn what_does_not_fit_is_said_with_its_arithmetic() {
    let more = ["--workers", "9,12", "--threads", "4", "--thread-memory", "8MB", "--memory", "2GB"];
    let text = succeeds(&with(&STORY, &more));
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let expect = "12 workers x (180 MB + 4 threads x 8 MB) + 16 MB = 2.56 GB, over the 2 GB of --memory; \
                  at most 9 workers fit.";
    assert!(flat.contains(expect), "{text}");
    assert!(text.lines().any(|line| line.trim_start().starts_with("✗ ") && line.contains("12")));
}

/// 512 MiB less 16 MB hold five workers of 100 MB, 1 GiB ten. Were all to fit, twelve would be no
/// worse than any; of what fits in 512 MiB, five are the best by far.
#[test]
fn what_does_not_fit_is_never_the_best() {
    let more = [
        "--workers",
        "4,5,12",
        "--memory",
        "512M,1G",
        "--duration",
        "200s",
        "--format",
        "csv",
        "--delta",
        "0",
    ];
    for select in ["subset", "best"] {
        let select = if select == "best" { &["--select", "best"][..] } else { &[] };
        let more: Vec<&str> = match select.is_empty() {
            true => more.to_vec(),
            false => with(&more[..8], select),
        };
        let csv = succeeds(&with(&TRAFFIC, &more));
        let verdicts = ["worse", "named", "does-not-fit"];
        assert_eq!(column(&csv, "verdict"), [verdicts, verdicts].concat(), "{csv}");
        let flags = column(&csv, "flags");
        let unfit: Vec<bool> = flags.iter().map(|flags| flags.contains("over-memory")).collect();
        assert_eq!(unfit, [false, false, true, false, false, true]);
        let needs = ["416000000", "516000000", "1216000000"];
        assert_eq!(column(&csv, "memory_bytes"), [needs, needs].concat());
        let limits = [["536870912"; 3], ["1073741824"; 3]].concat();
        assert_eq!(column(&csv, "memory_limit_bytes"), limits);
    }
}

#[test]
fn where_nothing_fits_the_run_ends_with_4() {
    let folder = folder();
    let run = |more: &[&str]| run_in(folder.path(), &with(&STORY, more));
    let ran = run(&["--workers", "9", "--memory", "1GiB"]);
    assert_eq!(ran.code, Some(4), "{}", ran.err);
    let flat = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("at most 5 workers fit"), "{}", ran.out);
    // Suggested is what fits.
    assert!(ran.out.contains("--workers 1..5"), "{}", ran.out);
    let ran = run(&["--workers", "1,9", "--memory", "100MB"]);
    assert_eq!(ran.code, Some(4));
    let flat = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("not even one worker fits"), "{}", ran.out);
    assert_eq!(run(&["--workers", "5,9", "--memory", "1GiB"]).code, Some(0));
}

/// Memory that nobody speaks of leaves no trace.
#[test]
fn without_it_nothing_is_said() {
    let csv = succeeds(&["--service", "3s", "--clients", "3", "--format", "csv"]);
    assert!(!csv.contains("memory"), "{csv}");
    let text = succeeds(&["--service", "3s", "--clients", "3"]);
    assert!(!text.contains("emory"), "{text}");
}

/// A need without a limit is told and not judged.
#[test]
fn a_need_is_told_without_a_limit() {
    let text = succeeds(&with(&STORY, &["--workers", "4", "--shared-memory", "0"]));
    assert!(text.contains("4 workers x 180 MB = 687 MiB."), "{text}");
}

#[test]
fn saved_results_are_read_and_drawn_again() {
    let folder = folder();
    let more = [
        "--workers",
        "4..8",
        "--memory",
        "512M",
        "--duration",
        "50s",
        "--export-csv",
        "r.csv",
        "--plot",
        "one",
    ];
    succeeds_in(folder.path(), &with(&TRAFFIC, &more));
    succeeds_in(folder.path(), &["plot", "r.csv", "-o", "two"]);
    for name in ["response-by-workers.svg", "throughput-by-workers.svg"] {
        let read = |of: &str| std::fs::read(folder.path().join(of).join(name)).unwrap();
        assert_eq!(read("one"), read("two"), "{name}");
        assert!(String::from_utf8(read("one")).unwrap().contains("does not fit into the memory"));
    }
}

#[test]
fn what_is_wrong_gets_a_sentence() {
    let folder = folder();
    for (arguments, part) in [
        (&["--memory", "1G"][..], "--memory has no effect without --worker-memory"),
        (&["--leak", "1M"], "--leak has no effect without --worker-memory"),
        (&["--thread-memory", "1M"], "--thread-memory has no effect without --worker-memory"),
        (&["--worker-memory", "180"], "'180' has no unit: write 180M (of 1024 KiB)"),
        (&["--worker-memory", "1Mo"], "'Mo' in '1Mo' is not a unit of memory"),
        (&["--worker-memory", "-1M"], "negative"),
        (&["--worker-memory", "1M", "--memory", "0"], "nothing fits"),
        (&["--worker-memory", "1M", "--memory", "2..1G"], "counts down: write 1G..2"),
        (
            &["--worker-memory", "1M", "--thread-memory", "1M", "--class", "gevent"],
            "an event loop has no threads",
        ),
    ] {
        let ran = run_in(folder.path(), &with(&["--service", "1s"], arguments));
        assert_eq!(ran.code, Some(2), "{arguments:?}");
        assert!(ran.err.contains(part), "{arguments:?}: {}", ran.err);
    }
}

/// One worker of 600 MB, 100 MB beside it, 1,000 MB in all, 100 MB a request: every fourth request
/// dies with its worker. Requests every 10 s for 4,000 s; of the last 320 requests 80 kill.
#[test]
fn a_leak_kills_at_a_known_rate() {
    let arguments = [
        "--io",
        "1s",
        "--rate",
        "0.1/s",
        "--arrivals",
        "constant",
        "--duration",
        "4000s",
        "--worker-memory",
        "600MB",
        "--shared-memory",
        "100MB",
        "--memory",
        "1GB",
        "--leak",
        "100MB",
        "--replications",
        "2",
    ];
    let csv = succeeds(&with(&arguments, &["--format", "csv"]));
    assert_eq!(column(&csv, "memory_kills_per_request"), ["0.25"]);
    assert_eq!(column(&csv, "failed_share"), ["0.25"]);
    assert_eq!(column(&csv, "memory_bytes"), ["1000000000"]);
    let text = succeeds(&arguments);
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "1 worker that grows by 100 MB a request uses up the remaining 300 MB of 1 GB after 3 requests.",
        "The kernel kills one about every 4 requests, 90 times an hour; 25 % of all requests fail.",
        "--max-requests 3 would end every worker before that.",
    ] {
        assert!(flat.contains(part), "{part}\n{text}");
    }
    // The advice is good.
    let csv = succeeds(&with(&arguments, &["--format", "csv", "--max-requests", "3"]));
    assert_eq!(column(&csv, "failed_share"), ["0"]);
    let records = succeeds(&with(&arguments, &["--visits", "-"]));
    assert!(records.lines().nth(4).unwrap().ends_with(",40.000000000,out_of_memory"), "{records}");
}
