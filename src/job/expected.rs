//! What a scenario expects beside what came out: in sentences, as JSON, and as JUnit XML for servers
//! that run tests.

use serde_json::{Value, json};

use super::{AnswerKind, Results, report};
use crate::experiment::row::{Axes, Estimate, Measure, Row, Stability};
use crate::render::axes;
use crate::render::number;
use crate::scenario::expect::{ExpectVerdict, Expectation, Expected, Tolerance};

/// One expectation and one cell that it speaks of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Checked {
    /// Where it stands, of which cell, and what is expected: `line 6: 4 workers: p99 at most 300 ms`.
    pub(crate) name: String,
    /// What was found.
    pub(crate) verdict: ExpectVerdict,
    /// What came out instead; empty where it is met.
    pub(crate) sentence: String,
}

/// Compares the finished cells of a run with what is expected of each.
pub(crate) fn checked(expectations: &[Expectation], results: &Results) -> Vec<Vec<Checked>> {
    let rows: Vec<Row> = results.rows().flat_map(Row::with_routes).collect();
    let all: Vec<&Axes> = rows.iter().map(|row| &row.axes).collect();
    let one = |wanted: &Expectation| {
        let verdicts = wanted.verdicts(rows.iter());
        if verdicts.is_empty() {
            let name = format!("line {}: {}", wanted.line, expected(&wanted.expected));
            let sentence =
                format!("line {}: no cell has the axes of this expectation", wanted.line);
            return vec![Checked { name, verdict: ExpectVerdict::Missed, sentence }];
        }
        let told = |(row, verdict): (&Row, ExpectVerdict)| told(wanted, row, verdict, &all);
        verdicts.into_iter().map(told).collect()
    };
    expectations.iter().map(one).collect()
}

/// Whether the objectives of a run are met, as one more thing that is expected; `None` without any.
/// What is said of them where they are not met is the answer of the run.
pub(crate) fn objectives(results: &Results) -> Option<Checked> {
    let written = results.plan.settings.objectives.iter().map(|one| one.text.as_str());
    let names: Vec<&str> = written.filter(|text| !text.is_empty()).collect();
    if names.is_empty() {
        return None;
    }
    let verdict = match results.answer_kind() {
        AnswerKind::Named => ExpectVerdict::Met,
        AnswerKind::CannotTell => ExpectVerdict::Unclear,
        AnswerKind::DoesNotFit | AnswerKind::NoneMeets => ExpectVerdict::Missed,
    };
    let sentence =
        if verdict == ExpectVerdict::Met { String::new() } else { report::answer(results) };
    Some(Checked { name: format!("slo {}", names.join(",")), verdict, sentence })
}

fn told(wanted: &Expectation, row: &Row, verdict: ExpectVerdict, all: &[&Axes]) -> Checked {
    let cell = match axes::told(&row.axes, all, &[]) {
        cell if cell.is_empty() => cell,
        cell => format!("{cell}: "),
    };
    let place = format!("line {}: {cell}", wanted.line);
    let asked = expected(&wanted.expected);
    let sentence = match verdict {
        ExpectVerdict::Met => String::new(),
        ExpectVerdict::Unclear => format!(
            "{place}{}: not enough requests to say whether it is {asked}; give a smaller \
             --precision, or larger limits",
            found(&wanted.expected, row)
        ),
        ExpectVerdict::Missed => {
            format!("{place}{}, expected {asked}", found(&wanted.expected, row))
        }
    };
    let subject = wanted.expected.measure().map_or("stable", short);
    Checked { name: format!("{place}{subject} {asked}"), verdict, sentence }
}

/// What came out.
fn found(wanted: &Expected, row: &Row) -> String {
    let Some(measure) = wanted.measure() else {
        return format!("stable is '{}'", row.stability.name());
    };
    match row.measures.get(measure) {
        Some(got) => format!("{} is {}", short(measure), value(wanted, measure, got)),
        None if row.stability == Stability::No => {
            format!("overloaded: the queue grows without bound, so {} has no value", short(measure))
        }
        None => format!("{} has no value", short(measure)),
    }
}

/// A value as the table has it; with all its digits, where rounded it would read as what is expected.
fn value(wanted: &Expected, measure: Measure, got: Estimate) -> String {
    let rounded = number::measured(measure, got);
    let limit = number::measured(measure, Estimate::exact(wanted.value()));
    if rounded == limit { format!("{rounded} ({})", got.value) } else { rounded }
}

/// What is expected, in words.
fn expected(wanted: &Expected) -> String {
    let quantity = |measure: Measure, value: f64| number::measured(measure, Estimate::exact(value));
    match wanted {
        Expected::Stable(word) => format!("'{word}'"),
        Expected::Most { measure, value } => format!("at most {}", quantity(*measure, *value)),
        Expected::Least { measure, value } => format!("at least {}", quantity(*measure, *value)),
        Expected::Near { measure, value, tolerance } => {
            let value = quantity(*measure, *value);
            match tolerance {
                Tolerance::Absolute(0.0) | Tolerance::Relative(0.0) => value,
                Tolerance::Absolute(width) => {
                    format!("{value} within {}", quantity(*measure, *width))
                }
                Tolerance::Relative(share) => format!("{value} within {} %", share * 100.0),
            }
        }
    }
}

/// The name of a measure as `--slo` takes it: `p99` of `response_p99_s`.
fn short(measure: Measure) -> &'static str {
    let name = measure.name();
    let name = name.strip_suffix("_per_s").or(name.strip_suffix("_s")).unwrap_or(name);
    let rest = name.strip_prefix("response_");
    rest.filter(|rest| *rest == "mean" || measure.quantile().is_some()).unwrap_or(name)
}

/// What `--check --format json` prints: the expectations of each file, with what was found.
pub(crate) fn check_document(suites: &[(String, Vec<Vec<Checked>>)]) -> Value {
    let one = |checked: &Checked| {
        let verdict = match checked.verdict {
            ExpectVerdict::Met => "met",
            ExpectVerdict::Missed => "missed",
            ExpectVerdict::Unclear => "unclear",
        };
        json!({ "name": checked.name, "verdict": verdict, "sentence": checked.sentence })
    };
    let file = |(path, checked): &(String, Vec<Vec<Checked>>)| {
        let expectations: Vec<Value> = checked.iter().flatten().map(one).collect();
        json!({ "file": path, "expectations": expectations })
    };
    let files: Vec<Value> = suites.iter().map(file).collect();
    json!({ "simsrv": env!("CARGO_PKG_VERSION"), "files": files })
}

/// A report of test results in the form of JUnit: a suite for each file, a case for each expectation
/// and cell; what is missed is a failure, what cannot be told an error.
pub(crate) fn junit(suites: &[(String, Vec<Vec<Checked>>)]) -> String {
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let all = || suites.iter().flat_map(|(_, checked)| checked.iter().flatten());
    xml += &format!("<testsuites name=\"simsrv\" {}>\n", counts(all()));
    for (file, checked) in suites {
        let file = quoted(file);
        let cases = || checked.iter().flatten();
        xml += &format!("  <testsuite name=\"{file}\" {}>\n", counts(cases()));
        for case in cases() {
            let name = quoted(&case.name);
            let sentence = quoted(&case.sentence);
            xml += &format!("    <testcase classname=\"{file}\" name=\"{name}\"");
            xml += &match case.verdict {
                ExpectVerdict::Met => "/>\n".to_owned(),
                ExpectVerdict::Missed => {
                    format!(">\n      <failure message=\"{sentence}\"/>\n    </testcase>\n")
                }
                ExpectVerdict::Unclear => {
                    format!(">\n      <error message=\"{sentence}\"/>\n    </testcase>\n")
                }
            };
        }
        xml += "  </testsuite>\n";
    }
    xml + "</testsuites>\n"
}

fn counts<'a>(cases: impl Iterator<Item = &'a Checked>) -> String {
    let (mut tests, mut failures, mut errors) = (0, 0, 0);
    for case in cases {
        tests += 1;
        failures += u32::from(case.verdict == ExpectVerdict::Missed);
        errors += u32::from(case.verdict == ExpectVerdict::Unclear);
    }
    format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\"")
}

/// Text between quotation marks; characters that XML 1.0 has no place for become a question mark.
fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    for character in text.chars() {
        match character {
            '&' => quoted += "&amp;",
            '<' => quoted += "&lt;",
            '>' => quoted += "&gt;",
            '"' => quoted += "&quot;",
            '\u{fffe}' | '\u{ffff}' => quoted.push('?'),
            character if character.is_control() => quoted.push('?'),
            character => quoted.push(character),
        }
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand, after the schema of JUnit's reports: counts, and text that is safe between quotation
    /// marks.
    #[test]
    fn a_report_counts_and_escapes() {
        let case = |name: &str, verdict, sentence: &str| Checked {
            name: name.to_owned(),
            verdict,
            sentence: sentence.to_owned(),
        };
        let cases = vec![
            vec![case("a", ExpectVerdict::Met, "")],
            vec![case("p99 < \"x\" & y", ExpectVerdict::Missed, "too\nslow")],
            vec![case("c", ExpectVerdict::Unclear, "too close")],
        ];
        let xml = junit(&[("s.toml".to_owned(), cases)]);
        assert!(
            xml.contains("<testsuite name=\"s.toml\" tests=\"3\" failures=\"1\" errors=\"1\">")
        );
        assert!(xml.contains("name=\"p99 &lt; &quot;x&quot; &amp; y\""));
        assert!(xml.contains("<failure message=\"too?slow\"/>"));
        assert!(xml.contains("<testcase classname=\"s.toml\" name=\"a\"/>"));
        assert_eq!(short(Measure::ResponseP99), "p99");
        assert_eq!(short(Measure::ResponseMax), "response_max");
        assert_eq!(short(Measure::Throughput), "throughput");
        assert_eq!(short(Measure::WaitProb), "wait_prob");
    }
}
