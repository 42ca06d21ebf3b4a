//! The slow, obvious twin of the whole engine of events: it is told a server and requests, and
//! says what becomes of each. It shares no code with the engines. It looks at every request at
//! every instant, computes everybody's rate anew, and does so in exact fractions: two things
//! happen at one instant if and only if their times are equal.

use std::collections::{BTreeSet, VecDeque};

use crate::ratio::Ratio;

/// The machine.
#[derive(Clone, Debug)]
pub struct House {
    /// Whether clients that come at one instant take turns.
    pub turns: bool,
    pub processes: usize,
    pub threads: usize,
    /// A process runs one of its threads at a time.
    pub lock: bool,
    pub millicores: i128,
    /// Who came last is served first.
    pub lifo: bool,
    /// Places to wait in; `None` for any number.
    pub backlog: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Cpu,
    Io,
}

/// What a request brings along, in nanoseconds.
#[derive(Clone, Debug)]
pub struct Ask {
    pub phases: Vec<(Kind, i128)>,
    /// The lowest is served first.
    pub priority: usize,
    pub patience: Option<i128>,
}

/// A request on its way. Of those that come at one instant the lowest `rank` is first: the place
/// in the input, or the number of the client where clients come again.
#[derive(Clone, Debug)]
pub struct Coming {
    pub at: Ratio,
    pub rank: usize,
    /// Of a client that comes again: the number of its last request, from 1.
    pub sent: usize,
    pub ask: Ask,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Served,
    Refused,
    TimedOut,
}

/// What became of a request.
#[derive(Clone, Debug)]
pub struct Seen {
    pub request: usize,
    pub client: usize,
    pub worker: Option<usize>,
    pub arrival: Ratio,
    /// For one that was not served, the instant at which it left.
    pub start: Ratio,
    pub departure: Ratio,
    pub end: End,
}

/// A request in the house.
struct Job {
    request: usize,
    client: usize,
    arrival: Ratio,
    deadline: Option<Ratio>,
    start: Ratio,
    worker: usize,
    priority: usize,
    /// What is left of each phase; the first one runs.
    phases: VecDeque<(Kind, Ratio)>,
}

impl Job {
    fn computes(&self) -> bool {
        self.phases.front().is_some_and(|(kind, _)| *kind == Kind::Cpu)
    }

    /// Whether nothing is left to do, once phases of no length have been passed over.
    fn done(&mut self) -> bool {
        while self.phases.front().is_some_and(|(_, left)| *left == Ratio::ZERO) {
            self.phases.pop_front();
        }
        self.phases.is_empty()
    }
}

struct Twin {
    house: House,
    now: Ratio,
    coming: Vec<Coming>,
    /// Of each client: what it asks for next, and how long it thinks before. None: no clients.
    scripts: Vec<VecDeque<(i128, Ask)>>,
    waiting: VecDeque<Job>,
    busy: Vec<Job>,
    /// Of each thread: since when it is idle.
    idle: Vec<Option<Ratio>>,
    arrived: usize,
    seen: Vec<Seen>,
}

/// Everything from the first arrival to the last departure, in the order in which requests
/// leave; `None` if a fraction grew too long.
pub fn run(
    house: &House,
    coming: Vec<Coming>,
    scripts: Vec<VecDeque<(i128, Ask)>>,
) -> Option<Vec<Seen>> {
    let mut twin = Twin {
        house: house.clone(),
        now: Ratio::ZERO,
        coming,
        scripts,
        waiting: VecDeque::new(),
        busy: Vec::new(),
        idle: vec![Some(Ratio::ZERO); house.processes * house.threads],
        arrived: 0,
        seen: Vec::new(),
    };
    while let Some(next) = twin.next_instant() {
        if next.is_lost() {
            return None;
        }
        twin.work_until(next);
        twin.finish();
        twin.refill();
        twin.time_out();
        while let Some(coming) = twin.arrival() {
            twin.arrive(coming);
        }
    }
    Some(twin.seen)
}

impl Twin {
    fn process_of(&self, worker: usize) -> usize {
        worker / self.house.threads
    }

    /// How fast a busy request's phase goes on: the heart of the matter.
    fn rate(&self, job: &Job) -> Ratio {
        if !job.computes() {
            return Ratio::ONE;
        }
        let unit =
            |job: &Job| if self.house.lock { self.process_of(job.worker) } else { job.worker };
        let computing: Vec<usize> = self.busy.iter().filter(|j| j.computes()).map(unit).collect();
        let units = computing.iter().collect::<BTreeSet<_>>().len() as i128;
        let mates = computing.iter().filter(|other| **other == unit(job)).count() as i128;
        let share = Ratio::new(self.house.millicores, 1000 * units).min(Ratio::ONE);
        share / Ratio::whole(mates)
    }

    fn next_instant(&self) -> Option<Ratio> {
        let ends = self.busy.iter().map(|job| self.now + job.phases[0].1 / self.rate(job));
        let arrivals = self.coming.iter().map(|coming| coming.at);
        let deadlines = self.waiting.iter().filter_map(|job| job.deadline);
        ends.chain(arrivals).chain(deadlines).min()
    }

    fn work_until(&mut self, next: Ratio) {
        let rates: Vec<Ratio> = self.busy.iter().map(|job| self.rate(job)).collect();
        for (job, rate) in self.busy.iter_mut().zip(rates) {
            job.phases[0].1 = job.phases[0].1 - (next - self.now) * rate;
        }
        self.now = next;
    }

    /// Phases end; requests whose last phase ended depart, the lowest worker first.
    fn finish(&mut self) {
        self.busy.sort_by_key(|job| job.worker);
        for mut job in std::mem::take(&mut self.busy) {
            if job.done() { self.depart(job) } else { self.busy.push(job) }
        }
    }

    /// Freed workers take those of the lowest priority; of these those who wait longest, or shortest.
    fn refill(&mut self) {
        while let Some(worker) = self.idle_worker().filter(|_| !self.waiting.is_empty()) {
            let all = 0..self.waiting.len();
            let order = |i: &usize| {
                let place = if self.house.lifo { self.waiting.len() - i } else { *i };
                (self.waiting[*i].priority, place)
            };
            let next = all.min_by_key(order).expect("somebody waits");
            let job = self.waiting.remove(next).expect("one that waits");
            self.start(job, worker);
        }
    }

    fn time_out(&mut self) {
        let now = self.now;
        let (gone, stay): (VecDeque<Job>, _) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|job| job.deadline.is_some_and(|deadline| deadline <= now));
        self.waiting = stay;
        gone.into_iter().for_each(|job| self.leave(job, End::TimedOut));
    }

    /// The order of those who come at one instant: where clients take turns, the one whose last request
    /// is oldest is first.
    fn order(&self, coming: &Coming) -> (usize, usize) {
        (if self.house.turns { coming.sent } else { 0 }, coming.rank)
    }

    /// The next of those who come now.
    fn arrival(&mut self) -> Option<Coming> {
        let now = (0..self.coming.len()).filter(|i| self.coming[*i].at == self.now);
        let first = now.min_by_key(|i| self.order(&self.coming[*i]))?;
        Some(self.coming.remove(first))
    }

    fn arrive(&mut self, coming: Coming) {
        let phases = coming.ask.phases.iter().map(|(kind, ns)| (*kind, Ratio::whole(*ns)));
        let job = Job {
            request: self.arrived,
            client: if self.scripts.is_empty() { 0 } else { coming.rank },
            arrival: self.now,
            deadline: coming.ask.patience.map(|patience| self.now + Ratio::whole(patience)),
            start: self.now,
            worker: 0,
            priority: coming.ask.priority,
            phases: phases.collect(),
        };
        self.arrived += 1;
        match self.idle_worker() {
            Some(worker) => self.start(job, worker),
            None if self.house.backlog.is_some_and(|places| self.waiting.len() >= places) => {
                self.leave(job, End::Refused);
            }
            None => self.waiting.push_back(job),
        }
    }

    /// Without threads the worker idle longest, then the lowest; with threads one of the process
    /// that has the fewest busy, then the lowest.
    fn idle_worker(&self) -> Option<usize> {
        let idle = (0..self.idle.len()).filter(|worker| self.idle[*worker].is_some());
        if self.house.threads == 1 {
            return idle.min_by_key(|worker| (self.idle[*worker], *worker));
        }
        let busy_beside = |worker: usize| {
            let process = self.process_of(worker);
            self.busy.iter().filter(|job| self.process_of(job.worker) == process).count()
        };
        idle.min_by_key(|worker| (busy_beside(*worker), *worker))
    }

    fn start(&mut self, mut job: Job, worker: usize) {
        (job.worker, job.start) = (worker, self.now);
        self.idle[worker] = None;
        if job.done() { self.depart(job) } else { self.busy.push(job) }
    }

    fn depart(&mut self, job: Job) {
        self.idle[job.worker] = Some(self.now);
        self.leave(job, End::Served);
    }

    /// A request leaves; its client, if it has one, thinks and comes again.
    fn leave(&mut self, job: Job, end: End) {
        let served = end == End::Served;
        self.seen.push(Seen {
            request: job.request,
            client: job.client,
            worker: served.then_some(job.worker),
            arrival: job.arrival,
            start: if served { job.start } else { self.now },
            departure: self.now,
            end,
        });
        let script = self.scripts.get_mut(job.client);
        if let Some((think, ask)) = script.and_then(VecDeque::pop_front) {
            let at = self.now + Ratio::whole(think);
            self.coming.push(Coming { at, rank: job.client, sent: job.request + 1, ask });
        }
    }
}
