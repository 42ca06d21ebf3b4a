//! Configuration files of servers: which server one belongs to, and its settings.

use super::piece::Piece;
use super::setting::{Insertion, Setting};
use super::statements::{self, ReadStatements};
use super::value::{Assigned, Language, Names};
use super::yaml::{self, Node};
use crate::servers::{File, Grammar, PRESETS, Preset};

/// The server that a configuration belongs to: that of which it has the most signs, in its text and
/// in its name.
pub(super) fn server_of(text: &str, path: &str) -> Option<(usize, &'static Preset)> {
    let score = |file: &File| {
        let signs = file.signs.iter().filter(|sign| text.contains(**sign)).count();
        let named =
            file.names.iter().filter(|end| path.ends_with(**end)).map(|end| end.len()).max();
        2 * signs + named.map_or(0, |length| if length > 5 { 3 } else { 1 })
    };
    let mut best: Option<(usize, &Preset)> = None;
    for preset in PRESETS {
        let found = preset.file.as_ref().map_or(0, score);
        if found > best.map_or(0, |(most, _)| most) {
            best = Some((found, preset));
        }
    }
    best
}

/// What a configuration says.
#[derive(Debug, Default)]
pub(super) struct Configuration {
    pub(crate) settings: Vec<Setting>,
    pub(crate) names: Names,
    /// Where one more setting goes.
    pub(crate) insertion: Option<Insertion>,
}

/// The settings of a configuration; of several sections (pools, apps) those of the one named.
///
/// # Errors
/// A sentence: it has several sections, and none was named.
pub(super) fn read(
    preset: &Preset,
    file: &File,
    text: &Piece,
    section: Option<&str>,
) -> Result<Configuration, String> {
    let begin = text.text().trim_start();
    let structured = begin.starts_with(['{', '[']) && file.grammar != Grammar::Ini;
    let yaml = file.grammar == Grammar::Yaml
        || structured && file.grammar == Grammar::Passenger
        || matches!(file.grammar, Grammar::Ini | Grammar::Tomcat) && !text.text().contains('=');
    let ((settings, names), insertion) = match file.grammar {
        _ if yaml => (tree(text), None),
        Grammar::Python => (statements::python(text), Some(line_after(text, "", " = ", ""))),
        Grammar::Ruby => (statements::ruby(text), Some(line_after(text, "", " ", ""))),
        Grammar::Ini => (ini(text, section)?, Some(line_after(text, "", " = ", ""))),
        Grammar::Apache => {
            ((apache(preset, text), Names::new()), Some(line_after(text, "", " ", "")))
        }
        Grammar::Passenger => {
            let settings = passenger(text);
            let nginx = text.text().contains("passenger_");
            let (before, end) = if nginx { ("passenger_", ";") } else { ("Passenger", "") };
            ((settings, Names::new()), Some(line_after(text, before, " ", end)))
        }
        Grammar::Tomcat if !text.text().contains("<Connector") => {
            let (settings, names) = ini(text, None)?;
            let java = |one| Setting { language: Language::Java, ..one };
            let settings = settings.into_iter().map(java).collect();
            ((settings, names), Some(line_after(text, "", "=", "")))
        }
        Grammar::Tomcat => {
            let (settings, insertion) = connector(text);
            ((settings, Names::new()), insertion)
        }
        Grammar::Script => (statements::javascript(text, preset.words), None),
        Grammar::Yaml => (tree(text), None),
    };
    Ok(Configuration { settings, names, insertion })
}

/// A line more at the end.
fn line_after(text: &Piece, before: &str, between: &str, after: &str) -> Insertion {
    let end = if text.text().is_empty() || text.text().ends_with('\n') { "" } else { "\n" };
    Insertion {
        document: 0,
        at: text.place(text.text().len()),
        before: format!("{end}{before}"),
        between: between.to_owned(),
        after: format!("{after}\n"),
    }
}

/// What stands before a comment that begins after a blank.
fn without_comment(text: &Piece) -> Piece {
    let end = [" #", " ;", "\t#", "\t;"].iter().filter_map(|sign| text.text().find(sign)).min();
    text.slice(0..end.unwrap_or(text.text().len())).trim()
}

// --- name = value

/// The section that a pool or an application of its own begins.
fn ini(text: &Piece, wanted: Option<&str>) -> Result<ReadStatements, String> {
    let mut sections: Vec<(String, Vec<Setting>)> = vec![(String::new(), Vec::new())];
    let mut branch = 0_usize;
    for line in text.lines() {
        let line = line.trim();
        if line.text().is_empty() || line.text().starts_with(['#', ';', '!']) {
            continue;
        }
        if let Some(name) = line.text().strip_prefix('[') {
            sections.push((name.trim_end_matches(']').to_owned(), Vec::new()));
            continue;
        }
        let (name, value) = match line.split_once(|c| c == '=') {
            Some((name, value)) => (name.trim(), Some(without_comment(&value))),
            None => (line.clone(), None),
        };
        // uWSGI's conditions: what follows holds on some machines only.
        if name.text().starts_with("if-") {
            branch += 1;
        } else if name.text() == "endif" {
            branch = branch.saturating_sub(1);
        }
        if name.text().is_empty() || name.text().contains([' ', '(', '"', '\'']) {
            continue;
        }
        let sure = branch == 0;
        let language = Language::Uwsgi;
        let setting = Setting { language, sure, ..Setting::new(name.text(), value) };
        if let Some((_, settings)) = sections.last_mut() {
            settings.push(setting);
        }
    }
    let counted = |settings: &[Setting]| settings.iter().any(|one| one.name == "pm.max_children");
    let pools: Vec<&str> =
        sections.iter().filter(|(_, all)| counted(all)).map(|(name, _)| name.as_str()).collect();
    if let Some(wanted) = wanted {
        let known = sections.iter().any(|(name, _)| name == wanted);
        if !known {
            return Err(format!("there is no section [{wanted}]"));
        }
        sections.retain(|(name, _)| name == wanted);
    } else if pools.len() > 1 {
        return Err(format!(
            "there are several pools: write FILE#{} or another of {}",
            pools[0],
            pools.join(", ")
        ));
    }
    let settings: Vec<Setting> = sections.into_iter().flat_map(|(_, all)| all).collect();
    let mut names = Names::new();
    for one in &settings {
        let text = one.text().to_owned();
        let assigned = Assigned { text, language: Language::Uwsgi, sure: one.sure };
        names.entry(one.name.clone()).or_default().push(assigned);
    }
    Ok((settings, names))
}

// --- YAML and JSON

/// The values of a tree by the names on the way to them: `server.tomcat.threads.max`.
fn tree(text: &Piece) -> ReadStatements {
    let mut settings = Vec::new();
    for document in yaml::parse(text).unwrap_or_default() {
        flatten(&document, "", &mut settings);
    }
    (settings, Names::new())
}

fn flatten(node: &Node, path: &str, settings: &mut Vec<Setting>) {
    for (key, value) in node.entries() {
        let key = key.text().trim_start_matches(':');
        let name = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        match value {
            Node::Text { piece, .. } => {
                let name = name.strip_prefix("uwsgi.").unwrap_or(&name);
                let language = Language::Java;
                settings.push(Setting { language, ..Setting::new(name, Some(piece.clone())) });
            }
            inner => flatten(inner, &name, settings),
        }
    }
}

// --- directives

/// `name value`.
fn directive(line: &Piece) -> Option<Setting> {
    let line = without_comment(line);
    let end = line.text().find([' ', '\t']).unwrap_or(line.text().len());
    let (name, value) = (line.slice(0..end), line.slice(end..line.text().len()).trim());
    let value = Some(value).filter(|value| !value.text().is_empty());
    let named = name.text().chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    let language = Language::Shell;
    (named && !name.text().is_empty())
        .then(|| Setting { language, ..Setting::new(name.text(), value) })
}

/// Directives of Apache, without those in the sections of other modules that serve.
fn apache(preset: &Preset, text: &Piece) -> Vec<Setting> {
    let others: &[&str] = match preset.word {
        "apache-event" => &["prefork", "!"],
        _ => &["worker", "event", "!"],
    };
    let (mut foreign, mut defines) = (false, 0_usize);
    let mut settings = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        let low = line.text().to_ascii_lowercase();
        if low.starts_with("<ifmodule") {
            foreign = others.iter().any(|other| low.contains(other));
        } else if low.starts_with("</ifmodule") {
            foreign = false;
        } else if low.starts_with("<ifdefine") {
            defines += 1;
        } else if low.starts_with("</ifdefine") {
            defines = defines.saturating_sub(1);
        } else if !foreign && !low.starts_with(['<', '#']) {
            let sure = defines == 0;
            settings.extend(directive(&line).map(|one| Setting { sure, ..one }));
        }
    }
    settings
}

/// Passenger's settings in the configuration of nginx (`passenger_max_pool_size 6;`) or of Apache
/// (`PassengerMaxPoolSize 6`); several may stand on a line.
fn passenger(text: &Piece) -> Vec<Setting> {
    let mut settings = Vec::new();
    for line in text.lines() {
        if line.text().trim_start().starts_with('#') {
            continue;
        }
        let mut begin = 0;
        for part in line.text().split_inclusive([';', '{', '}', ',']) {
            let kept = part.trim_end_matches([';', '{', '}', ',']).len();
            settings.extend(passenger_directive(&line.slice(begin..begin + kept).trim()));
            begin += part.len();
        }
    }
    settings
}

fn passenger_directive(part: &Piece) -> Option<Setting> {
    let (name, value) = part.split_once(|c| c.is_whitespace() || c == ':')?;
    let raw = name.text().trim_matches('"');
    let own = raw.strip_prefix("passenger_").or(raw.strip_prefix("Passenger")).unwrap_or(raw);
    let value = without_comment(&value.trim()).trim_matches(|c| c == '"' || c == ':');
    Some(Setting { raw: raw.to_owned(), ..Setting::new(own, Some(value)) })
}

// --- Tomcat

/// The attributes of an element, from the text between its name and its end.
fn attributes(element: &Piece) -> Vec<Setting> {
    let mut found = Vec::new();
    let mut rest = element.clone();
    while let Some((name, after)) = rest.split_once(|c| c == '=') {
        let after = after.trim();
        let quote = after.text().chars().next().filter(|c| matches!(c, '"' | '\''));
        let Some(quote) = quote else { break };
        let inner = after.slice(1..after.text().len());
        let Some((value, after)) = inner.split_once(|c| c == quote) else { break };
        let language = Language::Java;
        found.push(Setting { language, ..Setting::new(name.trim().text(), Some(value)) });
        rest = after;
    }
    found
}

/// The first `<Connector>` that speaks HTTP, and the threads of the `<Executor>` that it names.
fn connector(text: &Piece) -> (Vec<Setting>, Option<Insertion>) {
    let code = blanked(text.text(), "<!--", "-->");
    let elements = |sign: &str| -> Vec<(usize, Vec<Setting>)> {
        let starts = code.match_indices(sign).map(|(at, sign)| at + sign.len());
        let element = |at: usize| {
            let end = code[at..].find('>').map_or(code.len(), |end| at + end);
            (at, attributes(&text.slice(at..end)))
        };
        starts.map(element).collect()
    };
    let value = |settings: &[Setting], name: &str| {
        let found = settings.iter().find(|one| one.name == name);
        found.map(|one| one.text().to_ascii_lowercase())
    };
    let http = |(_, settings): &(usize, Vec<Setting>)| {
        !value(settings, "protocol").is_some_and(|protocol| protocol.contains("ajp"))
    };
    let Some((at, mut settings)) = elements("<Connector").into_iter().find(http) else {
        return (Vec::new(), None);
    };
    if let Some(name) = value(&settings, "executor") {
        let named = |settings: &[Setting]| value(settings, "name").as_ref() == Some(&name);
        let executor = elements("<Executor").into_iter().find(|(_, all)| named(all));
        let threads =
            executor.and_then(|(_, all)| all.into_iter().find(|one| one.name == "maxThreads"));
        if threads.is_some() {
            settings.retain(|one| one.name != "maxThreads" && one.name != "executor");
            settings.extend(threads);
        }
    }
    let insertion = Insertion {
        document: 0,
        at: text.place(at),
        before: " ".to_owned(),
        between: "=\"".to_owned(),
        after: "\"".to_owned(),
    };
    (settings, Some(insertion))
}

/// A text of the same length with blanks in place of comments.
fn blanked(text: &str, begin: &str, end: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(begin) {
        out += before;
        let length = after.find(end).map_or(after.len(), |at| at + end.len()) + begin.len();
        out += &" ".repeat(length);
        rest = &rest[before.len() + length..];
    }
    out + rest
}
