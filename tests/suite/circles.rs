//! No circle of imports between the files of a layer: each file can be read after those that it
//! imports, and before those that import it. Read off the sources, without comments and tests.

use std::collections::{BTreeMap, BTreeSet};

use crate::architecture::{Source, sources};

/// Top modules without a circle. A module that is not listed here still has one.
const OPEN: [&str; 2] = ["cli", "scenario"];

type Graph = BTreeMap<Vec<String>, BTreeSet<Vec<String>>>;

/// The paths that a text names: `a::b::{c, d::e}` is `a::b::c` and `a::b::d::e`.
fn paths(text: &str) -> Vec<Vec<String>> {
    let fronts = ["crate::", "super::", "self::", "\nuse ", "\npub use ", "pub(crate) use "];
    let mut all = Vec::new();
    for front in fronts {
        for (at, _) in text.match_indices(front) {
            let inside = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
            if front.ends_with("::") && text[..at].ends_with(inside) {
                continue;
            }
            let begin = if front.ends_with("::") { at } else { at + front.len() };
            expand(&text[begin..], &[], &mut all);
        }
    }
    all
}

/// Reads one path with its groups from the front of `text`; gives the length that was read.
fn expand(text: &str, before: &[String], all: &mut Vec<Vec<String>>) -> usize {
    let mut path = before.to_vec();
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        at += name.len();
        if !name.is_empty() {
            path.push(name);
        }
        if text[at..].starts_with("::") {
            at += 2;
            if text[at..].starts_with('{') {
                return at + group(&text[at..], &path, all);
            }
            continue;
        }
        all.push(path);
        return at;
    }
}

fn group(text: &str, path: &[String], all: &mut Vec<Vec<String>>) -> usize {
    let mut at = 1;
    while let Some(c) = text[at..].chars().next() {
        match c {
            '}' => return at + 1,
            c if c.is_alphanumeric() || c == '_' => at += expand(&text[at..], path, all),
            c => at += c.len_utf8(),
        }
    }
    at
}

/// The file that a path leads to, out of `known`: `self` and `super` are from `module`.
fn file_of(
    path: &[String],
    module: &[String],
    known: &BTreeSet<Vec<String>>,
) -> Option<Vec<String>> {
    let mut whole = match path.first()?.as_str() {
        "crate" => Vec::new(),
        "super" | "self" => module.to_vec(),
        _ => module.to_vec(),
    };
    for name in path {
        match name.as_str() {
            "crate" | "self" => {}
            "super" => drop(whole.pop()),
            name => whole.push(name.to_owned()),
        }
    }
    while !known.contains(&whole) {
        whole.pop()?;
    }
    Some(whole)
}

fn graph(sources: &[Source]) -> Graph {
    let module = |source: &Source| source.module().iter().map(|s| (*s).to_owned()).collect();
    let known: BTreeSet<Vec<String>> = sources.iter().map(module).collect();
    let mut graph = Graph::new();
    for source in sources {
        let own: Vec<String> = module(source);
        let found = paths(&source.text);
        let files = found.iter().filter_map(|path| file_of(path, &own, &known));
        graph.insert(own.clone(), files.filter(|file| *file != own).collect());
    }
    graph
}

/// Files that reach themselves.
fn in_circles(graph: &Graph) -> Vec<String> {
    let reaches_itself = |from: &Vec<String>| {
        let mut seen = BTreeSet::new();
        let mut next: Vec<&Vec<String>> = graph[from].iter().collect();
        while let Some(file) = next.pop() {
            if file == from {
                return true;
            }
            if seen.insert(file) {
                next.extend(graph.get(file).into_iter().flatten());
            }
        }
        false
    };
    graph.keys().filter(|from| reaches_itself(from)).map(|file| file.join("/")).collect()
}

fn inside(top: &str) -> Vec<Source> {
    sources().into_iter().filter(|source| source.module()[0] == top).collect()
}

#[test]
fn files_of_a_layer_have_no_circles() {
    for top in OPEN {
        let found = in_circles(&graph(&inside(top)));
        assert!(found.is_empty(), "a circle of imports in src/{top}: {found:?}");
    }
}

/// The check can fail: what must be found is found.
#[test]
fn a_circle_is_found() {
    let source = |path: &str, text: &str| Source { path: path.to_owned(), text: text.to_owned() };
    let circle = |texts: [&str; 3]| {
        let [parent, one, two] = texts;
        in_circles(&graph(&[
            source("cli/mod.rs", parent),
            source("cli/one.rs", one),
            source("cli/two.rs", two),
        ]))
    };
    assert!(circle(["mod one;\nmod two;", "use super::two;", "fn f() {}"]).is_empty());
    assert_eq!(circle(["", "use super::two::X;", "use super::{y, one::Z};"]).len(), 2);
    assert_eq!(circle(["", "fn f() { super::two::g() }", "use crate::cli::one;"]).len(), 2);
    assert_eq!(circle(["\npub use one::X;", "use super::X;", ""]).len(), 2);
}
