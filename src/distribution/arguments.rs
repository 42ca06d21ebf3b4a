//! The arguments of a distribution, by name or by place.

use super::catalogue::{self, CatalogueEntry};
use super::error::DistributionError;
use super::syntax::{number, span, whole};
use super::text::{listed, shown};
use super::{Level, Percentile};
use crate::time::Span;

/// The arguments of one distribution, by name.
pub(super) struct Arguments<'t> {
    known: &'static CatalogueEntry,
    values: Vec<(&'static str, &'t str)>,
}

impl<'t> Arguments<'t> {
    /// Gives each argument its name, and refuses those that are unknown or doubled.
    pub(super) fn read(
        known: &'static CatalogueEntry,
        raw: &[&'t str],
    ) -> Result<Self, DistributionError> {
        let mut read = Arguments { known, values: Vec::new() };
        for (place, text) in raw.iter().enumerate() {
            let (name, value) = match text.split_once('=') {
                Some((name, value)) => (read.name_of(name.trim())?, value.trim()),
                None => (read.name_at(place, text)?, *text),
            };
            if read.values.iter().any(|(other, _)| *other == name) {
                return Err(read.wrong(format!("has {name} twice")));
            }
            read.values.push((name, value));
        }
        Ok(read)
    }

    fn name_of(&self, raw: &str) -> Result<&'static str, DistributionError> {
        let lower = raw.to_ascii_lowercase();
        // What a dashboard calls the median.
        let lower = if lower == "p50" { "median".to_owned() } else { lower };
        match self.known.named.iter().find(|name| **name == lower) {
            Some(name) => Ok(name),
            None => {
                let hint = catalogue::did_you_mean(&catalogue::nearest(&lower, self.known.named));
                Err(self.wrong(format!("has no parameter '{}'{hint}", shown(raw))))
            }
        }
    }

    fn name_at(&self, place: usize, text: &str) -> Result<&'static str, DistributionError> {
        self.known
            .positional
            .get(place)
            .copied()
            .ok_or_else(|| self.wrong(format!("has a value '{}' without a name", shown(text))))
    }

    fn wrong(&self, problem: String) -> DistributionError {
        DistributionError::Parameters {
            distribution: self.known.name,
            problem,
            form: self.known.form,
        }
    }

    /// The names that were given, in the order of the table.
    pub(super) fn names(&self) -> Vec<&'static str> {
        let given = |name: &&&str| self.values.iter().any(|(other, _)| other == *name);
        self.known.named.iter().filter(given).copied().collect()
    }

    /// Refuses any other set of names than `expected`.
    pub(super) fn only(&self, expected: &[&str]) -> Result<(), DistributionError> {
        if self.names() == expected { Ok(()) } else { Err(self.wrong_set()) }
    }

    /// The given parameters do not determine the distribution.
    pub(super) fn wrong_set(&self) -> DistributionError {
        match &self.names()[..] {
            [] => self.wrong("has no parameters".to_owned()),
            names => self.wrong(format!("is not determined by {}", listed(names, "and"))),
        }
    }

    fn value(&self, name: &str) -> &'t str {
        self.values.iter().find(|(other, _)| *other == name).map_or("", |(_, value)| value)
    }

    fn place(&self, name: &str) -> String {
        format!("{name} of {}", self.known.name)
    }

    pub(super) fn span(&self, name: &str) -> Result<Span, DistributionError> {
        span(&self.place(name), self.value(name))
    }

    pub(super) fn number(&self, name: &str) -> Result<f64, DistributionError> {
        number(&self.place(name), self.value(name), "2 or 0.5")
    }

    pub(super) fn whole(&self, name: &str) -> Result<u32, DistributionError> {
        whole(&self.place(name), self.value(name))
    }

    /// The one percentile among the names.
    pub(super) fn tail(&self) -> Result<Percentile, DistributionError> {
        let level = [Level::P90, Level::P95, Level::P99]
            .into_iter()
            .find(|level| !self.value(level.name()).is_empty())
            .unwrap_or(Level::P99);
        Ok(Percentile { level, value: self.span(level.name())? })
    }
}
