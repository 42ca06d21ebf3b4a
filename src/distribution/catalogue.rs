//! The names that are known, how each distribution is written, and what was probably meant.

/// A distribution as the parser knows it.
pub(super) struct CatalogueEntry {
    /// Its name.
    pub(crate) name: &'static str,
    /// Parameters that may stand without a name, in order.
    pub(crate) positional: &'static [&'static str],
    /// All parameters, in the order in which they are printed.
    pub(crate) named: &'static [&'static str],
    /// How it is written, as the end of a sentence.
    pub(crate) form: &'static str,
}

/// All distributions with parameters in parentheses.
pub(super) const DISTRIBUTIONS: [CatalogueEntry; 9] = [
    CatalogueEntry {
        name: "const",
        positional: &["value"],
        named: &["value"],
        form: "const(3s), or only 3s",
    },
    CatalogueEntry { name: "exp", positional: &["mean"], named: &["mean"], form: "exp(20ms)" },
    CatalogueEntry {
        name: "uniform",
        positional: &["min", "max"],
        named: &["min", "max"],
        form: "uniform(1s,5s)",
    },
    CatalogueEntry {
        name: "erlang",
        positional: &["mean"],
        named: &["mean", "k"],
        form: "erlang(mean=20ms,k=3)",
    },
    CatalogueEntry {
        name: "gamma",
        positional: &["mean"],
        named: &["mean", "cv"],
        form: "gamma(mean=20ms,cv=0.5)",
    },
    CatalogueEntry {
        name: "lognormal",
        positional: &["mean"],
        named: &["mean", "median", "cv", "p90", "p95", "p99"],
        form: "lognormal(mean=20ms,cv=2), lognormal(median=20ms,p99=300ms) \
               or lognormal(mean=20ms,p99=100ms); or p90 or p95 instead",
    },
    CatalogueEntry {
        name: "weibull",
        positional: &["mean"],
        named: &["mean", "median", "shape", "cv", "p90", "p95", "p99"],
        form: "weibull(mean=20ms,shape=0.7), weibull(mean=20ms,cv=1.5) \
               or weibull(median=20ms,p99=300ms); or p90 or p95 instead",
    },
    CatalogueEntry {
        name: "pareto",
        positional: &["mean"],
        named: &["mean", "min", "alpha", "max"],
        form: "pareto(mean=20ms,alpha=2.5), pareto(min=12ms,alpha=2.5) \
               or pareto(min=12ms,alpha=1.1,max=10s)",
    },
    CatalogueEntry {
        name: "hyperexp",
        positional: &["mean"],
        named: &["mean", "cv"],
        form: "hyperexp(mean=20ms,cv=4)",
    },
];

/// How a mixture is written.
pub(super) const MIX_FORM: &str = "mix(90%:5ms,10%:exp(200ms))";
/// How a distribution through known points is written.
pub(super) const QUANTILES_FORM: &str = "quantiles(p50=20ms,p99=300ms,max=2s)";

/// How arrivals that are modulated by a Markov chain are written.
pub(super) const MMPP_FORM: &str = "mmpp(96/s:10s,16/s:40s)";

/// The names of all distributions, for lists and guesses.
pub(super) const DISTRIBUTION_NAMES: [&str; 12] = [
    "const",
    "exp",
    "uniform",
    "erlang",
    "gamma",
    "lognormal",
    "weibull",
    "pareto",
    "hyperexp",
    "mix",
    "quantiles",
    "samples",
];

/// The distribution with parameters of that name.
pub(super) fn known(name: &str) -> Option<&'static CatalogueEntry> {
    DISTRIBUTIONS.iter().find(|known| known.name == name)
}

/// ` (did you mean 'x'?)`, or nothing.
pub(super) fn did_you_mean(hint: &Option<&'static str>) -> String {
    hint.map(|word| format!(" (did you mean '{word}'?)")).unwrap_or_default()
}

/// The candidate that was probably meant: one that holds the word or is held by it, or else the
/// one with the fewest changed letters, at most a third of them.
pub(super) fn nearest<'c>(word: &str, candidates: &[&'c str]) -> Option<&'c str> {
    if word.is_empty() || word.len() > 40 {
        return None;
    }
    let word = word.to_ascii_lowercase();
    let holds =
        |c: &&&str| c.len().min(word.len()) >= 3 && (c.contains(&word) || word.contains(**c));
    if let Some(found) = candidates.iter().find(holds) {
        return Some(found);
    }
    let (distance, best) =
        candidates.iter().map(|c| (strsim::osa_distance(&word, c), *c)).min_by_key(|(d, _)| *d)?;
    (distance <= best.len().div_ceil(3)).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_found() {
        for (word, expect) in [
            ("lognorm", Some("lognormal")),
            ("log-normal", Some("lognormal")),
            ("normal", Some("lognormal")),
            ("exponential", Some("exp")),
            ("constant", Some("const")),
            ("gmama", Some("gamma")),
            ("weibul", Some("weibull")),
            ("hypererlang", Some("erlang")),
            ("nan", None),
            ("zipf", None),
        ] {
            assert_eq!(nearest(word, &DISTRIBUTION_NAMES), expect, "{word}");
        }
    }
}
