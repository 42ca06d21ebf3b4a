//! When workers were busy: the start of every request, and how many were held at every instant.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::ledger::LedgerRequest;

/// One request at a server, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Visit {
    /// Its place among the kept requests.
    pub(crate) request: usize,
    /// When it came.
    pub(crate) arrival: i64,
    /// When a worker took it.
    pub(crate) start: i64,
    /// When it was answered.
    pub(crate) departure: i64,
}

impl Visit {
    /// How long a worker held it, in nanoseconds.
    pub(crate) fn held(&self) -> i64 {
        self.departure - self.start
    }
}

/// Requests whose log has both ends, in order of arrival; the start is the arrival until it is
/// known better. A request without an answer held no worker that is known, and is left out.
pub(crate) fn visits(kept: &[LedgerRequest]) -> Vec<Visit> {
    let one = |(request, kept): (usize, &LedgerRequest)| {
        let (arrival, departure) = (kept.arrival?, kept.departure?);
        let known = kept.response.is_some() || kept.held.is_some();
        known.then_some(Visit { request, arrival, start: arrival, departure })
    };
    let mut visits: Vec<Visit> = kept.iter().enumerate().filter_map(one).collect();
    visits.sort_by_key(|visit| (visit.arrival, visit.departure));
    visits
}

/// The starts at a server of `slots` workers with one queue in order of arrival: the k-th arrival
/// (from 0) starts at the later of its arrival and the (k - slots)-th departure in order of time.
/// It is exact, whatever the times of service are: a worker is free for the k-th when all but
/// `slots` - 1 of those before it have gone.
pub(crate) fn invert(visits: &mut [Visit], slots: usize) {
    let departures = departures(visits);
    for (k, visit) in visits.iter_mut().enumerate() {
        let free = k.checked_sub(slots).map_or(i64::MIN, |before| departures[before]);
        visit.start = visit.arrival.max(free);
    }
}

fn departures(visits: &[Visit]) -> Vec<i64> {
    let mut departures: Vec<i64> = visits.iter().map(|visit| visit.departure).collect();
    departures.sort_unstable();
    departures
}

/// The share of requests that were answered before such a server could have begun them: none if
/// the log is complete and the server is one. `step` is the step of the stamps.
pub(crate) fn contradictions(visits: &[Visit], step: u64) -> f64 {
    let early = visits.iter().filter(|visit| visit.held() < -(2 * step as i64)).count();
    early as f64 / visits.len().max(1) as f64
}

/// The starts and departures of requests whose time in the worker is logged, but of whose instants
/// only the arrival: each starts when one of `slots` workers is free (Kiefer & Wolfowitz 1955).
pub(crate) fn replay(kept: &[LedgerRequest], slots: usize) -> Vec<Visit> {
    let one = |(request, kept): (usize, &LedgerRequest)| {
        let arrival = kept.arrival?;
        let departure = arrival.checked_add(i64::try_from(kept.held?).ok()?)?;
        Some(Visit { request, arrival, start: arrival, departure })
    };
    let mut visits: Vec<Visit> = kept.iter().enumerate().filter_map(one).collect();
    visits.sort_by_key(|visit| visit.arrival);
    // With a worker for each request none waits, whatever number was said.
    let slots = slots.min(visits.len());
    let mut free = BinaryHeap::from(vec![Reverse(i64::MIN); slots]);
    for visit in &mut visits {
        let Some(Reverse(earliest)) = free.pop() else { break };
        let held = visit.held();
        visit.start = visit.arrival.max(earliest);
        visit.departure = visit.start.saturating_add(held);
        free.push(Reverse(visit.departure));
    }
    visits
}

/// The least number of workers that explains who overtook whom: with one queue in order of arrival
/// a request that is answered while `n` that came before it are still inside needs `n` + 1 workers.
/// Arrivals within two steps of the stamps may have been in either order, and one request in a
/// thousand may contradict the rest.
pub(crate) fn least_slots(visits: &[Visit], step: u64) -> usize {
    let departures = departures(visits);
    let needed = |visit: &Visit| {
        let before = visit.arrival.saturating_sub(2 * step as i64);
        let came = visits.partition_point(|other| other.arrival < before);
        let gone = departures.partition_point(|at| *at <= visit.departure);
        (came + 2).saturating_sub(gone).max(1)
    };
    let mut needed: Vec<usize> = visits.iter().map(needed).collect();
    needed.sort_unstable();
    needed.get(needed.len().saturating_sub(1 + needed.len() / 1000)).copied().unwrap_or(1)
}

/// The most requests that were inside at once.
pub(crate) fn peak(visits: &[Visit]) -> usize {
    Occupancy::new(visits.iter().map(|visit| (visit.arrival, visit.departure))).peak()
}

/// How many were there at every instant.
#[derive(Clone, Debug)]
pub(crate) struct Occupancy {
    /// Instants at which the number changes, in order.
    pub(crate) instants: Vec<i64>,
    /// How many are there from each instant on.
    pub(crate) count: Vec<u32>,
    /// How many go at each instant; others may come at the same.
    gone: Vec<u32>,
}

impl Occupancy {
    /// From when each began and ended; at one instant those that go go first.
    pub(crate) fn new(spans: impl Iterator<Item = (i64, i64)>) -> Self {
        let mut changes = Vec::new();
        for (from, to) in spans.filter(|(from, to)| to > from) {
            changes.push((from, 1_i64));
            changes.push((to, -1));
        }
        changes.sort_unstable();
        let (mut instants, mut count, mut gone) = (Vec::new(), Vec::new(), Vec::new());
        let mut now = 0_i64;
        for at in changes.chunk_by(|one, other| one.0 == other.0) {
            now += at.iter().map(|change| change.1).sum::<i64>();
            instants.push(at[0].0);
            count.push(now.max(0) as u32);
            gone.push(at.iter().filter(|change| change.1 < 0).count() as u32);
        }
        Occupancy { instants, count, gone }
    }

    /// Of requests while workers held them.
    pub(crate) fn of_held(visits: &[Visit]) -> Self {
        Occupancy::new(visits.iter().map(|visit| (visit.start, visit.departure)))
    }

    /// The most at once.
    pub(crate) fn peak(&self) -> usize {
        self.count.iter().max().copied().unwrap_or(0) as usize
    }

    /// Seconds spent with each number, and how many went while it was so.
    pub(crate) fn by_count(&self) -> Vec<(f64, u64)> {
        let mut table = vec![(0.0, 0); self.peak() + 1];
        for at in 1..self.instants.len() {
            let before = self.count[at - 1] as usize;
            table[before].0 += (self.instants[at] - self.instants[at - 1]) as f64 / 1e9;
            table[before].1 += u64::from(self.gone[at]);
        }
        table
    }

    /// The integral up to each instant, in seconds, of a rate that depends on the number.
    pub(crate) fn integral(&self, rate: impl Fn(u32) -> f64) -> Integral<'_> {
        let mut sums = Vec::with_capacity(self.instants.len());
        let mut sum = 0.0;
        for at in 0..self.instants.len() {
            if at > 0 {
                let span = (self.instants[at] - self.instants[at - 1]) as f64 / 1e9;
                sum += span * rate(self.count[at - 1]);
            }
            sums.push(sum);
        }
        Integral { instants: &self.instants, sums }
    }
}

/// What [`Occupancy::integral`] gives.
pub(crate) struct Integral<'o> {
    instants: &'o [i64],
    sums: Vec<f64>,
}

impl Integral<'_> {
    /// The integral from one instant to another, both of which are among those of the occupancy.
    pub(crate) fn between(&self, from: i64, to: i64) -> f64 {
        let at = |instant| {
            let place = self.instants.partition_point(|known| *known < instant);
            self.sums.get(place).or(self.sums.last()).copied().unwrap_or(0.0)
        };
        at(to) - at(from)
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::Status;
    use super::*;

    fn visit(arrival: i64, departure: i64) -> Visit {
        Visit { request: 0, arrival, start: arrival, departure }
    }

    /// The story of three users: one worker, 3 s each, answered after 3, 6 and 9 s.
    #[test]
    fn three_users_of_one_worker_took_three_seconds_each() {
        let mut visits = [visit(0, 3), visit(0, 6), visit(0, 9)];
        invert(&mut visits, 1);
        assert_eq!(visits.map(|visit| (visit.start, visit.held())), [(0, 3), (3, 3), (6, 3)]);
        invert(&mut visits, 2);
        assert_eq!(visits.map(|visit| visit.start), [0, 0, 3]);
    }

    /// Two requests at 0 s of 3 s each, which two workers or any more take at once: the options of
    /// `simsrv fit` may name ten thousand million.
    #[test]
    fn workers_without_a_request_take_no_memory() {
        let kept = LedgerRequest {
            arrival: Some(0),
            departure: None,
            response: None,
            held: Some(3),
            cpu: None,
            route: 0,
            status: Status::Good,
        };
        for (slots, last) in [(1, 6), (2, 3), (usize::MAX, 3)] {
            let visits = replay(&[kept; 2], slots);
            assert_eq!(visits.last().map(|visit| visit.departure), Some(last), "{slots}");
        }
    }

    /// By hand: two workers; the second request overtakes the first.
    #[test]
    fn overtaking_needs_workers() {
        let visits = [visit(0, 10), visit(1, 3), visit(2, 5), visit(9, 12)];
        assert_eq!(least_slots(&visits, 0), 2);
        let mut inverted = visits;
        invert(&mut inverted, 2);
        assert_eq!(inverted.map(|visit| visit.start), [0, 1, 3, 9]);
        assert!(contradictions(&inverted, 0).abs() < 1e-12);
        // One worker cannot answer the third request, at 3, before the two that came earlier.
        let mut overtaken = [visit(0, 10), visit(1, 9), visit(2, 3)];
        invert(&mut overtaken, 1);
        assert_eq!(overtaken.map(|visit| visit.held()), [10, 6, -6]);
        assert!((contradictions(&overtaken, 0) - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn occupancy_is_counted() {
        let occupancy =
            Occupancy::new([(0, 4_000_000_000), (1_000_000_000, 2_000_000_000)].into_iter());
        assert_eq!(occupancy.count, [1, 2, 1, 0]);
        assert_eq!(occupancy.by_count(), [(0.0, 0), (3.0, 1), (1.0, 1)]);
        let integral = occupancy.integral(|n| 1.0 / f64::from(n.max(1)));
        assert!((integral.between(0, 4_000_000_000) - 3.5).abs() < 1e-12);
        assert!((integral.between(1_000_000_000, 2_000_000_000) - 0.5).abs() < 1e-12);
    }
}
