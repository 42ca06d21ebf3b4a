//! How questions run: first pictures, moments, seconds and long ones in lanes of their own, each
//! question on threads of its own, so that a short one does not wait for the refinement of another;
//! each ends when its time is over or its page has gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use rayon::ThreadPoolBuilder;
use tokio::sync::Semaphore;

use crate::page::stages::Effort;

/// How often it is looked who waits.
const LOOK: Duration = Duration::from_millis(250);
/// Questions of one lane that wait or run; the next is refused.
const MOST: usize = 64;

/// The lanes, one for each effort.
pub(super) struct Lanes {
    first: LaneQueue,
    moments: LaneQueue,
    seconds: LaneQueue,
    long: LaneQueue,
    /// Threads of a question that is alone in its lane.
    jobs: usize,
    /// The longest that one question runs, and all those that wait for a place together: each of
    /// them has a part of it.
    longest: Duration,
}

struct LaneQueue {
    places: Semaphore,
    /// Questions that run at once.
    at_once: usize,
    /// Questions that wait or run.
    inside: AtomicUsize,
}

impl LaneQueue {
    fn new(at_once: usize) -> LaneQueue {
        LaneQueue { places: Semaphore::new(at_once), at_once, inside: AtomicUsize::new(0) }
    }

    /// The part of a time that one question has beside those that are here now.
    fn share(&self, longest: Duration) -> Duration {
        let rounds = self.inside.load(Ordering::Relaxed).div_ceil(self.at_once).max(1);
        longest / u32::try_from(rounds).unwrap_or(u32::MAX)
    }
}

/// Counts a question while it is inside.
struct Inside<'a>(&'a AtomicUsize);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Ends a run when it is dropped: with the connection, when the page asks something else or goes.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Lanes {
    pub(super) fn new(jobs: usize, longest: Duration) -> Lanes {
        // Those of seconds are many at once: the system divides its cores among them, so that the
        // shortest is done first. Long ones are few, so that the others are hardly slower.
        let [first, moments, seconds, long] = [4, 4, 8, 2].map(LaneQueue::new);
        Lanes { first, moments, seconds, long, jobs, longest }
    }

    /// Runs some work in a lane; `None` if too many questions wait already. The work is given a
    /// flag that is set when it should end.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        effort: Effort,
        work: impl FnOnce(&AtomicBool) -> T + Send + 'static,
    ) -> Option<T> {
        let queue = match effort {
            Effort::First => &self.first,
            Effort::Moment => &self.moments,
            Effort::Seconds => &self.seconds,
            Effort::Long => &self.long,
        };
        let before = queue.inside.fetch_add(1, Ordering::Relaxed);
        let _inside = Inside(&queue.inside);
        if before >= MOST {
            return None;
        }
        let _place = queue.places.acquire().await.ok()?;
        let stop = Arc::new(AtomicBool::new(false));
        let _guard = StopOnDrop(Arc::clone(&stop));
        let flag = Arc::clone(&stop);
        let beside = queue.inside.load(Ordering::Relaxed).clamp(1, queue.at_once);
        let jobs = self.jobs.div_ceil(beside);
        let mut task = tokio::task::spawn_blocking(move || {
            let threads = ThreadPoolBuilder::new().num_threads(jobs).build().ok()?;
            Some(threads.install(|| work(&flag)))
        });
        let mut waited = Duration::ZERO;
        while let left = queue.share(self.longest).saturating_sub(waited)
            && !left.is_zero()
        {
            let look = LOOK.min(left);
            waited += look;
            if let Ok(done) = tokio::time::timeout(look, &mut task).await {
                return done.ok().flatten();
            }
        }
        // The time is over: what is finished is shown.
        stop.store(true, Ordering::Relaxed);
        task.await.ok().flatten()
    }
}
