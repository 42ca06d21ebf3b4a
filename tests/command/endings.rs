//! How runs end: closed pipes, full disks, folders that may not be written, Ctrl-C.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Ran, files, folder, program, run_in, succeeds_in, through_a_shell};
use crate::terminal::Terminal;

/// Enough rows to fill a pipe that nobody reads.
const MANY: &[&str] = &["--workers", "1..700", "--service", "3s", "--clients", "30"];

#[test]
fn a_closed_pipe_ends_quietly() {
    let outputs: [&[&str]; 8] = [
        &[],
        &["--format", "csv"],
        &["--format", "json"],
        &["--format", "markdown"],
        &["--visits", "-"],
        &["--export-csv", "-"],
        &["--export-csv", "-", "--format", "table"],
        &["--export-csv", "kept.csv", "--format", "json"],
    ];
    let folder = folder();
    for more in outputs {
        let mut child = program(folder.path())
            .args(MANY)
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        drop(out);
        let ran: Ran = child.wait_with_output().unwrap().into();
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{more:?}");
        assert!(!line.is_empty(), "{more:?}");
    }
    assert_eq!(files(folder.path()).into_keys().collect::<Vec<_>>(), ["kept.csv"]);
}

#[test]
fn a_full_device_is_an_error() {
    let outputs: [&[&str]; 7] = [
        &["--service", "3s"],
        &["--service", "3s", "--format", "csv"],
        &["--service", "3s", "--format", "json"],
        &["--service", "3s", "--visits", "-"],
        &["--help"],
        &["man"],
        &["completions", "bash"],
    ];
    let folder = folder();
    let script = r#"exec "$@" > /dev/full"#;
    for arguments in outputs {
        let ran: Ran = through_a_shell(script, folder.path(), arguments).output().unwrap().into();
        let sentence = "simsrv: standard output cannot be written: No space left on device\n";
        assert_eq!((ran.code, ran.err.as_str()), (Some(74), sentence), "{arguments:?}");
    }
    let ran = run_in(folder.path(), &["--service", "3s", "--export-csv", "/dev/full"]);
    let sentence = "simsrv: '/dev/full' cannot be written: No space left on device\n";
    assert_eq!((ran.code, ran.err.as_str()), (Some(74), sentence));
    assert!(ran.out.contains("answered after"), "the table is not lost: {}", ran.out);
    let device = std::fs::metadata("/dev/full").unwrap().file_type();
    assert!(device.is_char_device(), "/dev/full stays a device");
}

/// F19: Rust's runtime opens `/dev/null` in the place of a closed stream. What somebody opened on
/// `/dev/null`, for writing or, as Python's `subprocess.DEVNULL` is, for both, is no error.
#[test]
fn a_closed_standard_output_is_an_error() {
    let folder = folder();
    let code = |script: &str, arguments: &[&str]| {
        let ran: Ran = through_a_shell(script, folder.path(), arguments).output().unwrap().into();
        let told = ran.err.contains("standard output cannot be written: it is closed");
        assert_eq!(told, ran.code == Some(74), "{script} {arguments:?}: {ran:?}");
        ran.code
    };
    let story = ["--service", "3s", "--export-csv", "r.csv"];
    for script in [r#"exec "$@" >&-"#, r#"exec "$@" >/dev/null 1</dev/null"#] {
        let all: [&[&str]; 6] = [
            &story,
            &["--help"],
            &["--version"],
            &["man"],
            &["theory", "--service", "3s"],
            &["completions", "bash"],
        ];
        for arguments in all {
            assert_eq!(code(script, arguments), Some(74), "{script} {arguments:?}");
        }
        assert_eq!(files(folder.path()).len(), 0, "it is found before the run: {script}");
    }
    for script in [r#"exec "$@" >/dev/null"#, r#"exec "$@" 1<>/dev/null"#] {
        assert_eq!(code(script, &story), Some(0), "{script}");
    }
}

/// The kind of F19: a page needs no standard output, but its address has to be seen.
#[test]
fn a_page_is_served_without_standard_output() {
    let folder = folder();
    let mut command = through_a_shell(r#"exec "$@" >&-"#, folder.path(), &["serve", "--port", "0"]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    send(&child, Signal::INT);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(line.starts_with("The page is at http://127.0.0.1:"), "{line}");
}

/// The kind of F19: a descriptor that takes nothing, by its name.
#[test]
fn a_descriptor_that_takes_nothing_is_refused_before_the_run() {
    let folder = folder();
    for (script, name, part) in [
        (r#"exec "$@" 2>&-"#, "/dev/stderr", ""),
        (r#"exec "$@""#, "/dev/fd/7", "it is not open"),
        (r#"exec "$@" 7</dev/null"#, "/dev/fd/7", "open for reading"),
        (r#"exec "$@" 7</dev/null"#, "/proc/self/fd/7", "open for reading"),
    ] {
        let arguments = ["--service", "3s", "--visits", name];
        let ran: Ran = through_a_shell(script, folder.path(), &arguments).output().unwrap().into();
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{script} {name}: {ran:?}");
        assert!(ran.err.contains(part), "{ran:?}");
    }
}

/// A reader who does not come does not keep a run alive: the first signal ends it.
#[test]
fn a_signal_ends_a_run_that_waits_for_a_reader() {
    for signal in SIGNALS {
        let folder = folder();
        let path = folder.path().join("pipe");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &path,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RWXU,
            0,
        )
        .unwrap();
        let mut command = program(folder.path());
        command.args(["--service", "3s", "--visits", "pipe"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // The table is printed before the visits are written.
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
        send(&child, signal);
        assert_eq!(child.wait().unwrap().code(), Some(130), "{signal:?}");
    }
}

/// A limit on the size of files stands for a full disk.
#[test]
fn a_full_disk_leaves_the_old_file() {
    let folder = folder();
    let script = r#"trap '' XFSZ; ulimit -f 8; exec "$@""#;
    for option in ["--export-csv", "--export-json", "--export-markdown", "--visits"] {
        std::fs::write(folder.path().join("r"), "# simsrv 0.0.9").unwrap();
        let arguments = [MANY, &[option, "r", "--quiet"]].concat();
        let ran: Ran = through_a_shell(script, folder.path(), &arguments).output().unwrap().into();
        let sentence = "simsrv: 'r' cannot be written: File too large\n";
        assert_eq!((ran.code, ran.err.as_str()), (Some(74), sentence), "{option}");
        let left = files(folder.path());
        assert_eq!(
            left.into_iter().collect::<Vec<_>>(),
            [("r".to_owned(), b"# simsrv 0.0.9".to_vec())]
        );
    }
}

#[test]
fn a_folder_that_may_not_be_written() {
    let folder = folder();
    let closed = folder.path().join("closed");
    std::fs::create_dir(&closed).unwrap();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o555)).unwrap();
    if std::fs::write(closed.join("probe"), "").is_ok() {
        eprintln!("skipped: this user (root?) may write into folders that are closed");
        return;
    }
    for option in ["--export-csv", "--visits"] {
        let ran = run_in(folder.path(), &["--service", "3s", option, "closed/r.csv"]);
        assert_eq!(ran.code, Some(74), "{ran:?}");
        assert!(ran.err.contains("'closed/r.csv' cannot be written: Permission denied"), "{ran:?}");
    }
    let ran = run_in(folder.path(), &["--service", "3s", "--plot", "closed/plots"]);
    assert_eq!(ran.code, Some(74), "{ran:?}");
}

#[test]
fn files_have_the_permissions_that_are_usual() {
    let folder = folder();
    let path = folder.path().join("r.csv");
    let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    let write = |umask: &str| {
        let script = format!("umask {umask}; exec \"$@\"");
        let arguments = ["--service", "3s", "--export-csv", "r.csv"];
        let status = through_a_shell(&script, folder.path(), &arguments).output().unwrap().status;
        assert!(status.success());
    };
    write("022");
    assert_eq!(mode(), 0o644);
    write("077");
    assert_eq!(mode(), 0o644, "an old file keeps its permissions");
    std::fs::remove_file(&path).unwrap();
    write("077");
    assert_eq!(mode(), 0o600);
}

#[test]
fn a_link_stays_a_link() {
    let folder = folder();
    std::fs::write(folder.path().join("real.csv"), "").unwrap();
    std::os::unix::fs::symlink("real.csv", folder.path().join("link.csv")).unwrap();
    succeeds_in(folder.path(), &["--service", "3s", "--export-csv", "link.csv"]);
    assert!(std::fs::symlink_metadata(folder.path().join("link.csv")).unwrap().is_symlink());
    let text = std::fs::read_to_string(folder.path().join("real.csv")).unwrap();
    assert!(text.starts_with("workers,"), "{text}");
}

/// What `Ctrl-C`, `kill` and a closed terminal send.
const SIGNALS: [Signal; 3] = [Signal::INT, Signal::TERM, Signal::HUP];

fn send(child: &std::process::Child, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

/// One cell that ends at once, and one that would take days: the terminal says when the first is
/// finished.
#[test]
fn a_signal_writes_what_was_finished() {
    SIGNALS.into_iter().for_each(finished_cells_are_written_after);
}

fn finished_cells_are_written_after(signal: Signal) {
    let folder = folder();
    let terminal = Terminal::open();
    let arguments = [
        "--rate",
        "1/s,1000000/s",
        "--service",
        "1us",
        "--workers",
        "64",
        "--duration",
        "1h",
        "--replications",
        "2",
        "--yes",
        "--jobs",
        "1",
        "--export-csv",
        "r.csv",
        "--visits",
        "v.csv",
        "--plot",
        // Each picture takes a tenth of a second or more: after a signal none is drawn.
        "pl",
        // F10: of one row it cannot be drawn.
        "--chart",
        "knee",
    ];
    let mut command = program(folder.path());
    command.args(arguments).stdout(Stdio::piped()).stderr(terminal.slave());
    let mut child = command.spawn().unwrap();
    drop(command);
    terminal.wait_for("1/2 cells");
    send(&child, signal);
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{out}");

    assert!(out.contains("Partial  interrupted: 1 of 2 cells were finished."), "{out}");
    let csv = std::fs::read_to_string(folder.path().join("r.csv")).unwrap();
    assert!(csv.contains("\n# partial: 1 of 2 cells were finished\n"), "{csv}");
    assert_eq!(csv.lines().filter(|line| !line.starts_with('#')).count(), 2, "{csv}");
    let records = std::fs::read_to_string(folder.path().join("v.csv")).unwrap();
    assert!(records.lines().count() > 7_000, "{}", records.lines().count());
    assert!(records.lines().skip(1).all(|line| line.starts_with("1,")), "of the first cell only");
    assert_eq!(files(folder.path()).into_keys().collect::<Vec<_>>(), ["r.csv", "v.csv"]);
}

/// The first row of records says that the simulation is over and writing has begun.
#[test]
fn ctrl_c_while_writing_leaves_no_half_table() {
    let folder = folder();
    let arguments = [
        "--rate",
        "100/s",
        "--service",
        "1ms",
        "--requests",
        "200000",
        "--replications",
        "3",
        "--visits",
        "-",
    ];
    let mut command = program(folder.path());
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut String::new()).unwrap();
    send(&child, Signal::INT);
    std::io::copy(&mut out, &mut std::io::sink()).unwrap();
    let ran: Ran = child.wait_with_output().unwrap().into();
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert!(ran.err.contains("interrupted: the visits in '-' are not complete"), "{ran:?}");
}

/// Starts a run, and sends a signal as soon as its table is printed.
fn signal_after_the_table(folder: &std::path::Path, script: &str, signal: Signal) -> Ran {
    let arguments = [
        "--rate",
        "1000/s",
        "--service",
        "100us",
        "--requests",
        "300000",
        "--replications",
        "3",
        "--yes",
        "--export-csv",
        "r.csv",
        "--visits",
        "v.csv",
    ];
    let mut command = through_a_shell(script, folder, &arguments);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut String::new()).unwrap();
    send(&child, signal);
    std::io::copy(&mut out, &mut std::io::sink()).unwrap();
    child.wait_with_output().unwrap().into()
}

/// F8: nothing under a temporary name is left, results stay, and a half table of visits does not.
#[test]
fn a_signal_while_writing_leaves_whole_files_only() {
    for signal in SIGNALS {
        let folder = folder();
        let ran = signal_after_the_table(folder.path(), r#"exec "$@""#, signal);
        assert_eq!(ran.code, Some(130), "{signal:?}: {ran:?}");
        assert!(ran.err.contains("the visits in 'v.csv' are not complete"), "{ran:?}");
        assert_eq!(files(folder.path()).into_keys().collect::<Vec<_>>(), ["r.csv"], "{signal:?}");
    }
}

/// A run under `nohup` outlives its terminal.
#[test]
fn an_ignored_hangup_stays_ignored() {
    let folder = folder();
    let ran = signal_after_the_table(folder.path(), r#"trap '' HUP; exec "$@""#, Signal::HUP);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(files(folder.path()).into_keys().collect::<Vec<_>>(), ["r.csv", "v.csv"]);
}

/// F4: no picture is drawn of a part of the replications.
#[test]
fn a_signal_while_drawing_leaves_no_half_picture() {
    let folder = folder();
    let text = "service='exp(100us)'\nrate='2000/s'\nduration='200s'\nreplications=5\n\
                warmup='1s'\nplot='pl'\nyes=true\nexport-csv='r.csv'\n\
                [[chart]]\nkind='over-time'\naverage=true\nname='ot'\n";
    std::fs::write(folder.path().join("s.toml"), text).unwrap();
    let mut command = program(folder.path());
    command.args(["run", "s.toml"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut String::new()).unwrap();
    send(&child, Signal::INT);
    std::io::copy(&mut out, &mut std::io::sink()).unwrap();
    let ran: Ran = child.wait_with_output().unwrap().into();
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert!(ran.err.contains("no pictures were drawn"), "{ran:?}");
    assert_eq!(files(folder.path()).into_keys().collect::<Vec<_>>(), ["r.csv", "s.toml"]);
}
