//! A load test before it is put in words: what is sent, for how long, and what should come out.

use std::sync::atomic::AtomicBool;

use crate::distribution::{ArrivalProcess, Distribution};
use crate::experiment::capacity::total::capacity;
use crate::fit::check::{self, FAILED, Forecast, MEASURES, NEAR, PERCENTILES, THROUGHPUT};
use crate::fit::load_tests::paths::{self, RoutePath};
use crate::fit::load_tests::url::Url;
use crate::model::{Closed, Load, Model, Open};
use crate::render::number::{significant, time};
use crate::time::{Span, Time};

/// A tool that sends load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Apache JMeter.
    Jmeter,
    /// Grafana k6.
    K6,
    /// Locust.
    Locust,
    /// oha.
    Oha,
    /// vegeta.
    Vegeta,
}

impl Tool {
    /// All of them, by the names of the command line.
    pub const ALL: [(&'static str, Tool); 5] = [
        ("jmeter", Tool::Jmeter),
        ("k6", Tool::K6),
        ("locust", Tool::Locust),
        ("oha", Tool::Oha),
        ("vegeta", Tool::Vegeta),
    ];

    /// Whether it sends at equal gaps.
    pub(crate) fn is_even(self) -> bool {
        matches!(self, Tool::K6 | Tool::Oha | Tool::Vegeta)
    }
}

/// The pause between an answer and the next request of a user.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Think {
    /// None.
    None,
    /// Always the same, in seconds.
    Constant(f64),
    /// Exponential with this mean, in seconds.
    Exponential(f64),
}

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TestLoad {
    /// Requests a second, whatever becomes of them.
    Open(f64),
    /// A number of users, each of which waits for its answer.
    Closed(u32, Think),
}

/// What should come out of one measure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// Its place in [`MEASURES`].
    pub(crate) at: usize,
    /// The middle of the prediction: requests a second, seconds or a share.
    pub(crate) predicted: f64,
    /// The least that is not a miss: the interval of the prediction and a tenth.
    pub(crate) low: f64,
    /// The greatest, likewise.
    pub(crate) high: f64,
}

/// A load test.
#[derive(Clone, Debug)]
pub struct LoadTest {
    /// The tool.
    pub tool: Tool,
    /// What it is about, safe in a comment of one line.
    pub title: String,
    /// The scenario, as a word of a shell, if there is one.
    pub scenario: Option<String>,
    /// What is requested.
    pub url: Url,
    /// What is requested of each route, where there are several.
    pub paths: Vec<RoutePath>,
    /// What is sent.
    pub load: TestLoad,
    /// Seconds that do not count.
    pub warmup: u64,
    /// Seconds that count.
    pub seconds: u64,
    /// Whether connections are kept.
    pub keeps: bool,
    /// What should come out.
    pub limits: Vec<Limit>,
    /// Requests that are inside at once, at most.
    pub inside: f64,
}

impl LoadTest {
    /// The test of a model, with what is predicted for the load that the tool makes.
    ///
    /// # Errors
    /// A sentence, if the tool cannot make such a load.
    pub(crate) fn new(
        (tool, model): (Tool, &Model),
        (url, given, title, scenario): (Url, &[String], String, Option<String>),
        (warmup, seconds): (u64, u64),
        stop: &AtomicBool,
    ) -> Result<LoadTest, String> {
        let paths = paths::of(model.routes(), &url, given)?;
        if !paths.is_empty() && tool == Tool::Jmeter && matches!(model.load(), Load::Closed(_)) {
            return Err(
                "jmeter's users each ask for one URL, and the scenario has several routes: \
                        take k6 or locust, or give --rate"
                    .to_owned(),
            );
        }
        if let (Load::Open(open), Some(capacity)) = (model.load(), capacity(model))
            && open.rate.per_second() >= capacity.per_second
        {
            return Err(format!(
                "the scenario is overloaded: {}/s arrive and at most {}/s are answered, so there is \
                 nothing to hold a load test against; give more workers or cores, or a lower rate",
                significant(open.rate.per_second()),
                significant(capacity.per_second)
            ));
        }
        let (load, model) = made(tool, model)?;
        let at = |seconds: u64| Time::ZERO + Span::from_nanos(seconds * 1_000_000_000);
        let window = (at(warmup), at(warmup + seconds));
        let forecasts = check::forecast(&model, window, stop)?;
        let limits: Vec<Limit> = forecasts.iter().map(limit).collect();
        let longest = limits.iter().filter(|limit| is_time(limit.at)).map(|limit| limit.high);
        let longest = longest.fold(0.1, f64::max);
        let inside = match load {
            TestLoad::Open(rate) => rate * longest,
            TestLoad::Closed(users, _) => f64::from(users),
        };
        let keeps = model
            .server()
            .runtime
            .as_ref()
            .is_some_and(|runtime| runtime.clients.keep_alive.is_some());
        let test = LoadTest {
            tool,
            title,
            scenario,
            url,
            paths,
            load,
            warmup,
            seconds,
            keeps,
            limits,
            inside,
        };
        Ok(test)
    }

    /// The sources that together are a Poisson process: so many that each seldom waits for its own
    /// answer.
    pub(crate) fn sources(&self) -> u32 {
        (50.0 * self.inside / 2.0).ceil().clamp(50.0, 2_000.0) as u32
    }

    /// The limit of a measure by its name.
    pub(crate) fn limit(&self, measure: &str) -> Option<&Limit> {
        self.limits.iter().find(|limit| MEASURES[limit.at] == measure)
    }

    /// The lines that every test begins with: what it is, how it is run, what should come out.
    pub(crate) fn header(&self, run: &[String]) -> Vec<String> {
        let mut lines = vec![format!("simsrv check: {}", self.title), self.sent()];
        for RoutePath { name, share, url } in &self.paths {
            lines.push(format!("  {} % {name}: GET {}", significant(100.0 * share), url.path));
        }
        lines.push(String::new());
        lines.push(format!(
            "Predicted for {} s after a warm-up of {} s:",
            self.seconds, self.warmup
        ));
        lines.extend(self.limits.iter().map(line));
        lines.push(String::new());
        lines.push("Run it, and set predicted beside measured:".to_owned());
        lines.extend(run.iter().map(|line| format!("  {line}")));
        lines
    }

    fn sent(&self) -> String {
        match self.load {
            TestLoad::Open(rate) if self.tool.is_even() => {
                format!("Load: {}/s at equal gaps; predicted for these", significant(rate))
            }
            TestLoad::Open(rate) => {
                let sources = self.sources();
                format!("Load: {}/s, a Poisson process of {sources} sources", significant(rate))
            }
            TestLoad::Closed(users, Think::None) => format!("Load: {users} users without pauses"),
            TestLoad::Closed(users, Think::Constant(seconds)) => {
                format!("Load: {users} users, each pauses {}", time(seconds))
            }
            TestLoad::Closed(users, Think::Exponential(seconds)) => {
                format!("Load: {users} users, pauses exponential of mean {}", time(seconds))
            }
        }
    }

    /// The command that reads the result; the scenario is left to be filled in if it has no file.
    pub(crate) fn reads(&self, result: &str, cut: bool) -> String {
        let scenario = self.scenario.as_deref().unwrap_or("SCENARIO.toml");
        let warmup = if cut { format!(" --warmup {}s", self.warmup) } else { String::new() };
        format!("simsrv fit {result} --prediction {scenario}{warmup}")
    }
}

fn is_time(at: usize) -> bool {
    at != THROUGHPUT && at != FAILED
}

fn limit(forecast: &Forecast) -> Limit {
    let Forecast { at, predicted, low, high } = *forecast;
    let (low, high) = match at {
        FAILED => (0.0, high + 0.01),
        _ => (low * (1.0 - NEAR), high * (1.0 + NEAR)),
    };
    Limit { at, predicted, low, high }
}

/// A limit in the header of a test.
fn line(limit: &Limit) -> String {
    let figure = |value: f64| check::figure(limit.at, value);
    let (name, predicted) = (MEASURES[limit.at], figure(limit.predicted));
    format!("  {name:<11}{predicted:>10}   from {} to {}", figure(limit.low), figure(limit.high))
}

/// The load that a tool makes of that of a model, and the model with that load.
fn made(tool: Tool, model: &Model) -> Result<(TestLoad, Model), String> {
    let (load, of_test) = match model.load() {
        Load::Open(open) => {
            let arrivals = even_or_poisson(tool, &open.arrivals)?;
            let rate = open.rate.per_second();
            (Load::Open(Open { arrivals, ..open.clone() }), TestLoad::Open(rate))
        }
        Load::Closed(closed) if closed.ramp.is_some() => {
            return Err("a load test of a ramp has no figures to be held to: give --clients a \
                        number"
                .to_owned());
        }
        Load::Closed(closed) => {
            let (think, distribution) = pause(tool, &closed.think)?;
            let users = TestLoad::Closed(closed.clients, think);
            (Load::Closed(Closed { think: distribution, requests: None, ..closed.clone() }), users)
        }
        Load::Trace(_) => {
            return Err(
                "a trace is not a load that these tools send: give --rate or --clients".to_owned()
            );
        }
    };
    Ok((of_test, Model::new(load, model.server().clone())?))
}

/// The arrivals that a tool makes in place of those of the scenario.
fn even_or_poisson(tool: Tool, arrivals: &ArrivalProcess) -> Result<ArrivalProcess, String> {
    if arrivals.profile().is_some() {
        return Err("a rate that goes by the clock has no figures to be held to: give a --rate \
                    without --arrivals"
            .to_owned());
    }
    Ok(if tool.is_even() { ArrivalProcess::Constant } else { ArrivalProcess::Poisson })
}

/// The pause that a tool makes in place of that of the scenario.
fn pause(tool: Tool, think: &Distribution) -> Result<(Think, Distribution), String> {
    if tool == Tool::Vegeta {
        return Err("vegeta sends at a rate and has no users: give --rate".to_owned());
    }
    if think.is_zero() {
        return Ok((Think::None, think.clone()));
    }
    if tool == Tool::Oha {
        return Err("oha's users have no pauses: take jmeter, k6 or locust".to_owned());
    }
    if let Some(span) = think.constant() {
        return Ok((Think::Constant(span.as_secs_f64()), think.clone()));
    }
    let mean = think.mean();
    let exponential = format!("exp({})", crate::fit::shape::time(mean)).parse();
    let exponential = exponential.map_err(|error| format!("the think time: {error}"))?;
    Ok((Think::Exponential(mean), exponential))
}

/// The percentiles of which a limit is set, each with its name.
pub(super) fn percentiles() -> impl Iterator<Item = (&'static str, f64)> {
    PERCENTILES.into_iter().map(|(at, p)| (MEASURES[at], p))
}
