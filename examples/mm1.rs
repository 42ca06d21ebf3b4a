//! One server of theory's own kind: M/M/1 at load 0.8, simulated and by formula.

use std::sync::atomic::AtomicBool;

use simsrv::experiment::Control;
use simsrv::experiment::row::Measure;
use simsrv::job::{Error, Job};
use simsrv::scenario::NoFiles;

fn main() -> Result<(), Error> {
    let options = [("workers", "1"), ("cores", "1"), ("service", "exp(20ms)"), ("rate", "40/s")];
    let job = Job::of_options(options, Box::new(NoFiles))?;
    let stop = AtomicBool::new(false);
    let results = job.run(Control::new(&stop), |_| ())?;
    for row in results.rows() {
        let Some(response) = row.measures.get(Measure::ResponseMean) else { continue };
        let half_width = response.half_width.unwrap_or(0.0);
        println!("mean response {:.4} ± {half_width:.4} s; theory: 0.1 s", response.value);
    }
    Ok(())
}
