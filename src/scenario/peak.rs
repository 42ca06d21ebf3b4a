//! The highest rate of a profile instead of its mean: `--peak 40/s`.

use super::lists;
use super::raw_options::{Problem, RawOptions, Value};
use crate::distribution::{ArrivalProcess, Rate};

/// Options with `--rate` in the place of `--peak`.
///
/// # Errors
/// A sentence: a mean is given too, or the arrivals have no highest rate.
pub(super) fn resolved(raw: &RawOptions) -> Result<RawOptions, Problem> {
    let Some(peak) = raw.get("peak") else { return Ok(raw.clone()) };
    if raw.has("rate") {
        let sentence = "--peak cannot be used with --rate: the mean follows from the highest rate; \
                        drop one";
        return Err(Problem::at(peak, sentence));
    }
    let peaks = lists::rates(&peak.text).map_err(|sentence| Problem::at(peak, sentence))?;
    let arrivals = raw.get("arrivals").map(|value| value.text.parse::<ArrivalProcess>());
    let over_mean = match arrivals {
        Some(Ok(ArrivalProcess::Profile(profile))) => profile.peak(),
        // What is wrong with the arrivals is said where they are read.
        Some(Err(_)) => 1.0,
        _ => {
            let sentence = "--peak is the highest rate of a profile: give --arrivals too, such as \
                            'profile(0h:20%,8h:100%,20h:60%,period=24h)', or the mean with --rate";
            return Err(Problem::at(peak, sentence));
        }
    };
    let mean = |peak: &Rate| format!("{}/s", peak.per_second() / over_mean);
    let text = peaks.iter().map(mean).collect::<Vec<_>>().join(",");
    let mut resolved = raw.clone();
    resolved.remove("peak");
    resolved.set("rate", Value { text, place: peak.place.clone() });
    Ok(resolved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Place;

    fn rate(arrivals: &str, peak: &str) -> Result<String, Problem> {
        let mut raw = RawOptions::new();
        for (name, text) in [("arrivals", arrivals), ("peak", peak)] {
            raw.set(name, Value { text: text.to_owned(), place: Place::Flag("peak") });
        }
        resolved(&raw).map(|raw| raw.get("rate").expect("a rate").text.clone())
    }

    #[test]
    fn the_mean_follows_from_the_highest_piece() {
        // Half of the time 100 %, half 300 %: the mean is 200 %, two thirds of the highest.
        assert_eq!(rate("profile(0h:100%,12h:300%,period=24h)", "30/s"), Ok("20/s".to_owned()));
        // The factor of a spike is a multiple of the mean.
        assert_eq!(rate("spike(at=60s,for=10s,by=5)", "40/s,10/s"), Ok("8/s,2/s".to_owned()));
        assert!(rate("poisson", "30/s").unwrap_err().sentence.contains("--rate"));
    }
}
