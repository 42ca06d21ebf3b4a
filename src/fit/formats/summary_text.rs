//! Words and numbers out of what load generators print.

/// The word behind a text.
pub(crate) fn after<'t>(text: &'t str, front: &str) -> Option<&'t str> {
    let at = text.find(front)? + front.len();
    text[at..].split_whitespace().next()
}

/// The first number of a text; commas between thousands are passed over.
pub(crate) fn number(text: &str) -> Option<f64> {
    let word = text.split_whitespace().next()?;
    let digits = |c: char| c.is_ascii_digit() || c == '.';
    let end = word.find(|c: char| !digits(c) && c != ',').unwrap_or(word.len());
    word[..end].replace(',', "").parse().ok()
}

/// The first number behind a text.
pub(crate) fn number_after(text: &str, front: &str) -> Option<f64> {
    let at = text.find(front)? + front.len();
    number(&text[at..])
}

/// A length of time as printed, in seconds: `635.91us`, `1.2 secs`, `82 [ms]`.
pub(crate) fn seconds(text: &str) -> Option<f64> {
    let joined: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    crate::fit::bytes::with_unit(joined.as_bytes()).map(|nanos| nanos as f64 / 1e9)
}
