//! No import circle inside a layer: of two files at most one imports the other, directly or through
//! others. A folder's `mod.rs` and the files below it count as one thing; a name that `mod.rs` only
//! passes on belongs to the file that defines it. Read off the sources, without comments and tests.

use std::collections::{BTreeMap, BTreeSet};

use crate::architecture::{Source, sources};

/// Circles that are still open, by top module: the most files that may be in one. A list to shrink.
const OPEN: [(&str, usize); 1] = [("render", 2)];

type Path = Vec<String>;

/// The paths of a use tree: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn expand(tree: &str) -> Vec<Path> {
    let tree = tree.trim();
    let word = |c: char| c.is_alphanumeric() || c == '_';
    if let Some(inner) = tree.strip_prefix('{') {
        return split(inner).iter().flat_map(|part| expand(part)).collect();
    }
    let end = tree.find(|c| !word(c)).unwrap_or(tree.len());
    let (name, rest) = tree.split_at(end);
    if name.is_empty() {
        return vec![Path::new()];
    }
    let rest = rest.strip_prefix("::").map_or_else(|| vec![Path::new()], expand);
    rest.into_iter().map(|rest| [vec![name.to_owned()], rest].concat()).collect()
}

/// The parts of a group up to its closing brace.
fn split(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                parts.push(&group[start..at]);
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    parts.retain(|part| !part.trim().is_empty());
    parts
}

/// Every path that a source names from `crate` on, absolute.
fn named(source: &Source) -> BTreeSet<Path> {
    let here: Path = source.module().iter().map(|name| (*name).to_owned()).collect();
    let mut found = BTreeSet::new();
    for (front, base) in fronts(&here) {
        for (at, _) in source.text().match_indices(&front) {
            let before = &source.text()[..at];
            if before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let tree = &source.text()[at + front.len()..];
            if !tree.starts_with("super::") {
                found.extend(expand(tree).into_iter().map(|rest| [base.clone(), rest].concat()));
            }
        }
    }
    found
}

/// How a path may begin in a module, and what that stands for.
fn fronts(here: &[String]) -> Vec<(String, Path)> {
    let up = |levels: usize| (1..=levels).map(|_| "super::").collect::<String>();
    let supers = (1..=here.len()).map(|n| (up(n), here[..here.len() - n].to_vec()));
    let own = [("crate::".to_owned(), Path::new()), ("self::".to_owned(), here.to_vec())];
    own.into_iter().chain(supers).collect()
}

/// What each module passes on under a name of its own: `pub use cell::CellResult`.
fn passed_on(sources: &[Source]) -> BTreeMap<Path, Path> {
    let mut names = BTreeMap::new();
    for source in sources {
        let here: Path = source.module().iter().map(|name| (*name).to_owned()).collect();
        for front in ["pub use ", "pub(crate) use "] {
            for (at, _) in source.text().match_indices(front) {
                for path in expand(&source.text()[at + front.len()..]) {
                    let Some(name) = path.last() else { continue };
                    let absolute = match path[0].as_str() {
                        "crate" => path[1..].to_vec(),
                        "self" => [here.clone(), path[1..].to_vec()].concat(),
                        _ => [here.clone(), path.clone()].concat(),
                    };
                    names.insert([here.clone(), vec![name.clone()]].concat(), absolute);
                }
            }
        }
    }
    names
}

/// The file that defines what a path names.
fn file_of(path: &Path, files: &BTreeSet<Path>, names: &BTreeMap<Path, Path>) -> Option<Path> {
    let mut path = path.clone();
    for _ in 0..8 {
        let known = (1..=path.len()).rev().map(|n| &path[..n]).find(|p| files.contains(*p))?;
        let passed = (known.len() < path.len()).then(|| &path[..=known.len()]);
        match passed.and_then(|name| names.get(name)) {
            Some(on) => path = [on.clone(), path[known.len() + 1..].to_vec()].concat(),
            None => return Some(known.to_vec()),
        }
    }
    None
}

/// Files that import each other, directly or through others: the largest set of each top module.
fn circles(sources: &[Source]) -> BTreeMap<String, Vec<Path>> {
    let path = |source: &Source| source.module().iter().map(|n| (*n).to_owned()).collect::<Path>();
    let files: BTreeSet<Path> = sources.iter().map(path).collect();
    let names = passed_on(sources);
    let mut edges: BTreeMap<Path, BTreeSet<Path>> = BTreeMap::new();
    for source in sources {
        let from = path(source);
        let to = named(source).into_iter().filter_map(|path| file_of(&path, &files, &names));
        let apart = |to: &Path| !to.starts_with(&from) && !from.starts_with(to);
        edges.insert(from.clone(), to.filter(apart).collect());
    }
    let reached: BTreeMap<&Path, BTreeSet<&Path>> =
        edges.keys().map(|from| (from, reach(from, &edges))).collect();
    let mut largest: BTreeMap<String, Vec<Path>> = BTreeMap::new();
    for (from, to) in &reached {
        let mutual = to.iter().filter(|other| reached[**other].contains(from));
        let circle: Vec<Path> = mutual.map(|path| (*path).clone()).collect();
        let known = largest.entry(from[0].clone()).or_default();
        if circle.len() > known.len() {
            *known = circle;
        }
    }
    largest.retain(|_, circle| !circle.is_empty());
    largest
}

/// Everything that a file imports, directly or through others.
fn reach<'a>(from: &'a Path, edges: &'a BTreeMap<Path, BTreeSet<Path>>) -> BTreeSet<&'a Path> {
    let mut found: BTreeSet<&Path> = BTreeSet::new();
    let mut open = vec![from];
    while let Some(next) = open.pop() {
        open.extend(edges[next].iter().filter(|to| found.insert(to)));
    }
    found
}

#[test]
fn files_of_a_layer_do_not_import_each_other_in_a_circle() {
    for (module, circle) in circles(&sources()) {
        let most = OPEN.iter().find(|(open, _)| *open == module).map_or(0, |(_, most)| *most);
        let files: Vec<String> = circle.iter().map(|path| path.join("/")).collect();
        assert!(files.len() <= most, "src/{module}: {} files in a circle: {files:?}", files.len());
    }
}

/// The check can fail, and sees through names that are passed on.
#[test]
fn a_circle_is_found() {
    let of = |files: &[(&str, &str)]| {
        let sources: Vec<_> = files.iter().map(|(path, text)| Source::new(path, text)).collect();
        circles(&sources)
    };
    let circle = of(&[("a/x.rs", "use super::y::{P, Q};"), ("a/y.rs", "use crate::a::x;")]);
    assert_eq!(circle["a"].len(), 2, "{circle:?}");
    let hidden = [
        ("a/mod.rs", "pub use y::P;"),
        ("a/x.rs", "fn f() { super::P::new() }"),
        ("a/y.rs", "use super::{x::Q, z};"),
    ];
    assert_eq!(of(&hidden)["a"].len(), 2);
    let fine = [
        ("a/mod.rs", "pub use y::P;"),
        ("a/x.rs", "use super::P;"),
        ("a/y.rs", "use super::z::Q;"),
        ("a/z.rs", "use crate::b::R;"),
    ];
    assert!(of(&fine).is_empty());
}
