//! The results table as CSV, written and read.

use std::fmt::Write as _;

use super::{Origin, csv_sentence};
use crate::experiment::row::{
    Axes, ColumnGroup, Estimate, Flag, KINDS, Measure, Measures, RouteRow, Row, Stability,
    Standing, Theory, TheoryKind, Verdict,
};

/// Columns before the measures.
const FRONT: [&str; 5] = ["requests", "refused", "replications", "seed", "stable"];
/// Columns after the measures.
const BACK: [&str; 3] = ["theory_response_mean_s", "flags", "response_ccdf"];

/// The axis of memory, which came later.
pub(super) const LIMIT: &str = "memory_limit_bytes";

/// Columns of the comparison with the best cell.
const STANDING: [&str; 4] = ["best_by", "verdict", "best_difference", "best_difference_ci"];

fn standing(row: &Row) -> [String; 4] {
    let Some(standing) = row.standing else { return Default::default() };
    let difference = standing.difference;
    [
        standing.by.name().to_owned(),
        standing.verdict.name().to_owned(),
        optional(difference.map(|estimate| estimate.value)),
        optional(difference.and_then(|estimate| estimate.half_width)),
    ]
}

/// The table, one row a cell, and after it one for each of its routes; before it, where they are wanted, comments that name version, command,
/// seed and hash.
pub(crate) fn write(rows: &[Row], origin: &Origin) -> Vec<u8> {
    let mut out = comments(origin).into_bytes();
    let shape = OptionalColumns::of(rows);
    let mut csv = csv::Writer::from_writer(&mut out);
    // Writing to memory cannot fail, and every record has the header's length.
    let _ = csv.write_record(header(shape));
    for row in rows.iter().flat_map(Row::with_routes) {
        let _ = csv.write_record(record(&row, shape));
    }
    let _ = csv.flush();
    drop(csv);
    out
}

/// The columns with which every table of results begins.
const AXES: [&str; 5] = ["workers", "threads", "cores", "clients", "rate_per_s"];

/// Whether a first line is that of a table that simsrv wrote.
pub(crate) fn is_header(line: &str) -> bool {
    let rest = line.strip_prefix(&AXES.join(","));
    rest.is_some_and(|rest| rest.starts_with(',') && rest.contains(",stable,"))
}

/// The comments before a table, where they are wanted. A table that is not whole always says so.
pub(super) fn comments(origin: &Origin) -> String {
    if !origin.comments && origin.partial.is_none() {
        return String::new();
    }
    let mut text = String::new();
    let _ = writeln!(text, "# simsrv {}", origin.version);
    let _ = writeln!(text, "# command: {}", origin.command.replace(['\n', '\r'], " "));
    let _ = writeln!(text, "# seed: {}; scenario: {:016x}", origin.seed, origin.hash);
    text += &super::servers::comments(origin);
    if let Some((done, all)) = origin.partial {
        let _ = writeln!(text, "# partial: {done} of {all} cells were finished");
    }
    text
}

/// Columns that stand only where some row has them.
#[derive(Clone, Copy, Debug)]
struct OptionalColumns {
    cases: bool,
    real: bool,
    memory: bool,
    hosts: bool,
    pool: bool,
    routes: bool,
    pool_times: bool,
    proxy: bool,
}

impl OptionalColumns {
    fn of(rows: &[Row]) -> Self {
        OptionalColumns {
            cases: rows.iter().any(|row| row.axes.case.is_some()),
            real: rows.iter().any(|row| !row.axes.kind.is_empty()),
            memory: rows.iter().any(|row| row.measures.get(Measure::Memory).is_some()),
            hosts: rows.iter().any(|row| row.axes.kind("hosts").is_some()),
            pool: rows.iter().any(|row| row.axes.kind("pool").is_some()),
            routes: rows.iter().any(|row| !row.routes.is_empty()),
            pool_times: rows
                .iter()
                .any(|row| row.measures.get(Measure::PoolTimeoutShare).is_some()),
            proxy: rows.iter().any(|row| row.measures.get(Measure::Status504Share).is_some()),
        }
    }

    /// Names of the further axes.
    fn kinds(self) -> impl Iterator<Item = &'static str> {
        KINDS.into_iter().filter(move |name| match *name {
            "hosts" | "balance" => self.hosts,
            "pool" => self.pool,
            _ => self.real,
        })
    }

    /// The measures of a group, if it has columns here.
    fn measures(self, group: ColumnGroup) -> impl Iterator<Item = Measure> {
        let shown = match group {
            ColumnGroup::General | ColumnGroup::Later => true,
            ColumnGroup::Detailed => self.real,
            ColumnGroup::Pool => self.pool,
            ColumnGroup::Memory => self.memory,
            ColumnGroup::PoolTimes => self.pool_times,
            ColumnGroup::Proxy => self.proxy,
        };
        Measure::of_group(group).filter(move |_| shown)
    }
}

/// Groups of measures after the columns of the comparison.
const LAST: [ColumnGroup; 3] = [ColumnGroup::Detailed, ColumnGroup::Pool, ColumnGroup::Memory];
/// Groups of measures after the limit of the memory: the youngest.
const YOUNGEST: [ColumnGroup; 2] = [ColumnGroup::PoolTimes, ColumnGroup::Proxy];

fn header(shape: OptionalColumns) -> Vec<String> {
    let mut names: Vec<String> = AXES.map(str::to_owned).to_vec();
    if shape.cases {
        names.push("case".to_owned());
    }
    names.extend(shape.kinds().map(str::to_owned));
    if shape.routes {
        names.push("route".to_owned());
    }
    names.extend(FRONT.map(str::to_owned));
    let columns = |measure: Measure| [measure.name().to_owned(), format!("{measure}_ci")];
    names.extend(shape.measures(ColumnGroup::General).flat_map(columns));
    names.extend(BACK.map(str::to_owned));
    names.extend(shape.measures(ColumnGroup::Later).flat_map(columns));
    names.extend(Theory::columns());
    names.extend(STANDING.map(str::to_owned));
    names.extend(LAST.into_iter().flat_map(|group| shape.measures(group)).flat_map(columns));
    if shape.memory {
        names.push(LIMIT.to_owned());
    }
    names.extend(YOUNGEST.into_iter().flat_map(|group| shape.measures(group)).flat_map(columns));
    names
}

/// Text as a cell that no spreadsheet takes for a formula: a quote before it, as spreadsheets have it
/// (OWASP, CSV injection). [`text_of`] takes it off.
pub(super) fn text_cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\'']);
    if formula { format!("'{text}") } else { text.to_owned() }
}

/// The text of a cell that [`text_cell`] made.
fn text_of(cell: &str) -> &str {
    cell.strip_prefix('\'').unwrap_or(cell)
}

fn optional(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn record(row: &Row, shape: OptionalColumns) -> Vec<String> {
    let axes = &row.axes;
    let mut fields = vec![
        axes.workers.to_string(),
        axes.threads.to_string(),
        axes.cores.to_string(),
        optional(axes.clients),
        optional(axes.rate_per_s),
    ];
    if shape.cases {
        fields.push(text_cell(axes.case.as_deref().unwrap_or_default()));
    }
    fields.extend(shape.kinds().map(|name| axes.kind(name).unwrap_or_default().to_owned()));
    if shape.routes {
        fields.push(text_cell(axes.route.as_deref().unwrap_or_default()));
    }
    fields.extend(
        [row.requests, row.refused, u64::from(row.replications), row.seed].map(|n| n.to_string()),
    );
    fields.push(row.stability.name().to_owned());
    let columns = |measure: Measure| {
        let estimate = row.measures.get(measure);
        let half_width = estimate.and_then(|estimate| estimate.half_width);
        [optional(estimate.map(|estimate| estimate.value)), optional(half_width)]
    };
    fields.extend(shape.measures(ColumnGroup::General).flat_map(columns));
    fields.push(optional(row.theory_response_mean_s));
    fields.push(row.flags.iter().map(|flag| flag.name()).collect::<Vec<_>>().join(" "));
    let points = row.response_ccdf.iter().map(|(share, time)| format!("{share}:{time}"));
    fields.push(points.collect::<Vec<_>>().join(" "));
    fields.extend(shape.measures(ColumnGroup::Later).flat_map(columns));
    fields.push(row.theory.kind.map_or("", TheoryKind::name).to_owned());
    fields.extend(row.theory.values.map(optional));
    fields.extend(standing(row));
    fields.extend(LAST.into_iter().flat_map(|group| shape.measures(group)).flat_map(columns));
    if shape.memory {
        fields.push(optional(axes.memory));
    }
    fields.extend(YOUNGEST.into_iter().flat_map(|group| shape.measures(group)).flat_map(columns));
    fields
}

/// Reads a table that `write()` wrote (or another program, with the same columns).
///
/// # Errors
/// A sentence with the line.
pub fn read(text: &str) -> Result<Vec<Row>, String> {
    let mut csv = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    let headers = csv.headers().map_err(|error| csv_sentence(&error))?.clone();
    if headers.iter().all(str::is_empty) {
        return Err("the file is empty: expected a results table of simsrv".to_owned());
    }
    for needed in ["workers", "cores", "stable"] {
        if !headers.iter().any(|name| name == needed) {
            return Err(format!("no column '{needed}': this is not a results table of simsrv"));
        }
    }
    let mut rows = Vec::new();
    for record in csv.records() {
        let record = record.map_err(|error| csv_sentence(&error))?;
        let line = record.position().map_or(0, csv::Position::line);
        let fields = CsvRecord { headers: &headers, record: &record };
        add(&mut rows, fields.row().map_err(|error| format!("line {line}: {error}"))?);
    }
    if rows.is_empty() {
        return Err("the table has no rows".to_owned());
    }
    Ok(rows)
}

/// Adds a row, or to the row before it what it says of one route.
fn add(rows: &mut Vec<Row>, row: Row) {
    match (row.axes.route.clone(), rows.last_mut()) {
        (Some(name), Some(cell)) => cell.routes.push(RouteRow {
            name,
            requests: row.requests,
            refused: row.refused,
            measures: row.measures,
            response_ccdf: row.response_ccdf,
            theory_response_mean_s: row.theory_response_mean_s,
            theory: row.theory,
        }),
        _ => rows.push(row),
    }
}

/// One record, by the names of its columns.
struct CsvRecord<'a> {
    headers: &'a csv::StringRecord,
    record: &'a csv::StringRecord,
}

impl CsvRecord<'_> {
    fn text(&self, name: &str) -> &str {
        let at = self.headers.iter().position(|header| header == name);
        at.and_then(|at| self.record.get(at)).unwrap_or("")
    }

    fn parse<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, String> {
        match self.text(name) {
            "" => Ok(None),
            text => text
                .parse()
                .map(Some)
                .map_err(|_| format!("column '{name}': '{text}' is not a number")),
        }
    }

    fn finite(&self, name: &str) -> Result<Option<f64>, String> {
        match self.parse::<f64>(name)? {
            Some(value) if !value.is_finite() => {
                Err(format!("column '{name}': '{value}' is not a finite number"))
            }
            value => Ok(value),
        }
    }

    fn row(&self) -> Result<Row, String> {
        let name = |column: &str| {
            let text = text_of(self.text(column));
            (!text.is_empty()).then(|| text.to_owned())
        };
        let axes = Axes {
            workers: self.parse("workers")?.unwrap_or(1),
            threads: self.parse("threads")?.unwrap_or(1),
            cores: self.finite("cores")?.unwrap_or(1.0),
            clients: self.parse("clients")?,
            rate_per_s: self.finite("rate_per_s")?,
            case: name("case"),
            route: name("route"),
            memory: self.parse(LIMIT)?,
            kind: self.kind(),
        };
        let stability = [Stability::Yes, Stability::No, Stability::Finite]
            .into_iter()
            .find(|stability| stability.name() == self.text("stable"))
            .ok_or_else(|| {
                format!("column 'stable': '{}' is not yes, no or finite", self.text("stable"))
            })?;
        let flags = self.text("flags").split(' ');
        Ok(Row {
            axes,
            requests: self.parse("requests")?.unwrap_or(0),
            refused: self.parse("refused")?.unwrap_or(0),
            replications: self.parse("replications")?.unwrap_or(0),
            seed: self.parse("seed")?.unwrap_or(0),
            stability,
            measures: self.measures()?,
            flags: Flag::ALL.into_iter().filter(|f| flags.clone().any(|n| n == f.name())).collect(),
            response_ccdf: self.ccdf()?,
            theory_response_mean_s: self.finite("theory_response_mean_s")?,
            standing: self.standing()?,
            good_but_for_memory: false,
            theory: self.theory()?,
            routes: Vec::new(),
        })
    }

    fn standing(&self) -> Result<Option<Standing>, String> {
        // Results of version 0.1 have another column, with other words.
        let word = match (self.text("verdict"), self.text("standing")) {
            ("", "best") => "named",
            ("", "tied") => "close",
            ("", older) => older,
            (verdict, _) => verdict,
        };
        let verdict = Verdict::ALL.into_iter().find(|verdict| verdict.name() == word);
        let by = Measure::from_name(self.text("best_by"));
        let difference = match self.finite("best_difference")? {
            Some(value) => Some(Estimate { value, half_width: self.finite("best_difference_ci")? }),
            None => None,
        };
        Ok(by.zip(verdict).map(|(by, verdict)| Standing { by, verdict, difference }))
    }

    fn theory(&self) -> Result<Theory, String> {
        let name = self.text("theory_kind");
        let mut theory = Theory {
            kind: TheoryKind::ALL.into_iter().find(|k| k.name() == name),
            ..Theory::default()
        };
        for (value, column) in theory.values.iter_mut().zip(Theory::columns().skip(1)) {
            *value = self.finite(&column)?;
        }
        Ok(theory)
    }

    fn kind(&self) -> Vec<(&'static str, String)> {
        let value = |name: &'static str| {
            Some((name, self.text(name).to_owned())).filter(|(_, text)| !text.is_empty())
        };
        KINDS.into_iter().filter_map(value).collect()
    }

    fn measures(&self) -> Result<Measures, String> {
        let mut measures = Measures::default();
        for measure in Measure::ALL {
            if let Some(value) = self.finite(measure.name())? {
                let half_width = self.finite(&format!("{}_ci", measure.name()))?;
                measures.set(measure, Estimate { value, half_width });
            }
        }
        Ok(measures)
    }

    fn ccdf(&self) -> Result<Vec<(f64, f64)>, String> {
        let point = |text: &str| {
            let (share, time) = text.split_once(':')?;
            let (share, time): (f64, f64) = (share.parse().ok()?, time.parse().ok()?);
            (share.is_finite() && time.is_finite()).then_some((share, time))
        };
        self.text("response_ccdf")
            .split(' ')
            .filter(|text| !text.is_empty())
            .map(|text| {
                point(text).ok_or_else(|| {
                    format!("column 'response_ccdf': '{text}' is not a share:seconds")
                })
            })
            .collect()
    }
}
