//! `simsrv plot`: the same pictures from saved results, and files that hold none.

use crate::support::{files, folder, refused_in, run_in, succeeds_in};

const SWEEP: &[&str] = &[
    "--workers",
    "1..3",
    "--cores",
    "1,2",
    "--service",
    "exp(20ms)",
    "--rate",
    "40/s",
    "--requests",
    "400",
    "--replications",
    "3",
];

#[test]
fn saved_results_give_the_same_pictures() {
    let folder = folder();
    let more = ["--plot", "now", "--export-csv", "r.csv", "--quiet"];
    succeeds_in(folder.path(), &[SWEEP, &more].concat());
    let told = succeeds_in(folder.path(), &["plot", "r.csv", "-o", "later"]);
    let now = files(&folder.path().join("now"));
    let later = files(&folder.path().join("later"));
    assert!(now.len() >= 4, "{:?}", now.keys());
    assert_eq!(now.keys().collect::<Vec<_>>(), later.keys().collect::<Vec<_>>());
    for (name, bytes) in &now {
        assert!(later[name] == *bytes, "{name} differs");
    }
    let named: Vec<String> = told.lines().map(str::to_owned).collect();
    assert_eq!(named.len(), later.len(), "{told}");
    assert!(named.iter().all(|path| folder.path().join(path).is_file()), "{told}");
}

/// A run of a server that refuses and is tried again, against time: one panel for each thing that
/// is shown, the spike shaded; on average over its replications where that is asked for.
#[test]
fn a_run_is_drawn_against_time() {
    let folder = folder();
    let scenario = "workers = 1\nrate = '5/s'\nservice = 'exp(100ms)'\nduration = '30s'\n\
                    arrivals = 'spike(at=10s,for=5s,by=6)'\nclient-timeout = '1s'\n\
                    replications = 3\nplot = 'p'\n\
                    [[case]]\nname = 'once'\n[[case]]\nname = 'again'\nretries = 2\n\
                    [[chart]]\nkind = 'over-time'\n\
                    show = ['answered', 'tries', 'backlog', 'response', 'away']\n\
                    [[chart]]\nkind = 'over-time'\nname = 'mean'\naverage = true\n";
    std::fs::write(folder.path().join("s.toml"), scenario).unwrap();
    succeeds_in(folder.path(), &["run", "s.toml", "--quiet"]);
    let drawn = files(&folder.path().join("p"));
    let svg = |name: &str| String::from_utf8_lossy(&drawn[name]).into_owned();
    let one = svg("over-time.svg");
    for words in
        ["answered", "attempts, including retries", "waiting for a worker", "workers restarting"]
    {
        assert!(one.contains(words), "no '{words}'");
    }
    assert!(one.contains("once") && one.contains("again") && one.contains("The first replication"));
    let mean = svg("mean.svg");
    assert!(mean.contains("Averages over 3 replications"), "{mean}");
    assert!(!mean.contains("workers restarting"), "not among the usual");
}

#[test]
fn records_give_a_timeline() {
    let folder = folder();
    let story = ["--workers", "1,4", "--service", "3s", "--clients", "3", "--visits", "v.csv"];
    succeeds_in(folder.path(), &story);
    let told = succeeds_in(folder.path(), &["plot", "v.csv"]);
    assert!(told.contains("plots/timeline.png"), "{told}");
    let long = ["--service", "3s", "--clients", "300", "--visits", "v.csv"];
    succeeds_in(folder.path(), &long);
    refused_in(folder.path(), &["plot", "v.csv", "-o", "p"], "cell 1 has more than 200 requests");
}

#[test]
fn files_that_hold_no_pictures() {
    let folder = folder();
    let header = "workers,cores,stable,response_p95_s";
    let records = "cell,replication,request,client,worker,arrival_s,start_s,departure_s,outcome";
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (Vec::new(), "'x.csv': the file is empty"),
        (b"# simsrv\n".to_vec(), "'x.csv': the file is empty"),
        (b"a,b\n1,2\n".to_vec(), "no column 'workers': this is not a results table of simsrv"),
        (b"arrival_s,cpu_s\n0,1\n".to_vec(), "no column 'workers'"),
        (vec![0xff, 0xfe, 0, 1], "'x.csv' is not UTF-8 text"),
        (vec![0; 10_000], "is not text: its byte 1 is zero"),
        (format!("{header}\n").into_bytes(), "the table has no rows"),
        (
            format!("{header}\nfour,8,yes,1\n").into_bytes(),
            "line 2: column 'workers': 'four' is no",
        ),
        (format!("{header}\n-4,8,yes,1\n").into_bytes(), "line 2: column 'workers': '-4' is no"),
        (
            format!("{header}\n4,8,often,1\n").into_bytes(),
            "line 2: column 'stable': 'often' is not",
        ),
        (format!("{header}\n4,8,yes,NaN\n").into_bytes(), "column 'response_p95_s': 'NaN' is no"),
        (format!("{header}\n4,8,yes,inf\n").into_bytes(), "column 'response_p95_s': 'inf' is no"),
        (format!("{header}\n4,8,yes,soon\n").into_bytes(), "'soon' is not a number"),
        (
            format!("{header}\n4,8,yes\n").into_bytes(),
            "line 2: 3 fields, but the first line names 4 columns",
        ),
        (format!("{header}\n4,8,yes,1\n").into_bytes(), "'x.csv' has nothing to draw"),
        (format!("{records}\n").into_bytes(), "the table of visits has no rows"),
        (format!("{records}\n1,1,1,1,1,0,0,x,served\n").into_bytes(), "line 2"),
        (format!("{records}\n1,1,1,1,1,0,0,3,eaten\n").into_bytes(), "line 2"),
        (format!("{records}\n1,1,0,1,1,0,0,3,served\n").into_bytes(), "line 2"),
    ];
    for (bytes, part) in cases {
        std::fs::write(folder.path().join("x.csv"), bytes).unwrap();
        refused_in(folder.path(), &["plot", "x.csv"], part);
    }
}

/// Numbers that no run gives are drawn or refused, but nothing panics.
#[test]
fn huge_and_tiny_numbers_do_no_harm() {
    let header = "workers,threads,cores,rate_per_s,stable,response_mean_s,response_p95_s,\
                  response_p95_s_ci,response_p99_s,throughput_per_s,worker_utilisation,response_ccdf";
    let values = ["1e308", "1e-308", "0", "-1", "-1e308", "4294967295", "5e-324", ""];
    let folder = folder();
    for (at, value) in values.into_iter().enumerate() {
        let text = format!(
            "{header}\n\
             1,1,1,1,yes,{value},{value},{value},{value},{value},{value},1:{ccdf} 0.5:{ccdf}\n\
             2,1,{value},{value},yes,1,{value},{value},{value},1,0.5,\n\
             4294967295,1,2,2,no,,,,,,,\n",
            ccdf = if value.is_empty() { "0" } else { value },
        );
        std::fs::write(folder.path().join("x.csv"), text).unwrap();
        let ran = run_in(folder.path(), &["plot", "x.csv", "-o", &format!("p{at}")]);
        assert!(matches!(ran.code, Some(0 | 2)), "{value}: {ran:?}");
        assert!(!ran.err.contains("panicked"), "{value}: {ran:?}");
    }
}
