//! The pieces that distributions and arrivals are written in: names with arguments, numbers, times,
//! quotes.

use super::error::DistributionError;
use super::text::{decimal, shown};
use crate::time::Span;

/// The error of a text that is no distribution.
pub(super) fn syntax(text: &str, problem: impl Into<String>) -> DistributionError {
    DistributionError::Syntax { text: shown(text), problem: problem.into() }
}

/// `text` behind `word`, whatever the case.
pub(super) fn strip_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let head = text.get(..word.len())?;
    head.eq_ignore_ascii_case(word).then(|| &text[word.len()..])
}

/// Places of `wanted` outside all parentheses and quotes.
pub(super) fn top_level(text: &str, wanted: char) -> Vec<usize> {
    let (mut depth, mut quoted, mut found) = (0i64, false, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            _ if quoted => {}
            _ if c == wanted && depth == 0 => found.push(at),
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
    }
    found
}

/// `name(a,b)`, or `name:a,b` for a shell, into the name, in lower case, and the arguments; `None`
/// where nothing opens.
pub(super) fn call(text: &str) -> Result<Option<(String, Vec<&str>)>, DistributionError> {
    if let Some((name, inner)) = text.split_once(':')
        && !name.is_empty()
        && name.trim().bytes().all(|byte| byte.is_ascii_alphabetic())
    {
        return Ok(Some((name.trim().to_ascii_lowercase(), split_arguments(inner))));
    }
    let Some(open) = text.find('(') else {
        return Ok(None);
    };
    let name = text[..open].trim().to_ascii_lowercase();
    let inner = &text[open + 1..];
    let Some(&close) = top_level(inner, ')').first() else {
        return Err(syntax(text, "is not closed: a ')' is missing"));
    };
    let rest = inner[close + 1..].trim();
    if !rest.is_empty() {
        return Err(syntax(text, format!("has '{}' after its ')'", shown(rest))));
    }
    Ok(Some((name, split_arguments(&inner[..close]))))
}

/// Arguments at commas; none at all in `()`.
fn split_arguments(inner: &str) -> Vec<&str> {
    let mut start = 0;
    let mut arguments = Vec::new();
    for at in top_level(inner, ',').into_iter().chain([inner.len()]) {
        arguments.push(inner[start..at].trim());
        start = at + 1;
    }
    if arguments == [""] { Vec::new() } else { arguments }
}

/// Text without its quotes; a doubled quote inside is one.
pub(super) fn unquoted(text: &str) -> String {
    let text = text.trim();
    match text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => text.to_owned(),
    }
}

/// A length of time at a named place.
pub(super) fn span(place: &str, text: &str) -> Result<Span, DistributionError> {
    text.parse().map_err(|source| DistributionError::Time { place: place.to_owned(), source })
}

/// A plain decimal at a named place; no `inf`, no `nan`, nothing too large for a float.
pub(super) fn number(
    place: &str,
    text: &str,
    example: &'static str,
) -> Result<f64, DistributionError> {
    decimal(text).ok_or_else(|| DistributionError::Number {
        place: place.to_owned(),
        text: shown(text),
        example,
    })
}

/// A whole number at a named place.
pub(super) fn whole(place: &str, text: &str) -> Result<u32, DistributionError> {
    text.parse().map_err(|_| DistributionError::Number {
        place: place.to_owned(),
        text: shown(text),
        example: "3 (it is a whole number from 1 to 1000000)",
    })
}
