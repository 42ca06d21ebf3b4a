//! The layers of the source tree: each module imports only from the layers below it, and what a layer
//! must not touch it does not name. Read off the sources, without comments and tests.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The layers, as in the documentation of the library.
const LAYERS: [&[&str]; 11] = [
    &["time", "random", "heap"],
    &["instant", "distribution", "record", "size"],
    &["model", "stats", "theory"],
    &["source", "servers"],
    &["engine"],
    &["experiment"],
    &["scenario", "render"],
    &["fit", "job"],
    &["page"],
    &["serve"],
    &["cli"],
];

/// What only some modules may name.
const RESERVED: [(&str, &[&str]); 12] = [
    ("axum", &["serve"]),
    ("tokio", &["serve"]),
    ("clap", &["cli"]),
    ("indicatif", &["cli"]),
    ("std::fs", &["cli"]),
    ("fs::", &["cli"]),
    ("println!", &["cli"]),
    ("eprintln!", &["cli"]),
    ("plotters", &["render/charts"]),
    ("std::env", &["cli"]),
    ("Instant::now", &["cli"]),
    ("SystemTime", &["cli"]),
];

fn layer(module: &str) -> usize {
    let at = LAYERS.iter().position(|layer| layer.contains(&module));
    at.unwrap_or_else(|| panic!("module '{module}' belongs to no layer: add it to LAYERS"))
}

/// A source file: its path inside `src/`, and its text without comments and tests.
pub(crate) struct Source {
    path: String,
    text: String,
}

impl Source {
    /// A file of `src/`, as written.
    pub(crate) fn new(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: bare(text) }
    }

    /// Its text without comments and tests.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// `engine/cores.rs` is `[engine, cores]`, `engine/mod.rs` is `[engine]`.
    pub(crate) fn module(&self) -> Vec<&str> {
        let path = self.path.trim_end_matches(".rs").trim_end_matches("/mod");
        path.split('/').collect()
    }
}

pub(crate) fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    let read = |path: &PathBuf| Source {
        path: path.strip_prefix(&root).expect("inside").to_string_lossy().replace('\\', "/"),
        text: bare(&std::fs::read_to_string(path).expect("a source file")),
    };
    let sources: Vec<Source> = paths.iter().map(read).collect();
    assert!(sources.len() > 50, "{} source files", sources.len());
    sources
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "tests" {
            collect(&path, paths);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            paths.push(path);
        }
    }
}

/// A source without comments, and without the tests at its end.
fn bare(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = code.lines().map(|line| match line.trim_start().starts_with("//") {
        true => "",
        false => line.split(" // ").next().unwrap_or_default(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The module names at the front of what follows `crate::`: one, or several in braces.
fn first_names(rest: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let Some(group) = rest.strip_prefix('{') else { return vec![name(rest)] };
    let mut depth = 0;
    let mut names = Vec::new();
    let mut start = 0;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                names.push(name(group[start..at].trim_start()));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// The top modules that a source names, by `crate::` or by enough `super::`.
fn imports(source: &Source) -> BTreeSet<String> {
    let up = "super::".repeat(source.module().len());
    let mut found = BTreeSet::new();
    for front in ["crate::", &up] {
        let mut rest = source.text.as_str();
        while let Some(at) = rest.find(front) {
            let boundary = !rest[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            rest = &rest[at + front.len()..];
            if boundary {
                found.extend(first_names(rest));
            }
        }
    }
    found
}

/// Why a source may not import a module, if so.
fn wrong_import(source: &Source, import: &str) -> Option<String> {
    let module = source.module()[0];
    let fine = import == module || layer(import) < layer(module);
    (!fine).then(|| {
        let (from, to) = (layer(module) + 1, layer(import) + 1);
        format!("src/{}: layer {from} imports {import} of layer {to}", source.path)
    })
}

fn wrong_imports(sources: &[Source]) -> Vec<String> {
    let mut wrong = Vec::new();
    for source in sources.iter().filter(|source| !["lib", "main"].contains(&source.module()[0])) {
        wrong.extend(imports(source).iter().filter_map(|import| wrong_import(source, import)));
    }
    wrong
}

fn wrong_words(sources: &[Source]) -> Vec<String> {
    let mut wrong = Vec::new();
    for source in sources.iter().filter(|source| source.path != "main.rs") {
        for (word, allowed) in RESERVED {
            let may = allowed.iter().any(|folder| source.path.starts_with(&format!("{folder}/")));
            if !may && names(&source.text, word) {
                wrong.push(format!("src/{} names {word}: only {allowed:?} may", source.path));
            }
        }
    }
    wrong
}

/// Whether a text has a word that is not the end of a longer one.
fn names(text: &str, word: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| !text[..at].ends_with(inside))
}

fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_module_imports_from_lower_layers_only() {
    none(&wrong_imports(&sources()));
}

#[test]
fn only_the_command_line_touches_the_world() {
    none(&wrong_words(&sources()));
}

/// Imports of a file of `theory` that leave it: formulas check the engines, so they share nothing.
fn leaves_theory(source: &Source) -> bool {
    let inside = |(at, front): (usize, &str)| {
        let names = first_names(&source.text[at + front.len()..]);
        names.iter().all(|name| name == "theory")
    };
    source.path.starts_with("theory/") && !source.text.match_indices("crate::").all(inside)
}

#[test]
fn theory_imports_nothing_of_the_simulator() {
    let all = sources();
    assert!(all.iter().filter(|source| source.path.starts_with("theory/")).count() > 10);
    let wrong: Vec<&str> =
        all.iter().filter(|source| leaves_theory(source)).map(|one| one.path.as_str()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(leaves_theory(&Source::new("theory/erlang.rs", "use crate::time::Span;")));
    assert!(!leaves_theory(&Source::new("theory/erlang.rs", "use crate::theory::positive;")));
}

/// The layers here are those that the library's documentation names.
#[test]
fn the_plan_is_the_documented_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs");
    let text = std::fs::read_to_string(path).expect("src/lib.rs");
    for (number, layer) in (1..).zip(LAYERS) {
        let names: Vec<String> = layer.iter().map(|name| format!("[`{name}`]")).collect();
        let line = format!("//! {number}. {}:", names.join(", "));
        // A module behind a feature has no link: without the feature it would lead nowhere.
        let plain = line.replace(['[', ']'], "");
        assert!(text.contains(&line) || text.contains(&plain), "src/lib.rs lacks '{line}'");
    }
}

/// The check can fail: what must be found is found.
#[test]
fn a_module_on_the_wrong_layer_is_found() {
    let source = Source::new;
    let wrong = [
        ("engine/cores.rs", "use crate::experiment::Plan;"),
        ("engine/cores.rs", "use crate::{heap::Heap, render::{a, b}};"),
        ("engine/mod.rs", "fn f() { crate::cli::main() }"),
        ("engine/cores.rs", "use super::super::scenario::Keys;"),
        ("distribution/mod.rs", "use crate::record::RequestRecord;"),
    ];
    for (path, text) in wrong {
        assert_eq!(wrong_imports(&[source(path, text)]).len(), 1, "{path}: {text}");
    }
    let right = [
        (
            "engine/cores.rs",
            "//! As in [`crate::cli`].\nuse crate::{heap::Heap, time::{Span, Time}};",
        ),
        ("engine/cores.rs", "use super::{gil, Run};\nuse crate::engine::gil;"),
        ("engine/cores.rs", "fn f() {}\n#[cfg(test)]\nmod tests {\n    use crate::cli;\n}"),
    ];
    for (path, text) in right {
        none(&wrong_imports(&[source(path, text)]));
    }
    let world = ["use std::fs;", "println!(\"x\")", "let t = Instant::now();", "use clap::Arg;"];
    for text in world {
        assert_eq!(wrong_words(&[source("engine/mod.rs", text)]).len(), 1, "{text}");
    }
    none(&wrong_words(&[source("render/charts/mod.rs", "use plotters::prelude::*;")]));
}
