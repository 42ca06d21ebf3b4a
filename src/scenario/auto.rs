//! Which number is searched for: `--workers auto`, said or meant.

use super::raw_options::{Place, Problem, RawOptions, Value};
use super::read::Case;
use crate::experiment::plan::{Search, Searched};

/// What can be searched for.
const SEARCHED: [Searched; 3] = [Searched::Workers, Searched::Threads, Searched::Hosts];

/// The number of a cell that stands for all that are searched through: threads and hosts from 2
/// on, so that the server is one of several.
const fn stand_in(searched: Searched) -> &'static str {
    match searched {
        Searched::Workers => "1",
        Searched::Threads | Searched::Hosts => "2",
    }
}

/// What is searched for in some cases, whose options are then those of a cell to begin with.
/// `before` are the options without what the server has by default or a file says.
///
/// # Errors
/// If several numbers are to be searched for, or in some cases only. `meant` is what is searched for
/// where no option gives a number.
pub(super) fn search(
    cases: &mut [Case],
    before: &[RawOptions],
    meant: Option<Searched>,
) -> Result<Option<Search>, Problem> {
    let mut found: Option<Searched> = None;
    for (_, raw) in cases.iter() {
        for searched in SEARCHED {
            let Some(value) = raw.get(searched.option()).filter(|value| is_auto(value)) else {
                continue;
            };
            if let Some(other) = found.filter(|other| *other != searched) {
                return Err(Problem::at(
                    value,
                    format!(
                        "--{} auto cannot be used with --{} auto: give one of them as numbers",
                        searched.option(),
                        other.option()
                    ),
                ));
            }
            found = Some(searched);
        }
    }
    let implied = || meant.filter(|_| cases.iter().all(|(_, raw)| means_auto(raw)));
    let Some(of) = found.or_else(implied) else { return Ok(None) };
    let said = |(_, raw): &&mut Case| raw.get(of.option()).is_some_and(|v| !is_auto(v));
    if let Some((_, raw)) = cases.iter_mut().find(|case| found.is_some() && said(case)) {
        let sentence = "some cases have numbers here and others 'auto': give all of them one or \
                        the other";
        let value = raw.get(of.option()).cloned();
        return Err(value.map_or_else(|| Problem::new(sentence), |v| Problem::at(&v, sentence)));
    }
    let today = before.iter().find_map(|raw| {
        let value = raw.get(of.option()).filter(|value| value.place != Place::Default)?;
        value.text.trim().parse().ok()
    });
    for (_, raw) in cases.iter_mut() {
        let place = raw.get(of.option()).map_or(Place::Default, |value| value.place.clone());
        raw.set(of.option(), Value { text: stand_in(of).to_owned(), place });
    }
    Ok(Some(Search { of, today }))
}

fn is_auto(value: &Value) -> bool {
    value.text.trim() == "auto"
}

/// Whether a load that goes on, or an objective, asks for a number that no option gives.
fn means_auto(raw: &RawOptions) -> bool {
    let given = |name: &str| raw.get(name).is_some_and(|value| value.place != Place::Default);
    let named = given("server") || given("from");
    let asked = raw.has("slo");
    let open_ended = !raw.has("requests") && !raw.has("duration");
    let silent = !given("workers") && !given("threads") && !given("hosts");
    silent && (asked || open_ended && !named)
}
