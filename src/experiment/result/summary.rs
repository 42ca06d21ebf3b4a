//! From the tallies of independent sections to measures with intervals.

use crate::experiment::result::rare::Rare;
use crate::experiment::result::row::{Estimate, Flag, Measure, Measures};
use crate::experiment::result::tails::Means;
use crate::stats::inference::{self, Interval};
use crate::stats::quantiles::Sample;
use crate::stats::tally::Tally;
use crate::time::NANOS_PER_SECOND;

/// What is needed beside the tallies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Summary {
    /// Requests that can be in service at once, on all hosts.
    pub(crate) slots: f64,
    /// Cores of all hosts.
    pub(crate) cores: f64,
    /// Connections of a pool behind, if there is one; infinitely many if it is unlimited.
    pub(crate) pool: Option<f64>,
    /// Whether waits for the pool have percentiles, and timeouts a share.
    pub(crate) pool_times: bool,
    /// Whether a refused connection is a 502; `None` without a proxy.
    pub(crate) proxy: Option<bool>,
    /// Whether the sections are finite stories.
    pub(crate) story: bool,
    /// Confidence of the intervals.
    pub(crate) confidence: f64,
    /// What the tails of the demands leave of the means.
    pub(crate) means: Means,
    /// Whether the server is a real one.
    pub(crate) real: bool,
    /// Whether its processes grow.
    pub(crate) leaks: bool,
    /// What may happen rarely.
    pub(crate) rare: Rare,
}

/// What is told of a cell.
pub(crate) struct CellSummary {
    pub(crate) measures: Measures,
    pub(crate) sections: Vec<Measures>,
    pub(crate) response_ccdf: Vec<(f64, f64)>,
    /// Whether a share rests on few events.
    pub(crate) rare: bool,
}

/// What is estimated before rare events are looked at.
struct Estimated {
    measures: Measures,
    sections: Vec<Measures>,
    responses: Sample,
}

/// The times of all sections together.
struct Pooled {
    pooled: Sample,
    values: Vec<(Measure, f64)>,
}

/// Measures whose precision decides how long a run is.
const HEADLINE: [Measure; 4] =
    [Measure::ResponseMean, Measure::ResponseP95, Measure::ResponseP99, Measure::Throughput];

const WAIT_QUANTILES: [(Measure, f64); 4] = [
    (Measure::WaitP50, 0.5),
    (Measure::WaitP90, 0.9),
    (Measure::WaitP95, 0.95),
    (Measure::WaitP99, 0.99),
];
const POOL_QUANTILES: [(Measure, f64); 3] =
    [(Measure::PoolWaitP50, 0.5), (Measure::PoolWaitP95, 0.95), (Measure::PoolWaitP99, 0.99)];
const RESPONSE_QUANTILES: [(Measure, f64); 5] = [
    (Measure::ResponseP50, 0.5),
    (Measure::ResponseP90, 0.9),
    (Measure::ResponseP95, 0.95),
    (Measure::ResponseP99, 0.99),
    (Measure::ResponseP999, 0.999),
];

/// By how much the widest headline interval exceeds the precision; above 1: too wide.
pub(crate) fn excess(sections: &[Tally], summary: Summary, precision: f64) -> f64 {
    let Estimated { measures, .. } = summary.estimated(sections, false);
    let relative = |measure| {
        let Estimate { value, half_width } = measures.get(measure)?;
        Some(Interval { value, half_width: half_width? }.relative())
    };
    let widest = HEADLINE.into_iter().filter_map(relative).fold(0.0, f64::max);
    widest / precision
}

impl Summary {
    /// Estimates every measure; without intervals if `exact`.
    pub(crate) fn tell(self, tallies: &[Tally], exact: bool) -> CellSummary {
        let Estimated { mut measures, sections, responses } = self.estimated(tallies, exact);
        let rare = self.rare.tell(&mut measures, (&sections, tallies), self.confidence);
        CellSummary { measures, sections, response_ccdf: ccdf(&responses), rare }
    }

    /// Estimates every measure with Student's intervals.
    fn estimated(self, tallies: &[Tally], exact: bool) -> Estimated {
        let mut sections: Vec<Measures> =
            tallies.iter().map(|tally| self.of_section(tally)).collect();
        let responses =
            self.quantiles(&mut sections, tallies, |t| &t.responses, &RESPONSE_QUANTILES);
        let waits = self.quantiles(&mut sections, tallies, |t| &t.waits, &WAIT_QUANTILES);
        let pools: &[_] = if self.pool_times { &POOL_QUANTILES } else { &[] };
        let pools = self.quantiles(&mut sections, tallies, |t| &t.pool_waits, pools);
        sections.iter_mut().for_each(|section| self.means.keep(section));
        let mut measures = self.averages(&sections, &Measure::ALL, exact);
        // The quantiles are those of all sections together.
        for (measure, value) in waits.values.into_iter().chain(responses.values).chain(pools.values)
        {
            let values: Vec<f64> = sections.iter().filter_map(|s| s.value(measure)).collect();
            measures.set(measure, self.estimate(value, &values, exact));
        }
        self.extremes(&mut measures, tallies);
        self.means.keep(&mut measures);
        Estimated { measures, sections, responses: responses.pooled }
    }

    /// The averages of what the sections say of some measures.
    fn averages(self, sections: &[Measures], of: &[Measure], exact: bool) -> Measures {
        let mut measures = Measures::default();
        for measure in of {
            let values: Vec<f64> = sections.iter().filter_map(|s| s.value(*measure)).collect();
            if !values.is_empty() {
                let centre = inference::average(&values);
                measures.set(*measure, self.estimate(centre, &values, exact));
            }
        }
        measures
    }

    fn estimate(self, centre: f64, values: &[f64], exact: bool) -> Estimate {
        let interval = inference::around(centre, values, self.confidence).filter(|_| !exact);
        Estimate { value: centre, half_width: interval.map(|interval| interval.half_width) }
    }

    /// Quantiles of all sections together; sets what each section says of them.
    fn quantiles(
        self,
        sections: &mut [Measures],
        tallies: &[Tally],
        of: impl Fn(&Tally) -> &Sample,
        quantiles: &[(Measure, f64)],
    ) -> Pooled {
        let samples: Vec<&Sample> = tallies.iter().map(of).collect();
        let mut pooled = samples.first().map_or_else(Sample::exact, |sample| (*sample).clone());
        samples.iter().skip(1).for_each(|sample| pooled.merge(sample));
        let mut values = Vec::new();
        for (measure, p) in quantiles {
            let Some(told) = inference::quantile(*p, &pooled, &samples, self.confidence) else {
                continue;
            };
            values.push((*measure, seconds(told.value)));
            for (section, value) in sections.iter_mut().zip(told.runs) {
                section.set(*measure, Estimate::exact(seconds(value)));
            }
        }
        Pooled { pooled, values }
    }

    /// The longest times seen: no interval belongs to them.
    fn extremes(self, measures: &mut Measures, tallies: &[Tally]) {
        if tallies.iter().all(|tally| tally.served == 0) {
            return;
        }
        let longest = |of: fn(&Tally) -> f64| tallies.iter().map(of).fold(0.0, f64::max);
        let wait = longest(|tally| tally.wait_max.as_secs_f64());
        let response = longest(|tally| tally.response_max.as_secs_f64());
        measures.set(Measure::WaitMax, Estimate::exact(wait));
        measures.set(Measure::ResponseMax, Estimate::exact(response));
    }

    /// Adds how fast the queue grows where it grows without bound.
    pub(crate) fn growing(self, tallies: &[Tally], exact: bool, measures: &mut Measures) {
        let mut sections: Vec<Measures> =
            tallies.iter().map(|tally| self.of_section(tally)).collect();
        for (section, tally) in sections.iter_mut().zip(tallies) {
            section.set(Measure::Growth, Estimate::exact(growth(tally)));
        }
        let growth = self.averages(&sections, &[Measure::Growth], exact);
        growth.get(Measure::Growth).into_iter().for_each(|it| measures.set(Measure::Growth, it));
    }

    /// One section's own values but for quantiles; what it cannot tell is left out.
    fn of_section(self, tally: &Tally) -> Measures {
        let mut measures = Measures::default();
        let mut set = |measure, value: f64| {
            if value.is_finite() {
                measures.set(measure, Estimate::exact(value));
            }
        };
        let observed = tally.observed as f64;
        let (served, requests) = (tally.served as f64, tally.requests() as f64);
        let per_second = NANOS_PER_SECOND as f64 / observed;
        set(Measure::Throughput, tally.answered as f64 * per_second);
        set(Measure::WaitMean, seconds(tally.wait_sum as f64 / served));
        set(Measure::ResponseMean, seconds(tally.response_sum as f64 / served));
        let accepted = (tally.served + tally.timed_out) as f64;
        set(Measure::WaitProb, (tally.waited + tally.timed_out) as f64 / accepted);
        set(Measure::RefusedShare, tally.refused as f64 / requests);
        set(Measure::TimedOutShare, tally.timed_out as f64 / requests);
        set(Measure::WorkerUtilisation, tally.busy_area as f64 / (self.slots * observed));
        // Of a request in service at an edge of the window a part of its CPU time counts, as much as
        // of its stay. That is too much where many wait for their turn inside a process; the cores
        // cannot have computed for longer than the window.
        let most = self.cores * observed;
        set(Measure::CoreUtilisation, (tally.cpu_area as f64).min(most) / most);
        set(Measure::QueueMean, tally.queue_area as f64 / observed);
        set(Measure::InSystemMean, (tally.queue_area + tally.busy_area) as f64 / observed);
        if self.real {
            set(Measure::FailedShare, tally.failed as f64 / requests);
            set(Measure::GaveUpShare, tally.gave_up as f64 / requests);
            set(Measure::RetriesPerRequest, tally.retries as f64 / requests);
            set(Measure::RetransmittedShare, tally.sent_again as f64 / requests);
            set(Measure::WastedShare, tally.wasted_area as f64 / tally.busy_area as f64);
        }
        if self.leaks {
            set(Measure::MemoryKills, tally.killed as f64 / requests);
        }
        if let Some(refusals) = self.proxy {
            let refused = if refusals { tally.refused } else { 0 };
            set(Measure::Status499Share, tally.closed_by_client as f64 / requests);
            set(Measure::Status502Share, (tally.unanswered + refused) as f64 / requests);
            set(Measure::Status504Share, tally.proxy_timed_out as f64 / requests);
        }
        if let Some(pool) = self.pool {
            set(Measure::PoolWaitMean, seconds(tally.pool_wait_sum as f64 / served));
            if self.pool_times {
                set(Measure::PoolTimeoutShare, tally.pool_timed_out as f64 / requests);
            }
            if pool.is_finite() {
                set(Measure::PoolUtilisation, tally.pool_area as f64 / (pool * observed));
            }
        }
        if self.story {
            set(Measure::Makespan, seconds(tally.makespan as f64 / tally.runs as f64));
        }
        measures
    }

    /// What a reader should know before believing the intervals.
    pub(crate) fn flags(self, tallies: &[Tally], measures: &Measures) -> Vec<Flag> {
        let mut flags = Vec::new();
        if let Some(Estimate { value, half_width: Some(half_width) }) =
            measures.get(Measure::ResponseMean)
        {
            let count = tallies.len();
            let per_deviation =
                inference::student(self.confidence, count - 1) / (count as f64).sqrt();
            let variation = half_width / per_deviation / value;
            if half_width > 0.1 * value || variation > 0.25 {
                flags.push(Flag::ShortRun);
            }
        }
        if !self.story && trend(tallies) {
            flags.push(Flag::Trend);
        }
        if tallies.iter().any(|tally| tally.served < 5_000) {
            flags.push(Flag::FewTail);
        }
        flags
    }
}

/// By how many requests per second the number in the system grew over the window.
fn growth(tally: &Tally) -> f64 {
    let came = (tally.served + tally.timed_out) as f64;
    let went = (tally.answered + tally.left) as f64;
    (came - went) * NANOS_PER_SECOND as f64 / tally.observed as f64
}

/// Whether the second halves of the windows differ from the first: a paired t above 2.6.
fn trend(tallies: &[Tally]) -> bool {
    let difference = |tally: &Tally| {
        let (first, count) = tally.first_half;
        let rest = tally.served.checked_sub(count).filter(|rest| *rest > 0 && count > 0)?;
        let second = (tally.response_sum - first) as f64 / rest as f64;
        Some(second - first as f64 / count as f64)
    };
    let differences: Vec<f64> = tallies.iter().filter_map(difference).collect();
    let Some(interval) = inference::mean(&differences, 0.95) else { return false };
    let t = inference::student(0.95, differences.len() - 1);
    let error = interval.half_width / t;
    error > 0.0 && (interval.value / error).abs() > 2.6
}

fn seconds(nanos: f64) -> f64 {
    nanos / NANOS_PER_SECOND as f64
}

/// Points of the complementary distribution function: every tenth of the body, then ten points a
/// decade into the tail, as far as ten observations reach; between two of them whose times are far
/// apart more, so that a straight line between neighbours is near the function: of a mix it is flat
/// between the values.
fn ccdf(responses: &Sample) -> Vec<(f64, f64)> {
    let count = responses.count();
    if count == 0 {
        return Vec::new();
    }
    let body = (0..9).map(|tenth| f64::from(10 - tenth) / 10.0);
    let tail = (10..=60).map(|step| 10f64.powf(-f64::from(step) / 10.0));
    let least = 10.0 / count as f64;
    let shares: Vec<f64> = body.chain(tail.take_while(|share| *share >= least)).collect();
    let mut points = times_of(responses, &shares);
    for _ in 0..HALVINGS {
        let far = |pair: &[(f64, f64)]| pair[1].1 > pair[0].1 * FAR_APART;
        let apart = points.windows(2).filter(|pair| far(pair));
        let between: Vec<f64> = apart.map(|pair| f64::midpoint(pair[0].0, pair[1].0)).collect();
        points.extend(times_of(responses, &between));
        points.sort_by(|a, b| b.0.total_cmp(&a.0));
    }
    points
}

/// Times whose factor is more have another point between them.
const FAR_APART: f64 = 1.3;
/// How often the shares between two such times are halved.
const HALVINGS: usize = 5;

/// Shares with the times that they exceed.
fn times_of(responses: &Sample, shares: &[f64]) -> Vec<(f64, f64)> {
    let ps: Vec<f64> = shares.iter().map(|share| 1.0 - share).collect();
    let times = responses.quantiles(&ps).into_iter().map(seconds);
    shares.iter().copied().zip(times).collect()
}
