//! A proxy before the server that waits for an answer only so long: hand-worked stories, to the
//! nanosecond.

use simsrv::model::Backlog;
use simsrv::model::runtime::{AcceptQueue, Class};
use simsrv::record::Outcome;

use super::runtime::{Story, ms};

const S: u64 = 1_000_000_000;

/// Ends in whole nanoseconds, and how.
fn ends(story: &Story) -> Vec<(u64, Outcome)> {
    let end =
        |record: &simsrv::record::RequestRecord| (record.departure.as_nanos(), record.outcome);
    story.records(1).iter().map(end).collect()
}

/// One sync worker, three requests, a proxy of 8 s. The first is served from 0 to 5 s. The second
/// begins at 5 s and has a 504 at 8 s, but the worker goes on until 10 s. Only then comes the third,
/// which came at 4 s.
#[test]
fn a_proxy_gives_up_and_the_server_goes_on() {
    let mut story = Story::of(Class::Sync, &[(0.0, "io:5"), (0.0, "io:5"), (4.0, "io:1")]);
    story.runtime.clients.proxy_timeout = Some(ms(8_000));
    let expect =
        [(5 * S, Outcome::Served), (8 * S, Outcome::ProxyTimeout), (11 * S, Outcome::Served)];
    assert_eq!(ends(&story), expect);
}

/// A request that a proxy has given up keeps its place in the listen queue. A Unix socket with
/// `listen(0)` holds one. The worker is busy until 5 s; the second request waits, has its 504 at 2 s
/// like the first, and is still there at 2.5 s, when the third is refused at once: a 502. From 5 s
/// the worker serves the second for no client, until 6 s; the fourth, which came at 5.5 s, has the
/// place meanwhile, and is served until 7 s. At 5.5 s the queue is empty: the second was taken at 5 s.
#[test]
fn what_a_proxy_has_given_up_keeps_its_place() {
    let requests = [(0.0, "io:5"), (0.0, "io:1"), (2.5, "io:1"), (5.5, "io:1")];
    let mut story = Story::of(Class::Sync, &requests);
    story.backlog = Backlog::Places(0);
    story.runtime.accept_queue = AcceptQueue::unix();
    story.runtime.clients.proxy_timeout = Some(ms(2_000));
    let expect = [
        (2 * S, Outcome::ProxyTimeout),
        (2 * S, Outcome::ProxyTimeout),
        (2 * S + S / 2, Outcome::Refused),
        (7 * S, Outcome::Served),
    ];
    assert_eq!(ends(&story), expect);
}

/// Each attempt has its own time of 2 s. The worker is busy with the first request until 3 s; both
/// have a 504 at 2 s, and come again at 3 s. The worker then serves the second's first attempt until
/// 4 s for no client, and the first's second attempt from 4 s on; both second attempts are given up at
/// 5 s. With two workers only the first request takes longer than 2 s.
#[test]
fn each_attempt_has_its_own_time() {
    let mut story = Story::of(Class::Sync, &[(0.0, "io:3"), (0.0, "io:1")]);
    let clients = &mut story.runtime.clients;
    clients.proxy_timeout = Some(ms(2_000));
    clients.retries = 1;
    clients.backoff = "1s".parse().expect("a distribution");
    let expect = [(5 * S, Outcome::ProxyTimeout), (5 * S, Outcome::ProxyTimeout)];
    assert_eq!(ends(&story), expect);
    story.workers = 2;
    assert_eq!(ends(&story), [(5 * S, Outcome::ProxyTimeout), (S, Outcome::Served)]);
}
