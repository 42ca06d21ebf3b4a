//! Configurations that are programs: assignments in Python, calls in Ruby, loops and objects in
//! JavaScript. What stands in a branch, a loop or a function is marked as not sure.

use super::piece::Piece;
use super::setting::Setting;
use super::shell::closed;
use super::value::{Assigned, Language, Names};
use crate::servers::words::{ServerWord, find};

/// Settings, and what is assigned to names.
pub(super) type ReadStatements = (Vec<Setting>, Names);

/// The statements of a text: lines, joined where brackets are open, without comments.
fn statements(text: &Piece, python: bool) -> Vec<Piece> {
    let mut all = Vec::new();
    let bytes = text.text();
    let (mut begin, mut end, mut depth) = (0, 0, 0_usize);
    let mut quote: Option<&str> = None;
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let c = rest.chars().next().unwrap_or(' ');
        let mut step = c.len_utf8();
        match (quote, c) {
            (Some(sign), _) if rest.starts_with(sign) => {
                step = sign.len();
                quote = None;
            }
            (Some(_), '\\') => step += rest[1..].chars().next().map_or(0, char::len_utf8),
            (Some(sign), '\n') if sign.len() == 1 => quote = None,
            (Some(_), _) => {}
            (None, '#') => {
                at += rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            (None, '"' | '\'') => {
                let triple = ["\"\"\"", "'''"].into_iter().find(|t| python && rest.starts_with(t));
                quote = triple.or(Some(if c == '"' { "\"" } else { "'" }));
                step = triple.map_or(1, str::len);
            }
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, '\\') if rest.starts_with("\\\n") => step = 2,
            _ => {}
        }
        let ends = quote.is_none() && depth == 0 && (c == '\n' || python && c == ';');
        let goes_on = !python && bytes[begin..end.max(begin)].trim_end().ends_with(',');
        if ends && !goes_on {
            all.push(text.slice(begin..end.max(begin)));
            begin = at + step;
            end = begin;
        } else if !c.is_whitespace() {
            end = at + step;
        }
        at += step;
    }
    all.push(text.slice(begin..end.max(begin)));
    all.retain(|statement| !statement.text().trim().is_empty());
    all
}

fn assigned(names: &mut Names, name: &str, text: &str, sure: bool) {
    let assigned = Assigned { text: text.to_owned(), language: Language::Code, sure };
    names.entry(name.to_owned()).or_default().push(assigned);
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Where an assignment's sign stands: an `=` that is not part of another sign.
fn equals_sign(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    (0..bytes.len()).find(|at| {
        let before = at.checked_sub(1).map_or(b' ', |at| bytes[at]);
        bytes[*at] == b'=' && bytes.get(at + 1) != Some(&b'=') && !b"=!<>".contains(&before)
    })
}

// --- Python

/// The assignments of a Python file.
pub(super) fn python(text: &Piece) -> ReadStatements {
    let (mut settings, mut names) = (Vec::new(), Names::new());
    for statement in statements(text, true) {
        let sure = !statement.text().starts_with([' ', '\t']);
        python_statement(&statement.trim(), sure, &mut settings, &mut names);
    }
    (settings, names)
}

fn python_statement(line: &Piece, sure: bool, settings: &mut Vec<Setting>, names: &mut Names) {
    const BRANCHES: [&str; 8] =
        ["if ", "elif ", "else", "for ", "while ", "try", "with ", "except"];
    if let Some(imported) = line.text().strip_prefix("from ").and_then(|t| t.split_once(" import "))
    {
        for name in imported.1.split([',', '(', ')']).map(str::trim).filter(|name| is_name(name)) {
            assigned(names, name, "imported", false);
        }
        return;
    }
    if BRANCHES.iter().any(|word| line.text().starts_with(word)) {
        // A branch on one line: if x: workers = 4
        let colon = line.text().rfind(": ").filter(|_| !line.text().ends_with(':'));
        if let Some(colon) = colon {
            let rest = line.slice(colon + 2..line.text().len());
            python_statement(&rest.trim(), false, settings, names);
        }
        return;
    }
    let Some(at) = equals_sign(line.text()) else { return };
    let (left, value) = (line.slice(0..at), line.slice(at + 1..line.text().len()).trim());
    let augmented = left.text().ends_with(['+', '-', '*', '/', '%', '|', '&', ':']);
    let left = left.text().trim_end_matches(['+', '-', '*', '/', '%', '|', '&', ':']);
    // workers: int = 4
    let left = left.split(':').next().unwrap_or(left);
    let several = left.contains(',');
    for name in left.split(',').map(str::trim).filter(|name| is_name(name)) {
        let sure = sure && !augmented && !several;
        assigned(names, name, value.text(), sure);
        let language = Language::Code;
        settings.push(Setting { language, sure, ..Setting::new(name, Some(value.clone())) });
    }
}

// --- Ruby

/// The calls of a Ruby file: `name value, value`.
pub(super) fn ruby(text: &Piece) -> ReadStatements {
    let (mut settings, mut names) = (Vec::new(), Names::new());
    let mut depth = 0_usize;
    for statement in statements(text, false) {
        let line = statement.trim();
        let first = line.text().split([' ', '(', ';']).next().unwrap_or_default();
        let opens =
            ["if", "unless", "case", "while", "until", "begin", "def", "class", "module", "for"];
        if first == "end" || first.starts_with("end.") {
            depth = depth.saturating_sub(1);
        } else if opens.contains(&first) {
            depth += usize::from(!line.text().ends_with(" end"));
        } else if !["else", "elsif", "when", "ensure", "rescue", "require"].contains(&first) {
            ruby_statement(&line, depth == 0, &mut settings, &mut names);
            let block = line.text().ends_with(" do") || line.text().contains(" do |");
            depth += usize::from(block && !line.text().ends_with(" end"));
        }
    }
    (settings, names)
}

fn ruby_statement(line: &Piece, sure: bool, settings: &mut Vec<Setting>, names: &mut Names) {
    let condition = [" if ", " unless "].into_iter().find_map(|word| line.text().find(word));
    let conditional = condition.is_some();
    let line = line.slice(0..condition.unwrap_or(line.text().len())).trim();
    let sure = sure && !conditional;
    let end = line.text().find(|c: char| !(c.is_alphanumeric() || "_!?".contains(c)));
    let end = end.unwrap_or(line.text().len());
    let (name, rest) = (line.slice(0..end), line.slice(end..line.text().len()).trim());
    if name.text().is_empty() {
        return;
    }
    match equals_sign(rest.text()) {
        Some(0) => {
            let value = rest.slice(1..rest.text().len()).trim();
            assigned(names, name.text(), value.text(), sure);
            // A local variable is not a setting of the server.
        }
        Some(at) if at <= 2 && rest.text().starts_with(['|', '+', '-', '*', '&']) => {
            assigned(names, name.text(), rest.text(), false);
        }
        _ => {
            let whole = rest.text().starts_with('(')
                && closed(rest.text(), '(', ')') == Some(rest.text().len());
            let value = match whole {
                true => rest.slice(1..rest.text().len() - 1).trim(),
                false => rest,
            };
            let value = Some(value).filter(|value| !value.text().is_empty());
            let language = Language::Code;
            settings.push(Setting { language, sure, ..Setting::new(name.text(), value) });
        }
    }
}

// --- JavaScript

/// The constants of a script, the loop that forks, and the entries of pm2's `apps`.
pub(super) fn javascript(text: &Piece, words: &'static [ServerWord]) -> ReadStatements {
    let (mut settings, mut names) = (Vec::new(), Names::new());
    let code = without_comments(text.text());
    let mut depth = 0_usize;
    let mut begin = 0;
    for line in code.split_inclusive('\n') {
        let trimmed = line.trim();
        let declared =
            ["const ", "let ", "var "].iter().find_map(|word| trimmed.strip_prefix(word));
        if let Some((name, value)) = declared.and_then(|rest| rest.split_once('=')) {
            let name = name.split(':').next().unwrap_or(name).trim();
            let value = value.trim().trim_end_matches(';');
            if is_name(name) && !value.contains("=>") {
                assigned(&mut names, name, value, depth == 0);
                if name.len() > 1 && find(words, name).is_some() {
                    let piece = place(text, begin, line, value);
                    settings.push(code_setting(name, piece, depth == 0));
                }
            }
        }
        depth += line.matches('{').count();
        depth = depth.saturating_sub(line.matches('}').count());
        begin += line.len();
    }
    if code.contains("SCHED_NONE") {
        let none = Piece::whole("none");
        settings.push(Setting::new("NODE_CLUSTER_SCHED_POLICY", Some(none)));
    }
    if let Some(bound) = fork_bound(&code) {
        let is_constant = settings.iter().any(|setting| setting.name == code[bound.clone()]);
        if !is_constant {
            settings.push(code_setting("forks", text.slice(bound), true));
        }
    } else if code.contains(".fork(") {
        settings.push(code_setting("forks", text.slice(0..0), false));
    }
    for name in ["instances", "exec_mode"] {
        let found = entry(&code, name);
        settings.extend(found.map(|range| {
            let sure = !range.is_empty();
            code_setting(name, text.slice(range), sure)
        }));
    }
    (settings, names)
}

fn code_setting(name: &str, value: Piece, sure: bool) -> Setting {
    Setting { language: Language::Code, sure, ..Setting::new(name, Some(value)) }
}

/// A value within a line of a text.
fn place(text: &Piece, begin: usize, line: &str, value: &str) -> Piece {
    let at = begin + line.rfind(value).unwrap_or(0);
    text.slice(at..at + value.len())
}

/// A script of the same length with blanks in place of comments.
fn without_comments(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    let mut quote: Option<char> = None;
    while let Some(c) = rest.chars().next() {
        let length = match quote {
            None if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            None if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |at| at + 2),
            _ => 0,
        };
        if length > 0 {
            out.extend(rest[..length].bytes().map(|b| if b == b'\n' { '\n' } else { ' ' }));
            rest = &rest[length..];
            continue;
        }
        match quote {
            Some(sign) if c == sign || c == '\n' => quote = None,
            None if matches!(c, '"' | '\'' | '`') => quote = Some(c),
            _ => {}
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// How often a loop before `cluster.fork()` goes round: `i < N`, `length: N`, or one for each core.
fn fork_bound(code: &str) -> Option<std::ops::Range<usize>> {
    let fork = code.find(".fork(")?;
    let before = &code[..fork];
    if let Some(at) = before.rfind("for (").or(before.rfind("for("))
        && let Some(header) =
            closed(&code[at + 3 + usize::from(code[at + 3..].starts_with(' '))..], '(', ')')
    {
        let begin = at + code[at..].find('(')? + 1;
        let header = begin..begin + header - 2;
        let sign = code[header.clone()].find('<')?;
        let equal = usize::from(code[header.start + sign + 1..].starts_with('='));
        if equal == 1 && !code[header.clone()].contains("= 1") {
            return None;
        }
        let from = header.start + sign + 1 + equal;
        let to = from + code[from..header.end].find(';')?;
        let bound = code[from..to].trim();
        let from = from + code[from..to].find(bound)?;
        return Some(from..from + bound.len());
    }
    if let Some(at) = before.rfind("length:") {
        let from = at + "length:".len();
        let to = from + code[from..].find('}')?;
        return Some(from..to);
    }
    let cores = before.rfind("cpus()").or(before.rfind(".cpus()"))?;
    code[cores..fork].contains("forEach").then(|| cores..cores + "cpus()".len())
}

/// The value of an entry of an object: `instances: 4`; `None` if there is none, or several.
fn entry(code: &str, name: &str) -> Option<std::ops::Range<usize>> {
    let mut found = None;
    for (at, _) in code.match_indices(name) {
        let quoted = code[..at].ends_with(['"', '\'']);
        let inside = |c: char| c.is_alphanumeric() || "_.$".contains(c);
        let after = at + name.len() + usize::from(quoted);
        if code[..at].ends_with(inside)
            || !code.get(after..).is_some_and(|rest| rest.trim_start().starts_with(':'))
        {
            continue;
        }
        let from = after + code[after..].find(':')? + 1;
        let mut depth = 0_i32;
        let end = code[from..].find(|c: char| {
            depth += i32::from("([{".contains(c)) - i32::from(")]".contains(c));
            (depth == 0 && matches!(c, ',' | '\n')) || c == '}'
        });
        let to = from + end.unwrap_or(code.len() - from);
        let value = code[from..to].trim();
        let from = from + code[from..to].find(value)?;
        if found.is_some() {
            // Several applications: which one is meant is not known.
            return Some(0..0);
        }
        found = Some(from..from + value.len());
    }
    found
}
