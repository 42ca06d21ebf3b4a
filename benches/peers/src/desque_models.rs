//! desque: an event is a boxed closure-like value in a binary heap; ours carry nothing, so that no
//! memory is taken for them. Written as a user in a hurry for speed would: counters instead of
//! requests, the mean response time from the sums of arrivals and departures.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};

use desque::serial::{Event, Simulation};
use desque::{Result, SimState, SimTime};

use crate::draws::Draws;
use crate::models::Model;

#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
struct Time(f64);

impl Eq for Time {}

impl Ord for Time {
    fn cmp(&self, other: &Self) -> Ordering {
        self.partial_cmp(other).unwrap_or(Ordering::Equal)
    }
}

impl SimTime for Time {}

pub fn mean_response(model: Model, requests: u64) -> f64 {
    match model {
        Model::Open { workers, rate } => {
            station(Station::new(workers, 1.0 / rate, 1.0, requests), |sim| {
                let first = sim.state_mut().draws.exponential(1.0 / rate);
                sim.schedule(Arrival, Time(first))
            })
        }
        Model::Closed { clients, workers } => {
            station(Station::new(workers, 1.0, 0.1, requests), |sim| {
                (0..clients).try_for_each(|_| sim.schedule(Comes, Time(0.0)))
            })
        }
        Model::Sharing { workers, cores, rate } => sharing(workers, cores, rate, requests),
    }
}

/// Workers and a queue, as counters.
struct Station {
    draws: Draws,
    idle: usize,
    waiting: usize,
    /// Mean gap between arrivals, or mean think time.
    gap: f64,
    service: f64,
    left: u64,
    sum: f64,
    inside: u64,
}

impl Station {
    fn new(workers: usize, gap: f64, service: f64, left: u64) -> Self {
        Station {
            draws: Draws::new(),
            idle: workers,
            waiting: 0,
            gap,
            service,
            left,
            sum: 0.0,
            inside: 0,
        }
    }
}

impl SimState<Time> for Station {
    fn is_complete(&self, _: &Time) -> bool {
        self.left == 0
    }
}

type Sim = Simulation<Station, Time>;

fn station(station: Station, begin: impl Fn(&mut Sim) -> Result) -> f64 {
    let requests = station.left;
    let mut sim = Simulation::new(station, Time(0.0));
    begin(&mut sim).and_then(|()| sim.run()).expect("no event lies in the past");
    // Those still inside have been there since some arrival: their part is left out with them.
    let now = sim.current_time().0;
    let state = sim.state();
    (state.sum + state.inside as f64 * now) / requests as f64
}

fn arrive(sim: &mut Sim) -> Result {
    let now = sim.current_time().0;
    let state = sim.state_mut();
    state.sum -= now;
    state.inside += 1;
    if state.idle == 0 {
        state.waiting += 1;
        return Ok(());
    }
    state.idle -= 1;
    serve(sim)
}

fn serve(sim: &mut Sim) -> Result {
    let state = sim.state_mut();
    let end = state.draws.exponential(state.service);
    let at = Time(sim.current_time().0 + end);
    sim.schedule(Departure, at)
}

fn depart(sim: &mut Sim) -> Result {
    let now = sim.current_time().0;
    let state = sim.state_mut();
    state.sum += now;
    state.inside -= 1;
    state.left -= 1;
    if state.waiting == 0 {
        state.idle += 1;
        return Ok(());
    }
    state.waiting -= 1;
    serve(sim)
}

#[derive(Debug)]
struct Arrival;

impl Event<Station, Time> for Arrival {
    fn execute(&mut self, sim: &mut Sim) -> Result {
        arrive(sim)?;
        let state = sim.state_mut();
        let gap = state.draws.exponential(state.gap);
        let at = Time(sim.current_time().0 + gap);
        sim.schedule(Arrival, at)
    }
}

/// Of an open or a closed loop: the one has no thinkers.
#[derive(Debug)]
struct Departure;

impl Event<Station, Time> for Departure {
    fn execute(&mut self, sim: &mut Sim) -> Result {
        depart(sim)?;
        // In the closed loop (mean service below 1 s) the client thinks and comes again.
        if sim.state().service == 1.0 {
            return Ok(());
        }
        let state = sim.state_mut();
        let think = state.draws.exponential(state.gap);
        let at = Time(sim.current_time().0 + think);
        sim.schedule(Comes, at)
    }
}

#[derive(Debug)]
struct Comes;

impl Event<Station, Time> for Comes {
    fn execute(&mut self, sim: &mut Sim) -> Result {
        arrive(sim)
    }
}

/// Workers that share cores: virtual time in floats, reset when idle. desque cannot take an event
/// back, so an end that is out of date is passed over when it comes.
struct Shared {
    draws: Draws,
    workers: usize,
    cores: f64,
    gap: f64,
    clock: f64,
    seen: f64,
    running: BinaryHeap<std::cmp::Reverse<Time>>,
    queue: VecDeque<()>,
    version: u64,
    left: u64,
    sum: f64,
}

impl SimState<Time> for Shared {
    fn is_complete(&self, _: &Time) -> bool {
        self.left == 0
    }
}

type Sharing = Simulation<Shared, Time>;

impl Shared {
    fn rate(&self) -> f64 {
        (self.cores / self.running.len().max(1) as f64).min(1.0)
    }

    fn advance(&mut self, now: f64) {
        self.clock += (now - self.seen) * self.rate();
        self.seen = now;
        if self.running.is_empty() {
            self.clock = 0.0;
        }
    }

    fn begin(&mut self) {
        let target = self.clock + self.draws.exponential(1.0);
        self.running.push(std::cmp::Reverse(Time(target)));
    }
}

fn sharing(workers: usize, cores: f64, rate: f64, requests: u64) -> f64 {
    let shared = Shared {
        draws: Draws::new(),
        workers,
        cores,
        gap: 1.0 / rate,
        clock: 0.0,
        seen: 0.0,
        running: BinaryHeap::new(),
        queue: VecDeque::new(),
        version: 0,
        left: requests,
        sum: 0.0,
    };
    let mut sim = Simulation::new(shared, Time(0.0));
    sim.schedule(Enters, Time(0.0)).and_then(|()| sim.run()).expect("no event lies in the past");
    let now = sim.current_time().0;
    let state = sim.state();
    (state.sum + (state.running.len() + state.queue.len()) as f64 * now) / requests as f64
}

/// Says when the next end will be.
fn foretell(sim: &mut Sharing) -> Result {
    let now = sim.current_time().0;
    let state = sim.state_mut();
    state.version += 1;
    let version = state.version;
    let Some(std::cmp::Reverse(target)) = state.running.peek() else { return Ok(()) };
    let at = now + (target.0 - state.clock).max(0.0) / state.rate();
    sim.schedule(Ends { version }, Time(at))
}

#[derive(Debug)]
struct Enters;

impl Event<Shared, Time> for Enters {
    fn execute(&mut self, sim: &mut Sharing) -> Result {
        let now = sim.current_time().0;
        let state = sim.state_mut();
        state.advance(now);
        state.sum -= now;
        let gap = state.draws.exponential(state.gap);
        if state.running.len() < state.workers {
            state.begin();
            foretell(sim)?;
        } else {
            state.queue.push_back(());
        }
        sim.schedule(Enters, Time(now + gap))
    }
}

#[derive(Debug)]
struct Ends {
    version: u64,
}

impl Event<Shared, Time> for Ends {
    fn execute(&mut self, sim: &mut Sharing) -> Result {
        let now = sim.current_time().0;
        let state = sim.state_mut();
        if self.version != state.version {
            return Ok(());
        }
        state.advance(now);
        state.running.pop();
        state.sum += now;
        state.left -= 1;
        if state.queue.pop_front().is_some() {
            state.begin();
        }
        foretell(sim)
    }
}
