//! How much memory the processes of a server take, and how many fit.

use crate::size::Size;

/// What is counted once if nothing is said: the arbiter and the pages that all processes share. A
/// Gunicorn arbiter was seen to take 8 to 16 MB (proportional set size; gunicorn 27.0.1, CPython
/// 3.11.7, four workers, from an empty WSGI application to a Flask one with `--preload`): the upper
/// end of that.
pub(crate) const SHARED: Size = Size::from_bytes(16_000_000);

/// What processes take of the memory of their container or machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// All that there is; `None`: nobody says.
    pub limit: Option<Size>,
    /// What each worker process has for itself.
    pub worker: Size,
    /// What each of its threads has beyond that.
    pub thread: Size,
    /// What is there once: the arbiter, and pages that all processes share.
    pub shared: Size,
    /// By how much a process grows with each request that it begins.
    pub leak: Size,
}

impl Memory {
    /// What one process takes that has not grown yet, in bytes.
    pub(crate) fn process(&self, threads: u32) -> u64 {
        let threads = u128::from(threads) * u128::from(self.thread.bytes());
        saturated(u128::from(self.worker.bytes()) + threads)
    }

    /// What all processes take before any has grown, in bytes.
    pub(crate) fn needed(&self, workers: u32, threads: u32) -> u64 {
        let processes = u128::from(workers) * u128::from(self.process(threads));
        saturated(processes + u128::from(self.shared.bytes()))
    }

    /// Whether the processes fit before any has grown. What needs just as much as there is, fits.
    pub(crate) fn fits(&self, workers: u32, threads: u32) -> bool {
        self.limit.is_none_or(|limit| self.needed(workers, threads) <= limit.bytes())
    }

    /// The most workers that fit; `None` if any number does.
    pub(crate) fn most_workers(&self, threads: u32) -> Option<u64> {
        let room = self.limit?.bytes().checked_sub(self.shared.bytes());
        room.map_or(Some(0), |room| room.checked_div(self.process(threads)))
    }

    /// What is left for growing once all processes are there, in bytes; `None` if there is no
    /// limit, or they do not fit.
    pub(crate) fn room(&self, workers: u32, threads: u32) -> Option<u64> {
        self.limit?.bytes().checked_sub(self.needed(workers, threads))
    }

    /// Whether processes grow, and will be killed when there is no more room: a server that does
    /// not fit from the beginning is simulated as if there were enough.
    pub(crate) fn kills(&self, workers: u32, threads: u32) -> bool {
        !self.leak.is_zero() && self.room(workers, threads).is_some()
    }

    /// Requests that each of `workers` processes can begin before there may be no more room, were
    /// all to grow alike; `None` if there is no end to it.
    pub(crate) fn most_requests(&self, workers: u32, threads: u32) -> Option<u64> {
        let each = self.room(workers, threads)?.checked_div(u64::from(workers))?;
        each.checked_div(self.leak.bytes())
    }
}

fn saturated(bytes: u128) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(limit: &str) -> Memory {
        Memory {
            limit: Some(limit.parse().unwrap()),
            worker: "180MB".parse().unwrap(),
            thread: "8MB".parse().unwrap(),
            shared: "16MB".parse().unwrap(),
            leak: Size::ZERO,
        }
    }

    /// By hand: a process of 4 threads takes 180 + 32 = 212 MB; 12 of them and 16 MB are 2,560 MB.
    /// In 2 GB 1,984 MB are left for processes: 9 take 1,908 MB, 10 would take 2,120 MB.
    #[test]
    fn needs_are_added_up() {
        let memory = memory("2GB");
        assert_eq!(memory.process(4), 212_000_000);
        assert_eq!(memory.needed(12, 4), 2_560_000_000);
        assert_eq!(memory.most_workers(4), Some(9));
        assert_eq!((memory.fits(9, 4), memory.fits(10, 4)), (true, false));
        assert_eq!(memory.room(9, 4), Some(76_000_000));
        assert_eq!(memory.room(10, 4), None);
    }

    #[test]
    fn what_needs_all_of_it_fits_and_a_byte_more_does_not() {
        for (limit, fits) in [("1924MB", true), ("1923999999B", false)] {
            let memory = memory(limit);
            assert_eq!(memory.fits(9, 4), fits);
            assert_eq!(memory.most_workers(4), Some(if fits { 9 } else { 8 }));
        }
    }

    #[test]
    fn the_ends_of_the_scale() {
        assert_eq!(memory("10MB").most_workers(1), Some(0));
        let free = Memory { worker: Size::ZERO, thread: Size::ZERO, ..memory("16MB") };
        assert_eq!((free.most_workers(1), free.fits(1_000_000, 1)), (None, true));
        let huge = Memory { worker: crate::size::MAX_SIZE, ..memory("1T") };
        assert_eq!(huge.needed(1_000_000, 1_000), u64::MAX);
        let endless = Memory { limit: None, ..memory("1T") };
        assert!(endless.fits(1_000_000, 1_000) && endless.most_workers(1).is_none());
    }

    /// 76 MB of room among 9 workers are 8.44 MB each: 8 requests of 1 MB.
    #[test]
    fn room_is_divided_among_the_workers() {
        let memory = Memory { leak: "1MB".parse().unwrap(), ..memory("2GB") };
        assert_eq!(memory.most_requests(9, 4), Some(8));
        assert!(memory.kills(9, 4) && !memory.kills(10, 4));
        assert_eq!(Memory { leak: Size::ZERO, ..memory }.most_requests(9, 4), None);
    }
}
