//! The heartbeats of an event loop: one stream a life of a process, since a heartbeat is scheduled here
//! only, and each step asserts the one before it.

use super::Engine;
use super::calendar::Event;
use super::policies::Policies;
use crate::instant::SimInstant;
use crate::model::runtime::measured;
use crate::random::Purpose;
use crate::record::Sink;
use crate::source::Source;

/// What the heartbeats of a process wait for. A life begins with [`Heartbeats::Ended`] and ends with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Heartbeats {
    /// There are none: no event of this life is in the calendar.
    #[default]
    Ended,
    /// The next one is in the calendar, at this instant.
    Scheduled(SimInstant),
    /// One was due at this instant, and the event loop was busy: none is in the calendar.
    Due(SimInstant),
}

impl Heartbeats {
    /// When one was due that has not been given.
    pub(crate) fn due(self) -> Option<SimInstant> {
        match self {
            Heartbeats::Due(at) => Some(at),
            Heartbeats::Scheduled(_) | Heartbeats::Ended => None,
        }
    }

    /// A process begins to serve, or has given the one that was due.
    fn schedule(&mut self, at: SimInstant) {
        debug_assert!(!matches!(self, Heartbeats::Scheduled(_)), "a second stream at {at:?}");
        *self = Heartbeats::Scheduled(at);
    }

    /// The time of the scheduled one has come.
    fn come(&mut self, now: SimInstant) {
        debug_assert!(
            matches!(self, Heartbeats::Scheduled(at) if at.due(now)),
            "{self:?} at {now:?} is of another stream"
        );
        *self = Heartbeats::Due(now);
    }
}

impl<P: Policies, S: Source, K: Sink> Engine<'_, P, S, K> {
    /// A process that begins to serve begins its heartbeats, if its arbiter asks for any.
    pub(super) fn begin_heartbeats(&mut self, process: u32) {
        let place = &self.hosts.processes[process as usize];
        debug_assert_eq!(place.heartbeats, Heartbeats::Ended, "of the life before");
        if self.hosts.taking().is_loop() && self.runtime.lifecycle.timeout.is_some() {
            // Its phase depends on the beginning of the process.
            let lane = u64::from(process) << 32 | u64::from(place.life);
            let first = self.random.part(Purpose::Heartbeat, lane, measured::HEARTBEAT);
            self.schedule_heartbeat(process, self.now.after(first));
        }
    }

    fn schedule_heartbeat(&mut self, process: u32, at: SimInstant) {
        let handle = self.process_handle(process);
        self.hosts.processes[process as usize].heartbeats.schedule(at);
        self.calendar.push(at, Event::Heartbeat(handle));
    }

    /// A heartbeat is due: a loop that is busy gives it when it is between two bursts.
    pub(super) fn heartbeat_is_due(&mut self, process: u32) {
        self.hosts.processes[process as usize].heartbeats.come(self.now);
        if !self.hosts.is_computing(process) {
            self.heartbeat(process);
        }
    }

    /// An event loop gives the heartbeat that is due.
    pub(super) fn heartbeat(&mut self, process: u32) {
        let now = self.now;
        let place = &mut self.hosts.processes[process as usize];
        debug_assert!(place.heartbeats.due().is_some(), "{:?}", place.heartbeats);
        place.last_heartbeat = now;
        self.schedule_heartbeat(process, now.after(measured::HEARTBEAT));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::engine::{Choice, End, Run, run};
    use crate::model::runtime::Class;
    use crate::model::{Load, Model, Phase, Runtime, Server};
    use crate::random::{Replication, Seed};
    use crate::record::{Cause, EngineEvent, RequestRecord};
    use crate::time::{Span, Time};

    fn at(nanos: u64) -> SimInstant {
        SimInstant::of(Time::from_nanos(nanos))
    }

    #[test]
    fn a_heartbeat_comes_once_and_is_given_once() {
        let mut heartbeats = Heartbeats::default();
        assert_eq!(heartbeats.due(), None);
        heartbeats.schedule(at(7));
        assert_eq!(heartbeats.due(), None);
        heartbeats.come(at(7));
        assert_eq!(heartbeats.due(), Some(at(7)));
        heartbeats.schedule(at(9));
        assert_eq!(heartbeats, Heartbeats::Scheduled(at(9)));
    }

    #[test]
    #[should_panic = "a second stream"]
    fn a_second_stream_does_not_begin() {
        Heartbeats::Scheduled(at(7)).schedule(at(9));
    }

    #[test]
    #[should_panic = "of another stream"]
    fn a_heartbeat_of_another_stream_does_not_come() {
        Heartbeats::Scheduled(at(9)).come(at(7));
    }

    /// Processes that ended after their request, and such as were killed.
    #[derive(Default)]
    struct Ended([u32; 2]);

    impl Sink for Ended {
        fn take(&mut self, _: &RequestRecord) {}

        fn note(&mut self, note: &EngineEvent) {
            match note {
                EngineEvent::Away { cause: Cause::MaxRequests, .. } => self.0[0] += 1,
                EngineEvent::Away { cause: Cause::Timeout, .. } => self.0[1] += 1,
                _ => {}
            }
        }
    }

    /// F6: processes end after each request, at times after one of more than 2 s, during which heartbeats
    /// are due. A process whose successor inherits a heartbeat breaks an assertion above.
    #[test]
    fn each_life_begins_its_heartbeats_anew() {
        let mut runtime = Runtime::neutral(Class::Gevent);
        runtime.lifecycle.timeout = Some(Span::from_nanos(2_000_000_000));
        runtime.lifecycle.max_requests = 1;
        let server = Server { runtime: Some(Arc::new(runtime)), ..Server::ideal(4) };
        let phases = vec![Phase::cpu("exp(800ms)".parse().unwrap())];
        let model = Model::new(Load::poisson("1/s".parse().unwrap(), phases), server).unwrap();
        let (stop, until) = (AtomicBool::new(false), Time::from_nanos(1_000_000_000_000));
        let (seed, replication) = (Seed(1), Replication(0));
        let whole = Run { seed, replication, until, stop: &stop, deadline: None };
        let mut ended = Ended::default();
        assert_eq!(run(&model, Choice::Auto, whole, &mut ended), End::Complete);
        assert!(ended.0[0] > 500 && ended.0[1] > 10, "{:?}", ended.0);
    }
}
