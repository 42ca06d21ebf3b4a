//! Counts the visits of one run: whole numbers only, so the order of visits does not matter.

use super::quantiles::Sample;
use super::window::Window;
use crate::time::{Span, Time};
use crate::visit::{Outcome, Sink, Visit};

/// What was seen of one run.
#[derive(Clone, Debug)]
pub struct Tally {
    window: Window,
    /// Requests that arrived in the window and were served, refused, or left the queue.
    pub served: u64,
    /// See `served`.
    pub refused: u64,
    /// See `served`.
    pub timed_out: u64,
    /// Those of the served who had to wait.
    pub waited: u64,
    /// Requests answered in the window.
    pub answered: u64,
    /// Sum of the waiting times of the served, in ns.
    pub wait_sum: u128,
    /// Sum of the response times of the served, in ns.
    pub response_sum: u128,
    /// Sum and number of the response times of those who came in the first half of the window.
    pub first_half: (u128, u64),
    /// Waiting times in ns.
    pub waits: Sample,
    /// Response times in ns.
    pub responses: Sample,
    /// Longest waiting time.
    pub wait_max: Span,
    /// Longest response time.
    pub response_max: Span,
    /// Time integral of the number waiting over the window, in request-ns.
    pub queue_area: u128,
    /// Time integral of the number in service.
    pub busy_area: u128,
    /// CPU time spent in the window, in ns.
    pub cpu_area: u128,
    /// Sum over the runs of the time that areas are divided by, in ns; see [`Tally::close`].
    pub observed: u128,
    /// Runs that are counted together here.
    pub runs: u64,
    first_arrival: Time,
    last_departure: Time,
}

impl Tally {
    /// Nothing seen yet. With `exact`, quantiles of small samples are exact.
    pub fn new(window: Window, exact: bool) -> Self {
        let sample = || if exact { Sample::exact() } else { Sample::counted() };
        Tally {
            window,
            served: 0,
            refused: 0,
            timed_out: 0,
            waited: 0,
            answered: 0,
            wait_sum: 0,
            response_sum: 0,
            first_half: (0, 0),
            waits: sample(),
            responses: sample(),
            wait_max: Span::ZERO,
            response_max: Span::ZERO,
            queue_area: 0,
            busy_area: 0,
            cpu_area: 0,
            observed: 0,
            runs: 0,
            first_arrival: Time::MAX,
            last_departure: Time::ZERO,
        }
    }

    /// Requests that arrived in the window.
    pub fn requests(&self) -> u64 {
        self.served + self.refused + self.timed_out
    }

    /// Ends one run: the time that its areas are divided by is the window, or the makespan of a
    /// finite story.
    pub fn close(&mut self) {
        let observed = if self.window == Window::ALL {
            self.last_departure.since(self.first_arrival)
        } else {
            self.window.length()
        };
        self.observed += u128::from(observed.as_nanos());
        self.runs += 1;
    }

    /// Adds the closed runs of `other`.
    pub fn merge(&mut self, other: &Tally) {
        self.served += other.served;
        self.refused += other.refused;
        self.timed_out += other.timed_out;
        self.waited += other.waited;
        self.answered += other.answered;
        self.wait_sum += other.wait_sum;
        self.response_sum += other.response_sum;
        self.first_half.0 += other.first_half.0;
        self.first_half.1 += other.first_half.1;
        self.waits.merge(&other.waits);
        self.responses.merge(&other.responses);
        self.wait_max = self.wait_max.max(other.wait_max);
        self.response_max = self.response_max.max(other.response_max);
        self.queue_area += other.queue_area;
        self.busy_area += other.busy_area;
        self.cpu_area += other.cpu_area;
        self.observed += other.observed;
        self.runs += other.runs;
    }

    fn areas(&mut self, visit: &Visit) {
        let window = self.window;
        self.queue_area += u128::from(window.part(visit.arrival, visit.start).as_nanos());
        let part = window.part(visit.start, visit.departure);
        self.busy_area += u128::from(part.as_nanos());
        let whole = visit.departure.since(visit.start);
        let cpu = u128::from(visit.cpu.as_nanos());
        if part == whole {
            self.cpu_area += if visit.outcome == Outcome::Served { cpu } else { 0 };
        } else {
            // Who is in service when the window opens or closes counts in proportion.
            self.cpu_area += cpu * u128::from(part.as_nanos()) / u128::from(whole.as_nanos());
        }
    }

    fn served(&mut self, visit: &Visit) {
        let (wait, response) = (visit.wait(), visit.response());
        self.served += 1;
        self.waited += u64::from(!wait.is_zero());
        self.wait_sum += u128::from(wait.as_nanos());
        self.response_sum += u128::from(response.as_nanos());
        if visit.arrival < self.window.middle() {
            self.first_half.0 += u128::from(response.as_nanos());
            self.first_half.1 += 1;
        }
        self.waits.record(wait.as_nanos());
        self.responses.record(response.as_nanos());
        self.wait_max = self.wait_max.max(wait);
        self.response_max = self.response_max.max(response);
    }
}

impl Sink for Tally {
    #[inline]
    fn take(&mut self, visit: &Visit) {
        self.areas(visit);
        let served = visit.outcome == Outcome::Served;
        self.answered += u64::from(served && self.window.holds(visit.departure));
        if !self.window.holds(visit.arrival) {
            return;
        }
        self.first_arrival = self.first_arrival.min(visit.arrival);
        self.last_departure = self.last_departure.max(visit.departure);
        match visit.outcome {
            Outcome::Served => self.served(visit),
            Outcome::Refused => self.refused += 1,
            Outcome::TimedOut => self.timed_out += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(arrival: u64, start: u64, departure: u64) -> Visit {
        let [arrival, start, departure] = [arrival, start, departure].map(Time::from_nanos);
        let cpu = departure.since(start);
        let outcome = Outcome::Served;
        Visit { request: 0, client: 0, worker: 0, arrival, start, departure, cpu, outcome }
    }

    #[test]
    fn areas_are_clipped_to_the_window() {
        let window = Window { from: Time::from_nanos(10), to: Time::from_nanos(20) };
        let mut tally = Tally::new(window, true);
        tally.take(&visit(0, 5, 12));
        tally.take(&visit(8, 12, 16));
        tally.take(&visit(15, 16, 26));
        tally.take(&visit(21, 26, 27));
        assert_eq!(tally.queue_area, 2 + 1);
        assert_eq!(tally.busy_area, 2 + 4 + 4);
        assert_eq!(tally.cpu_area, 2 + 4 + 4);
        assert_eq!((tally.served, tally.answered), (1, 2));
        assert_eq!((tally.wait_sum, tally.response_sum), (1, 11));
    }
}
