//! Recorded requests, given as text: when each came, and what it took.

use std::sync::atomic::AtomicBool;

use simsrv::distribution::SampleUnit;
use simsrv::experiment::Control;
use simsrv::job::{Error, Job, visits};
use simsrv::model::Trace;
use simsrv::scenario::{Files, trace_file};
use simsrv::time::Span;

/// One file, in memory.
struct Recorded(&'static str);

impl Files for Recorded {
    fn trace(&self, _: &str) -> Result<Trace, String> {
        trace_file::read(self.0.as_bytes())
    }

    fn samples(
        &self,
        path: &str,
        _: Option<&str>,
        _: Option<SampleUnit>,
    ) -> Result<Vec<Span>, String> {
        Err(format!("there are no samples '{path}'"))
    }
}

fn main() -> Result<(), Error> {
    let requests = "arrival_s,cpu_s,io_s\n0,3,0\n0,3,0\n0,3,0\n";
    let options = [("workers", "1"), ("trace", "requests.csv")];
    let job = Job::of_options(options, Box::new(Recorded(requests)))?;
    let stop = AtomicBool::new(false);
    let results = job.run(Control::new(&stop), |_| ())?;
    let mut rows = Vec::new();
    visits::write(&mut rows, &results, Control::new(&stop))
        .map_err(|e| Error::Results(e.to_string()))?;
    print!("{}", String::from_utf8_lossy(&rows));
    Ok(())
}
