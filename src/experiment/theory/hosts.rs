//! Several hosts behind a balancer, and a pool behind them, as theory sees them.

use crate::model::runtime::{Balance, Clients};
use crate::model::{Model, Phase, PhaseKind, Runtime};
use crate::theory::known::kendall;
use crate::theory::transform::Transform;
use crate::theory::{Arrivals, Known, RandomTime, TheoryModel, known};

/// Hosts that are each a queue by itself, all alike.
pub(crate) struct Parts {
    hosts: u32,
    /// One of them.
    one: TheoryModel,
    /// Who waits, waits for a worker; else partly for the pool, and theory does not tell them
    /// apart.
    for_workers: bool,
}

/// How theory can see the hosts of a model apart: `None` without any runtime, else why not. `seen`
/// is one host with all requests.
pub(crate) fn parts(
    model: &Model,
    seen: Option<&TheoryModel>,
) -> Result<Option<Parts>, &'static str> {
    let Some(runtime) = &model.server().runtime else { return Ok(None) };
    if !ideal(runtime) {
        return Err("no closed form is known for real servers: formulas cover ideal servers only");
    }
    let Some(seen) = seen else { return Err("no closed form is known for these arrivals") };
    let mut one = seen.clone();
    let hosts = runtime.hosts();
    if let Some(front) = runtime.cluster.filter(|front| front.hosts > 1) {
        one.arrivals = part(&seen.arrivals, front.hosts, front.balance)?;
    }
    let all = u64::from(model.server().slots()) * u64::from(hosts);
    let mut for_workers = true;
    if let Some(pool) = runtime.pool_size().filter(|pool| u64::from(*pool) < all) {
        let [Phase { kind: PhaseKind::Io, .. }] = model.phases() else {
            return Err("no closed form is known for workers that compute and wait for a pool");
        };
        if hosts > 1 || one.backlog.is_some() || one.patience.is_some() {
            return Err(
                "no closed form is known for several queues before one pool, or short ones",
            );
        }
        // Who waits longest goes first, be it for a worker or for the pool: the pool is what
        // serves.
        one.workers = Some(pool as usize);
        for_workers = false;
    }
    Ok(Some(Parts { hosts, one, for_workers }))
}

/// Whether nothing is real of a runtime but hosts and a pool.
fn ideal(runtime: &Runtime) -> bool {
    let clients = &runtime.clients;
    let patient = !clients.hurry() && clients.retries == 0;
    let rest = Runtime {
        cluster: None,
        pool: None,
        herd: false,
        clients: if patient { Clients::patient() } else { clients.clone() },
        ..runtime.clone()
    };
    !runtime.class.is_loop() && rest == Runtime::neutral(runtime.class)
}

/// What comes to one of so many hosts: a Poisson stream that is split at random is Poisson again
/// (Kingman 1993, Poisson Processes, section 5.1), and every n-th of its arrivals is n gaps after
/// the one before.
fn part(arrivals: &Arrivals, hosts: u32, balance: Balance) -> Result<Arrivals, &'static str> {
    let Arrivals::Poisson { rate } = *arrivals else {
        return Err("no closed form is known for these arrivals behind a balancer");
    };
    let rate = rate / f64::from(hosts);
    match balance {
        Balance::RANDOM => Ok(Arrivals::Poisson { rate }),
        Balance::RoundRobin => {
            let gap = Transform::erlang(hosts as usize, 1.0 / rate);
            let gap = gap.map_err(|_| "no closed form is known for that many hosts in turn")?;
            Ok(Arrivals::Renewal { gap: RandomTime::of_transform(gap) })
        }
        _ => Err("no closed form is known for hosts that are chosen by their load"),
    }
}

impl Parts {
    /// In Kendall's notation: `4 x M/M/1`.
    pub(crate) fn name(&self) -> String {
        match self.hosts {
            1 => kendall(&self.one),
            hosts => format!("{hosts} x {}", kendall(&self.one)),
        }
    }

    /// What theory says of all hosts together.
    pub(crate) fn known(&self) -> Known {
        let mut known = known(&self.one);
        known.name = self.name();
        let all = |value: &mut Option<f64>| {
            *value = value.map(|value| value * f64::from(self.hosts));
        };
        all(&mut known.capacity);
        all(&mut known.throughput);
        all(&mut known.queue_mean);
        all(&mut known.in_system_mean);
        if !self.for_workers {
            (known.wait_prob, known.wait_mean, known.wait) = (None, None, None);
            (known.queue_mean, known.worker_utilisation) = (None, None);
        }
        known
    }
}
