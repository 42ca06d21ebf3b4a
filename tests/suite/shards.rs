//! A run in parts: whatever is divided however, the parts together give the whole, byte for byte.

use std::sync::atomic::AtomicBool;

use proptest::prelude::*;

use simsrv::experiment::Control;
use simsrv::experiment::run::shards::Shard;
use simsrv::job::{Error, Job, Part, Results, merged};
use simsrv::render::part_csv;
use simsrv::scenario::NoFiles;

type Options = Vec<(&'static str, String)>;

fn job(options: &Options) -> Job {
    let pairs = options.iter().map(|(name, text)| (*name, text.as_str()));
    Job::of_options(pairs, Box::new(NoFiles)).unwrap()
}

fn whole(job: &Job) -> Vec<u8> {
    let stop = AtomicBool::new(false);
    let results = job.run(Control::new(&stop), |_| ()).unwrap();
    job.csv(&results).unwrap()
}

fn part(job: &Job, index: u32, count: u32) -> Part {
    let stop = AtomicBool::new(false);
    let shard = Shard::new(index, count).unwrap();
    let (plan, head) = job.head(shard, "[]".to_owned()).unwrap();
    job.run_shard(&plan, head, Control::new(&stop), || ()).unwrap()
}

/// Puts parts together that were written, and are read again.
fn merge(job: &Job, parts: &[Part]) -> Result<Results, Error> {
    let stop = AtomicBool::new(false);
    let written: Vec<Vec<u8>> = parts.iter().map(part_csv::write).collect();
    let index = |bytes: &Vec<u8>| part_csv::index(&mut &bytes[..]).unwrap();
    let named = written.iter().enumerate().map(|(at, bytes)| (format!("p{at}"), index(bytes)));
    let line = |part: usize, range| part_csv::line(&written[part], range);
    merged(job, named.collect(), &line, Control::new(&stop))
}

fn options(text: &str) -> Options {
    let words = ["workers", "cores", "cpu", "io", "service", "rate", "clients", "think"];
    let words = words.into_iter().chain(["requests", "replications", "precision", "seed"]);
    let known: Vec<&'static str> = words.collect();
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap();
        (*known.iter().find(|known| **known == name).unwrap(), value.to_owned())
    };
    text.split(' ').map(pair).collect()
}

/// Lengths that were asked for (open and closed), finite stories, a length by the precision, a cell
/// that is overloaded beside one that is not.
const RUNS: [&str; 5] = [
    "workers=1..3 cpu=exp(2ms) io=exp(7ms) rate=60/s requests=400",
    "workers=1,2 service=exp(10ms) clients=5 think=exp(100ms) requests=50",
    "workers=1,4,12 service=exp(3s) clients=3 replications=70",
    "workers=1,2 cores=1,2 service=exp(10ms) rate=120/s precision=40%",
    "workers=1,4,12,32 service=3s clients=3",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn parts_make_the_whole(
        run in 0..RUNS.len(),
        count in 1u32..24,
        seed in 0u64..1000,
        mixed in Just(()).prop_perturb(|(), mut random| random.next_u64()),
    ) {
        let mut options = options(RUNS[run]);
        options.push(("seed", seed.to_string()));
        let job = job(&options);
        let mut parts: Vec<Part> = (1..=count).map(|index| part(&job, index, count)).collect();
        parts.rotate_left((mixed % u64::from(count)) as usize);
        let results = merge(&job, &parts).unwrap();
        prop_assert_eq!(job.csv(&results).unwrap(), whole(&job));
    }
}

/// Rows that are clearly not the answer are run shortly by parts as by one process, whatever the
/// number of threads: 2 workers are, and each part finds that by itself.
#[test]
fn parts_agree_on_what_is_run_shortly() {
    let job = job(&options("workers=2..4 service=10ms rate=180/s"));
    let of = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| whole(&job))
    };
    let parts: Vec<Part> = (1..=3).map(|index| part(&job, index, 3)).collect();
    let short = parts.iter().flat_map(|part| &part.pieces).filter(|piece| piece.cell == 0);
    let written = parts.iter().map(|part| String::from_utf8(part_csv::write(part)).unwrap());
    assert!(written.into_iter().any(|text| text.contains(",out,")) && short.count() > 0);
    let results = merge(&job, &parts).unwrap();
    assert_eq!(job.csv(&results).unwrap(), of(1));
    assert_eq!(of(1), of(3));
}

/// One cell spreads over all parts: no part has more than its share of the 20 sections.
#[test]
fn a_single_cell_is_divided() {
    let job = job(&options("workers=2 cpu=exp(2ms) rate=60/s requests=200"));
    let sections = |index| -> usize {
        part(&job, index, 4).pieces.iter().map(|piece| piece.sections.len()).sum()
    };
    assert_eq!((1..=4).map(sections).collect::<Vec<_>>(), [5, 5, 5, 5]);
}

#[test]
fn what_is_not_whole_is_refused() {
    let one = job(&options("workers=1,2 cpu=exp(2ms) rate=60/s requests=200"));
    let other = job(&options("workers=1,2 cpu=exp(3ms) rate=60/s requests=200"));
    let parts = || (1..=3).map(|index| part(&one, index, 3)).collect::<Vec<_>>();
    let refused =
        |parts: Vec<Part>| merge(&one, &parts).err().map(|error| error.to_string()).unwrap();
    assert_eq!(refused(Vec::new()), "no parts: name all part files of a run");
    assert_eq!(refused(parts()[1..2].to_vec()), "missing of 3 parts: 1, 3");
    let double = [parts(), parts()[..1].to_vec()].concat();
    assert_eq!(refused(double), "part 1 of 3 is there twice: 'p3'");
    let mut mixed = parts();
    mixed[2] = part(&other, 3, 3);
    assert_eq!(refused(mixed), "'p2' is a part of another run than 'p0'");
    let mut mixed = parts();
    mixed[2] = part(&one, 3, 4);
    assert_eq!(refused(mixed), "'p2' is one of 4 parts, 'p0' one of 3");
    let others = (1..=3).map(|index| part(&other, index, 3)).collect();
    assert!(refused(others).contains("other options or other contents"));
    let mut short = parts();
    short[0].pieces[0].sections.pop();
    assert!(refused(short).contains("lacks its sections"));
    let mut double = parts();
    let again = double[0].pieces[0].clone();
    double[1].pieces.push(again);
    assert!(refused(double).contains("twice"));
}

#[test]
fn a_changed_file_is_refused() {
    let job = job(&options("workers=1 cpu=exp(2ms) rate=60/s requests=200"));
    let text = String::from_utf8(part_csv::write(&part(&job, 1, 2))).unwrap();
    let refused = |text: &str| part_csv::index(&mut text.as_bytes()).unwrap_err();
    assert!(part_csv::index(&mut text.as_bytes()).is_ok());
    assert!(refused(&text[..text.len() / 2]).contains("cut short"));
    assert!(refused(&text.replacen(",20,", ",21,", 1)).contains("changed"));
    assert!(refused("workers,cores\n1,2\n").contains("not a part file"));
}
