//! Runs one cell: replications, their length, and what is inferred from them.
//!
//! A random steady state is measured by "SR20": 20 replications from an empty start; what arrives
//! in the first fifth of each is deleted; a pilot is lengthened until it can tell how long a run
//! brings every headline measure within the precision; then *fresh* replications of that length
//! are run, and only these are reported (to report the pilot, which stopped on a luckily small
//! spread, would cost coverage).

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::plan::{Cell, Length, Settings};
use super::row::{Estimate, Flag, Measure, Measures, Row, Stability};
use super::stability::{self, Overload};
use super::summary::{self, Summary};
use super::theory_of::theory_of;
use crate::engine::{self, Run};
use crate::model::{Load, Model};
use crate::random::Replication;
use crate::source::OpenSource;
use crate::stats::tally::Tally;
use crate::stats::window::Window;
use crate::theory::{Answer, Known};
use crate::time::{Span, Time};
use crate::visit::{Note, Sink, Visit};

/// Independent sections that intervals come from, if nothing else is asked.
pub const SECTIONS: usize = 20;
/// Share of each replication's time that is thrown away.
const DELETED: f64 = 0.2;
/// Replications of a pilot are numbered from here: its draws are never used again.
const PILOT: u64 = 1 << 40;
/// Looks at a pilot: each at least doubles its length.
const MOST_LOOKS: usize = 40;
/// A pilot within so many times the precision can tell the length of the run.
const FORESIGHT: f64 = 2.0;
/// The share of the precision that is aimed at.
const SAFETY: f64 = 0.85;
/// The shortest run, in lengths of the last pilot.
const SHORTEST: f64 = 0.3;
/// The least requests of a pilot's replication.
const FIRST_LOOK: f64 = 5_000.0;

/// What the outside says while a cell runs.
#[derive(Clone, Copy, Debug)]
pub struct Control<'a> {
    /// Set to end all runs early.
    pub stop: &'a AtomicBool,
}

impl Control<'_> {
    /// Whether the end was asked for.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// What came out of a cell.
#[derive(Clone, Debug)]
pub struct CellResult {
    /// The results.
    pub row: Row,
    /// Each section's own value of each measure, for comparisons between cells.
    pub sections: Vec<Measures>,
    /// Why it never settles, if it does not.
    pub overload: Option<Overload>,
    /// What theory says of it, where something is known.
    pub theory: Option<Known>,
}

/// How long one replication is.
#[derive(Clone, Copy, Debug)]
enum Extent {
    /// So many stories in all, divided among the sections.
    Stories(u64),
    /// A window of time.
    Window(Window),
    /// So many requests, with or without a warm-up that is given.
    Requests(u64),
}

/// Simulates a cell; `None` if it was stopped before its end.
pub fn run_cell(cell: &Cell, settings: &Settings, control: Control<'_>) -> Option<CellResult> {
    if let Some(overload) = stability::overload(&cell.model, settings) {
        return Some(never_settles(cell, settings, overload));
    }
    let job = Job { cell, settings, control };
    let (sections, reached) = job.sections()?;
    if control.stopped() {
        return None;
    }
    Some(job.result(&sections, reached))
}

/// The replications that [`run_cell`] reports on, one after another, for tables of visits and
/// timelines.
pub struct Replays<'a> {
    job: Job<'a>,
    extent: Extent,
    next: u64,
    count: u64,
}

/// One replication to be run again.
pub struct Replay<'a, 'b> {
    job: &'b Job<'a>,
    extent: Extent,
    number: u64,
}

impl<'a> Replays<'a> {
    /// The replications of a cell; none if it never settles.
    pub fn new(cell: &'a Cell, settings: &'a Settings, control: Control<'a>) -> Self {
        let job = Job { cell, settings, control };
        let settles = stability::overload(&cell.model, settings).is_none();
        let extent = if settles { job.extent() } else { None };
        let (count, extent, _) = extent.unwrap_or((0, Extent::Stories(1), true));
        let count = if let Extent::Stories(stories) = extent { stories } else { count as u64 };
        Replays { job, extent, next: 0, count: if settles { count } else { 0 } }
    }

    /// The next replication; `None` after the last or if the end was asked for.
    pub fn next_replay(&mut self) -> Option<Replay<'a, '_>> {
        if self.next == self.count || self.job.control.stopped() {
            return None;
        }
        self.next += 1;
        Some(Replay { job: &self.job, extent: self.extent, number: self.next - 1 })
    }
}

impl Replay<'_, '_> {
    /// Number of the replication, from 0.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Hands all visits of requests that arrive before the end of the replication to `sink`.
    pub fn run<K: Sink>(self, sink: &mut K) {
        let replication = Replication(self.number);
        let window = self.job.window(self.extent, replication);
        let mut sink = Before { until: window.to, sink };
        self.job.engine(replication, window, &mut sink);
    }
}

/// Passes on who arrives before an instant.
struct Before<'a, K> {
    until: Time,
    sink: &'a mut K,
}

impl<K: Sink> Sink for Before<'_, K> {
    fn take(&mut self, visit: &Visit) {
        if visit.arrival < self.until {
            self.sink.take(visit);
        }
    }

    fn note(&mut self, note: &Note) {
        self.sink.note(note);
    }
}

struct Job<'a> {
    cell: &'a Cell,
    settings: &'a Settings,
    control: Control<'a>,
}

impl Job<'_> {
    fn model(&self) -> &Model {
        &self.cell.model
    }

    /// Runs what is reported; also whether the precision was reached.
    fn sections(&self) -> Option<(Vec<Tally>, bool)> {
        let (count, extent, reached) = self.extent()?;
        Some((self.run_sections(count, extent, 0), reached))
    }

    /// How many sections of which extent, and whether they reach the precision.
    fn extent(&self) -> Option<(usize, Extent, bool)> {
        let settings = self.settings;
        let story = settings.length == Length::Story;
        if story && !self.model().random() {
            return Some((1, Extent::Stories(1), true));
        }
        let wanted = settings.replications.map(|n| n as usize);
        // Without chance all replications would be the same.
        let count = if self.model().random() { wanted.unwrap_or(SECTIONS) } else { 1 };
        match settings.length {
            Length::Story => match wanted {
                Some(stories) => {
                    Some((stories.min(SECTIONS), Extent::Stories(stories as u64), true))
                }
                None => self.pilot(count, |n| Extent::Stories(n as u64 * count as u64)),
            },
            Length::Requests(n) => Some((count, Extent::Requests(n), true)),
            Length::Duration(span) => {
                Some((count, Extent::Window(self.cut(Time::ZERO + span)), true))
            }
            Length::Auto => {
                let pace = self.pace();
                // A warm-up that was asked for comes on top.
                let warmup = settings.warmup.unwrap_or(Span::ZERO);
                self.pilot(count, |n| {
                    Extent::Window(self.cut(Time::ZERO + Span::from_secs_f64(n / pace) + warmup))
                })
            }
        }
    }

    /// Requests per second that are to be expected, to turn requests into time.
    fn pace(&self) -> f64 {
        let capacity = stability::capacity(self.model()).map_or(f64::MAX, |c| c.per_second);
        match self.model().load() {
            Load::Open(open) => open.rate.per_second(),
            Load::Closed(closed) => {
                let (cpu, io) = self.model().mean_demand();
                let cycle = closed.think.mean() + cpu + io;
                (f64::from(closed.clients) / cycle).min(capacity)
            }
            Load::Trace(_) => 1.0,
        }
    }

    /// The least requests of a replication worth looking at.
    fn first_look(&self) -> f64 {
        match self.model().load() {
            _ if self.settings.length == Length::Story => {
                let each = self.model().story_requests().unwrap_or(1);
                (1000.0 / each as f64).ceil().max(1.0)
            }
            Load::Closed(closed) => {
                let slots = f64::from(self.model().server().slots());
                FIRST_LOOK.max(100.0 * slots).max(10.0 * f64::from(closed.clients))
            }
            _ => FIRST_LOOK.max(100.0 * f64::from(self.model().server().slots())),
        }
    }

    /// Lengthens a pilot until it can tell how long the run has to be: from the second look on, once
    /// its headline measures are within [`FORESIGHT`] times the precision. Half-widths shrink with
    /// the square root of the length. Gives also whether that length may be run.
    fn pilot(&self, count: usize, extent: impl Fn(f64) -> Extent) -> Option<(usize, Extent, bool)> {
        let mut length = self.first_look();
        if count < 2 {
            return Some((count, extent(length), true));
        }
        let mut left = self.settings.max_requests as f64;
        for look in 1..MOST_LOOKS {
            let sections = self.run_sections(count, extent(length), PILOT);
            if self.control.stopped() {
                return None;
            }
            let simulated = sections.iter().map(Tally::requests).sum::<u64>().max(1) as f64;
            left -= simulated;
            let excess = summary::excess(&sections, self.summary(), self.settings.precision);
            let factor = (excess / SAFETY).powi(2);
            let most = (left / simulated).max(SHORTEST);
            if look > 1 && excess <= FORESIGHT || factor.clamp(2.0, 8.0) > most / 2.0 {
                let factor = factor.max(SHORTEST);
                return Some((count, extent(length * factor.min(most)), factor <= most));
            }
            length *= factor.clamp(2.0, 8.0);
        }
        // Only a window at the end of time stays as it is, however often it is doubled.
        Some((count, extent(length), false))
    }

    /// A window that ends at `end`, after the warm-up.
    fn cut(&self, end: Time) -> Window {
        let fifth = Span::from_nanos_f64(end.as_nanos() as f64 * DELETED);
        let warmup = self.settings.warmup.unwrap_or(fifth);
        Window { from: (Time::ZERO + warmup).min(end), to: end }
    }

    fn run_sections(&self, count: usize, extent: Extent, first: u64) -> Vec<Tally> {
        let section = |index: usize| match extent {
            Extent::Stories(stories) => {
                let begin = |section: usize| first + stories * section as u64 / count as u64;
                self.run_stories(begin(index)..begin(index + 1))
            }
            _ => self.run_once(Replication(first + index as u64), extent),
        };
        (0..count).into_par_iter().map(section).collect()
    }

    /// Stories that are counted together.
    fn run_stories(&self, mut replications: Range<u64>) -> Tally {
        let story = |number: u64| self.run_once(Replication(number), Extent::Stories(1));
        let mut section = story(replications.next().unwrap_or(0));
        for number in replications {
            if self.control.stopped() {
                break;
            }
            section.merge(&story(number));
        }
        section
    }

    fn run_once(&self, replication: Replication, extent: Extent) -> Tally {
        let window = self.window(extent, replication);
        let mut tally = Tally::new(window, self.settings.length == Length::Story);
        self.engine(replication, window, &mut tally);
        tally.close();
        tally
    }

    fn engine<K: Sink>(&self, replication: Replication, window: Window, sink: &mut K) {
        let seed = self.settings.seed;
        let run = Run { seed, replication, until: window.to, stop: self.control.stop };
        engine::run(self.model(), self.settings.engine, run, sink);
    }

    fn window(&self, extent: Extent, replication: Replication) -> Window {
        match extent {
            Extent::Stories(_) => Window::ALL,
            Extent::Window(window) => window,
            Extent::Requests(n) => self.cut(self.end_of_requests(n, replication)),
        }
    }

    /// The instant just after the n-th arrival of an open loop, or at which the first client of a
    /// closed loop has its n-th answer.
    fn end_of_requests(&self, n: u64, replication: Replication) -> Time {
        let seed = self.settings.seed;
        match self.model().load() {
            Load::Open(open) => {
                OpenSource::arrival_of(open, seed, replication, n) + Span::from_nanos(1)
            }
            Load::Closed(closed) => {
                let mut closed = closed.clone();
                closed.requests = Some(n);
                let mut sink = FirstDone { left: vec![n; closed.clients as usize], at: Time::MAX };
                let server = self.model().server().clone();
                if let Ok(model) = Model::new(Load::Closed(closed), server) {
                    let run = Run { seed, replication, until: Time::MAX, stop: self.control.stop };
                    engine::run(&model, self.settings.engine, run, &mut sink);
                }
                sink.at
            }
            Load::Trace(_) => Time::MAX,
        }
    }

    fn summary(&self) -> Summary {
        let server = self.model().server();
        Summary {
            slots: super::real::slots(server),
            cores: server.cores.as_f64(),
            story: self.settings.length == Length::Story,
            confidence: self.settings.confidence,
            real: server.practice.is_some(),
        }
    }

    fn result(&self, sections: &[Tally], reached: bool) -> CellResult {
        let summary = self.summary();
        let exact = !self.model().random();
        let told = summary.tell(sections, exact);
        let mut flags = if exact { Vec::new() } else { summary.flags(sections, &told.measures) };
        if !reached {
            flags.push(Flag::PrecisionNotReached);
        }
        if !exact && stability::heavy_tailed(self.model()) {
            flags.push(Flag::HeavyTail);
        }
        flags.extend(super::real::flags(self.model()));
        flags.sort_unstable();
        let theory =
            if summary.story || exact { None } else { theory_of(self.model(), self.settings) };
        let row = Row {
            axes: self.cell.axes.clone(),
            requests: sections.iter().map(Tally::requests).sum(),
            refused: sections.iter().map(|tally| tally.refused).sum(),
            replications: sections.iter().map(|tally| tally.runs as u32).sum(),
            seed: self.settings.seed.0,
            stability: if summary.story { Stability::Finite } else { Stability::Yes },
            measures: told.measures,
            flags,
            response_ccdf: told.response_ccdf,
            theory_response_mean_s: theory.as_ref().and_then(exact_response),
        };
        CellResult { row, sections: told.sections, overload: None, theory }
    }
}

/// The mean response time, where theory knows it exactly.
fn exact_response(known: &Known) -> Option<f64> {
    known.response_mean.filter(|_| known.answer == Answer::Exact)
}

/// Finds the instant at which the first client has all its answers.
struct FirstDone {
    left: Vec<u64>,
    at: Time,
}

impl Sink for FirstDone {
    fn take(&mut self, visit: &Visit) {
        let left = &mut self.left[visit.client as usize];
        *left = left.saturating_sub(1);
        if *left == 0 {
            self.at = self.at.min(visit.departure);
        }
    }
}

/// The row of a cell whose queue grows without end: it says so, and what still exists.
fn never_settles(cell: &Cell, settings: &Settings, overload: Overload) -> CellResult {
    let mut measures = Measures::default();
    measures.set(Measure::Throughput, Estimate::exact(overload.capacity.per_second));
    let row = Row {
        axes: cell.axes.clone(),
        requests: 0,
        refused: 0,
        replications: 0,
        seed: settings.seed.0,
        stability: Stability::No,
        measures,
        flags: Vec::new(),
        response_ccdf: Vec::new(),
        theory_response_mean_s: None,
    };
    CellResult { row, sections: Vec::new(), overload: Some(overload), theory: None }
}
