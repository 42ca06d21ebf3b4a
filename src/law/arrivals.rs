//! How requests arrive: laws of the gaps between them, scaled to a rate.

use std::fmt;
use std::str::FromStr;

use super::error::{LawError, listed, shown};
use super::parse::{self, Arguments, Loader};
use super::print::Number;
use super::profile::{self, Profile};
use super::rate::Rate;
use super::words::{self, Known};
use super::{Law, LogNormalBy, ParetoBy, WeibullBy};
use crate::time::{NANOS_PER_SECOND, Span};

/// How requests arrive; the mean rate is given beside it.
///
/// | written | meaning |
/// |---|---|
/// | `poisson` | exponential gaps: many independent clients (the default) |
/// | `constant` | equal gaps |
/// | `uniform` | gaps uniform between 0 and twice their mean |
/// | `gamma(cv=2)`, `erlang(k=2)`, `hyperexp(cv=3)`, `lognormal(cv=2)`, `weibull(shape=0.7)`, `weibull(cv=2)`, `pareto(alpha=2.5)` | independent gaps of that law |
/// | any [`Law`] | independent gaps of that shape; its mean is scaled |
/// | `mmpp(96/s:10s,16/s:40s)` | Poisson, at a rate that goes round through states; only ratios of the rates matter |
/// | `onoff(on=1s,off=9s)` | Poisson for a while, then silent for a while |
/// | `batch(3)`, `batch(geometric(3))` | Poisson batches of 3, or of 3 in the mean; the rate is that of requests |
/// | `profile(0h:20%,8h:100%,12h:180%,20h:60%,period=24h)` | Poisson at a rate that goes by the clock, level after level; its mean over a period is the rate |
/// | `ramp(0h:20%,12h:180%,period=24h)` | the same in straight lines from point to point |
/// | `steps(60s:300%,90s:100%)` | once: multiples of the rate from those instants on |
/// | `spike(at=60s,for=10s,by=5)` | once: five times the rate for a while |
///
/// ```
/// use simsrv::law::ArrivalLaw;
/// let arrivals: ArrivalLaw = "gamma(cv=2)".parse().unwrap();
/// assert_eq!(arrivals.scv(), Some(4.0));
/// assert_eq!(arrivals.to_string(), "gamma(cv=2)");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ArrivalLaw {
    /// Exponential gaps.
    #[default]
    Poisson,
    /// Equal gaps.
    Constant,
    /// Gaps uniform between 0 and twice their mean.
    Uniform,
    /// Gamma gaps.
    Gamma {
        /// Their coefficient of variation, as in [`Law::Gamma`].
        cv: f64,
    },
    /// Erlang gaps.
    Erlang {
        /// Number of stages, as in [`Law::Erlang`].
        k: u32,
    },
    /// Hyperexponential gaps with balanced means.
    HyperExponential {
        /// Their coefficient of variation, 1 to 1000.
        cv: f64,
    },
    /// Log-normal gaps.
    LogNormal {
        /// Their coefficient of variation, as in [`LogNormalBy::MeanCv`].
        cv: f64,
    },
    /// Weibull gaps.
    Weibull(WeibullGaps),
    /// Pareto gaps.
    Pareto {
        /// The tail index, more than 1.
        alpha: f64,
    },
    /// Gaps of any other law, scaled to the rate.
    Scaled(Law),
    /// Markov-modulated Poisson arrivals: two states or more, visited in turn.
    Modulated(Vec<State>),
    /// Poisson arrivals while on, none while off; both last exponential times.
    OnOff {
        /// Mean time on, more than zero.
        on: Span,
        /// Mean time off, more than zero.
        off: Span,
    },
    /// Poisson batches of requests that arrive together.
    Batch(BatchSize),
    /// Poisson at a rate that changes with the clock.
    Profile(Profile),
}

/// The parameter in which Weibull gaps were written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WeibullGaps {
    /// The shape, 0.05 to 10,000.
    Shape(f64),
    /// The coefficient of variation, as in [`WeibullBy::MeanCv`].
    Cv(f64),
}

/// One state of [`ArrivalLaw::Modulated`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct State {
    /// The rate in this state, before all rates are scaled together; may be zero.
    pub rate: Rate,
    /// The mean of the exponential time spent here at each visit, more than zero.
    pub mean: Span,
}

/// How many requests arrive together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BatchSize {
    /// Always so many, 1 to 1,000,000.
    Constant(u32),
    /// One or more, geometric with this mean, 1 to 1,000,000.
    Geometric(f64),
}

impl BatchSize {
    /// Requests in a batch, in the mean.
    pub fn mean(self) -> f64 {
        match self {
            BatchSize::Constant(size) => f64::from(size),
            BatchSize::Geometric(mean) => mean,
        }
    }
}

/// Largest batch, and largest mean of a geometric one.
const LARGEST_BATCH: u32 = 1_000_000;

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

/// Laws that a rate completes, told by one parameter.
const SHAPES: [Known; 6] = [
    Known { name: "gamma", positional: &[], named: &["cv"], form: "gamma(cv=2)" },
    Known { name: "erlang", positional: &[], named: &["k"], form: "erlang(k=2)" },
    Known { name: "hyperexp", positional: &[], named: &["cv"], form: "hyperexp(cv=3)" },
    Known { name: "lognormal", positional: &[], named: &["cv"], form: "lognormal(cv=2)" },
    Known {
        name: "weibull",
        positional: &[],
        named: &["shape", "cv"],
        form: "weibull(shape=0.7) or weibull(cv=2)",
    },
    Known { name: "pareto", positional: &[], named: &["alpha"], form: "pareto(alpha=2.5)" },
];

const ON_OFF: Known = Known {
    name: "onoff",
    positional: &["on", "off"],
    named: &["on", "off"],
    form: "onoff(on=1s,off=9s)",
};
const MMPP_FORM: &str = "mmpp(96/s:10s,16/s:40s)";
const BATCH_FORM: &str = "batch(3) or batch(geometric(3))";

impl FromStr for ArrivalLaw {
    type Err = LawError;

    /// Reads arrivals that need no file; `samples:` is refused.
    fn from_str(text: &str) -> Result<ArrivalLaw, LawError> {
        read(text, |text| text.parse())
    }
}

impl ArrivalLaw {
    /// Reads arrivals; `load` fetches the values of `samples:FILE#column`.
    ///
    /// # Errors
    /// A sentence that says what was read, what was expected and how to mend it.
    pub fn parse_with(text: &str, load: &Loader) -> Result<ArrivalLaw, LawError> {
        read(text, |text| Law::parse_with(text, load))
    }

    /// The law of independent gaps with a mean of one second (of any mean for
    /// [`ArrivalLaw::Scaled`]); `None` where gaps hang on one another.
    pub fn gap_law(&self) -> Option<Law> {
        let mean = Span::from_nanos(NANOS_PER_SECOND);
        Some(match *self {
            ArrivalLaw::Poisson => Law::Exponential { mean },
            ArrivalLaw::Constant => Law::Constant(mean),
            ArrivalLaw::Uniform => Law::Uniform { min: Span::ZERO, max: mean.saturating_add(mean) },
            ArrivalLaw::Gamma { cv } => Law::Gamma { mean, cv },
            ArrivalLaw::Erlang { k } => Law::Erlang { mean, k },
            ArrivalLaw::HyperExponential { cv } => Law::HyperExponential { mean, cv },
            ArrivalLaw::LogNormal { cv } => Law::LogNormal(LogNormalBy::MeanCv { mean, cv }),
            ArrivalLaw::Weibull(WeibullGaps::Shape(shape)) => {
                Law::Weibull(WeibullBy::MeanShape { mean, shape })
            }
            ArrivalLaw::Weibull(WeibullGaps::Cv(cv)) => {
                Law::Weibull(WeibullBy::MeanCv { mean, cv })
            }
            ArrivalLaw::Pareto { alpha } => Law::Pareto(ParetoBy::MeanAlpha { mean, alpha }),
            ArrivalLaw::Scaled(ref law) => law.clone(),
            ArrivalLaw::Modulated(_)
            | ArrivalLaw::OnOff { .. }
            | ArrivalLaw::Batch(_)
            | ArrivalLaw::Profile(_) => return None,
        })
    }

    /// The squared coefficient of variation of a gap: [`f64::INFINITY`] where its variance is
    /// infinite, `None` for `mmpp` and `onoff`, where it hangs on the rate, and for rates that
    /// change with the clock.
    ///
    /// For batches of mean b it is 2b − 1: a gap is zero with probability 1 − 1/b, else
    /// exponential. Gaps in batches of constant size are not independent, so queues feel less.
    pub fn scv(&self) -> Option<f64> {
        match self {
            ArrivalLaw::Batch(size) => Some(2.0 * size.mean() - 1.0),
            _ => self.gap_law().map(|law| law.scv()),
        }
    }

    /// Whether nothing about the arrivals is random.
    pub fn is_constant(&self) -> bool {
        self.gap_law().is_some_and(|law| law.constant().is_some())
    }

    /// How the rate changes with the clock, if it does.
    pub fn profile(&self) -> Option<&Profile> {
        match self {
            ArrivalLaw::Profile(profile) => Some(profile),
            _ => None,
        }
    }

    /// The length of time after which a rate that changes with the clock begins anew. What is
    /// measured of a steady state has to be whole periods.
    pub fn period(&self) -> Option<Span> {
        self.profile().and_then(Profile::period)
    }

    /// The states, for modulated arrivals: rates (to be scaled) and mean times in seconds.
    pub fn states(&self) -> Option<Vec<(f64, f64)>> {
        match self {
            ArrivalLaw::Modulated(states) => {
                Some(states.iter().map(|s| (s.rate.per_second(), s.mean.as_secs_f64())).collect())
            }
            ArrivalLaw::OnOff { on, off } => {
                Some(vec![(1.0, on.as_secs_f64()), (0.0, off.as_secs_f64())])
            }
            _ => None,
        }
    }

    /// Whether the parameters are within bounds. The parser has asked already.
    ///
    /// # Errors
    /// A sentence that says which parameter is out of which bounds.
    pub fn check(&self) -> Result<(), LawError> {
        match self {
            ArrivalLaw::Modulated(states) => check_states(states),
            ArrivalLaw::OnOff { on, off } if on.is_zero() || off.is_zero() => {
                refuse(format!("{self} never changes: both times must be more than zero"))
            }
            ArrivalLaw::OnOff { .. } => Ok(()),
            ArrivalLaw::Batch(size) if (1.0..=f64::from(LARGEST_BATCH)).contains(&size.mean()) => {
                Ok(())
            }
            ArrivalLaw::Batch(_) => {
                refuse(format!("{self} is out of bounds: a batch holds 1 to {LARGEST_BATCH}"))
            }
            ArrivalLaw::Profile(profile) => profile.check(),
            ArrivalLaw::Scaled(law) if law.is_zero() => {
                refuse(format!("gaps of {law} have no rate: write a law whose mean is not zero"))
            }
            _ => self.gap_law().map_or(Ok(()), |law| law.check()),
        }
    }
}

fn refuse(sentence: String) -> Result<(), LawError> {
    Err(LawError::Value(sentence))
}

fn check_states(states: &[State]) -> Result<(), LawError> {
    if states.len() < 2 {
        return refuse(format!("mmpp needs two states or more: write {MMPP_FORM}"));
    }
    if states.iter().any(|state| state.mean.is_zero()) {
        return refuse("a state of mmpp lasts 0s: its mean time must be more than zero".to_owned());
    }
    if states.iter().all(|state| state.rate.per_second() == 0.0) {
        return refuse(format!("all rates of mmpp are zero: write one above, as in {MMPP_FORM}"));
    }
    Ok(())
}

fn read(text: &str, law: impl Fn(&str) -> Result<Law, LawError>) -> Result<ArrivalLaw, LawError> {
    let text = text.trim();
    let read = match text.to_ascii_lowercase().as_str() {
        "poisson" | "exp" => ArrivalLaw::Poisson,
        "constant" | "const" => ArrivalLaw::Constant,
        "uniform" => ArrivalLaw::Uniform,
        "mmpp" => return Err(lacks(text, MMPP_FORM)),
        "onoff" => return Err(lacks(text, ON_OFF.form)),
        "batch" => return Err(lacks(text, BATCH_FORM)),
        name if profile::form(name).is_some() => {
            return Err(lacks(text, profile::form(name).unwrap_or_default()));
        }
        _ => match own(text)? {
            Some(arrivals) => arrivals,
            None => ArrivalLaw::Scaled(law(text).map_err(of_arrivals)?),
        },
    };
    read.check()?;
    Ok(read)
}

fn lacks(text: &str, form: &str) -> LawError {
    parse::syntax(text, format!("lacks its parameters: write {form}"))
}

/// What is written in a way of its own for arrivals.
fn own(text: &str) -> Result<Option<ArrivalLaw>, LawError> {
    let Ok(Some((name, arguments))) = parse::call(text) else {
        return Ok(None); // the grammar of laws will say what is wrong
    };
    match name.as_str() {
        "mmpp" => modulated(&arguments).map(Some),
        "onoff" => on_off(&arguments).map(Some),
        "batch" => batch(&arguments).map(Some),
        name if profile::form(name).is_some() => {
            Ok(profile::read(name, &arguments)?.map(ArrivalLaw::Profile))
        }
        _ => match SHAPES.iter().find(|known| known.name == name) {
            Some(known) if !is_whole_law(known, &arguments) => shape(known, &arguments).map(Some),
            _ => Ok(None),
        },
    }
}

/// Whether arguments have more than a shape, such as a mean, so that a law can be read.
fn is_whole_law(known: &Known, arguments: &[&str]) -> bool {
    let whole = words::known(known.name).map_or(&[][..], |law| law.named);
    arguments.iter().any(|argument| match argument.split_once('=') {
        None => argument.parse::<f64>().is_err(),
        Some((name, _)) => whole.contains(&name.trim()) && !known.named.contains(&name.trim()),
    })
}

fn shape(known: &'static Known, arguments: &[&str]) -> Result<ArrivalLaw, LawError> {
    let args = Arguments::read(known, arguments)?;
    match (known.name, args.names().as_slice()) {
        ("gamma", ["cv"]) => Ok(ArrivalLaw::Gamma { cv: args.number("cv")? }),
        ("erlang", ["k"]) => Ok(ArrivalLaw::Erlang { k: args.whole("k")? }),
        ("hyperexp", ["cv"]) => Ok(ArrivalLaw::HyperExponential { cv: args.number("cv")? }),
        ("lognormal", ["cv"]) => Ok(ArrivalLaw::LogNormal { cv: args.number("cv")? }),
        ("weibull", ["shape"]) => {
            Ok(ArrivalLaw::Weibull(WeibullGaps::Shape(args.number("shape")?)))
        }
        ("weibull", ["cv"]) => Ok(ArrivalLaw::Weibull(WeibullGaps::Cv(args.number("cv")?))),
        ("pareto", ["alpha"]) => Ok(ArrivalLaw::Pareto { alpha: args.number("alpha")? }),
        _ => Err(args.wrong_set()),
    }
}

/// `rate:time` for each state.
fn modulated(arguments: &[&str]) -> Result<ArrivalLaw, LawError> {
    let mut states = Vec::new();
    for argument in arguments {
        let Some((rate, mean)) = argument.split_once(':') else {
            let problem = format!("has a state '{}' without a time", shown(argument));
            return Err(LawError::Parameters { law: "mmpp", problem, form: MMPP_FORM });
        };
        let rate = Rate::read_with_zero(rate)
            .map_err(|source| LawError::Rate { place: "rate in mmpp".to_owned(), source })?;
        states.push(State { rate, mean: parse::span("time in mmpp", mean.trim())? });
    }
    Ok(ArrivalLaw::Modulated(states))
}

fn on_off(arguments: &[&str]) -> Result<ArrivalLaw, LawError> {
    let args = Arguments::read(&ON_OFF, arguments)?;
    match args.names().as_slice() {
        ["on", "off"] => Ok(ArrivalLaw::OnOff { on: args.span("on")?, off: args.span("off")? }),
        _ => Err(args.wrong_set()),
    }
}

fn batch(arguments: &[&str]) -> Result<ArrivalLaw, LawError> {
    let [size] = arguments else {
        let problem = format!("takes one size, here are {}", arguments.len());
        return Err(LawError::Parameters { law: "batch", problem, form: BATCH_FORM });
    };
    let size = match parse::call(size)? {
        None => BatchSize::Constant(parse::whole("size of batch", size)?),
        Some((name, mean)) if name == "geometric" && mean.len() == 1 => {
            BatchSize::Geometric(parse::number("mean of geometric", mean[0], "3 or 2.5")?)
        }
        Some(_) => {
            let problem = format!("has no size '{}'", shown(size));
            return Err(LawError::Parameters { law: "batch", problem, form: BATCH_FORM });
        }
    };
    Ok(ArrivalLaw::Batch(size))
}

/// The same error, with the names that arrivals know.
fn of_arrivals(error: LawError) -> LawError {
    match error {
        LawError::Unknown { word, .. } => LawError::Unknown {
            hint: words::nearest(&word, &NAMES),
            word,
            known: format!("{}, or any law of service times", listed(&NAMES, "or")),
        },
        error => error,
    }
}

impl fmt::Display for ArrivalLaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ArrivalLaw::Poisson => f.write_str("poisson"),
            ArrivalLaw::Constant => f.write_str("constant"),
            ArrivalLaw::Uniform => f.write_str("uniform"),
            ArrivalLaw::Gamma { cv } => write!(f, "gamma(cv={})", Number(*cv)),
            ArrivalLaw::Erlang { k } => write!(f, "erlang(k={k})"),
            ArrivalLaw::HyperExponential { cv } => write!(f, "hyperexp(cv={})", Number(*cv)),
            ArrivalLaw::LogNormal { cv } => write!(f, "lognormal(cv={})", Number(*cv)),
            ArrivalLaw::Weibull(WeibullGaps::Shape(shape)) => {
                write!(f, "weibull(shape={})", Number(*shape))
            }
            ArrivalLaw::Weibull(WeibullGaps::Cv(cv)) => write!(f, "weibull(cv={})", Number(*cv)),
            ArrivalLaw::Pareto { alpha } => write!(f, "pareto(alpha={})", Number(*alpha)),
            ArrivalLaw::Scaled(law) => write!(f, "{law}"),
            ArrivalLaw::Modulated(states) => {
                let words = states.iter().map(|state| format!("{}:{}", state.rate, state.mean));
                write!(f, "mmpp({})", words.collect::<Vec<_>>().join(","))
            }
            ArrivalLaw::OnOff { on, off } => write!(f, "onoff(on={on},off={off})"),
            ArrivalLaw::Profile(profile) => write!(f, "{profile}"),
            ArrivalLaw::Batch(BatchSize::Constant(size)) => write!(f, "batch({size})"),
            ArrivalLaw::Batch(BatchSize::Geometric(mean)) => {
                write!(f, "batch(geometric({}))", Number(*mean))
            }
        }
    }
}
