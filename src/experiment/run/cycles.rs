//! What happens again and again in a server, and how long a run has to be to see it often.
//!
//! A worker restarts after a number of requests, memory fills until the kernel kills a process, each
//! period grants a quota, the master of a growing pool looks each second. Such an event lets a queue grow
//! for a while. A replication that holds a few of them by chance, or none, does not show what a
//! server does that runs for days, however narrow its interval is.

use crate::model::Model;
use crate::model::runtime::LOOKS;
use crate::time::Span;

/// Cycles that a replication holds at least, where the precision decides its length.
const ENOUGH: f64 = 20.0;
/// How many times as many it takes in addition where on average one worker boots. Four workers that boot for 7 s
/// after 1,000 requests, 20 s: with 20,000 requests a replication the p95 response time is 310 to 420 ms, with 80,000
/// 204 to 211, with 160,000 197 to 200, in a long run 198.
const APART: f64 = 7.0;
/// Cycles below which a replication says little of them.
const FEW: f64 = 2.0;
/// Periods that are so short that they are held by the hundred.
const PERIODS: f64 = 100.0;

/// Requests that a replication has to hold so that it sees enough of every cycle, by how many
/// requests there are per second.
pub(crate) fn enough(model: &Model, per_second: f64) -> f64 {
    let seconds = |span: Span| span.as_nanos() as f64 * 1e-9;
    let Some(runtime) = &model.server().runtime else { return 0.0 };
    let quota = runtime.quota.map_or(0.0, |quota| PERIODS * seconds(quota.period));
    let looks = if runtime.spawning.grows() { PERIODS * seconds(LOOKS) } else { 0.0 };
    let idle = runtime.spawning.idle().map_or(0.0, |idle| ENOUGH * seconds(idle));
    let timed = (quota + looks + idle) * per_second;
    timed.max(ENOUGH * requests(model).unwrap_or(0.0) * apart(model, per_second))
}

/// How many times as many cycles it takes until restarts no longer depend on how they fell at the beginning.
///
/// There each worker is somewhere in its life, and by chance all of them may boot at once. While one boots
/// the others are used up sooner, so later restarts keep apart.
fn apart(model: &Model, per_second: f64) -> f64 {
    let server = model.server();
    let Some(runtime) = &server.runtime else { return 1.0 };
    let Some(served) = runtime.lifecycle.mean_requests().filter(|_| server.workers > 1) else {
        return 1.0;
    };
    let boot = runtime.lifecycle.boot.as_nanos() as f64 * 1e-9;
    let workers = f64::from(server.workers);
    let life = served * workers * f64::from(server.hosts()) / per_second;
    1.0 + APART * (workers * boot / (life + boot)).min(1.0)
}

/// Whether a replication of `requests_seen` requests holds too few cycles to estimate their effect.
pub(crate) fn few(model: &Model, requests_seen: f64) -> bool {
    requests(model).is_some_and(|cycle| requests_seen < FEW * cycle)
}

/// Mean requests from one such event to the next, on any host: of a worker that ends after so many
/// requests, or of processes that grow until the kernel kills one.
pub(crate) fn requests(model: &Model) -> Option<f64> {
    let server = model.server();
    let life = server.runtime.as_ref()?.lifecycle;
    // The workers of a server that has run for long end one after another.
    let restart = life.mean_requests();
    // A server begins with all memory free, and fills it once before the first kill.
    let fill = server.memory.and_then(|memory| {
        let each = memory.most_requests(server.workers, server.threads)?;
        Some(each as f64 * f64::from(server.workers) * f64::from(server.hosts()))
    });
    // Processes that restart give their memory back before it is full.
    let restarts_first =
        |fill: f64| restart.is_some_and(|one| one * f64::from(server.workers) < fill);
    match (restart, fill.filter(|fill| !restarts_first(*fill))) {
        (Some(restart), Some(fill)) => Some(restart.max(fill)),
        (restart, fill) => restart.or(fill),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::runtime::{Class, Runtime};
    use crate::model::{Load, Memory, Open, Phase, PhaseKind, Server};

    fn model(workers: u32, max_requests: u64, memory: Option<Memory>) -> Model {
        let demand = "exp(10ms)".parse().unwrap();
        let phases = vec![Phase { kind: PhaseKind::Cpu, demand }];
        let arrivals = "poisson".parse().unwrap();
        let open = Open { rate: "50/s".parse().unwrap(), arrivals, mix: phases.into() };
        let mut runtime = Runtime::neutral(Class::Sync);
        runtime.lifecycle.max_requests = max_requests;
        let runtime = Some(Arc::new(runtime));
        let server = Server { runtime, memory, ..Server::ideal(workers) };
        Model::new(Load::Open(open), server).unwrap()
    }

    /// By hand: with 4 workers that end after 1,500 requests each, one ends every 1,500 requests,
    /// so twenty restarts take 30,000. 400 MB of room and 1 MB a request are full after 400 requests;
    /// workers that end after 50 requests never have more than 200 MB.
    #[test]
    fn a_cycle_is_from_one_restart_or_kill_to_the_next() {
        assert_eq!(requests(&model(4, 0, None)), None);
        assert_eq!(enough(&model(4, 1500, None), 50.0), 30_000.0);
        assert!(few(&model(4, 1500, None), 2_999.0) && !few(&model(4, 1500, None), 3_000.0));
        // At 50/s each of 4 workers ends after 120 s, and boots for 40: one boots at each instant.
        let mut slow = model(4, 1500, None);
        assert_eq!(apart(&slow, 50.0), 1.0);
        let mut runtime = Runtime::clone(slow.server().runtime.as_ref().unwrap());
        runtime.lifecycle.boot = Span::from_secs_f64(40.0);
        let server = Server { runtime: Some(Arc::new(runtime)), ..slow.server().clone() };
        slow = Model::new(slow.load().clone(), server).unwrap();
        assert_eq!(enough(&slow, 50.0), 8.0 * 30_000.0);
        let memory = |limit: &str| {
            let size = |text: &str| text.parse().unwrap();
            let (worker, thread, shared) = (size("100MB"), size("0B"), size("0B"));
            Some(Memory { limit: Some(size(limit)), worker, thread, shared, leak: size("1MB") })
        };
        assert_eq!(requests(&model(4, 0, memory("800MB"))), Some(400.0));
        assert_eq!(requests(&model(4, 50, memory("800MB"))), Some(50.0));
        assert_eq!(requests(&model(4, 200, memory("800MB"))), Some(400.0));
    }
}
