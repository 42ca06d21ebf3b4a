//! The documents: every command in a `console` block of `README.md` and of `docs/` is run and its
//! output compared, and the reference of scenario files leaves nothing out.

use simsrv::experiment::row::Measure;
use simsrv::scenario::chart::ChartKind;
use simsrv::scenario::keys::KEYS;

const REFERENCE: &str = include_str!("../docs/scenario.md");

/// Documents that changed on purpose are written anew with `TRYCMD=overwrite`.
#[test]
fn every_command_says_what_the_documents_say() {
    // Lines of progress depend on how fast the machine is.
    trycmd::TestCases::new()
        .env("LANG", "C.UTF-8")
        .env("SIMSRV_PROGRESS", "none")
        .case("README.md")
        .case("docs/*.md");
}

/// The first cells of the rows of tables that begin with a name.
fn rows(name: &str) -> usize {
    let start = format!("| `{name}` |");
    REFERENCE.lines().filter(|line| line.starts_with(&start)).count()
}

#[test]
fn every_key_has_its_row() {
    for key in KEYS {
        assert!(rows(key.name) >= 1, "docs/scenario.md has no row for the key '{}'", key.name);
    }
}

#[test]
fn every_kind_of_chart_has_its_row() {
    for kind in ChartKind::ALL {
        let name = kind.name();
        assert!(rows(name) >= 1, "docs/scenario.md has no row for the chart '{name}'");
    }
}

#[test]
fn every_measure_has_its_row() {
    for measure in Measure::ALL {
        let name = measure.name();
        assert_eq!(rows(name), 1, "docs/scenario.md has no row for the measure '{name}'");
    }
    assert_eq!(rows("response_p98_s"), 0);
}

/// The files of `docs/` that are chapters of the book.
fn chapters() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/docs");
    let entries = std::fs::read_dir(folder).expect("a folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name().into_string());
    names.map(|name| name.expect("text")).filter(|name| name.ends_with(".md")).collect()
}

/// The book has every chapter once, and nothing that is not there.
#[test]
fn the_book_names_every_chapter_once() {
    let summary = include_str!("../docs/SUMMARY.md");
    let chapters = chapters();
    for name in chapters.iter().filter(|name| *name != "SUMMARY.md") {
        assert_eq!(summary.matches(&format!("]({name})")).count(), 1, "{name} in docs/SUMMARY.md");
    }
    let links = summary.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    for link in links {
        assert!(chapters.iter().any(|name| name == link), "docs/SUMMARY.md names '{link}'");
    }
}

/// A section of a document, from its title to the next one.
fn section<'a>(text: &'a str, title: &str) -> &'a str {
    let start = text.find(title).map_or(text.len(), |at| at + title.len());
    text[start..].split("\n## ").next().unwrap_or_default()
}

/// Each exercise has a mark that says how hard it is, and a solution with its number.
#[test]
fn every_exercise_has_its_mark_and_its_solution() {
    let solutions = include_str!("../docs/solutions.md");
    let starts = |line: &str, number: usize| line.starts_with(&format!("{number}. "));
    let mut seen = 0;
    for name in chapters() {
        let Some(chapter) = name.split('-').next().and_then(|n| n.parse::<u32>().ok()) else {
            continue;
        };
        let path = format!("{}/docs/{name}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).expect("a chapter");
        let solved = section(solutions, &format!("\n## Chapter {chapter}\n"));
        let anchors = text.split("solutions.md#").skip(1).filter_map(|rest| rest.split(')').next());
        for anchor in anchors {
            assert_eq!(anchor, format!("chapter-{chapter}"), "{name}");
        }
        let exercises = section(&text, "\n## Exercises\n").lines();
        let exercises = exercises.filter(|line| line.starts_with(|c: char| c.is_ascii_digit()));
        for (at, line) in exercises.enumerate() {
            assert!(starts(line, at + 1) && line.contains(". ★"), "{name}: {line}");
            let found = solved.lines().any(|solution| starts(solution, at + 1));
            assert!(found, "docs/solutions.md, chapter {chapter}, exercise {}", at + 1);
            seen += 1;
        }
    }
    assert!(seen > 80, "{seen} exercises");
}

/// Links to files of the repository lead somewhere.
#[test]
fn every_link_leads_to_a_file() {
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    for name in chapters() {
        let text = std::fs::read_to_string(docs.join(&name)).expect("a document");
        let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        for link in links.filter(|link| !link.contains("://") && !link.is_empty()) {
            assert!(docs.join(link).exists(), "docs/{name}: there is no '{link}'");
        }
    }
}

/// Links to terms lead to terms of the glossary.
#[test]
fn every_link_to_the_glossary_finds_its_term() {
    let glossary = include_str!("../docs/glossary.md");
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let mut seen = 0;
    for name in chapters() {
        let text = std::fs::read_to_string(docs.join(&name)).expect("a document");
        let links = text.split("](glossary.md#").skip(1);
        for term in links.filter_map(|rest| rest.split(')').next()) {
            assert!(glossary.contains(&format!("<a id=\"{term}\"></a>")), "{name}: '{term}'");
            seen += 1;
        }
    }
    assert!(seen > 40, "{seen} links");
}

/// Each command on a slide prints what the slide shows of it, and the lesson takes 45 minutes.
#[test]
fn every_command_says_what_the_slides_say() {
    let slides = include_str!("../docs/slides/how-many-workers.html");
    let mut shown = 0;
    for block in slides.split("<pre data-run=\"").skip(1) {
        let (command, rest) = block.split_once("\">\n").expect("a command");
        let lines = rest.split("</pre>").next().expect("an end");
        let words = shlex::split(command).expect("words");
        let ran = std::process::Command::new(env!("CARGO_BIN_EXE_simsrv"))
            .args(&words[1..])
            .env("LC_ALL", "C.UTF-8")
            .env("SIMSRV_PROGRESS", "none")
            .output()
            .expect("the program starts");
        let printed = String::from_utf8(ran.stdout).expect("text");
        let plain = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        let printed: Vec<String> = printed.lines().map(plain).collect();
        for line in lines.lines() {
            assert!(printed.contains(&plain(line)), "{command} does not print: {line}");
            shown += 1;
        }
    }
    assert!(shown > 8, "{shown} lines");
    let minutes = slides.split("data-minutes=\"").skip(1);
    let minutes = minutes.map(|rest| rest.split('"').next().and_then(|n| n.parse::<u32>().ok()));
    assert_eq!(minutes.sum::<Option<u32>>(), Some(45));
}

/// The text of the fenced blocks of a kind in a chapter, one after another.
fn blocks(chapter: &str, kind: &str) -> String {
    let start = format!("```{kind}\n");
    let blocks = chapter.split(&start).skip(1).filter_map(|rest| rest.split("```").next());
    blocks.collect::<Vec<_>>().join("\n")
}

/// The programs of the chapters print what the chapters say. Without Python this is skipped.
#[test]
fn the_programs_of_the_chapters_print_what_they_say() {
    let folder = tempfile::TempDir::new().expect("a folder");
    for (name, chapter) in [
        ("simulator", include_str!("../docs/05-your-own-simulator.md")),
        ("one_long_run", include_str!("../docs/23-one-long-run.md")),
    ] {
        let path = folder.path().join(format!("{name}.py"));
        std::fs::write(&path, blocks(chapter, "python")).expect("a file");
        let ran = std::process::Command::new("python3").arg(&path).output();
        let Ok(ran) = ran else {
            eprintln!("skipped: no python3");
            return;
        };
        let printed = String::from_utf8(ran.stdout).expect("text");
        assert_eq!(printed, blocks(chapter, "text"), "{}", String::from_utf8_lossy(&ran.stderr));
    }
}

/// Every path in backticks below `src`, `tests`, `docs`, `experiments` or `benches` in a text.
fn paths(text: &str) -> Vec<&str> {
    const FOLDERS: [&str; 5] = ["src/", "tests/", "docs/", "experiments/", "benches/"];
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|path| FOLDERS.iter().any(|folder| path.starts_with(folder))).collect()
}

#[test]
fn every_path_in_the_developers_documents_exists() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, least) in [("ARCHITECTURE.md", 30), ("CONTRIBUTING.md", 20)] {
        let text = std::fs::read_to_string(root.join(name)).expect("a document");
        let paths = paths(&text);
        assert!(paths.len() >= least, "{name} names {} paths", paths.len());
        for path in paths {
            assert!(root.join(path).exists(), "{name}: there is no '{path}'");
        }
    }
    assert_eq!(paths("see `src/no.rs`, not `cargo`"), ["src/no.rs"]);
}

#[test]
fn the_glossary_is_in_alphabetical_order() {
    let text = include_str!("../docs/glossary.md");
    let plain = |word: &str| -> String {
        word.to_lowercase().chars().filter(|c| c.is_ascii_alphanumeric() || *c == ' ').collect()
    };
    let terms: Vec<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("**")?.split("**").next().map(plain))
        .collect();
    assert!(terms.len() > 50, "{} terms", terms.len());
    assert!(terms.is_sorted(), "{terms:?}");
}

/// Erlang's C by the recursion of B.
fn erlang_c(workers: u32, load: f64) -> f64 {
    let next = |b: f64, k: u32| load * b / (f64::from(k) + load * b);
    let b = (1..=workers).fold(1.0, next);
    f64::from(workers) * b / (f64::from(workers) - load * (1.0 - b))
}

/// The mean wait of M/M/k in service times.
fn wait(workers: u32, load: f64) -> f64 {
    erlang_c(workers, load) / (f64::from(workers) - load)
}

/// Buzen's G(n) for a = 1 and b = 4.
fn buzen(n: u32) -> f64 {
    let next = |(sum, term): (f64, f64), k: u32| {
        let term = term * 4.0 / f64::from(k);
        (sum + term, term)
    };
    (1..=n).fold((1.0, 1.0), next).0
}

/// The wait of M/G/1 in ms, by rate per ms, E[S²] and load.
fn pollaczek(rate: f64, square: f64, load: f64) -> f64 {
    rate * square / (2.0 * (1.0 - load))
}

/// Figures of the solutions that follow from a formula: `#` stands for the value.
#[test]
fn the_figures_of_the_solutions_are_those_of_the_formulas() {
    let squares = 0.99 * 10.1 * 10.1 + 0.01 * 1e6;
    let figures = [
        ("C = #, 74.6 ms.", 4, erlang_c(4, 3.2)),
        ("C = 0.5964, # ms.", 1, wait(4, 3.2) * 100.0),
        ("C = 6.4/9 = #, so", 4, erlang_c(2, 1.6)),
        ("0.7111, so # ms.", 1, wait(2, 1.6) * 100.0),
        ("k = 3 is #, so", 4, erlang_c(3, 0.665)),
        ("so # ms; but 0.7/s", 1, wait(3, 0.665) * 50.0),
        ("waits # x 100 ms / (7 - 6)", 3, erlang_c(7, 6.0)),
        ("(7 - 6) = # ms", 0, wait(7, 6.0) * 100.0),
        ("the wait is # x 100 ms / (10 - 6)", 3, erlang_c(10, 6.0)),
        ("(10 - 6) = # ms", 1, wait(10, 6.0) * 100.0),
        ("C(12 workers, 9.6 erlangs) = #,", 3, erlang_c(12, 9.6)),
        ("0.369 x 100 ms / 2.4 = # ms", 1, wait(12, 9.6) * 100.0),
        ("25 times: # ms against", 0, pollaczek(0.03, squares, 0.6)),
        ("25 times: 379 ms against # ms.", 0, pollaczek(0.03, 400.0, 0.6)),
        ("R = 1,300 / 40 = # ms", 1, (0.9 * 100.0 + 0.1 * 12_100.0) / 40.0),
        ("5. a = 12, + √12 = #:", 1, 12.0 + f64::sqrt(12.0)),
        ("a = 18, + √18 = #:", 1, 18.0 + f64::sqrt(18.0)),
        ("1 - 0.995¹⁰ = # %", 1, 100.0 * (1.0 - 0.995_f64.powi(10))),
        ("(1/20) = #: the p96.6", 3, 0.5_f64.powf(0.05)),
        ("G(5) = # and", 3, buzen(5)),
        ("G(6) = #, so", 3, buzen(6)),
    ];
    let solutions = include_str!("../docs/solutions.md");
    for (phrase, digits, value) in figures {
        let text = phrase.replace('#', &format!("{value:.digits$}"));
        assert!(solutions.contains(&text), "docs/solutions.md has not: {text}");
    }
}
