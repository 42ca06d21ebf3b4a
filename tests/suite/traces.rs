//! Stories with exact answers (`tests/data/traces`), through the public command, with either
//! choice of engine, and through the slow twin.

use std::collections::BTreeMap;
use std::io::Write;

use crate::command::{self, Row};
use crate::ratio::Ratio;
use crate::twin::{self, Ask, Coming, End, House, Kind};

const STORIES: &str = include_str!("../data/traces/traces.csv");
const NANOS: i128 = 1_000_000_000;
/// Times are compared in units of 10^-18 s: all that the data's decimals have.
const NANOSECOND: i128 = 1_000_000_000;
/// Where an input is no whole nanosecond (1/3 s) the command is told another one.
const MICROSECOND: i128 = 1000 * NANOSECOND;

/// One story: its rows as they stand in the file, by column.
type Story = Vec<BTreeMap<String, String>>;

fn stories() -> BTreeMap<String, Story> {
    let mut stories = BTreeMap::<String, Story>::new();
    for row in csv::Reader::from_reader(STORIES.as_bytes()).deserialize() {
        let row: BTreeMap<String, String> = row.expect("a row");
        stories.entry(row["id"].clone()).or_default().push(row);
    }
    assert!(stories.len() >= 30, "{} stories", stories.len());
    stories
}

/// `9/2` or `4.5`.
fn fraction(text: &str) -> Ratio {
    let whole = |digits: &str| digits.parse::<i128>().expect("digits");
    if let Some((num, den)) = text.split_once('/') {
        return Ratio::new(whole(num), whole(den));
    }
    let (integer, decimals) = text.split_once('.').unwrap_or((text, ""));
    Ratio::new(whole(&format!("{integer}{decimals}")), 10i128.pow(decimals.len() as u32))
}

/// Seconds as a fraction, in units of 10^-18 s.
fn attos(text: &str) -> i128 {
    let seconds = fraction(text);
    let nanos = seconds * Ratio::whole(NANOS);
    // The longest fractions leave no room for a factor of 10^9; then nine digits are enough.
    if nanos.is_lost() { seconds.billionths() * NANOSECOND } else { nanos.billionths() }
}

/// What is expected of a request: outcome, start, end; a time is unknown where the data has none.
#[derive(Clone, Debug)]
struct Expected {
    served: bool,
    start: Option<i128>,
    end: Option<i128>,
}

fn expected(story: &Story) -> Vec<Expected> {
    let known = |text: &String| (!text.is_empty()).then(|| attos(text));
    story
        .iter()
        .map(|row| Expected {
            served: row["status"] == "ok",
            start: known(&row["start_exact"]),
            end: known(&row["end_decimal"]),
        })
        .collect()
}

/// What came out, in the same terms.
struct Found {
    outcome: String,
    start: Option<i128>,
    end: Option<i128>,
}

/// The requests of a story that did not go as expected, as sentences.
fn mismatches(expected: &[Expected], found: &[Found], tolerance: i128) -> Vec<String> {
    let near = |expected: Option<i128>, found: Option<i128>| match (expected, found) {
        (Some(expected), Some(found)) => (expected - found).abs() <= tolerance,
        (Some(_), None) => false,
        (None, _) => true,
    };
    let mut wrong = Vec::new();
    if expected.len() != found.len() {
        wrong.push(format!("{} requests, found {}", expected.len(), found.len()));
    }
    for (number, (expected, found)) in expected.iter().zip(found).enumerate() {
        let outcome = if expected.served { "served" } else { "refused" };
        let fits = found.outcome == outcome
            && near(expected.start, found.start)
            && near(expected.end, found.end);
        if !fits {
            let (start, end) = (found.start, found.end);
            wrong.push(format!("request {}: {expected:?}, found {start:?} {end:?}", number + 1));
        }
    }
    wrong
}

/// (processes, threads in each, whether there is a lock)
fn workers(story: &Story) -> (usize, usize, bool) {
    let first = &story[0];
    match first["gil_WxT"].split_once('x') {
        Some((processes, threads)) => (processes.parse().unwrap(), threads.parse().unwrap(), true),
        None if first["workers"].is_empty() => (story.len(), 1, false),
        None => (first["workers"].parse().unwrap(), 1, false),
    }
}

fn phases(row: &BTreeMap<String, String>) -> Vec<(Kind, Ratio)> {
    let phase = |text: &str| {
        let (kind, seconds) = text.split_once(':').expect("kind:seconds");
        let kind = if kind == "cpu" { Kind::Cpu } else { Kind::Io };
        (kind, fraction(seconds))
    };
    row["phases"].split(';').map(phase).collect()
}

/// A time of at most 18 decimals.
fn decimal(seconds: Ratio) -> String {
    let attos = (seconds * Ratio::whole(NANOS)).billionths();
    let unit = NANOS * NANOS;
    format!("{}.{:018}", attos / unit, attos % unit)
}

/// The story as a file to replay.
fn replay(story: &Story) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    writeln!(file, "arrival_s,phases").unwrap();
    for row in story {
        let word = |kind| if kind == Kind::Cpu { "cpu" } else { "io" };
        let phases: Vec<String> = phases(row)
            .into_iter()
            .map(|(kind, seconds)| format!("{}:{}", word(kind), decimal(seconds)))
            .collect();
        writeln!(file, "{},{}", decimal(fraction(&row["arrival"])), phases.join(" ")).unwrap();
    }
    file
}

/// Whether all that the command is told can be said in whole nanoseconds.
fn whole_nanoseconds(story: &Story) -> bool {
    let whole = |seconds: Ratio| (seconds * Ratio::whole(NANOS)).billionths() % NANOSECOND == 0;
    story.iter().all(|row| {
        whole(fraction(&row["arrival"])) && phases(row).iter().all(|(_, seconds)| whole(*seconds))
    })
}

fn by_command(story: &Story, engine: &str) -> Vec<Found> {
    let file = replay(story);
    let (processes, threads, lock) = workers(story);
    let first = &story[0];
    let backlog = if first["backlog"].is_empty() { "unlimited" } else { &first["backlog"] };
    let (path, lock) = (file.path().display(), if lock { "on" } else { "off" });
    let mut line = format!(
        "--trace {path} --workers {processes} --threads {threads} --gil {lock} --cores {} \
         --backlog {backlog} --engine {engine} --visits -",
        first["cores"]
    );
    if !first["timeout"].is_empty() {
        line += &format!(" --patience {}s", first["timeout"]);
    }
    let rows = command::records(&command::simsrv(&command::words(&line)));
    rows.into_iter().map(found_in_row).collect()
}

fn found_in_row(row: Row) -> Found {
    let attos = |nanos: u64| i128::from(nanos) * NANOSECOND;
    Found { outcome: row.outcome, start: row.start.map(attos), end: row.departure.map(attos) }
}

/// `None` where the fractions grow too long for the twin.
fn by_twin(story: &Story) -> Option<Vec<Found>> {
    let first = &story[0];
    let (processes, threads, lock) = workers(story);
    let nanos = |seconds: Ratio| {
        let attos = (seconds * Ratio::whole(NANOS)).billionths();
        assert_eq!(attos % NANOSECOND, 0, "demands are whole nanoseconds");
        attos / NANOSECOND
    };
    let timeout = (!first["timeout"].is_empty()).then(|| nanos(fraction(&first["timeout"])));
    let house = House {
        turns: false,
        processes,
        threads,
        lock,
        lifo: false,
        millicores: (fraction(&first["cores"]) * Ratio::whole(1000 * NANOS)).billionths()
            / (NANOS * NANOS),
        backlog: (!first["backlog"].is_empty()).then(|| first["backlog"].parse().unwrap()),
    };
    let coming = |(rank, row): (usize, &BTreeMap<String, String>)| Coming {
        sent: 0,
        at: fraction(&row["arrival"]) * Ratio::whole(NANOS),
        rank,
        ask: Ask {
            phases: phases(row).into_iter().map(|(kind, length)| (kind, nanos(length))).collect(),
            priority: 0,
            patience: timeout,
        },
    };
    let mut seen = twin::run(&house, story.iter().enumerate().map(coming).collect(), Vec::new())?;
    seen.sort_by_key(|seen| seen.request);
    let found = |seen: twin::Seen| Found {
        outcome: match seen.end {
            End::Served => "served",
            End::Refused => "refused",
            End::TimedOut => "timed_out",
        }
        .to_owned(),
        start: Some(seen.start.billionths()),
        end: Some(seen.departure.billionths()),
    };
    Some(seen.into_iter().map(found).collect())
}

fn none_wrong(name: &str, wrong: &[String]) {
    assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
}

#[test]
fn the_command_tells_every_story_to_the_nanosecond() {
    for (name, story) in stories() {
        let tolerance = if whole_nanoseconds(&story) { NANOSECOND } else { MICROSECOND };
        for engine in ["events", "auto"] {
            let found = by_command(&story, engine);
            let wrong = mismatches(&expected(&story), &found, tolerance);
            none_wrong(&format!("{name} --engine {engine}"), &wrong);
        }
    }
}

#[test]
fn the_twin_tells_every_story_exactly() {
    let mut too_long = Vec::new();
    for (name, story) in stories() {
        // The decimals of the data and of the comparison are rounded: two units of 10^-18 s.
        match by_twin(&story) {
            Some(found) => none_wrong(&name, &mismatches(&expected(&story), &found, 2)),
            None => too_long.push(name),
        }
    }
    assert_eq!(too_long, ["M02"], "8 workers on a core that is never idle: too long a fraction");
}

/// The check itself can fail: 10 ns are seen, in every story of whole nanoseconds.
#[test]
fn an_end_moved_by_ten_nanoseconds_is_noticed() {
    for (name, story) in stories().into_iter().filter(|(_, story)| whole_nanoseconds(story)) {
        let found = by_command(&story, "events");
        for moved in [-10, 10] {
            let mut expected = expected(&story);
            let last = expected.iter_mut().rfind(|row| row.served).expect("somebody is served");
            last.end = last.end.map(|end| end + moved * NANOSECOND);
            assert_eq!(mismatches(&expected, &found, NANOSECOND).len(), 1, "{name} {moved}");
        }
    }
}
