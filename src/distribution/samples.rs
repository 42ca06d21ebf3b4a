//! Measured values from a table of text.

use std::io::Read;

use crate::time::{NANOS_PER_SECOND, Span, scaled_decimal};

/// The unit of a column of bare numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleUnit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// Microseconds.
    Microseconds,
    /// Nanoseconds.
    Nanoseconds,
}

impl SampleUnit {
    /// Those whose names end with `s` too come first.
    const ALL: [SampleUnit; 4] =
        [Self::Milliseconds, Self::Microseconds, Self::Nanoseconds, Self::Seconds];

    /// As it is written: `ms`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            SampleUnit::Seconds => "s",
            SampleUnit::Milliseconds => "ms",
            SampleUnit::Microseconds => "us",
            SampleUnit::Nanoseconds => "ns",
        }
    }

    /// A text without the unit behind it (`file#column in ms`), and the unit.
    pub(crate) fn behind(text: &str) -> (&str, Option<SampleUnit>) {
        let text = text.trim_end();
        for unit in SampleUnit::ALL {
            let rest = text.strip_suffix(unit.name()).and_then(|rest| {
                let front = rest.trim_end();
                (front.len() < rest.len()).then(|| front.strip_suffix(" in"))?
            });
            if let Some(rest) = rest {
                return (rest.trim_end(), Some(unit));
            }
        }
        (text, None)
    }

    /// How many of it are a second.
    const fn in_a_second(self) -> u64 {
        match self {
            SampleUnit::Seconds => 1,
            SampleUnit::Milliseconds => 1_000,
            SampleUnit::Microseconds => 1_000_000,
            SampleUnit::Nanoseconds => 1_000_000_000,
        }
    }
}

/// Why a column of a table gives no samples.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SamplesError {
    /// No comma-separated values.
    #[error("this is not a table: {0}")]
    NotATable(String),
    /// A table without values.
    #[error("there is no value below the header")]
    Empty,
    /// A column that is not there.
    #[error(
        "there is no column '{name}': use a name of the first line ({names}) or a number, 1 to \
         {count}"
    )]
    NoColumn {
        /// What was asked for.
        name: String,
        /// The first columns of the table.
        names: String,
        /// How many there are.
        count: usize,
    },
    /// Many metrics in one column.
    #[error(
        "k6's 'metric_value' holds many metrics, one below another: 'simsrv fit' reads such a file"
    )]
    Metrics,
    /// A column of milliseconds that is not read as such.
    #[error(
        "the column '{0}' of such a file is in milliseconds: write '#{0} in ms' ('in s' if it is \
         not). These are response times; 'simsrv fit' takes the waiting out"
    )]
    Milliseconds(String),
    /// A time beyond the end of the clock.
    #[error("line {line}: '{cell}' is more than 584 years")]
    TooLong {
        /// The line, from 1.
        line: u64,
        /// What is there.
        cell: String,
    },
    /// A cell that is not a length of time.
    #[error(
        "line {line}, column {column}: '{cell}' is not a length of time: write {} as a plain \
         decimal of zero or more, such as 0.25",
        if *.unit == SampleUnit::Seconds { "seconds" } else { .unit.name() }
    )]
    NoTime {
        /// The line, from 1.
        line: u64,
        /// The column, from 1.
        column: usize,
        /// What is there.
        cell: String,
        /// The unit of the column.
        unit: SampleUnit,
    },
}

/// The sentence, where sentences are handed on.
impl From<SamplesError> for String {
    fn from(error: SamplesError) -> String {
        error.to_string()
    }
}

/// Reads one column of comma-separated values: plain decimals (`0.25`), one a line, in seconds if
/// no unit is given.
///
/// `column` is the name of a column or its number from 1 (a name goes first); without it the
/// first column is read. The first line is a header if the wanted cell of it is no number.
/// Lines that begin with `#` are comments.
///
/// # Errors
/// The first [`SamplesError`] of the table.
pub fn read_samples(
    table: impl Read,
    column: Option<&str>,
    unit: Option<SampleUnit>,
) -> Result<Vec<Span>, SamplesError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .from_reader(table);
    let mut values = Vec::new();
    let mut wanted = None;
    for record in reader.records() {
        let record = record.map_err(|error| SamplesError::NotATable(error.to_string()))?;
        let first = wanted.is_none();
        let place = wanted.map_or_else(|| place_of(column, &record), Ok)?;
        wanted = Some(place);
        if first && is_header(record.get(place).unwrap_or("")) {
            refuse_known(&record, place, unit)?;
        } else {
            values.push(value(&record, place, unit.unwrap_or(SampleUnit::Seconds))?);
        }
    }
    if values.is_empty() {
        return Err(SamplesError::Empty);
    }
    Ok(values)
}

/// Which cell of each line is wanted, told by the first line.
fn place_of(column: Option<&str>, first: &csv::StringRecord) -> Result<usize, SamplesError> {
    let Some(name) = column else {
        return Ok(0);
    };
    let named = first.iter().position(|cell| cell == name && is_header(cell));
    let numbered = || name.parse::<usize>().ok().filter(|n| (1..=first.len()).contains(n));
    named.or_else(|| numbered().map(|n| n - 1)).ok_or_else(|| {
        let names: Vec<&str> = first.iter().take(20).collect();
        let (name, names) = (name.to_owned(), names.join(", "));
        SamplesError::NoColumn { name, names, count: first.len() }
    })
}

/// Whether a cell of the first line is a name and no value.
fn is_header(cell: &str) -> bool {
    cell.parse::<f64>().is_err()
}

/// Refuses columns of load tests that are known not to be seconds, or not to be one column.
fn refuse_known(
    header: &csv::StringRecord,
    place: usize,
    unit: Option<SampleUnit>,
) -> Result<(), SamplesError> {
    let has = |name: &str| header.iter().any(|cell| cell == name);
    let name = header.get(place).unwrap_or("");
    if name == "metric_value" && has("metric_name") {
        return Err(SamplesError::Metrics);
    }
    let milliseconds = (name == "elapsed" && has("timeStamp"))
        || (has("Request Count") && has("Average Response Time"));
    match unit {
        None if milliseconds => Err(SamplesError::Milliseconds(name.to_owned())),
        _ => Ok(()),
    }
}

fn value(record: &csv::StringRecord, place: usize, unit: SampleUnit) -> Result<Span, SamplesError> {
    let cell = record.get(place).unwrap_or("");
    let owned = cell.to_owned();
    let line = record.position().map_or(0, csv::Position::line);
    match scaled_decimal(cell, NANOS_PER_SECOND / unit.in_a_second()) {
        Some(Ok(nanos)) => Ok(Span::from_nanos(nanos)),
        Some(Err(_)) => Err(SamplesError::TooLong { line, cell: owned }),
        None => Err(SamplesError::NoTime { line, column: place + 1, cell: owned, unit }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(table: &str, column: Option<&str>, expect: Result<&[u64], &str>) {
        match (read_samples(table.as_bytes(), column, None), expect) {
            (Ok(got), Ok(nanos)) => {
                assert_eq!(got.iter().map(|s| s.as_nanos()).collect::<Vec<_>>(), nanos, "{table}");
            }
            (Err(error), Err(part)) => {
                assert!(error.to_string().contains(part), "{table}: {error}")
            }
            (got, expect) => panic!("{table}: {got:?}, expected {expect:?}"),
        }
    }

    #[test]
    fn columns_are_read() {
        check("0.5\n0.25\n", None, Ok(&[500_000_000, 250_000_000]));
        check("seconds\n0.5\n", None, Ok(&[500_000_000]));
        check("# by hand\na,b\n1,2\n3,4\n", Some("b"), Ok(&[2_000_000_000, 4_000_000_000]));
        check("a,b\n1,2\n", Some("2"), Ok(&[2_000_000_000]));
        check("1,2\n", Some("2"), Ok(&[2_000_000_000]));
        check("2,1\n5,6\n", Some("2"), Ok(&[1_000_000_000, 6_000_000_000]));
        check("2,2\n", Some("2"), Ok(&[2_000_000_000]));
        check("a\r\n 1e-9 \r\n", Some("a"), Ok(&[1]));
    }

    #[test]
    fn a_unit_scales_the_values() {
        let read = |unit| read_samples(&b"a\n12.5\n"[..], Some("a"), Some(unit)).unwrap();
        let nanos = |unit| read(unit)[0].as_nanos();
        assert_eq!(nanos(SampleUnit::Seconds), 12_500_000_000);
        assert_eq!(nanos(SampleUnit::Milliseconds), 12_500_000);
        assert_eq!(nanos(SampleUnit::Microseconds), 12_500);
        assert_eq!(nanos(SampleUnit::Nanoseconds), 13);
    }

    #[test]
    fn the_unit_of_load_tests_must_be_said() {
        let jtl = "timeStamp,elapsed\n1,250\n";
        check(jtl, Some("elapsed"), Err("is in milliseconds: write '#elapsed in ms'"));
        let read = read_samples(jtl.as_bytes(), Some("elapsed"), Some(SampleUnit::Milliseconds));
        assert_eq!(read.unwrap()[0].as_nanos(), 250_000_000);
        check("metric_name,metric_value\nvus,1\n", Some("metric_value"), Err("many metrics"));
        check("elapsed\n1\n", Some("elapsed"), Ok(&[1_000_000_000]));
    }

    #[test]
    fn what_is_no_column_of_seconds_is_refused_with_a_sentence() {
        check("", None, Err("no value below the header"));
        check("a\n", Some("a"), Err("no value below the header"));
        check("a,b\n1,2\n", Some("c"), Err("no column 'c': use a name of the first line (a, b)"));
        check("a,b\n1,2\n", Some("3"), Err("1 to 2"));
        check("-1\n", None, Err("line 1, column 1: '-1' is not a length of time"));
        check("a\n-1\n", None, Err("line 2, column 1: '-1' is not a length of time"));
        check("a,b\n1,2\n3\n", Some("b"), Err("line 3, column 2: ''"));
        check("a\n1e400\n", None, Err("584 years"));
    }
}
