//! `--server`, `--from` and `--format config` as a person uses them: what stands above the table,
//! in the comments of the CSV, in the JSON, and in the configuration.

use serde_json::Value;

use crate::support::{folder, refused_in, succeeds, succeeds_in};

const LOAD: [&str; 8] =
    ["--io", "50ms", "--rate", "20/s", "--requests", "200", "--replications", "2"];

fn with<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    arguments.iter().copied().chain(LOAD).collect()
}

#[test]
fn the_header_says_which_server_and_which_defaults() {
    let out = succeeds(&with(&["--from", "gunicorn -w 4 --keep-alive 5 a:b", "--workers", "2,3"]));
    assert!(
        out.contains("Gunicorn with its defaults threads 1, backlog 2048, timeout 30s."),
        "{out}"
    );
    assert!(
        out.contains("Not modelled: --keep-alive: every request has its own connection"),
        "{out}"
    );
    let out = succeeds(&with(&["--from", "gunicorn -w 4 a:b"]));
    let header = "Gunicorn with -w 4, and its defaults threads 1, backlog 2048, timeout 30s.";
    assert!(out.contains(header), "{out}");
    // A story, too.
    let out = succeeds(&["--server", "php-fpm", "--service", "1s", "--clients", "2"]);
    assert!(out.starts_with("PHP-FPM with its defaults pm.max_children 5, listen.backlog 511.\n"));
    assert!(out.contains("Not modelled: pm = dynamic"), "{out}");
}

#[test]
fn files_say_it_too() {
    let csv = succeeds(&with(&[
        "--server",
        "passenger",
        "--workers",
        "2",
        "--format",
        "csv",
        "--csv-comments",
    ]));
    let line = "# server: passenger; defaults: threads=1 backlog=100 on-full=refuse class=auto";
    assert!(csv.lines().any(|found| found.starts_with(line)), "{csv}");
    assert!(csv.lines().any(|found| found.starts_with("# not modelled: ")), "{csv}");
    let json = succeeds(&with(&["--from", "puma -w 2 -t 1:3", "--format", "json"]));
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let server = &json["servers"][0];
    assert_eq!(server["server"], "puma");
    let backlog = serde_json::json!({ "option": "backlog", "value": "1024", "own": "backlog" });
    assert_eq!(server["defaults"][0], backlog);
    let read = serde_json::json!([
        { "option": "workers", "value": "2", "own": "-w 2" },
        { "option": "threads", "value": "3", "own": "-t 1:3" },
    ]);
    assert_eq!(server["read"], read);
    assert_eq!(server["case"], Value::Null);
    // Without a server there is no such field, and no such comment.
    let json = succeeds(&with(&["--format", "json"]));
    assert!(!json.contains("servers"), "{json}");
    assert!(!succeeds(&with(&["--format", "csv"])).contains("# server"));
}

#[test]
fn the_best_row_is_printed_as_configuration() {
    let from = ["--from", "gunicorn -w 9 --threads 2 --backlog 64 a:b", "--workers", "1,2"];
    let options = [&from[..], &["--accept", "random", "--format", "config"]].concat();
    // Enough requests to show which is good enough: the last value of an option holds.
    let options = [&options[..], &["--slo", "p95<300ms"]].concat();
    let out = succeeds(&with(&options));
    assert!(out.starts_with("# "), "{out}");
    let last = out.lines().last().expect("a line");
    assert!(
        last.starts_with("gunicorn -w ") && last.ends_with(" --threads 2 --backlog 64 a:b"),
        "{last}"
    );
    let folder = folder();
    let arguments = with(&["--server", "php-fpm", "--workers", "4", "--export-config", "www.conf"]);
    succeeds_in(folder.path(), &arguments);
    let text = std::fs::read_to_string(folder.path().join("www.conf")).expect("the file");
    assert!(text.ends_with("pm = static\npm.max_children = 4\n"), "{text}");
    // And that file is read again.
    let out = succeeds_in(folder.path(), &with(&["--from", "www.conf"]));
    assert!(
        out.contains(
            "PHP-FPM with pm static, pm.max_children 4, and its default listen.backlog 511."
        ),
        "{out}"
    );
}

#[test]
fn configurations_of_nothing_are_refused() {
    let folder = folder();
    refused_in(folder.path(), &with(&["--format", "config"]), "which server's configuration?");
    refused_in(folder.path(), &with(&["--export-config", "x"]), "which server's configuration?");
    let overloaded = ["--server", "gunicorn", "--io", "5ms", "--rate", "999/s"];
    let arguments = [&overloaded[..], &["--format", "config"]].concat();
    refused_in(folder.path(), &arguments, "so none is the best");
    let theory = ["theory", "--server", "puma", "--io", "5ms", "--rate", "9/s"];
    refused_in(folder.path(), &[&theory[..], &["--format", "config"]].concat(), "drop the word");
}

/// A file comes back with one number changed, comments and all; a diff is that one line.
#[test]
fn a_file_is_given_back_as_it_came() {
    let folder = folder();
    let text = "# ours\nworkers = 2  # two\nbind = ':80'\n\ntimeout = 60\n";
    std::fs::write(folder.path().join("gunicorn.conf.py"), text).expect("a file");
    let from = ["--from", "gunicorn.conf.py", "--workers", "4"];
    let out = succeeds_in(folder.path(), &with(&[&from[..], &["--format", "config"]].concat()));
    assert_eq!(out, text.replace("workers = 2", "workers = 4"));
    let out = succeeds_in(folder.path(), &with(&[&from[..], &["--format", "diff"]].concat()));
    assert!(out.contains("\n-workers = 2  # two\n+workers = 4  # two\n"), "{out}");
    // Another number in a place that has a default keeps the place.
    let line = "exec gunicorn -w ${N:-4} --preload -b :80 'a:b()'";
    let out = succeeds(&with(&["--from", line, "--workers", "6", "--format", "config"]));
    assert_eq!(out.lines().last(), Some(line.replace('4', "6").as_str()));
}

/// What was not understood is not answered with defaults.
#[test]
fn nothing_understood_is_refused() {
    let folder = folder();
    for (name, text) in
        [("x_uwsgi.ini", "[uwsgi]\n"), ("Dockerfile", "FROM scratch\nCMD [\"/x\"]\n")]
    {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    refused_in(folder.path(), &with(&["--from", "x_uwsgi.ini"]), "nothing in");
    refused_in(folder.path(), &with(&["--from", "Dockerfile"]), "no command of a known server");
    let named = ["--server", "gunicorn", "--from", "Dockerfile"];
    refused_in(folder.path(), &with(&named), "no command of a known server");
}
