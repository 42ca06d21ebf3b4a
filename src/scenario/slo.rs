//! Objectives of a service level: `--slo 'p99<300ms,failed<0.1%'` and `--headroom 30%`.

use super::expect::quantity;
use super::raw_options::{Problem, RawOptions, escaped, shown};
use crate::experiment::objective::{Objective, Subject};
use crate::experiment::plan::{Length, Select, Settings};
use crate::experiment::row::{Better, ColumnGroup, Measure, Unit};
use crate::model::{Load, Model};

/// The most objectives of a run.
const MOST: usize = 50;
/// The greatest headroom: ten times the load.
const MOST_HEADROOM: f64 = 9.0;

/// How an objective may be written.
const EXAMPLES: &str = "such as p99<300ms, mean<=100ms, wait_p95<50ms, failed<0.1% or \
                        throughput>=95/s";

/// Reads a list of objectives.
///
/// # Errors
/// A sentence.
pub fn objectives(text: &str) -> Result<Vec<Objective>, String> {
    let items: Vec<&str> = text.split([',', ';']).map(str::trim).collect();
    if items.iter().any(|item| item.is_empty()) {
        return Err(format!("'{}' has an empty place: write a list {EXAMPLES}", shown(text)));
    }
    if items.len() > MOST {
        return Err(format!("{} objectives are too many: the most is {MOST}", items.len()));
    }
    items.into_iter().map(objective).collect()
}

fn objective(text: &str) -> Result<Objective, String> {
    // Names of routes are written out in the same way.
    let text = &escaped(text)[..];
    let place = text.find(['<', '>', '≤', '≥', '=']);
    let wrong = || format!("'{}' is not an objective: write {EXAMPLES}", shown(text));
    let (name, rest) = text.split_at(place.ok_or_else(wrong)?);
    let name = name.trim();
    let (route, name) = match name.split_once(':') {
        Some((route, name)) => (Some(route.trim().to_owned()), name.trim()),
        None => (None, name),
    };
    if let Some(route) = route.as_ref().filter(|name| name.contains(char::is_whitespace)) {
        return Err(format!("'{}' is not a name of a route: it has no blanks", shown(route)));
    }
    let sign = ["<=", ">=", "<", ">", "≤", "≥"].into_iter().find(|sign| rest.starts_with(sign));
    let sign = sign.ok_or_else(wrong)?;
    let (subject, unit) = subject(name).ok_or_else(|| {
        format!(
            "'{}' in '{}' is not a measure that an objective can limit: write {EXAMPLES}",
            shown(name),
            shown(text)
        )
    })?;
    let at_most = sign.starts_with('<') || sign == "≤";
    let more_is_better =
        matches!(subject, Subject::Measure(measure) if measure.better() == Better::More);
    if at_most == more_is_better {
        let (expected, read) = if at_most { (">=", "at most") } else { ("<=", "at least") };
        return Err(format!(
            "'{}' asks for {read} that much: write {name}{expected}{}",
            shown(text),
            shown(rest[sign.len()..].trim())
        ));
    }
    let limit = limit(rest[sign.len()..].trim(), unit)
        .map_err(|why| format!("'{}': {why}", shown(text)))?;
    let text = text.split_whitespace().collect::<Vec<_>>().join("");
    Ok(Objective { subject, route, limit, at_most, text })
}

/// What a name limits: a column of the results, of which unit and `response_` may be left out.
fn subject(name: &str) -> Option<(Subject, Unit)> {
    let name = name.to_ascii_lowercase().replace('-', "_");
    if ["failed", "lost", "errors", "error_rate"].contains(&name.as_str()) {
        return Some((Subject::Lost, Unit::Share));
    }
    let names = [
        name.clone(),
        format!("{name}_s"),
        format!("{name}_per_s"),
        format!("{name}_share"),
        format!("response_{name}_s"),
        format!("{name}_mean_s"),
    ];
    let measure = names.iter().find_map(|name| Measure::from_name(name))?;
    // The longest time of a run has no interval: it grows with the run.
    let longest = [Measure::ResponseMax, Measure::WaitMax].contains(&measure);
    (measure.better() != Better::Neither && !longest)
        .then_some((Subject::Measure(measure), measure.unit()))
}

fn limit(text: &str, unit: Unit) -> Result<f64, String> {
    let text = text.strip_suffix("/s").map_or(text, |text| match unit {
        Unit::PerSecond => text.trim(),
        _ => text,
    });
    let bare = text.parse::<f64>().is_ok();
    if unit == Unit::Seconds && bare && text != "0" {
        return Err(format!("'{0}' has no unit: write {0}ms or {0}s", shown(text)));
    }
    let value = quantity(text)?;
    let of_unit = match unit {
        Unit::Seconds => !text.ends_with('%'),
        Unit::Share => text.ends_with('%') || bare,
        _ => true,
    };
    match value {
        _ if !of_unit => Err(format!("'{}' is of another unit than the measure", shown(text))),
        value if value < 0.0 => Err(format!("'{}' is below 0", shown(text))),
        value if unit == Unit::Share && value > 1.0 => {
            Err(format!("'{0}' is more than all requests: write {0}%", shown(text)))
        }
        value => Ok(value),
    }
}

/// Reads `30%` or `0.3`.
fn headroom(text: &str) -> Result<f64, String> {
    let wrong =
        || format!("'{}' is not a headroom: write a share of the load, such as 30%", shown(text));
    let value = quantity(text).map_err(|_| wrong())?;
    let bare = text.trim().ends_with('%') || text.trim().parse::<f64>().is_ok();
    match value {
        _ if !bare => Err(wrong()),
        value if value > 0.0 && value <= MOST_HEADROOM => Ok(value),
        _ => Err(format!("'{}' is not more than 0% and at most 900%", shown(text))),
    }
}

/// What is wrong with objectives of measures that only servers with a proxy or a pool have.
fn without_column(raw: &RawOptions, objectives: &[Objective]) -> Option<String> {
    let needs = |measure: Measure| match measure.group() {
        ColumnGroup::Proxy => Some("proxy-timeout"),
        ColumnGroup::Pool | ColumnGroup::PoolTimes => Some("pool"),
        _ => None,
    };
    let of = |objective: &Objective| match objective.subject {
        Subject::Measure(measure) => needs(measure).filter(|name| !raw.has(name)),
        Subject::Lost => None,
    };
    let (objective, option) = objectives.iter().find_map(|one| Some((one, of(one)?)))?;
    let text = shown(&objective.text);
    Some(format!("'{text}' limits what is only measured with --{option}: give it too"))
}

/// Refuses objectives of a route that the model does not have.
///
/// # Errors
/// A sentence at the option.
pub(super) fn check_routes(
    raw: &RawOptions,
    objectives: &[Objective],
    model: &Model,
) -> Result<(), Problem> {
    let Some(value) = raw.get("slo") else { return Ok(()) };
    let known: Vec<&str> = model.routes().iter().map(|route| &route.name[..]).collect();
    let mut wanted = objectives.iter().filter_map(|objective| objective.route.as_deref());
    let Some(missing) = wanted.find(|name| !known.contains(name)).map(shown) else {
        return Ok(());
    };
    let sentence = match known.is_empty() {
        true => format!(
            "'{missing}' in an objective is a route, but requests are of one kind here: write \
             {EXAMPLES}"
        ),
        false => format!("there is no route '{missing}': the routes are {}", known.join(", ")),
    };
    Err(Problem::at(value, sentence))
}

/// The share of the rate that a throughput can be shown to reach: beyond it chance decides, however
/// long a run is.
const MOST_OF_RATE: f64 = 0.999;

/// Refuses a throughput that is not below the rate of open arrivals: no number of workers answers
/// more requests than come, and that as many are answered cannot be shown.
///
/// # Errors
/// A sentence at the option.
pub(super) fn check_throughput(
    raw: &RawOptions,
    objectives: &[Objective],
    model: &Model,
) -> Result<(), Problem> {
    let (Some(value), Load::Open(open)) = (raw.get("slo"), model.load()) else { return Ok(()) };
    let offered = |objective: &Objective| {
        let of_route = |name: &String| {
            model.routes().iter().find(|route| route.name == *name).map_or(1.0, |route| route.share)
        };
        open.rate.per_second() * objective.route.as_ref().map_or(1.0, of_route)
    };
    let least = |objective: &&Objective| {
        objective.subject == Subject::Measure(Measure::Throughput) && !objective.at_most
    };
    let mut least = objectives.iter().filter(least);
    let beyond = least.find(|objective| objective.limit > MOST_OF_RATE * offered(objective));
    let Some(objective) = beyond else { return Ok(()) };
    let rate = offered(objective);
    let sentence = format!(
        "'{}' cannot be shown: {rate}/s arrive, and the throughput of an open load is at most its \
         rate. Ask for a little less, such as 99 % of the rate: throughput>={}/s",
        shown(&objective.text),
        (0.99 * rate * 1e6).round() / 1e6
    );
    Err(Problem::at(value, sentence))
}

/// Reads the options into the settings.
///
/// # Errors
/// What is wrong, where.
pub(super) fn read(raw: &RawOptions, settings: &mut Settings) -> Result<(), Problem> {
    settings.objectives = raw.parse("slo", objectives)?.unwrap_or_default();
    settings.objectives.extend(Objective::implied(&settings.objectives));
    settings.headroom = raw.parse("headroom", headroom)?;
    let Some(value) = raw.get("slo") else { return Ok(()) };
    if let Some(missing) = without_column(raw, &settings.objectives) {
        return Err(Problem::at(value, missing));
    }
    if settings.select == Select::Best {
        let sentence = "--slo asks which cells meet a limit, --select best which one is the best: \
                        drop one of them";
        return Err(Problem::at(value, sentence));
    }
    if let Some(value) = raw.get("headroom").filter(|_| settings.length == Length::Story) {
        let sentence = "--headroom needs a load that goes on, and this is a finite story: give \
                        --rate, --think or --duration, or drop it";
        return Err(Problem::at(value, sentence));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> (Subject, f64, bool) {
        let all = objectives(text).unwrap();
        (all[0].subject, all[0].limit, all[0].at_most)
    }

    #[test]
    fn objectives_are_read() {
        let measure = Subject::Measure;
        assert_eq!(one("p99<300ms"), (measure(Measure::ResponseP99), 0.3, true));
        assert_eq!(one("mean <= 100ms"), (measure(Measure::ResponseMean), 0.1, true));
        assert_eq!(one("wait_p95<50ms"), (measure(Measure::WaitP95), 0.05, true));
        assert_eq!(one("wait<50ms"), (measure(Measure::WaitMean), 0.05, true));
        assert_eq!(one("response_p999<2s"), (measure(Measure::ResponseP999), 2.0, true));
        assert_eq!(one("failed<0.1%"), (Subject::Lost, 0.001, true));
        assert_eq!(one("refused<=1%"), (measure(Measure::RefusedShare), 0.01, true));
        assert_eq!(one("throughput>=95/s"), (measure(Measure::Throughput), 95.0, false));
        let two = objectives("p99<300ms, failed<0.1%").unwrap();
        assert_eq!((two.len(), two[1].text.as_str()), (2, "failed<0.1%"));
    }

    #[test]
    fn what_is_no_objective_is_refused_with_a_sentence() {
        for (text, part) in [
            ("p99", "is not an objective"),
            ("", "empty place"),
            ("p99<300ms,,mean<1s", "empty place"),
            ("p99<300", "write 300ms or 300s"),
            ("p99<300%", "another unit"),
            ("p42<300ms", "'p42'"),
            ("max<300ms", "'max'"),
            ("worker_utilisation<80%", "'worker_utilisation'"),
            ("p99>300ms", "write p99<=300ms"),
            ("throughput<=95/s", "write throughput>=95/s"),
            ("failed<5", "more than all requests"),
            ("failed<5ms", "another unit"),
            ("p99<-1ms", "not a value"),
            ("p99=1ms", "is not an objective"),
            ("a b:p99<1s", "it has no blanks"),
        ] {
            let error = objectives(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
        assert_eq!(headroom("30%"), Ok(0.3));
        assert_eq!(headroom("0.5"), Ok(0.5));
        for text in ["0%", "-5%", "1000%", "30ms", "much"] {
            assert!(headroom(text).is_err(), "{text}");
        }
    }
}
