//! Which server results are of, which of its defaults were taken, what was read of its
//! configuration, and what of it is not modelled: in words, as comments of a CSV, as JSON.

use serde_json::{Value, json};

use super::Origin;
use crate::servers::PresetUse;

/// In words, as the beginning of a table; empty where no server was named.
pub(crate) fn header(uses: &[PresetUse]) -> Vec<String> {
    uses.iter().map(|one| format!("{}{}", begin(one), told(one))).collect()
}

fn begin(one: &PresetUse) -> String {
    match &one.case {
        Some(case) if case != one.preset.word => format!("{case}: {}", one.preset.title),
        _ => one.preset.title.to_owned(),
    }
}

fn told(one: &PresetUse) -> String {
    let mut read: Vec<String> = one.read.iter().map(|(own, ..)| own.clone()).collect();
    read.dedup();
    let own = one.taken.iter().filter(|default| !default.own.is_empty());
    let own: Vec<String> =
        own.map(|default| format!("{} {}", default.own, default.value)).collect();
    let mut text = String::new();
    if !read.is_empty() {
        text += &format!(" with {}", read.join(", "));
    }
    if !own.is_empty() {
        let joined = if read.is_empty() { " with its" } else { ", and its" };
        let default = if own.len() == 1 { "default" } else { "defaults" };
        text += &format!("{joined} {default} {}", own.join(", "));
    }
    text + "."
}

/// What is not modelled of the servers; nothing if no server was named.
pub(crate) fn left_out(uses: &[PresetUse]) -> Option<String> {
    let mut sentences: Vec<String> = Vec::new();
    for one in uses {
        let parts = one.not_modelled();
        let whose = if uses.len() > 1 { format!("of {}", one.preset.title) } else { String::new() };
        let sentence = format!("Not modelled{}: {}.", prefixed(&whose), parts.join("; "));
        if !sentences.contains(&sentence) {
            sentences.push(sentence);
        }
    }
    let text = sentences.join(" ");
    (!text.is_empty()).then_some(text)
}

fn prefixed(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" {text}") }
}

/// As comments of a CSV.
pub(super) fn comments(origin: &Origin) -> String {
    let one_line = |text: &str| text.replace(['\n', '\r'], " ");
    let mut text = String::new();
    for one in &origin.servers {
        let case = one.case.as_ref().map(|case| format!(" (case {case})")).unwrap_or_default();
        let taken: Vec<String> =
            one.taken.iter().map(|d| format!("{}={}", d.option, d.value)).collect();
        let read: Vec<String> = one
            .read
            .iter()
            .map(|(own, option, value)| format!("{option}={value} ({own})"))
            .collect();
        text += &one_line(&format!(
            "# server{case}: {}; defaults: {}; read: {}",
            one.preset.word,
            list(&taken),
            list(&read)
        ));
        text.push('\n');
    }
    if let Some(left_out) = left_out(&origin.servers) {
        text += &one_line(&format!("# {}{}", left_out[..1].to_lowercase(), &left_out[1..]));
        text.push('\n');
    }
    text
}

fn list(items: &[String]) -> String {
    if items.is_empty() { "none".to_owned() } else { items.join(" ") }
}

/// As JSON, one object a server.
pub(super) fn json(uses: &[PresetUse]) -> Value {
    let setting = |option: &str, value: &str, own: &str| json!({ "option": option, "value": value, "own": own });
    let one = |one: &PresetUse| {
        let defaults = one.taken.iter().map(|d| setting(d.option, d.value, d.own));
        let read = one.read.iter().map(|(own, option, value)| setting(option, value, own));
        let (defaults, read): (Vec<Value>, Vec<Value>) = (defaults.collect(), read.collect());
        json!({
            "server": one.preset.word,
            "case": one.case,
            "defaults": defaults,
            "read": read,
            "not_modelled": one.not_modelled(),
        })
    };
    Value::Array(uses.iter().map(one).collect())
}
