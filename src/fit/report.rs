//! What was learned, as a person reads it.

use super::arrivals::{LoggedArrivals, Loop};
use super::findings::Findings;
use super::growth::Growth;
use super::measured::{MeasuredModel, Why};
use super::record::Status;
use super::service::{Held, ServiceTimes, Share, WorkersFound};
use super::shape::SampleShape;
use crate::render::number::{count, percent, plural, significant, time};

/// The width of a line.
const WIDTH: usize = 80;
/// The width of the names at the front.
const FRONT: usize = 11;
/// The most routes that are shown.
const ROUTES: usize = 12;

/// The report.
pub fn text(findings: &Findings) -> String {
    let mut report = Report::default();
    files(&mut report, findings);
    requests(&mut report, findings);
    times(&mut report, findings);
    routes(&mut report, findings);
    report.text
}

#[derive(Default)]
struct Report {
    text: String,
}

impl Report {
    /// A paragraph with a name in front, wrapped between words.
    fn say(&mut self, name: &str, text: &str) {
        let mut line = format!("{name:<FRONT$}");
        let mut empty = true;
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
                self.line(&line);
                line = " ".repeat(FRONT);
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            line.push_str(&word.replace('\u{a0}', " "));
            empty = false;
        }
        self.line(&line);
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }
}

/// Joins what must stand on one line.
fn fixed(text: &str) -> String {
    text.replace(' ', "\u{a0}")
}

fn files(report: &mut Report, findings: &Findings) {
    for file in &findings.ledger.files {
        let requests = match file.requests {
            0 => "a summary".to_owned(),
            requests => plural(requests, "request"),
        };
        report.say("Read", &format!("{}: {}, {requests}", file.name, file.title));
        report.say("", &format!("({})", file.times));
    }
    for (reason, skipped) in &findings.ledger.skipped {
        let (file, line, text) = &skipped.first;
        report.say("Skipped", &format!("{}: {reason}", plural(skipped.count, "line")));
        report.say("", &format!("first: {file}:{line}: {text}"));
    }
}

fn requests(report: &mut Report, findings: &Findings) {
    let ledger = &findings.ledger;
    if let Some(arrivals) = &findings.arrivals {
        report.say("Arrivals", &arrived(ledger.requests, arrivals));
    } else if ledger.requests > 0 {
        let text = format!("{}; the log has no instants", plural(ledger.requests, "request"));
        report.say("Arrivals", &text);
    }
    if ledger.by_status.iter().next().is_some() {
        let name = |code: u16| match code {
            0 => "no answer".to_owned(),
            1 => "ok".to_owned(),
            code => code.to_string(),
        };
        let all = ledger.by_status.iter().map(|(code, n)| format!("{}: {}", name(code), count(n)));
        report.say("Answers", &all.collect::<Vec<String>>().join(", "));
    }
    let apart = |wanted: fn(Status) -> bool| {
        ledger.kept.iter().filter(|kept| wanted(kept.status)).count() as u64
    };
    let (cut, failed) = (apart(Status::is_cut_off), apart(|status| !status.is_served()));
    if failed > 0 {
        let text = format!(
            "{} failed and are not among the times below, of which a limit cut off {} (their times \
             are lower bounds)",
            plural(failed, "request"),
            count(cut)
        );
        report.say("", &text);
    }
    if ledger.kept.len() as u64 != ledger.requests {
        let text = format!("the times are those of the first {}", count(ledger.kept.len() as u64));
        report.say("", &text);
    }
}

fn arrived(requests: u64, arrivals: &LoggedArrivals) -> String {
    let mut text = format!(
        "{} in {}: {}/s",
        plural(requests, "request"),
        fixed(&time(arrivals.span)),
        significant(arrivals.rate)
    );
    if let Some(busiest) = arrivals.busiest_minute {
        text.push_str(&format!(", {}/s in the busiest minute", significant(busiest)));
    }
    if let Loop::Closed(users) = arrivals.loop_ {
        text.push_str(&format!(
            "; a closed loop of {} without pauses",
            plural(users as u64, "user")
        ));
        return text;
    }
    if let Some(dispersion) = arrivals.dispersion {
        let like = match (dispersion.p_value < 0.01, dispersion.index > 1.0) {
            (false, _) => "as a Poisson process",
            (true, true) => "in bursts",
            (true, false) => "more evenly than a Poisson process",
        };
        let index = significant(dispersion.index);
        text.push_str(&format!("; {like} (index of dispersion {index}, 1 is Poisson)"));
    }
    text
}

/// `mean 50.7 ms  p50 35.1 ms  ...`
fn figures(shape: &SampleShape) -> String {
    let one = |name: &str, value: f64| fixed(&format!("{name} {}", time(value)));
    let parts = [
        one("mean", shape.mean),
        one(" p50", shape.quantile(0.5)),
        one(" p95", shape.quantile(0.95)),
        one(" p99", shape.quantile(0.99)),
    ];
    parts.join(" ")
}

fn times(report: &mut Report, findings: &Findings) {
    if let Some(response) = &findings.response {
        report.say("Response", &figures(response));
        report.say("", "from arrival to answer: the wait for a worker is in it");
    }
    match (&findings.service, &findings.total) {
        (Ok(service), Some(total)) => {
            report.say("Service", &figures(total));
            report.say("", &held(findings, service));
            let shared = shared(findings, service);
            if !shared.is_empty() {
                report.say("", &shared);
            }
            parts(report, findings, total);
        }
        (Err(why), _) if findings.ledger.requests > 0 => report.say("Service", why),
        _ => {}
    }
    if let Some(model) = &findings.model {
        few_figures(report, model);
    }
    workers(report, findings);
}

/// How many workers there were, and whether that changed.
fn workers(report: &mut Report, findings: &Findings) {
    if let Some(growth) = findings.growth {
        report.say("WARNING", &grew(growth));
    }
    let workers = match findings.found {
        WorkersFound::Nothing => return,
        WorkersFound::Best(found) => format!("{} explain the log best", count(found as u64)),
        WorkersFound::AtLeast(found) => {
            format!("at least {}: all were never busy", count(found as u64))
        }
    };
    let given = findings.deployment.slots();
    let given = given.map(|slots| format!("{} given; ", count(slots as u64))).unwrap_or_default();
    report.say("Workers", &format!("{given}{workers}"));
}

/// What a pool that grows does to all that is said here.
pub(crate) fn grew(growth: Growth) -> String {
    let (first, last) = (count(growth.first as u64), count(growth.last as u64));
    format!(
        "the number of workers GREW, from {first} in the first third of the log to {last} in the last: \
         no one number explains it, and what was waited for workers to start is taken for service. \
         Fit a part of the log in which all are there"
    )
}

/// How the held time is known.
fn held(findings: &Findings, service: &ServiceTimes) -> String {
    let slots = findings.deployment.slots();
    match service.held {
        Held::Logged => "time on an idle machine; the log has the time in the worker".to_owned(),
        Held::AtOnce => "time on an idle machine, about; an event loop takes what comes".to_owned(),
        Held::Inverted => format!(
            "time on an idle machine; the wait is taken out by the order of arrivals and answers \
             at {} with one queue",
            match slots {
                Some(slots) => plural(slots as u64, "worker"),
                None => "as many workers as explain it best".to_owned(),
            }
        ),
    }
}

/// What is known of the cores.
fn shared(findings: &Findings, service: &ServiceTimes) -> String {
    let cores = findings.deployment.cores.map(significant);
    match (service.share, cores) {
        (Share::Unneeded, None) => "the cores are not given and taken as enough: with fewer cores \
             than workers it holds the wait for them (give --cores)"
            .to_owned(),
        (Share::Unneeded, Some(_)) => {
            "there was a core for every worker: how much of it is CPU is \
             not known (give --cpu-busy)"
                .to_owned()
        }
        (Share::Unknown, _) => {
            "an UPPER BOUND: how much of it is waiting for a core cannot be seen \
             (give --cpu-busy)"
                .to_owned()
        }
        (Share::Departures { least, most }, _) => format!(
            "its share of CPU, {} to {}, is seen from how answers come faster with more requests \
             held (--cpu-busy says it better)",
            fixed(&percent(least)),
            fixed(&percent(most))
        ),
        (Share::CpuBusy, _) if service.contended && !service.timeline => {
            "roughly: the stamps are too coarse to see who shared cores with whom".to_owned()
        }
        (Share::CpuBusy | Share::Logged, _) => String::new(),
    }
}

fn parts(report: &mut Report, findings: &Findings, total: &SampleShape) {
    let by = match findings.service.as_ref().map(|service| service.share) {
        Ok(Share::CpuBusy) => "utilisation law: busy cores / throughput",
        Ok(Share::Logged) => "as logged",
        _ => "by its share",
    };
    for (name, part) in [("CPU", &findings.cpu), ("I/O", &findings.io)] {
        if let Some(part) = part {
            let share = fixed(&percent(part.mean / total.mean));
            report.say(
                name,
                &format!("{} of it, {}; {by}", share, fixed(&format!("mean {}", time(part.mean)))),
            );
        }
    }
    let families = total.families();
    if let Some(best) = families.first() {
        let distance = significant(best.distance);
        report.say(
            "Shape",
            &format!(
                "cv {}; nearest {} (KS distance {distance})",
                significant(total.cv),
                best.text
            ),
        );
    }
    if let Some(alpha) = total.heavy_tail() {
        let text = format!(
            "a HEAVY TAIL (index {}): a few requests decide, and a longer log may show longer ones",
            significant(alpha)
        );
        report.say("", &text);
    }
}

fn few_figures(report: &mut Report, model: &MeasuredModel) {
    let (low, high) = model.range;
    let range = format!("{} to {}", fixed(&time(low.min(high))), fixed(&time(low.max(high))));
    report.say(
        "Service",
        &format!("about {} (the figures allow {range})", fixed(&time(model.service))),
    );
    let why = match model.why {
        Why::Saturated => "all workers were busy: workers / throughput",
        Why::Wait => "the response time less the wait of Allen and Cunneen's formula",
        Why::Response => "no number of workers is given: the response time, its wait included",
    };
    report.say("", &format!("{why}; a model of two moments"));
    if let Some(cpu) = model.cpu {
        report.say(
            "CPU",
            &format!("{} (utilisation law: busy cores / throughput)", fixed(&time(cpu))),
        );
    }
    report.say(
        "Inside",
        &format!("{} requests on average (Little's law)", significant(model.inside)),
    );
    if let Some(think) = model.think {
        report.say(
            "Think",
            &format!("about {} between an answer and the next request", fixed(&time(think))),
        );
    }
}

fn routes(report: &mut Report, findings: &Findings) {
    if findings.routes.len() < 2 {
        return;
    }
    for (number, route) in findings.routes.iter().take(ROUTES).enumerate() {
        let name = if number == 0 { "Routes" } else { "" };
        let service = match &route.service {
            Some(shape) => format!("mean {}  p95 {}", time(shape.mean), time(shape.quantile(0.95))),
            None => String::new(),
        };
        let short: String = route.name.chars().take(32).collect();
        report.line(&format!("{name:<FRONT$}{short:<32} {:>5}  {service}", percent(route.share)));
    }
    if findings.routes.len() > ROUTES {
        let more = (findings.routes.len() - ROUTES) as u64;
        report.say("", &format!("and {} (--route NAME=REGEX groups them)", plural(more, "route")));
    }
}
