//! `--shard` and `simsrv merge`, as typed.

use std::fs;
use std::path::Path;

use crate::support::{folder, program, refused_in, succeeds_in};

const SWEEP: &str = "--workers 1..3 --cpu exp(2ms) --io exp(7ms) --rate 60/s --requests 400";

fn words(text: &str) -> Vec<&str> {
    text.split(' ').collect()
}

/// Writes the parts of a run and gives their names.
fn parts(at: &Path, run: &str, count: usize) -> Vec<String> {
    let one = |index: usize| {
        let name = format!("part-{index}.csv");
        succeeds_in(at, &words(&format!("{run} --shard {index}/{count} --export-csv {name}")));
        name
    };
    (1..=count).map(one).collect()
}

#[test]
fn merged_parts_are_the_file_of_one_machine() {
    let at = folder();
    let at = at.path();
    let text = succeeds_in(at, &words(&format!("{SWEEP} --export-csv whole.csv")));
    let whole = fs::read(at.join("whole.csv")).unwrap();
    let names = parts(at, SWEEP, 3);
    fs::remove_file(at.join("whole.csv")).unwrap();
    let merged =
        succeeds_in(at, &words(&format!("merge {} --export-csv whole.csv", names.join(" "))));
    assert_eq!(fs::read(at.join("whole.csv")).unwrap(), whole);
    assert_eq!(merged, text);
}

#[test]
fn a_scenario_is_divided_too() {
    let at = folder();
    let at = at.path();
    let scenario = "workers = [1, 2]\nservice = 'samples:t.csv#s'\nrate = '30/s'\nrequests = 300\n";
    // Its files stand beside it, not where the command is run.
    let samples = at.join("its").join("t.csv");
    fs::create_dir(at.join("its")).unwrap();
    fs::write(at.join("its").join("s.toml"), scenario).unwrap();
    fs::write(&samples, "s\n0.010\n0.020\n0.030\n").unwrap();
    succeeds_in(at, &words("run its/s.toml --export-csv whole.csv"));
    let whole = fs::read(at.join("whole.csv")).unwrap();
    let names = parts(at, "run its/s.toml", 2).join(" ");
    succeeds_in(at, &words(&format!("merge {names} --export-csv whole.csv")));
    assert_eq!(fs::read(at.join("whole.csv")).unwrap(), whole);
    // Other samples are another run.
    fs::write(&samples, "s\n0.010\n0.020\n0.031\n").unwrap();
    refused_in(at, &words(&format!("merge {names}")), "other contents of their files");
}

#[test]
fn a_finished_part_is_kept_and_a_damaged_one_is_not() {
    let at = folder();
    let at = at.path();
    let part = format!("{SWEEP} --shard 1/2 --export-csv part-1.csv");
    succeeds_in(at, &words(&part));
    let file = at.join("part-1.csv");
    let (written, first) =
        (fs::metadata(&file).unwrap().modified().unwrap(), fs::read(&file).unwrap());
    assert_eq!(succeeds_in(at, &words(&part)), "'part-1.csv' is finished: it is kept\n");
    // Neither does the number of threads matter, nor what is printed.
    succeeds_in(at, &words(&format!("{part} --jobs 1 --quiet")));
    assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), written);
    fs::write(&file, &first[..first.len() / 2]).unwrap();
    succeeds_in(at, &words(&part));
    assert_eq!(fs::read(&file).unwrap(), first);
}

#[test]
fn gaps_doubles_and_other_options_are_refused() {
    let at = folder();
    let at = at.path();
    let names = parts(at, SWEEP, 2);
    let merge = |names: &str| format!("merge {names} --export-csv whole.csv");
    refused_in(at, &words(&merge(&names[0])), "missing of 2 parts: 2");
    refused_in(at, &words(&merge("part-1.csv part-1.csv part-2.csv")), "there twice");
    refused_in(at, &words(&merge("part-1.csv nothing.csv")), "cannot be read");
    refused_in(at, &words("merge part-1.csv part-2.csv --workers 3"), "stands in the parts");
    // The same precision, written in another way, is another question: the sentence says which.
    let written = |precision: &str, part: &str| {
        let more = format!("--precision {precision} --shard {part} --export-csv p-{precision}.csv");
        format!("{SWEEP} {more}")
    };
    succeeds_in(at, &words(&written("30%", "1/2")));
    succeeds_in(at, &words(&written("0.3", "2/2")));
    refused_in(at, &words("merge p-30%.csv p-0.3.csv"), "only its question has 0.3");
    let shard = |more: &str| format!("{SWEEP} --shard 1/2 {more}");
    refused_in(at, &words(&format!("{SWEEP} --shard 1/2")), "Give --export-csv FILE");
    refused_in(at, &words(&shard("--export-csv p.csv --plot d")), "simsrv merge");
    refused_in(at, &words(&shard("--export-csv p.csv --max-time 1s")), "differs from machine");
    refused_in(at, &words(&shard("--export-csv p.csv --select best")), "cannot be divided");
    refused_in(at, &words(&format!("{SWEEP} --shards 2")), "give --shard auto too");
    refused_in(at, &words(&format!("{SWEEP} --shard auto --export-csv p.csv")), "none is set");
    assert!(!at.join("whole.csv").exists());
}

/// The tasks of array jobs, by the variables that their engines set (docs/30-many-machines.md).
#[test]
fn engines_give_the_part() {
    let at = folder();
    let at = at.path();
    succeeds_in(at, &words(&format!("{SWEEP} --export-csv whole.csv")));
    let whole = fs::read(at.join("whole.csv")).unwrap();
    for (index, count, first) in [
        ("SLURM_ARRAY_TASK_ID", Some("SLURM_ARRAY_TASK_COUNT"), 1),
        ("JOB_COMPLETION_INDEX", None, 0),
        ("AWS_BATCH_JOB_ARRAY_INDEX", Some("AWS_BATCH_JOB_ARRAY_SIZE"), 0),
        ("PBS_ARRAY_INDEX", None, 1),
    ] {
        let mut names = Vec::new();
        for task in first..first + 2 {
            let name = format!("{index}-{task}.csv");
            let mut arguments = words(SWEEP);
            arguments.extend(["--shard", "auto", "--export-csv", &name]);
            let mut program = program(at);
            program.env(index, task.to_string());
            match count {
                Some(count) => program.env(count, "2"),
                None => program.args(["--shards", "2"]),
            };
            let done = program.args(&arguments).output().unwrap();
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            names.push(name);
        }
        succeeds_in(at, &words(&format!("merge {} --export-csv whole.csv", names.join(" "))));
        assert_eq!(fs::read(at.join("whole.csv")).unwrap(), whole, "{index}");
    }
}
