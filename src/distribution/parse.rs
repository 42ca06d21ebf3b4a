//! From text to distribution. The parser opens no file: a request that calls it hands in a [`Loader`].

use std::str::FromStr;
use std::sync::Arc;

use super::arguments::Arguments;
use super::catalogue;
use super::error::DistributionError;
use super::syntax::{call, number, span, strip_word, syntax, top_level, unquoted};
use super::text::{listed, shown};
use super::{Distribution, LogNormalBy, ParetoBy, Point, SampleUnit, Samples, WeibullBy, Weights};
use crate::time::{ParseSpanError, Span};

/// Fetches measured values: from the path, the column and the unit as written, or a sentence why not.
pub(crate) type Loader<'a> =
    dyn Fn(&str, Option<&str>, Option<SampleUnit>) -> Result<Vec<Span>, String> + 'a;

/// How deep distributions may stand in one another.
const DEEPEST: usize = 16;

impl FromStr for Distribution {
    type Err = DistributionError;

    /// Reads a distribution that needs no file; `samples:` is refused.
    fn from_str(text: &str) -> Result<Distribution, DistributionError> {
        Distribution::parse_with(text, &|_, _, _| {
            Err("no file can be read here; write another distribution, such as quantiles(...)"
                .to_owned())
        })
    }
}

impl Distribution {
    /// Reads a distribution; `load` fetches the values of `samples:FILE#column`.
    ///
    /// # Errors
    /// A sentence that says what was read, what was expected and how to mend it.
    pub(crate) fn parse_with(text: &str, load: &Loader) -> Result<Distribution, DistributionError> {
        distribution(text, load, 0)
    }
}

/// A distribution that may have a shift.
fn distribution(
    text: &str,
    load: &Loader,
    depth: usize,
) -> Result<Distribution, DistributionError> {
    if depth > DEEPEST {
        return Err(DistributionError::TooDeep(DEEPEST));
    }
    let text = text.trim();
    let (base, shift) = split_shift(text)?;
    let distribution = unshifted(base, load, depth)?;
    let distribution = match shift {
        None => distribution,
        Some(shift) => Distribution::Shifted(Box::new(distribution), span("what is added", shift)?),
    };
    distribution.check()?;
    Ok(distribution)
}

/// A distribution without a shift.
fn unshifted(text: &str, load: &Loader, depth: usize) -> Result<Distribution, DistributionError> {
    if let Some(source) = strip_word(text, "samples:") {
        return samples(source, load);
    }
    if let Some((name, arguments)) = call(text)? {
        return function(name, arguments, load, depth);
    }
    match text.chars().next() {
        Some(c) if c.is_alphabetic() => Err(bare_word(text)),
        _ => Ok(Distribution::Constant(text.parse()?)),
    }
}

/// What to say of a word that stands alone.
fn bare_word(text: &str) -> DistributionError {
    let name = text.to_ascii_lowercase();
    let form = match name.as_str() {
        "mix" => catalogue::MIX_FORM,
        "quantiles" => catalogue::QUANTILES_FORM,
        "samples" => "samples:FILE.csv#column",
        _ => match catalogue::known(&name) {
            Some(known) => known.form,
            None => return unknown(text),
        },
    };
    syntax(text, format!("lacks its parameters: write {form}"))
}

fn unknown(word: &str) -> DistributionError {
    DistributionError::Unknown {
        word: shown(word),
        hint: catalogue::nearest(word, &catalogue::DISTRIBUTION_NAMES),
        known: format!(
            "a constant such as 3s, or {}",
            listed(&catalogue::DISTRIBUTION_NAMES, "or")
        ),
    }
}

/// `exp(1s) + 5ms` into the distribution and what is added. A sign in an exponent (`1e+3s`) is no
/// sum.
fn split_shift(text: &str) -> Result<(&str, Option<&str>), DistributionError> {
    let signs: Vec<usize> = top_level(text, '+')
        .into_iter()
        .filter(|at| *at > 0 && !in_exponent(text.as_bytes(), *at))
        .collect();
    let of_samples = strip_word(text, "samples:").is_some();
    match (signs.as_slice(), signs.last()) {
        // a file's name may hold a plus
        (_, Some(at)) if of_samples && !is_time(&text[at + 1..]) => Ok((text, None)),
        (_, None) => Ok((text, None)),
        ([_, _, ..], _) if !of_samples => {
            Err(syntax(text, "adds more than one constant: add them up, as in exp(20ms) + 5ms"))
        }
        (_, Some(at)) => Ok((text[..*at].trim_end(), Some(text[at + 1..].trim()))),
    }
}

/// Whether a text is a length of time, if perhaps one that is refused.
fn is_time(text: &str) -> bool {
    matches!(text.parse::<Span>(), Ok(_) | Err(ParseSpanError::TooFine { .. }))
}

fn in_exponent(bytes: &[u8], sign: usize) -> bool {
    sign >= 2
        && matches!(bytes[sign - 1], b'e' | b'E')
        && matches!(bytes[sign - 2], b'0'..=b'9' | b'.')
}

/// A distribution with arguments.
fn function(
    name: String,
    arguments: Vec<&str>,
    load: &Loader,
    depth: usize,
) -> Result<Distribution, DistributionError> {
    match name.as_str() {
        "mix" => return mix(&arguments, load, depth),
        "quantiles" => return quantiles(&arguments),
        _ => {}
    }
    let Some(known) = catalogue::known(&name) else {
        return Err(unknown(&name));
    };
    let args = Arguments::read(known, &arguments)?;
    match known.name {
        "const" => {
            args.only(&["value"]).and_then(|()| Ok(Distribution::Constant(args.span("value")?)))
        }
        "exp" => args
            .only(&["mean"])
            .and_then(|()| Ok(Distribution::Exponential { mean: args.span("mean")? })),
        "uniform" => args.only(&["min", "max"]).and_then(|()| {
            Ok(Distribution::Uniform { min: args.span("min")?, max: args.span("max")? })
        }),
        "erlang" => args.only(&["mean", "k"]).and_then(|()| {
            Ok(Distribution::Erlang { mean: args.span("mean")?, k: args.whole("k")? })
        }),
        "gamma" => args.only(&["mean", "cv"]).and_then(|()| {
            Ok(Distribution::Gamma { mean: args.span("mean")?, cv: args.number("cv")? })
        }),
        "hyperexp" => args.only(&["mean", "cv"]).and_then(|()| {
            Ok(Distribution::HyperExponential { mean: args.span("mean")?, cv: args.number("cv")? })
        }),
        "lognormal" => log_normal(&args).map(Distribution::LogNormal),
        "weibull" => weibull(&args).map(Distribution::Weibull),
        _ => pareto(&args).map(Distribution::Pareto),
    }
}

fn log_normal(args: &Arguments) -> Result<LogNormalBy, DistributionError> {
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

fn weibull(args: &Arguments) -> Result<WeibullBy, DistributionError> {
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

fn pareto(args: &Arguments) -> Result<ParetoBy, DistributionError> {
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

/// `weight:distribution` parts.
fn mix(arguments: &[&str], load: &Loader, depth: usize) -> Result<Distribution, DistributionError> {
    let (weights, parts) = weighted(arguments, catalogue::MIX_FORM)?;
    let part = |(weight, text)| {
        distribution(text, load, depth + 1).map(|distribution| (weight, distribution))
    };
    Ok(Distribution::Mix { weights, parts: parts.into_iter().map(part).collect::<Result<_, _>>()? })
}

/// A weight and what has it, as written.
type Weighted<'t> = (f64, &'t str);

/// The parts of a mixture with their weights, all of them in percent or none.
pub(super) fn weighted<'t>(
    arguments: &[&'t str],
    form: &'static str,
) -> Result<(Weights, Vec<Weighted<'t>>), DistributionError> {
    let wrong =
        |problem: String| DistributionError::Parameters { distribution: "mix", problem, form };
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
        parts.push((number("weight in mix", digits, "90% or 9")?, text.trim()));
    }
    let Some(&weights) = kinds.first() else {
        return Err(wrong("has no parts".to_owned()));
    };
    if kinds.iter().any(|kind| *kind != weights) {
        return Err(wrong("has weights with % and weights without".to_owned()));
    }
    Ok((weights, parts))
}

/// `p50=20ms` points, in the order written.
fn quantiles(arguments: &[&str]) -> Result<Distribution, DistributionError> {
    let wrong = |problem: String| DistributionError::Parameters {
        distribution: "quantiles",
        problem,
        form: catalogue::QUANTILES_FORM,
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
    Ok(Distribution::Quantiles(points))
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
    let raw = match digits {
        _ if !plain => return None,
        _ if digits.contains('.') || digits.len() <= 2 => digits.to_owned(),
        _ if digits.starts_with('9') => format!("{}.{}", &digits[..2], &digits[2..]),
        _ => return None,
    };
    let percent: f64 = raw.parse().ok()?;
    (percent > 0.0 && percent < 100.0).then_some(percent)
}

/// `FILE#column`, either of them in quotes where it holds signs of the grammar.
fn samples(text: &str, load: &Loader) -> Result<Distribution, DistributionError> {
    let (text, unit) = SampleUnit::behind(text);
    let (path, column) = match top_level(text, '#').first() {
        Some(&at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let (path, column) = (unquoted(path), column.map(unquoted));
    if path.is_empty() || column.as_deref() == Some("") {
        let problem = "names no file or no column: write samples:FILE.csv#column";
        return Err(syntax(&format!("samples:{text}"), problem));
    }
    let refuse = |reason| DistributionError::Samples { path: shown(&path), reason };
    let mut values = load(&path, column.as_deref(), unit).map_err(refuse)?;
    values.sort_unstable();
    Ok(Distribution::Samples(Samples { path, column, unit, values: Arc::from(values) }))
}
