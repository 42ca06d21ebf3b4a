//! Small helpers for text: plain numbers, shortened quotes, lists of words.

/// A plain decimal; `None` for `inf`, `nan` and anything too large for a float.
pub(super) fn decimal(text: &str) -> Option<f64> {
    let plain = |b: u8| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E');
    let value: f64 = if text.bytes().all(plain) { text.parse().ok()? } else { return None };
    value.is_finite().then_some(value)
}

/// `text`, or its beginning where it is too long to be shown.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// `a`, `a and b`, `a, b and c`; `nothing` for none.
pub(super) fn listed(words: &[&str], last: &str) -> String {
    match words {
        [] => "nothing".to_owned(),
        [one] => (*one).to_owned(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}
