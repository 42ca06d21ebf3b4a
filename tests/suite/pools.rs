//! Pools of connections that belong to processes, and workers that slow each other down: hand-worked
//! stories, to the nanosecond.

use simsrv::model::runtime::{Accept, Class, Contention, Pool, PoolPer, Pooling};
use simsrv::record::Outcome;

use super::runtime::{Story, ms};

const S: u64 = 1_000_000_000;

/// Ends in whole nanoseconds, and how.
fn ends(story: &Story) -> Vec<(u64, Outcome)> {
    let end =
        |record: &simsrv::record::RequestRecord| (record.departure.as_nanos(), record.outcome);
    story.records(1).iter().map(end).collect()
}

/// Ends in whole nanoseconds, where all are served.
fn served(story: &Story) -> Vec<u64> {
    let served = |(end, outcome)| {
        assert_eq!(outcome, Outcome::Served);
        end
    };
    ends(story).into_iter().map(served).collect()
}

/// Two processes with two threads each, and connections of the first two requests to the first, of the
/// others to the second.
fn two_by_two(requests: &[(f64, &'static str)], per: PoolPer) -> Story {
    let mut story = Story::of(Class::Gthread, requests);
    (story.workers, story.threads) = (2, 2);
    story.runtime.accept = Accept::Recorded(vec![0, 0, 1, 1]);
    story.runtime.pool = Some(Pool::Connections(1));
    story.runtime.pooling.per = per;
    story
}

/// Four requests of 1 s of I/O on two processes. With one connection for all they are served one after
/// another; with one for each process, two at a time; with one more that is opened when it is needed,
/// all at once.
#[test]
fn each_process_has_its_own_pool() {
    let requests = [(0.0, "io:1"); 4];
    assert_eq!(served(&two_by_two(&requests, PoolPer::All)), [S, 2 * S, 3 * S, 4 * S]);
    assert_eq!(served(&two_by_two(&requests, PoolPer::Host)), [S, 2 * S, 3 * S, 4 * S]);
    let mut story = two_by_two(&requests, PoolPer::Process);
    assert_eq!(served(&story), [S, 2 * S, S, 2 * S]);
    story.runtime.pooling.overflow = 1;
    assert_eq!(served(&story), [S; 4]);
}

/// One process, two threads, one connection, a timeout of 2 s. The first request holds the connection
/// until 3 s. The second waits for it from 0.5 s on and fails at 2.5 s; its thread takes the third,
/// which waits from 2.5 s to 3 s and has it until 4 s.
#[test]
fn a_request_that_waits_for_too_long_fails_and_frees_its_thread() {
    let mut story = Story::of(Class::Gthread, &[(0.0, "io:3"), (0.5, "io:1"), (1.0, "io:1")]);
    story.threads = 2;
    story.runtime.pool = Some(Pool::Connections(1));
    story.runtime.pooling = Pooling { timeout: Some(ms(2_000)), ..Pooling::SHARED };
    let expect =
        [(3 * S, Outcome::Served), (2 * S + S / 2, Outcome::PoolTimeout), (4 * S, Outcome::Served)];
    assert_eq!(ends(&story), expect);
    // A connection that comes back in the instant of the timeout is taken: from 3 to 4 s.
    story.runtime.pooling.timeout = Some(ms(2_500));
    assert_eq!(served(&story), [3 * S, 4 * S, 5 * S]);
}

/// A wait that ended in time leaves nothing behind that ends a later one. One process, three threads,
/// one connection, a timeout of 2 s. The second request waits from 0 to 1 s, has the connection until
/// 1.2 s, computes until 1.5 s and waits again, for the third, which has it from 1.2 to 3.2 s: at 2 s
/// its first wait would have been over, its second lasts until 3.2 s, and it ends at 4.2 s.
#[test]
fn each_wait_has_its_own_timeout() {
    let requests = [(0.0, "io:1"), (0.0, "io:0.2 cpu:0.3 io:1"), (0.1, "io:2")];
    let mut story = Story::of(Class::Gthread, &requests);
    story.threads = 3;
    story.runtime.pool = Some(Pool::Connections(1));
    story.runtime.pooling = Pooling { timeout: Some(ms(2_000)), ..Pooling::SHARED };
    assert_eq!(served(&story), [S, 4 * S + S / 5, 3 * S + S / 5]);
}

/// `usl(0.5,0.25)` and four workers on eight cores. The first request is alone: 1 s of CPU takes 1 s.
/// The second begins at 0.5 s as one of two: 1 + 0.5 + 0.25 x 2 = 2 times as long, until 2.5 s. The
/// third begins at 0.6 s as one of three: 1 + 0.5 x 2 + 0.25 x 6 = 3.5 times as long, until 4.1 s. I/O
/// is as long as ever: the fourth, one of four, has 1 s of it, until 1.7 s.
#[test]
fn busy_workers_slow_each_other_down() {
    let requests = [(0.0, "cpu:1"), (0.5, "cpu:1"), (0.6, "cpu:1"), (0.7, "io:1")];
    let mut story = Story::of(Class::Sync, &requests);
    story.workers = 4;
    story.runtime.contention = Some(Contention { sigma: 0.5, kappa: 0.25 });
    assert_eq!(served(&story), [S, 5 * S / 2, 4_100_000_000, 1_700_000_000]);
    // What they computed is counted as what it took.
    assert_eq!(story.records(1)[2].cpu.as_nanos(), 3_500_000_000);
    story.runtime.contention = None;
    assert_eq!(served(&story), [S, 3 * S / 2, 1_600_000_000, 1_700_000_000]);
}
