//! Traces that are none.

use crate::support::{folder, refused_in, succeeds_in};

#[test]
fn traces_are_refused_with_the_line() {
    let cases: [(&[u8], &str); 13] = [
        (b"", "the file is empty: its first line names the columns"),
        (b"\n\n", "the file is empty"),
        (b"arrival_s,phases\n", "the file has a header but no requests"),
        (b"time,cpu_s\n0,1\n", "no column 'arrival_s' in 'time,cpu_s'"),
        (b"arrival_s\n0\n", "no column 'phases', 'cpu_s' or 'io_s' in 'arrival_s'"),
        (b"arrival_s,cpu_s\n0,1\nsoon,1\n", "line 3: arrival_s: 'soon' is not a number of seconds"),
        (b"arrival_s,cpu_s\n0,1\n1\n", "line 3: column 'cpu_s' is missing"),
        (b"arrival_s,cpu_s\n0,nan\n", "line 2: cpu_s: 'nan' is not a number of seconds"),
        (b"arrival_s,cpu_s\n0,-1\n", "line 2: cpu_s: '-1' is negative"),
        (b"arrival_s,cpu_s\n1e300,1\n", "line 2: arrival_s: '1e300' seconds are too many"),
        (b"arrival_s,cpu_s\n0,1\n5,1\n2,1\n", "line 4: arrival at 2 s follows one at 5 s: sort"),
        (b"arrival_s,phases\n0,gpu:1\n", "line 2: phases: 'gpu' is not a kind of phase"),
        (b"arrival_s,cpu_s\n0,\xff\xfe\n", "line 2: column 'cpu_s' is not UTF-8 text"),
    ];
    let folder = folder();
    for (bytes, part) in cases {
        std::fs::write(folder.path().join("t.csv"), bytes).unwrap();
        let told = refused_in(folder.path(), &["--trace", "t.csv", "--export-csv", "r.csv"], part);
        assert!(told.contains("--trace: 't.csv': "), "{told}");
    }
    refused_in(folder.path(), &["--trace", "."], "'.' is a folder, not a file");
    refused_in(folder.path(), &["--trace", "no.csv"], "'no.csv' cannot be read: No such file");
    let garbage: Vec<u8> =
        (0..5_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    std::fs::write(folder.path().join("g.csv"), garbage).unwrap();
    refused_in(folder.path(), &["--trace", "g.csv"], "'g.csv'");
}

/// A line of a gigabyte is refused after its first megabyte: in little memory, at once.
#[cfg(unix)]
#[test]
fn endless_lines_are_refused_in_little_memory() {
    use crate::support::{Ran, through_a_shell};
    let folder = folder();
    std::fs::File::create(folder.path().join("big")).unwrap().set_len(1 << 30).unwrap();
    let cases: [(&[&str], &str); 4] = [
        (&["--trace", "big"], "line 1 is longer than 1048576 bytes"),
        (&["--service", "samples:big#s"], "big"),
        (&["run", "big"], "'big' is not text"),
        (&["plot", "big"], "'big' is not text"),
    ];
    for (arguments, part) in cases {
        let script = r#"ulimit -v 400000; exec "$@""#;
        let ran: Ran = through_a_shell(script, folder.path(), arguments).output().unwrap().into();
        assert_eq!(ran.code, Some(2), "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(part), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn traces_are_replayed() {
    let folder = folder();
    let text = "# three requests\nio_s,arrival_s,cpu_s,note\n0,0,1,a\n0.5,0.5,1,b\n2,0.7,0.2,c\n";
    std::fs::write(folder.path().join("t.csv"), text).unwrap();
    let told = succeeds_in(folder.path(), &["--trace", "t.csv", "--workers", "1,2"]);
    assert!(told.starts_with("3 requests replayed; demands as recorded; 8 cores."), "{told}");
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("request 3 waits 1.8 s for the two before it"), "{told}");
}
