//! What was probably meant by a name that is not known.

use super::raw_options::shown;

/// Letters of a name beyond which no guess is made.
const LONGEST: usize = 40;
/// Edits beyond which a name was not meant.
const MOST_EDITS: usize = 3;

/// A sentence about an unknown name, with the nearest of the known ones.
pub(crate) fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    let name = &shown(name);
    match nearest(name, known.iter().copied()) {
        Some(nearest) => format!("unknown '{name}': did you mean '{nearest}'?"),
        None => format!("unknown '{name}': expected one of {}", known.join(", ")),
    }
}

/// The nearest of the known names, if it is near enough to have been meant.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > LONGEST {
        return None;
    }
    let edits = |known| (strsim::levenshtein(name, known), known);
    let (distance, known) = known.map(edits).min()?;
    (distance <= MOST_EDITS && distance < known.len().min(name.len())).then_some(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_name_is_suggested_and_a_far_one_is_not() {
        let known = || ["workers", "threads", "cores"].into_iter();
        assert_eq!(nearest("wokers", known()), Some("workers"));
        assert_eq!(nearest("wibble", known()), None);
        assert_eq!(nearest(&"w".repeat(1_000_000), known()), None);
        assert_eq!(unknown("coers", known()), "unknown 'coers': did you mean 'cores'?");
        assert!(unknown("x", known()).ends_with("expected one of workers, threads, cores"));
    }
}
