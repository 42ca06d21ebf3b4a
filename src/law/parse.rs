//! From text to law. The parser opens no file: whoever calls it hands in a [`Loader`].

use std::str::FromStr;
use std::sync::Arc;

use super::error::{LawError, listed, shown};
use super::words::{self, Known};
use super::{Law, Level, LogNormalBy, ParetoBy, Percentile, Point, Samples, WeibullBy, Weights};
use crate::time::Span;

/// Fetches measured values: from the path and the column as written, or a sentence why not.
pub type Loader<'a> = dyn Fn(&str, Option<&str>) -> Result<Vec<Span>, String> + 'a;

/// How deep laws may stand in one another.
const DEEPEST: usize = 16;

impl FromStr for Law {
    type Err = LawError;

    /// Reads a law that needs no file; `samples:` is refused.
    fn from_str(text: &str) -> Result<Law, LawError> {
        Law::parse_with(text, &|_, _| {
            Err("no file can be read here; write another law, such as quantiles(...)".to_owned())
        })
    }
}

impl Law {
    /// Reads a law; `load` fetches the values of `samples:FILE#column`.
    ///
    /// # Errors
    /// A sentence that says what was read, what was expected and how to mend it.
    pub fn parse_with(text: &str, load: &Loader) -> Result<Law, LawError> {
        law(text, load, 0)
    }
}

/// A law that may have a shift.
fn law(text: &str, load: &Loader, depth: usize) -> Result<Law, LawError> {
    if depth > DEEPEST {
        return Err(LawError::TooDeep(DEEPEST));
    }
    let text = text.trim();
    let (base, shift) = split_shift(text)?;
    let law = unshifted(base, load, depth)?;
    let law = match shift {
        None => law,
        Some(shift) => Law::Shifted(Box::new(law), span("what is added", shift)?),
    };
    law.check()?;
    Ok(law)
}

/// A law without a shift.
fn unshifted(text: &str, load: &Loader, depth: usize) -> Result<Law, LawError> {
    if let Some(source) = strip_word(text, "samples:") {
        return samples(source, load);
    }
    if let Some((name, arguments)) = call(text)? {
        return function(name, arguments, load, depth);
    }
    match text.chars().next() {
        Some(c) if c.is_alphabetic() => Err(bare_word(text)),
        _ => Ok(Law::Constant(text.parse()?)),
    }
}

/// What to say of a word that stands alone.
fn bare_word(text: &str) -> LawError {
    let name = text.to_ascii_lowercase();
    let form = match name.as_str() {
        "mix" => words::MIX_FORM,
        "quantiles" => words::QUANTILES_FORM,
        "samples" => "samples:FILE.csv#column",
        _ => match words::known(&name) {
            Some(known) => known.form,
            None => return unknown(text),
        },
    };
    syntax(text, format!("lacks its parameters: write {form}"))
}

fn unknown(word: &str) -> LawError {
    LawError::Unknown {
        word: shown(word),
        hint: words::nearest(word, &words::LAW_NAMES),
        known: format!("a constant such as 3s, or {}", listed(&words::LAW_NAMES, "or")),
    }
}

pub(super) fn syntax(text: &str, problem: impl Into<String>) -> LawError {
    LawError::Syntax { text: shown(text), problem: problem.into() }
}

/// `text` behind `word`, whatever the case.
fn strip_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let head = text.get(..word.len())?;
    head.eq_ignore_ascii_case(word).then(|| &text[word.len()..])
}

/// Places of `wanted` outside all parentheses and quotes.
fn top_level(text: &str, wanted: char) -> Vec<usize> {
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

/// `exp(1s) + 5ms` into the law and what is added. A sign in an exponent (`1e+3s`) is no sum.
fn split_shift(text: &str) -> Result<(&str, Option<&str>), LawError> {
    let signs: Vec<usize> = top_level(text, '+')
        .into_iter()
        .filter(|at| *at > 0 && !in_exponent(text.as_bytes(), *at))
        .collect();
    let of_samples = strip_word(text, "samples:").is_some();
    match (signs.as_slice(), signs.last()) {
        // a file's name may hold a plus
        (_, Some(at)) if of_samples && text[at + 1..].parse::<Span>().is_err() => Ok((text, None)),
        (_, None) => Ok((text, None)),
        ([_, _, ..], _) if !of_samples => {
            Err(syntax(text, "adds more than once: add it up, as in exp(20ms) + 5ms"))
        }
        (_, Some(at)) => Ok((text[..*at].trim_end(), Some(text[at + 1..].trim()))),
    }
}

fn in_exponent(bytes: &[u8], sign: usize) -> bool {
    sign >= 2
        && matches!(bytes[sign - 1], b'e' | b'E')
        && matches!(bytes[sign - 2], b'0'..=b'9' | b'.')
}

/// `name(a,b)` into the name, in lower case, and the arguments; `None` where nothing opens.
pub(super) fn call(text: &str) -> Result<Option<(String, Vec<&str>)>, LawError> {
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
        return Err(syntax(text, format!("goes on with '{}' behind its ')'", shown(rest))));
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

/// A law with arguments.
fn function(
    name: String,
    arguments: Vec<&str>,
    load: &Loader,
    depth: usize,
) -> Result<Law, LawError> {
    match name.as_str() {
        "mix" => return mix(&arguments, load, depth),
        "quantiles" => return quantiles(&arguments),
        _ => {}
    }
    let Some(known) = words::known(&name) else {
        return Err(unknown(&name));
    };
    let args = Arguments::read(known, &arguments)?;
    match known.name {
        "const" => args.only(&["value"]).and_then(|()| Ok(Law::Constant(args.span("value")?))),
        "exp" => {
            args.only(&["mean"]).and_then(|()| Ok(Law::Exponential { mean: args.span("mean")? }))
        }
        "uniform" => args
            .only(&["min", "max"])
            .and_then(|()| Ok(Law::Uniform { min: args.span("min")?, max: args.span("max")? })),
        "erlang" => args
            .only(&["mean", "k"])
            .and_then(|()| Ok(Law::Erlang { mean: args.span("mean")?, k: args.whole("k")? })),
        "gamma" => args
            .only(&["mean", "cv"])
            .and_then(|()| Ok(Law::Gamma { mean: args.span("mean")?, cv: args.number("cv")? })),
        "hyperexp" => args.only(&["mean", "cv"]).and_then(|()| {
            Ok(Law::HyperExponential { mean: args.span("mean")?, cv: args.number("cv")? })
        }),
        "lognormal" => log_normal(&args).map(Law::LogNormal),
        "weibull" => weibull(&args).map(Law::Weibull),
        _ => pareto(&args).map(Law::Pareto),
    }
}

fn log_normal(args: &Arguments) -> Result<LogNormalBy, LawError> {
    match args.names().as_slice() {
        ["mean", "cv"] => {
            Ok(LogNormalBy::MeanCv { mean: args.span("mean")?, cv: args.number("cv")? })
        }
        ["median", "p90" | "p95" | "p99"] => {
            Ok(LogNormalBy::MedianTail { median: args.span("median")?, tail: args.tail()? })
        }
        ["mean", "p90" | "p95" | "p99"] => {
            Ok(LogNormalBy::MeanTail { mean: args.span("mean")?, tail: args.tail()? })
        }
        _ => Err(args.wrong_set()),
    }
}

fn weibull(args: &Arguments) -> Result<WeibullBy, LawError> {
    match args.names().as_slice() {
        ["mean", "shape"] => {
            Ok(WeibullBy::MeanShape { mean: args.span("mean")?, shape: args.number("shape")? })
        }
        ["mean", "cv"] => {
            Ok(WeibullBy::MeanCv { mean: args.span("mean")?, cv: args.number("cv")? })
        }
        ["median", "p90" | "p95" | "p99"] => {
            Ok(WeibullBy::MedianTail { median: args.span("median")?, tail: args.tail()? })
        }
        _ => Err(args.wrong_set()),
    }
}

fn pareto(args: &Arguments) -> Result<ParetoBy, LawError> {
    match args.names().as_slice() {
        ["mean", "alpha"] => {
            Ok(ParetoBy::MeanAlpha { mean: args.span("mean")?, alpha: args.number("alpha")? })
        }
        ["min", "alpha"] => {
            Ok(ParetoBy::MinAlpha { min: args.span("min")?, alpha: args.number("alpha")? })
        }
        ["min", "alpha", "max"] => Ok(ParetoBy::Bounded {
            min: args.span("min")?,
            alpha: args.number("alpha")?,
            max: args.span("max")?,
        }),
        _ => Err(args.wrong_set()),
    }
}

/// `weight:law` parts.
fn mix(arguments: &[&str], load: &Loader, depth: usize) -> Result<Law, LawError> {
    let wrong =
        |problem: String| LawError::Parameters { law: "mix", problem, form: words::MIX_FORM };
    let mut parts = Vec::new();
    let mut kinds = Vec::new();
    for argument in arguments {
        let Some((weight, text)) = argument.split_once(':') else {
            return Err(wrong(format!("has a part '{}' without weight", shown(argument))));
        };
        let weight = weight.trim();
        let (digits, kind) = match weight.strip_suffix('%') {
            Some(digits) => (digits.trim_end(), Weights::Percent),
            None => (weight, Weights::Relative),
        };
        kinds.push(kind);
        parts.push((number("weight in mix", digits, "90% or 9")?, law(text, load, depth + 1)?));
    }
    let Some(&weights) = kinds.first() else {
        return Err(wrong("mixes nothing".to_owned()));
    };
    if kinds.iter().any(|kind| *kind != weights) {
        return Err(wrong("has weights with % and weights without".to_owned()));
    }
    Ok(Law::Mix { weights, parts })
}

/// `p50=20ms` points, in the order written.
fn quantiles(arguments: &[&str]) -> Result<Law, LawError> {
    let wrong = |problem: String| LawError::Parameters {
        law: "quantiles",
        problem,
        form: words::QUANTILES_FORM,
    };
    let mut points = Vec::new();
    for argument in arguments {
        let Some((name, value)) = argument.split_once('=') else {
            return Err(wrong(format!("has a point '{}' without '='", shown(argument))));
        };
        let name = name.trim().to_ascii_lowercase();
        let Some(percent) = percentage(&name) else {
            return Err(wrong(format!(
                "has a point '{}'; points are min, p50, p99.9 (or p999) and max",
                shown(&name)
            )));
        };
        let value = span(&format!("{name} of quantiles"), value.trim())?;
        points.push(Point { percent, value });
    }
    Ok(Law::Quantiles(points))
}

/// `min`, `max`, `p50`, `p99.9`; three and more digits that begin with 9 have their point behind
/// the second (`p999` is 99.9 %), as people write it.
fn percentage(name: &str) -> Option<f64> {
    match name {
        "min" => return Some(0.0),
        "max" => return Some(100.0),
        _ => {}
    }
    let digits = name.strip_prefix('p')?;
    let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let written = match digits {
        _ if !plain => return None,
        _ if digits.contains('.') || digits.len() <= 2 => digits.to_owned(),
        _ if digits.starts_with('9') => format!("{}.{}", &digits[..2], &digits[2..]),
        _ => return None,
    };
    let percent: f64 = written.parse().ok()?;
    (percent > 0.0 && percent < 100.0).then_some(percent)
}

/// `FILE#column`, either of them in quotes where it holds signs of the grammar.
fn samples(text: &str, load: &Loader) -> Result<Law, LawError> {
    let (path, column) = match top_level(text, '#').first() {
        Some(&at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let (path, column) = (unquoted(path), column.map(unquoted));
    if path.is_empty() || column.as_deref() == Some("") {
        let problem = "names no file or no column: write samples:FILE.csv#column";
        return Err(syntax(&format!("samples:{text}"), problem));
    }
    let refuse = |reason| LawError::Samples { path: shown(&path), reason };
    let mut values = load(&path, column.as_deref()).map_err(refuse)?;
    values.sort_unstable();
    Ok(Law::Samples(Samples { path, column, values: Arc::from(values) }))
}

/// Text without its quotes; a doubled quote inside is one.
fn unquoted(text: &str) -> String {
    let text = text.trim();
    match text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => text.to_owned(),
    }
}

/// A length of time at a named place.
pub(super) fn span(place: &str, text: &str) -> Result<Span, LawError> {
    text.parse().map_err(|source| LawError::Time { place: place.to_owned(), source })
}

/// A plain decimal at a named place; no `inf`, no `nan`, nothing too large for a float.
pub(super) fn number(place: &str, text: &str, example: &'static str) -> Result<f64, LawError> {
    let decimal = |b: u8| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E');
    let value = if text.bytes().all(decimal) { text.parse().ok() } else { None };
    value.filter(|value: &f64| value.is_finite()).ok_or_else(|| LawError::Number {
        place: place.to_owned(),
        text: shown(text),
        example,
    })
}

/// The arguments of one law, by name.
pub(super) struct Arguments<'t> {
    known: &'static Known,
    values: Vec<(&'static str, &'t str)>,
}

impl<'t> Arguments<'t> {
    /// Gives each argument its name, and refuses those that are unknown or doubled.
    pub(super) fn read(known: &'static Known, raw: &[&'t str]) -> Result<Self, LawError> {
        let mut read = Arguments { known, values: Vec::new() };
        for (place, text) in raw.iter().enumerate() {
            let (name, value) = match text.split_once('=') {
                Some((name, value)) => (read.name_of(name.trim())?, value.trim()),
                None => (read.name_at(place, text)?, *text),
            };
            if read.values.iter().any(|(other, _)| *other == name) {
                return Err(read.wrong(format!("has {name} twice")));
            }
            read.values.push((name, value));
        }
        Ok(read)
    }

    fn name_of(&self, written: &str) -> Result<&'static str, LawError> {
        let lower = written.to_ascii_lowercase();
        match self.known.named.iter().find(|name| **name == lower) {
            Some(name) => Ok(name),
            None => {
                let hint = words::did_you_mean(&words::nearest(&lower, self.known.named));
                Err(self.wrong(format!("has no parameter '{}'{hint}", shown(written))))
            }
        }
    }

    fn name_at(&self, place: usize, text: &str) -> Result<&'static str, LawError> {
        self.known
            .positional
            .get(place)
            .copied()
            .ok_or_else(|| self.wrong(format!("has a value '{}' without a name", shown(text))))
    }

    fn wrong(&self, problem: String) -> LawError {
        LawError::Parameters { law: self.known.name, problem, form: self.known.form }
    }

    /// The names that were given, in the order of the table.
    pub(super) fn names(&self) -> Vec<&'static str> {
        let given = |name: &&&str| self.values.iter().any(|(other, _)| other == *name);
        self.known.named.iter().filter(given).copied().collect()
    }

    /// Refuses any other set of names than `expected`.
    fn only(&self, expected: &[&str]) -> Result<(), LawError> {
        if self.names() == expected { Ok(()) } else { Err(self.wrong_set()) }
    }

    /// The parameters given do not tell the law.
    pub(super) fn wrong_set(&self) -> LawError {
        self.wrong(format!("cannot be told by {}", listed(&self.names(), "and")))
    }

    fn value(&self, name: &str) -> &'t str {
        self.values.iter().find(|(other, _)| *other == name).map_or("", |(_, value)| value)
    }

    fn place(&self, name: &str) -> String {
        format!("{name} of {}", self.known.name)
    }

    pub(super) fn span(&self, name: &str) -> Result<Span, LawError> {
        span(&self.place(name), self.value(name))
    }

    pub(super) fn number(&self, name: &str) -> Result<f64, LawError> {
        number(&self.place(name), self.value(name), "2 or 0.5")
    }

    pub(super) fn whole(&self, name: &str) -> Result<u32, LawError> {
        whole(&self.place(name), self.value(name))
    }

    /// The one percentile among the names.
    fn tail(&self) -> Result<Percentile, LawError> {
        let level = [Level::P90, Level::P95, Level::P99]
            .into_iter()
            .find(|level| !self.value(level.name()).is_empty())
            .unwrap_or(Level::P99);
        Ok(Percentile { level, value: self.span(level.name())? })
    }
}

/// A whole number at a named place.
pub(super) fn whole(place: &str, text: &str) -> Result<u32, LawError> {
    text.parse().map_err(|_| LawError::Number {
        place: place.to_owned(),
        text: shown(text),
        example: "3 (it is a whole number from 1 to 1000000)",
    })
}
