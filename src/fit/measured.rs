//! A model out of a few figures: the summary of a load test or of a dashboard.
//!
//! CPU comes from the utilisation law, D = busy cores / throughput. The held time comes from
//! Little's law where all workers were busy (throughput = workers / held time), else from the
//! response time less the wait of Allen and Cunneen's formula at that load. Two moments are
//! assumed, a mean and a coefficient of variation of the service; the answer is given for a
//! variation of 0, 1 and 2.

use super::record::LoadTestSummary;
use super::service::Deployment;
use super::sharing::Pace;
use crate::theory::erlang::erlang_c;

/// Requests a second and times that were measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// The summary.
    pub(crate) summary: LoadTestSummary,
    /// The pause of a user between an answer and the next request, in seconds.
    pub(crate) think: Option<f64>,
}

/// What a few figures say.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasuredModel {
    /// Seconds that a worker held a request.
    pub held: f64,
    /// Seconds of service on an idle machine.
    pub service: f64,
    /// The least and the greatest that the figures allow.
    pub range: (f64, f64),
    /// CPU in it, where the busy cores are known.
    pub cpu: Option<f64>,
    /// Why the held time is what it is.
    pub why: Why,
    /// Requests that are inside on average, by Little's law.
    pub inside: f64,
    /// The pause of a user, by the response time law, N = X (R + Z).
    pub think: Option<f64>,
}

/// Where the held time came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// All workers were busy: workers / throughput.
    Saturated,
    /// The response time less the wait.
    Wait,
    /// The response time itself: no number of workers is known, or an event loop.
    Response,
}

/// Reads `throughput=1029/s users=100 mean=82ms p95=140ms cpu-busy=92%`; the busy share goes to
/// the deployment.
///
/// # Errors
/// A sentence.
pub fn parse(text: &str, deployment: &mut Deployment) -> Result<Measured, String> {
    let mut measured = Measured::default();
    let words = text.split([' ', ',', '\n', '\t']).filter(|word| !word.is_empty());
    for word in words {
        let wrong = || format!("--measured: '{word}': {FORM}");
        let (name, value) = word.split_once('=').ok_or_else(wrong)?;
        let time = || super::bytes::with_unit(value.as_bytes()).map(|nanos| nanos as f64 / 1e9);
        let time =
            || time().ok_or_else(|| format!("--measured: '{word}': a time has a unit: 82ms"));
        let summary = &mut measured.summary;
        match name {
            "throughput" | "rate" => summary.rate = Some(rate(value).ok_or_else(wrong)?),
            "users" | "clients" | "connections" | "vus" => {
                summary.users = Some(value.parse().map_err(|_| wrong())?);
                summary.clients().ok_or_else(wrong)?;
            }
            "requests" => summary.requests = Some(value.parse().map_err(|_| wrong())?),
            "mean" | "average" => summary.mean = Some(time()?),
            "median" => summary.quantiles.push((0.5, time()?)),
            "think" => measured.think = Some(time()?),
            "cpu-busy" => deployment.cpu_busy = Some(percent(value).ok_or_else(wrong)?),
            _ => match name.strip_prefix('p').and_then(|p| p.parse::<f64>().ok()) {
                Some(p) if p > 0.0 && p < 100.0 => summary.quantiles.push((p / 100.0, time()?)),
                _ => return Err(wrong()),
            },
        }
    }
    measured.summary.quantiles.sort_by(|one, other| one.0.total_cmp(&other.0));
    if measured.summary.rate.is_none() {
        return Err(format!("--measured has no throughput: {FORM}"));
    }
    Ok(measured)
}

const FORM: &str = "write such as 'throughput=1029/s users=100 mean=82ms p95=140ms cpu-busy=92%'";

/// `1029/s`, `640/min`, `3600/h`.
fn rate(text: &str) -> Option<f64> {
    let (number, unit) = text.split_once('/')?;
    let seconds = match unit {
        "s" => 1.0,
        "min" | "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    number.parse::<f64>().ok().filter(|rate| *rate > 0.0).map(|rate| rate / seconds)
}

/// `92%` or `0.92`.
pub(crate) fn percent(text: &str) -> Option<f64> {
    let share = match text.strip_suffix('%') {
        Some(number) => number.parse::<f64>().ok()? / 100.0,
        None => text.parse::<f64>().ok()?,
    };
    (0.0..=1.0).contains(&share).then_some(share)
}

/// The model.
///
/// # Errors
/// A sentence that says which figure is missing or contradicts another.
pub fn model(measured: &Measured, deployment: &Deployment) -> Result<MeasuredModel, String> {
    let summary = &measured.summary;
    let rate = summary.rate.ok_or("there is no throughput")?;
    let response = summary.mean.or_else(|| from_quantiles(&summary.quantiles));
    let users = summary.clients().map(|users| users as f64);
    let cpu = cpu(deployment, rate)?;
    let slots = deployment.slots().map(|slots| slots as f64);
    let response =
        response.or_else(|| users.map(|users| users / rate - measured.think.unwrap_or(0.0)));
    let (held, range, why) = match (slots, response) {
        (Some(slots), Some(response)) => held(rate, response, users, slots),
        (Some(slots), None) => (slots / rate, (0.0, slots / rate), Why::Saturated),
        (None, Some(response)) => (response, (cpu.unwrap_or(0.0), response), Why::Response),
        (None, None) => return Err("there is neither a time nor a number of workers".to_owned()),
    };
    let service = |held: f64| service(held, cpu, rate, deployment);
    let think = users.zip(response).map(|(users, response)| users / rate - response);
    Ok(MeasuredModel {
        held,
        service: service(held),
        range: (service(range.0), service(range.1)),
        cpu,
        why,
        inside: rate * response.unwrap_or(held),
        think: measured.think.or(think.filter(|think| *think > 0.05 * response.unwrap_or(0.0))),
    })
}

/// CPU of a request by the utilisation law.
fn cpu(deployment: &Deployment, rate: f64) -> Result<Option<f64>, String> {
    match (deployment.cpu_busy, deployment.cores) {
        (Some(busy), Some(cores)) => Ok(Some(busy * cores / rate)),
        (Some(_), None) => Err("cpu-busy is a share of the cores: give --cores".to_owned()),
        _ => Ok(None),
    }
}

/// The mean of what has such a median: 1.25 medians lie between an exponential's (1.44) and a
/// constant's (1).
fn from_quantiles(quantiles: &[(f64, f64)]) -> Option<f64> {
    let median = quantiles.iter().find(|(p, _)| (*p - 0.5).abs() < 1e-9)?.1;
    Some(1.25 * median)
}

/// The held time, its range, and why.
fn held(rate: f64, response: f64, users: Option<f64>, slots: f64) -> (f64, (f64, f64), Why) {
    let most = slots / rate;
    let inside = rate * response;
    // more inside than there are workers for, and all of the time is explained by the queue
    if inside > slots && (users.is_some() || response > 3.0 * most) {
        let off = users.map_or(0.2, |users| ((users / rate - response) / response).abs().min(0.5));
        return (most, (most * (1.0 - off.min(0.2)), most), Why::Saturated);
    }
    let solve = |cv: f64| solve(rate, response.min(1e6), slots, cv);
    let (constant, middle, wide) = (solve(0.0), solve(1.0), solve(2.0));
    (middle, (wide, constant.max(middle)), Why::Wait)
}

/// The held time at which response = held + wait, by bisection; the wait by Allen and Cunneen.
fn solve(rate: f64, response: f64, slots: f64, cv: f64) -> f64 {
    let of = |held: f64| {
        let load = rate * held;
        let waits = erlang_c(load, slots as usize).unwrap_or(1.0);
        held + (1.0 + cv * cv) / 2.0 * waits * held / (slots - load).max(1e-9)
    };
    let (mut low, mut high) = (0.0, (slots / rate).min(response));
    for _ in 0..60 {
        let middle: f64 = f64::midpoint(low, high);
        if of(middle) < response { low = middle } else { high = middle }
    }
    low
}

/// Service on an idle machine: the held time less what requests waited for cores, at the mean
/// number that is held beside one.
fn service(held: f64, cpu: Option<f64>, rate: f64, deployment: &Deployment) -> f64 {
    let (Some(cpu), Some(cores)) = (cpu, deployment.cores) else { return held };
    if deployment.slots().is_some_and(|slots| slots as f64 <= cores) {
        return held.max(cpu);
    }
    let most = deployment.slots().map_or(f64::INFINITY, |slots| slots as f64);
    let beside = (1.0 + rate * held).min(most);
    let (mut low, mut high) = (cpu, held.max(cpu));
    for _ in 0..50 {
        let middle: f64 = f64::midpoint(low, high);
        let share = (cpu / middle).clamp(0.0, 1.0);
        if middle / Pace::between(share, cores, beside).service < held {
            low = middle
        } else {
            high = middle
        }
    }
    f64::midpoint(low, high)
}
