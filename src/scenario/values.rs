//! The words that an option takes, where they can be listed: what a shell offers.

use super::chart::ChartKind;
use super::comparison;
use crate::experiment::row::Measure;
use crate::model::Discipline;
use crate::model::runtime::Class;
use crate::servers::PRESETS;

/// The words of the option `name`; none if it takes numbers, times, files or anything free.
pub(crate) fn of(name: &str) -> Vec<&'static str> {
    match name {
        "server" => PRESETS.iter().map(|preset| preset.word).collect(),
        "class" => Class::ALL.iter().map(|class| class.name()).chain(["auto"]).collect(),
        "chart" => ChartKind::ALL.into_iter().map(ChartKind::name).collect(),
        "queue" => Discipline::ALL.into_iter().map(Discipline::name).collect(),
        "best" => {
            let names = Measure::ALL.into_iter().map(Measure::name);
            names.filter(|name| comparison::best(name).is_ok()).collect()
        }
        _ => LISTED.iter().find(|(of, _)| *of == name).map_or(Vec::new(), |(_, all)| all.to_vec()),
    }
}

/// Words that are written out where they are read.
const LISTED: &[(&str, &[&str])] = &[
    ("gil", &["on", "off"]),
    ("balance", &["round-robin", "random", "least-connections", "power-of-two", "join-idle"]),
    ("accept", &["shared", "greedy", "random", "least-loaded", "round-robin", "reuse-port"]),
    ("accept-bias", &["measured", "linear"]),
    ("loop", &["asyncio", "uvloop", "single"]),
    ("at-limit", &["wait", "refuse"]),
    ("lock", &["python", "ruby"]),
    ("listen", &["tcp", "unix"]),
    ("on-full", &["retransmit", "refuse"]),
    ("syn", &["linear", "doubling"]),
    ("spawn", &["all", "dynamic", "ondemand", "prefork"]),
    ("engine", &["auto", "events", "recursion"]),
    ("select", &["subset", "best"]),
    ("format", &["table", "csv", "json", "markdown", "config", "diff"]),
    ("color", &["auto", "always", "never"]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{NoFiles, Place, RawOptions, Value, keys, resolve};

    #[test]
    fn every_word_is_taken_and_another_is_refused() {
        for key in keys::KEYS.iter().filter(|key| !["format", "color", "chart"].contains(&key.name))
        {
            let words = of(key.name);
            let tried = words.iter().copied().chain((!words.is_empty()).then_some("wibble"));
            for word in tried {
                let mut raw = RawOptions::new();
                let with =
                    [("service", "20ms"), ("rate", "4/s"), ("workers", "2"), (key.name, word)];
                let needed = [("hosts", "2"), ("class", "asgi")];
                let needed = needed.into_iter().filter(|(name, _)| {
                    *name != key.name && !["server", "gil", "engine"].contains(&key.name)
                });
                for (name, text) in needed.chain(with) {
                    let place = Place::Flag(keys::find(name).expect(name).name);
                    raw.set(name, Value { text: text.to_owned(), place });
                }
                let problem = resolve::plan_of_one(&raw, &[], &NoFiles).err();
                let refused = problem.is_some_and(|problem| {
                    let sentence = problem.to_string();
                    sentence.contains(&format!("'{word}'")) && sentence.contains(key.name)
                });
                assert_eq!(refused, word == "wibble", "--{} {word}", key.name);
            }
        }
    }
}
