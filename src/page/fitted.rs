//! A log that was dropped on the page: what `simsrv fit` learns from it, and the options that ask about
//! the same traffic.

use serde_json::{Value, json};

use crate::fit::findings::Findings;
use crate::fit::ledger::Ledger;
use crate::fit::question::cores;
use crate::fit::routes::LogRoutes;
use crate::fit::service::Deployment;
use crate::fit::{report, scenario_text};
use crate::model::runtime::Class;
use crate::scenario::file;

/// The most bytes of a log that the page takes.
pub(crate) const MOST_BYTES: usize = 64 << 20;

/// The names by which the page says what the file is called, and its format.
const NAME: &str = "_name";
const FORMAT: &str = "_format";

/// The list of workers to ask about: up to twice the number that wrote the log.
fn around(workers: &str) -> String {
    const FEW: u32 = 16;
    match workers.parse::<u32>() {
        Ok(number) if 2 * number > FEW => {
            let step = (2 * number).div_ceil(FEW);
            format!("{step}..{}..{step}", FEW * step)
        }
        Ok(_) => format!("1..{FEW}"),
        Err(_) => workers.to_owned(),
    }
}

/// What is known of the server that wrote a log, by the names of `simsrv fit`.
///
/// # Errors
/// A sentence, if a value cannot be read.
fn deployment(of: &dyn Fn(&str) -> Option<String>) -> Result<Deployment, String> {
    let number = |name: &str| match of(name) {
        // A list of the page is a question, not what the log was written with.
        Some(text) => Ok(text.parse::<u32>().ok().filter(|number| *number > 0)),
        None => Ok::<_, String>(None),
    };
    let class = of("class").map(|text| text.parse::<Class>()).transpose()?;
    Ok(Deployment {
        workers: number("workers")?,
        threads: number("threads")?,
        event_loop: matches!(class, Some(Class::Gevent | Class::Asgi)),
        cores: of("cores").and_then(|text| cores(&text).ok()),
        cpu_busy: None,
    })
}

/// What a log says: a text, a scenario, and its options.
///
/// # Errors
/// A sentence, if nothing in it is a request.
pub fn document(log: &[u8], of: &dyn Fn(&str) -> Option<String>) -> Result<Value, String> {
    let mut ledger = Ledger::new(LogRoutes::new([])?);
    let name = of(NAME).unwrap_or_else(|| "the log".to_owned());
    let on_the_page = |sentence: String| sentence.replace("--log-format ", "");
    ledger.read(&name, log, of(FORMAT).as_deref()).map_err(on_the_page)?;
    let findings = Findings::new(ledger, None, deployment(of)?)?;
    let text = report::text(&findings);
    let scenario = scenario_text::text(&findings, of("class").as_deref(), 0)
        .map_err(|sentence| format!("{sentence}\n\n{text}"))?;
    let read = file::read(&scenario).map_err(|problem| problem.to_string())?;
    let asked = |name: &str, text: &str| match name {
        "workers" => around(text),
        _ => text.to_owned(),
    };
    let option = |name: &str, text: &str| json!([name, asked(name, text)]);
    let options: Vec<Value> =
        read.base.iter().map(|(key, value)| option(key.name, &value.text)).collect();
    Ok(json!({ "text": text, "scenario": scenario, "options": options }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_log_gets_a_sentence() {
        let nothing = |_: &str| None;
        assert!(document(b"", &nothing).is_err());
        assert!(document(b"\xff\x00 no log\n", &nothing).is_err());
    }

    /// How many workers is what is asked, whatever number the log was written with.
    #[test]
    fn there_are_workers_to_choose_from() {
        assert_eq!(around("4"), "1..16");
        assert_eq!(around("33"), "5..80..5");
        assert_eq!(around("1..16"), "1..16");
    }

    /// It took an address space, or years.
    #[test]
    fn more_workers_than_can_be_are_refused() {
        let log = include_bytes!("../../fuzz/corpus/load_test/wrk-summary");
        let log = log.split_inclusive(|byte| *byte == b'\n').skip(1).collect::<Vec<_>>().concat();
        let many = |workers: &'static str| {
            let of = move |name: &str| (name == "workers").then(|| workers.to_owned());
            document(&log, &of)
        };
        assert!(many("4294967295").unwrap_err().contains("are too many"));
        many("4").unwrap();
    }
}
