//! Files: none is destroyed, none is written twice, each input is read once, and what cannot be
//! written is refused before anything is simulated.

use std::path::Path;

use crate::support::{files, folder, program, refused_in, run_in, succeeds_in, through_a_shell};

const STORY: [&str; 2] = ["--service", "3s"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&STORY[..], more].concat()
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).unwrap();
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// F15: outputs are compared as files, with each other and with every input.
#[cfg(unix)]
#[test]
fn an_output_is_no_other_file_under_another_name() {
    let folder = folder();
    let at = folder.path();
    write(at, "t.csv", "arrival_s,cpu_s\n0,1\n1,1\n");
    write(at, "s.csv", "0.5\n0.6\n");
    write(at, "gunicorn.conf.py", "workers = 3\n");
    write(at, "s.toml", "service = '3s'\n");
    std::fs::hard_link(at.join("t.csv"), at.join("hard.csv")).unwrap();
    std::os::unix::fs::symlink("t.csv", at.join("soft.csv")).unwrap();
    let samples = ["--service", "samples:s.csv", "--rate", "1/s", "--requests", "10"];
    let samples = |more: &[&'static str]| [&samples[..], &["--replications", "2"], more].concat();
    for (arguments, part) in [
        (with(&["--export-csv", "x.out", "--export-json", "./x.out"]), "is the file of"),
        (with(&["--export-csv", "-", "--visits", "-"]), "is the file of --export-csv too"),
        (vec!["--trace", "t.csv", "--export-csv", "./t.csv", "--force"], "is read as 't.csv' too"),
        (vec!["--trace", "t.csv", "--export-csv", "hard.csv", "--force"], "is read as"),
        (vec!["--trace", "soft.csv", "--export-csv", "t.csv", "--force"], "is read as"),
        (samples(&["--visits", "s.csv", "--force"]), "is read as"),
        (
            with(&["--from", "gunicorn.conf.py", "--export-json", "gunicorn.conf.py", "--force"]),
            "is read as",
        ),
        (vec!["run", "s.toml", "--export-csv", "s.toml", "--force"], "is read as"),
        (
            vec![
                "theory",
                "--service",
                "samples:s.csv",
                "--rate",
                "1/s",
                "--export-csv",
                "s.csv",
                "--force",
            ],
            "is read as",
        ),
    ] {
        refused_in(at, &arguments, part);
    }
}

/// F15, over several scenarios and over the names of pictures.
#[test]
fn scenarios_and_charts_do_not_write_over_each_other() {
    let folder = folder();
    let at = folder.path();
    write(at, "a.toml", "service = '3s'\nworkers = [1,2]\nexport-csv = 'r.csv'\n");
    write(at, "b.toml", "service = '3s'\nworkers = [1,2]\nexport-csv = './r.csv'\n");
    refused_in(at, &["run", "a.toml", "b.toml"], "is the file of --export-csv too");
    write(at, "c.toml", "service = '3s'\ntrace = 'r.csv'\n");
    let plots = "service = '3s'\nworkers = [1,2]\nclients = 3\nplot = 'pl'\n";
    write(at, "a.toml", plots);
    write(at, "b.toml", plots);
    refused_in(at, &["run", "a.toml", "b.toml"], "has the file of the chart");
    let chart = "[[chart]]\nkind = 'response'\n";
    write(at, "a.toml", &[plots, chart, chart].concat());
    refused_in(at, &["run", "a.toml"], "two charts are named");
    std::fs::create_dir(at.join("pl")).unwrap();
    write(at, "a.toml", &[plots, chart, "name = 'mine'\n"].concat());
    refused_in(at, &["run", "a.toml", "--export-csv", "pl/mine.png"], "is the file of");
}

#[test]
fn what_simsrv_did_not_write_is_not_replaced() {
    let folder = folder();
    let at = folder.path();
    for option in
        ["--export-csv", "--export-json", "--export-markdown", "--export-config", "--visits"]
    {
        let arguments = with(&["--server", "puma", option, "x"]);
        write(at, "x", "mine\n");
        refused_in(at, &arguments, "'x' exists, and simsrv did not write it");
        succeeds_in(at, &[&arguments[..], &["--force"]].concat());
        assert_ne!(read(at, "x"), "mine\n", "{option}");
        // Its own it replaces, and an empty one.
        succeeds_in(at, &arguments);
        write(at, "x", "");
        succeeds_in(at, &arguments);
    }
    std::fs::create_dir(at.join("pl")).unwrap();
    let arguments = with(&["--clients", "3", "--workers", "1,2", "--plot", "pl"]);
    write(at, "pl/timeline.svg", "<svg>mine</svg>");
    refused_in(at, &arguments, "timeline.svg' exists");
    succeeds_in(at, &[&arguments[..], &["--force"]].concat());
    succeeds_in(at, &arguments);
}

/// Notes about simsrv are not its results, nor is a scenario that was fitted and may have been edited.
#[test]
fn what_only_speaks_of_simsrv_is_not_replaced() {
    let folder = folder();
    let at = folder.path();
    for text in ["# simsrv settings of our shop\nservice = '3s'\n", "# simsrv fit: from a.log\n"] {
        write(at, "x", text);
        refused_in(at, &with(&["--export-csv", "x"]), "simsrv did not write it");
    }
}

#[cfg(unix)]
#[test]
fn a_write_protected_file_is_not_replaced() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let at = folder.path();
    let arguments = with(&["--export-csv", "r.csv"]);
    succeeds_in(at, &arguments);
    let mode = |mode| std::fs::set_permissions(at.join("r.csv"), PermissionsExt::from_mode(mode));
    mode(0o444).unwrap();
    refused_in(at, &arguments, "is write-protected");
    succeeds_in(at, &[&arguments[..], &["--force"]].concat());
}

/// Every command that writes asks first whether it may.
#[test]
fn pictures_of_other_commands_are_not_written_over_what_simsrv_did_not_write() {
    let folder = folder();
    let at = folder.path();
    succeeds_in(at, &with(&["--workers", "1,2", "--clients", "3", "--visits", "v.csv"]));
    succeeds_in(at, &["plot", "v.csv", "-o", "pl"]);
    write(at, "pl/timeline.svg", "<svg>mine</svg>");
    refused_in(at, &["plot", "v.csv", "-o", "pl"], "timeline.svg' exists");
    assert_eq!(run_in(at, &["plot", "v.csv", "-o", "pl", "--force"]).code, Some(0));
    write(at, "t.csv", "phases,scheduled_s,done_s\ncpu:1,0,1\ncpu:1,2,3\n");
    let validate = ["validate", "t.csv", "--workers", "1", "--plot", "va"];
    succeeds_in(at, &validate);
    succeeds_in(at, &validate);
    write(at, "va/predicted-against-measured.png", "mine");
    refused_in(at, &validate, "predicted-against-measured.png' exists");
    succeeds_in(at, &[&validate[..], &["--force"]].concat());
    for option in ["--export-csv", "--visits"] {
        let arguments = [&validate[..], &["--force", option, "x"]].concat();
        refused_in(at, &arguments, "cannot be used with 'simsrv validate'");
    }
}

/// The scenario that `fit` writes is compared with its inputs as a file.
#[cfg(unix)]
#[test]
fn a_fitted_scenario_is_not_written_over_its_log() {
    let folder = folder();
    let at = folder.path();
    write(at, "a.log", "1.5\n");
    std::fs::hard_link(at.join("a.log"), at.join("hard.log")).unwrap();
    for name in ["a.log", "./a.log", "hard.log"] {
        refused_in(at, &["fit", "a.log", "-o", name, "--force"], "is read as 'a.log' too");
    }
    refused_in(at, &["fit", "a.log", "-o", "new/s.toml"], "there is no folder");
}

/// F16, F17, F18: devices, links, names.
#[cfg(unix)]
#[test]
fn what_cannot_be_written_is_refused_before_the_run() {
    let folder = folder();
    let at = folder.path();
    let link = |from: &str, to: &str| std::os::unix::fs::symlink(from, at.join(to)).unwrap();
    link("one", "two");
    link("two", "one");
    link("nowhere/deep.csv", "into-nothing.csv");
    link("nowhere", "plots");
    let long = "n".repeat(300);
    let others = crate::support::folder();
    let socket = others.path().join("socket");
    let _socket = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let socket = socket.to_string_lossy();
    for (name, part) in [
        (&*socket, "is a socket"),
        ("", "is empty"),
        ("new/", "is a folder"),
        (".", "is a folder"),
        ("one", "a link that leads to itself"),
        ("into-nothing.csv", "there is no folder"),
        (&long, "File name too long"),
    ] {
        for option in ["--export-csv", "--visits"] {
            refused_in(at, &with(&[option, name]), part);
        }
    }
    refused_in(at, &with(&["--workers", "1,2", "--plot", "plots"]), "cannot be made");
    let scenario = format!(
        "service='3s'\nworkers=[1,2]\nplot='pl'\n[[chart]]\nkind='response'\nname='{long}'\n"
    );
    write(at, "s.toml", &scenario);
    refused_in(at, &["run", "s.toml"], "the most is 255");
}

#[cfg(unix)]
#[test]
fn a_link_to_a_new_file_makes_it_where_the_link_leads() {
    let folder = folder();
    let at = folder.path();
    std::fs::create_dir(at.join("sub")).unwrap();
    std::os::unix::fs::symlink("sub/new.csv", at.join("link.csv")).unwrap();
    succeeds_in(at, &with(&["--export-csv", "link.csv"]));
    assert!(std::fs::symlink_metadata(at.join("link.csv")).unwrap().is_symlink());
    assert!(read(at, "sub/new.csv").starts_with("workers,"));
}

/// F16: what the shell opened is written to, and not replaced behind its back.
#[cfg(target_os = "linux")]
#[test]
fn standard_output_by_its_name_is_standard_output() {
    let folder = folder();
    let at = folder.path();
    for (script, name) in [
        (r#"echo pre > o; exec "$@" >> o"#, "/dev/stdout"),
        (r#"echo pre > o; exec "$@" >> o"#, "/proc/self/fd/1"),
        (r#"echo pre > o; exec "$@" 3>> o"#, "/dev/fd/3"),
    ] {
        let arguments = with(&["--export-csv", name]);
        let done = through_a_shell(script, at, &arguments).output().unwrap();
        assert!(done.status.success(), "{name}");
        let text = read(at, "o");
        assert!(text.starts_with("pre\n") && text.contains("\nworkers,"), "{name}: {text}");
        if !name.ends_with('3') {
            assert!(text.contains("answered after"), "{name}: {text}");
        }
    }
}

/// F7: what can be read once only is read once, and counts.
#[cfg(unix)]
#[test]
fn a_stream_is_an_input_like_a_file() {
    let folder = folder();
    let at = folder.path();
    write(at, "c.py", "workers = 3\n");
    write(at, "t.csv", "arrival_s,cpu_s\n0,1\n");
    let script = r#"exec "$@" < c.py"#;
    let arguments =
        ["--server", "gunicorn", "--from", "/dev/stdin", "--service", "3s", "--clients", "3"];
    let done = through_a_shell(script, at, &arguments).output().unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    assert!(text.contains("Gunicorn with workers 3"), "{text}");
    assert!(!text.contains("default workers 1"), "{text}");
    write(at, "s.toml", "trace = '/dev/stdin'\n[[case]]\nname='a'\n[[case]]\nname='b'\ncores=1\n");
    let script = r#"exec "$@" < t.csv"#;
    let done = through_a_shell(script, at, &["run", "s.toml"]).output().unwrap();
    assert!(done.status.success(), "{done:?}");
}

/// A scenario that is a stream has no folder: its paths are relative to where the command is run.
#[cfg(unix)]
#[test]
fn a_scenario_from_a_stream_writes_where_the_command_is_run() {
    let folder = folder();
    let at = folder.path();
    write(at, "s.toml", "service = '3s'\nexport-csv = 'r.csv'\n");
    let script = r#"exec "$@" < s.toml"#;
    let done = through_a_shell(script, at, &["run", "/dev/stdin"]).output().unwrap();
    assert!(done.status.success(), "{done:?}");
    assert!(read(at, "r.csv").starts_with("workers,"));
}

/// F9: paths in flags are relative to the user, those in a scenario to the scenario.
#[test]
fn samples_of_a_flag_are_beside_the_user() {
    let folder = folder();
    let at = folder.path();
    std::fs::create_dir(at.join("sub")).unwrap();
    write(at, "sub/s.toml", "service = 'samples:x.csv'\n");
    write(at, "sub/x.csv", "2\n");
    write(at, "x.csv", "0.5\n");
    write(at, "sub/t.csv", "arrival_s,cpu_s\n0,7\n");
    write(at, "t.csv", "arrival_s,cpu_s\n0,9\n");
    let seconds = |arguments: &[&str]| {
        let all = [&["run", "sub/s.toml", "--format", "csv"], arguments].concat();
        let text = succeeds_in(at, &all);
        let rows: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        let column = rows[0].split(',').position(|name| name == "response_mean_s").unwrap();
        rows[1].split(',').nth(column).unwrap().parse::<f64>().unwrap()
    };
    assert_eq!(seconds(&[]), 2.0);
    assert_eq!(seconds(&["--service", "samples:x.csv"]), 0.5);
    write(at, "sub/s.toml", "trace = 't.csv'\n");
    assert_eq!(seconds(&[]), 7.0);
    assert_eq!(seconds(&["--trace", "t.csv"]), 9.0);
}

/// F22: a byte order mark is no part of any input.
#[test]
fn a_byte_order_mark_is_passed_over_everywhere() {
    let folder = folder();
    let at = folder.path();
    let marked = |name: &str, text: &str| write(at, name, &format!("\u{feff}{text}"));
    marked("gunicorn.conf.py", "workers = 3\n");
    let text = succeeds_in(at, &with(&["--from", "gunicorn.conf.py", "--format", "csv"]));
    assert!(text.lines().last().unwrap().starts_with("3,"), "{text}");
    marked("t.csv", "arrival_s,cpu_s\n0,1\n");
    succeeds_in(at, &["--trace", "t.csv"]);
    marked("x.csv", "0.5\n");
    succeeds_in(at, &["--service", "samples:x.csv"]);
    succeeds_in(at, &with(&["--clients", "3", "--visits", "v.csv"]));
    let text = read(at, "v.csv");
    marked("v.csv", &text);
    succeeds_in(at, &["plot", "v.csv"]);
    marked("s.toml", "service = '3s'\n");
    succeeds_in(at, &["run", "s.toml"]);
}

/// Point 5: a scenario writes beneath its own folder.
#[test]
fn a_scenario_writes_beneath_its_own_folder_only() {
    let folder = folder();
    let at = folder.path();
    std::fs::create_dir(at.join("sub")).unwrap();
    let base = "service = '3s'\nworkers = [1,2]\n";
    let absolute = at.join("victim.txt").to_string_lossy().into_owned();
    for key in ["export-csv", "export-json", "export-markdown", "visits", "plot"] {
        for path in ["../victim.txt", "new/../../victim.txt", &absolute] {
            write(at, "sub/s.toml", &format!("{base}{key} = '{path}'\n"));
            refused_in(at, &["run", "sub/s.toml"], "is not beneath its own folder");
        }
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("..", at.join("sub/up")).unwrap();
        write(at, "sub/s.toml", &format!("{base}export-csv = 'up/victim.txt'\n"));
        refused_in(at, &["run", "sub/s.toml"], "is not beneath its own folder");
        std::fs::remove_file(at.join("sub/up")).unwrap();
    }
    for key in ["allow-write-anywhere", "force"] {
        write(at, "sub/s.toml", &format!("{base}{key} = true\n"));
        refused_in(at, &["run", "sub/s.toml"], "on the command line only");
    }
    write(at, "sub/s.toml", &format!("{base}export-csv = '../r.csv'\nplot = 'deep/plots'\n"));
    succeeds_in(at, &["run", "sub/s.toml", "--allow-write-anywhere"]);
    assert!(files(at).contains_key("r.csv") && files(at).contains_key("sub/deep/plots/"));
    // What a flag names is the user's own wish.
    write(at, "sub/s.toml", base);
    succeeds_in(at, &["run", "sub/s.toml", "--export-csv", "r.csv"]);
}

#[test]
fn several_scenarios_are_not_one_json_document() {
    let folder = folder();
    let at = folder.path();
    write(at, "a.toml", "service = '3s'\n");
    write(at, "b.toml", "service = '3s'\n");
    refused_in(at, &["run", "a.toml", "b.toml", "--format", "json"], "several documents");
    refused_in(at, &["run", "a.toml", "b.toml", "--visits", "-"], "is the file of --visits too");
    refused_in(at, &["run", "a.toml", "b.toml", "--export-csv", "r.csv"], "is the file of");
    assert_eq!(run_in(at, &["run", "a.toml", "b.toml"]).code, Some(0));
}

/// F10: a chart that does not fit the axes is refused before the run, with every result to come.
#[test]
fn a_chart_that_cannot_be_drawn_is_refused_before_the_run() {
    let folder = folder();
    let at = folder.path();
    let base = "service = '1ms'\nrate = '10/s'\nworkers = 2\nrequests = 1000000000\n\
                replications = 2\nyes = true\nplot = 'pl'\nexport-csv = 'r.csv'\n";
    for (chart, part) in [
        ("kind = 'knee'", "at least two values of"),
        ("kind = 'response'", "at least two values of"),
        ("kind = 'heatmap'", "at least two values of"),
        ("kind = 'best-workers'", "at least two values of"),
        ("kind = 'timeline'", "no row has a visit"),
        ("kind = 'lines'", "do not differ in"),
        ("kind = 'ccdf'\nworkers = 9", "no cell is selected"),
    ] {
        write(at, "s.toml", &format!("{base}[[chart]]\n{chart}\n"));
        refused_in(at, &["run", "s.toml"], part);
        refused_in(at, &["run", "--check", "s.toml"], part);
    }
}

/// F14: what is wrong with a configuration is found before files are written.
#[test]
fn a_run_that_is_refused_writes_nothing() {
    let folder = folder();
    let at = folder.path();
    let arguments =
        ["--service", "exp(20ms)", "--rate", "4000/s", "--requests", "100", "--workers", "1,2"];
    let files = ["--server", "puma", "--export-config", "c.rb", "--export-csv", "r.csv"];
    let ran = program(at).args(arguments).args(files).output().unwrap();
    let left = crate::support::files(at);
    assert_eq!((ran.status.code(), left.len()), (Some(2), 0), "{ran:?} {left:?}");
}

/// Of several machines the report explains the row that the terminal explains: the last that is named.
#[test]
fn a_report_explains_what_the_terminal_explains() {
    let folder = folder();
    let sweep = ["--workers", "2..5", "--cores", "1,4", "--cpu", "exp(5ms)", "--io", "exp(45ms)"];
    let run = ["--rate", "40/s", "--slo", "p95<200ms", "--precision", "20%", "--report", "r.md"];
    let printed = succeeds_in(folder.path(), &[&sweep[..], &run].concat());
    let told = printed.lines().find_map(|line| line.strip_prefix("Why      ")).expect("Why");
    let told = told.split(": ").next().expect("a row");
    assert_eq!(told, "4 cores, 3 workers");
    let why = format!("**Why** {told}: ");
    assert!(read(folder.path(), "r.md").contains(&why), "no {why}");
}

/// What stands below the table stands in the report too, word for word.
#[test]
fn a_report_says_what_the_terminal_says() {
    let folder = folder();
    let run = ["--workers", "4..6", "--cpu", "exp(5ms)", "--io", "exp(45ms)", "--rate", "60/s"];
    let memory = ["--memory", "1G", "--worker-memory", "150M", "--delta", "10%"];
    let report = ["--report", "r.md"];
    let printed = succeeds_in(folder.path(), &[&run[..], &memory, &report].concat());
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (printed, report) = (one_line(&printed), read(folder.path(), "r.md"));
    for word in ["Why", "Compared", "Memory", "Assumes"] {
        let mut lines = report.lines();
        let told = lines.find_map(|line| line.strip_prefix(&format!("**{word}** ")));
        let told = told.unwrap_or_else(|| panic!("no {word}: {report}"));
        assert!(printed.contains(&format!("{word} {told}")), "{told}\n{printed}");
    }
    assert!(report.contains("8 cores are the default: see --cores."), "{report}");
}
