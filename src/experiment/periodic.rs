//! Loads that change with the clock: what of them is measured.
//!
//! A profile that repeats has a periodic steady state: averages over whole periods exist, averages
//! over parts of one depend on the part. So warm-up and window are whole periods. A profile that
//! happens once (a spike) has no steady state: it is measured over a given time, from its beginning.

use crate::distribution::Profile;
use crate::model::{Load, Model, Open};
use crate::stats::window::Window;
use crate::time::{Span, Time};

/// The open load of a model and its profile, if its rate changes with the clock.
pub(crate) fn changing(model: &Model) -> Option<(&Open, &Profile)> {
    match model.load() {
        Load::Open(open) => Some((open, open.arrivals.profile()?)),
        _ => None,
    }
}

/// Whether the load changes with the clock, once and not again and again.
pub(crate) fn once(model: &Model) -> bool {
    if let Load::Closed(closed) = model.load() {
        return closed.ramp.is_some();
    }
    changing(model).is_some_and(|(_, profile)| profile.period().is_none())
}

/// From when to when a load is another than usual, where that happens once.
pub(crate) fn event(model: &Model) -> Option<(Span, Span)> {
    changing(model).and_then(|(_, profile)| profile.changes())
}

/// The period of a model's arrivals.
pub(crate) fn period(model: &Model) -> Option<Span> {
    changing(model).and_then(|(_, profile)| profile.period())
}

/// What is measured instead of `window`: whole periods after whole periods; all of what happens
/// once, unless a warm-up was asked for.
pub(crate) fn cut(model: &Model, asked: Option<Span>, window: Window) -> Window {
    match period(model).map(Span::as_nanos) {
        Some(period) => {
            let warmup = window.from.as_nanos().div_ceil(period).saturating_mul(period);
            let rest = window.to.as_nanos().saturating_sub(warmup);
            let length = rest.div_ceil(period).max(1).saturating_mul(period);
            let to = Time::from_nanos(warmup.saturating_add(length));
            Window { from: Time::from_nanos(warmup).min(to), to }
        }
        None if once(model) => {
            let from = Time::ZERO + asked.unwrap_or(Span::ZERO);
            Window { from: from.min(window.to), to: window.to }
        }
        None => window,
    }
}

/// Whether the first and the second half of a window of that many nanoseconds see the same load:
/// not where the window is an odd number of periods, or of what happens once.
pub(crate) fn halves_are_alike(model: &Model, observed: u128) -> bool {
    match period(model) {
        Some(period) => (observed / u128::from(period.as_nanos().max(1))).is_multiple_of(2),
        None => !once(model),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::Distribution;
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

    fn seconds(from: u64, to: u64) -> Window {
        let at = |s: u64| Time::from_nanos(s * 1_000_000_000);
        Window { from: at(from), to: at(to) }
    }

    /// By hand: warm-up and window up to the next multiple of 10 s, the window one at least.
    #[test]
    fn windows_are_whole_periods() {
        let model = model("profile(0s:1,5s:3,period=10s)");
        for ((from, to), expect) in [
            ((0, 10), (0, 10)),
            ((2, 10), (10, 20)),
            ((20, 100), (20, 100)),
            ((21, 105), (30, 110)),
            ((0, 1), (0, 10)),
            ((40, 41), (40, 50)),
        ] {
            assert_eq!(cut(&model, None, seconds(from, to)), seconds(expect.0, expect.1));
        }
        assert!(halves_are_alike(&model, 20_000_000_000));
        assert!(!halves_are_alike(&model, 10_000_000_000));
    }

    #[test]
    fn what_happens_once_is_looked_at_from_its_beginning() {
        let spike = model("spike(at=60s,for=10s,by=5)");
        assert_eq!(cut(&spike, None, seconds(20, 100)), seconds(0, 100));
        let asked = Some(Span::from_nanos(30_000_000_000));
        assert_eq!(cut(&spike, asked, seconds(30, 100)), seconds(30, 100));
        assert!(once(&spike) && !halves_are_alike(&spike, 20));
        let poisson = model("poisson");
        assert_eq!(cut(&poisson, None, seconds(20, 101)), seconds(20, 101));
        assert!(!once(&poisson) && halves_are_alike(&poisson, 1));
    }
}
