//! The cores of a host, whichever it has.

use super::fluid::Fluid;
use super::policy::Cores;
use super::quota::BandwidthBucket;
use super::sliced::Sliced;
use crate::instant::SimInstant;
use crate::model::Server;
use crate::model::runtime::Runtime;
use crate::time::Span;

/// Whichever the server has.
#[derive(Debug)]
pub(in crate::engine::events) enum AnyCores {
    Fluid(Fluid<Option<BandwidthBucket>>),
    Sliced(Sliced),
}

impl AnyCores {
    /// Idle cores; periods of a quota are granted anew from `begin` on.
    pub(crate) fn new(server: &Server, runtime: &Runtime, begin: Span) -> Self {
        let bucket = BandwidthBucket::of(server, runtime, begin);
        let cores = runtime.quota.as_ref().map_or(server.cores, |quota| quota.machine);
        match runtime.slice {
            None => AnyCores::Fluid(Fluid::of(u64::from(cores.millicores()), bucket)),
            Some(slice) => AnyCores::Sliced(Sliced::new(cores.millicores() / 1000, slice, bucket)),
        }
    }
}

macro_rules! whichever {
    ($any:ident, $cores:ident => $does:expr) => {
        match $any {
            AnyCores::Fluid($cores) => $does,
            AnyCores::Sliced($cores) => $does,
        }
    };
}

impl Cores for AnyCores {
    #[inline]
    fn next(&mut self) -> SimInstant {
        whichever!(self, cores => cores.next())
    }

    #[inline]
    fn advance(&mut self, now: SimInstant) {
        whichever!(self, cores => cores.advance(now));
    }

    #[inline]
    fn set(&mut self, unit: u32, steps: u128) {
        whichever!(self, cores => cores.set(unit, steps));
    }

    #[inline]
    fn clear(&mut self, unit: u32) -> u128 {
        whichever!(self, cores => cores.clear(unit))
    }

    #[inline]
    fn take_finished(&mut self) -> Option<u32> {
        whichever!(self, cores => cores.take_finished())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instant::SimInstant;
    use crate::model::runtime::{Class, Quota};
    use crate::time::Time;

    const MS: u64 = 1_000_000;

    fn server(cores: &str) -> Server {
        Server { cores: cores.parse().unwrap(), ..Server::ideal(4) }
    }

    /// Runs units of the given ms, all set at 0; the ends in ms, by unit.
    fn ends(mut cores: impl Cores, units: &[u64]) -> Vec<u64> {
        for (unit, ms) in units.iter().enumerate() {
            cores.set(unit as u32, SimInstant::steps(Span::from_nanos(ms * MS)));
        }
        let mut ends = vec![0; units.len()];
        loop {
            let next = cores.next();
            if next == SimInstant::NEVER {
                return ends;
            }
            cores.advance(next);
            while let Some(unit) = cores.take_finished() {
                ends[unit as usize] = (next.to_time().as_nanos() + MS / 2) / MS;
            }
        }
    }

    /// Three units of 30 ms on one core: in slices of 10 ms they end at 70, 80 and 90 ms, shared
    /// as a fluid all at 90 ms.
    #[test]
    fn slices_end_one_after_another() {
        let mut runtime = Runtime::neutral(Class::Sync);
        let fluid = AnyCores::new(&server("1"), &runtime, Span::ZERO);
        assert_eq!(ends(fluid, &[30, 30, 30]), [90, 90, 90]);
        runtime.slice = Some(Span::from_nanos(10 * MS));
        let sliced = AnyCores::new(&server("1"), &runtime, Span::ZERO);
        assert_eq!(ends(sliced, &[30, 30, 30]), [70, 80, 90]);
        let two = AnyCores::new(&server("2"), &runtime, Span::ZERO);
        // 0-10 ms: 0 and 1; 10-20: 2 and 0; 20-30: 1 and 2; and so on.
        assert_eq!(ends(two, &[20, 20, 20]), [20, 30, 30]);
    }

    /// Half a core in periods of 100 ms on two cores: two units of 60 ms run 25 ms each, stand
    /// until 100 ms, run 25 ms, stand, and end at 210 ms. As a speed they would end at 240 ms.
    #[test]
    fn tokens_are_spent_at_full_speed() {
        let mut runtime = Runtime::neutral(Class::Sync);
        let (period, machine) = (Span::from_nanos(100 * MS), crate::model::Cores::whole(2));
        let quota = Quota { period, machine, phase: None };
        runtime.quota = Some(quota);
        for slice in [None, Some(Span::from_nanos(3 * MS))] {
            runtime.slice = slice;
            let cores = AnyCores::new(&server("500m"), &runtime, Span::ZERO);
            assert_eq!(ends(cores, &[60, 60]), [210, 210], "{slice:?}");
        }
        runtime.slice = None;
        let late = AnyCores::new(&server("500m"), &runtime, Span::from_nanos(30 * MS));
        // 0-30 ms: 30 ms done; granted anew at 30 ms: 50 ms more, to 80 ms; then from 130 ms on.
        assert_eq!(ends(late, &[90]), [140]);
        assert_eq!(SimInstant::of(Time::ZERO), SimInstant(0));
    }

    #[test]
    fn what_is_stopped_tells_what_is_left() {
        let runtime = Runtime::neutral(Class::Sync);
        let mut cores = AnyCores::new(&server("1"), &runtime, Span::ZERO);
        let ms = |n: u64| SimInstant::steps(Span::from_nanos(n * MS));
        cores.set(7, ms(30));
        cores.set(3, ms(30));
        cores.advance(SimInstant(ms(20)));
        assert_eq!(cores.clear(7), ms(20));
        assert_eq!(cores.clear(7), 0);
        assert_eq!(cores.next(), SimInstant(ms(40)));
    }
}
