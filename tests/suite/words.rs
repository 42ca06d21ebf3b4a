//! The words of the field: the worst words to avoid occur neither in what the program prints nor in
//! its documents. `CONTRIBUTING.md` has the list of better words.

use crate::architecture::sources;
use std::path::{Path, PathBuf};

/// What not to write, and what to write instead.
const AVOIDED: [(&str, &str); 12] = [
    ("never settle", "is overloaded; the queue grows without bound"),
    ("hang on", "depend on"),
    ("hangs on", "depends on"),
    ("hang together", "are correlated"),
    ("whoever", "name the thing: a client, a request, a process"),
    ("beware ", "warning"),
    ("<law>", "<DIST>"),
    ("is no whole number", "is not a whole number"),
    ("left out not modelled", "not modelled"),
    ("knock again", "retransmit"),
    ("take themselves for", "believe that they are"),
    ("means nothing without --", "has no effect without --"),
];

/// Each word of [`AVOIDED`] that a text has, with its line and what to write instead.
fn found(name: &str, text: &str) -> Vec<String> {
    let line = |(at, line): (usize, &str)| {
        let line = line.to_lowercase();
        let hits = AVOIDED.iter().filter(move |(word, _)| line.contains(word));
        hits.map(move |(word, better)| format!("{name}:{}: '{word}': {better}", at + 1))
            .collect::<Vec<_>>()
    };
    text.lines().enumerate().flat_map(line).collect()
}

fn documents(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.extension().and_then(|end| end.to_str()) {
            _ if path.is_dir() => documents(&path, found),
            Some("md" | "json" | "toml") => found.push(path),
            _ => {}
        }
    }
}

#[test]
fn the_program_prints_none_of_the_words_to_avoid() {
    let hits: Vec<String> = sources()
        .iter()
        .flat_map(|source| found(&source.module().join("/"), source.text()))
        .collect();
    assert!(hits.is_empty(), "{}", hits.join("\n"));
}

#[test]
fn the_documents_have_none_of_the_words_to_avoid() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = vec![root.join("README.md"), root.join("ARCHITECTURE.md")];
    documents(&root.join("docs"), &mut paths);
    documents(&root.join("experiments"), &mut paths);
    assert!(paths.len() > 40, "{} documents", paths.len());
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).expect("a document");
        found(&path.strip_prefix(root).expect("inside").to_string_lossy(), &text)
    };
    let hits: Vec<String> = paths.iter().flat_map(read).collect();
    assert!(hits.is_empty(), "{}", hits.join("\n"));
}

#[test]
fn a_word_to_avoid_is_found() {
    let hits = found("x", "One.\nIt hangs on the seed.");
    assert_eq!(hits, ["x:2: 'hangs on': depends on"]);
    assert_eq!(found("x", "It depends on the seed."), [""; 0]);
}
