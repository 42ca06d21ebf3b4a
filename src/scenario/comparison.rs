//! Options that say how cells are judged against each other.

use super::defaults;
use super::expect::quantity;
use super::raw_options::{Problem, RawOptions, shown};
use super::slo;
use crate::experiment::plan::{Indifference, Length, Select, Settings};
use crate::experiment::row::{Better, Measure, Unit};

/// Reads a measure by the name of its column; its unit may be left out: `response_p99`.
///
/// # Errors
/// A sentence, also for a measure of which neither less nor more is better.
pub(crate) fn best(text: &str) -> Result<Measure, String> {
    let text = text.trim();
    let names = [text.to_owned(), format!("{text}_s"), format!("{text}_per_s")];
    let found = names.iter().find_map(|name| Measure::from_name(name));
    match found {
        Some(measure) if measure.better() != Better::Neither => Ok(measure),
        Some(measure) => Err(format!(
            "'{measure}' makes no cell better: write such as response_p95, response_mean, \
             wait_p99, throughput or refused_share"
        )),
        None => {
            let text = shown(text);
            let some = "response_mean, response_p95, response_p99, wait_p99, throughput";
            Err(format!("'{text}' is not a measure: write a column of the results, such as {some}"))
        }
    }
}

fn select(text: &str) -> Result<Select, String> {
    match text.trim() {
        "subset" => Ok(Select::Subset),
        "best" => Ok(Select::Best),
        other => {
            Err(format!("'{}' is not a valid way to select: write subset or best", shown(other)))
        }
    }
}

/// Reads a difference that does not count: `1%` of the better value, or a value in the measure's
/// unit such as `5ms`.
fn delta(text: &str, by: Measure) -> Result<Indifference, String> {
    let wrong = || {
        let text = shown(text);
        format!("'{text}' is not a difference: write 1% of the better value, or such as 5ms")
    };
    if let Some(percent) = text.trim().strip_suffix('%') {
        let share = percent.trim().parse::<f64>().map_err(|_| wrong())? / 100.0;
        return Some(share)
            .filter(|share| (0.0..1.0).contains(share))
            .map(Indifference::Share)
            .ok_or_else(|| format!("'{}' is not from 0% to below 100%", shown(text)));
    }
    if by.unit() == Unit::Seconds && text.trim().parse::<f64>().is_ok_and(|value| value != 0.0) {
        return Err(format!("'{0}' has no unit: write {0}ms, {0}s or {0}%", shown(text.trim())));
    }
    match quantity(text).map_err(|_| wrong())? {
        value if value >= 0.0 => Ok(Indifference::Absolute(value)),
        _ => Err(format!("'{}' is below 0: a difference has no sign", shown(text))),
    }
}

/// Reads the options into the settings.
///
/// # Errors
/// What is wrong, where.
pub(crate) fn read(raw: &RawOptions, settings: &mut Settings) -> Result<(), Problem> {
    settings.best = raw.parse("best", best)?.unwrap_or(settings.best);
    settings.delta =
        raw.parse("delta", |text| delta(text, settings.best))?.unwrap_or(defaults::DELTA);
    settings.select = raw.parse("select", select)?.unwrap_or_default();
    slo::read(raw, settings)?;
    let Some(value) = raw.get("select").filter(|_| settings.select == Select::Best) else {
        return Ok(());
    };
    if settings.length == Length::Story {
        let sentence = "--select best compares steady states, and this is a finite story: give \
                        --rate, --think or --duration, or drop it";
        return Err(Problem::at(value, sentence));
    }
    if settings.delta.of(1.0) == 0.0 {
        let sentence = "--select best needs to know which difference matters: give a --delta above \
                        0, such as 1%";
        return Err(Problem::at(value, sentence));
    }
    if settings.replications.is_some() {
        let sentence = "--select best decides itself how many replications each cell gets: drop \
                        --replications";
        return Err(Problem::at(value, sentence));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_and_differences_are_read() {
        assert_eq!(best("response_p99"), Ok(Measure::ResponseP99));
        assert_eq!(best("throughput"), Ok(Measure::Throughput));
        assert_eq!(best("refused_share"), Ok(Measure::RefusedShare));
        assert!(best("core_utilisation").unwrap_err().contains("makes no cell better"));
        assert!(best("p99").unwrap_err().contains("not a measure"));
        let by = Measure::ResponseP95;
        assert_eq!(delta("1%", by), Ok(Indifference::Share(0.01)));
        assert_eq!(delta("5ms", by), Ok(Indifference::Absolute(0.005)));
        assert_eq!(delta("0", by), Ok(Indifference::Absolute(0.0)));
        for (text, part) in [("5", "no unit"), ("-1ms", "not a difference"), ("100%", "below 100%")]
        {
            let error = delta(text, by).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
