//! nexosim: one model that sends events to itself; on one thread. What has to be heard from outside
//! is kept in two counters, as a model belongs to the simulation.

use std::collections::{BinaryHeap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use nexosim::model::{Context, Model as NexosimModel, schedulable};
use nexosim::simulation::{Mailbox, SimInit};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};

use crate::draws::Draws;
use crate::models::Model;

static ANSWERED: AtomicU64 = AtomicU64::new(0);
/// Sum of the response times in nanoseconds.
static SUM: AtomicU64 = AtomicU64::new(0);

fn answered(nanos: i64) {
    ANSWERED.fetch_add(1, Ordering::Relaxed);
    SUM.fetch_add(nanos as u64, Ordering::Relaxed);
}

/// Runs the model to its end.
macro_rules! run {
    ($model:expr, $requests:expr) => {{
        let mut simulation = SimInit::with_num_threads(1)
            .add_model($model, Mailbox::new(), "station")
            .init(MonotonicTime::EPOCH)
            .expect("a simulation");
        while ANSWERED.load(Ordering::Relaxed) < $requests {
            simulation.step().expect("a step");
        }
    }};
}

pub fn mean_response(model: Model, requests: u64) -> f64 {
    match model {
        Model::Open { workers, rate } => {
            run!(Station { idle: workers, gap: 1.0 / rate, service: 1.0, ..Station::default() }, requests)
        }
        Model::Closed { clients, workers } => {
            run!(Station { idle: workers, clients, gap: 1.0, service: 0.1, ..Station::default() }, requests)
        }
        Model::Sharing { workers, cores, rate } => {
            run!(Shared { workers, cores, gap: 1.0 / rate, ..Shared::default() }, requests)
        }
    }
    SUM.load(Ordering::Relaxed) as f64 / ANSWERED.load(Ordering::Relaxed) as f64 / 1e9
}

fn nanos(time: MonotonicTime) -> i64 {
    time.as_secs() * 1_000_000_000 + i64::from(time.subsec_nanos())
}

/// A delay that is not zero: nexosim refuses those.
fn delay(seconds: f64) -> Duration {
    Duration::from_nanos((seconds * 1e9) as u64 + 1)
}

/// Workers and a queue; arrivals from outside, or `clients` who think.
#[derive(Default, Serialize, Deserialize)]
struct Station {
    #[serde(skip)]
    draws: Draws,
    idle: usize,
    clients: usize,
    gap: f64,
    service: f64,
    queue: VecDeque<i64>,
}

#[NexosimModel]
impl Station {
    #[nexosim(init)]
    async fn init(&mut self, cx: &Context<Self>) {
        for _ in 0..self.clients.max(1) {
            let _ = cx.schedule_event(Duration::from_nanos(1), schedulable!(Self::arrive), ());
        }
    }

    #[nexosim(schedulable)]
    fn arrive(&mut self, _: (), cx: &Context<Self>) {
        let now = nanos(cx.time());
        if self.idle > 0 {
            self.idle -= 1;
            self.serve(now, cx);
        } else {
            self.queue.push_back(now);
        }
        if self.clients == 0 {
            let gap = delay(self.draws.exponential(self.gap));
            let _ = cx.schedule_event(gap, schedulable!(Self::arrive), ());
        }
    }

    #[nexosim(schedulable)]
    fn depart(&mut self, arrival: i64, cx: &Context<Self>) {
        answered(nanos(cx.time()) - arrival);
        match self.queue.pop_front() {
            Some(arrival) => self.serve(arrival, cx),
            None => self.idle += 1,
        }
        if self.clients > 0 {
            let think = delay(self.draws.exponential(self.gap));
            let _ = cx.schedule_event(think, schedulable!(Self::arrive), ());
        }
    }

    fn serve(&mut self, arrival: i64, cx: &Context<Self>) {
        let service = delay(self.draws.exponential(self.service));
        let _ = cx.schedule_event(service, schedulable!(Self::depart), arrival);
    }
}

/// Workers that share cores, by virtual time; an end that is out of date is passed over.
#[derive(Default, Serialize, Deserialize)]
struct Shared {
    #[serde(skip)]
    draws: Draws,
    workers: usize,
    cores: f64,
    gap: f64,
    clock: f64,
    seen: i64,
    /// (bits of the clock at the end, arrival).
    running: BinaryHeap<std::cmp::Reverse<(u64, i64)>>,
    queue: VecDeque<i64>,
    version: u64,
}

impl Shared {
    fn rate(&self) -> f64 {
        (self.cores / self.running.len().max(1) as f64).min(1.0)
    }

    fn advance(&mut self, now: i64) {
        self.clock += (now - self.seen) as f64 * 1e-9 * self.rate();
        self.seen = now;
        if self.running.is_empty() {
            self.clock = 0.0;
        }
    }

    fn begin(&mut self, arrival: i64) {
        let target = self.clock + self.draws.exponential(1.0);
        self.running.push(std::cmp::Reverse((target.to_bits(), arrival)));
    }
}

#[NexosimModel]
impl Shared {
    #[nexosim(init)]
    async fn init(&mut self, cx: &Context<Self>) {
        let _ = cx.schedule_event(Duration::from_nanos(1), schedulable!(Self::arrive), ());
    }

    fn foretell(&mut self, cx: &Context<Self>) {
        self.version += 1;
        let Some(std::cmp::Reverse((target, _))) = self.running.peek() else { return };
        let left = (f64::from_bits(*target) - self.clock).max(0.0) / self.rate();
        let _ = cx.schedule_event(delay(left), schedulable!(Self::end), self.version);
    }

    #[nexosim(schedulable)]
    fn arrive(&mut self, _: (), cx: &Context<Self>) {
        let now = nanos(cx.time());
        self.advance(now);
        if self.running.len() < self.workers {
            self.begin(now);
            self.foretell(cx);
        } else {
            self.queue.push_back(now);
        }
        let gap = delay(self.draws.exponential(self.gap));
        let _ = cx.schedule_event(gap, schedulable!(Self::arrive), ());
    }

    #[nexosim(schedulable)]
    fn end(&mut self, version: u64, cx: &Context<Self>) {
        if version != self.version {
            return;
        }
        let now = nanos(cx.time());
        self.advance(now);
        if let Some(std::cmp::Reverse((_, arrival))) = self.running.pop() {
            answered(now - arrival);
        }
        if let Some(arrival) = self.queue.pop_front() {
            self.begin(arrival);
        }
        self.foretell(cx);
    }
}
