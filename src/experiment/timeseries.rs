//! The course of a run, or of several: what came, was answered, waited and was away, against time.
//!
//! Averages over a run hide what happens once (a spike, a restart of all workers at a time); here
//! the run is cut into short stretches of equal length, and each is looked at by itself.

use crate::record::{EngineEvent, Outcome, RequestRecord, Sink};
use crate::time::{Span, Time};

/// What can be drawn against time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Series {
    /// 95th percentile of the response time of the requests that came in a stretch and were
    /// answered, in seconds.
    Response,
    /// Answers per second that reached their clients.
    Answered,
    /// Tries per second: requests that came, and came again.
    Tries,
    /// Requests that wait for a worker, those whose clients have gone among them.
    Backlog,
    /// Worker processes that are away.
    Away,
}

impl Series {
    /// All of them.
    pub(crate) const ALL: [Series; 5] =
        [Series::Response, Series::Answered, Series::Tries, Series::Backlog, Series::Away];

    /// Its name in a scenario.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Series::Response => "response",
            Series::Answered => "answered",
            Series::Tries => "tries",
            Series::Backlog => "backlog",
            Series::Away => "away",
        }
    }

    /// The one of that name.
    pub(crate) fn from_name(name: &str) -> Option<Series> {
        Series::ALL.into_iter().find(|known| known.name() == name)
    }
}

/// What happened, and when: a sink, for one run after another.
#[derive(Clone, Debug, Default)]
pub(crate) struct TimeSeries {
    /// Whether the engine tells the queue itself, as that of real servers does.
    real: bool,
    /// Runs that have been told; averages are over all of them.
    runs: u32,
    /// When requests came, for the first time or again.
    tries: Vec<Time>,
    /// Arrivals and answers of those that were answered.
    answered: Vec<(Time, Time)>,
    /// Changes of the number that waits.
    backlog: Vec<(Time, i64)>,
    waiting: i64,
    /// Changes of the number of processes that are away.
    away: Vec<(Time, i64)>,
}

impl TimeSeries {
    /// Nothing has happened. `real` says whether the server has a runtime: then the engine tells
    /// how many wait, and else it follows from the records.
    pub(crate) fn new(real: bool) -> TimeSeries {
        TimeSeries { real, ..TimeSeries::default() }
    }

    /// Another run begins, at time 0.
    pub(crate) fn begin(&mut self) {
        self.runs += 1;
        self.waiting = 0;
    }

    /// How many runs have been told.
    pub(crate) fn runs(&self) -> u32 {
        self.runs
    }

    /// How many requests came, for the first time or again, in all runs.
    pub(crate) fn requests(&self) -> usize {
        self.tries.len()
    }

    /// The last that is known to have happened.
    pub(crate) fn end(&self) -> Time {
        let answers = self.answered.iter().map(|(_, departure)| *departure);
        answers.chain(self.tries.iter().copied()).max().unwrap_or(Time::ZERO)
    }

    /// Points (seconds, value) of what is asked for, from time 0 to `until` in so many stretches;
    /// stretches that say nothing have no point. Of one run, [`Series::Away`] is drawn as it
    /// changes; of several, numbers and rates are averages over the runs, and percentiles those of
    /// all requests together.
    pub(crate) fn points(&self, of: Series, until: Time, stretches: usize) -> Vec<(f64, f64)> {
        let mut points = self.sums(of, until, stretches);
        if of != Series::Response && self.runs > 1 {
            points.iter_mut().for_each(|(_, value)| *value /= f64::from(self.runs));
        }
        points
    }

    fn sums(&self, of: Series, until: Time, stretches: usize) -> Vec<(f64, f64)> {
        let cut = Bins::new(until, stretches);
        match of {
            Series::Tries => cut.rates(self.tries.iter().copied()),
            Series::Answered => cut.rates(self.answered.iter().map(|(_, departure)| *departure)),
            Series::Response => cut.percentiles(&self.answered, 0.95),
            Series::Backlog => cut.levels(&self.backlog),
            Series::Away if self.runs > 1 => cut.levels(&self.away),
            Series::Away => steps(&self.away, until),
        }
    }
}

impl Sink for TimeSeries {
    const WORKERS: bool = false;
    const COURSE: bool = true;

    fn take(&mut self, record: &RequestRecord) {
        self.tries.push(record.arrival);
        if record.outcome == Outcome::Served {
            self.answered.push((record.arrival, record.departure));
        }
        let waited = record.start > record.arrival && record.outcome != Outcome::Refused;
        if !self.real && waited {
            self.backlog.extend([(record.arrival, 1), (record.start, -1)]);
        }
    }

    fn note(&mut self, note: &EngineEvent) {
        match *note {
            EngineEvent::Again { at } => self.tries.push(at),
            EngineEvent::Waiting { at, requests } => {
                let requests = requests as i64;
                self.backlog.push((at, requests - self.waiting));
                self.waiting = requests;
            }
            EngineEvent::Away { from, to, .. } => self.away.extend([(from, 1), (to, -1)]),
            EngineEvent::Tries { .. }
            | EngineEvent::Phase { .. }
            | EngineEvent::Wasted { .. }
            | EngineEvent::Killed { .. }
            | EngineEvent::Memory { .. }
            | EngineEvent::PoolWait { .. }
            | EngineEvent::PoolHeld { .. } => {}
        }
    }
}

/// Time cut into stretches of equal length.
struct Bins {
    until: Time,
    stretches: usize,
    /// Length of a stretch in seconds.
    length: f64,
}

impl Bins {
    fn new(until: Time, stretches: usize) -> Bins {
        let stretches = stretches.max(1);
        Bins { until, stretches, length: until.as_secs_f64() / stretches as f64 }
    }

    /// The stretch of an instant before the end.
    fn of(&self, at: Time) -> Option<usize> {
        let number = (at.as_secs_f64() / self.length) as usize;
        (at < self.until).then_some(number.min(self.stretches - 1))
    }

    fn middle(&self, stretch: usize) -> f64 {
        (stretch as f64 + 0.5) * self.length
    }

    /// Events per second.
    fn rates(&self, events: impl Iterator<Item = Time>) -> Vec<(f64, f64)> {
        let mut counts = vec![0u64; self.stretches];
        for stretch in events.filter_map(|at| self.of(at)) {
            counts[stretch] += 1;
        }
        let rate = |(at, count): (usize, u64)| (self.middle(at), count as f64 / self.length);
        counts.into_iter().enumerate().map(rate).collect()
    }

    /// A percentile (nearest rank) of the response times of those that came in each stretch.
    fn percentiles(&self, answered: &[(Time, Time)], p: f64) -> Vec<(f64, f64)> {
        let mut responses: Vec<Vec<Span>> = vec![Vec::new(); self.stretches];
        for (arrival, departure) in answered {
            if let Some(stretch) = self.of(*arrival) {
                responses[stretch].push(departure.since(*arrival));
            }
        }
        let point = |(at, mut responses): (usize, Vec<Span>)| {
            responses.sort_unstable();
            let rank = (p * responses.len() as f64).ceil().max(1.0) as usize;
            responses.get(rank - 1).map(|span| (self.middle(at), span.as_secs_f64()))
        };
        responses.into_iter().enumerate().filter_map(point).collect()
    }

    /// The average of a number that changes, over each stretch.
    fn levels(&self, changes: &[(Time, i64)]) -> Vec<(f64, f64)> {
        let mut areas = vec![0.0; self.stretches];
        let steps = steps(changes, self.until);
        for pair in steps.windows(2) {
            let ((mut from, level), (to, _)) = (pair[0], pair[1]);
            let mut stretch = ((from / self.length) as usize).min(self.stretches - 1);
            while from < to {
                let last = stretch + 1 == self.stretches;
                let edge = if last { to } else { (stretch + 1) as f64 * self.length };
                let edge = edge.clamp(from, to);
                areas[stretch] += level * (edge - from);
                from = edge;
                stretch += usize::from(!last);
            }
        }
        let level = |(at, area): (usize, f64)| (self.middle(at), area / self.length);
        areas.into_iter().enumerate().map(level).collect()
    }
}

/// The corners of a number that changes, from time 0 to `until`.
fn steps(changes: &[(Time, i64)], until: Time) -> Vec<(f64, f64)> {
    let mut changes = changes.to_vec();
    changes.sort_unstable_by_key(|(at, _)| *at);
    let mut corners = vec![(0.0, 0.0)];
    let mut level = 0i64;
    for (at, change) in changes.into_iter().filter(|(at, _)| *at < until) {
        let at = at.as_secs_f64();
        corners.push((at, level as f64));
        level += change;
        corners.push((at, level as f64));
    }
    corners.push((until.as_secs_f64(), level as f64));
    corners
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Cause;

    fn second(s: f64) -> Time {
        Time::ZERO + Span::from_secs_f64(s)
    }

    fn record(arrival: f64, start: f64, departure: f64, outcome: Outcome) -> RequestRecord {
        let [arrival, start, departure] = [arrival, start, departure].map(second);
        let cpu = Span::ZERO;
        let (request, client, worker, route) = (0, 0, 0, 0);
        RequestRecord { request, client, worker, route, arrival, start, departure, cpu, outcome }
    }

    /// By hand, in stretches of 2 s up to 8 s: two come in the first, of which one waits from 1 s
    /// to 5 s; one comes in the third and is refused.
    #[test]
    fn records_fall_into_their_stretches() {
        let mut course = TimeSeries::new(false);
        course.take(&record(0.0, 0.0, 5.0, Outcome::Served));
        course.take(&record(1.0, 5.0, 7.5, Outcome::Served));
        course.take(&record(4.5, 4.5, 4.5, Outcome::Refused));
        let points = |of| course.points(of, second(8.0), 4);
        assert_eq!(points(Series::Tries), [(1.0, 1.0), (3.0, 0.0), (5.0, 0.5), (7.0, 0.0)]);
        assert_eq!(points(Series::Answered), [(1.0, 0.0), (3.0, 0.0), (5.0, 0.5), (7.0, 0.5)]);
        assert_eq!(points(Series::Backlog), [(1.0, 0.5), (3.0, 1.0), (5.0, 0.5), (7.0, 0.0)]);
        assert_eq!(points(Series::Response), [(1.0, 6.5)], "the slower of two is the p95");
        assert_eq!(course.end(), second(7.5));
    }

    /// What a real server's engine tells: the queue itself, new tries, who is away; nothing beyond
    /// the end is drawn.
    #[test]
    fn notes_make_the_course_of_a_real_server() {
        let mut course = TimeSeries::new(true);
        course.take(&record(1.0, 5.0, 7.5, Outcome::Served));
        course.note(&EngineEvent::Waiting { at: second(1.0), requests: 3 });
        course.note(&EngineEvent::Waiting { at: second(3.0), requests: 1 });
        course.note(&EngineEvent::Again { at: second(3.0) });
        course.note(&EngineEvent::Again { at: second(9.0) });
        let away = |from, to| EngineEvent::Away {
            process: 0,
            from: second(from),
            to,
            cause: Cause::MaxRequests,
        };
        course.note(&away(6.0, Time::MAX));
        course.note(&away(2.0, second(7.0)));
        let points = |of| course.points(of, second(8.0), 4);
        assert_eq!(points(Series::Backlog), [(1.0, 1.5), (3.0, 2.0), (5.0, 1.0), (7.0, 1.0)]);
        assert_eq!(points(Series::Tries), [(1.0, 0.5), (3.0, 0.5), (5.0, 0.0), (7.0, 0.0)]);
        let corners =
            [(0., 0.), (2., 0.), (2., 1.), (6., 1.), (6., 2.), (7., 2.), (7., 1.), (8., 1.)];
        assert_eq!(points(Series::Away), corners);
    }

    /// Of two runs, rates and numbers are halved, and percentiles are those of both.
    #[test]
    fn several_runs_are_averaged() {
        let mut course = TimeSeries::new(true);
        for (departure, waiting) in [(1.5, 4), (4.0, 2)] {
            course.begin();
            course.take(&record(1.0, 1.0, departure, Outcome::Served));
            course.note(&EngineEvent::Waiting { at: second(4.0), requests: waiting });
        }
        let points = |of| course.points(of, second(8.0), 2);
        assert_eq!(points(Series::Tries), [(2.0, 0.25), (6.0, 0.0)]);
        assert_eq!(points(Series::Answered), [(2.0, 0.125), (6.0, 0.125)]);
        assert_eq!(points(Series::Backlog), [(2.0, 0.0), (6.0, 3.0)]);
        assert_eq!(points(Series::Response), [(2.0, 3.0)]);
    }

    /// A thousand stretches of a time that no binary fraction divides: the area is kept.
    #[test]
    fn no_rounding_loses_or_repeats_time() {
        let mut course = TimeSeries::new(true);
        course.note(&EngineEvent::Waiting { at: Time::ZERO, requests: 7 });
        let until = Time::from_nanos(33_333_333_333);
        let points = course.points(Series::Backlog, until, 1000);
        assert!(points.iter().all(|(_, level)| (level - 7.0).abs() < 1e-6));
    }
}
