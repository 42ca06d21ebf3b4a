//! The corpus of configurations: each form with what must be read of it, what is given back, and
//! that no mutation of one makes a panic or is answered with defaults.

use proptest::prelude::*;
use simsrv::scenario::server::{edit, expand};
use simsrv::scenario::{self, Files, Place, RawOptions, Value};

/// One form: `=== NAME :: OPTIONS :: EXPECTED`, its text, and `+++ PATH` before other files.
struct Form {
    name: String,
    given: Vec<(String, String)>,
    expected: String,
    files: Vec<(String, String)>,
}

impl Form {
    /// What `--from` is: the text itself where the name is `-`, else the name of the file.
    fn from(&self) -> &str {
        if self.name == "-" { self.files[0].1.trim_end_matches('\n') } else { &self.name }
    }
}

struct Texts<'a>(&'a [(String, String)]);

impl Files for Texts<'_> {
    fn text(&self, path: &str) -> Result<String, String> {
        let found = self.0.iter().find(|(name, _)| name == path && name != "-");
        found.map(|(_, text)| text.clone()).ok_or_else(|| format!("'{path}' cannot be read"))
    }
}

fn pairs(text: &str) -> Vec<(String, String)> {
    let words = text.split_whitespace().filter_map(|word| word.split_once('='));
    words.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn forms() -> Vec<Form> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/configurations/forms.txt");
    let text = std::fs::read_to_string(path).expect("the corpus");
    let mut all: Vec<Form> = Vec::new();
    for line in text.split_inclusive('\n') {
        if let Some(head) = line.strip_prefix("=== ") {
            let parts: Vec<&str> = head.trim().split("::").map(str::trim).collect();
            let [name, given, expected] = parts[..] else { panic!("{head}") };
            let path = name.split('#').next().unwrap_or(name);
            all.push(Form {
                name: name.to_owned(),
                given: pairs(given),
                expected: expected.to_owned(),
                files: vec![(path.to_owned(), String::new())],
            });
        } else if let Some(path) = line.strip_prefix("+++ ") {
            let form = all.last_mut().expect("a form");
            form.files.push((path.trim().to_owned(), String::new()));
        } else if let Some((_, text)) = all.last_mut().and_then(|form| form.files.last_mut()) {
            *text += line;
        }
    }
    all
}

fn raw(from: &str, given: &[(String, String)]) -> RawOptions {
    let mut raw = RawOptions::new();
    for (name, text) in given {
        let key = scenario::keys::find(name).unwrap_or_else(|| panic!("no option '{name}'"));
        raw.set(name, Value { text: text.clone(), place: Place::Flag(key.name) });
    }
    raw.set("from", Value { text: from.to_owned(), place: Place::Flag("from") });
    raw
}

fn wrong(form: &Form) -> Option<String> {
    let read = expand(&raw(form.from(), &form.given), &Texts(&form.files));
    let told = |what: String| Some(format!("{} ({}): {what}", form.name, form.files[0].1.trim()));
    let read = match (read, form.expected.strip_prefix("refused:")) {
        (Err(problem), Some(part)) => {
            let sentence = problem.to_string();
            return match sentence.contains(part.trim()) {
                true => None,
                false => told(format!("refused otherwise: {sentence}")),
            };
        }
        (Err(problem), None) => return told(format!("refused: {problem}")),
        (Ok(read), Some(_)) => return told(format!("not refused: {:?}", read.server)),
        (Ok(read), None) => read,
    };
    let server = read.server.expect("a server");
    let expected = form.expected.split_whitespace().next().unwrap_or_default();
    if server.preset.word != expected {
        return told(format!("read as {}", server.preset.word));
    }
    pairs(&form.expected).iter().find_map(|(name, value)| {
        let found = read.raw.get(name).map_or("none", |value| value.text.as_str());
        if found == value { None } else { told(format!("{name} is {found}, not {value}")) }
    })
}

#[test]
fn every_form_is_read_as_it_must_be() {
    let forms = forms();
    assert!(forms.len() >= 150, "{} forms", forms.len());
    let wrong: Vec<String> = forms.iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), forms.len(), wrong.join("\n\n"));
}

/// What is given back with another number of workers (threads, where there is one process) has
/// that number when it is read again, and everything else as before.
#[test]
fn what_is_given_back_is_read_again() {
    let mut seen = 0;
    for form in forms().iter().filter(|form| !form.expected.starts_with("refused:")) {
        let files = Texts(&form.files);
        let before = expand(&raw(form.from(), &form.given), &files).expect("read before");
        let preset = before.server.expect("a server").preset;
        let count = if preset.single_process.is_some() { "threads" } else { "workers" };
        let asked = raw(form.from(), &[form.given.clone(), pairs(&format!("{count}=6"))].concat());
        let chosen = raw("", &pairs(&format!("{count}=6")));
        let given = edit::given_back(&asked, &chosen, &files).expect("given back").expect("a text");
        if given.before == given.after {
            continue;
        }
        let without: Vec<_> =
            form.given.iter().filter(|(name, _)| name != count).cloned().collect();
        let mut files: Vec<(String, String)> = form.files.clone();
        let changed = match given.path.as_str() {
            "" => 0,
            path => files.iter().position(|(name, _)| name == path).expect("the file"),
        };
        files[changed].1.clone_from(&given.after);
        let from = if given.path.is_empty() { given.after.as_str() } else { form.from() };
        let again = expand(&raw(from, &without), &Texts(&files));
        let again = again.unwrap_or_else(|error| panic!("{}: {error}\n{}", form.name, given.after));
        for (key, value) in before.raw.iter().filter(|(key, _)| key.name != "from") {
            let name = key.name;
            let expected = if name == count { "6" } else { value.text.as_str() };
            let found = again.raw.get(name).map(|value| value.text.as_str());
            // More threads make another class of some servers.
            assert_eq!(found, Some(expected), "{name} of {}:\n{}", form.name, given.after);
        }
        // Nothing but numbers has changed where a number was there.
        let lines = |text: &str| text.lines().count();
        assert!(lines(&given.after) >= lines(&given.before), "{}", given.after);
        seen += 1;
    }
    assert!(seen >= 90, "only {seen} forms were given back changed");
}

/// A file from which no setting was read is refused: what is left of a form when its lines are
/// lost, doubled or cut is either read, or there is a sentence.
#[test]
fn mutations_are_read_or_refused() {
    let forms = forms();
    let strategy = (0..forms.len(), 0..1000_usize, 0..1000_usize, 0..5_usize);
    let config = proptest::test_runner::Config {
        cases: 3_000,
        failure_persistence: None,
        ..Default::default()
    };
    let rng = proptest::test_runner::TestRng::deterministic_rng(
        proptest::test_runner::RngAlgorithm::ChaCha,
    );
    proptest::test_runner::TestRunner::new_with_rng(config, rng)
        .run(&strategy, |(which, a, b, kind)| {
            let form = &forms[which];
            let text = &form.files[0].1;
            let boundary = |at: usize| {
                let mut at = at * text.len() / 1000;
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                at
            };
            let (from, to) = (boundary(a.min(b)), boundary(a.max(b)));
            let mutated = match kind {
                0 => format!("{}{}", &text[..from], &text[to..]),
                1 => format!("{}{}", &text[..to], &text[from..]),
                2 => text[..to].to_owned(),
                3 => format!("{}{}{}", &text[..from], "\"'{[(#\n", &text[from..]),
                _ => text.replace('\n', "\r\n"),
            };
            let mut files = form.files.clone();
            files[0].1.clone_from(&mutated);
            let from = if form.name == "-" { mutated.as_str() } else { form.from() };
            match expand(&raw(from, &form.given), &Texts(&files)) {
                Ok(read) => {
                    let server = read.server.expect("a server");
                    let command =
                        mutated.contains(server.preset.programs.first().map_or("", |p| p.name));
                    // Only a command may leave everything to its defaults.
                    prop_assert!(!server.read.is_empty() || command || !mutated.trim().is_empty());
                }
                Err(problem) => prop_assert!(problem.to_string().len() > 10),
            }
            Ok(())
        })
        .expect("no panic");
}
