//! What a person reads.

use crate::support::{Ran, folder, program, run_in, succeeds, succeeds_in};

/// The story that the program starts from, to the letter.
#[test]
fn the_three_users() {
    let expect = "\
3 clients arrive together; each request is 3 s of CPU; 8 cores.
exact: nothing is random

                 answered after          longest   workers
      workers   (1st, 2nd, 3rd)   mean      wait      busy
            1   3 s   6 s   9 s    6 s       6 s     100 %
  ▶         4   3 s   3 s   3 s    3 s       0 s      75 %   no waiting
           12   3 s   3 s   3 s    3 s       0 s      25 %   same times, 9 idle
           32   3 s   3 s   3 s    3 s       0 s       9 %   same times, 29 idle

  1 worker    user 1  ████████████  3 s
              user 2  ············████████████  6 s
              user 3  ························████████████  9 s
  4 workers   user 1  ████████████  3 s
              user 2  ████████████  3 s
              user 3  ████████████  3 s
              · waiting   █ being served

Why      One worker serves one request at a time: user 3 waits 6 s for the two
         before it, then takes 3 s.
Assumes  The 3 s are CPU and 8 cores are free. On 1 core, 3 or more workers
         would make ALL THREE wait: 9 s each. 8 cores are the default: see
         --cores.
Next     simsrv --workers 1..6 --cores 1,2,4 --service 3s --clients 3 --plot plots/story
";
    let arguments = ["--workers", "1,4,12,32", "--service", "3s", "--clients", "3"];
    assert_eq!(succeeds(&arguments), expect);
    let quiet = succeeds(&[&arguments[..], &["--quiet"]].concat());
    let answer = "4 workers: the mean response time is 3 s; 12 and 32 do no better.\n";
    assert_eq!(quiet, answer);
}

/// Runs of every kind, short. Texts are read as a whole below.
const RUNS: [&[&str]; 19] = [
    &["--service", "3s"],
    &["--workers", "1,4", "--cores", "1,2,8", "--service", "3s", "--clients", "3"],
    &["--service", "3s", "--clients", "3", "--requests", "2", "--workers", "1,2"],
    &["--service", "3s", "--clients", "3", "--backlog", "1", "--workers", "1,2"],
    &["--service", "3s", "--clients", "3", "--patience", "4s"],
    &["--service", "1s", "--clients", "30", "--workers", "1,7"],
    &["--threads", "1,3", "--gil", "on", "--cpu", "1s", "--io", "1s", "--clients", "3"],
    &["--trace", "t.csv", "--workers", "1,2"],
    &["--service", "exp(3s)", "--clients", "3", "--replications", "40"],
    &["--service", "exp(3s)", "--clients", "3", "--replications", "40", "--workers", "1,2,4"],
    &["--service", "exp(20ms)", "--rate", "45/s", "--requests", "500", "--replications", "3"],
    &["--service", "exp(20ms)", "--rate", "55/s", "--requests", "500", "--replications", "3"],
    &[
        "--service",
        "exp(20ms)",
        "--rate",
        "55/s",
        "--requests",
        "500",
        "--replications",
        "3",
        "--backlog",
        "3",
        "--workers",
        "1,2",
        "--cores",
        "1",
    ],
    &[
        "--service",
        "exp(20ms)",
        "--rate",
        "10/s,30/s,60/s",
        "--requests",
        "500",
        "--replications",
        "3",
    ],
    &[
        "--service",
        "exp(20ms)",
        "--rate",
        "100/s",
        "--requests",
        "500",
        "--replications",
        "3",
        "--workers",
        "1..3",
        "--cores",
        "1,2",
    ],
    &[
        "--service",
        "exp(20ms)",
        "--clients",
        "5,10",
        "--think",
        "exp(100ms)",
        "--requests",
        "50",
        "--replications",
        "3",
        "--workers",
        "2,4",
    ],
    &[
        "--service",
        "20ms",
        "--clients",
        "5",
        "--duration",
        "2s",
        "--replications",
        "3",
        "--workers",
        "2,3",
    ],
    &[
        "--cpu",
        "exp(10ms)",
        "--io",
        "exp(70ms)",
        "--rate",
        "100/s",
        "--requests",
        "500",
        "--replications",
        "3",
        "--workers",
        "8,12,16",
    ],
    &[
        "--workers",
        "2",
        "--threads",
        "1,2,4",
        "--cpu",
        "10ms",
        "--io",
        "exp(50ms)",
        "--rate",
        "30/s",
        "--requests",
        "500",
        "--replications",
        "3",
    ],
];

fn with_files() -> tempfile::TempDir {
    let folder = folder();
    let trace = "arrival_s,cpu_s,io_s\n0,1,0\n0.5,1,0.5\n0.7,0.2,2\n";
    std::fs::write(folder.path().join("t.csv"), trace).unwrap();
    folder
}

#[test]
fn no_line_is_too_wide_and_none_ends_in_blanks() {
    let folder = with_files();
    for arguments in RUNS {
        let text = succeeds_in(folder.path(), arguments);
        for line in text.lines() {
            let command = line.starts_with("Next ");
            assert!(command || line.chars().count() <= 110, "{arguments:?}: too wide: {line}");
            assert_eq!(line.trim_end(), line, "{arguments:?}: blanks at the end");
        }
        for odd in
            ["1 workers", "1 cores", "1 busy workers", "1 busy cores", "NaN", "inf", " 1 clients"]
        {
            assert!(!text.contains(&format!(" {odd}")), "{arguments:?}: '{odd}' in {text}");
        }
        let first = text.chars().next().unwrap();
        assert!(!first.is_lowercase(), "{arguments:?}: {text}");
    }
}

/// What is said to run next can be pasted.
#[cfg(unix)]
#[test]
fn next_commands_work() {
    let folder = with_files();
    std::fs::write(folder.path().join("s.toml"), "service = '3s'\nclients = 3\n").unwrap();
    let scenario: &[&str] = &["run", "s.toml"];
    let bin = std::path::Path::new(crate::support::PROGRAM).parent().unwrap();
    let mut told = 0;
    for arguments in RUNS.into_iter().chain([scenario]) {
        let text = succeeds_in(folder.path(), arguments);
        let Some(next) = text.lines().find_map(|line| line.strip_prefix("Next     ")) else {
            continue;
        };
        assert!(next.starts_with("simsrv "), "{arguments:?}: {next}");
        // The pictures are drawn elsewhere; they take most of the time.
        let next = next.split(" --plot ").next().unwrap();
        let path = format!("{}:/usr/bin:/bin", bin.display());
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", next]).current_dir(folder.path()).env("PATH", path);
        let ran: Ran = shell.env("LC_ALL", "C.UTF-8").output().unwrap().into();
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{arguments:?}: {next}");
        assert!(
            !ran.out.contains("All of these are overloaded"),
            "{arguments:?}: {next}: {}",
            ran.out
        );
        told += 1;
    }
    assert!(told > 12, "{told}");
}

#[test]
fn other_locales_get_ascii() {
    let folder = with_files();
    std::fs::write(folder.path().join("ü.toml"), "title = 'Größe'\nservice = '3s'\n").unwrap();
    let more: [&[&str]; 6] = [
        &["run", "ü.toml"],
        &["--help"],
        &["-h"],
        &["man"],
        &["--service", "lognormal(mean=1s,p99=0.5s)"],
        &["--workers", "４"],
    ];
    for locale in ["C", "POSIX", "de_DE.ISO-8859-1", ""] {
        for arguments in RUNS.into_iter().take(if locale == "C" { 19 } else { 3 }).chain(more) {
            let output =
                program(folder.path()).args(arguments).env("LC_ALL", locale).output().unwrap();
            assert!(output.stdout.is_ascii(), "{locale} {arguments:?}");
            assert!(output.stderr.is_ascii(), "{locale} {arguments:?}");
        }
    }
}

#[test]
fn colours_only_where_they_are_wanted() {
    let story = ["--workers", "1,4", "--service", "3s", "--clients", "3"];
    assert!(!succeeds(&story).contains('\u{1b}'));
    assert!(succeeds(&[&story[..], &["--color", "always"]].concat()).contains("\u{1b}[1m"));
    for format in ["csv", "json", "markdown"] {
        let text = succeeds(&[&story[..], &["--color", "always", "--format", format]].concat());
        assert!(!text.contains('\u{1b}'), "{format}");
    }
}

#[test]
fn answers() {
    let cases: [(&[&str], &str); 7] = [
        (
            &["--service", "20ms", "--rate", "20/s", "--workers", "1", "--duration", "1ns"],
            "Nothing is known: no request arrived in the simulated time that was measured.",
        ),
        (
            &["--service", "20ms", "--rate", "55/s", "--workers", "1"],
            "Overloaded: 55/s arrive, at most 50/s can be answered, bounded by workers;",
        ),
        (
            &["--service", "exp(20ms)", "--rate", "50/s", "--workers", "1"],
            "at full load random variation alone makes the queue grow without bound.",
        ),
        (
            &["--service", "20ms", "--rate", "55/s,60/s", "--workers", "1"],
            "All of these are overloaded: the queue grows without bound in every cell.",
        ),
        (
            &["--service", "3s", "--clients", "30", "--workers", "1,7"],
            "7 workers: the p95 response time is the lowest, 15 s.\n",
        ),
        (
            &["--service", "3s", "--clients", "20", "--workers", "1,2", "--backlog", "5"],
            "2 workers: the fewest requests are lost, 65 %; the p95 response time is",
        ),
        (
            &["--service", "3s", "--clients", "20,30"],
            "The p95 response time: 57 s at 20 clients, 87 s at 30 clients.\n",
        ),
    ];
    for (arguments, part) in cases {
        let text = succeeds(arguments).replace('\n', " ").replace("  ", " ");
        assert!(text.contains(part.trim_end()), "{arguments:?}: {text}");
    }
}

#[test]
fn help_is_short_and_long() {
    let (short, long) = (succeeds(&["-h"]), succeeds(&["--help"]));
    assert!(short.lines().count() < 80, "{}", short.lines().count());
    assert!(long.lines().count() > 2 * short.lines().count());
    for text in [&short, &long] {
        let place = |part: &str| text.find(part).unwrap_or_else(|| panic!("no {part}"));
        let parts = [
            "How many workers",
            "Examples:\n  simsrv --workers 1,4,12,32 --service 3s --clients 3\n",
            "\nUsage: simsrv",
            "\nCommands:\n",
            "\nServer:\n",
            "\nClients and arrivals:\n",
            "\nRequests:\n",
            "\nRun:\n",
            "\nOutput:\n",
        ];
        assert!(parts.windows(2).all(|pair| place(pair[0]) < place(pair[1])), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }
    assert_eq!(succeeds(&["--version"]), concat!("simsrv ", env!("CARGO_PKG_VERSION"), "\n"));
}

/// The examples of the help run, if somebody makes them short.
#[test]
fn examples_of_the_help_are_understood() {
    let help = succeeds(&["--help"]);
    let lines: Vec<&str> =
        help.lines().filter_map(|line| line.strip_prefix("  simsrv --")).collect();
    assert!(lines.len() >= 4, "{help}");
    for line in lines {
        let words: Vec<String> = line.split(' ').map(|word| word.replace('\'', "")).collect();
        let mut arguments: Vec<&str> = words.iter().map(String::as_str).collect();
        let first = format!("--{}", arguments[0]);
        arguments[0] = &first;
        if line.contains("exp") {
            arguments.extend(["--requests", "20", "--replications", "2"]);
        }
        let folder = folder();
        let ran = run_in(folder.path(), &arguments);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{line}");
    }
}

#[test]
fn pages_for_shells_and_man() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let page = succeeds(&["completions", shell]);
        assert!(page.contains("workers") && page.contains("export-csv"), "{shell}");
    }
    let page = succeeds(&["man"]);
    assert!(page.contains(".TH simsrv 1") && page.contains("workers"), "{page}");
    for section in ["NAME", "SYNOPSIS", "EXAMPLES", "OPTIONS", "DISTRIBUTIONS", "\"EXIT STATUS\""] {
        assert!(
            page.contains(&format!("\n.SH {section}\n"))
                || page.contains(&format!("\n.SH \"{section}\"\n")),
            "{section}"
        );
    }
    let synopsis = page.split(".SH SYNOPSIS").nth(1).and_then(|rest| rest.split(".SH").next());
    assert!(synopsis.expect("a synopsis").lines().count() < 6, "{synopsis:?}");
}

/// What a shell offers after an option: its words where there are some, no files for a number.
#[test]
fn shells_offer_the_words_of_an_option() {
    let offered = [
        ("--server", "php-fpm"),
        ("--class", "gthread"),
        ("--format", "markdown"),
        ("--balance", "least-connections"),
        ("--best", "response_p99_s"),
        ("--accept", "least-loaded"),
        ("--color", "never"),
        ("--spawn", "ondemand"),
    ];
    let bash = succeeds(&["completions", "bash"]);
    for (option, word) in offered {
        let case = bash.split(&format!("{option})\n")).nth(1).expect(option);
        let reply = case.lines().next().expect("a reply");
        assert!(reply.contains("compgen -W") && reply.contains(word), "{option}: {reply}");
    }
    for (shell, begin) in [("zsh", "\n'--"), ("fish", "\ncomplete -c ")] {
        let page = succeeds(&["completions", shell]);
        for (option, word) in offered {
            let name = option.trim_start_matches('-');
            let names = [format!("{name}="), format!(" -l {name} ")];
            let mut entries = page
                .split(begin)
                .filter(|entry| entry.starts_with(&names[0]) || entry.contains(&names[1]));
            assert!(entries.any(|entry| entry.contains(word)), "{shell} {option}");
        }
    }
}
