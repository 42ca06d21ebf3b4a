//! How arrivals are written, read and printed.

use std::fmt;
use std::str::FromStr;

use super::arguments::Arguments;
use super::arrivals::{ArrivalProcess, BatchSize, State, WeibullGaps};
use super::catalogue::{self, CatalogueEntry, MMPP_FORM};
use super::error::DistributionError;
use super::parse::{self, Loader};
use super::print::{self, Number};
use super::rate::Rate;
use super::syntax;
use super::text::{listed, shown};
use super::{Distribution, profile};

const NAMES: [&str; 19] = [
    "poisson",
    "constant",
    "uniform",
    "gamma",
    "erlang",
    "hyperexp",
    "lognormal",
    "weibull",
    "pareto",
    "mmpp",
    "onoff",
    "batch",
    "profile",
    "ramp",
    "steps",
    "spike",
    "mix",
    "quantiles",
    "samples",
];

/// Distributions that a rate completes, told by one parameter.
const SHAPES: [CatalogueEntry; 6] = [
    CatalogueEntry { name: "gamma", positional: &[], named: &["cv"], form: "gamma(cv=2)" },
    CatalogueEntry { name: "erlang", positional: &[], named: &["k"], form: "erlang(k=2)" },
    CatalogueEntry { name: "hyperexp", positional: &[], named: &["cv"], form: "hyperexp(cv=3)" },
    CatalogueEntry { name: "lognormal", positional: &[], named: &["cv"], form: "lognormal(cv=2)" },
    CatalogueEntry {
        name: "weibull",
        positional: &[],
        named: &["shape", "cv"],
        form: "weibull(shape=0.7) or weibull(cv=2)",
    },
    CatalogueEntry {
        name: "pareto",
        positional: &[],
        named: &["alpha"],
        form: "pareto(alpha=2.5)",
    },
];

const ON_OFF: CatalogueEntry = CatalogueEntry {
    name: "onoff",
    positional: &["on", "off"],
    named: &["on", "off"],
    form: "onoff(on=1s,off=9s)",
};
const BATCH_FORM: &str = "batch(3), batch(geometric(3)) or batch(mix(70%:1,30%:10))";

impl FromStr for ArrivalProcess {
    type Err = DistributionError;

    /// Reads arrivals that need no file; `samples:` is refused.
    fn from_str(text: &str) -> Result<ArrivalProcess, DistributionError> {
        read(text, |text| text.parse())
    }
}

impl ArrivalProcess {
    /// Reads arrivals; `load` fetches the values of `samples:FILE#column`.
    ///
    /// # Errors
    /// A sentence that says what was read, what was expected and how to mend it.
    pub(crate) fn parse_with(
        text: &str,
        load: &Loader,
    ) -> Result<ArrivalProcess, DistributionError> {
        read(text, |text| Distribution::parse_with(text, load))
    }
}

fn read(
    text: &str,
    distribution: impl Fn(&str) -> Result<Distribution, DistributionError>,
) -> Result<ArrivalProcess, DistributionError> {
    let text = text.trim();
    let read = match text.to_ascii_lowercase().as_str() {
        "poisson" | "exp" => ArrivalProcess::Poisson,
        "constant" | "const" => ArrivalProcess::Constant,
        "uniform" => ArrivalProcess::Uniform,
        "mmpp" => return Err(lacks(text, MMPP_FORM)),
        "onoff" => return Err(lacks(text, ON_OFF.form)),
        "batch" => return Err(lacks(text, BATCH_FORM)),
        name if profile::form(name).is_some() => {
            return Err(lacks(text, profile::form(name).unwrap_or_default()));
        }
        _ => match own(text)? {
            Some(arrivals) => arrivals,
            None => ArrivalProcess::Scaled(distribution(text).map_err(of_arrivals)?),
        },
    };
    read.check()?;
    Ok(read)
}

fn lacks(text: &str, form: &str) -> DistributionError {
    syntax::syntax(text, format!("lacks its parameters: write {form}"))
}

/// What is written in a way of its own for arrivals.
fn own(text: &str) -> Result<Option<ArrivalProcess>, DistributionError> {
    let Ok(Some((name, arguments))) = syntax::call(text) else {
        return Ok(None); // the grammar of distributions will say what is wrong
    };
    match name.as_str() {
        "mmpp" => modulated(&arguments).map(Some),
        "onoff" => on_off(&arguments).map(Some),
        "batch" => batch(&arguments).map(Some),
        name if profile::form(name).is_some() => {
            Ok(profile::read(name, &arguments)?.map(ArrivalProcess::Profile))
        }
        _ => match SHAPES.iter().find(|known| known.name == name) {
            Some(known) if !is_whole_distribution(known, &arguments) => {
                shape(known, &arguments).map(Some)
            }
            _ => Ok(None),
        },
    }
}

/// Whether arguments have more than a shape, such as a mean, so that a distribution can be read.
fn is_whole_distribution(known: &CatalogueEntry, arguments: &[&str]) -> bool {
    let whole = catalogue::known(known.name).map_or(&[][..], |distribution| distribution.named);
    arguments.iter().any(|argument| match argument.split_once('=') {
        None => argument.parse::<f64>().is_err(),
        Some((name, _)) => whole.contains(&name.trim()) && !known.named.contains(&name.trim()),
    })
}

fn shape(
    known: &'static CatalogueEntry,
    arguments: &[&str],
) -> Result<ArrivalProcess, DistributionError> {
    let args = Arguments::read(known, arguments)?;
    match (known.name, args.names().as_slice()) {
        ("gamma", ["cv"]) => Ok(ArrivalProcess::Gamma { cv: args.number("cv")? }),
        ("erlang", ["k"]) => Ok(ArrivalProcess::Erlang { k: args.whole("k")? }),
        ("hyperexp", ["cv"]) => Ok(ArrivalProcess::HyperExponential { cv: args.number("cv")? }),
        ("lognormal", ["cv"]) => Ok(ArrivalProcess::LogNormal { cv: args.number("cv")? }),
        ("weibull", ["shape"]) => {
            Ok(ArrivalProcess::Weibull(WeibullGaps::Shape(args.number("shape")?)))
        }
        ("weibull", ["cv"]) => Ok(ArrivalProcess::Weibull(WeibullGaps::Cv(args.number("cv")?))),
        ("pareto", ["alpha"]) => Ok(ArrivalProcess::Pareto { alpha: args.number("alpha")? }),
        _ => Err(args.wrong_set()),
    }
}

/// `rate:time` for each state.
fn modulated(arguments: &[&str]) -> Result<ArrivalProcess, DistributionError> {
    let mut states = Vec::new();
    for argument in arguments {
        let Some((rate, mean)) = argument.split_once(':') else {
            let problem = format!("has a state '{}' without a time", shown(argument));
            return Err(DistributionError::Parameters {
                distribution: "mmpp",
                problem,
                form: MMPP_FORM,
            });
        };
        let rate = Rate::read_with_zero(rate).map_err(|source| DistributionError::Rate {
            place: "rate in mmpp".to_owned(),
            source,
        })?;
        states.push(State { rate, mean: syntax::span("time in mmpp", mean.trim())? });
    }
    Ok(ArrivalProcess::Modulated(states))
}

fn on_off(arguments: &[&str]) -> Result<ArrivalProcess, DistributionError> {
    let args = Arguments::read(&ON_OFF, arguments)?;
    match args.names().as_slice() {
        ["on", "off"] => Ok(ArrivalProcess::OnOff { on: args.span("on")?, off: args.span("off")? }),
        _ => Err(args.wrong_set()),
    }
}

fn batch(arguments: &[&str]) -> Result<ArrivalProcess, DistributionError> {
    let [size] = arguments else {
        let problem = format!("takes one size, here are {}", arguments.len());
        return Err(DistributionError::Parameters {
            distribution: "batch",
            problem,
            form: BATCH_FORM,
        });
    };
    let size = match syntax::call(size)? {
        None => BatchSize::Constant(syntax::whole("size of batch", size)?),
        Some((name, mean)) if name == "geometric" && mean.len() == 1 => {
            BatchSize::Geometric(syntax::number("mean of geometric", mean[0], "3 or 2.5")?)
        }
        Some((name, parts)) if name == "mix" => {
            let (weights, parts) = parse::weighted(&parts, BATCH_FORM)?;
            let size =
                |(weight, text)| syntax::whole("size of batch", text).map(|size| (weight, size));
            BatchSize::Mix {
                weights,
                parts: parts.into_iter().map(size).collect::<Result<_, _>>()?,
            }
        }
        Some(_) => {
            let problem = format!("has no size '{}'", shown(size));
            return Err(DistributionError::Parameters {
                distribution: "batch",
                problem,
                form: BATCH_FORM,
            });
        }
    };
    Ok(ArrivalProcess::Batch(size))
}

/// The same error, with the names that arrivals know.
fn of_arrivals(error: DistributionError) -> DistributionError {
    match error {
        DistributionError::Unknown { word, .. } => DistributionError::Unknown {
            hint: catalogue::nearest(&word, &NAMES),
            word,
            known: format!("{}, or any distribution of service times", listed(&NAMES, "or")),
        },
        error => error,
    }
}

impl fmt::Display for ArrivalProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ArrivalProcess::Poisson => f.write_str("poisson"),
            ArrivalProcess::Constant => f.write_str("constant"),
            ArrivalProcess::Uniform => f.write_str("uniform"),
            ArrivalProcess::Gamma { cv } => write!(f, "gamma(cv={})", Number(*cv)),
            ArrivalProcess::Erlang { k } => write!(f, "erlang(k={k})"),
            ArrivalProcess::HyperExponential { cv } => write!(f, "hyperexp(cv={})", Number(*cv)),
            ArrivalProcess::LogNormal { cv } => write!(f, "lognormal(cv={})", Number(*cv)),
            ArrivalProcess::Weibull(WeibullGaps::Shape(shape)) => {
                write!(f, "weibull(shape={})", Number(*shape))
            }
            ArrivalProcess::Weibull(WeibullGaps::Cv(cv)) => {
                write!(f, "weibull(cv={})", Number(*cv))
            }
            ArrivalProcess::Pareto { alpha } => write!(f, "pareto(alpha={})", Number(*alpha)),
            ArrivalProcess::Scaled(distribution) => write!(f, "{distribution}"),
            ArrivalProcess::Modulated(states) => {
                let words = states.iter().map(|state| format!("{}:{}", state.rate, state.mean));
                write!(f, "mmpp({})", words.collect::<Vec<_>>().join(","))
            }
            ArrivalProcess::OnOff { on, off } => write!(f, "onoff(on={on},off={off})"),
            ArrivalProcess::Profile(profile) => write!(f, "{profile}"),
            ArrivalProcess::Batch(BatchSize::Constant(size)) => write!(f, "batch({size})"),
            ArrivalProcess::Batch(BatchSize::Mix { weights, parts }) => {
                f.write_str("batch(")?;
                print::mix(f, *weights, parts)?;
                f.write_str(")")
            }
            ArrivalProcess::Batch(BatchSize::Geometric(mean)) => {
                write!(f, "batch(geometric({}))", Number(*mean))
            }
        }
    }
}
