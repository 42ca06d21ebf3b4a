//! How questions run: coarse ones and long ones in lanes of their own, so that a first picture does
//! not wait for the refinement of another; each ends when its time is over or its page has gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::sync::Semaphore;

/// The longest that one question runs, and all those that wait for a place together: each of them
/// has a part of it.
const LONGEST: Duration = Duration::from_secs(60);
/// How often it is looked who waits.
const LOOK: Duration = Duration::from_millis(250);
/// Questions of one lane that wait or run; the next is refused.
const MOST: usize = 64;

/// Which lane a question takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// Seen at once.
    Quick,
    /// Refined while one looks.
    Long,
}

/// Both lanes.
pub(super) struct Lanes {
    quick: Arc<LaneQueue>,
    long: Arc<LaneQueue>,
}

struct LaneQueue {
    threads: ThreadPool,
    places: Semaphore,
    /// Questions that run at once.
    at_once: usize,
    /// Questions that wait or run.
    inside: AtomicUsize,
}

impl LaneQueue {
    fn new(jobs: usize, at_once: usize) -> Result<Arc<LaneQueue>, rayon::ThreadPoolBuildError> {
        let threads = ThreadPoolBuilder::new().num_threads(jobs).build()?;
        let places = Semaphore::new(at_once);
        Ok(Arc::new(LaneQueue { threads, places, at_once, inside: AtomicUsize::new(0) }))
    }

    /// How long one question may run beside those that are here now.
    fn share(&self) -> Duration {
        let rounds = self.inside.load(Ordering::Relaxed).div_ceil(self.at_once).max(1);
        LONGEST / u32::try_from(rounds).unwrap_or(u32::MAX)
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
    pub(super) fn new(jobs: usize) -> Result<Lanes, rayon::ThreadPoolBuildError> {
        Ok(Lanes { quick: LaneQueue::new(jobs, 4)?, long: LaneQueue::new(jobs, 2)? })
    }

    /// Runs some work in a lane; `None` if too many questions wait already. The work is given a
    /// flag that is set when it should end.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        lane: Lane,
        work: impl FnOnce(&AtomicBool) -> T + Send + 'static,
    ) -> Option<T> {
        let queue = Arc::clone(if lane == Lane::Quick { &self.quick } else { &self.long });
        let before = queue.inside.fetch_add(1, Ordering::Relaxed);
        let _inside = Inside(&queue.inside);
        if before >= MOST {
            return None;
        }
        let _place = queue.places.acquire().await.ok()?;
        let stop = Arc::new(AtomicBool::new(false));
        let _guard = StopOnDrop(Arc::clone(&stop));
        let (flag, threads) = (Arc::clone(&stop), Arc::clone(&queue));
        let mut task = tokio::task::spawn_blocking(move || threads.threads.install(|| work(&flag)));
        let mut waited = Duration::ZERO;
        while waited < queue.share() {
            waited += LOOK;
            if let Ok(done) = tokio::time::timeout(LOOK, &mut task).await {
                return done.ok();
            }
        }
        // The time is over: what is finished is shown.
        stop.store(true, Ordering::Relaxed);
        task.await.ok()
    }
}
