//! What was learned, as a program reads it.

use serde_json::{Map, Value, json};

use super::arrivals::Loop;
use super::check::{self, Check};
use super::findings::Findings;
use super::service::{Share, WorkersFound};
use super::shape::SampleShape;

/// The document; seconds as numbers, what is not known as `null`.
pub fn text(findings: &Findings, check: Option<&Check>) -> String {
    let ledger = &findings.ledger;
    let skipped: Map<String, Value> = ledger
        .skipped
        .iter()
        .map(|(reason, skipped)| ((*reason).to_owned(), json!(skipped.count)))
        .collect();
    let mut document = json!({
        "files": files(findings),
        "requests": ledger.requests,
        "skipped": skipped,
        "statuses": statuses(findings),
        "arrivals": arrivals(findings),
        "response": figures(findings.response.as_ref()),
        "service": service(findings),
        "cpu": part(findings.cpu.as_ref(), findings.model.as_ref().and_then(|model| model.cpu)),
        "io": part(findings.io.as_ref(), None),
        "cpu_share": share(findings),
        "workers": workers(findings),
        "routes": routes(findings),
    });
    if let Some(check) = check {
        document["check"] = check::json(check);
    }
    format!("{document:#}\n")
}

fn files(findings: &Findings) -> Value {
    let one = |file: &super::ledger::FileRead| json!({"name": file.name, "format": file.format, "times": file.times, "requests": file.requests});
    findings.ledger.files.iter().map(one).collect()
}

fn statuses(findings: &Findings) -> Value {
    let name = |code: u16| match code {
        0 => "none".to_owned(),
        1 => "ok".to_owned(),
        code => code.to_string(),
    };
    let all = findings.ledger.by_status.iter();
    Value::Object(all.map(|(code, count)| (name(code), json!(count))).collect())
}

fn arrivals(findings: &Findings) -> Value {
    let Some(arrivals) = &findings.arrivals else {
        let rate = findings.ledger.summary.as_ref().and_then(|summary| summary.rate);
        return json!({"rate_per_s": rate, "dispersion": null});
    };
    let dispersion = arrivals.dispersion;
    json!({
        "rate_per_s": arrivals.rate,
        "span_s": arrivals.span,
        "busiest_minute_per_s": arrivals.busiest_minute,
        "dispersion": dispersion.map(|dispersion| dispersion.index),
        "dispersion_window_s": dispersion.map(|dispersion| dispersion.window),
        "poisson_p_value": dispersion.map(|dispersion| dispersion.p_value),
        "users": match arrivals.loop_ {
            Loop::Open => Value::Null,
            Loop::Closed(users) => json!(users),
        },
    })
}

fn figures(shape: Option<&SampleShape>) -> Value {
    let of = |p: f64| shape.map(|shape| shape.quantile(p));
    json!({
        "mean_s": shape.map(|shape| shape.mean),
        "p50_s": of(0.5),
        "p95_s": of(0.95),
        "p99_s": of(0.99),
    })
}

fn service(findings: &Findings) -> Value {
    let mut service = figures(findings.total.as_ref());
    if let Some(model) = findings.model.as_ref().filter(|_| findings.total.is_none()) {
        service["mean_s"] = json!(model.service);
        service["mean_range_s"] =
            json!([model.range.0.min(model.range.1), model.range.0.max(model.range.1)]);
    }
    service["method"] = json!(findings.method());
    service["upper_bound"] =
        json!(findings.service.as_ref().is_ok_and(|service| service.share == Share::Unknown));
    service["unknown_because"] = match &findings.service {
        Err(why) if findings.ledger.requests > 0 => json!(why),
        _ => Value::Null,
    };
    service
}

fn part(shape: Option<&SampleShape>, mean: Option<f64>) -> Value {
    match (shape, mean) {
        (Some(_), _) => figures(shape),
        (None, Some(mean)) => json!({"mean_s": mean}),
        (None, None) => Value::Null,
    }
}

fn share(findings: &Findings) -> Value {
    let Ok(service) = &findings.service else { return Value::Null };
    let range = match service.share {
        Share::Departures { least, most } => json!([least, most]),
        _ => Value::Null,
    };
    match service.cpu_share {
        Some(share) => json!({"value": share, "range": range}),
        None => Value::Null,
    }
}

fn workers(findings: &Findings) -> Value {
    let (found, least) = match findings.found {
        WorkersFound::Nothing => (None, false),
        WorkersFound::Best(found) => (Some(found), false),
        WorkersFound::AtLeast(found) => (Some(found), true),
    };
    json!({"given": findings.deployment.slots(), "found": found, "at_least": least, "grew": findings.growth.map(|growth| [growth.first, growth.last])})
}

fn routes(findings: &Findings) -> Value {
    let one = |route: &super::findings::RouteFound| {
        json!({
            "name": route.name,
            "requests": route.requests,
            "share": route.share,
            "service": figures(route.service.as_ref()),
        })
    };
    findings.routes.iter().map(one).collect()
}
