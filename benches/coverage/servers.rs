//! Servers as they are, of which no exact value is known: a long run stands for the truth.

use std::ops::Range;
use std::sync::atomic::AtomicBool;

use simsrv::experiment::row::Measure;
use simsrv::experiment::{Control, Plan, run_cell};
use simsrv::random::Seed;

use super::cases::{Options, Tested, plan, test};

/// A server with its name, and the options that ask for it.
pub struct Server {
    /// What it is called in tables.
    pub name: &'static str,
    options: Options,
}

/// The servers that the promise is measured on.
#[rustfmt::skip]
pub const SERVERS: [Server; 6] = [
    Server { name: "sync, 8 workers on 4 cores", options: &[("class", "sync"), ("workers", "8"), ("cores", "4"), ("cpu", "exp(12ms)"), ("io", "exp(40ms)"), ("rate", "120/s")] },
    Server { name: "gthread 4 x 4 on 2 cores", options: &[("class", "gthread"), ("workers", "4"), ("threads", "4"), ("cores", "2"), ("cpu", "exp(12ms)"), ("io", "exp(40ms)"), ("rate", "120/s")] },
    Server { name: "gevent, 4 loops on 4 cores", options: &[("class", "gevent"), ("workers", "4"), ("cores", "4"), ("cpu", "exp(12ms)"), ("io", "exp(40ms)"), ("rate", "200/s")] },
    Server { name: "Puma 2 x 5 on 2 cores", options: &[("server", "puma"), ("workers", "2"), ("threads", "5"), ("cores", "2"), ("cpu", "exp(12ms)"), ("io", "exp(40ms)"), ("rate", "100/s")] },
    Server { name: "sync, a quota of 2 cores", options: &[("class", "sync"), ("workers", "8"), ("cores", "2"), ("quota-period", "100ms"), ("cpu", "exp(12ms)"), ("io", "exp(40ms)"), ("rate", "100/s")] },
    Server { name: "2 hosts of 4 sync workers", options: &[("class", "sync"), ("workers", "4"), ("hosts", "2"), ("cores", "4"), ("cpu", "exp(12ms)"), ("io", "exp(40ms)"), ("rate", "110/s")] },
];

/// Measures that are tried.
const MEASURES: [Measure; 6] = [
    Measure::ResponseMean,
    Measure::ResponseP50,
    Measure::ResponseP95,
    Measure::ResponseP99,
    Measure::WorkerUtilisation,
    Measure::CoreUtilisation,
];

/// The seed of the long run, which none of the others has.
const LONG: Seed = Seed(1_000_003);

impl Server {
    /// What stands for the truth. The shortest runs have half-widths of about 1.5 % whatever the precision; here they
    /// are a seventh of that, so that it adds 1 % to the spread of these.
    pub fn long_run(&self) -> Vec<(Measure, f64)> {
        let Plan { cells, mut settings, .. } = plan(self.options, None);
        settings.seed = LONG;
        settings.precision = 0.002;
        settings.max_requests = u64::MAX;
        let stop = AtomicBool::new(false);
        let long = run_cell(&cells[0], &settings, Control::new(&stop)).expect("nothing stops it");
        // Event loops have no busy workers.
        let truth = |measure| Some((measure, long.row.measures.value(measure)?));
        MEASURES.into_iter().filter_map(truth).collect()
    }

    /// As [`super::cases::Case::test`], beside the long run.
    pub fn test(
        &self,
        truths: &[(Measure, f64)],
        seeds: Range<u64>,
        precision: Option<&str>,
    ) -> (Vec<Tested>, f64) {
        test(self.options, truths, seeds, precision)
    }
}
