//! Configuration files of servers: lines or attributes that set one thing each.

use super::vocabulary::Setting;
use crate::servers::words::find;
use crate::servers::{Grammar, PRESETS, Preset};

/// The server that a configuration belongs to, by what it contains, else by its name.
pub(super) fn server_of(text: &str, path: &str) -> Option<&'static Preset> {
    let has = |preset: &Preset, sign: &dyn Fn(&crate::servers::File) -> bool| {
        preset.file.as_ref().is_some_and(sign)
    };
    let signs = |file: &crate::servers::File| file.signs.iter().any(|sign| text.contains(sign));
    let named = |file: &crate::servers::File| file.names.iter().any(|end| path.ends_with(end));
    let by_sign = PRESETS.into_iter().find(|preset| has(preset, &signs));
    by_sign.or_else(|| PRESETS.into_iter().find(|preset| has(preset, &named)))
}

/// The settings of a configuration.
pub(super) fn settings(preset: &Preset, text: &str) -> Vec<Setting> {
    let Some(file) = preset.file else { return Vec::new() };
    match file.grammar {
        Grammar::Python => lines(text, "#", equals),
        Grammar::Ruby => lines(text, "#", |line| first_word(line, &[' ', '('])),
        Grammar::Ini => lines(text, "#;", equals),
        Grammar::Apache => prefork(text),
        Grammar::Passenger => passenger(text),
        Grammar::Tomcat => connector(text),
        Grammar::Script => script(preset, text),
        Grammar::Yaml => Vec::new(),
    }
}

/// One setting a line; comments and lines of another form are left out.
fn lines(text: &str, comment: &str, read: impl Fn(&str) -> Option<Setting>) -> Vec<Setting> {
    let plain = |line: &&str| {
        !line.is_empty() && !line.starts_with(|c| comment.contains(c)) && !line.starts_with('[')
    };
    text.lines().map(str::trim).filter(plain).filter_map(read).collect()
}

/// `name = value`, with a comment behind it perhaps.
fn equals(line: &str) -> Option<Setting> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim();
    if name.is_empty() || name.contains([' ', '(', '"', '\'']) {
        return None;
    }
    Some(Setting::new(name, Some(without_comment(value))))
}

/// What stands before a comment that begins after a blank.
fn without_comment(text: &str) -> &str {
    let end = [" #", " ;", "\t#", "\t;"].iter().filter_map(|sign| text.find(sign)).min();
    text[..end.unwrap_or(text.len())].trim()
}

/// `name value`.
fn first_word(line: &str, ends: &[char]) -> Option<Setting> {
    let line = without_comment(line);
    let at = line.find(ends).unwrap_or(line.len());
    let (name, value) = line.split_at(at);
    let value = value.trim().trim_start_matches('(').trim_end_matches([')', ';', '{']).trim();
    let value = Some(value).filter(|value| !value.is_empty());
    let named = name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.!?".contains(c));
    (named && !name.is_empty()).then(|| Setting::new(name, value))
}

/// Directives of Apache, without those in the sections of other modules that serve.
fn prefork(text: &str) -> Vec<Setting> {
    let mut foreign = false;
    let mut kept = String::new();
    for line in text.lines().map(str::trim) {
        let low = line.to_ascii_lowercase();
        if low.starts_with("<ifmodule") {
            foreign = low.contains("worker") || low.contains("event") || low.contains('!');
        } else if low.starts_with("</ifmodule") {
            foreign = false;
        } else if !foreign && !line.starts_with('<') {
            kept += line;
            kept.push('\n');
        }
    }
    let mut settings = lines(&kept, "#", |line| first_word(line, &[' ', '\t']));
    limited(&mut settings);
    settings
}

/// `MaxRequestWorkers` is lowered to `ServerLimit` (256 if nothing is said; `prefork.c`,
/// `prefork_check_config`).
fn limited(settings: &mut Vec<Setting>) {
    let number = |names: &[&str]| {
        let is = |setting: &&Setting| names.iter().any(|n| setting.name.eq_ignore_ascii_case(n));
        let value = settings.iter().rev().find(is)?.value.as_deref()?;
        value.parse::<u64>().ok()
    };
    let most = number(&["ServerLimit"]);
    let workers = number(&["MaxRequestWorkers", "MaxClients"]);
    let (Some(most), workers) = (most.or(workers.map(|_| DEFAULT_LIMIT)), workers) else { return };
    if workers.unwrap_or(DEFAULT_LIMIT) > most {
        let most = most.max(1).to_string();
        let raw = "ServerLimit".to_owned();
        settings.push(Setting { raw, ..Setting::new("MaxRequestWorkers", Some(&most)) });
    }
}

/// `DEFAULT_SERVER_LIMIT` of `prefork.c`.
const DEFAULT_LIMIT: u64 = 256;

/// Passenger's settings in the configuration of nginx (`passenger_max_pool_size 6;`), of Apache
/// (`PassengerMaxPoolSize 6`) or in its own file (`"max_pool_size": 6`).
fn passenger(text: &str) -> Vec<Setting> {
    let read = |line: &str| {
        let line = line.trim_end_matches([',', ';']);
        let (name, value) = line.split_once(|c: char| c.is_whitespace() || c == ':')?;
        let raw = name.trim_matches('"');
        let name = raw.strip_prefix("passenger_").or(raw.strip_prefix("Passenger"));
        let value = value.trim().trim_matches(['"', ';', ':']).trim();
        let setting = Setting::new(name.unwrap_or(raw), Some(value));
        Some(Setting { raw: raw.to_owned(), ..setting })
    };
    lines(text, "#{}", read)
}

/// The attributes of the first `<Connector>` that speaks HTTP.
fn connector(text: &str) -> Vec<Setting> {
    let text = without_between(text, "<!--", "-->");
    let elements = text.match_indices("<Connector").map(|(at, sign)| {
        let rest = &text[at + sign.len()..];
        &rest[..rest.find('>').unwrap_or(rest.len())]
    });
    let attributes = |element: &str| {
        let mut found = Vec::new();
        let mut rest = element;
        while let Some((name, after)) = rest.split_once('=') {
            let after = after.trim_start();
            let Some(quote) = after.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
                break;
            };
            let Some((value, after)) = after[1..].split_once(quote) else { break };
            found.push(Setting::new(name.trim(), Some(value)));
            rest = after;
        }
        found
    };
    let http = |settings: &Vec<Setting>| {
        let ajp = |s: &Setting| s.name == "protocol" && s.value.as_deref().is_some_and(is_ajp);
        !settings.iter().any(ajp)
    };
    elements.map(attributes).find(http).unwrap_or_default()
}

fn is_ajp(protocol: &str) -> bool {
    protocol.to_ascii_lowercase().contains("ajp")
}

fn without_between(text: &str, begin: &str, end: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(begin) {
        kept += before;
        rest = after.split_once(end).map_or("", |(_, after)| after);
    }
    kept + rest
}

/// `const forks = 4;` and its kin: a variable whose name is that of a setting.
fn script(preset: &Preset, text: &str) -> Vec<Setting> {
    let read = |line: &str| {
        let line = line.split("//").next().unwrap_or_default();
        let begins = ["const ", "let ", "var "].iter().find_map(|word| line.strip_prefix(word));
        let (name, value) = begins?.split_once('=')?;
        let value = value.trim().trim_end_matches(';').trim();
        Some(Setting::new(name.trim(), Some(value)))
    };
    let known = |setting: &Setting| find(preset.words, &setting.name).is_some();
    let mut settings = lines(text, "/", read);
    if text.contains("SCHED_NONE") {
        settings.push(Setting::new("NODE_CLUSTER_SCHED_POLICY", Some("none")));
    }
    settings.into_iter().filter(known).collect()
}
