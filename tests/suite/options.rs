//! Names of options in the sources: a name that no option has would be read as an option that nobody
//! gave, and only a debug build would say so.

use simsrv::scenario::keys;

use crate::architecture::{Source, sources};

/// What sets of options are called.
const CALLED: [&str; 8] = ["raw", "base", "flags", "shown", "options", "given", "own", "merged"];

/// How one of them is asked.
const ASKED: [&str; 5] = [".get(\"", ".has(\"", ".parse(\"", ".remove(\"", ".set(\""];

/// The names that a source asks for.
fn names(text: &str) -> Vec<&str> {
    let asked = |ask: &str| {
        let of_options = |(at, _): &(usize, &str)| {
            let word = |c: char| c.is_alphanumeric() || c == '_';
            let called = text[..*at].rsplit(|c| !word(c)).next().unwrap_or_default();
            CALLED.contains(&called)
        };
        text.match_indices(ask).filter(of_options).map(|(at, ask)| at + ask.len()).collect()
    };
    let mut starts: Vec<usize> =
        ASKED.iter().flat_map(|ask| -> Vec<usize> { asked(ask) }).collect();
    for front in ["switch(raw, \"", "switch(flags, \"", "switch(base, \""] {
        starts.extend(text.match_indices(front).map(|(at, front)| at + front.len()));
    }
    starts.into_iter().filter_map(|at| text[at..].split('"').next()).collect()
}

#[test]
fn every_option_that_is_asked_for_exists() {
    let sources = sources();
    let all: Vec<&str> = sources.iter().map(Source::text).flat_map(names).collect();
    assert!(all.len() > 70, "only {} were found", all.len());
    let unknown: Vec<&&str> = all.iter().filter(|name| keys::find(name).is_none()).collect();
    assert!(unknown.is_empty(), "no option has these names: {unknown:?}");
}

#[test]
fn a_wrong_name_is_found() {
    assert_eq!(
        names("x = raw.get(\"workrs\"); map.get(\"x\"); switch(raw, \"yes\")"),
        ["workrs", "yes"]
    );
}
