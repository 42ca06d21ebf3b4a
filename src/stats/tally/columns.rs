//! A closed tally as texts, one a column, and back: whole numbers, so nothing is rounded.

use super::Tally;
use crate::stats::histogram::Histogram;
use crate::stats::quantiles::{KEPT, Sample};
use crate::stats::window::Window;
use crate::time::Span;

/// The sums of a tally: their names, and how they are read and set. A sum that is missing in the
/// list does not compile (the pattern below is complete).
macro_rules! sums {
    ($($sum:ident),+) => {
        const SUMS: &[&str] = &[$(stringify!($sum)),+];

        fn sums(tally: &Tally) -> Vec<u128> {
            let Tally {
                $($sum,)+
                first_half: _, stuck: _, waits: _, responses: _, pool_waits: _,
                wait_max: _, response_max: _,
                // Of a run that is not closed yet.
                window: _, middle: _, first_arrival: _, last_departure: _, scratch: _,
                // Each is written by itself.
                routes: _,
            } = tally;
            vec![$(u128::from(*$sum)),+]
        }

        fn set_sums(tally: &mut Tally, texts: &mut dyn Iterator<Item = &str>) -> Option<()> {
            $(tally.$sum = texts.next()?.parse().ok()?;)+
            Some(())
        }
    };
}

sums!(
    served,
    refused,
    timed_out,
    failed,
    gave_up,
    retries,
    sent_again,
    killed,
    memory,
    wasted_area,
    pool_wait_sum,
    pool_area,
    waited,
    answered,
    left,
    wait_sum,
    response_sum,
    queue_area,
    busy_area,
    cpu_area,
    observed,
    makespan,
    runs,
    pool_timed_out,
    proxy_timed_out,
    closed_by_client,
    unanswered
);

/// The columns after the sums.
const OTHERS: [&str; 8] = [
    "stuck",
    "first_half_sum",
    "first_half_count",
    "wait_max",
    "response_max",
    "waits",
    "responses",
    "pool_waits",
];

impl Tally {
    /// The names of the columns; times and areas are in ns.
    pub(crate) fn columns() -> impl Iterator<Item = &'static str> {
        SUMS.iter().copied().chain(OTHERS)
    }

    /// The texts of a closed tally, in the order of `Tally::columns`; after them the same of each of
    /// its routes.
    pub fn texts(&self) -> Vec<String> {
        let mut texts = self.own_texts();
        texts.extend(self.routes.iter().flat_map(Tally::own_texts));
        texts
    }

    fn own_texts(&self) -> Vec<String> {
        let mut texts: Vec<String> = sums(self).iter().map(u128::to_string).collect();
        texts.push(u8::from(self.stuck).to_string());
        texts.push(self.first_half.0.to_string());
        texts.push(self.first_half.1.to_string());
        texts.push(self.wait_max.as_nanos().to_string());
        texts.push(self.response_max.as_nanos().to_string());
        texts.push(sample_text(&self.waits));
        texts.push(sample_text(&self.responses));
        texts.push(sample_text(&self.pool_waits));
        texts
    }

    /// Reads what [`Tally::texts`] gave; `None` if it is something else.
    pub(crate) fn from_texts<'a>(texts: impl Iterator<Item = &'a str>) -> Option<Tally> {
        let mut texts = texts.peekable();
        let mut tally = Tally::from_own_texts(&mut texts)?;
        while texts.peek().is_some() {
            tally.routes.push(Tally::from_own_texts(&mut texts)?);
        }
        // A single route is no route.
        (tally.routes.len() != 1).then_some(tally)
    }

    fn from_own_texts(texts: &mut dyn Iterator<Item = &str>) -> Option<Tally> {
        let mut tally = Tally::new(Window::ALL, false);
        set_sums(&mut tally, texts)?;
        tally.stuck = texts.next()?.parse::<u8>().ok()? != 0;
        tally.first_half = (texts.next()?.parse().ok()?, texts.next()?.parse().ok()?);
        let mut span = || Some(Span::from_nanos(texts.next()?.parse().ok()?));
        (tally.wait_max, tally.response_max) = (span()?, span()?);
        (tally.waits, tally.responses) = (read_sample(texts.next()?)?, read_sample(texts.next()?)?);
        tally.pool_waits = read_sample(texts.next()?)?;
        Some(tally)
    }
}

/// `=` and the values that were kept, or for each bucket how far it lies above the one before, its
/// count and the excess of its sum.
fn sample_text(sample: &Sample) -> String {
    match sample {
        Sample::Kept(values) => {
            let values: Vec<String> = values.iter().map(u64::to_string).collect();
            format!("={}", values.join(" "))
        }
        Sample::Counted(histogram) => {
            let mut last = 0;
            let bucket = |(index, count, above): (usize, u64, u64)| {
                let step = index - std::mem::replace(&mut last, index);
                format!("{step}:{count}:{above}")
            };
            histogram.buckets().map(bucket).collect::<Vec<_>>().join(" ")
        }
    }
}

fn read_sample(text: &str) -> Option<Sample> {
    if let Some(values) = text.strip_prefix('=') {
        let values = values.split_terminator(' ').map(|value| value.parse().ok());
        let values: Vec<u64> = values.collect::<Option<_>>()?;
        return (values.len() <= KEPT).then_some(Sample::Kept(values));
    }
    let mut histogram = Histogram::new();
    let mut index = 0_usize;
    for bucket in text.split_terminator(' ') {
        let mut numbers = bucket.splitn(3, ':').map(|number| number.parse::<u64>().ok());
        let mut number = || numbers.next().flatten();
        index = index.checked_add(usize::try_from(number()?).ok()?)?;
        histogram.add_bucket(index, number()?, number()?)?;
    }
    Some(Sample::Counted(histogram))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{EngineEvent, Outcome, RequestRecord, Sink};
    use crate::time::Time;

    fn tally(exact: bool, requests: u64) -> Tally {
        let mut tally = Tally::new(Window::ALL, exact);
        for request in 0..requests {
            let arrival = Time::from_nanos(request * 1_000);
            let start = arrival + Span::from_nanos(request % 3 * 700_001);
            let departure = start + Span::from_nanos(1_000_003 * (request + 1));
            let cpu = departure.since(start);
            let outcome = if request % 7 == 6 { Outcome::Refused } else { Outcome::Served };
            let (client, worker, route) = (0, 0, 0);
            tally.take(&RequestRecord {
                request,
                client,
                worker,
                route,
                arrival,
                start,
                departure,
                cpu,
                outcome,
            });
        }
        let waited = Span::from_nanos(9);
        tally.note(&EngineEvent::PoolWait { route: 0, arrival: Time::ZERO, waited });
        tally.close();
        tally
    }

    #[test]
    fn what_is_read_is_what_was_written() {
        for (exact, requests) in [(true, 0), (false, 0), (true, 5), (false, 5), (false, 1_000)] {
            let mut tally = tally(exact, requests);
            if requests == 5 {
                tally.routes = vec![Tally::new(Window::ALL, exact), tally.clone()];
            }
            let texts = tally.texts();
            assert_eq!(texts.len(), Tally::columns().count() * (1 + tally.routes.len()));
            let read = Tally::from_texts(texts.iter().map(String::as_str)).unwrap();
            assert_eq!(read.texts(), texts);
            assert_eq!(sums(&read), sums(&tally));
            assert_eq!(format!("{:?}", read.waits), format!("{:?}", tally.waits));
            assert_eq!(
                read.responses.quantiles(&[0.1, 0.99]),
                tally.responses.quantiles(&[0.1, 0.99])
            );
        }
    }

    #[test]
    fn what_is_not_a_tally_is_refused() {
        let good = tally(false, 9).texts();
        let read = |texts: &[String]| Tally::from_texts(texts.iter().map(String::as_str)).is_some();
        assert!(read(&good));
        for (at, wrong) in
            [(0, "-1"), (0, ""), (9, "x"), (25, "1.5"), (27, "1:2"), (28, "99999:1:0")]
        {
            let mut texts = good.clone();
            texts[at] = wrong.to_owned();
            assert!(!read(&texts), "{at} {wrong}");
        }
        assert!(!read(&good[1..]));
        assert!(!read(&[good.clone(), good].concat()));
    }
}
