//! The part file of a shard: what it simulated, as whole numbers, with all that is needed to put the
//! run together again. Its last line counts and hashes what stands above it, so a file that was cut
//! short or changed is refused.

use std::fmt::Write as _;
use std::io::{BufRead, Read};
use std::ops::Range;

use crate::experiment::run::replications::{Batch, Extent};
use crate::experiment::run::run_length::{LengthBy, RunPlan};
use crate::experiment::run::shards::{SectionAt, Shard, ShardPiece};
use crate::stats::tally::Tally;
use crate::stats::window::Window;
use crate::time::Time;

/// What a part file says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Version of the program that wrote it.
    pub(crate) version: String,
    /// Which of the shards it is.
    pub(crate) shard: Shard,
    /// Seed of the random numbers.
    pub(crate) seed: u64,
    /// Hash of what was asked, the contents of files included: equal for all parts of a run.
    pub(crate) hash: u64,
    /// What was asked, as one line of JSON.
    pub(crate) question: String,
}

impl Head {
    /// Whether two parts hold the same sections: how the question was written does not matter.
    pub(crate) fn same_part(&self, other: &Head) -> bool {
        let numbers = |head: &Head| (head.shard, head.seed, head.hash);
        self.version == other.version && numbers(self) == numbers(other)
    }

    /// The words of the question; none if it is not a list of words.
    pub(crate) fn words(&self) -> Option<Vec<String>> {
        serde_json::from_str(&self.question).ok()
    }
}

/// A part file.
#[derive(Clone, Debug)]
pub struct Part {
    /// What it says of itself.
    pub(crate) head: Head,
    /// What was simulated.
    pub pieces: Vec<ShardPiece>,
}

/// Columns before those of the tally.
const FRONT: [&str; 5] = ["cell", "section", "sections", "extent", "length_by"];
/// What the last line begins with.
const END: &str = "# end: ";

/// The hash of nothing.
const HASH_BEGIN: u64 = 0xcbf2_9ce4_8422_2325;

/// Hash of some bytes (FNV-1a, 64 bits).
pub fn hash(bytes: &[u8]) -> u64 {
    hash_on(HASH_BEGIN, bytes)
}

/// The hash of what had the hash `hash`, and then some bytes.
fn hash_on(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
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
fn columns(pieces: &[ShardPiece]) -> Vec<String> {
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

const LENGTHS: [(LengthBy, &str); 4] = [
    (LengthBy::Request, "request"),
    (LengthBy::Precision, "precision"),
    (LengthBy::Limit, "limit"),
    (LengthBy::Out, "out"),
];

fn length_text(length: LengthBy) -> &'static str {
    LENGTHS.into_iter().find(|(by, _)| *by == length).map_or("", |(_, text)| text)
}

/// Bytes of the longest line of a part.
const LONGEST_LINE: u64 = 256 << 20;

/// What stands in a part file, and where: its sections are read one by one.
#[derive(Clone, Debug)]
pub struct PartIndex {
    /// What it says of itself.
    pub head: Head,
    /// Its sections, in the order of the file.
    pub sections: Vec<SectionAt>,
}

/// Reads a part from its beginning to its end, without keeping the counts of its sections.
///
/// # Errors
/// A sentence; also if the file is not whole.
pub fn index(reader: &mut dyn BufRead) -> Result<PartIndex, String> {
    let mut lines = PartLines { reader, at: 0, hash: HASH_BEGIN, line: Vec::new(), number: 0 };
    let head = lines.head()?;
    let mut sections = Vec::new();
    while lines.next()? {
        let above = lines.hash;
        let text = lines.text()?;
        if let Some(end) = text.strip_prefix(END) {
            let count = sections.len();
            if end.trim_end() != format!("{count} sections, {above:016x}") || lines.next()? {
                return Err("the file was changed after it was written: run this part again".into());
            }
            return Ok(PartIndex { head, sections });
        }
        if text.starts_with(FRONT[0]) && sections.is_empty() {
            continue;
        }
        let range = lines.range();
        let (cell, plan, section, _) = front(text).ok_or_else(|| not_a_section(lines.number))?;
        sections.push(SectionAt { cell, section, plan, range });
    }
    Err("the file was cut short: run this part again".to_owned())
}

/// Some bytes of a part that is in memory, as text.
///
/// # Errors
/// A sentence.
pub fn line(part: &[u8], range: Range<u64>) -> Result<String, String> {
    let bytes = part.get(range.start as usize..range.end as usize).unwrap_or_default();
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| not_a_part())
}

/// The counts of one section, from its line.
///
/// # Errors
/// A sentence.
pub fn section(line: &str) -> Result<Tally, String> {
    let tally = front(line).and_then(|(.., fields)| Tally::from_texts(fields));
    tally.ok_or_else(|| "a section of a part file was changed: run this part again".to_owned())
}

fn not_a_section(line: u64) -> String {
    format!("line {line}: expected a section of a part file, with the columns of its head")
}

/// A part line by line, with the hash of what has been read.
struct PartLines<'a> {
    reader: &'a mut dyn BufRead,
    /// Where the line begins.
    at: u64,
    /// The hash of all that stands above the line.
    hash: u64,
    line: Vec<u8>,
    number: u64,
}

impl PartLines<'_> {
    /// Goes to the next line; false at the end.
    fn next(&mut self) -> Result<bool, String> {
        self.at += self.line.len() as u64;
        self.hash = hash_on(self.hash, &self.line);
        self.line.clear();
        self.number += 1;
        let mut limited = Read::take(&mut *self.reader, LONGEST_LINE);
        let read = limited.read_until(b'\n', &mut self.line);
        read.map_err(|error| format!("it cannot be read: {error}"))?;
        if self.line.len() as u64 == LONGEST_LINE {
            return Err(format!("line {} has more than {} MB", self.number, LONGEST_LINE >> 20));
        }
        Ok(!self.line.is_empty())
    }

    fn text(&self) -> Result<&str, String> {
        std::str::from_utf8(&self.line).map_err(|_| not_a_part())
    }

    /// Where the line is.
    fn range(&self) -> Range<u64> {
        self.at..self.at + self.line.len() as u64
    }

    /// Reads the lines of the head.
    fn head(&mut self) -> Result<Head, String> {
        let mut line = |begin: &str| -> Result<String, String> {
            let rest = if self.next()? { self.text()?.strip_prefix(begin) } else { None };
            Ok(rest.ok_or_else(not_a_part)?.trim_end_matches('\n').to_owned())
        };
        let first = line("# simsrv ")?;
        let (version, of) = first.split_once(": part ").ok_or_else(not_a_part)?;
        let shard = of
            .split_once(" of ")
            .and_then(|(index, count)| Shard::new(index.parse().ok()?, count.parse().ok()?));
        let hashes = line("# seed: ")?;
        let (seed, hash) = hashes.split_once("; scenario: ").ok_or_else(not_a_part)?;
        Ok(Head {
            version: version.to_owned(),
            shard: shard.ok_or_else(not_a_part)?,
            seed: seed.parse().map_err(|_| not_a_part())?,
            hash: u64::from_str_radix(hash, 16).map_err(|_| not_a_part())?,
            question: line("# question: ")?,
        })
    }
}

fn not_a_part() -> String {
    "this is not a part file of simsrv: write one with --shard I/N".to_owned()
}

/// The cell, how it is run, the number of the section, and the fields of its tally.
fn front(line: &str) -> Option<(usize, RunPlan, usize, std::str::Split<'_, char>)> {
    let mut fields = line.trim_end().split(',');
    let mut number = || fields.next()?.parse::<usize>().ok();
    let (cell, section, count) = (number()?, number()?, number()?);
    let extent = read_extent(fields.next()?)?;
    let by = fields.next()?;
    let (length, _) = LENGTHS.into_iter().find(|(_, text)| *text == by)?;
    let batch = Batch { count, extent, first: 0 };
    Some((cell, RunPlan { batch, length }, section, fields))
}
