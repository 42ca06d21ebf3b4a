//! The replications that a cell's results speak of, one after another, for tables of records and
//! timelines.

use crate::experiment::plan::{Cell, Settings};
use crate::experiment::result::cell::CellResult;
use crate::experiment::run::control::Control;
use crate::experiment::run::replications::{Batch, CellRun};
use crate::random::Replication;
use crate::record::{EngineEvent, RequestRecord, Sink};
use crate::time::Time;

/// The replications of one cell.
pub(crate) struct Replays<'a> {
    job: CellRun<'a>,
    batch: Option<Batch>,
    next: u64,
}

/// One replication to be run again.
pub(crate) struct Replay<'a, 'b> {
    job: &'b CellRun<'a>,
    batch: Batch,
    number: u64,
}

impl<'a> Replays<'a> {
    /// The replications that `result` came from; none if nothing was run.
    pub(crate) fn new(
        cell: &'a Cell,
        settings: &'a Settings,
        result: &CellResult,
        control: Control<'a>,
    ) -> Self {
        Replays { job: CellRun { cell, settings, control }, batch: result.batch, next: 0 }
    }

    /// The next replication; `None` after the last or if the end was asked for.
    pub(crate) fn next_replay(&mut self) -> Option<Replay<'a, '_>> {
        let batch = self.batch.filter(|batch| self.next < batch.replications())?;
        if self.job.control.stopped() {
            return None;
        }
        self.next += 1;
        Some(Replay { job: &self.job, batch, number: self.next - 1 })
    }
}

impl Replay<'_, '_> {
    /// Number of the replication, from 0.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Until when requests arrive that count; [`Time::MAX`] of a finite story.
    pub(crate) fn until(&self) -> Time {
        self.job.window(self.batch.extent, Replication(self.batch.first + self.number)).to
    }

    /// Hands all records of requests that arrive before the end of the replication to `sink`.
    pub(crate) fn run<K: Sink>(self, sink: &mut K) {
        let replication = Replication(self.batch.first + self.number);
        let window = self.job.window(self.batch.extent, replication);
        let mut sink = Before { until: window.to, sink };
        let _ = self.job.engine(replication, window, &mut sink);
    }
}

/// Passes on who arrives before an instant.
struct Before<'a, K> {
    until: Time,
    sink: &'a mut K,
}

impl<K: Sink> Sink for Before<'_, K> {
    const COURSE: bool = K::COURSE;

    fn take(&mut self, record: &RequestRecord) {
        if record.arrival < self.until {
            self.sink.take(record);
        }
    }

    fn note(&mut self, note: &EngineEvent) {
        self.sink.note(note);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::timeseries::{Series, TimeSeries};
    use crate::record::Outcome;
    use crate::time::Span;

    /// Who comes too late is not told; what is said beside records is, to sinks that follow.
    #[test]
    fn what_is_said_beside_records_is_passed_on() {
        const { assert!(Before::<'_, TimeSeries>::COURSE && !Before::<'_, Vec<RequestRecord>>::COURSE) };
        let second = |s: u64| Time::from_nanos(s * 1_000_000_000);
        let mut course = TimeSeries::new(true);
        let mut before = Before { until: second(4), sink: &mut course };
        for arrival in [second(1), second(4)] {
            let (start, departure, cpu) = (arrival, arrival, Span::ZERO);
            let outcome = Outcome::Served;
            let (request, client, worker, route) = (0, 0, 0, 0);
            before.take(&RequestRecord {
                request,
                client,
                worker,
                route,
                arrival,
                start,
                departure,
                cpu,
                outcome,
            });
        }
        before.note(&EngineEvent::Again { at: second(2) });
        assert_eq!(course.points(Series::Tries, second(8), 2), [(2.0, 0.5), (6.0, 0.0)]);
    }
}
