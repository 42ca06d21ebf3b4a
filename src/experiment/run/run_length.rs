//! How long a cell's replications are: as asked for, or as the precision needs.
//!
//! With `auto` ("SR20"): a *pilot* of 20 replications is lengthened until it can tell how long a
//! run brings every headline measure within the precision. Then *fresh* replications of that length
//! are run, and only these are reported, whatever came out: to report the pilot, or to run again
//! where an interval came out a little wide, would choose the runs with a luckily small spread, and
//! cost coverage (measured at 10 % precision, M/M/1 at load 0.8: p99 is 1 % too small, and its
//! interval contains the truth 91 times in 100).

use crate::experiment::capacity::total::capacity;
use crate::experiment::plan::{Length, MAX_REQUESTS_REAL, SECTIONS};
use crate::experiment::result::summary;
use crate::experiment::run::cycles;
use crate::experiment::run::replications::{Batch, CellRun, Extent};
use crate::experiment::run::saturation::Saturation;
use crate::experiment::run::settling;
use crate::model::Load;
use crate::stats::tally::Tally;
use crate::time::{Span, Time};

/// Replications of a pilot are numbered from here: its draws are never used again.
const PILOT: u64 = 1 << 40;
/// Looks at a pilot: each at least doubles its length.
const MOST_LOOKS: usize = 40;
/// A pilot within so many times the precision can tell the length of the run.
const FORESIGHT: f64 = 1.5;
/// A pilot within so many times the precision at its first look will not want a longer run: of 20
/// sections the widths spread by 16 %.
const PLENTY: f64 = 0.4;
/// The most requests of a replication at the first look of a pilot, or this part of the shortest run if that is
/// more: near saturation a pilot as long as the run would cost as much.
const FIRST_LOOK: f64 = 200_000.0;
const OF_SHORTEST: f64 = 0.125;
/// The share of the precision that is aimed at.
const SAFETY: f64 = 0.8;
/// How far chance may widen an interval beyond the precision before that is said.
const TOLERATED: f64 = 1.25;
/// The least requests of a replication: of those left by the warm-up, 50 lie beyond p99.
const LEAST: f64 = 6_500.0;
/// The most requests of a replication that are asked for because of the load alone.
const MOST_LEAST: f64 = 1_000_000.0;
/// The same of a cell that is clearly not the answer.
const MOST_OUT: f64 = 250_000.0;
/// A run that is less than so many times as long as the one before shows little more.
const LEAST_GROWTH: f64 = 1.5;
/// Share of the time left that a planned run may take.
const IN_TIME: f64 = 0.8;

/// What was run for a cell.
pub(crate) struct RunOutcome {
    pub(crate) batch: Batch,
    pub(crate) sections: Vec<Tally>,
    /// Whether the precision was reached, where one was wanted.
    pub(crate) reached: bool,
    /// Whether all sections of the batch were run.
    pub(crate) whole: bool,
    /// Whether the cell was clearly not the answer, so that no precision was wanted.
    pub(crate) out: bool,
}

/// What will be run for a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RunPlan {
    pub(crate) batch: Batch,
    pub(crate) length: LengthBy,
}

/// What decided the length of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LengthBy {
    /// It was asked for.
    Request,
    /// The precision.
    Precision,
    /// A limit, before the precision.
    Limit,
    /// What a run is worth a look from: the cell is clearly not the answer.
    Out,
}

/// Runs a cell, one that is clearly not the answer as short as is worth a look; `None` if it was
/// stopped before its end.
pub(crate) fn run(job: &CellRun<'_>, out: bool) -> Option<RunOutcome> {
    let plan = plan(job, out)?;
    let sections = job.run(plan.batch);
    (!job.control.stopped()).then(|| outcome(job, plan, sections))
}

/// How a cell will be run, after a pilot where the precision decides; `None` if that was stopped.
pub(crate) fn plan(job: &CellRun<'_>, out: bool) -> Option<RunPlan> {
    match fixed(job) {
        Some(batch) => Some(RunPlan { batch, length: LengthBy::Request }),
        None if out => Some(shortest(job)),
        None => Planner::new(job).run(),
    }
}

/// The shortest run whose intervals can be trusted, whatever their width: each replication is twice as long
/// as the length below which it would be told to be short.
fn shortest(job: &CellRun<'_>) -> RunPlan {
    let count = wanted_sections(job);
    let near = Saturation::of(job.model()).map_or(0.0, |near| 2.0 * near.short_requests());
    let least = if job.story() { least_requests(job) } else { glance(job).max(near.min(MOST_OUT)) };
    let requests = least.min(allowed(job, count));
    let batch = Batch { count, extent: of_length(job, requests), first: 0 };
    RunPlan { batch, length: LengthBy::Out }
}

/// What came out of a plan, given its sections.
pub(crate) fn outcome(job: &CellRun<'_>, plan: RunPlan, sections: Vec<Tally>) -> RunOutcome {
    let excess = || summary::excess(&sections, job.summary(), job.settings.precision);
    let reached = match plan.length {
        LengthBy::Request | LengthBy::Out => true,
        LengthBy::Precision => excess() <= TOLERATED,
        LengthBy::Limit => excess() <= 1.0,
    };
    let (batch, out) = (plan.batch, plan.length == LengthBy::Out);
    RunOutcome { batch, whole: sections.len() == batch.count, sections, reached, out }
}

/// Independent sections that a cell is run in, known before any pilot.
pub(crate) fn sections(job: &CellRun<'_>) -> usize {
    // Without chance all replications would be the same.
    if !job.model().random() {
        return 1;
    }
    match job.settings.replications {
        Some(stories) if job.story() => (stories as usize).min(SECTIONS),
        _ => wanted_sections(job),
    }
}

/// The batch of a run whose length was asked for, or whose outcome is certain; `None` if the
/// precision decides.
pub(crate) fn fixed(job: &CellRun<'_>) -> Option<Batch> {
    let settings = job.settings;
    let random = job.model().random();
    if job.story() && !random {
        return Some(Batch { count: 1, extent: Extent::Stories(1), first: 0 });
    }
    let count = sections(job);
    let extent = match settings.length {
        Length::Story => Extent::Stories(u64::from(settings.replications?)),
        Length::Requests(n) => match job.model().load() {
            Load::Closed(_) => Extent::Window(job.cut(time_of_requests(job, n))),
            _ => Extent::Requests(n),
        },
        Length::Duration(span) => Extent::Window(job.cut(Time::ZERO + span)),
        Length::Auto if count < 2 => of_length(job, least_requests(job)),
        Length::Auto => return None,
    };
    Some(Batch { count, extent, first: 0 })
}

/// Extents that let cells be compared replication by replication: as asked for, else the same time
/// for all, long enough for the slowest to settle.
pub(crate) fn common(jobs: &[CellRun<'_>]) -> Vec<Extent> {
    let seconds = |job: &CellRun<'_>| least_requests(job) / pace(job);
    let longest = jobs.iter().map(seconds).fold(0.0, f64::max);
    let extent = |job: &CellRun<'_>| match fixed(job) {
        Some(batch) => batch.extent,
        None => of_length(job, longest * pace(job)),
    };
    jobs.iter().map(extent).collect()
}

/// A batch whose replications are no longer than is worth a look, whatever the precision; cells of
/// one load get the same time.
pub(crate) fn brief(job: &CellRun<'_>) -> Batch {
    let offered = match job.model().load() {
        // Requests inside, so that the start from an empty server does not count.
        Load::Open(open) => {
            let (cpu, io) = job.model().mean_demand();
            let inside = 100.0 * open.rate.per_second() * (cpu + io);
            inside.max(of_cycles(job))
        }
        _ => glance(job),
    };
    Batch { count: wanted_sections(job), extent: of_length(job, LEAST.max(offered)), first: 0 }
}

/// Brief batches for cells that are looked at together, as long for each as the longest of them, and
/// how many requests are to be expected in each.
pub(crate) fn briefs(jobs: &[CellRun<'_>], first: u64) -> Vec<(Batch, f64)> {
    let briefs: Vec<Batch> = jobs.iter().map(brief).collect();
    let longest = briefs.iter().map(length).fold(0.0, f64::max);
    let one = |(job, batch): (&CellRun<'_>, Batch)| {
        let extent = Extent::Window(job.cut(Time::from_nanos(longest as u64)));
        let requests = longest * 1e-9 * pace(job) * batch.count as f64;
        (Batch { extent, first, ..batch }, requests)
    };
    jobs.iter().zip(briefs).map(one).collect()
}

/// Whether batches are equally long, so that they can be compared replication by replication.
pub(crate) fn alike(batches: &[(Batch, u64)]) -> bool {
    batches.windows(2).all(|pair| length(&pair[0].0) == length(&pair[1].0))
}

/// Batches of fresh replications for cells that are run on: `growth` times as long as the longest
/// of them was, and equally long for all, so that they can be compared replication by replication.
/// A limit of requests makes them shorter; `None` if it leaves too little to be worth a look.
/// `first` is the number of the first replication.
pub(crate) fn longer(
    jobs: &[CellRun<'_>],
    before: &[(Batch, u64)],
    (growth, first): (f64, u64),
) -> Option<Vec<Batch>> {
    let longest = before.iter().map(|(batch, _)| length(batch)).fold(0.0, f64::max);
    // What a length costs is told from what was run.
    let cost = |(batch, requests): &(Batch, u64)| *requests as f64 / length(batch);
    let most =
        jobs.iter().zip(before).map(|(job, run)| job.settings.max_requests as f64 / cost(run));
    let wanted = (longest * growth).min(most.fold(f64::INFINITY, f64::min));
    if wanted < longest * LEAST_GROWTH.min(growth) {
        return None;
    }
    let batch = |(job, (before, _)): (&CellRun<'_>, &(Batch, u64))| {
        let extent = match before.extent {
            Extent::Stories(_) => Extent::Stories(wanted as u64),
            _ => Extent::Window(job.cut(Time::from_nanos(wanted as u64))),
        };
        Batch { count: before.count, extent, first }
    };
    Some(jobs.iter().zip(before).map(batch).collect())
}

/// How long a batch is, to compare it with others of the same kind.
fn length(batch: &Batch) -> f64 {
    match batch.extent {
        Extent::Window(window) => window.to.as_nanos() as f64,
        Extent::Stories(stories) => stories as f64,
        Extent::Requests(requests) => requests as f64,
    }
}

fn wanted_sections(job: &CellRun<'_>) -> usize {
    job.settings.replications.map_or(SECTIONS, |n| n as usize)
}

/// The time in which each client of a closed loop sends `n` requests on average, told from a
/// shorter run: the same for all replications, and known before they begin.
fn time_of_requests(job: &CellRun<'_>, n: u64) -> Time {
    let Load::Closed(closed) = job.model().load() else { return Time::MAX };
    let (cpu, io) = job.model().mean_demand();
    let quickest = closed.think.mean() + cpu + io;
    let cycles = (n as f64).min((20_000.0 / f64::from(closed.clients)).max(50.0));
    let end = Time::ZERO + Span::from_secs_f64(quickest * cycles);
    let extent = Extent::Window(job.cut(end));
    let tally = job.run_once(crate::random::Replication(PILOT), extent);
    let each = tally.map_or(0.0, |tally| {
        tally.answered as f64 / (tally.observed as f64 * 1e-9) / f64::from(closed.clients)
    });
    let seconds = if each > 0.0 { n as f64 / each } else { quickest * n as f64 };
    Time::ZERO + Span::from_secs_f64(seconds)
}

/// An extent in which so many requests are to be expected in each section.
fn of_length(job: &CellRun<'_>, requests: f64) -> Extent {
    if job.story() {
        return Extent::Stories((requests.ceil() * wanted_sections(job) as f64) as u64);
    }
    // A warm-up that was asked for comes on top.
    let warmup = job.settings.warmup.unwrap_or(Span::ZERO);
    Extent::Window(job.cut(Time::ZERO + Span::from_secs_f64(requests / pace(job)) + warmup))
}

/// Requests per second that are to be expected, to turn requests into time.
fn pace(job: &CellRun<'_>) -> f64 {
    let model = job.model();
    let capacity = capacity(model).map_or(f64::MAX, |c| c.per_second);
    match model.load() {
        Load::Open(open) => open.rate.per_second(),
        Load::Closed(closed) => {
            let (cpu, io) = model.mean_demand();
            let cycle = closed.think.mean() + cpu + io;
            (f64::from(closed.clients) / cycle).min(capacity)
        }
        Load::Trace(_) => 1.0,
    }
}

/// The least requests (or stories) of a section worth looking at.
fn least_requests(job: &CellRun<'_>) -> f64 {
    let model = job.model();
    if job.story() {
        let each = model.story_requests().unwrap_or(1);
        return (1000.0 / each as f64).ceil().max(1.0);
    }
    let near = Saturation::of(model).map_or(0.0, |saturation| saturation.least_requests());
    glance(job).max(near.min(MOST_LEAST))
}

/// The least requests of a replication, however near saturation it is.
fn glance(job: &CellRun<'_>) -> f64 {
    let server = job.model().server();
    let slots = 100.0 * f64::from(server.slots()) * f64::from(server.hosts());
    let clients = match (settling::least_seconds(job.model()), job.model().load()) {
        (Some(seconds), _) => seconds * pace(job),
        // How a real server settles depends on too much.
        (None, Load::Closed(closed)) => 10.0 * f64::from(closed.clients),
        _ => 0.0,
    };
    LEAST.max(slots).max(clients).max(of_cycles(job))
}

/// Requests that show what happens again and again in the server.
fn of_cycles(job: &CellRun<'_>) -> f64 {
    cycles::enough(job.model(), pace(job)).min(MOST_LEAST)
}

/// Requests of a section that a limit allows: where it is less than what is usual, the pilot and the
/// run share it.
fn allowed(job: &CellRun<'_>, count: usize) -> f64 {
    let most = job.settings.max_requests as f64 / count as f64;
    let each = if job.settings.max_requests < MAX_REQUESTS_REAL { most / 2.0 } else { most };
    if job.story() { f64::INFINITY } else { each.max(1.0) }
}

/// Finds the length that the precision needs.
struct Planner<'a, 'b> {
    job: &'b CellRun<'a>,
    count: usize,
    least: f64,
    /// Whether a limit makes that less than the load asks for.
    short: bool,
    /// Requests of a section at the first look: where time is short, it begins with little.
    first: f64,
    /// Requests that may still be simulated.
    left: f64,
    /// Requests simulated so far.
    simulated: f64,
    began: std::time::Duration,
}

/// How a batch fared.
struct PilotLook {
    /// By how much the widest headline interval exceeds the precision.
    excess: f64,
    /// Requests simulated for it.
    requests: f64,
}

impl<'a, 'b> Planner<'a, 'b> {
    fn new(job: &'b CellRun<'a>) -> Self {
        let (wanted, count) = (least_requests(job), wanted_sections(job));
        let allowed = allowed(job, count);
        let least = wanted.min(allowed);
        let hurry = job.control.left().is_some() && !job.story();
        let look = least.min(FIRST_LOOK.max(OF_SHORTEST * least));
        Planner {
            job,
            count,
            least,
            short: least < wanted,
            first: if hurry { glance(job).min(allowed) } else { look },
            left: job.settings.max_requests as f64,
            simulated: 0.0,
            began: job.control.elapsed().unwrap_or_default(),
        }
    }

    fn run(mut self) -> Option<RunPlan> {
        let (length, limited) = self.pilot()?;
        let by = if limited || self.short { LengthBy::Limit } else { LengthBy::Precision };
        Some(RunPlan { batch: self.batch(length, 0), length: by })
    }

    fn batch(&self, length: f64, first: u64) -> Batch {
        Batch { count: self.count, extent: of_length(self.job, length), first }
    }

    fn see(&mut self, batch: Batch) -> Option<PilotLook> {
        let sections = self.job.run(batch);
        if self.job.control.stopped() {
            return None;
        }
        let requests = sections.iter().map(Tally::requests).sum::<u64>().max(1) as f64;
        if sections.is_empty() {
            return Some(PilotLook { excess: f64::INFINITY, requests });
        }
        self.left -= requests;
        self.simulated += requests;
        let excess = summary::excess(&sections, self.job.summary(), self.job.settings.precision);
        Some(PilotLook { excess, requests })
    }

    /// Lengthens a pilot until it can tell how long the run has to be: from the second look on,
    /// once its headline measures are within [`FORESIGHT`] times the precision (at the first look,
    /// if they are so far within it that the shortest run will be long enough). Half-widths shrink with
    /// the square root of the length. Gives also whether a limit cut that length short.
    fn pilot(&mut self) -> Option<(f64, bool)> {
        let mut length = self.first;
        for look in 1..MOST_LOOKS {
            let seen = self.see(self.batch(length, PILOT))?;
            let factor = (seen.excess / SAFETY).powi(2);
            // What a limit allows, at least the shortest run.
            let most = self.most(&seen).max(self.first / length);
            let plenty = seen.excess * (length / self.least).sqrt().min(1.0) <= PLENTY;
            let enough = if look > 1 { seen.excess <= FORESIGHT } else { plenty };
            if enough || factor.clamp(2.0, 8.0) > most / 2.0 {
                let wanted = (length * factor).max(self.least);
                return Some((wanted.min(length * most), wanted > length * most));
            }
            length *= factor.clamp(2.0, 8.0);
        }
        // Only a window at the end of time stays as it is, however often it is doubled.
        Some((length, true))
    }

    /// The longest run that the limits leave, in lengths of the one just seen.
    fn most(&self, seen: &PilotLook) -> f64 {
        let requests = self.left.max(0.0);
        let in_time = match (self.job.control.elapsed(), self.job.control.left()) {
            (Some(now), Some(left)) => {
                let spent = now.saturating_sub(self.began).as_secs_f64().max(1e-6);
                IN_TIME * left.as_secs_f64() * self.simulated / spent
            }
            _ => f64::INFINITY,
        };
        requests.min(in_time) / seen.requests
    }
}
