//! Loads that change with the clock: what they do at their peak, and whether a run can show it.

use crate::distribution::Profile;
use crate::experiment::capacity::bound::Capacity;
use crate::experiment::capacity::total::capacity;
use crate::experiment::error::PlanError;
use crate::experiment::periodic::{changing, cut};
use crate::experiment::plan::SECTIONS;
use crate::experiment::plan::{Length, Settings};
use crate::model::{Model, Open};
use crate::stats::window::Window;
use crate::time::{Span, Time};

/// The greatest rate and the capacity that it passes, while the mean rate does not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Peak {
    /// Requests per second at the peak.
    pub(crate) per_second: f64,
    /// What the server can answer.
    pub(crate) capacity: Capacity,
}

/// The peak, if it is over capacity: then a queue grows, and drains after.
pub(crate) fn peak_over_capacity(model: &Model) -> Option<Peak> {
    let (open, profile) = changing(model)?;
    let capacity = capacity(model)?;
    let per_second = profile.peak() * open.rate.per_second();
    (per_second > capacity.per_second).then_some(Peak { per_second, capacity })
}

/// Tries per second at the usual rate if all of them failed, where that is more than the server can
/// answer: then a queue that a peak has filled may never drain, because clients that try again keep
/// it full (metastable: Bronson et al. 2021, "Metastable failures in distributed systems", HotOS).
pub(crate) fn tries_over_capacity(model: &Model) -> Option<f64> {
    let (open, _) = changing(model)?;
    let clients = &model.server().runtime.as_ref()?.clients;
    let tries = open.rate.per_second() * (1.0 + f64::from(clients.retries));
    let capacity = capacity(model)?.per_second;
    (clients.hurry() && clients.retries > 0 && tries > capacity).then_some(tries)
}

/// Whether a load that changes with the clock can be looked at as it was asked.
///
/// # Errors
/// [`PlanError::Once`], [`PlanError::NotReached`] or [`PlanError::ArrivalsEnd`] for what happens once;
/// [`PlanError::Periods`] for periods so long that the run would never be done.
pub(crate) fn check(model: &Model, settings: &Settings) -> Result<(), PlanError> {
    let Some((open, profile)) = changing(model) else { return Ok(()) };
    match profile.changes() {
        Some((first, _)) => check_once(profile, first, settings),
        None => check_periods(model, open, profile, settings),
    }
}

fn check_once(profile: &Profile, first: Span, settings: &Settings) -> Result<(), PlanError> {
    match settings.length {
        Length::Duration(all) if first >= all => {
            Err(PlanError::NotReached { profile: profile.to_string(), first, all })
        }
        Length::Duration(_) => Ok(()),
        Length::Requests(_) if profile.ends() => Err(PlanError::ArrivalsEnd(profile.to_string())),
        Length::Requests(_) => Ok(()),
        _ => Err(PlanError::Once(profile.to_string())),
    }
}

/// Refuses periods of which two (a warm-up and a window) in each replication are more requests
/// than may be simulated, or beyond the end of time.
fn check_periods(
    model: &Model,
    open: &Open,
    profile: &Profile,
    settings: &Settings,
) -> Result<(), PlanError> {
    let Some(period) = profile.period() else { return Ok(()) };
    let asked = match settings.length {
        Length::Duration(all) => all,
        Length::Requests(n) => Span::from_secs_f64(n as f64 / open.rate.per_second()),
        _ => Span::ZERO,
    };
    let fifth = Span::from_nanos(asked.as_nanos().div_ceil(5).max(1));
    let window = Window {
        from: Time::ZERO + settings.warmup.unwrap_or(fifth).min(asked.max(fifth)),
        to: Time::ZERO + asked,
    };
    let end = cut(model, settings.warmup, window).to;
    let replications = settings.replications.map_or(SECTIONS as f64, f64::from);
    let requests = open.rate.per_second() * end.as_secs_f64() * replications;
    let grown = end.as_secs_f64() > 2.0 * asked.as_secs_f64();
    if end != Time::MAX && (!grown || requests <= settings.max_requests as f64) {
        return Ok(());
    }
    let periods = end.as_nanos() / period.as_nanos();
    Err(PlanError::Periods { periods, period, replications, requests })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::Distribution;
    use crate::model::Load;
    use crate::model::runtime::{Class, Runtime};
    use crate::model::{Backlog, Cores, Phase, PhaseKind, Server};

    fn model(arrivals: &str) -> Model {
        let demand: Distribution = "exp(10ms)".parse().unwrap();
        let phases = vec![Phase { kind: PhaseKind::Cpu, demand }];
        let arrivals = arrivals.parse().unwrap();
        let open = Open { rate: "150/s".parse().unwrap(), arrivals, mix: phases.into() };
        let server =
            Server { cores: Cores::whole(8), backlog: Backlog::Places(2048), ..Server::ideal(2) };
        Model::new(Load::Open(open), server).unwrap()
    }

    /// 150/s, 200/s can be answered: two tries each are 300/s, which is too much; without retries,
    /// or without an end to the clients' waiting, nothing fails again and again.
    #[test]
    fn retries_that_could_keep_a_queue_full_are_found() {
        let spike = model("spike(at=60s,for=10s,by=5)");
        let with = |timeout: Option<&str>, retries| {
            let mut runtime = Runtime::neutral(Class::Sync);
            runtime.clients.timeout = timeout.map(|text| text.parse().unwrap());
            runtime.clients.retries = retries;
            let runtime = Some(std::sync::Arc::new(runtime));
            let server = Server { runtime, ..spike.server().clone() };
            tries_over_capacity(&Model::new(spike.load().clone(), server).unwrap())
        };
        assert_eq!(with(Some("1s"), 1), Some(300.0));
        assert_eq!(with(Some("1s"), 0), None);
        assert_eq!(with(None, 3), None);
        assert_eq!(tries_over_capacity(&spike), None);
    }

    /// 150/s on average, 200/s can be answered: levels of 1 and 3 are 75/s and 225/s.
    #[test]
    fn peaks_over_capacity_are_found() {
        let peak = peak_over_capacity(&model("profile(0s:1,5s:3,period=10s)")).unwrap();
        assert!((peak.per_second - 225.0).abs() < 1e-9, "{peak:?}");
        assert!((peak.capacity.per_second - 200.0).abs() < 1e-9, "{peak:?}");
        assert_eq!(peak_over_capacity(&model("profile(0s:3,5s:4,period=10s)")), None);
        assert_eq!(peak_over_capacity(&model("poisson")), None);
        let peak = peak_over_capacity(&model("spike(at=60s,for=10s,by=5)")).unwrap();
        assert_eq!(peak.per_second, 750.0);
    }
}
