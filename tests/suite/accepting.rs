//! Who accepts a connection, and when: hand-worked stories of event loops, to the nanosecond.

use simsrv::distribution::Distribution;
use simsrv::model::runtime::{Accept, AcceptQueue, Class, EventLoop, Lock, Spare, Spawning};
use simsrv::model::{Backlog, Closed, Load, Model, Phase, PhaseKind};
use simsrv::record::Outcome;
use simsrv::time::Span;

use super::runtime::Story;

/// Ends in whole nanoseconds.
fn nanos(story: &Story) -> Vec<u64> {
    story.records(1).iter().map(|record| record.departure.as_nanos()).collect()
}

const S: u64 = 1_000_000_000;

fn loops(workers: u32, kind: EventLoop, requests: &[(f64, &'static str)]) -> Story {
    let mut story = Story::of(Class::Asgi, requests);
    story.workers = workers;
    story.runtime.event_loop = kind;
    story
}

/// Four requests of 1 s of CPU come together to two idle loops. asyncio: the loop that wakes up
/// first accepts all four. uvloop: it accepts one, and one ahead before it works on the first; so
/// does the other. Single: each accepts one whenever it has nothing to do.
#[test]
fn asyncio_accepts_all_that_is_pending() {
    let requests = [(0.0, "cpu:1"); 4];
    assert_eq!(nanos(&loops(2, EventLoop::Asyncio, &requests)), [S, 2 * S, 3 * S, 4 * S]);
    assert_eq!(nanos(&loops(2, EventLoop::Uvloop, &requests)), [S, 2 * S, S, 2 * S]);
    assert_eq!(nanos(&loops(2, EventLoop::Single, &requests)), [S, S, 2 * S, 2 * S]);
}

/// Two loops, both busy until 1 s and 1.5 s; three more come at 0.5 s. At 1 s the first loop accepts
/// all three (asyncio), ends them at 2, 3 and 4 s, while the other one idles from 1.5 s on; or two of
/// them (uvloop: one, and one ahead), so that the third is accepted by the other loop at 1.5 s.
#[test]
fn a_loop_that_was_busy_takes_the_others_work() {
    let busy = [(0.0, "cpu:1"), (0.1, "cpu:1.4")];
    let requests: Vec<_> = busy.into_iter().chain([(0.5, "cpu:1"); 3]).collect();
    let half = S / 2;
    let asyncio = [S, S + half, 2 * S, 3 * S, 4 * S];
    assert_eq!(nanos(&loops(2, EventLoop::Asyncio, &requests)), asyncio);
    let uvloop = [S, S + half, 2 * S, 3 * S, 2 * S + half];
    assert_eq!(nanos(&loops(2, EventLoop::Uvloop, &requests)), uvloop);
}

/// What is ready when a turn begins runs before the loop looks again. 0 to 3 s the first request
/// computes, 3 to 4 s the second, which was accepted with it. The third came at 1 s and is accepted at
/// 4 s, when the first one's I/O has ended, too; that goes on at once, 4 to 5 s, and the third, whose
/// handler needs some turns more, runs from 5 to 7 s. Single: the third has waited longer, and is
/// before the first.
#[test]
fn a_turn_runs_what_was_ready() {
    let requests = [(0.0, "cpu:3 io:1 cpu:1"), (0.0, "cpu:1"), (1.0, "cpu:2")];
    for kind in [EventLoop::Asyncio, EventLoop::Uvloop] {
        assert_eq!(nanos(&loops(1, kind, &requests)), [5 * S, 4 * S, 7 * S], "{kind}");
    }
    assert_eq!(nanos(&loops(1, EventLoop::Single, &requests)), [7 * S, 4 * S, 6 * S]);
}

/// Three requests of 1 s in one of two loops, because they were recorded there: nobody else takes
/// the second, as long as it waits.
#[test]
fn a_recorded_split_holds_for_loops() {
    for kind in [EventLoop::Asyncio, EventLoop::Uvloop, EventLoop::Single] {
        let mut story = loops(2, kind, &[(0.0, "cpu:1"); 3]);
        story.runtime.accept = Accept::Recorded(vec![0, 0, 0]);
        assert_eq!(nanos(&story), [S, 2 * S, 3 * S], "{kind}");
        story.runtime.accept = Accept::Recorded(vec![1, 0, 1]);
        assert_eq!(nanos(&story), [S, S, 2 * S], "{kind}");
    }
}

/// A loop with room for two connections accepts two, and the next one when one is answered, although
/// three are pending.
#[test]
fn a_full_loop_accepts_no_more() {
    let mut story = loops(1, EventLoop::Asyncio, &[(0.0, "io:1"), (0.0, "io:2"), (0.0, "io:3")]);
    story.runtime.worker_connections = Some(2);
    assert_eq!(nanos(&story), [S, 2 * S, 4 * S]);
}

fn puma(workers: u32, requests: &[(f64, &'static str)]) -> Story {
    let mut story = Story::of(Class::Gthread, requests);
    (story.workers, story.threads) = (workers, 5);
    story.runtime.accept = Accept::LeastLoaded;
    story.runtime.lock = Lock::Ruby;
    story.runtime.switch_interval = Some(super::runtime::ms(100));
    story
}

/// One process computes for a second and holds one connection, the other one holds three that wait for
/// I/O. A fifth connection wakes the accepting threads of both: that of the first waits for its lock;
/// that of the second sleeps for 5 ms x 3 / (25 x 5 threads) = 0.12 ms, although it holds more, and
/// accepts. (The third and the fourth came after pauses of 0.04 and 0.08 ms.) Under Python's lock the
/// process with the fewest connections takes it at once, and it waits there for a turn of the lock.
#[test]
fn an_accepting_thread_waits_for_its_lock() {
    let requests =
        [(0.0, "cpu:1"), (0.01, "io:5"), (0.02, "io:5"), (0.03, "io:5"), (0.04, "cpu:0.01")];
    let mut story = puma(2, &requests);
    let ends = [S, 5 * S + 10_000_000, 5 * S + 20_040_000, 5 * S + 30_080_000, 50_120_000];
    assert_eq!(nanos(&story), ends);
    story.runtime.lock = Lock::Python;
    story.runtime.accept = Accept::Recorded(vec![0, 1, 1, 1, 0]);
    assert_eq!(nanos(&story)[4], 150_000_000);
}

/// Two threads. Until 10 ms the first computes; then the accepting thread has the lock, and accepts
/// one of the two that came at 1 and 2 ms, which computes until 60 ms. The first was answered at
/// 10 ms, but its thread needs the lock to close the connection, and the accepting thread to accept
/// the third: both have it at 60 ms.
#[test]
fn one_connection_is_accepted_with_each_turn_of_the_lock() {
    let mut story = puma(1, &[(0.0, "cpu:0.01"), (0.001, "cpu:0.05"), (0.002, "io:1")]);
    story.threads = 2;
    assert_eq!(nanos(&story), [10_000_000, 60_000_000, S + 60_000_000]);
    let starts: Vec<u64> = story.records(1).iter().map(|r| r.start.as_nanos()).collect();
    assert_eq!(starts, [0, 10_000_000, 60_000_000]);
    story.runtime.lock = Lock::Python;
    assert_eq!(nanos(&story), [10_000_000, 60_000_000, S + 10_000_000]);
}

/// A process that ends takes its accepting thread with it; its successor accepts what waits. The worker
/// ends after its first request, at 10 ms; the next one is there 35 ms later.
#[test]
fn a_successor_accepts_again() {
    let mut story = puma(1, &[(0.0, "cpu:0.01"), (0.015, "cpu:0.01")]);
    story.runtime.lifecycle.max_requests = 1;
    assert_eq!(nanos(&story), [10_000_000, 55_000_000]);
}

/// A Unix socket with a listen queue of 8 holds 9 and refuses the others at once: of 14 requests of
/// 1 s on 4 workers that come together 4 are served until 1 s, 4 until 2 s, 4 until 3 s and 1 until
/// 4 s; the last is refused at 0 s. (60 on PHP-FPM: 47 to 49 were refused, here 47.)
#[test]
fn a_full_unix_socket_refuses_at_once() {
    let mut story = Story::of(Class::Sync, &[(0.0, "io:1"); 14]);
    (story.workers, story.backlog) = (4, Backlog::Places(8));
    story.runtime.accept_queue = AcceptQueue::unix();
    let mut expect: Vec<(f64, Outcome)> =
        (0..13).map(|n| (1.0 + f64::from(n / 4), Outcome::Served)).collect();
    expect.push((0.0, Outcome::Refused));
    assert_eq!(story.ends(1), expect);
    story.requests = vec![(0.0, "io:1"); 60];
    let refused = story.ends(1).iter().filter(|end| end.1 == Outcome::Refused).count();
    assert_eq!(refused, 47);
}

const MS: u64 = 1_000_000;

/// Requests of 100 s on up to nine processes of which two are there at time 0, in tenths of a millisecond; the master looks at
/// 0.25 s and every 1.0015 s from then on.
fn growing(spawning: Spawning) -> Vec<u64> {
    let mut story = Story::of(Class::Sync, &[(0.0, "io:100"); 9]);
    story.workers = 9;
    story.runtime.spawning = spawning;
    story.runtime.look_phase = Some(Span::from_nanos(250 * MS));
    story.records(1).iter().map(|record| record.start.as_nanos() / (MS / 10)).collect()
}

/// None is idle. PHP-FPM that wants one spare process starts one at each look; that wants three, one,
/// two and three; Apache one, two and four, however few it wants. On demand all are there at once.
#[test]
fn a_pool_grows_look_by_look() {
    let spare = |least: u32| Spare { start: 2, least, most: 3 };
    let one_each = [0, 0, 2500, 12515, 22530, 32545, 42560, 52575, 62590];
    assert_eq!(growing(Spawning::Dynamic(spare(1))), one_each);
    let more = [0, 0, 2500, 12515, 12515, 22530, 22530, 22530, 32545];
    assert_eq!(growing(Spawning::Dynamic(spare(3))), more);
    let doubled = [0, 0, 2500, 12515, 12515, 22530, 22530, 22530, 22530];
    assert_eq!(growing(Spawning::Prefork(spare(1))), doubled);
    assert_eq!(growing(Spawning::OnDemand { idle: Span::from_nanos(2000 * MS) }), [0; 9]);
    assert_eq!(growing(Spawning::All), [0; 9]);
}

/// A process on demand boots for 100 ms: the first request starts at 0.1 s and ends at 0.2 s. The next
/// comes at 1 s and finds it; it ends at 1.1 s. At 3.2545 s it has been idle for more than 2 s, and ends,
/// so the third, at 4 s, waits for another one.
#[test]
fn an_idle_process_ends_and_another_boots() {
    let requests = [(0.0, "io:0.1"), (1.0, "io:0.1"), (4.0, "io:0.1")];
    let mut story = Story::of(Class::Sync, &requests);
    story.workers = 4;
    story.runtime.spawning = Spawning::OnDemand { idle: Span::from_nanos(2000 * MS) };
    story.runtime.look_phase = Some(Span::from_nanos(250 * MS));
    story.runtime.lifecycle.boot = Span::from_nanos(100 * MS);
    assert_eq!(nanos(&story), [200 * MS, 1100 * MS, 4200 * MS]);
}

/// Six processes, one of which ends at each look while more than three are idle: at 0.25, 1.2515
/// and 2.253 s. At 2.5 s there are three for four requests; one is idle below the least at the look of
/// 3.2545 s, when the fourth process is started.
#[test]
fn a_pool_shrinks_look_by_look() {
    let mut story = Story::of(Class::Sync, &[(2.5, "io:10"); 4]);
    story.workers = 6;
    story.runtime.spawning = Spawning::Dynamic(Spare { start: 6, least: 1, most: 3 });
    story.runtime.look_phase = Some(Span::from_nanos(250 * MS));
    let starts: Vec<u64> = story.records(1).iter().map(|r| r.start.as_nanos()).collect();
    assert_eq!(starts, [2500 * MS, 2500 * MS, 2500 * MS, 3_254_500_000]);
}

/// Ends in seconds, by client and request, of two clients that send two requests of 1 s each and think
/// between them.
fn two_clients(story: &Story, kind: PhaseKind, think: u64) -> Vec<Vec<u64>> {
    let constant = |ms: u64| Distribution::Constant(Span::from_nanos(ms * MS));
    let phases = vec![Phase { kind, demand: constant(1000) }];
    let closed = Closed {
        clients: 2,
        ramp: None,
        requests: Some(2),
        think: constant(think),
        mix: phases.into(),
    };
    let server = story.model().server().clone();
    let model = Model::new(Load::Closed(closed), server).expect("a model");
    let records = super::runtime::records_of(&model, 1);
    let of = |client: u32| {
        let ends = records.iter().filter(|record| record.client == client);
        ends.map(|record| record.departure.as_nanos() / S).collect()
    };
    vec![of(0), of(1)]
}

/// One worker, thinking for 1 s. The first client is answered at 1 s, and the worker waits for its next
/// request, from 2 to 3 s, while the second client waits. Three seconds later the server closes the
/// connection, and the second client is answered at 7 s and, after it has thought, at 9 s. Without
/// keep-alive they take turns.
#[test]
fn a_kept_connection_holds_a_worker() {
    let mut story = Story::of(Class::Sync, &[(0.0, "io:1")]);
    assert_eq!(two_clients(&story, PhaseKind::Io, 1000), [[1, 3], [2, 4]]);
    story.runtime.clients.keep_alive = Some(Span::from_nanos(3000 * MS));
    assert_eq!(two_clients(&story, PhaseKind::Io, 1000), [[1, 3], [7, 9]]);
}

/// Two loops, no thinking. One loop accepts both clients, and ends their first requests at 1 and 2 s.
/// Their next requests stay with it: until 3 and 4 s, while the other loop idles. Without keep-alive
/// the first client's second request, at 1 s, goes to the loop that is idle.
#[test]
fn a_kept_connection_stays_with_its_loop() {
    for kind in [EventLoop::Asyncio, EventLoop::Uvloop] {
        let mut story = loops(2, kind, &[(0.0, "io:1")]);
        assert_eq!(two_clients(&story, PhaseKind::Cpu, 0), [[1, 2], [2, 3]], "{kind}");
        story.runtime.clients.keep_alive = Some(Span::from_nanos(3000 * MS));
        assert_eq!(two_clients(&story, PhaseKind::Cpu, 0), [[1, 3], [2, 4]], "{kind}");
    }
}
