//! Clients that come and go as time passes: the ramp of a load test.

use std::fmt;
use std::str::FromStr;

use super::{MAX_CLIENTS, ModelError};
use crate::time::{Span, Time};

/// How many clients there are: straight lines between points, level after the last.
///
/// Client number k (from 0) is there while the line is at k + 1 or above. One that the line falls
/// below still waits for its answer, and comes again when the line has risen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ramp {
    /// Times, not decreasing, the first 0, with the clients of each.
    points: Vec<(Span, u32)>,
}

impl Ramp {
    /// Whether a text is meant as a ramp.
    pub(crate) fn is_meant(text: &str) -> bool {
        text.trim_start().starts_with("ramp")
    }

    /// The most clients that are there at once.
    pub(crate) fn most(&self) -> u32 {
        self.points.iter().map(|(_, clients)| *clients).max().unwrap_or(0)
    }

    /// With so many times the clients, rounded upwards.
    pub(crate) fn times(&self, factor: f64) -> Ramp {
        let more =
            |(at, clients): &(Span, u32)| (*at, (f64::from(*clients) * factor).ceil() as u32);
        Ramp { points: self.points.iter().map(more).collect() }
    }

    /// When the line is level.
    pub(crate) fn end(&self) -> Span {
        self.points.last().map_or(Span::ZERO, |(at, _)| *at)
    }

    /// The first instant from `from` on at which a client is there; `None` if it never comes (again).
    pub(crate) fn present(&self, client: u32, from: Time) -> Option<Time> {
        let needed = i128::from(client) + 1;
        let from = i128::from(from.as_nanos());
        let nanos = |span: Span| i128::from(span.as_nanos());
        for pair in self.points.windows(2) {
            let ((begin, first), (end, last)) = (pair[0], pair[1]);
            let (begin, end) = (nanos(begin), nanos(end));
            let (first, last) = (i128::from(first), i128::from(last));
            if end < from {
                continue;
            }
            // The line is at `needed` where rise · (t - begin) = (needed - first) · length.
            let (rise, length) = (last - first, end - begin);
            let at = from.max(begin);
            if length == 0 || rise * (at - begin) >= (needed - first) * length {
                if first.max(last) >= needed && (length > 0 || last >= needed) {
                    return Some(time(at));
                }
            } else if last >= needed {
                let crossing = ((needed - first) * length + rise - 1).div_euclid(rise);
                return Some(time(at.max(begin + crossing)));
            }
        }
        let &(end, last) = self.points.last()?;
        (i128::from(last) >= needed).then(|| time(from.max(nanos(end))))
    }
}

fn time(nanos: i128) -> Time {
    Time::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

impl FromStr for Ramp {
    type Err = ModelError;

    /// Reads `ramp(0s:0,60s:100,5m:100)`.
    fn from_str(text: &str) -> Result<Ramp, ModelError> {
        let bad = |problem: String| ModelError::text(text, problem);
        let wrong =
            || bad(" is not a ramp of clients: write such as ramp(0s:0,60s:100)".to_owned());
        let inside = text.trim().strip_prefix("ramp").map(str::trim_start);
        let inside = inside.and_then(|rest| rest.strip_prefix('(')?.strip_suffix(')'));
        let mut points: Vec<(Span, u32)> = Vec::new();
        for item in inside.ok_or_else(wrong)?.split(',') {
            let (at, clients) = item.split_once(':').ok_or_else(wrong)?;
            let at: Span = at.trim().parse().map_err(|why| bad(format!(": {why}")))?;
            let clients = clients.trim();
            let clients = clients.parse::<u32>().ok().filter(|clients| *clients <= MAX_CLIENTS);
            let clients = clients.ok_or_else(|| {
                bad(format!(
                    ": write a whole number of clients up to {MAX_CLIENTS} after each time"
                ))
            })?;
            if points.last().is_some_and(|(before, _)| *before > at) {
                return Err(bad(format!(
                    ": {at} comes after a later time: put the times in order"
                )));
            }
            points.push((at, clients));
        }
        let ramp = Ramp { points };
        match ramp.points.first() {
            Some((first, _)) if !first.is_zero() => {
                Err(bad(format!(" begins at {first}: say how many clients there are at 0s")))
            }
            _ if ramp.most() == 0 => Err(bad(" has no clients at any time".to_owned())),
            _ if ramp.end().is_zero() => {
                Err(bad(" has one time only: add when it is level, such as ramp(0s:0,60s:100)"
                    .to_owned()))
            }
            _ => Ok(ramp),
        }
    }
}

impl fmt::Display for Ramp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let point = |(at, clients): &(Span, u32)| format!("{at}:{clients}");
        let points: Vec<String> = self.points.iter().map(point).collect();
        write!(f, "ramp({})", points.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> Time {
        Time::from_nanos((seconds * 1e9) as u64)
    }

    /// By hand: 100 clients in 60 s are one each 0.6 s; the tenth comes at 6 s. From 120 s to 180 s
    /// the line falls to 0: number 50 (the 51st) is there until the line is at 51, 49 of 100 clients
    /// down, 29.4 s later.
    #[test]
    fn clients_are_there_while_the_line_is_above_them() {
        let ramp: Ramp = "ramp(0s:0,60s:100,2m:100,3m:0)".parse().unwrap();
        assert_eq!((ramp.most(), ramp.end()), (100, Span::from_nanos(180_000_000_000)));
        assert_eq!(ramp.present(9, Time::ZERO), Some(at(6.0)));
        assert_eq!(ramp.present(99, Time::ZERO), Some(at(60.0)));
        assert_eq!(ramp.present(9, at(7.5)), Some(at(7.5)));
        assert_eq!(ramp.present(50, at(149.4)), Some(at(149.4)));
        assert_eq!(ramp.present(50, at(149.5)), None);
        assert_eq!(ramp.present(0, at(190.0)), None);
        // Down and up again, and by steps.
        let twice: Ramp = "ramp(0s:10,10s:0,20s:10)".parse().unwrap();
        assert_eq!(twice.present(4, Time::ZERO), Some(Time::ZERO));
        assert_eq!(twice.present(4, at(6.0)), Some(at(15.0)));
        assert_eq!(twice.present(4, at(25.0)), Some(at(25.0)));
        let steps: Ramp = "ramp(0s:2,10s:2,10s:5,20s:5)".parse().unwrap();
        assert_eq!(steps.present(1, Time::ZERO), Some(Time::ZERO));
        assert_eq!(steps.present(4, Time::ZERO), Some(at(10.0)));
        assert_eq!(steps.to_string().parse::<Ramp>().unwrap(), steps);
    }

    #[test]
    fn what_is_no_ramp_is_refused() {
        for (text, why) in [
            ("ramp(0s:0)", "no clients"),
            ("ramp(0s:5)", "one time only"),
            ("ramp(1s:5,2s:6)", "begins at 1s"),
            ("ramp(0s:5,3s:6,2s:7)", "in order"),
            ("ramp(0s:5,3:6)", "unit"),
            ("ramp(0s:5,3s:-6)", "whole number"),
            ("ramp[0s:5]", "write such as"),
        ] {
            let sentence = text.parse::<Ramp>().unwrap_err().to_string();
            assert!(sentence.contains(why), "{text}: {sentence}");
        }
    }
}
