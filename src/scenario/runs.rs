//! A list of recorded runs: CSV with the columns `run`, `files` (blanks between them), `options`
//! (as on the command line), and, where they are there, `target` (such as 5%) and `split` (who
//! takes connections: `proportions` or `recorded`).

use super::keys;
use super::raw_options::{Place, RawOptions, Value};
use crate::experiment::recorded::validation::Split;

/// Recorded runs of one server.
#[derive(Clone, Debug)]
pub struct Runs {
    /// What it is called.
    pub name: String,
    /// Its files.
    pub files: Vec<String>,
    /// The server.
    pub raw: RawOptions,
    /// How near the prediction should come, as a share.
    pub target: Option<f64>,
    /// Who takes the connections.
    pub split: Split,
}

/// Reads a list.
///
/// # Errors
/// A sentence with the line.
pub fn read(text: &str) -> Result<Vec<Runs>, String> {
    let mut csv = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    let headers = csv.headers().map_err(|error| error.to_string())?.clone();
    let mut runs = Vec::new();
    for record in csv.records() {
        let record = record.map_err(|error| error.to_string())?;
        let line = record.position().map_or(0, csv::Position::line);
        runs.push(run(&headers, &record).map_err(|error| format!("line {line}: {error}"))?);
    }
    Ok(runs)
}

fn run(headers: &csv::StringRecord, record: &csv::StringRecord) -> Result<Runs, String> {
    let field = |name: &str| {
        let at = headers.iter().position(|header| header == name);
        at.and_then(|at| record.get(at)).unwrap_or("").trim()
    };
    let files: Vec<String> = field("files").split_whitespace().map(str::to_owned).collect();
    if files.is_empty() {
        return Err("no file in the column 'files'".to_owned());
    }
    let target = match field("target") {
        "" => None,
        text => {
            let percent = text.strip_suffix('%').unwrap_or(text).trim().parse::<f64>().ok();
            let percent = percent.filter(|percent| (0.0..=1000.0).contains(percent));
            let wrong = || format!("'{text}' is not a valid target: write such as 5%");
            Some(percent.ok_or_else(wrong)? / 100.0)
        }
    };
    Ok(Runs {
        name: field("run").to_owned(),
        files,
        raw: options(field("options"))?,
        target,
        split: field("split").parse()?,
    })
}

/// Options as on the command line: `--name value`, or `--name` for a switch.
fn options(text: &str) -> Result<RawOptions, String> {
    let mut raw = RawOptions::new();
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        let key = word.strip_prefix("--").and_then(keys::find);
        let key = key.ok_or_else(|| format!("'{word}' is not an option of simsrv"))?;
        let value = if key.value.is_empty() { Some("true") } else { words.next() };
        let text = value.ok_or_else(|| format!("{word} needs a value"))?.to_owned();
        raw.set(key.name, Value { text, place: Place::Flag(key.name) });
    }
    Ok(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read() {
        let text =
            "run,files,options,target,split\na,x.csv y.csv,--workers 2 --preload,5%,recorded\n";
        let runs = read(text).unwrap();
        assert_eq!((runs[0].files.len(), runs[0].target), (2, Some(0.05)));
        assert!(runs[0].split == Split::Recorded && runs[0].raw.has("preload"));
        for (text, part) in [
            ("run,files,options\na,,--workers 2\n", "line 2: no file"),
            ("run,files,options\na,x,--wrkers 2\n", "'--wrkers' is not an option"),
            ("run,files,options\na,x,--workers\n", "needs a value"),
            ("run,files,options,target\na,x,,y\n", "not a valid target"),
            ("run,files,options,target\na,x,,nan%\n", "not a valid target"),
            ("run,files,options,target\na,x,,inf\n", "not a valid target"),
            ("run,files,options,target\na,x,,-5%\n", "not a valid target"),
        ] {
            assert!(read(text).unwrap_err().contains(part), "{text}");
        }
    }
}
