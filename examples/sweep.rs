//! A sweep over workers: one row each, and the answer in words.

use std::sync::atomic::AtomicBool;

use simsrv::experiment::Control;
use simsrv::experiment::row::Measure;
use simsrv::job::{Error, Job};
use simsrv::scenario::NoFiles;

fn main() -> Result<(), Error> {
    let options = [
        ("workers", "4..8"),
        ("cpu", "exp(10ms)"),
        ("io", "exp(70ms)"),
        ("rate", "40/s"),
        ("precision", "10%"),
    ];
    let job = Job::of_options(options, Box::new(NoFiles))?;
    let stop = AtomicBool::new(false);
    let results = job.run(Control::new(&stop), |_| ())?;
    for row in results.rows() {
        let p95 = row.measures.get(Measure::ResponseP95);
        println!("{:>2} workers: {p95:?}", row.axes.workers);
    }
    println!("{}", job.answer(&results));
    Ok(())
}
