//! A question as it arrives from outside: options by name. Values are data: nothing that arrives
//! here names a file, and what would take too long or too much memory is refused with a sentence.

use crate::distribution::SampleUnit;
use crate::experiment::plan::Plan;
use crate::job::sweep_size;
use crate::model::Trace;
use crate::scenario::keys::{self, Group, Key};
use crate::scenario::raw_options::shown;
use crate::scenario::{self, Files, Place, Problem, RawOptions, Value, written};
use crate::time::Span;

/// The most cells of one question.
pub(crate) const MOST_CELLS: usize = 400;
/// The most requests in service at once, over all hosts, and the most clients: the memory of one
/// question stays below a few MB.
const MOST_AT_ONCE: u64 = 20_000;
/// The most requests of one question whose length is fixed.
const MOST_REQUESTS: u128 = 200_000_000;
/// The most bytes of all values together.
const MOST_BYTES: usize = 16_384;

/// Options that steer the process and not the question.
const OF_THE_PROCESS: [&str; 6] = ["jobs", "yes", "max-time", "check-theory", "shard", "shards"];

/// Options that were read and can be run within the limits.
#[derive(Clone, Debug)]
pub struct PageQuestion {
    raw: RawOptions,
    plan: Plan,
}

impl PageQuestion {
    /// Reads options by name. Empty values are left out, as an empty field of a form is.
    ///
    /// # Errors
    /// A sentence: an unknown option, one that names a file, a value that cannot be read, or a
    /// question beyond the limits.
    pub fn read<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<PageQuestion, Problem> {
        let mut raw = RawOptions::new();
        let mut bytes = 0;
        for (name, text) in pairs.into_iter().filter(|(_, text)| !text.trim().is_empty()) {
            let key = allowed(name)?;
            bytes += text.len();
            if bytes > MOST_BYTES {
                return Err(Problem::new(format!(
                    "the options are longer than {MOST_BYTES} bytes"
                )));
            }
            let value = Value { text: text.trim().to_owned(), place: Place::Flag(key.name) };
            raw.set(key.name, value);
        }
        PageQuestion::of(raw)
    }

    /// Checks options against the limits.
    ///
    /// # Errors
    /// As [`PageQuestion::read`].
    pub(crate) fn of(raw: RawOptions) -> Result<PageQuestion, Problem> {
        refuse_many_cells(&raw)?;
        let plan = scenario::plan(&raw, &[], &Sealed)?;
        refuse_large(&plan)?;
        Ok(PageQuestion { raw, plan })
    }

    /// The same question with some options changed; an empty value takes an option out.
    ///
    /// # Errors
    /// As [`PageQuestion::read`].
    pub fn with(&self, changes: &[(&'static str, String)]) -> Result<PageQuestion, Problem> {
        let mut raw = self.raw.clone();
        for (name, text) in changes {
            match text.is_empty() {
                true => raw.remove(name),
                false => raw.set(name, Value { text: text.clone(), place: Place::Flag(name) }),
            }
        }
        PageQuestion::of(raw)
    }

    /// The options.
    pub(crate) fn raw(&self) -> &RawOptions {
        &self.raw
    }

    /// What they mean.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The command that asks the same.
    pub(crate) fn command(&self) -> String {
        written::changed("simsrv", &self.raw, &[])
    }
}

fn allowed(name: &str) -> Result<&'static Key, Problem> {
    let Some(key) = keys::find(name) else {
        return Err(Problem::new(format!("there is no option '{}'", shown(name))));
    };
    let file = ["FILE", "DIR"].contains(&key.value);
    if file || key.group == Group::Output || OF_THE_PROCESS.contains(&key.name) {
        return Err(Problem::new(format!(
            "--{} is an option of the command only: the page reads and writes no files and \
             chooses its own time and threads",
            key.name
        )));
    }
    Ok(key)
}

/// Refuses a product of lists before it is multiplied out.
fn refuse_many_cells(raw: &RawOptions) -> Result<(), Problem> {
    let cells = sweep_size::cells(raw);
    if cells <= MOST_CELLS {
        return Ok(());
    }
    Err(Problem::new(format!(
        "these lists make {cells} cells; the page runs at most {MOST_CELLS}: use larger steps, such \
         as 4..32..4, or the command"
    )))
}

fn refuse_large(plan: &Plan) -> Result<(), Problem> {
    if plan.cells.len() > MOST_CELLS {
        let cells = plan.cells.len();
        return Err(Problem::new(format!(
            "{cells} cells; the page runs at most {MOST_CELLS}: use larger steps or the command"
        )));
    }
    for cell in &plan.cells {
        let server = cell.model.server();
        let slots = u64::from(server.slots()) * u64::from(server.hosts());
        let most = slots.max(u64::from(cell.axes.clients.unwrap_or(0)));
        if most > MOST_AT_ONCE {
            return Err(Problem::new(format!(
                "{most} workers, threads or clients; the page takes at most {MOST_AT_ONCE}: use \
                 the command"
            )));
        }
    }
    match plan.least_requests() {
        Some(requests) if requests > MOST_REQUESTS => Err(Problem::new(format!(
            "{requests} requests; the page simulates at most {MOST_REQUESTS} at a fixed length: \
             give fewer --requests, or use the command"
        ))),
        _ => Ok(()),
    }
}

/// Refuses every file: a value that arrives from outside never names one.
pub(crate) struct Sealed;

const REFUSED: &str = "the page reads no files: use the command for it";

impl Files for Sealed {
    fn trace(&self, _path: &str) -> Result<Trace, String> {
        Err(REFUSED.to_owned())
    }

    fn samples(
        &self,
        _: &str,
        _: Option<&str>,
        _: Option<SampleUnit>,
    ) -> Result<Vec<Span>, String> {
        Err(REFUSED.to_owned())
    }

    fn absent(&self) -> (&'static str, &'static str) {
        ("was not read", "because the page reads no files: paste what it holds")
    }

    fn text(&self, path: &str) -> Result<String, String> {
        let path = shown(path);
        Err(format!(
            "'{path}' is taken for a file, and the page reads none: paste the command line"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(pairs: &[(&str, &str)]) -> String {
        PageQuestion::read(pairs.iter().copied()).expect_err("refused").to_string()
    }

    #[test]
    fn no_value_reaches_the_disk() {
        for (name, text) in [
            ("trace", "/etc/passwd"),
            ("patience", "samples:/etc/passwd#root"),
            ("cpu", "samples:x.csv#a"),
            ("from", "/etc/passwd"),
            ("from", "../gunicorn.conf.py"),
            ("export-csv", "x.csv"),
            ("plot", "x"),
            ("visits", "-"),
        ] {
            let pairs = [("rate", "1/s"), ("io", "1ms"), (name, text)];
            let sentence = refused(&pairs);
            assert!(sentence.contains("files") || sentence.contains("reads none"), "{sentence}");
        }
    }

    #[test]
    fn what_is_too_large_is_refused_before_it_is_made() {
        let many = [("workers", "1..10000"), ("threads", "1..10000"), ("service", "1s")];
        assert!(refused(&many).contains("100000000 cells"));
        let wide = [("workers", "1000000"), ("service", "1s")];
        assert!(refused(&wide).contains("at most 20000"));
        let long = [("rate", "1/s"), ("service", "1ms"), ("requests", "100000000000")];
        assert!(refused(&long).contains("fewer --requests"));
        let text = "x".repeat(MOST_BYTES + 1);
        assert!(refused(&[("service", &text)]).contains("longer than"));
    }

    #[test]
    fn options_are_those_of_the_command() {
        let question =
            PageQuestion::read([("workers", "1,4"), ("service", "3s"), ("clients", "3")])
                .expect("a question");
        assert_eq!(question.command(), "simsrv --workers 1,4 --service 3s --clients 3");
        assert_eq!(question.plan().cells.len(), 2);
        assert!(refused(&[("wrokers", "4")]).contains("no option"));
        assert!(refused(&[("service", "3")]).contains("unit"));
        let named = [("from", "gunicorn -c conf.py app:app"), ("io", "1s"), ("rate", "1/s")];
        assert!(refused(&named).contains("the page reads no files"));
    }
}
