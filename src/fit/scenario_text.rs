//! What was learned, as a scenario that `simsrv run` takes, with what is known, guessed and left
//! out in its comments.

use super::arrivals::Loop;
use super::findings::Findings;
use super::growth::Growth;
use super::measured::{MeasuredModel, Why};
use super::route_tables::{self, RouteTable};
use super::service::{Share, WorkersFound};
use super::shape::{SampleShape, time};
use crate::render::number::significant;
use crate::scenario::{self, NoFiles, file};

/// The first words of the files that are written here, by which they are known again.
pub(crate) const MARK: &str = "# simsrv fit";

/// The scenario. `class` is as it was given; of `routes` at least 2, that many are told apart.
///
/// # Errors
/// A sentence, if there is no time to write, or if there are no routes to tell apart.
pub fn text(findings: &Findings, class: Option<&str>, routes: usize) -> Result<String, String> {
    let tables = match routes {
        0 => None,
        most => Some(route_tables::of(findings, most)?),
    };
    let mut text = format!("{MARK}: from ");
    let names: Vec<&str> = findings.ledger.files.iter().map(|file| file.name.as_str()).collect();
    text.push_str(if names.is_empty() { "the figures of --measured" } else { "" });
    text.push_str(&names.join(", "));
    text.push_str("\n# Run it: simsrv run THIS-FILE; flags override its keys: --workers 1..16\n");
    text.push_str("title = \"As the log shows it\"\n");
    if tables.is_none() {
        demands(&mut text, findings)?;
    }
    load(&mut text, findings)?;
    server(&mut text, findings, class);
    left_out(&mut text, findings, tables.is_none());
    // Tables come after all keys.
    tables.iter().for_each(|tables| routes_apart(&mut text, findings, tables));
    check(&text)?;
    Ok(text)
}

const UNKNOWN_CPU: &str =
    "NOT KNOWN: how much is CPU; taken as I/O. If it is CPU, write cpu for io";

/// Whether the scenario can be run: figures of others may be beyond what a run takes.
fn check(text: &str) -> Result<(), String> {
    let read = file::read(text).map_err(|problem| problem.to_string());
    let plan = read.and_then(|read| {
        let plan = scenario::plan(&read.base, &read.cases, &NoFiles);
        plan.map(|_| ()).map_err(|problem| problem.to_string())
    });
    plan.map_err(|why| format!("what was read gives no scenario that runs: {why}"))
}

/// The routes, each a table.
fn routes_apart(text: &mut String, findings: &Findings, tables: &[RouteTable]) {
    text.push_str(
        "\n# The routes of the log, each with its share and what one of its requests takes\n",
    );
    let unknown = findings.service.as_ref().is_ok_and(|service| service.share == Share::Unknown);
    match (&findings.cpu, &findings.io) {
        (Some(_), Some(_)) => comment(text, "guessed: CPU and I/O do not depend on one another"),
        (None, None) if unknown => comment(text, "an upper bound: waiting for cores is in it"),
        _ => {}
    }
    for RouteTable { name, share, parts: [total, cpu, io] } in tables {
        text.push_str("\n[[route]]\n");
        key(text, "name", name);
        text.push_str(&format!("share = {}\n", *share as f64 / 1e6));
        match (cpu, io) {
            (Some(cpu), Some(_)) => key(text, "cpu", &format!("exp({})", time(cpu.mean))),
            (Some(cpu), None) => key(text, "cpu", &cpu.text()),
            (None, Some(_)) => {}
            (None, None) => {
                comment(text, "NOT KNOWN: how much is CPU; taken as I/O");
            }
        }
        let off_the_cpu = if cpu.is_none() { io.as_ref().or(total.as_ref()) } else { io.as_ref() };
        off_the_cpu.iter().for_each(|shape| key(text, "io", &shape.text()));
    }
}

fn comment(text: &mut String, sentence: &str) {
    text.push_str(&format!("# {sentence}\n"));
}

fn key(text: &mut String, name: &str, value: &str) {
    text.push_str(&format!("{name} = \"{value}\"\n"));
}

/// What a request takes.
fn demands(text: &mut String, findings: &Findings) -> Result<(), String> {
    text.push_str("\n# What one request takes on an idle machine\n");
    let (Some(total), Ok(service)) = (&findings.total, &findings.service) else {
        return match &findings.model {
            Some(model) => {
                few_figures(text, model, findings.response.as_ref());
                Ok(())
            }
            None => {
                Err("the files give no service times, so there is no scenario: what is missing stands with what was found".to_owned())
            }
        };
    };
    let method = findings.method();
    comment(
        text,
        &format!("known: mean {}, cv {} ({method})", time(total.mean), significant(total.cv)),
    );
    for family in total.families().iter().take(2) {
        let distance = significant(family.distance);
        comment(text, &format!("near (KS distance {distance}): {}", family.text));
    }
    match (&findings.cpu, &findings.io) {
        (Some(cpu), Some(io)) => {
            comment(text, "guessed: CPU and I/O do not depend on one another");
            key(text, "cpu", &format!("exp({})", time(cpu.mean)));
            key(text, "io", &io.text());
        }
        (Some(cpu), None) => key(text, "cpu", &cpu.text()),
        (None, Some(io)) => key(text, "io", &io.text()),
        (None, None) => {
            if service.share == Share::Unknown {
                comment(text, "an upper bound: waiting for cores is in it");
            }
            comment(text, UNKNOWN_CPU);
            key(text, "io", &total.text());
        }
    }
    Ok(())
}

/// Response times from which on their distribution is taken for the form of the service.
const FORM: usize = 30;

/// The form that response times have, with the mean of the service; none where they are few, where
/// they are mostly waiting, or where the CPU in them is known.
fn form_of_responses(model: &MeasuredModel, response: Option<&SampleShape>) -> Option<SampleShape> {
    let response = response.filter(|shape| shape.values.len() >= FORM && shape.mean > 0.0)?;
    if model.why == Why::Saturated || model.cpu.is_some() {
        return None;
    }
    let scale = model.service / response.mean;
    SampleShape::of(response.values.iter().map(|value| value * scale).collect())
}

fn few_figures(text: &mut String, model: &MeasuredModel, response: Option<&SampleShape>) {
    let (low, high) = model.range;
    let (low, high) = (low.min(high), low.max(high));
    comment(text, &format!("about: the figures allow {} to {}", time(low), time(high)));
    if let Some(form) = form_of_responses(model, response) {
        comment(text, "guessed: the form, that of the response times, whose waits are in it");
        comment(text, UNKNOWN_CPU);
        return key(text, "io", &form.text());
    }
    comment(text, "guessed: the form, exponential");
    let cpu = model.cpu.map(|cpu| cpu.min(model.service));
    let io = model.service - cpu.unwrap_or(0.0);
    if let Some(cpu) = cpu {
        key(text, "cpu", &format!("exp({})", time(cpu)));
    } else {
        comment(text, UNKNOWN_CPU);
    }
    if io > 0.02 * model.service {
        key(text, "io", &format!("exp({})", time(io)));
    }
}

/// How requests come.
fn load(text: &mut String, findings: &Findings) -> Result<(), String> {
    text.push_str("\n# How requests come\n");
    if let Some(arrivals) = &findings.arrivals {
        if let Loop::Closed(users) = arrivals.loop_ {
            comment(text, "guessed: a closed loop, for each request follows an answer at once");
            text.push_str(&format!(
                "clients = {users}\nduration = \"{}\"\n",
                time(arrivals.span.max(1.0))
            ));
            return Ok(());
        }
        if let Some(busiest) = arrivals.busiest_minute {
            comment(text, &format!("the busiest minute: {}/s", significant(busiest)));
        }
        key(text, "rate", &format!("{}/s", significant(arrivals.rate)));
        if let Some(dispersion) = arrivals.dispersion.filter(|d| d.p_value < 0.01 && d.index > 1.2)
        {
            let index = significant(dispersion.index);
            comment(text, &format!("in bursts: an index of dispersion of {index} (1 is Poisson)"));
            key(text, "arrivals", &format!("gamma(cv={:.2})", dispersion.index.sqrt()));
        }
        return Ok(());
    }
    let rate = findings.figures.as_ref().and_then(|figures| figures.summary.rate);
    let users = findings.figures.as_ref().and_then(|figures| figures.summary.clients());
    match (users, rate) {
        (Some(users), _) => {
            text.push_str(&format!("clients = {users}\n"));
            match findings.model.as_ref().and_then(|model| model.think) {
                Some(think) => key(text, "think", &format!("exp({})", time(think))),
                None => key(text, "duration", "60s"),
            }
        }
        (None, Some(rate)) => key(text, "rate", &format!("{}/s", significant(rate))),
        (None, None) => return Err("the log has no instants: the rate is not known".to_owned()),
    }
    Ok(())
}

fn server(text: &mut String, findings: &Findings, class: Option<&str>) {
    text.push_str("\n# The server\n");
    let deployment = &findings.deployment;
    if let Some(Growth { first, last }) = findings.growth {
        comment(
            text,
            &format!("WARNING: workers grew from {first} to {last}; the times are not right"),
        );
    }
    match (deployment.workers, findings.found) {
        (Some(workers), _) => text.push_str(&format!("workers = {workers}\n")),
        (None, WorkersFound::Best(found) | WorkersFound::AtLeast(found)) => {
            comment(text, "found: the log is explained by so many");
            text.push_str(&format!("workers = {found}\n"));
        }
        (None, WorkersFound::Nothing) => {
            comment(text, "NOT KNOWN: the number of workers");
            text.push_str("workers = \"1..16\"\n");
        }
    }
    if let Some(threads) = deployment.threads.filter(|threads| *threads > 1) {
        text.push_str(&format!("threads = {threads}\n"));
    }
    if let Some(class) = class {
        key(text, "class", class);
        comment(text, "the server's own time is in what was measured");
        key(text, "overhead", "0s");
        key(text, "overhead-io", "0s");
    }
    match deployment.cores {
        Some(cores) => key(text, "cores", &significant(cores)),
        None => comment(text, "NOT KNOWN: the cores; without a number 8 are taken"),
    }
}

fn left_out(text: &mut String, findings: &Findings, with_routes: bool) {
    text.push_str("\n# Left out\n");
    let failed = findings.ledger.kept.iter().filter(|kept| !kept.status.is_served()).count();
    if failed > 0 {
        comment(
            text,
            &format!("{failed} requests without a good answer: their times are not above"),
        );
    }
    for (reason, skipped) in &findings.ledger.skipped {
        comment(text, &format!("{} lines: {reason}", skipped.count));
    }
    let routes = findings.routes.iter().filter(|_| with_routes && findings.routes.len() > 1);
    for route in routes.take(20) {
        let mean = route.service.as_ref().map(|shape| format!(", mean {}", time(shape.mean)));
        let share = significant(route.share * 100.0);
        comment(text, &format!("route {}: {share} %{}", route.name, mean.unwrap_or_default()));
    }
    comment(text, "what depends on the load itself: caches, locks, a database that slows down");
}
