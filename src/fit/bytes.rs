//! Numbers, instants and fields out of bytes, without allocation; and bytes as text that is safe
//! on a terminal.

use memchr::memchr;

use super::record::LogStamp;

/// Nanoseconds in a second.
pub(crate) const SECOND: u64 = 1_000_000_000;
/// Nanoseconds in a millisecond.
pub(crate) const MILLISECOND: u64 = 1_000_000;
/// Nanoseconds in a microsecond.
pub(crate) const MICROSECOND: u64 = 1_000;

/// A whole number of at most 19 digits.
pub(crate) fn whole(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 19 {
        return None;
    }
    text.iter().try_fold(0_u64, |sum, byte| {
        byte.is_ascii_digit().then(|| sum * 10 + u64::from(byte - b'0'))
    })
}

/// A decimal of zero or more, in units of `unit` nanoseconds, as whole nanoseconds; what is finer
/// is cut off.
pub(crate) fn nanos(text: &[u8], unit: u64) -> Option<u64> {
    scaled(text, unit).map(|(nanos, _)| nanos)
}

/// As [`nanos`], and the step of the last digit.
fn scaled(text: &[u8], unit: u64) -> Option<(u64, u64)> {
    let (before, after) = match memchr(b'.', text) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, &b""[..]),
    };
    let Some(sum) = whole(before) else { return exponential(text, unit) };
    let mut sum = sum.checked_mul(unit)?;
    let mut step = unit;
    for byte in after {
        if !byte.is_ascii_digit() {
            return exponential(text, unit);
        }
        step /= 10;
        sum = sum.checked_add(u64::from(byte - b'0') * step)?;
    }
    Some((sum, step.max(1)))
}

/// Numbers such as `9.3e-05`.
fn exponential(text: &[u8], unit: u64) -> Option<(u64, u64)> {
    if !text.iter().any(|byte| matches!(byte, b'e' | b'E')) {
        return None;
    }
    let number: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    let nanos = number * unit as f64;
    ((0.0..9e18).contains(&nanos)).then_some((nanos as u64, 1))
}

/// A length of time with its unit behind it: `1.5ms`, `2m3.5s`, `12us`.
pub(crate) fn with_unit(text: &[u8]) -> Option<u64> {
    let mut rest = text;
    let mut sum = 0_u64;
    while !rest.is_empty() {
        let digits = rest.iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
        let letters = rest[digits..].iter().take_while(|b| !b.is_ascii_digit()).count();
        let unit = match &rest[digits..digits + letters] {
            b"h" => 3600 * SECOND,
            b"m" | b"min" => 60 * SECOND,
            b"s" | b"secs" => SECOND,
            b"ms" => MILLISECOND,
            b"us" | b"\xc2\xb5s" | b"\xce\xbcs" => MICROSECOND,
            b"ns" => 1,
            _ => return None,
        };
        sum = sum.checked_add(nanos(&rest[..digits], unit)?)?;
        rest = &rest[digits + letters..];
    }
    (!text.is_empty()).then_some(sum)
}

/// An instant: `23/Nov/2026:02:36:18 +0000`, `2026-11-23T02:36:18.123Z` (or with a blank), or
/// seconds since 1970 with or without a fraction; brackets around it are passed over. A time
/// without a zone is taken as UTC.
pub(crate) fn instant(text: &[u8]) -> Option<LogStamp> {
    let text = text.strip_prefix(b"[").unwrap_or(text);
    let text = text.strip_suffix(b"]").unwrap_or(text);
    match (text.get(2), text.get(4)) {
        (Some(b'/'), _) => common(text),
        (_, Some(b'-')) => iso(text),
        _ => epoch(text, SECOND),
    }
}

/// A number of units since 1970.
pub(crate) fn epoch(text: &[u8], unit: u64) -> Option<LogStamp> {
    let (nanos, step) = scaled(text, unit)?;
    Some(LogStamp { nanos: i64::try_from(nanos).ok()?, step })
}

const MONTHS: &[u8; 36] = b"JanFebMarAprMayJunJulAugSepOctNovDec";

/// The form of the Common Log Format.
fn common(text: &[u8]) -> Option<LogStamp> {
    let month = MONTHS.chunks(3).position(|name| Some(name) == text.get(3..6))? as i64 + 1;
    let (day, year) = (two(text, 0)?, whole(text.get(7..11)?)? as i64);
    let seconds = clock(text.get(12..20)?)?;
    let (fraction, step, rest) = fraction(&text[20..]);
    let seconds = days(year, month, day)? * 86_400 + seconds - zone(rest)?;
    stamp(seconds, fraction, step)
}

/// The form of ISO 8601.
fn iso(text: &[u8]) -> Option<LogStamp> {
    let (year, month) = (whole(text.get(..4)?)? as i64, two(text, 5)?);
    let day = two(text, 8)?;
    let seconds = clock(text.get(11..19)?)?;
    let (fraction, step, rest) = fraction(&text[19..]);
    let seconds = days(year, month, day)? * 86_400 + seconds - zone(rest)?;
    stamp(seconds, fraction, step)
}

fn stamp(seconds: i64, fraction: u64, step: u64) -> Option<LogStamp> {
    let nanos = seconds.checked_mul(SECOND as i64)?.checked_add(fraction as i64)?;
    Some(LogStamp { nanos, step })
}

/// Two digits.
fn two(text: &[u8], at: usize) -> Option<i64> {
    whole(text.get(at..at + 2)?).map(|number| number as i64)
}

/// `02:36:18` in seconds.
fn clock(text: &[u8]) -> Option<i64> {
    let (hour, minute, second) = (two(text, 0)?, two(text, 3)?, two(text, 6)?);
    (hour < 24 && minute < 60 && second <= 60).then_some(hour * 3600 + minute * 60 + second)
}

/// A fraction of a second behind a point or comma: nanoseconds, the step, and what follows.
fn fraction(text: &[u8]) -> (u64, u64, &[u8]) {
    let Some(digits) = text.strip_prefix(b".").or_else(|| text.strip_prefix(b",")) else {
        return (0, SECOND, text);
    };
    let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (mut sum, mut step) = (0, SECOND);
    for byte in digits[..count].iter().take(9) {
        step /= 10;
        sum += u64::from(byte - b'0') * step;
    }
    (sum, step, &digits[count..])
}

/// Seconds east of Greenwich: `Z`, `+02:00`, ` +0200`, or nothing.
fn zone(text: &[u8]) -> Option<i64> {
    let text = text.trim_ascii();
    let east = match text.first() {
        None | Some(b'Z' | b'z') => return Some(0),
        Some(b'+') => 1,
        Some(b'-') => -1,
        Some(_) => return None,
    };
    let minutes = if text.get(3) == Some(&b':') { two(text, 4) } else { two(text, 3) };
    Some(east * (two(text, 1)? * 3600 + minutes.unwrap_or(0) * 60))
}

/// Days from 1970-01-01 in the Gregorian calendar (Hinnant, "chrono-compatible low-level date
/// algorithms", `days_from_civil`).
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || !(1970..=2200).contains(&year) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// The method and the path of `GET /x?y=1 HTTP/1.1`; the query is left off.
pub(crate) fn request_line(text: &[u8]) -> (&[u8], &[u8]) {
    let Some(blank) = memchr(b' ', text) else { return (b"", b"") };
    let rest = &text[blank + 1..];
    let end = memchr(b' ', rest).unwrap_or(rest.len());
    (&text[..blank], path(&rest[..end]))
}

/// A path or address without its query, scheme and host.
pub(crate) fn path(text: &[u8]) -> &[u8] {
    let text = &text[..memchr(b'?', text).unwrap_or(text.len())];
    let Some(scheme) = memchr::memmem::find(text, b"://") else { return text };
    let rest = &text[scheme + 3..];
    memchr(b'/', rest).map_or(b"/", |slash| &rest[slash..])
}

/// Bytes as text that cannot steer a terminal: control, bidirectional and invisible characters
/// and what is not UTF-8 become `\u{...}` or `\x..`; longer text is cut.
pub fn shown(bytes: &[u8], longest: usize) -> String {
    let mut text = String::new();
    let mut count = 0;
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if count >= longest {
                text.push_str("...");
                return text;
            }
            count += 1;
            if is_plain(c) { text.push(c) } else { text.extend(c.escape_unicode()) }
        }
        chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
        count += chunk.invalid().len();
    }
    text
}

/// Whether a character is printed as itself and nothing else.
fn is_plain(c: char) -> bool {
    let steers = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{061c}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}');
    !c.is_control() && !steers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        for (text, unit, expected) in [
            ("0.501055", SECOND, Some(501_055_000)),
            ("501", MILLISECOND, Some(501_000_000)),
            ("501055", MICROSECOND, Some(501_055_000)),
            ("221.899000", MILLISECOND, Some(221_899_000)),
            ("9.3e-05", SECOND, Some(93_000)),
            ("-1", SECOND, None),
            ("-", SECOND, None),
            ("", SECOND, None),
            ("1.2.3", SECOND, None),
            ("99999999999999999999", SECOND, None),
        ] {
            assert_eq!(nanos(text.as_bytes(), unit), expected, "{text}");
        }
    }

    #[test]
    fn lengths_with_units_are_read() {
        for (text, expected) in [
            ("1.5ms", Some(1_500_000)),
            ("635.91us", Some(635_910)),
            ("1m0.5s", Some(60_500_000_000)),
            ("12\u{b5}s", Some(12_000)),
            ("12", None),
            ("", None),
        ] {
            assert_eq!(with_unit(text.as_bytes()), expected, "{text}");
        }
    }

    /// The seconds are those of `date -d ... +%s`.
    #[test]
    fn instants_are_read_in_every_form() {
        for (text, nanos, step) in [
            ("[23/Nov/2026:02:36:18 +0000]", 1_795_401_378_000_000_000, SECOND),
            ("23/Nov/2026:04:36:18 +0200", 1_795_401_378_000_000_000, SECOND),
            ("2026-11-23T02:36:18Z", 1_795_401_378_000_000_000, SECOND),
            ("2026-11-23T02:36:18.25+00:00", 1_795_401_378_250_000_000, SECOND / 100),
            ("2026-11-23 02:36:18,123", 1_795_401_378_123_000_000, MILLISECOND),
            ("1795401378.878", 1_795_401_378_878_000_000, MILLISECOND),
            ("2024-02-29T12:00:00Z", 1_709_208_000_000_000_000, SECOND),
        ] {
            assert_eq!(instant(text.as_bytes()), Some(LogStamp { nanos, step }), "{text}");
        }
        for text in ["", "-", "now", "23/Foo/2026:02:36:18 +0000", "2026-13-23T02:36:18Z", "2026-"]
        {
            assert_eq!(instant(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(shown(b"a\x1b[2Jb\xff", 80), "a\\u{1b}[2Jb\\xff");
        assert_eq!(shown("x\u{202e}y\r\n".as_bytes(), 80), "x\\u{202e}y\\u{d}\\u{a}");
        assert_eq!(shown(b"abcdef", 3), "abc...");
    }

    #[test]
    fn requests_are_split() {
        assert_eq!(request_line(b"GET /a?b=c HTTP/1.1"), (&b"GET"[..], &b"/a"[..]));
        assert_eq!(request_line(b"-"), (&b""[..], &b""[..]));
        assert_eq!(path(b"http://h:80/a/b?c"), b"/a/b");
        assert_eq!(path(b"https://h"), b"/");
    }
}
