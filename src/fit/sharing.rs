//! CPU out of held time where workers share cores: how fast one of `n` held requests moves, from
//! its share of CPU and the number of cores.
//!
//! The model of `n` held requests is the machine repairman's (Palm 1947; Lavenberg 1983, "Computer
//! Performance Modeling Handbook", 3.6): each is off the CPU, or on one of the cores, which are
//! shared equally. Its steady state given `n` depends on the two means only. At a share of 1 this
//! is the attained-service clock of processor sharing, which is exact; at 0 the held time itself.

/// How fast requests move while `n` are held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pace {
    /// Cores that are busy.
    pub(crate) busy: f64,
    /// Service that one request gets in a second.
    pub(crate) service: f64,
    /// CPU that one request gets in a second that it wants the CPU.
    pub(crate) cpu: f64,
}

impl Pace {
    /// The pace at a number of held requests that need not be whole.
    pub(crate) fn between(share: f64, cores: f64, number: f64) -> Pace {
        let paces = Paces::new(share, cores, number.ceil() as usize);
        let (below, above) = (paces.of(number.floor() as u32), paces.of(number.ceil() as u32));
        let part = number - number.floor();
        let mix = |one: f64, other: f64| one + part * (other - one);
        Pace {
            busy: mix(below.busy, above.busy),
            service: mix(below.service, above.service),
            cpu: mix(below.cpu, above.cpu),
        }
    }
}

/// The paces for 0, 1, 2, ... held requests.
#[derive(Clone, Debug)]
pub(crate) struct Paces(Vec<Pace>);

/// The number of held requests over which the pace is that of as many (it is flat there).
const MOST: usize = 2_000;

impl Paces {
    /// For up to `most` requests, of whose time on an idle machine the share `share` is CPU.
    pub(crate) fn new(share: f64, cores: f64, most: usize) -> Self {
        let pace = |n| pace(n, share.clamp(0.0, 1.0), cores);
        Paces((0..=most.min(MOST)).map(pace).collect())
    }

    /// The pace while `n` are held.
    pub(crate) fn of(&self, n: u32) -> Pace {
        let last = self.0.len() - 1;
        self.0[(n as usize).min(last)]
    }
}

fn pace(n: usize, share: f64, cores: f64) -> Pace {
    let count = n as f64;
    let alone = |busy: f64, speed: f64| Pace { busy, service: speed, cpu: speed };
    if n == 0 {
        return alone(0.0, 1.0);
    }
    if share >= 1.0 {
        return alone(count.min(cores), (cores / count).min(1.0));
    }
    if share <= 0.0 {
        return Pace { busy: 0.0, service: 1.0, cpu: (cores / count).min(1.0) };
    }
    let busy = busy_cores(n, share / (1.0 - share), cores);
    let service = busy / (share * count);
    // a unit of service takes (1 - share) off the CPU and `share / cpu` on it
    let cpu = share / (1.0 / service - (1.0 - share));
    Pace { busy, service, cpu: cpu.min(1.0) }
}

/// The mean number of busy cores: P(j want the CPU) is in proportion to the product of
/// (n - j + 1) x ratio / min(j, cores).
fn busy_cores(n: usize, ratio: f64, cores: f64) -> f64 {
    let (mut weight, mut sum, mut busy) = (1.0_f64, 1.0, 0.0);
    for j in 1..=n {
        let running = (j as f64).min(cores);
        weight *= (n - j + 1) as f64 * ratio / running;
        sum += weight;
        busy += weight * running;
        if sum > 1e250 {
            (weight, sum, busy) = (weight / 1e250, sum / 1e250, busy / 1e250);
        }
    }
    busy / sum
}

/// The mean time on the CPU (waiting for a core included) of a request that was held `held`, if
/// the time on it and off it are independent and exponential with these means: that of an
/// exponential cut off at `held`.
pub(crate) fn on_cpu(held: f64, on: f64, off: f64) -> f64 {
    if off <= 0.0 {
        return held;
    }
    if on <= 0.0 {
        return 0.0;
    }
    let x = held * (1.0 / on - 1.0 / off);
    if x.abs() < 1e-6 {
        return held / 2.0;
    }
    held / x - held / x.exp_m1()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: two requests, one core, half CPU: weights 1, 2, 2, so a core is busy 4/5 of the
    /// time and each gets 0.8 s of service in a second.
    #[test]
    fn two_requests_and_one_core() {
        let pace = Paces::new(0.5, 1.0, 2).of(2);
        assert!((pace.busy - 0.8).abs() < 1e-12 && (pace.service - 0.8).abs() < 1e-12);
        assert!((pace.cpu - 0.5 / (1.25 - 0.5)).abs() < 1e-12);
    }

    #[test]
    fn the_ends_are_exact() {
        let all = Paces::new(1.0, 2.0, 8).of(8);
        assert!((all.service - 0.25).abs() < 1e-12 && (all.busy - 2.0).abs() < 1e-12);
        assert!((Paces::new(0.0, 1.0, 8).of(8).service - 1.0).abs() < 1e-12);
        assert!((Paces::new(0.3, 8.0, 8).of(8).service - 1.0).abs() < 1e-9, "a core for each");
        let many = Paces::new(0.2, 1.0, 1500).of(1500);
        assert!((many.busy - 1.0).abs() < 1e-9 && many.service.is_finite());
    }

    /// The mean of an exponential of mean 1 cut off at 1: 1 - 1/(e - 1).
    #[test]
    fn the_time_on_the_cpu_is_that_of_a_cut_exponential() {
        let expected = 1.0 - 1.0 / (std::f64::consts::E - 1.0);
        assert!((on_cpu(1.0, 1.0, 1e12) - expected).abs() < 1e-6);
        assert!((on_cpu(2.0, 1.0, 1.0) - 1.0).abs() < 1e-12);
        assert!((on_cpu(2.0, 1.0, 0.0) - 2.0).abs() < 1e-12);
        assert!(on_cpu(1e4, 1.0, 1e-3) > 9_999.0);
    }
}
