//! The recursion for sync workers that have a core each, as long as they reach none of their limits.
//!
//! Such a server differs from the ideal one in the CPU time that it takes itself, and in what happens
//! to a request that finds the accept queue full or lasts longer than the timeout of its worker.
//! Whether one does is known only after the run. So the requests are run twice: first without a
//! sink; if none reaches a limit, with it. Both together take a fraction of the time of the events.

use super::admission::Starts;
use super::server_times::{Free, Numbered};
use crate::engine::{End, Run};
use crate::instant::SimInstant;
use crate::model::runtime::{Overhead, Runtime, measured};
use crate::model::{Backlog, Demand, Load, Model, Open, PhaseKind, Server};
use crate::record::{BLOCK, RecordBlock, Sink};
use crate::source::{OpenSource, Source};
use crate::time::Span;

/// Runs a model that [`Kernel::Unlimited`](crate::engine::Kernel) fits; `None`, with nothing told,
/// where a request reaches a limit.
pub(in crate::engine) fn run<K: Sink>(model: &Model, run: Run<'_>, sink: &mut K) -> Option<End> {
    let (server, Load::Open(open)) = (model.server(), model.load()) else { return None };
    let runtime = server.runtime.as_ref()?;
    let end = Workers::new(server, runtime).serve(open, run, |_| {})?;
    if end == End::Stopped {
        return Some(end);
    }
    let mut told = RecordBlock::new();
    let end = Workers::new(server, runtime).serve(open, run, |[arrival, start, departure, cpu]| {
        told.push(arrival, start, departure, cpu);
        if told.count == BLOCK {
            told.tell(sink);
        }
    });
    told.tell(sink);
    end
}

/// What the state of a run is: when workers are free, and which have just ended a long burst.
struct Workers {
    free: Numbered,
    warm: Vec<bool>,
    starts: Starts,
    overhead: Overhead,
    /// The longest time that a request may hold a worker, in nanoseconds.
    longest: u64,
}

impl Workers {
    fn new(server: &Server, runtime: &Runtime) -> Workers {
        let backlog = match server.backlog {
            Backlog::Unlimited => Backlog::Unlimited,
            Backlog::Places(places) => Backlog::Places(runtime.accept_queue.places(places)),
        };
        Workers {
            free: Numbered::new(server.workers),
            warm: vec![false; server.workers as usize],
            starts: Starts::new(backlog),
            overhead: runtime.overhead,
            longest: runtime.lifecycle.timeout.map_or(u64::MAX, Span::as_nanos),
        }
    }

    /// Runs all requests and tells of each when it arrived, started and departed, and its CPU time,
    /// in nanoseconds; `None` as soon as one reaches a limit.
    fn serve(mut self, open: &Open, run: Run<'_>, mut tell: impl FnMut([u64; 4])) -> Option<End> {
        let mut source = OpenSource::new(open, None, run.seed, run.replication);
        let mut demands = vec![Demand::new(PhaseKind::Io, Span::ZERO); source.longest()];
        for request in 0u64.. {
            let arrival = source.peek();
            if arrival == SimInstant::NEVER || arrival.to_time() >= run.until {
                break;
            }
            if request.is_multiple_of(1024) && run.stopped() {
                return Some(End::Stopped);
            }
            let arrival = arrival.to_time().as_nanos();
            source.take(&mut demands);
            let mut work = RequestWork::of(&demands, &self.overhead);
            let (free, worker) = self.free.earliest();
            let start = arrival.max(free);
            let warm = &mut self.warm[worker as usize];
            // A worker that ends a long burst and takes the next request at once.
            let at_once = *warm && free == start;
            if at_once {
                work.spare(&self.overhead);
            }
            *warm = work.ends_long() || work.total == 0 && at_once;
            let departure = start.saturating_add(work.total);
            let reaches = work.total > self.longest || departure == u64::MAX;
            if reaches || !self.starts.admits(arrival, start) {
                return None;
            }
            self.free.take(departure);
            tell([arrival, start, departure, work.cpu]);
        }
        Some(End::Complete)
    }
}

/// What a request takes of its worker, in nanoseconds.
#[derive(Clone, Copy, Default)]
struct RequestWork {
    total: u64,
    cpu: u64,
    /// The burst that it ends with: 0 if it ends off the CPU.
    last: u64,
    /// Whether that burst is its first phase.
    one_burst: bool,
}

impl RequestWork {
    /// The phases of a request, with what the server adds to them.
    fn of(demands: &[Demand], overhead: &Overhead) -> RequestWork {
        let mut work = RequestWork { one_burst: true, ..RequestWork::default() };
        work.compute(overhead.before);
        for demand in demands {
            match demand.kind() {
                PhaseKind::Cpu => work.compute(demand.span()),
                PhaseKind::Io if demand.span().is_zero() => {}
                PhaseKind::Io => {
                    work.total = work.total.saturating_add(demand.span().as_nanos());
                    (work.last, work.one_burst) = (0, false);
                    work.compute(overhead.per_io);
                }
            }
        }
        work.compute(overhead.after);
        work
    }

    fn compute(&mut self, span: Span) {
        let nanos = span.as_nanos();
        self.total = self.total.saturating_add(nanos);
        self.cpu = self.cpu.saturating_add(nanos);
        self.last = self.last.saturating_add(nanos);
    }

    /// The worker is warm: its first burst is shorter.
    fn spare(&mut self, overhead: &Overhead) {
        let spared = overhead.warm.min(overhead.before).as_nanos();
        self.total -= spared;
        self.cpu -= spared;
        self.last -= if self.one_burst { spared } else { 0 };
    }

    fn ends_long(&self) -> bool {
        self.last >= measured::WARM_AFTER.as_nanos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{self, Asks, Choice, Kernel, kernel};
    use crate::model::runtime::{Accept, Class, Runtime};
    use crate::model::{Cores, Phase};
    use crate::random::{Replication, Seed};
    use crate::record::{Outcome, RequestRecord};
    use crate::time::Time;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    /// Arrival, start, departure and CPU time, without asking who served.
    #[derive(Default)]
    struct Times(Vec<[u64; 4]>);

    impl Sink for Times {
        const WORKERS: bool = false;

        fn take(&mut self, record: &RequestRecord) {
            assert_eq!(record.outcome, Outcome::Served);
            let times = [record.arrival, record.start, record.departure].map(Time::as_nanos);
            self.0.push([times[0], times[1], times[2], record.cpu.as_nanos()]);
        }
    }

    fn model(
        workers: u32,
        phases: &[(PhaseKind, &str)],
        rate: &str,
        (places, runtime): (u64, Runtime),
    ) -> Model {
        let phase = |(kind, demand): &(PhaseKind, &str)| Phase {
            kind: *kind,
            demand: demand.parse().unwrap(),
        };
        let open = Open {
            rate: rate.parse().unwrap(),
            arrivals: "poisson".parse().unwrap(),
            mix: phases.iter().map(phase).collect::<Vec<_>>().into(),
        };
        let server = Server {
            workers,
            threads: 1,
            gil: true,
            cores: Cores::whole(workers),
            memory: None,
            backlog: Backlog::Places(places),
            discipline: crate::model::Discipline::Fifo,
            patience: None,
            runtime: Some(Arc::new(runtime)),
        };
        Model::new(Load::Open(open), server).unwrap()
    }

    /// The records of 60 s: of the recursion, where no limit is reached, and of the events.
    fn both(model: &Model, sink: &mut Times) -> Option<Vec<[u64; 4]>> {
        let stop = AtomicBool::new(false);
        let until = Time::from_nanos(60_000_000_000);
        let (seed, replication) = (Seed(5), Replication(0));
        let run = Run { seed, replication, until, stop: &stop, deadline: None };
        if kernel(model, Choice::Auto, Asks::of::<Times>()) != Kernel::Unlimited {
            return None;
        }
        super::run(model, run, sink)?;
        let mut events = Times::default();
        engine::run(model, Choice::Events, run, &mut events);
        events.0.retain(|[arrival, ..]| *arrival < until.as_nanos());
        Some(events.0)
    }

    /// Requests that end with a long burst let the next begin warm, others do not; with one burst
    /// it is also the last. About every second request finds its worker busy.
    #[test]
    fn the_recursion_is_the_events() {
        use PhaseKind::{Cpu, Io};
        let kinds: [&[(PhaseKind, &str)]; 5] = [
            &[(Cpu, "exp(12ms)"), (Io, "exp(20ms)")],
            &[(Cpu, "exp(2ms)"), (Io, "exp(20ms)"), (Cpu, "exp(2ms)")],
            &[(Cpu, "exp(15ms)"), (Cpu, "exp(15ms)")],
            &[(Io, "exp(20ms)"), (Cpu, "mix(50%:0s,50%:800us)")],
            &[(Cpu, "mix(50%:0s,50%:60ms)")],
        ];
        for phases in kinds {
            for workers in [1, 3] {
                let rate = if workers == 1 { "12/s" } else { "45/s" };
                for overhead in [Overhead::measured(), Overhead::NONE] {
                    let runtime = Runtime { overhead, ..Runtime::neutral(Class::Sync) };
                    let model = model(workers, phases, rate, (400, runtime));
                    let mut recursion = Times::default();
                    let mut events = both(&model, &mut recursion).expect("no limit is reached");
                    assert!(events.len() > 600);
                    events.sort_unstable();
                    recursion.0.sort_unstable();
                    assert_eq!(recursion.0, events, "{phases:?} {workers}");
                }
            }
        }
    }

    /// The sink gets no record of a run in which a request lasts too long or finds the queue full, nor of
    /// a server that needs events from the beginning.
    #[test]
    fn what_reaches_a_limit_is_left_to_the_events() {
        let phases = [(PhaseKind::Cpu, "exp(50ms)")];
        let neutral = || Runtime::neutral(Class::Sync);
        let mut brief = neutral();
        brief.lifecycle.timeout = Some(Span::from_nanos(200_000_000));
        let mut endless = neutral();
        endless.lifecycle.timeout = Some(Span::from_nanos(2_000_000_000));
        let mut shed = neutral();
        shed.lifecycle.max_requests = 1000;
        let cases = [
            ("1/s", endless.clone(), true),
            ("5/s", brief, false),
            ("25/s", endless, false),
            ("1/s", shed, false),
            ("1/s", Runtime { accept: Accept::ReusePort, ..neutral() }, false),
        ];
        for (rate, runtime, fits) in cases {
            let mut told = Times::default();
            let ran = both(&model(1, &phases, rate, (6, runtime)), &mut told);
            assert_eq!((ran.is_some(), !told.0.is_empty()), (fits, fits), "{rate}");
        }
    }
}
