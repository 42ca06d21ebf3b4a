//! The part file of a shard: what it simulated, as whole numbers, with all that is needed to put the
//! run together again. Its last line counts and hashes what stands above it, so a file that was cut
//! short or changed is refused.

use std::fmt::Write as _;

use super::csv_sentence;
use crate::experiment::run::replications::{Batch, Extent};
use crate::experiment::run::run_length::{LengthBy, RunPlan};
use crate::experiment::run::shards::{Piece, Shard};
use crate::stats::tally::Tally;
use crate::stats::window::Window;
use crate::time::Time;

/// What a part file says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Version of the program that wrote it.
    pub version: String,
    /// Which of the shards it is.
    pub shard: Shard,
    /// Seed of the random numbers.
    pub seed: u64,
    /// Hash of what was asked, the contents of files included: equal for all parts of a run.
    pub hash: u64,
    /// What was asked, as one line of JSON.
    pub question: String,
}

/// A part file.
#[derive(Clone, Debug)]
pub struct Part {
    /// What it says of itself.
    pub head: Head,
    /// What was simulated.
    pub pieces: Vec<Piece>,
}

/// Columns before those of the tally.
const FRONT: [&str; 5] = ["cell", "section", "sections", "extent", "length_by"];
/// What the last line begins with.
const END: &str = "# end: ";

/// Hash of some bytes (FNV-1a, 64 bits).
pub fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// A part as a file.
pub fn write(part: &Part) -> Vec<u8> {
    let Head { version, shard, seed, hash: question_hash, question } = &part.head;
    let mut text = format!("# simsrv {version}: part {} of {}\n", shard.index(), shard.count());
    let _ = writeln!(text, "# seed: {seed}; scenario: {question_hash:016x}");
    let _ = writeln!(text, "# question: {question}");
    let _ = writeln!(text, "{}", columns(&part.pieces).join(","));
    let mut rows = 0;
    for piece in &part.pieces {
        let RunPlan { batch, length } = piece.plan;
        let (extent, length) = (extent_text(batch.extent), length_text(length));
        for (section, tally) in &piece.sections {
            let front = format!("{},{section},{},{extent},{length}", piece.cell, batch.count);
            let _ = writeln!(text, "{front},{}", tally.texts().join(","));
            rows += 1;
        }
    }
    let _ = writeln!(text, "{END}{rows} sections, {:016x}", hash(text.as_bytes()));
    text.into_bytes()
}

/// The columns of a part, those of routes with the number of the route.
fn columns(pieces: &[Piece]) -> Vec<String> {
    let sections = pieces.iter().flat_map(|piece| &piece.sections);
    let routes = sections.map(|(_, tally)| tally.routes.len()).max().unwrap_or(0);
    let of_route = |route: usize| Tally::columns().map(move |name| format!("route_{route}_{name}"));
    let all = FRONT.into_iter().chain(Tally::columns()).map(str::to_owned);
    all.chain((1..=routes).flat_map(of_route)).collect()
}

fn extent_text(extent: Extent) -> String {
    match extent {
        Extent::Stories(stories) => format!("stories {stories}"),
        Extent::Requests(requests) => format!("requests {requests}"),
        Extent::Window(Window { from, to }) => {
            format!("window {} {}", from.as_nanos(), to.as_nanos())
        }
    }
}

fn read_extent(text: &str) -> Option<Extent> {
    let words: Vec<&str> = text.split(' ').collect();
    let number = |word: &str| word.parse::<u64>().ok();
    Some(match words[..] {
        ["stories", n] => Extent::Stories(number(n)?),
        ["requests", n] => Extent::Requests(number(n)?),
        ["window", from, to] => {
            let [from, to] = [number(from)?, number(to)?].map(Time::from_nanos);
            Extent::Window(Window { from, to })
        }
        _ => return None,
    })
}

const LENGTHS: [(LengthBy, &str); 3] = [
    (LengthBy::Request, "request"),
    (LengthBy::Precision, "precision"),
    (LengthBy::Limit, "limit"),
];

fn length_text(length: LengthBy) -> &'static str {
    LENGTHS.into_iter().find(|(by, _)| *by == length).map_or("", |(_, text)| text)
}

/// Reads the head of a part file.
///
/// # Errors
/// A sentence.
pub fn read_head(text: &str) -> Result<Head, String> {
    let not = || "this is not a part file of simsrv: write one with --shard I/N".to_owned();
    let mut lines = text.lines();
    let mut line = |begin: &str| lines.next().and_then(|line| line.strip_prefix(begin));
    let (version, of) =
        line("# simsrv ").and_then(|rest| rest.split_once(": part ")).ok_or_else(not)?;
    let shard = of
        .split_once(" of ")
        .and_then(|(index, count)| Shard::new(index.parse().ok()?, count.parse().ok()?));
    let hashes = line("# seed: ").and_then(|rest| rest.split_once("; scenario: "));
    let (seed, hash) = hashes.ok_or_else(not)?;
    Ok(Head {
        version: version.to_owned(),
        shard: shard.ok_or_else(not)?,
        seed: seed.parse().map_err(|_| not())?,
        hash: u64::from_str_radix(hash, 16).map_err(|_| not())?,
        question: line("# question: ").ok_or_else(not)?.to_owned(),
    })
}

/// Reads what [`write()`] wrote.
///
/// # Errors
/// A sentence; also if the file is not whole.
pub fn read(text: &str) -> Result<Part, String> {
    let head = read_head(text)?;
    let (above, end) = text.rsplit_once(END).ok_or_else(cut_short)?;
    let wanted = end.trim_end().split_once(" sections, ").ok_or_else(cut_short)?;
    let mut csv =
        csv::ReaderBuilder::new().comment(Some(b'#')).flexible(true).from_reader(above.as_bytes());
    let mut pieces: Vec<Piece> = Vec::new();
    let mut rows = 0;
    for record in csv.records() {
        let record = record.map_err(|error| csv_sentence(&error))?;
        let line = record.position().map_or(0, csv::Position::line);
        let (cell, plan, section) = row(&record).ok_or_else(|| {
            format!("line {line}: expected a section of a part file, with the columns of its head")
        })?;
        match pieces.last_mut().filter(|piece| piece.cell == cell && piece.plan == plan) {
            Some(piece) => piece.sections.push(section),
            None => pieces.push(Piece { cell, plan, sections: vec![section] }),
        }
        rows += 1;
    }
    if wanted != (rows.to_string().as_str(), format!("{:016x}", hash(above.as_bytes())).as_str()) {
        return Err("the file was changed after it was written: run this part again".to_owned());
    }
    Ok(Part { head, pieces })
}

fn cut_short() -> String {
    "the file was cut short: run this part again".to_owned()
}

/// One section.
fn row(record: &csv::StringRecord) -> Option<(usize, RunPlan, (usize, Tally))> {
    let mut fields = record.iter();
    let mut number = || fields.next()?.parse::<usize>().ok();
    let (cell, section, count) = (number()?, number()?, number()?);
    let extent = read_extent(fields.next()?)?;
    let by = fields.next()?;
    let (length, _) = LENGTHS.into_iter().find(|(_, text)| *text == by)?;
    let batch = Batch { count, extent, first: 0 };
    Some((cell, RunPlan { batch, length }, (section, Tally::from_texts(fields)?)))
}
