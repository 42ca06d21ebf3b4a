//! Scenario files: TOML with any option as a key, `[[case]]` variants, `[[expect]]` and
//! `[[chart]]`. What is wrong is shown with its line and a caret.

use std::ops::Range;

use toml_edit::{Document, Item, Table, Value as TomlValue};

use super::chart::{ChartKind, ChartWanted, chart_axes};
use super::expect::{Expectation, Expected, Selector, Tolerance, quantity};
use super::keys::{self, Group};
use super::lists;
use super::other_words;
use super::raw_options::{Place, Problem, RawOptions, Value, escaped, shown, steers};
use super::read::Case;
use super::routes::{self, BETWEEN};
use super::suggest::unknown;
use crate::experiment::row::{KINDS, Measure};
use crate::experiment::timeseries::Series;

/// A scenario as written.
#[derive(Clone, Debug, Default)]
pub struct Scenario {
    /// What it is about.
    pub(crate) title: Option<String>,
    /// Options for all cases.
    pub base: RawOptions,
    /// Variants, in order.
    pub cases: Vec<Case>,
    /// What should come out.
    pub expectations: Vec<Expectation>,
    /// Pictures that are wanted instead of the usual ones.
    pub charts: Vec<ChartWanted>,
}

/// Reads a scenario.
///
/// # Errors
/// What is wrong, at its bytes; [`show`] draws the line and the caret.
pub fn read(text: &str) -> Result<Scenario, Problem> {
    let document = Document::parse(text).map_err(|error| Problem {
        place: Some(Place::File(error.span().unwrap_or(0..0))),
        sentence: error.message().to_owned(),
    })?;
    let mut scenario = Scenario::default();
    for (name, item) in document.as_table() {
        let key = key_span(document.as_table(), name);
        match name {
            "title" => scenario.title = Some(escaped(&string(item, &key)?)),
            "description" => drop(string(item, &key)?),
            "case" => scenario.cases = different(tables(item, &key, case)?, &key)?,
            "expect" => {
                let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
                scenario.expectations = tables(item, &key, |table| expectation(table, &ends))?;
            }
            "chart" => scenario.charts = tables(item, &key, chart)?,
            "route" if item.is_array_of_tables() => add_routes(&mut scenario.base, item, &key)?,
            _ => option(&mut scenario.base, name, item, &key, false)?,
        }
    }
    Ok(scenario)
}

/// The problem as a person reads it: file, line, the line itself, a caret, the sentence.
pub fn show(problem: &Problem, path: &str, text: &str) -> String {
    let span = match &problem.place {
        Some(Place::File(span)) => span,
        Some(Place::Flag(_) | Place::Default) => return problem.to_string(),
        None => return format!("{path}: {problem}"),
    };
    let start = span.start.min(text.len());
    let start = (0..=start).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let begin = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line = text[begin..].lines().next().unwrap_or("");
    let before = text[begin..start].chars().count();
    let marked = text.get(start..span.end.min(begin + line.len())).unwrap_or("").chars().count();
    let number = line_of(text, start);
    let column = before + 1;
    let margin = " ".repeat(number.to_string().len());
    let (line, before) = window(line, before);
    let carets = "^".repeat(marked.clamp(1, LONGEST_SHOWN));
    format!(
        "{path}:{number}:{column}: {sentence}\n{margin} |\n{number} | {line}\n{margin} | {indent}{carets}",
        sentence = problem.sentence,
        indent = " ".repeat(before),
    )
}

/// Characters of a line that are shown.
const LONGEST_SHOWN: usize = 80;

/// The part of a line around a place, and the place in it; what cannot be printed is replaced.
fn window(line: &str, place: usize) -> (String, usize) {
    let first = if place < LONGEST_SHOWN { 0 } else { place - LONGEST_SHOWN / 2 };
    let part = line.chars().skip(first).take(LONGEST_SHOWN + 20);
    (part.map(|c| if steers(c) { ' ' } else { c }).collect(), place - first)
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

fn at(span: Range<usize>, sentence: impl Into<String>) -> Problem {
    Problem { place: Some(Place::File(span)), sentence: sentence.into() }
}

fn key_span(table: &Table, name: &str) -> Range<usize> {
    table.get_key_value(name).and_then(|(key, _)| key.span()).unwrap_or(0..0)
}

fn span_of(item: &Item, key: &Range<usize>) -> Range<usize> {
    item.span().unwrap_or_else(|| key.clone())
}

fn string(item: &Item, key: &Range<usize>) -> Result<String, Problem> {
    let text = item.as_str().map(str::to_owned);
    text.ok_or_else(|| at(span_of(item, key), "expected a text in quotes"))
}

/// Adds an option; in a case, only what a cell is made of.
fn option(
    into: &mut RawOptions,
    name: &str,
    item: &Item,
    key: &Range<usize>,
    in_case: bool,
) -> Result<(), Problem> {
    let Some(found) = keys::find(name) else {
        let sentence = match other_words::find(name) {
            Some(meaning) => format!("unknown '{name}': {}", meaning.advice()),
            None => unknown(name, keys::KEYS.iter().map(|key| key.name)),
        };
        return Err(at(key.clone(), sentence));
    };
    if found.flag_only {
        return Err(at(
            key.clone(),
            format!("'{name}' is taken on the command line only: --{name}"),
        ));
    }
    if in_case && matches!(found.group, Group::Run | Group::Output) {
        return Err(at(
            key.clone(),
            format!("'{name}' is for the whole scenario: move it to the top"),
        ));
    }
    let text = text_of(item).ok_or_else(|| {
        at(span_of(item, key), format!("'{name}' takes a text, a number or a list of these"))
    })?;
    into.set(name, Value { text, place: Place::File(span_of(item, key)) });
    Ok(())
}

/// The text of a value in the grammar of the flags.
fn text_of(item: &Item) -> Option<String> {
    let one = |value: &TomlValue| match value {
        TomlValue::String(text) => Some(text.value().clone()),
        TomlValue::Integer(number) => Some(number.value().to_string()),
        TomlValue::Float(number) => Some(number.value().to_string()),
        TomlValue::Boolean(switch) => Some(switch.value().to_string()),
        _ => None,
    };
    match item.as_value()? {
        TomlValue::Array(items) => {
            let texts: Option<Vec<String>> = items.iter().map(one).collect();
            let phases = items.iter().any(|item| item.as_str().is_some_and(|s| s.contains(':')));
            Some(texts?.join(if phases { " " } else { "," }))
        }
        value => one(value),
    }
}

fn tables<T>(
    item: &Item,
    key: &Range<usize>,
    read: impl Fn(&Table) -> Result<T, Problem>,
) -> Result<Vec<T>, Problem> {
    let Some(tables) = item.as_array_of_tables() else {
        return Err(at(span_of(item, key), "write it as a table of its own, in double brackets"));
    };
    tables.iter().map(read).collect()
}

/// Refuses two cases of one name: their rows could not be told apart.
fn different(cases: Vec<Case>, key: &Range<usize>) -> Result<Vec<Case>, Problem> {
    let mut seen = std::collections::BTreeSet::new();
    for (name, _) in &cases {
        if let Some(name) = name.as_ref().filter(|name| !seen.insert(name.as_str())) {
            let sentence = format!("two cases are named '{}': give each its own name", shown(name));
            return Err(self::at(key.clone(), sentence));
        }
    }
    Ok(cases)
}

fn case(table: &Table) -> Result<Case, Problem> {
    let mut raw = RawOptions::new();
    let mut case_name = None;
    for (name, item) in table {
        let key = key_span(table, name);
        match name {
            "name" => case_name = Some(escaped(&string(item, &key)?)),
            _ => option(&mut raw, name, item, &key, true)?,
        }
    }
    let span = table.span().unwrap_or(0..0);
    let name = case_name.ok_or_else(|| at(span, "a case needs a name"))?;
    Ok((Some(name), raw))
}

/// Adds the routes of a scenario, in the form of the flag, and their objectives.
fn add_routes(into: &mut RawOptions, item: &Item, key: &Range<usize>) -> Result<(), Problem> {
    let all = tables(item, key, route)?;
    let text: Vec<&str> = all.iter().map(|(text, _)| text.as_str()).collect();
    into.set("route", Value { text: text.join(BETWEEN), place: Place::File(key.clone()) });
    for slo in all.into_iter().flat_map(|(_, slos)| slos) {
        let before = into.get("slo").map(|value| format!("{},", value.text)).unwrap_or_default();
        into.set("slo", Value { text: before + &slo.text, place: slo.place });
    }
    Ok(())
}

/// A route in the form of the flag, and its objectives with its name before each.
fn route(table: &Table) -> Result<(String, Vec<Value>), Problem> {
    let mut route = routes::RouteEntry::default();
    let mut slos = Vec::new();
    for (name, item) in table {
        let key = key_span(table, name);
        let text = || number(item, &key, |text| Ok(text.to_owned()));
        match name {
            "name" => route.name = escaped(&string(item, &key)?),
            "share" | "rate" if route.share.is_none() => route.share = Some(text()?),
            "share" | "rate" => {
                return Err(at(key, "a route has a share or a rate: drop one of them"));
            }
            "priority" => route.priority = Some(text()?),
            "phases" => route.phases = Some(text()?),
            "service" => route.demands[0] = Some(text()?),
            "cpu" => route.demands[1] = Some(text()?),
            "io" => route.demands[2] = Some(text()?),
            "slo" => {
                let place = Place::File(span_of(item, &key));
                slos.push(Value { text: text()?, place });
            }
            _ => return Err(at(key, unknown(name, ROUTE_KEYS.into_iter()))),
        }
    }
    let span = table.span().unwrap_or(0..0);
    for slo in &mut slos {
        let of_route = |one: &str| format!("{}:{}", route.name, one.trim());
        slo.text = slo.text.split([',', ';']).map(of_route).collect::<Vec<_>>().join(",");
    }
    Ok((route.text().map_err(|sentence| at(span, sentence))?, slos))
}

/// Keys of a `[[route]]`.
const ROUTE_KEYS: [&str; 9] =
    ["name", "share", "rate", "priority", "phases", "service", "cpu", "io", "slo"];

fn number<T>(
    item: &Item,
    key: &Range<usize>,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<T, Problem> {
    let span = span_of(item, key);
    let text = text_of(item).ok_or_else(|| at(span.clone(), "expected a number or a text"))?;
    read(&text).map_err(|sentence| at(span, sentence))
}

/// Keys of an `[[expect]]` beside the axes.
const EXPECT_KEYS: [&str; 10] =
    ["case", "route", "measure", "value", "tolerance", "most", "max", "least", "min", "stable"];

/// Reads an expectation; `line_ends` are the places of all line ends.
fn expectation(table: &Table, line_ends: &[usize]) -> Result<Expectation, Problem> {
    let count = |text: &str| {
        text.parse::<u32>()
            .map_err(|_| format!("'{text}' is not a whole number: expectations name one cell"))
    };
    let mut of = Selector::default();
    let (mut measure_wanted, mut value, mut tolerance, mut stable) = (None, None, None, None);
    let (mut most, mut least) = (None, None);
    for (name, item) in table {
        let key = key_span(table, name);
        match name {
            "workers" => of.workers = Some(number(item, &key, count)?),
            "threads" => of.threads = Some(number(item, &key, count)?),
            "clients" => of.clients = Some(number(item, &key, count)?),
            "cores" => of.cores = Some(number(item, &key, cores)?),
            "rate" => of.rate = Some(number(item, &key, rate)?),
            "memory" => of.memory = Some(number(item, &key, size)?),
            "case" => of.case = Some(escaped(&string(item, &key)?)),
            "route" => of.route = Some(escaped(&string(item, &key)?)),
            axis if KINDS.contains(&axis) => {
                of.kinds.extend(further(name, number(item, &key, |text| Ok(text.to_owned()))?));
            }
            "measure" => measure_wanted = Some(number(item, &key, measure)?),
            "value" => value = Some(number(item, &key, quantity)?),
            "tolerance" => tolerance = Some(number(item, &key, Tolerance::parse)?),
            "most" | "max" if most.is_none() => most = Some(number(item, &key, quantity)?),
            "least" | "min" if least.is_none() => least = Some(number(item, &key, quantity)?),
            "stable" => stable = Some(number(item, &key, stable_word)?),
            _ => return Err(at(key, unknown(name, keys::axes().chain(EXPECT_KEYS)))),
        }
    }
    let span = table.span().unwrap_or(0..0);
    let line = line_ends.partition_point(|end| *end < span.start) + 1;
    let expected = match (measure_wanted, value, tolerance, most, least, stable) {
        (Some(measure), Some(value), tolerance, None, None, None) => {
            let tolerance = tolerance.unwrap_or(Tolerance::Absolute(0.0));
            Expected::Near { measure, value, tolerance }
        }
        (Some(measure), None, None, Some(value), None, None) => Expected::Most { measure, value },
        (Some(measure), None, None, None, Some(value), None) => Expected::Least { measure, value },
        (None, None, None, None, None, Some(word)) => Expected::Stable(word),
        _ => {
            let sentence = "an expectation needs a measure and a value (with a tolerance), a measure \
                            and the most or the least that it may be (once: 'max' is another word for 'most', \
                            'min' for 'least'), or a word for 'stable'";
            return Err(at(span, sentence));
        }
    };
    Ok(Expectation { of, expected, line })
}

/// A value on an axis out of [`KINDS`].
fn further<T>(axis: &str, value: T) -> Option<(&'static str, T)> {
    KINDS.into_iter().find(|name| *name == axis).map(|name| (name, value))
}

fn cores(text: &str) -> Result<f64, String> {
    Ok(text.parse::<crate::model::Cores>()?.as_f64())
}

fn size(text: &str) -> Result<f64, String> {
    let size = text.parse::<crate::size::Size>();
    size.map(|size| size.bytes() as f64).map_err(|error| error.to_string())
}

fn rate(text: &str) -> Result<f64, String> {
    text.parse::<crate::distribution::Rate>()
        .map(|rate| rate.per_second())
        .map_err(|e| e.to_string())
}

fn measure(text: &str) -> Result<Measure, String> {
    // As in --slo: of a percentile or a mean of the response time the rest may be left out.
    let short = || Measure::from_name(&format!("response_{text}_s"));
    Measure::from_name(text)
        .or_else(short)
        .ok_or_else(|| unknown(text, Measure::ALL.into_iter().map(Measure::name)))
}

fn stable_word(text: &str) -> Result<String, String> {
    match text {
        "yes" | "no" | "finite" => Ok(text.to_owned()),
        other => Err(format!("'{other}' is not a value of 'stable': write yes, no or finite")),
    }
}

/// Keys of a `[[chart]]` beside the axes.
const CHART_KEYS: [&str; 9] =
    ["kind", "measure", "show", "average", "x", "series", "name", "title", "case"];

fn chart(table: &Table) -> Result<ChartWanted, Problem> {
    let mut wanted = ChartWanted::default();
    let mut kind = None;
    let counts = |name: &'static str| move |text: &str| lists::counts(text, name, u32::MAX);
    for (name, item) in table {
        let key = key_span(table, name);
        let key = &key;
        match name {
            "kind" => kind = Some(number(item, key, chart_kind)?),
            "measure" => wanted.measures = number(item, key, measures)?,
            "show" => wanted.show = number(item, key, aspects)?,
            "average" => wanted.average = number(item, key, switch)?,
            "x" => {
                wanted.x = Some(number(item, key, |text| match text {
                    "balance" => Err("'balance' has no numbers for an axis: write it as series, \
                                      or a case for each"
                        .to_owned()),
                    "route" => {
                        Err("'route' has no numbers for an axis: write it as series".to_owned())
                    }
                    axis => chart_axis(axis),
                })?);
            }
            "series" => wanted.series = Some(number(item, key, chart_axis)?),
            "name" => wanted.name = Some(number(item, key, file_stem)?),
            "title" => wanted.title = Some(escaped(&string(item, key)?)),
            "workers" => wanted.only.workers = number(item, key, counts("workers"))?,
            "threads" => wanted.only.threads = number(item, key, counts("threads"))?,
            "clients" => wanted.only.clients = number(item, key, counts("clients"))?,
            "cores" => {
                let cores = number(item, key, lists::cores)?;
                wanted.only.cores = cores.into_iter().map(crate::model::Cores::as_f64).collect();
            }
            "rate" => {
                let rates = number(item, key, lists::rates)?;
                wanted.only.rates =
                    rates.into_iter().map(crate::distribution::Rate::per_second).collect();
            }
            "memory" => {
                let sizes = number(item, key, lists::sizes)?;
                wanted.only.memories = sizes.into_iter().map(crate::size::Size::bytes).collect();
            }
            "case" => {
                wanted.only.cases = strings(item, key)?.iter().map(|name| escaped(name)).collect()
            }
            "hosts" | "balance" | "pool" => {
                let values = number(item, key, |text| {
                    Ok(text.split(',').map(|value| value.trim().to_owned()).collect::<Vec<_>>())
                })?;
                wanted.only.kinds.extend(further(name, values));
            }
            _ => {
                return Err(at(
                    key.clone(),
                    unknown(name, CHART_KEYS.into_iter().chain(keys::axes())),
                ));
            }
        }
    }
    let Some(kind) = kind else {
        let names: Vec<&str> = ChartKind::ALL.into_iter().map(ChartKind::name).collect();
        let sentence = format!("a chart needs a kind: {}", names.join(", "));
        return Err(at(table.span().unwrap_or(0..0), sentence));
    };
    Ok(ChartWanted { kind, ..wanted })
}

/// A text in quotes, or a list of these.
fn strings(item: &Item, key: &Range<usize>) -> Result<Vec<String>, Problem> {
    let Some(items) = item.as_array() else { return Ok(vec![string(item, key)?]) };
    let one = |value: &TomlValue| {
        let text = value.as_str().map(str::to_owned);
        text.ok_or_else(|| at(span_of(item, key), "expected texts in quotes"))
    };
    items.iter().map(one).collect()
}

fn measures(text: &str) -> Result<Vec<Measure>, String> {
    text.split(',').map(|name| measure(name.trim())).collect()
}

fn aspects(text: &str) -> Result<Vec<Series>, String> {
    let aspect = |name: &str| {
        let known = Series::from_name(name);
        known.ok_or_else(|| unknown(name, Series::ALL.into_iter().map(Series::name)))
    };
    text.split(',').map(|name| aspect(name.trim())).collect()
}

fn switch(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| format!("'{}' is neither true nor false", shown(text)))
}

fn chart_axis(text: &str) -> Result<String, String> {
    let known = chart_axes().any(|axis| axis == text);
    known.then(|| text.to_owned()).ok_or_else(|| unknown(text, chart_axes()))
}

fn chart_kind(text: &str) -> Result<ChartKind, String> {
    ChartKind::from_name(text)
        .ok_or_else(|| unknown(text, ChartKind::ALL.into_iter().map(ChartKind::name)))
}

/// A name that stays in its folder.
fn file_stem(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    if !text.is_empty() && text.chars().all(plain) {
        return Ok(text.to_owned());
    }
    Err(format!("'{text}' is not a valid name for a picture: use letters, digits, - and _"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        show(&read(text).unwrap_err(), "s.toml", text)
    }

    #[test]
    fn a_scenario_is_read() {
        let text = "title = 'T'\nworkers = [1, 4]\nservice = '3s'\nclients = 3\n\
                    [[case]]\nname = 'one core'\ncores = 1\n\
                    [[expect]]\nworkers = 1\nmeasure = 'response_max_s'\nvalue = '9s'\n\
                    [[chart]]\nkind = 'timeline'\n";
        let scenario = read(text).unwrap();
        assert_eq!(scenario.base.get("workers").unwrap().text, "1,4");
        assert_eq!(scenario.cases.len(), 1);
        assert_eq!(scenario.expectations[0].line, 8);
        assert_eq!(scenario.charts[0].kind, ChartKind::Timeline);
    }

    #[test]
    fn what_is_wrong_is_shown_with_a_caret() {
        assert_eq!(
            refused("service = '3s'\nwokers = 4\n"),
            "s.toml:2:1: unknown 'wokers': did you mean 'workers'?\n  |\n2 | wokers = 4\n  | ^^^^^^"
        );
        assert_eq!(
            refused("[[expect]]\nmeasure = 'p98'\nvalue = 1"),
            "s.toml:2:11: unknown 'p98': expected one of throughput_per_s, wait_mean_s, wait_p50_s, \
             wait_p90_s, wait_p95_s, wait_p99_s, wait_max_s, wait_prob, response_mean_s, \
             response_p50_s, response_p90_s, response_p95_s, response_p99_s, response_p999_s, \
             response_max_s, refused_share, worker_utilisation, core_utilisation, queue_mean, \
             in_system_mean, makespan_s, timed_out_share, growth_per_s, failed_share, gave_up_share, \
             retries_per_request, retransmitted_share, wasted_share, pool_wait_mean_s, \
             pool_utilisation, memory_bytes, memory_kills_per_request, pool_timeout_share, \
             pool_wait_p50_s, pool_wait_p95_s, pool_wait_p99_s, status_499_share, status_502_share, \
             status_504_share\n  |\n2 | measure = 'p98'\n  |           ^^^^^"
        );
        for (text, part) in [
            ("workers = {a=1}", "takes a text, a number or a list"),
            ("workers = ", "s.toml:1"),
            ("[[case]]\nworkers = 1", "a case needs a name"),
            ("[[case]]\nname = 'a'\nseed = 1", "move it to the top"),
            ("case = 1", "double brackets"),
            ("[[expect]]\nworkers = 1", "needs a measure and a value"),
            ("[[chart]]\nkind = 'pie'", "unknown 'pie'"),
            ("[[chart]]\nname = 'x'", "a chart needs a kind: timeline, response"),
            ("[[chart]]\nkind = 'lines'\nx = 'rat'", "did you mean 'rate'?"),
            ("[[chart]]\nkind = 'knee'\nworkers = 0", "at least 1"),
            ("[[chart]]\nname = '../x'\nkind = 'knee'", "not a valid name for a picture"),
        ] {
            assert!(refused(text).contains(part), "{text}: {}", refused(text));
        }
    }
}
