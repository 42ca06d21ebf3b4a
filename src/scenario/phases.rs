//! Phases as they are written: `cpu:exp(3ms) io:20ms cpu:1ms`, and the drawn phases of a trace.

use crate::distribution::Distribution;
use crate::model::{Demand, MAX_PHASES, Phase, PhaseKind};
use crate::time::{NANOS_PER_SECOND, Span, scaled_decimal};

/// Reads phases with the distributions of their lengths, separated by blanks outside of
/// parentheses.
///
/// # Errors
/// A sentence.
pub(crate) fn phases(
    text: &str,
    distribution: impl Fn(&str) -> Result<Distribution, String>,
) -> Result<Vec<Phase>, String> {
    let parts = split_outside_parentheses(text);
    if parts.is_empty() {
        return Err("no phases: write such as 'cpu:3ms io:20ms'".to_owned());
    }
    parts
        .into_iter()
        .map(|part| {
            let (kind, demand) = split_kind(part)?;
            Ok(Phase { kind, demand: distribution(demand)? })
        })
        .collect()
}

/// Reads drawn phases with lengths in seconds: `cpu:0.003 io:0.02`, blanks or `;` between them.
///
/// # Errors
/// A sentence.
pub fn demands(text: &str, into: &mut Vec<Demand>) -> Result<(), String> {
    into.clear();
    for part in text.split([' ', '\t', ';']).filter(|part| !part.is_empty()) {
        let (kind, seconds) = split_kind(part)?;
        into.push(Demand::new(kind, seconds_exactly(seconds)?));
        if into.len() > MAX_PHASES {
            return Err(format!("more than {MAX_PHASES} phases in one request"));
        }
    }
    if into.is_empty() {
        return Err("no phases: write such as 'cpu:0.003 io:0.02'".to_owned());
    }
    Ok(())
}

/// Reads seconds as a decimal number, to the nearest nanosecond.
///
/// # Errors
/// A sentence.
pub(crate) fn seconds_exactly(text: &str) -> Result<Span, String> {
    let text = text.trim();
    let wrong = || match text.strip_prefix('-') {
        Some(rest) if scaled_decimal(rest, 1).is_some() => {
            format!("'{text}' is negative: times are zero or more seconds")
        }
        _ => format!("'{text}' is not a number of seconds: write such as 0.25"),
    };
    match scaled_decimal(text, NANOS_PER_SECOND).ok_or_else(wrong)? {
        Ok(nanos) => Ok(Span::from_nanos(nanos)),
        Err(_) => Err(format!("'{text}' seconds are too many: the longest time is 584 years")),
    }
}

fn split_kind(part: &str) -> Result<(PhaseKind, &str), String> {
    let (kind, rest) = part
        .split_once(':')
        .ok_or_else(|| format!("'{part}' is not a phase: write cpu:... or io:..."))?;
    Ok((kind.trim().parse()?, rest))
}

/// Parts between blanks that are not inside parentheses.
pub(super) fn split_outside_parentheses(text: &str) -> Vec<&str> {
    let mut depth = 0usize;
    let mut parts = text.split(move |c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && (c.is_whitespace() || c == ';')
    });
    let parts: Vec<&str> = parts.by_ref().filter(|part| !part.is_empty()).collect();
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_phases_are_read_to_the_nanosecond() {
        let mut read = Vec::new();
        demands("cpu:0.003 io:0.02; cpu:0.333333333333", &mut read).unwrap();
        let expect = [
            (PhaseKind::Cpu, 3_000_000),
            (PhaseKind::Io, 20_000_000),
            (PhaseKind::Cpu, 333_333_333),
        ];
        let got: Vec<_> = read.iter().map(|d| (d.kind(), d.span().as_nanos())).collect();
        assert_eq!(got, expect);
    }

    #[test]
    fn what_is_no_phase_is_refused_with_a_sentence() {
        let mut read = Vec::new();
        for (text, part) in [
            ("", "no phases"),
            ("3", "not a phase: write cpu"),
            ("gpu:1", "not a kind of phase"),
            ("cpu:x", "not a number of seconds"),
            ("cpu:-1", "negative"),
            ("cpu:1e400", "too many"),
        ] {
            let error = demands(text, &mut read).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn distributions_keep_their_blanks() {
        let distribution =
            |text: &str| text.parse::<Distribution>().map_err(|error| error.to_string());
        let read = phases("cpu:lognormal(mean=1ms, cv=2) io:20ms", distribution).unwrap();
        assert_eq!(read.len(), 2);
        assert_eq!(read[1].kind, PhaseKind::Io);
    }
}
