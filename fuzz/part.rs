//! Part files: those with a last line that fits, so that what stands above it is read.

use std::sync::atomic::AtomicBool;

use simsrv::experiment::Control;
use simsrv::experiment::run::shards::Shard;
use simsrv::job::{Job, merged};
use simsrv::render::part_csv::{self, PartIndex};
use simsrv::scenario::NoFiles;

use super::text;

/// The run of which the parts in the corpus are.
const RUN: [(&str, &str); 5] = [
    ("workers", "1,2"),
    ("service", "exp(10ms)"),
    ("rate", "60/s"),
    ("requests", "20"),
    ("replications", "3"),
];

pub fn part(bytes: &[u8]) {
    let _ = part_csv::index(&mut &bytes[..]);
    let above = text(bytes).rsplit_once("# end: ").map_or(text(bytes), |(above, _)| above);
    let rows = above.lines().filter(|line| !line.starts_with('#')).count().saturating_sub(1);
    let hash = part_csv::hash(above.as_bytes());
    let whole = format!("{above}# end: {rows} sections, {hash:016x}\n");
    let Ok(index) = part_csv::index(&mut whole.as_bytes()) else { return };
    for section in &index.sections {
        let line = &whole[section.range.start as usize..section.range.end as usize];
        let Ok(tally) = part_csv::section(line) else { continue };
        let front: Vec<&str> = line.splitn(6, ',').take(5).collect();
        let written = format!("{},{}", front.join(","), tally.texts().join(","));
        let again = part_csv::section(&written).expect("what is written is read");
        assert_eq!(again.texts(), tally.texts());
    }
    put_together(index, &whole);
}

/// Merges a part, as if it were the whole of this run.
fn put_together(mut part: PartIndex, whole: &str) {
    let job = Job::of_options(RUN, Box::new(NoFiles)).expect("a job");
    let shard = Shard::new(1, 1).expect("a shard");
    part.head = job.head(shard, "[]".to_owned()).expect("a head").1;
    let stop = AtomicBool::new(false);
    let line = |_: usize, range| part_csv::line(whole.as_bytes(), range);
    match merged(&job, vec![("part".to_owned(), part)], &line, Control::new(&stop)) {
        Ok(results) => {
            job.csv(&results).expect("a table");
            job.text(&results, 80).expect("a text");
        }
        Err(error) => assert!(error.to_string().len() > 10, "{error}"),
    }
}
