//! Kinds of requests: `--route 'NAME SHARE PHASES'`, several of them between `|`.

use super::phases::{phases, split_outside_parentheses};
use super::raw_options::{Problem, RawOptions, Value, shown, steers};
use super::read::{Files, parse_distribution};
use crate::distribution::Rate;
use crate::model::{Mix, Route};

/// How a route may be written.
const FORM: &str = "write NAME SHARE PHASES, such as 'checkout 20% cpu:exp(20ms) io:exp(60ms)'";

/// What stands between two routes.
pub(crate) const BETWEEN: &str = " | ";

/// How much of the load a route is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum RouteLoad {
    Share(f64),
    PerSecond(f64),
}

/// A route as written, before its phases are read.
struct Written<'a> {
    name: &'a str,
    part: RouteLoad,
    priority: Option<u16>,
    phases: String,
}

/// Options with the `--rate` of routes that have rates of their own.
///
/// # Errors
/// A sentence: a rate is given twice.
pub(super) fn resolved(raw: &RawOptions) -> Result<RawOptions, Problem> {
    let Some(value) = raw.get("route") else { return Ok(raw.clone()) };
    let routes = written(&value.text).map_err(|sentence| Problem::at(value, sentence))?;
    let Some(total) = total_rate(&routes) else { return Ok(raw.clone()) };
    if let Some(other) = ["rate", "peak", "clients"].into_iter().find(|name| raw.has(name)) {
        let sentence = format!(
            "the routes have rates of their own, and --{other} is given too: drop it, or write shares \
             such as 20%"
        );
        return Err(Problem::at(value, sentence));
    }
    let mut resolved = raw.clone();
    resolved.set("rate", Value { text: format!("{total}/s"), place: value.place.clone() });
    Ok(resolved)
}

/// The routes of some options; `None` if none are given.
///
/// # Errors
/// What is wrong, where.
pub(super) fn read(raw: &RawOptions, files: &dyn Files) -> Result<Option<Mix>, Problem> {
    let Some(value) = raw.get("route") else { return Ok(None) };
    let one = |(at, route): (usize, Written<'_>), total: f64| {
        let read = phases(&route.phases, |text| parse_distribution(text, files, &value.place));
        let phases = read.map_err(|error| format!("route '{}': {error}", shown(route.name)))?;
        Ok(Route {
            name: route.name.to_owned(),
            share: match route.part {
                RouteLoad::Share(share) => share,
                RouteLoad::PerSecond(rate) => rate / total,
            },
            priority: route.priority.unwrap_or(at as u16 + 1),
            phases,
        })
    };
    let mix = || {
        let routes = written(&value.text)?;
        let total = total_rate(&routes).unwrap_or(1.0);
        let all: Result<Vec<Route>, String> =
            routes.into_iter().enumerate().map(|route| one(route, total)).collect();
        Ok(Mix::new(all?)?)
    };
    mix().map(Some).map_err(|sentence: String| Problem::at(value, sentence))
}

/// A route of a scenario file in the form of the flag: its share or rate, perhaps a priority, and its
/// phases, in one way or another.
#[derive(Default)]
pub(super) struct RouteEntry {
    pub(crate) name: String,
    pub(crate) share: Option<String>,
    pub(crate) priority: Option<String>,
    pub(crate) phases: Option<String>,
    /// `--service`, `--cpu` and `--io`.
    pub(crate) demands: [Option<String>; 3],
}

impl RouteEntry {
    /// The text of the flag.
    ///
    /// # Errors
    /// A sentence: something is missing or there twice.
    pub(super) fn text(&self) -> Result<String, String> {
        let name = shown(&self.name);
        if self.name.contains(char::is_whitespace) || self.name.is_empty() {
            return Err(format!("'{name}' is not a name of a route: write it without blanks"));
        }
        let share = self.share.as_ref().ok_or_else(|| {
            format!("the route '{name}' needs a share such as \"20%\", or a rate such as \"5/s\"")
        })?;
        let [service, cpu, io] = &self.demands;
        let kinds = [(service, "cpu"), (cpu, "cpu"), (io, "io")];
        let given =
            kinds.iter().filter_map(|(text, kind)| Some(format!("{kind}:{}", text.as_ref()?)));
        let demands: Vec<String> = given.collect();
        let phases = match (&self.phases, &demands[..]) {
            (Some(phases), []) => phases.clone(),
            (None, [_, ..]) if service.is_none() || demands.len() == 1 => demands.join(" "),
            (None, []) => {
                return Err(format!(
                    "the route '{name}' does not say what its requests ask for: give service, cpu, io \
                     or phases"
                ));
            }
            _ => {
                return Err(format!(
                    "the route '{name}' says twice what its requests ask for: give service, or cpu and \
                     io, or phases"
                ));
            }
        };
        let priority = match &self.priority {
            Some(priority) => format!(" priority={priority}"),
            None => String::new(),
        };
        Ok(format!("{} {}{priority} {phases}", self.name, share.replace(' ', "")))
    }
}

/// The sum of the rates, where routes have rates.
fn total_rate(routes: &[Written<'_>]) -> Option<f64> {
    let rate = |route: &Written<'_>| match route.part {
        RouteLoad::PerSecond(rate) => Some(rate),
        RouteLoad::Share(_) => None,
    };
    routes.iter().map(rate).sum()
}

fn written(text: &str) -> Result<Vec<Written<'_>>, String> {
    let routes: Vec<Written<'_>> = text.split('|').map(one).collect::<Result<_, _>>()?;
    let shares = routes.iter().filter(|route| matches!(route.part, RouteLoad::Share(_))).count();
    if shares != 0 && shares != routes.len() {
        return Err("some routes have a share and others a rate: write one kind for all".to_owned());
    }
    Ok(routes)
}

fn one(text: &str) -> Result<Written<'_>, String> {
    let words = split_outside_parentheses(text);
    let [name, part, rest @ ..] = &words[..] else {
        return Err(format!("'{}' is not a route: {FORM}", shown(text.trim())));
    };
    if name.contains(|c: char| steers(c) || ":,;<>=".contains(c)) {
        return Err(format!(
            "'{}' is not a name of a route: write it without : , ; < > = and characters that are not \
             seen",
            shown(name)
        ));
    }
    let part = part_of(part).map_err(|why| format!("route '{}': {why}", shown(name)))?;
    let (priority, rest) = match rest.split_first() {
        Some((first, rest)) if first.starts_with("priority=") => {
            (Some(priority(&first["priority=".len()..])?), rest)
        }
        _ => (None, rest),
    };
    if rest.is_empty() {
        return Err(format!("route '{}' has no phases: {FORM}", shown(name)));
    }
    Ok(Written { name, part, priority, phases: rest.join(" ") })
}

fn part_of(text: &str) -> Result<RouteLoad, String> {
    if text.contains('/') {
        let rate = text.parse::<Rate>().map_err(|error| error.to_string())?;
        return Ok(RouteLoad::PerSecond(rate.per_second()));
    }
    let (number, scale) = match text.strip_suffix('%') {
        Some(number) => (number, 100.0),
        None => (text, 1.0),
    };
    let share = number.parse::<f64>().ok().map(|number| number / scale);
    share.filter(|share| *share > 0.0 && *share <= 1.0).map(RouteLoad::Share).ok_or_else(|| {
        format!(
            "'{}' is neither a share of the requests nor a rate: write such as 20% or 5/s",
            shown(text)
        )
    })
}

/// Reads a priority: 1 is served first.
///
/// # Errors
/// A sentence.
pub(super) fn priority(text: &str) -> Result<u16, String> {
    let read = text.parse().ok().filter(|number| *number > 0);
    read.ok_or_else(|| {
        format!(
            "'{}' is not a priority: write a whole number from 1; 1 is served first",
            shown(text)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PhaseKind;
    use crate::scenario::{NoFiles, Place};

    fn options(route: &str) -> RawOptions {
        let mut raw = RawOptions::new();
        raw.set("route", Value { text: route.to_owned(), place: Place::Flag("route") });
        raw
    }

    fn mix(route: &str) -> Result<Mix, String> {
        read(&options(route), &NoFiles).map(Option::unwrap).map_err(|problem| problem.sentence)
    }

    #[test]
    fn routes_are_read() {
        let mix =
            mix("a 20% cpu:lognormal(mean=1ms, cv=2) io:3ms | /b 80% priority=7 io:1s").unwrap();
        let [a, b] = mix.routes() else { panic!("two routes") };
        assert_eq!((a.name.as_str(), a.priority, a.phases.len()), ("a", 1, 2));
        assert_eq!((b.name.as_str(), b.priority, b.phases[0].kind), ("/b", 7, PhaseKind::Io));
        assert!((a.share - 0.2).abs() < 1e-12);
    }

    #[test]
    fn rates_of_routes_add_up() {
        let raw = options("a 15/s cpu:1ms | b 300/min cpu:2ms");
        assert_eq!(resolved(&raw).unwrap().get("rate").unwrap().text, "20/s");
        let mix = read(&raw, &NoFiles).unwrap().unwrap();
        assert!((mix.routes()[0].share - 0.75).abs() < 1e-12);
        let mut both = raw;
        both.set("rate", Value { text: "5/s".to_owned(), place: Place::Flag("rate") });
        assert!(resolved(&both).unwrap_err().sentence.contains("rates of their own"));
    }

    #[test]
    fn what_is_no_route_is_refused_with_a_sentence() {
        for (text, part) in [
            ("", "is not a route: write NAME SHARE PHASES"),
            ("a", "is not a route"),
            ("a 100%", "'a' has no phases"),
            ("a:b 100% cpu:1ms", "not a name of a route"),
            ("a\u{202e} 100% cpu:1ms", "not a name of a route"),
            ("a much cpu:1ms", "neither a share"),
            ("a 120% cpu:1ms", "neither a share"),
            ("a 0% cpu:1ms", "neither a share"),
            ("a 50% cpu:1ms", "add up to 50"),
            ("a 50% cpu:1ms | a 50% cpu:1ms", "two routes are named 'a'"),
            ("a 50% cpu:1ms | b 5/s cpu:1ms", "one kind for all"),
            ("a 100% priority=x cpu:1ms", "not a priority"),
            ("a 100% gpu:1ms", "route 'a': 'gpu' is not a kind of phase"),
            ("a 50% cpu:1ms |", "is not a route"),
        ] {
            let error = mix(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
