//! What is asked of some logs: the options of `simsrv fit` as they were written, and what the files
//! say to them. The command and the Python module ask in the same way.

use std::io::Read;

use super::findings::Findings;
use super::ledger::Ledger;
use super::measured::{self, percent};
use super::routes::LogRoutes;
use super::scenario_text;
use super::service::Deployment;
use crate::model::MAX_ROUTES;
use crate::model::runtime::Class;
use crate::scenario::read::whole;
use crate::scenario::suggest::unknown;

/// The options, each in the grammar of its flag.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The format: a name, or the server's own format string.
    pub(crate) log_format: Option<String>,
    /// Worker processes that wrote the log.
    pub(crate) workers: Option<String>,
    /// Threads in each worker.
    pub(crate) threads: Option<String>,
    /// Gunicorn's class of workers.
    pub(crate) class: Option<String>,
    /// Cores that the workers shared.
    pub(crate) cores: Option<String>,
    /// How busy these cores were.
    pub(crate) cpu_busy: Option<String>,
    /// Figures instead of a log.
    pub(crate) measured: Option<String>,
    /// Routes, each as `NAME=REGEX`.
    pub(crate) routes: Vec<String>,
    /// How many routes the scenario tells apart.
    pub(crate) tell_apart: Option<String>,
}

/// The names of the options.
pub(crate) const OPTIONS: [&str; 9] = [
    "log-format",
    "workers",
    "threads",
    "class",
    "cores",
    "cpu-busy",
    "measured",
    "route",
    "routes",
];

impl Question {
    /// The question of some options, by name; a route may be given several times.
    ///
    /// # Errors
    /// A sentence, if there is no such option.
    pub fn of_options<'a>(
        options: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Question, String> {
        let mut question = Question::default();
        for (name, text) in options {
            let option = match name {
                "log-format" => &mut question.log_format,
                "workers" => &mut question.workers,
                "threads" => &mut question.threads,
                "class" => &mut question.class,
                "cores" => &mut question.cores,
                "cpu-busy" => &mut question.cpu_busy,
                "measured" => &mut question.measured,
                "routes" => &mut question.tell_apart,
                "route" => {
                    question.routes.push(text.to_owned());
                    continue;
                }
                _ => return Err(unknown(name, OPTIONS.into_iter())),
            };
            *option = Some(text.to_owned());
        }
        Ok(question)
    }

    /// What the files say. `open` gives the name that is shown and the contents of a path.
    ///
    /// # Errors
    /// A sentence: an option or a file cannot be read, or there is nothing to learn from.
    pub fn findings<'a, R: Read>(
        &self,
        paths: impl IntoIterator<Item = &'a str>,
        open: impl Fn(&'a str) -> Result<(&'a str, R), String>,
    ) -> Result<Findings, String> {
        let mut deployment = self.deployment()?;
        let figures = self.measured.as_deref().map(|text| measured::parse(text, &mut deployment));
        let figures = figures.transpose()?;
        let mut ledger = Ledger::new(LogRoutes::new(self.routes.iter().map(String::as_str))?);
        for path in paths {
            let (name, file) = open(path)?;
            ledger.read(name, file, self.log_format.as_deref())?;
        }
        Findings::new(ledger, figures, deployment)
    }

    /// The scenario of some findings.
    ///
    /// # Errors
    /// A sentence, if there is no time to write.
    pub fn scenario(&self, findings: &Findings) -> Result<String, String> {
        let routes = match &self.tell_apart {
            None => 0,
            Some(text) => whole(text, "routes", 2, MAX_ROUTES as u64)
                .map_err(|error| format!("--routes: {error}"))?,
        };
        scenario_text::text(findings, self.class.as_deref(), routes as usize)
    }

    /// The server, as the options describe it.
    fn deployment(&self) -> Result<Deployment, String> {
        let class = self.class.as_ref().map(|text| text.parse::<Class>()).transpose();
        let class = class.map_err(|error| format!("--class: {error}"))?;
        let busy = |text: &str| {
            percent(text).ok_or_else(|| format!("--cpu-busy '{text}': write a share, such as 60%"))
        };
        let deployment = Deployment {
            workers: number("workers", self.workers.as_deref())?,
            threads: number("threads", self.threads.as_deref())?,
            event_loop: matches!(class, Some(Class::Gevent | Class::Asgi)),
            cores: self.cores.as_deref().map(cores).transpose()?,
            cpu_busy: self.cpu_busy.as_deref().map(busy).transpose()?,
        };
        if deployment.cpu_busy.is_some() && deployment.cores.is_none() {
            return Err("--cpu-busy is a share of the cores: give --cores too".to_owned());
        }
        Ok(deployment)
    }
}

fn number(name: &str, text: Option<&str>) -> Result<Option<u32>, String> {
    let Some(text) = text else { return Ok(None) };
    match text.parse::<u32>() {
        Ok(number @ 1..=100_000) => Ok(Some(number)),
        _ => Err(format!("--{name} '{text}': write a number from 1 to 100000, such as 4")),
    }
}

/// `4`, `0.5` or `500m`.
///
/// # Errors
/// A sentence.
pub(crate) fn cores(text: &str) -> Result<f64, String> {
    let number = match text.strip_suffix('m') {
        Some(thousandths) => thousandths.parse::<f64>().map(|number| number / 1e3),
        None => text.parse::<f64>(),
    };
    number
        .ok()
        .filter(|cores| *cores >= 0.001 && *cores <= 100_000.0)
        .ok_or_else(|| format!("--cores '{text}': write a number of cores, such as 4, 0.5 or 500m"))
}
