//! What is said around a table: which rows are printed, what is assumed, warned of and run next.

use crate::support::{folder, refused_in, run_in, succeeds, succeeds_in};

const LOAD: [&str; 6] = ["--cpu", "exp:20ms", "--io", "exp:60ms", "--rate", "60/s"];

fn with<'a>(arguments: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    arguments.iter().chain(more).copied().collect()
}

/// The rows of a table, by their mark and their number of workers.
fn rows(text: &str) -> Vec<u32> {
    let table = text.split("\n\n").nth(1).expect("a table");
    let lines = table.lines().filter(|line| !line.contains("rows are not shown"));
    let words = lines.map(|line| line.trim_start_matches([' ', '▶', '≈', '?']));
    words.filter_map(|line| line.split_whitespace().next()?.parse().ok()).collect()
}

#[test]
fn of_a_long_table_the_answer_and_what_is_around_it_is_printed() {
    let short = ["--requests", "300", "--replications", "3", "--workers", "1..100"];
    let all = with(&LOAD, &short);
    let text = succeeds(&all);
    let shown = rows(&text);
    assert_eq!(shown.len(), 30, "{text}");
    assert!(text.contains("70 of 100 rows are not shown: --rows all prints them"), "{text}");
    // 60/s of 80 ms keep 4.8 workers busy: 5 is the smallest that is not overloaded.
    assert!(shown.contains(&5) && shown.contains(&4), "{text}");
    let text = succeeds(&with(&all, &["--rows", "all"]));
    assert_eq!(rows(&text).len(), 100);
    assert!(!text.contains("rows are not shown"), "{text}");
    assert_eq!(rows(&succeeds(&with(&all, &["--rows", "3"]))).len(), 3);
    refused_in(folder().path(), &with(&all, &["--rows", "0"]), "'0' is not a number of rows");
    let csv = succeeds(&with(&all, &["--format", "csv"]));
    assert_eq!(csv.lines().count(), 101);
}

#[test]
fn the_end_of_the_list_is_no_best() {
    let text = succeeds(&with(&LOAD, &["--workers", "5,6", "--precision", "10%"]));
    assert!(text.starts_with("6 workers: "), "{text}");
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("It is the last of the list: more may be better."), "{text}");
    assert!(text.contains("\nNext     simsrv --workers 6..12 "), "{text}");
    // Where no more fit into the memory there is no more to try.
    let memory = ["--workers", "5,6", "--precision", "10%", "--worker-memory", "100MB", "--memory"];
    let text = succeeds(&with(&LOAD, &with(&memory, &["650MB"])));
    assert!(!text.contains("last of the"), "{text}");
}

#[test]
fn next_is_never_what_was_just_run() {
    let folder = folder();
    let first = succeeds_in(folder.path(), &["--service", "3s", "--clients", "3"]);
    let next =
        first.lines().find_map(|line| line.strip_prefix("Next     simsrv ")).expect("a line");
    let again: Vec<&str> = next.split(' ').collect();
    let text = succeeds_in(folder.path(), &again);
    assert!(!text.contains(next), "{text}");
    assert!(text.contains("\nplots/story/timeline.png\nplots/story/timeline.svg\n"), "{text}");
}

#[test]
fn a_default_is_said_to_be_one() {
    let said = "8 cores are the default";
    let flat = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let run = with(&LOAD, &["--workers", "8", "--requests", "300"]);
    assert!(flat(succeeds(&run)).contains(said));
    assert!(!flat(succeeds(&with(&run, &["--cores", "8"]))).contains(said));
}

#[test]
fn requests_that_are_all_cpu_may_not_be() {
    let overloaded =
        ["--workers", "2,4", "--cores", "1", "--service", "exp:20ms", "--rate", "90/s"];
    let flat = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat(succeeds(&overloaded)).contains("All of a request is CPU here"));
}

#[test]
fn a_container_that_is_nearly_full_has_a_warning() {
    let memory = ["--workers", "6", "--worker-memory", "150MB", "--requests", "300", "--memory"];
    let flat = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let told = |more: &[&str]| flat(succeeds(&with(&LOAD, &with(&memory, more))));
    // 6 x 150 MB + 16 MB (of 2^20 bytes each for the shared) of 1000 MB is 92 %.
    let warning = "6 workers fill 92 % of the memory, and --memory-headroom wants 10 % free: 5 \
                   workers would leave it.";
    assert!(told(&["1000MB"]).contains(warning), "{}", told(&["1000MB"]));
    assert!(!told(&["1000MB", "--memory-headroom", "5%"]).contains("headroom wants"));
    assert!(!told(&["2GB"]).contains("headroom wants"));
}

#[test]
fn charts_are_chosen_on_the_command_line() {
    let folder = folder();
    let run = with(&LOAD, &["--workers", "7,8", "--requests", "300", "--format", "csv"]);
    let ran = run_in(folder.path(), &with(&run, &["--plot", "p", "--chart", "ccdf,over-time"]));
    // Standard output is a CSV: the files are named on standard error.
    assert_eq!(ran.code, Some(0));
    assert!(ran.err.starts_with("p/response-ccdf.png\np/response-ccdf.svg\n"), "{}", ran.err);
    let drawn = std::fs::read_dir(folder.path().join("p")).unwrap();
    let mut names: Vec<String> =
        drawn.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let expect = ["over-time.png", "over-time.svg", "response-ccdf.png", "response-ccdf.svg"];
    assert_eq!(names, expect);
    refused_in(folder.path(), &with(&run, &["--plot", "p", "--chart", "pie"]), "unknown 'pie'");
    refused_in(folder.path(), &with(&run, &["--chart", "ccdf"]), "no effect without --plot");
}
