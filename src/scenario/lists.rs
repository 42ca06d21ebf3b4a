//! Lists: `1,4,12,32`, `1..32` (both ends in, as in Bash braces), `4..32..4`, and mixtures.

use super::raw_options::shown;
use crate::distribution::Rate;
use crate::model::Cores;
use crate::size::{Size, unit_at_end};

/// The most items of a list.
pub(crate) const MAX_ITEMS: usize = 10_000;

/// A list of whole numbers from 1 to `most`, without repetitions. `what` names the things.
///
/// # Errors
/// A sentence.
pub fn counts(text: &str, what: &str, most: u32) -> Result<Vec<u32>, String> {
    let one = |item: &str| count(item, what, most);
    items(text, what, |range| {
        let (first, last) = (one(range.first)?, one(range.last)?);
        let step = range.step.map_or(Ok(1), one)?;
        rising(range.text, first, last)?;
        let count = ((last - first) / step) as usize + 1;
        few(text, count)?;
        Ok((0..count).map(|i| first + i as u32 * step).collect())
    })
}

/// One whole number from 1 to `most`.
fn count(item: &str, what: &str, most: u32) -> Result<u32, String> {
    let text = shown(item);
    let digits = item.strip_prefix('-').unwrap_or(item);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!(
            "'{text}' is not a number of {what}: write a list such as 4 or 1,4,12 or 1..32 or 4..32..4"
        ));
    }
    match digits.parse::<u64>() {
        _ if item.starts_with('-') => Err(format!("'{text}' {what}: there must be at least 1")),
        Ok(0) => Err(format!("'{text}' {what}: there must be at least 1")),
        Ok(n) if n <= u64::from(most) => Ok(n as u32),
        _ => Err(format!("'{text}' {what} are too many: the most is {most}")),
    }
}

/// A list of cores: `8`, `1..16`, `500m,1,2`.
///
/// # Errors
/// A sentence.
pub fn cores(text: &str) -> Result<Vec<Cores>, String> {
    let read = |item: &str| -> Result<Cores, String> {
        let (long, short) = (format!("'{item}'"), format!("'{}'", shown(item)));
        item.parse::<Cores>().map_err(|error| error.to_string().replace(&long, &short))
    };
    items(text, "cores", |range| {
        let (first, last) = (read(range.first)?, read(range.last)?);
        let step = range.step.map_or(Ok(Cores::whole(1)), read)?;
        rising(range.text, first, last)?;
        let count = ((last.millicores() - first.millicores()) / step.millicores()) as usize + 1;
        few(text, count)?;
        (0..count as u32)
            .map(|i| Ok(format!("{}m", first.millicores() + i * step.millicores()).parse()?))
            .collect()
    })
}

/// A list of rates: `120/s`, `10/s,20/min`, `10,20/s`, `10..100..10/s` (a unit at the end serves
/// all before it that have none).
///
/// # Errors
/// A sentence.
pub fn rates(text: &str) -> Result<Vec<Rate>, String> {
    items(text, "rates", |range| {
        let unit_of = |text: &'_ str| text.rfind('/').map(|at| text[at..].to_owned());
        let unit = unit_of(range.text).or_else(|| unit_of(text)).unwrap_or_default();
        let read = |part: &str| -> Result<Rate, String> {
            let whole = if part.contains('/') { part.to_owned() } else { format!("{part}{unit}") };
            whole.parse::<Rate>().map_err(|error| error.to_string())
        };
        let (first, last) = (read(range.first)?, read(range.last)?);
        let (low, high) = (first.per_second(), last.per_second());
        if range.first == range.last && range.step.is_none() {
            return Ok(vec![first]);
        }
        let step = range.step.map_or_else(|| read("1"), read)?.per_second();
        rising(range.text, low, high)?;
        // A tiny step makes more items than a number can count.
        let count = ((high - low) / step + 1e-9) as usize;
        let count = count.saturating_add(1);
        few(text, count)?;
        let scale = unit_scale(&unit);
        let value = |i: usize| ((low + i as f64 * step) * scale * 1e9).round() / 1e9;
        (0..count).map(|i| read(&format!("{}{unit}", value(i)))).collect()
    })
}

/// A list of sizes: `512M`, `512M,1G,2G`, `1,2,4G`, `1..4G` (a unit at the end serves all before it
/// that have none; steps are of 1 of it if nothing else is said).
///
/// # Errors
/// A sentence.
pub fn sizes(text: &str) -> Result<Vec<Size>, String> {
    items(text, "sizes", |range| {
        let item = unit_of(range.text);
        let unit = if item.is_empty() { unit_of(text) } else { item };
        let read = |part: &str| -> Result<Size, String> {
            let bare = unit_at_end(part).is_empty();
            let whole = if bare { format!("{part}{unit}") } else { part.to_owned() };
            whole.parse::<Size>().map_err(|error| error.to_string())
        };
        let (first, last) = (read(range.first)?, read(range.last)?);
        if range.first == range.last && range.step.is_none() {
            return Ok(vec![first]);
        }
        let step = range.step.map_or_else(|| read("1"), read)?;
        rising(range.text, first, last)?;
        if step.is_zero() {
            return Err(format!("'{}' has steps of 0: write 1..4G..1G", shown(range.text)));
        }
        let count = (last.bytes() - first.bytes()) / step.bytes();
        let count = usize::try_from(count).unwrap_or(usize::MAX).saturating_add(1);
        few(text, count)?;
        Ok((0..count as u64).map(|i| Size::from_bytes(first.bytes() + i * step.bytes())).collect())
    })
}

/// The last unit in the last item of a list of sizes.
fn unit_of(text: &str) -> &str {
    let item = text.rsplit(',').next().unwrap_or_default();
    item.rsplit("..").map(unit_at_end).find(|unit| !unit.is_empty()).unwrap_or_default()
}

/// A list of words.
///
/// # Errors
/// A sentence.
pub(crate) fn words<T: PartialEq, E: Into<String>>(
    text: &str,
    what: &str,
    read: impl Fn(&str) -> Result<T, E>,
) -> Result<Vec<T>, String> {
    items(text, what, |item| read(item.text).map(|value| vec![value]).map_err(E::into))
}

/// How many of a unit's times make a second's rate.
fn unit_scale(unit: &str) -> f64 {
    match unit {
        "/min" | "/m" => 60.0,
        "/h" => 3600.0,
        _ => 1.0,
    }
}

/// One item: a range, or a value as the range from itself to itself.
struct RangeText<'a> {
    text: &'a str,
    first: &'a str,
    last: &'a str,
    step: Option<&'a str>,
}

fn items<T: PartialEq>(
    text: &str,
    what: &str,
    read: impl Fn(RangeText<'_>) -> Result<Vec<T>, String>,
) -> Result<Vec<T>, String> {
    if text.trim().is_empty() {
        return Err(format!(
            "the list of {what} is empty: write at least one, such as 4 or 1,4,12"
        ));
    }
    let mut all: Vec<T> = Vec::new();
    let mut count = 0;
    for item in text.split(',').map(str::trim) {
        if item.is_empty() {
            let text = shown(text);
            return Err(format!("'{text}' has an empty place between its commas: fill or drop it"));
        }
        let parts: Vec<&str> = item.split("..").collect();
        let range = match parts[..] {
            [one] => RangeText { text: item, first: one, last: one, step: None },
            [first, last] => RangeText { text: item, first, last, step: None },
            [first, last, step] => RangeText { text: item, first, last, step: Some(step) },
            _ => return Err(format!("'{}' is not a range: write 1..32 or 4..32..4", shown(item))),
        };
        let values = read(range)?;
        // Repetitions count: looking for them takes time.
        count += values.len();
        few(text, count)?;
        for value in values {
            if !all.contains(&value) {
                all.push(value);
            }
        }
    }
    Ok(all)
}

fn rising<T: PartialOrd>(text: &str, first: T, last: T) -> Result<(), String> {
    if first <= last {
        return Ok(());
    }
    let turned: Vec<&str> = text.split("..").collect();
    let mended = match turned[..] {
        [a, b, step] => format!("{b}..{a}..{step}"),
        [a, b] => format!("{b}..{a}"),
        _ => "1..5".to_owned(),
    };
    Err(format!("'{}' counts down: write {}", shown(text), shown(&mended)))
}

fn few(text: &str, count: usize) -> Result<(), String> {
    if count <= MAX_ITEMS {
        return Ok(());
    }
    let text = shown(text);
    let count = if count == usize::MAX { "countless".to_owned() } else { count.to_string() };
    Err(format!("'{text}' has {count} items: a list has at most {MAX_ITEMS}; use a larger step"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read() {
        for (text, expect) in [
            ("4", vec![4]),
            ("1,4,12,32", vec![1, 4, 12, 32]),
            ("1..5", vec![1, 2, 3, 4, 5]),
            ("4..32..4", vec![4, 8, 12, 16, 20, 24, 28, 32]),
            ("1..10..4", vec![1, 5, 9]),
            ("1, 2..3, 2", vec![1, 2, 3]),
        ] {
            assert_eq!(counts(text, "workers", 1_000), Ok(expect), "{text}");
        }
    }

    #[test]
    fn what_is_no_list_is_refused_with_a_sentence() {
        for (text, part) in [
            ("0", "at least 1"),
            ("-3", "at least 1"),
            ("1e9", "not a number of workers"),
            ("", "is empty"),
            ("1,,2", "empty place"),
            ("5..1", "counts down: write 1..5"),
            ("5..1..2", "counts down: write 1..5..2"),
            ("1..2..3..4", "not a range"),
            ("1..", "not a number"),
            ("2000", "too many"),
            ("1..1000..0", "at least 1"),
        ] {
            let error = counts(text, "workers", 1_000).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
        assert!(counts("1..1000000", "clients", 10_000_000).unwrap_err().contains("1000000 items"));
    }

    #[test]
    fn cores_and_rates_are_read() {
        let millicores =
            |text| cores(text).unwrap().iter().map(|c| c.millicores()).collect::<Vec<_>>();
        assert_eq!(millicores("500m,1..3"), [500, 1000, 2000, 3000]);
        assert_eq!(millicores("0.5..2..0.5"), [500, 1000, 1500, 2000]);
        let per_second =
            |text| rates(text).unwrap().into_iter().map(Rate::per_second).collect::<Vec<_>>();
        assert_eq!(per_second("120/s,5/s"), [120.0, 5.0]);
        assert_eq!(per_second("10..30..10/s"), [10.0, 20.0, 30.0]);
        assert_eq!(per_second("60,120/min"), [1.0, 2.0]);
        assert_eq!(per_second("0.1/s..0.3/s..0.1/s"), [0.1, 0.2, 0.3]);
        assert!(rates("1..99..1e-300/s").unwrap_err().contains("countless items"));
        assert!(rates("20/s,1..99..1e-17/s").unwrap_err().contains("items"));
        assert!(rates("30..10/s").is_err());
        assert!(rates("30").is_err());
    }

    #[test]
    fn sizes_are_read() {
        let mebibytes = |text| {
            let list = sizes(text).unwrap();
            list.iter().map(|size| size.bytes() as f64 / 1_048_576.0).collect::<Vec<_>>()
        };
        assert_eq!(mebibytes("512M"), [512.0]);
        assert_eq!(mebibytes("512M,1G,1G"), [512.0, 1024.0]);
        assert_eq!(mebibytes("1,2,4G"), [1024.0, 2048.0, 4096.0]);
        assert_eq!(mebibytes("1..3G"), [1024.0, 2048.0, 3072.0]);
        assert_eq!(mebibytes("1..2..0.5G"), [1024.0, 1536.0, 2048.0]);
        assert_eq!(mebibytes("1,2..4G..1"), [1024.0, 2048.0, 3072.0, 4096.0]);
        assert_eq!(mebibytes("512M..1G..256M"), [512.0, 768.0, 1024.0]);
        for (text, part) in [
            ("512", "has no unit"),
            ("1,2", "has no unit"),
            ("4..1G", "counts down: write 1G..4"),
            ("1..4G..0", "steps of 0"),
            ("1..1024G..1K", "items"),
            ("1G,,2G", "empty place"),
            ("", "is empty"),
        ] {
            let error = sizes(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn rates_need_a_unit() {
        assert!(rates("30").is_err());
    }
}
