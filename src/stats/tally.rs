//! Counts the records of one run: whole numbers only, so the order of records does not matter.

mod columns;

use super::quantiles::Sample;
use super::window::Window;
use crate::record::{BLOCK, EngineEvent, Outcome, RecordBlock, RequestRecord, Sink};
use crate::time::{Span, Time};

/// What was seen of one run.
#[derive(Clone, Debug)]
pub struct Tally {
    window: Window,
    /// Half-way through the window, in ns.
    middle: u64,
    /// Requests that arrived in the window and were served, refused, or left the queue.
    pub served: u64,
    /// See `served`.
    pub(crate) refused: u64,
    /// See `served`.
    pub(crate) timed_out: u64,
    /// Those whose worker was killed under them, or whose connection was reset.
    pub(crate) failed: u64,
    /// Those whose client waited no longer for an answer, or could not connect.
    pub(crate) gave_up: u64,
    /// Those that waited for the pool for too long.
    pub(crate) pool_timed_out: u64,
    /// How long the served waited for the pool, in ns.
    pub(crate) pool_waits: Sample,
    /// Those that a proxy answered with a 504.
    pub(crate) proxy_timed_out: u64,
    /// Of `timed_out` and `gave_up`, those whose client closed the connection.
    pub(crate) closed_by_client: u64,
    /// Of `failed` and `gave_up`, those whose connection the server or its kernel closed without an
    /// answer, or that had none.
    pub(crate) unanswered: u64,
    /// Attempts beyond the first, of requests that arrived in the window.
    pub(crate) retries: u64,
    /// Requests that arrived in the window and found the queue full at least once, and whose
    /// client's kernel sent again.
    pub(crate) sent_again: u64,
    /// Workers that were killed in the window because memory ran out.
    pub(crate) killed: u64,
    /// The most memory that the processes took before the end of the window, in bytes.
    pub(crate) memory: u64,
    /// Worker time in the window that nobody got an answer from, in ns.
    pub(crate) wasted_area: u128,
    /// Sum of the times that the served waited for the pool behind, in ns.
    pub(crate) pool_wait_sum: u128,
    /// Time integral of the connections of the pool that were held, over the window.
    pub(crate) pool_area: u128,
    /// Those of the served who had to wait.
    pub(crate) waited: u64,
    /// Requests answered in the window.
    pub answered: u64,
    /// Requests whose client left the queue in the window.
    pub(crate) left: u64,
    /// Sum of the waiting times of the served, in ns.
    pub(crate) wait_sum: u128,
    /// Sum of the response times of the served, in ns.
    pub(crate) response_sum: u128,
    /// Sum and number of the response times of those who came in the first half of the window.
    pub(crate) first_half: (u128, u64),
    /// Waiting times in ns.
    pub(crate) waits: Sample,
    /// Response times in ns.
    pub(crate) responses: Sample,
    /// Longest waiting time.
    pub(crate) wait_max: Span,
    /// Longest response time.
    pub(crate) response_max: Span,
    /// Time integral of the number waiting over the window, in request-ns.
    pub queue_area: u128,
    /// Time integral of the number in service.
    pub busy_area: u128,
    /// CPU time spent in the window, in ns.
    pub cpu_area: u128,
    /// Sum over the runs of the time that areas are divided by, in ns; see [`Tally::close`].
    pub observed: u128,
    /// Sum over the runs of the time from the first arrival of all requests to the last departure of
    /// these, in ns.
    pub(crate) makespan: u128,
    /// Whether a run stood still, which is a bug.
    pub(crate) stuck: bool,
    /// Runs that are counted together here.
    pub(crate) runs: u64,
    /// The same of the requests of each route, where there are several.
    pub(crate) routes: Vec<Tally>,
    first_arrival: Time,
    last_departure: Time,
    scratch: Box<Scratch>,
}

impl Tally {
    /// Nothing seen yet. With `exact`, quantiles of small samples are exact.
    pub fn new(window: Window, exact: bool) -> Self {
        let sample = || if exact { Sample::exact() } else { Sample::counted() };
        Tally {
            window,
            middle: window.middle().as_nanos(),
            served: 0,
            refused: 0,
            timed_out: 0,
            failed: 0,
            gave_up: 0,
            pool_timed_out: 0,
            pool_waits: sample(),
            proxy_timed_out: 0,
            closed_by_client: 0,
            unanswered: 0,
            retries: 0,
            sent_again: 0,
            killed: 0,
            memory: 0,
            wasted_area: 0,
            pool_wait_sum: 0,
            pool_area: 0,
            waited: 0,
            answered: 0,
            left: 0,
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
            makespan: 0,
            stuck: false,
            runs: 0,
            routes: Vec::new(),
            first_arrival: Time::MAX,
            last_departure: Time::ZERO,
            scratch: Box::new(Scratch { waits: [0; BLOCK], responses: [0; BLOCK] }),
        }
    }

    /// The same, with a tally for each route.
    pub(crate) fn of_routes(window: Window, exact: bool, routes: usize) -> Self {
        let of_route = || Tally::new(window, exact);
        let routes = (0..routes).map(|_| of_route()).collect();
        Tally { routes, ..Tally::new(window, exact) }
    }

    /// Requests that arrived in the window.
    pub fn requests(&self) -> u64 {
        let lost = self.refused + self.timed_out + self.failed + self.gave_up;
        self.served + lost + self.pool_timed_out + self.proxy_timed_out
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
        let first = self.first_arrival;
        self.makespan += u128::from(self.last_departure.since(first).as_nanos());
        // A route is looked at for as long as all of them.
        for route in &mut self.routes {
            (route.observed, route.runs) = (self.observed, self.runs);
            route.makespan += u128::from(route.last_departure.since(first).as_nanos());
        }
    }

    /// Adds the closed runs of `other`.
    pub(crate) fn merge(&mut self, other: &Tally) {
        self.served += other.served;
        self.refused += other.refused;
        self.timed_out += other.timed_out;
        self.failed += other.failed;
        self.gave_up += other.gave_up;
        self.pool_timed_out += other.pool_timed_out;
        self.pool_waits.merge(&other.pool_waits);
        self.proxy_timed_out += other.proxy_timed_out;
        self.closed_by_client += other.closed_by_client;
        self.unanswered += other.unanswered;
        self.retries += other.retries;
        self.sent_again += other.sent_again;
        self.killed += other.killed;
        self.memory = self.memory.max(other.memory);
        self.wasted_area += other.wasted_area;
        self.pool_wait_sum += other.pool_wait_sum;
        self.pool_area += other.pool_area;
        self.waited += other.waited;
        self.answered += other.answered;
        self.left += other.left;
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
        self.makespan += other.makespan;
        self.stuck |= other.stuck;
        self.runs += other.runs;
        self.routes.iter_mut().zip(&other.routes).for_each(|(one, other)| one.merge(other));
    }

    /// Areas of a record that is not wholly inside the window, or was not served.
    fn edge_areas(&mut self, record: &RequestRecord) {
        let window = self.window;
        self.queue_area += u128::from(window.part(record.arrival, record.start).as_nanos());
        let part = window.part(record.start, record.departure).as_nanos();
        self.busy_area += u128::from(part);
        let whole = record.departure.since(record.start).as_nanos();
        // Who is in service when the window opens or closes counts in proportion.
        if let Some(share) =
            (u128::from(record.cpu.as_nanos()) * u128::from(part)).checked_div(whole.into())
        {
            self.cpu_area += share;
        }
    }

    /// Times of a request that arrived in the window and was served.
    #[inline]
    fn served(&mut self, arrival: u64, wait: u64, response: u64) {
        self.served += 1;
        self.waited += u64::from(wait > 0);
        self.wait_sum += u128::from(wait);
        self.response_sum += u128::from(response);
        if arrival < self.middle {
            self.first_half.0 += u128::from(response);
            self.first_half.1 += 1;
        }
        self.waits.record(wait);
        self.responses.record(response);
        self.wait_max = self.wait_max.max(Span::from_nanos(wait));
        self.response_max = self.response_max.max(Span::from_nanos(response));
    }

    /// A served record that lies wholly inside the window.
    #[inline]
    fn inside(&mut self, record: &RequestRecord) {
        let (wait, response) = (record.wait().as_nanos(), record.response().as_nanos());
        self.answered += 1;
        self.queue_area += u128::from(wait);
        self.busy_area += u128::from(response - wait);
        self.cpu_area += u128::from(record.cpu.as_nanos());
        self.seen(record);
        self.served(record.arrival.as_nanos(), wait, response);
    }

    #[inline]
    fn seen(&mut self, record: &RequestRecord) {
        self.first_arrival = self.first_arrival.min(record.arrival);
        self.last_departure = self.last_departure.max(record.departure);
    }

    #[cold]
    fn at_the_edge(&mut self, record: &RequestRecord) {
        self.edge_areas(record);
        let served = record.outcome == Outcome::Served;
        let within = self.window.holds(record.departure);
        self.answered += u64::from(served && within);
        self.left += u64::from(record.outcome == Outcome::TimedOut && within);
        if !self.window.holds(record.arrival) {
            return;
        }
        self.seen(record);
        match record.outcome {
            Outcome::Served => {
                let (wait, response) = (record.wait().as_nanos(), record.response().as_nanos());
                self.served(record.arrival.as_nanos(), wait, response);
            }
            Outcome::Refused => self.refused += 1,
            Outcome::TimedOut => self.timed_out += 1,
            Outcome::Failed | Outcome::Closed | Outcome::OutOfMemory | Outcome::Reset => {
                self.failed += 1;
            }
            Outcome::GaveUp | Outcome::NoConnection => self.gave_up += 1,
            Outcome::PoolTimeout => self.pool_timed_out += 1,
            Outcome::ProxyTimeout => self.proxy_timed_out += 1,
        }
        match record.outcome {
            Outcome::TimedOut | Outcome::GaveUp => self.closed_by_client += 1,
            Outcome::Closed | Outcome::OutOfMemory | Outcome::Reset | Outcome::NoConnection => {
                self.unanswered += 1;
            }
            _ => {}
        }
    }

    /// A worker was busy for nothing.
    fn wasted(&mut self, from: Time, to: Time, cpu: Span) {
        let part = self.window.part(from, to).as_nanos();
        self.wasted_area += u128::from(part);
        self.busy_area += u128::from(part);
        let whole = u128::from(to.since(from).as_nanos());
        let computed = u128::from(cpu.as_nanos()).min(whole) * u128::from(part);
        self.cpu_area += computed.checked_div(whole).unwrap_or(0);
    }

    /// Whether a block lies wholly inside the window and on one side of its middle, and its sums
    /// fit 64 bits.
    #[inline]
    fn holds_block(&self, block: &RecordBlock) -> bool {
        let (first, latest, last) = (block.first_arrival, block.last_arrival, block.last_departure);
        let (from, to) = (self.window.from.as_nanos(), self.window.to.as_nanos());
        let one_side = latest < self.middle || first >= self.middle;
        if block.count == 0 {
            return false;
        }
        first >= from && last < to && one_side && last - first < u64::MAX / BLOCK as u64
    }

    /// Takes a block for which [`Tally::holds_block`] is true.
    fn block_inside(&mut self, block: &RecordBlock) {
        let count = block.count;
        let longest = (self.wait_max.as_nanos(), self.response_max.as_nanos());
        let sums = BlockSums::of(block, longest, &mut self.scratch);
        self.answered += count as u64;
        self.served += count as u64;
        self.waited += sums.waited;
        self.wait_sum += u128::from(sums.wait);
        self.response_sum += u128::from(sums.response);
        self.queue_area += u128::from(sums.wait);
        self.busy_area += u128::from(sums.response - sums.wait);
        self.cpu_area += u128::from(sums.cpu);
        if block.first_arrival < self.middle {
            self.first_half.0 += u128::from(sums.response);
            self.first_half.1 += count as u64;
        }
        self.wait_max = self.wait_max.max(Span::from_nanos(sums.wait_max));
        self.response_max = self.response_max.max(Span::from_nanos(sums.response_max));
        self.first_arrival = self.first_arrival.min(Time::from_nanos(block.first_arrival));
        self.last_departure = self.last_departure.max(Time::from_nanos(block.last_departure));
        // Many do not wait at all: they are counted together.
        self.waits.record_zeros(count as u64 - sums.waited);
        self.waits.record_all(&self.scratch.waits[..sums.waited as usize]);
        self.responses.record_all(&self.scratch.responses[..count]);
    }
}

/// Times of a block, one after another; of the waits only those above zero.
#[derive(Clone, Debug)]
struct Scratch {
    waits: [u64; BLOCK],
    responses: [u64; BLOCK],
}

/// Sums over a block that fit 64 bits, and its longest times where they exceed those before.
struct BlockSums {
    waited: u64,
    wait: u64,
    response: u64,
    cpu: u64,
    wait_max: u64,
    response_max: u64,
}

impl BlockSums {
    #[inline]
    fn of(block: &RecordBlock, longest: (u64, u64), scratch: &mut Scratch) -> Self {
        let mut sums =
            BlockSums { waited: 0, wait: 0, response: 0, cpu: 0, wait_max: 0, response_max: 0 };
        let count = block.count.min(BLOCK);
        let (mut any_wait, mut any_response) = (0, 0);
        for at in 0..count {
            let arrival = block.arrival[at];
            let wait = block.start[at].wrapping_sub(arrival);
            let response = block.departure[at].wrapping_sub(arrival);
            (scratch.waits[at], scratch.responses[at]) = (wait, response);
            sums.wait += wait;
            sums.response += response;
            any_wait |= wait;
            any_response |= response;
        }
        sums.cpu = match block.computing {
            true => sums.response - sums.wait,
            false => block.cpu[..count].iter().sum(),
        };
        // Only those above zero, as written over by the next if it is not.
        for at in 0..count {
            let wait = scratch.waits[at];
            scratch.waits[sums.waited as usize % BLOCK] = wait;
            sums.waited += u64::from(wait > 0);
        }
        // What all bits together do not exceed, none exceeds: most blocks have no new longest time.
        let greatest = |times: &[u64]| times.iter().copied().max().unwrap_or(0);
        if any_wait > longest.0 {
            sums.wait_max = greatest(&scratch.waits[..sums.waited as usize]);
        }
        if any_response > longest.1 {
            sums.response_max = greatest(&scratch.responses[..count]);
        }
        sums
    }
}

/// Counts the requests of each route as well.
#[derive(Debug)]
pub(crate) struct ByRoute<'a>(pub(crate) &'a mut Tally);

impl Sink for ByRoute<'_> {
    const WORKERS: bool = false;
    const ROUTES: bool = true;

    fn take(&mut self, record: &RequestRecord) {
        self.0.take(record);
        if let Some(route) = self.0.routes.get_mut(record.route as usize) {
            route.take(record);
        }
    }

    fn note(&mut self, note: &EngineEvent) {
        self.0.note(note);
        let route = note.route().and_then(|route| self.0.routes.get_mut(route as usize));
        route.into_iter().for_each(|route| route.note(note));
    }
}

impl Sink for Tally {
    const WORKERS: bool = false;

    #[inline]
    fn take(&mut self, record: &RequestRecord) {
        let inside = record.outcome == Outcome::Served
            && record.arrival >= self.window.from
            && record.departure < self.window.to;
        if inside {
            self.inside(record);
        } else {
            self.at_the_edge(record);
        }
    }

    fn take_block(&mut self, block: &RecordBlock) {
        if self.holds_block(block) {
            self.block_inside(block);
        } else {
            block.records().for_each(|record| self.take(&record));
        }
    }

    fn note(&mut self, note: &EngineEvent) {
        match *note {
            EngineEvent::Tries { arrival, attempts, dropped, .. } if self.window.holds(arrival) => {
                self.retries += u64::from(attempts - 1);
                self.sent_again += u64::from(dropped > 0);
            }
            EngineEvent::Wasted { from, to, cpu, .. } => self.wasted(from, to, cpu),
            EngineEvent::Killed { at } if self.window.holds(at) => self.killed += 1,
            EngineEvent::Memory { at, bytes } if at < self.window.to => {
                self.memory = self.memory.max(bytes);
            }
            EngineEvent::PoolWait { arrival, waited, .. } if self.window.holds(arrival) => {
                self.pool_wait_sum += u128::from(waited.as_nanos());
                self.pool_waits.record(waited.as_nanos());
            }
            EngineEvent::PoolHeld { from, to, .. } => {
                self.pool_area += u128::from(self.window.part(from, to).as_nanos());
            }
            EngineEvent::Tries { .. }
            | EngineEvent::Away { .. }
            | EngineEvent::Again { .. }
            | EngineEvent::Phase { .. }
            | EngineEvent::Waiting { .. }
            | EngineEvent::Killed { .. }
            | EngineEvent::Memory { .. }
            | EngineEvent::PoolWait { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(arrival: u64, start: u64, departure: u64) -> RequestRecord {
        let [arrival, start, departure] = [arrival, start, departure].map(Time::from_nanos);
        let cpu = departure.since(start);
        let outcome = Outcome::Served;
        let (request, client, worker, route) = (0, 0, 0, 0);
        RequestRecord { request, client, worker, route, arrival, start, departure, cpu, outcome }
    }

    /// A tally that takes blocks counts what one that takes records counts.
    #[test]
    fn blocks_count_like_records() {
        let window = Window { from: Time::from_nanos(1_000), to: Time::from_nanos(9_000) };
        let mut one = Tally::new(window, false);
        let mut many = Tally::new(window, false);
        let mut block = RecordBlock::new();
        for number in 0..40 {
            let count = if number == 39 { 7 } else { BLOCK as u64 };
            for arrival in (block.first..block.first + count).rev() {
                let start = arrival + arrival % 7;
                block.push(arrival, start, start + 3, 2);
            }
            block.records().for_each(|record| one.take(&record));
            block.tell(&mut many);
        }
        one.scratch = many.scratch.clone();
        assert_eq!(format!("{one:?}"), format!("{many:?}"));
        assert_eq!(one.served, 8_000);
    }

    #[test]
    fn areas_are_clipped_to_the_window() {
        let window = Window { from: Time::from_nanos(10), to: Time::from_nanos(20) };
        let mut tally = Tally::new(window, true);
        tally.take(&record(0, 5, 12));
        tally.take(&record(8, 12, 16));
        tally.take(&record(15, 16, 26));
        tally.take(&record(21, 26, 27));
        assert_eq!(tally.queue_area, 2 + 1);
        assert_eq!(tally.busy_area, 2 + 4 + 4);
        assert_eq!(tally.cpu_area, 2 + 4 + 4);
        assert_eq!((tally.served, tally.answered), (1, 2));
        assert_eq!((tally.wait_sum, tally.response_sum), (1, 11));
    }
}
