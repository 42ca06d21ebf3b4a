//! How values are written and what exit codes mean, as tables: the end of the long help and the manual
//! page are made of them.

use super::end::EXIT_CODES;

/// Something as it is written, and what it is.
pub(super) type WrittenForm = (&'static str, &'static str);

/// Commands to begin with, and what each asks.
pub(super) const EXAMPLES: [WrittenForm; 5] = [
    (
        "simsrv --workers 1,4,12,32 --service 3s --clients 3",
        "three users at once; each request is 3 s of CPU",
    ),
    (
        "simsrv --workers 4..16 --cpu 'exp(10ms)' --io 'exp(70ms)' --rate 100/s",
        "how many workers for 100 requests a second that mostly wait?",
    ),
    (
        "simsrv --workers 1..4 --cores 1,2,4 --service exp:20ms --rate 45/s --plot pics",
        "the same question over cores, with pictures",
    ),
    (
        "simsrv --workers 2,4 --service exp:50ms --clients 20 --think 1s --format csv",
        "twenty users that read for a second between their clicks; results as CSV",
    ),
    (
        "simsrv --server php-fpm --workers 4..9 --cpu exp:9ms --io exp:40ms --rate 90/s",
        "PHP-FPM with its defaults; --format config prints its configuration",
    ),
];

/// Distributions of times.
pub(super) const DISTRIBUTIONS: [WrittenForm; 15] = [
    ("3s", "always the same"),
    ("exp(20ms)", "exponential with that mean; exp:20ms is the same without quotes for the shell"),
    ("uniform(1s,5s)", "any time between, equally likely"),
    ("erlang(mean=20ms,k=3)", "the sum of k exponential stages"),
    ("gamma(mean=20ms,cv=0.5)", "gamma, by its coefficient of variation"),
    ("lognormal(mean=20ms,cv=2)", "log-normal, by its coefficient of variation"),
    ("lognormal(median=20ms,p99=300ms)", "log-normal, by its median and its p90, p95 or p99"),
    (
        "weibull(mean=20ms,shape=0.7)",
        "Weibull; below 1 the tail is heavier than an exponential one",
    ),
    ("pareto(mean=20ms,alpha=2.5)", "Pareto; moments of order alpha and above are infinite"),
    ("hyperexp(mean=20ms,cv=4)", "one of two exponentials, each with half of the mean"),
    ("mix(90%:5ms,10%:exp(200ms))", "one of several distributions"),
    ("quantiles(p50=20ms,p99=300ms,max=2s)", "through known percentiles"),
    ("samples:FILE.csv#column", "measured values in seconds"),
    ("samples:FILE.csv#column in ms", "measured values in milliseconds"),
    ("exp(20ms) + 5ms", "any of them and a constant more"),
];

/// Arrivals.
pub(super) const ARRIVALS: [WrittenForm; 10] = [
    ("poisson", "independent of each other"),
    ("constant", "evenly spaced"),
    ("gamma(cv=2)", "gaps of a distribution by its shape; the mean is that of the rate"),
    (
        "mmpp(96/s:10s,16/s:40s)",
        "a rate that changes at random, with the mean times between changes",
    ),
    ("onoff(on=1s,off=9s)", "bursts with silence between them"),
    ("batch(3)", "several at the same instant"),
    ("profile(0h:20%,8h:100%,20h:60%,period=24h)", "levels over the day, repeated each day"),
    ("ramp(0h:20%,12h:180%,period=24h)", "straight lines over the day"),
    ("steps(60s:300%,90s:100%)", "levels, once, in multiples of the rate"),
    ("spike(at=60s,for=10s,by=5)", "a multiple of the rate for a while, once"),
];

/// Columns of the long help.
const WIDTH: usize = 80;

/// The examples, each with what it asks.
pub(super) fn examples() -> String {
    let one = |(command, about): &WrittenForm| format!("\n  {command}\n      {about}");
    format!("Examples:{}", EXAMPLES.iter().map(one).collect::<String>())
}

/// The end of the long help.
pub(super) fn long_help() -> String {
    let codes: Vec<String> =
        EXIT_CODES.iter().map(|(code, about)| format!("{code} {about}")).collect();
    let forms = |forms: &[WrittenForm]| {
        forms.iter().map(|(form, _)| (*form).to_owned()).collect::<Vec<_>>()
    };
    [
        "Times carry a unit: 250us, 20ms, 1.5s, 2m.".to_owned(),
        "Lists: 1,4,12,32 or 1..32 or 4..32..4; several lists make the product of all.".to_owned(),
        filled("Distributions:", &forms(&DISTRIBUTIONS)),
        "      exp:20ms is exp(20ms) without quotes for the shell.".to_owned(),
        filled("Arrivals:", &forms(&ARRIVALS)),
        filled("Exit codes:", &codes),
    ]
    .join("\n")
}

/// Items after a word, with commas between them, none of them broken.
fn filled(word: &str, items: &[String]) -> String {
    let mut lines = vec![word.to_owned()];
    for (at, item) in items.iter().enumerate() {
        let comma = if at + 1 < items.len() { "," } else { "" };
        let line = lines.last_mut().map_or(0, |line| line.len());
        if line + 1 + item.len() + comma.len() > WIDTH {
            lines.push("     ".to_owned());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(&format!(" {item}{comma}"));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::{ArrivalProcess, Distribution};

    #[test]
    fn every_form_is_read() {
        for (form, _) in DISTRIBUTIONS {
            let read = Distribution::parse_with(form, &|_, _, _| Ok(vec![crate::time::Span::ZERO]));
            assert!(read.is_ok(), "{form}: {read:?}");
        }
        for (form, _) in ARRIVALS {
            assert!(form.parse::<ArrivalProcess>().is_ok(), "{form}");
        }
    }

    #[test]
    fn the_documents_name_every_exit_code() {
        for text in [include_str!("../../README.md"), include_str!("../../docs/scenario.md")] {
            let at = text.find("xit codes: 0 done").expect("the exit codes");
            for (code, _) in EXIT_CODES.iter().filter(|(code, _)| ![1, 3].contains(code)) {
                assert!(text[at..].contains(&format!(" {code} ")), "{code}");
            }
        }
    }
}
