//! `--shard I/N`: one part of a run, as a part file.

use std::io::BufReader;
use std::path::Path;
use std::time::Instant;

use super::claims::Claims;
use super::end::{ExitStatus, Failure, Stopped};
use super::interrupt::stop;
use super::progress::Work;
use super::task::Task;
use super::wanted::{OutputFormat, OutputOptions, is_stdout};
use super::{files, output, progress};
use crate::experiment::Control;
use crate::experiment::run::shards::Shard;
use crate::job::parts::without;
use crate::render::part_csv::{self, Head};
use crate::scenario::raw_options::shown;
use crate::scenario::read::whole;
use crate::scenario::{Problem, RawOptions, Value};

/// Options that belong to the whole and not to a part, and what to do instead.
const OF_THE_WHOLE: [(&str, &str); 9] = [
    ("export-json", "give it to 'simsrv merge'"),
    ("export-markdown", "give it to 'simsrv merge'"),
    ("export-config", "give it to 'simsrv merge'"),
    ("visits", "give it to 'simsrv merge'"),
    ("report", "give it to 'simsrv merge'"),
    ("plot", "give it to 'simsrv merge'"),
    ("format", "give it to 'simsrv merge'"),
    ("check-theory", "give it to a run on one machine"),
    ("max-time", "how far a run gets by a clock differs from machine to machine"),
];

/// An array job as an engine describes it to its tasks: the variables of index and number of
/// tasks, and the index of the first task.
struct ArrayEngine {
    index: &'static str,
    count: &'static str,
    first: &'static str,
}

/// Slurm (`man sbatch`, output environment variables), Kubernetes (Indexed Jobs), AWS Batch (array
/// jobs), PBS (array jobs). An empty name: the engine has no such variable.
const ENGINES: [ArrayEngine; 4] = [
    ArrayEngine { index: "SLURM_ARRAY_TASK_ID", count: "SLURM_ARRAY_TASK_COUNT", first: "1" },
    ArrayEngine { index: "JOB_COMPLETION_INDEX", count: "", first: "0" },
    ArrayEngine {
        index: "AWS_BATCH_JOB_ARRAY_INDEX",
        count: "AWS_BATCH_JOB_ARRAY_SIZE",
        first: "0",
    },
    ArrayEngine { index: "PBS_ARRAY_INDEX", count: "", first: "1" },
];

/// Whether only a part of a run is asked for.
///
/// # Errors
/// If the number of parts is given alone.
pub(super) fn wanted(raw: &RawOptions) -> Result<bool, Problem> {
    match (raw.has("shard"), raw.get("shards")) {
        (false, Some(value)) => {
            Err(Problem::at(value, "how many parts there are: give --shard auto too"))
        }
        (shard, _) => Ok(shard),
    }
}

/// Simulates a part and writes its file; a part that is finished already is kept.
pub(super) fn execute(task: &Task) -> Result<ExitStatus, Stopped> {
    let base = &task.job.base;
    let variable = |name: &str| std::env::var(name).ok();
    let shard = shard_of(base, variable)?;
    refuse_others(base)?;
    let wanted = OutputOptions::read(base, &task.folder, task.writes)?;
    let (plan, head) = task.job.head(shard, question(&task.job.typed))?;
    let mut claims = Claims::default();
    OutputOptions::claim(base, &task.folder, &[], &mut claims)?;
    claims.check_inputs(0, &task.inputs.identities())?;
    let Some((OutputFormat::Csv, path)) = wanted.exports.first() else {
        let sentence = "where does the part go? Give --export-csv FILE, a file for each part";
        return Err(Problem::at(option(base, "shard")?, sentence).into());
    };
    if !is_stdout(path) && finished(path, &head) {
        say(&wanted, &format!("'{}' is finished: it is kept\n", path.display()))?;
        return Ok(ExitStatus::Done);
    }
    claims.try_folders()?;
    let work = Work::pieces(plan.cells.len() / shard.count() as usize);
    let begin = Instant::now();
    let pool = wanted.pool()?;
    let part = progress::watched(work, wanted.quiet, &|| begin.elapsed(), |done| {
        pool.install(|| task.job.run_shard(&plan, head, Control::new(stop()), || done(None)))
    })?;
    output::write(path, &part_csv::write(&part))?;
    let sections: usize = part.pieces.iter().map(|piece| piece.sections.len()).sum();
    let (index, count) = (shard.index(), shard.count());
    if !is_stdout(path) {
        say(&wanted, &format!("part {index} of {count}: {sections} sections\n"))?;
    }
    Ok(ExitStatus::Done)
}

fn say(wanted: &OutputOptions, sentence: &str) -> Result<(), Failure> {
    if wanted.quiet { Ok(()) } else { output::print(sentence, false) }
}

fn option<'a>(raw: &'a RawOptions, name: &str) -> Result<&'a Value, Problem> {
    raw.get(name).ok_or_else(|| Problem::new(format!("--{name} is missing")))
}

fn refuse_others(raw: &RawOptions) -> Result<(), Problem> {
    for (name, instead) in OF_THE_WHOLE {
        if let Some(value) = raw.get(name) {
            let sentence = format!("--{name} cannot be used with --shard: {instead}");
            return Err(Problem::at(value, sentence));
        }
    }
    Ok(())
}

/// Whether a file is the whole of that part.
fn finished(path: &Path, head: &Head) -> bool {
    let file = files::open(path).ok().filter(|file| file.metadata().is_ok_and(|of| of.is_file()));
    let index = file.and_then(|file| part_csv::index(&mut BufReader::new(file)).ok());
    index.is_some_and(|part| part.head.same_part(head))
}

/// The command of the whole, word by word, as one line of JSON.
fn question(typed: &str) -> String {
    let words = shlex::split(typed).unwrap_or_default();
    let words = without(without(words, "shard"), "shards");
    serde_json::Value::from(words).to_string()
}

/// Which shard is asked for; of `auto`, the one that the environment names.
fn shard_of(raw: &RawOptions, variable: impl Fn(&str) -> Option<String>) -> Result<Shard, Problem> {
    let value = option(raw, "shard")?;
    let most = u64::from(crate::experiment::run::shards::MOST_SHARDS);
    let count = raw.parse("shards", |text| whole(text, "parts", 1, most))?.map(|n| n as u32);
    let shard = match value.text.trim() {
        "auto" => from_environment(count, variable),
        text => typed_shard(text, count),
    };
    shard.map_err(|sentence| Problem::at(value, sentence))
}

fn typed_shard(text: &str, count: Option<u32>) -> Result<Shard, String> {
    let read = text.split_once('/').and_then(|(index, of)| {
        let of: u32 = of.trim().parse().ok()?;
        let agrees = count.is_none_or(|count| count == of);
        Shard::new(index.trim().parse().ok()?, of).filter(|_| agrees)
    });
    read.ok_or_else(|| {
        let text = shown(text);
        if let Some(count) = count {
            return format!("'{text}' is not one of the {count} parts that --shards says");
        }
        format!("'{text}' is not a part of a run: write such as 1/4 to 4/4, or auto")
    })
}

fn from_environment(
    count: Option<u32>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Shard, String> {
    // An engine that runs a task of its own sets an empty variable for those that are none.
    let set = |name: &str| variable(name).filter(|text| !text.trim().is_empty());
    let number = |name: &str, text: &str| {
        text.trim().parse::<u32>().map_err(|_| {
            format!("{name} is '{}', which is not a whole number: write such as 1/4", shown(text))
        })
    };
    let found = ENGINES.iter().find_map(|engine| Some((engine, set(engine.index)?)));
    let Some((engine, index)) = found else {
        let names: Vec<&str> = ENGINES.iter().map(|engine| engine.index).collect();
        let names = names.join(", ");
        return Err(format!("auto reads one of {names}, and none is set: write such as 1/4"));
    };
    let ArrayEngine { index: name, count: counted_by, first } = engine;
    let index = number(name, &index)?;
    let counted = set(counted_by).map(|text| number(counted_by, &text)).transpose();
    let Some(of) = count.map_or(counted, |count| Ok(Some(count)))? else {
        let unset = if counted_by.is_empty() {
            String::new()
        } else {
            format!(" {counted_by} is not set.")
        };
        return Err(format!("{name} is {index}, but of how many?{unset} Give --shards N too"));
    };
    let index_from_1 = index.checked_add(u32::from(*first == "0"));
    index_from_1.and_then(|index| Shard::new(index, of)).ok_or_else(|| {
        format!(
            "{name} is {index}, which is not one of {of} tasks counted from {first}: number the \
             tasks from {first}, or give --shards N as the number of all"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auto(count: Option<u32>, set: &[(&str, &str)]) -> Result<(u32, u32), String> {
        let variable =
            |name: &str| set.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        from_environment(count, variable).map(|shard| (shard.index(), shard.count()))
    }

    #[test]
    fn engines_number_their_tasks() {
        let slurm = [("SLURM_ARRAY_TASK_ID", "2"), ("SLURM_ARRAY_TASK_COUNT", "4")];
        assert_eq!(auto(None, &slurm), Ok((2, 4)));
        // One task that is run again is an array of one: then the number of all is given.
        let again = [("SLURM_ARRAY_TASK_ID", "2"), ("SLURM_ARRAY_TASK_COUNT", "1")];
        assert!(auto(None, &again).unwrap_err().contains("give --shards N"));
        assert_eq!(auto(Some(4), &again), Ok((2, 4)));
        assert_eq!(auto(Some(4), &[("JOB_COMPLETION_INDEX", "0")]), Ok((1, 4)));
        assert!(auto(None, &[("JOB_COMPLETION_INDEX", "0")]).unwrap_err().contains("of how many?"));
        let alone = [("SLURM_ARRAY_TASK_ID", "2"), ("SLURM_ARRAY_TASK_COUNT", "")];
        assert!(auto(None, &alone).unwrap_err().contains("SLURM_ARRAY_TASK_COUNT is not set"));
        let batch = [("AWS_BATCH_JOB_ARRAY_INDEX", "3"), ("AWS_BATCH_JOB_ARRAY_SIZE", "4")];
        assert_eq!(auto(None, &batch), Ok((4, 4)));
        assert_eq!(auto(Some(2), &[("PBS_ARRAY_INDEX", "1")]), Ok((1, 2)));
        assert!(auto(Some(2), &[("PBS_ARRAY_INDEX", "0")]).is_err());
        assert!(auto(Some(2), &[]).unwrap_err().contains("none is set"));
        assert!(auto(Some(2), &[("PBS_ARRAY_INDEX", "")]).unwrap_err().contains("none is set"));
        let wrong = auto(Some(2), &[("JOB_COMPLETION_INDEX", "-1")]).unwrap_err();
        assert!(wrong.contains("JOB_COMPLETION_INDEX is '-1'"), "{wrong}");
        let wrong = [("SLURM_ARRAY_TASK_ID", "1"), ("SLURM_ARRAY_TASK_COUNT", "x")];
        assert!(auto(None, &wrong).unwrap_err().contains("SLURM_ARRAY_TASK_COUNT is 'x'"));
    }

    #[test]
    fn typed_shards() {
        let shard = |text| typed_shard(text, None).map(|shard| (shard.index(), shard.count()));
        assert_eq!(shard("2/4"), Ok((2, 4)));
        for wrong in ["0/4", "5/4", "4", "1/0", "a/b", "1/4/2", "-1/4"] {
            assert!(shard(wrong).unwrap_err().contains("write such as 1/4"), "{wrong}");
        }
        assert!(typed_shard("1/4", Some(5)).is_err());
    }
}
