//! One replication of one cell, request by request and phase by phase. It is run by the engine of the
//! model itself, from its start, with the draws of the first replication.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::engine::{self, Choice, Deadline, Run};
use crate::model::{Load, Model};
use crate::random::{Replication, Seed};
use crate::record::{Activity, EngineEvent, RequestRecord, Sink};
use crate::source::OpenSource;
use crate::time::{Span, Time};

/// One request: its record, and the phases of its service.
#[derive(Clone, Debug)]
pub(crate) struct Moved {
    /// When it came, was started and left.
    pub(crate) record: RequestRecord,
    /// What it did from when on, in order.
    pub(crate) phases: Vec<(Time, Activity)>,
}

/// Requests that leave while those that are wanted are inside: more would take longer than is waited for.
const MOST_OTHERS: u64 = 1_000_000;

/// Gathers requests until there are enough; then the run is stopped.
struct Film<'a> {
    stop: &'a AtomicBool,
    most: usize,
    others: u64,
    phases: Vec<Vec<(Time, Activity)>>,
    records: Vec<RequestRecord>,
}

impl Sink for Film<'_> {
    const PHASES: bool = true;
    const ROUTES: bool = true;

    fn take(&mut self, record: &RequestRecord) {
        if record.request < self.most as u64 {
            self.records.push(*record);
        } else {
            self.others += 1;
        }
        if self.records.len() >= self.most || self.others >= MOST_OTHERS {
            self.stop.store(true, Ordering::Relaxed);
        }
    }

    fn note(&mut self, note: &EngineEvent) {
        let EngineEvent::Phase { request, activity, at } = *note else { return };
        let place = request as usize;
        if place >= self.most {
            return;
        }
        if self.phases.len() <= place {
            self.phases.resize_with(place + 1, Vec::new);
        }
        self.phases[place].push((at, activity));
    }
}

/// The first requests of the first replication of a model, in order of arrival; fewer once `unwanted` is
/// set: the last of them may leave an overloaded server after millions of others have come.
pub(crate) fn film(model: &Model, seed: Seed, most: usize, unwanted: &AtomicBool) -> Vec<Moved> {
    if most == 0 {
        return Vec::new();
    }
    let stop = AtomicBool::new(false);
    let mut film = Film { stop: &stop, most, others: 0, phases: Vec::new(), records: Vec::new() };
    let replication = Replication(0);
    let until = match model.load() {
        Load::Open(open) => {
            OpenSource::arrival_of(open, seed, replication, most as u64) + Span::from_nanos(1)
        }
        _ => Time::MAX,
    };
    let elapsed = || Duration::from_secs(u64::from(unwanted.load(Ordering::Relaxed)));
    let deadline = Some(Deadline { elapsed: &elapsed, most: Duration::from_secs(1) });
    let run = Run { seed, replication, until, stop: &stop, deadline };
    engine::run(model, Choice::Events, run, &mut film);
    let Film { mut phases, mut records, .. } = film;
    records.sort_unstable_by_key(|record| record.request);
    let moved = |record: RequestRecord| {
        let phases = phases.get_mut(record.request as usize).map(std::mem::take);
        Moved { phases: phases.unwrap_or_default(), record }
    };
    records.into_iter().map(moved).collect()
}

/// A part of a request's service in which it computed at less than the speed of a core.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SharedCore {
    /// Number of the request in order of arrival, from 0.
    pub(crate) request: u64,
    /// From when.
    pub(crate) from: Time,
    /// Until when.
    pub(crate) to: Time,
    /// The part of a core that it had, below 1.
    pub(crate) speed: f64,
}

/// Where the requests of a film shared the cores: `n` that compute on `c` cores have `c/n` each
/// (Kleinrock 1976, sec. 4.4, processor sharing). Empty for servers in which something else slows a
/// request down, too: a lock, an event loop, a quota, several hosts.
pub(crate) fn shared_cores(model: &Model, film: &[Moved]) -> Vec<SharedCore> {
    let server = model.server();
    let alone = server.runtime.as_ref().is_none_or(|runtime| {
        !runtime.class.is_loop() && server.threads == 1 && runtime.quota.is_none()
    });
    if !alone || server.lock_matters() || server.hosts() > 1 {
        return Vec::new();
    }
    let computing: Vec<(u64, Time, Time)> = film.iter().flat_map(computing).collect();
    let mut instants: Vec<Time> = computing.iter().flat_map(|(_, a, b)| [*a, *b]).collect();
    instants.sort_unstable();
    instants.dedup();
    let cores = f64::from(server.cores.millicores()) / 1_000.0;
    let mut shared = Vec::new();
    for span in instants.windows(2) {
        let (from, to) = (span[0], span[1]);
        let here = || computing.iter().filter(|(_, begin, end)| *begin <= from && *end >= to);
        let speed = cores / here().count() as f64;
        if speed < 1.0 {
            shared.extend(here().map(|(request, ..)| SharedCore {
                request: *request,
                from,
                to,
                speed,
            }));
        }
    }
    shared
}

/// When a request computed, or was ready to.
fn computing(moved: &Moved) -> Vec<(u64, Time, Time)> {
    let next = moved.phases.iter().skip(1).map(|(at, _)| *at);
    let ends = next.chain([moved.record.departure]);
    let phases = moved.phases.iter().zip(ends);
    phases
        .filter(|((_, activity), _)| *activity == Activity::Cpu)
        .map(|((from, _), to)| (moved.record.request, *from, to))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{Cores, Demand, PhaseKind, Server, Trace};

    /// By hand: three requests of 3 s of CPU at once on one core. Two workers share it until both leave
    /// at 6 s; the third computes alone. With two cores each has its own.
    #[test]
    fn requests_that_share_a_core_have_a_part_of_it() {
        let with = |cores| {
            let mut trace = Trace::new();
            for _ in 0..3 {
                trace
                    .push(
                        Time::ZERO,
                        &[Demand::new(PhaseKind::Cpu, Span::from_nanos(3_000_000_000))],
                    )
                    .unwrap();
            }
            let server = Server { cores: Cores::whole(cores), ..Server::ideal(2) };
            let model = Model::new(Load::Trace(Arc::new(trace)), server).unwrap();
            shared_cores(&model, &film(&model, Seed(1), 10, &AtomicBool::new(false)))
        };
        let second = |count: u64| Time::from_nanos(count * 1_000_000_000);
        let half = |request| SharedCore { request, from: second(0), to: second(6), speed: 0.5 };
        assert_eq!(with(1), [half(0), half(1)]);
        assert_eq!(with(2), []);
    }
}
