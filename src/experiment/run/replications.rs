//! Replications of one cell, of a given extent.

use crate::experiment::result::server_facts;
use std::ops::Range;

use rayon::prelude::*;

use crate::engine::{self, End, Run};
use crate::experiment::periodic;
use crate::experiment::plan::{Cell, DELETED, Length, Settings};
use crate::experiment::result::rare::Rare;
use crate::experiment::result::summary::Summary;
use crate::experiment::result::tails;
use crate::experiment::run::control::Control;
use crate::experiment::run::saturation::Saturation;
use crate::model::{Load, Model};
use crate::random::Replication;
use crate::record::Sink;
use crate::source::OpenSource;
use crate::stats::tally::{ByRoute, Tally};
use crate::stats::window::Window;
use crate::time::{Span, Time};

/// Replications that are run whatever the time: fewer have no intervals.
const LEAST: usize = 2;

/// Requests that wait in one spell of a closed loop, in order of magnitude.
const CLUSTER: f64 = 4.0;

/// How long one replication is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Extent {
    /// So many stories in all, divided among the sections.
    Stories(u64),
    /// A window of time.
    Window(Window),
    /// So many requests of an open loop.
    Requests(u64),
}

/// What is run: sections of an extent, numbered from a first replication on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Batch {
    /// Independent sections.
    pub(crate) count: usize,
    /// How long each replication is.
    pub(crate) extent: Extent,
    /// Number of the first replication.
    pub(crate) first: u64,
}

impl Batch {
    /// Replications in all.
    pub(crate) fn replications(self) -> u64 {
        if let Extent::Stories(stories) = self.extent { stories } else { self.count as u64 }
    }
}

/// A cell and how to run it.
#[derive(Clone, Copy)]
pub(crate) struct CellRun<'a> {
    pub(crate) cell: &'a Cell,
    pub(crate) settings: &'a Settings,
    pub(crate) control: Control<'a>,
}

impl CellRun<'_> {
    pub(crate) fn model(&self) -> &Model {
        &self.cell.model
    }

    pub(crate) fn story(&self) -> bool {
        self.settings.length == Length::Story
    }

    pub(crate) fn summary(&self) -> Summary {
        let server = self.model().server();
        Summary {
            slots: server_facts::slots(server),
            cores: server.cores.as_f64() * f64::from(server.hosts()),
            pool: server_facts::pool(server),
            pool_times: server_facts::pool_times(server),
            proxy: server_facts::proxy(server),
            story: self.story(),
            confidence: self.settings.confidence,
            real: server.runtime.is_some(),
            leaks: server.grows(),
            rare: Rare::new(
                self.model(),
                Saturation::of(self.model()).map_or(CLUSTER, |s| s.cluster()),
            ),
            means: tails::means(self.model(), self.settings),
        }
    }

    /// A window that ends at `end`, after the warm-up.
    pub(crate) fn cut(&self, end: Time) -> Window {
        let fifth = Span::from_nanos_f64(end.as_nanos() as f64 * DELETED);
        let warmup = self.settings.warmup.unwrap_or(fifth);
        let window = Window { from: (Time::ZERO + warmup).min(end), to: end };
        periodic::cut(self.model(), self.settings.warmup, window)
    }

    /// The tallies of a batch. Sections that have not begun when the time is over are left out.
    pub(crate) fn run(&self, batch: Batch) -> Vec<Tally> {
        let section = |index: usize| {
            // To begin what is to end at once takes long, of thousands of cells.
            let wanted = index < LEAST || !self.control.expired();
            let begins = wanted && !self.control.over();
            begins.then(|| self.section(batch, index)).flatten()
        };
        let sections: Vec<_> = (0..batch.count).into_par_iter().map(section).collect();
        sections.into_iter().flatten().collect()
    }

    /// The tally of one section of a batch; `None` if it was ended before its end.
    pub(crate) fn section(&self, batch: Batch, index: usize) -> Option<Tally> {
        let Batch { count, extent, first } = batch;
        match extent {
            Extent::Stories(stories) => {
                let begin = |section: usize| first + stories * section as u64 / count as u64;
                self.run_stories(begin(index)..begin(index + 1))
            }
            _ => self.run_once(Replication(first + index as u64), extent),
        }
    }

    /// The tally of one replication; `None` if it was ended before its end.
    pub(crate) fn run_once(&self, replication: Replication, extent: Extent) -> Option<Tally> {
        let window = self.window(extent, replication);
        let routes = self.model().routes().len();
        let mut tally = Tally::of_routes(window, self.story(), routes);
        let end = match routes {
            0 => self.engine(replication, window, &mut tally),
            _ => self.engine(replication, window, &mut ByRoute(&mut tally)),
        };
        match end {
            End::Complete => {}
            End::Stopped => return None,
            End::Stuck => tally.stuck = true,
        }
        tally.close();
        Some(tally)
    }

    /// Stories that are counted together, as many as there is time for.
    fn run_stories(&self, mut replications: Range<u64>) -> Option<Tally> {
        let story = |number: u64| self.run_once(Replication(number), Extent::Stories(1));
        let mut section = story(replications.next().unwrap_or(0))?;
        for number in replications {
            if self.control.stopped() || self.control.expired() {
                break;
            }
            section.merge(&story(number)?);
        }
        Some(section)
    }

    /// Runs one replication into a sink.
    pub(crate) fn engine<K: Sink>(
        &self,
        replication: Replication,
        window: Window,
        sink: &mut K,
    ) -> End {
        let seed = self.settings.seed;
        let (stop, deadline) = (self.control.stop, self.control.deadline());
        let run = Run { seed, replication, until: window.to, stop, deadline };
        engine::run(self.model(), self.settings.engine, run, sink)
    }

    /// The window of a replication.
    pub(crate) fn window(&self, extent: Extent, replication: Replication) -> Window {
        match extent {
            Extent::Stories(_) => Window::ALL,
            Extent::Window(window) => window,
            Extent::Requests(n) => self.cut(self.end_of_requests(n, replication)),
        }
    }

    /// The instant just after the n-th arrival of an open loop.
    fn end_of_requests(&self, n: u64, replication: Replication) -> Time {
        match self.model().load() {
            // The same number of periods in every replication.
            Load::Open(open) if periodic::period(self.model()).is_some() => {
                Time::ZERO + Span::from_secs_f64(n as f64 / open.rate.per_second())
            }
            Load::Open(open) => {
                let (seed, over) = (self.settings.seed, || self.control.over());
                let last = OpenSource::arrival_before(open, seed, replication, n, over);
                last + Span::from_nanos(1)
            }
            _ => Time::MAX,
        }
    }
}
