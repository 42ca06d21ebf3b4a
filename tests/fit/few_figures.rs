//! Models of a few figures, on reports from the field: figures that people published, and what the
//! service was.

use simsrv::fit::measured::{Why, model, parse};
use simsrv::fit::service::Deployment;

fn deployment(workers: Option<u32>, threads: Option<u32>, cores: Option<f64>) -> Deployment {
    Deployment { workers, threads, cores, ..Deployment::default() }
}

#[track_caller]
fn near(found: f64, expected: f64, relative: f64) {
    assert!((found - expected).abs() <= relative * expected, "{found}, expected {expected}");
}

/// One worker answered 37.45/s, four 1029/s to 100 users in 82 ms: 4 / 1029 is 3.9 ms held.
#[test]
fn a_hundred_users_on_four_workers() {
    let mut server = deployment(Some(4), None, Some(4.0));
    let figures = "throughput=1029/s users=100 mean=82ms p95=140ms cpu-busy=92%";
    let model = model(&parse(figures, &mut server).unwrap(), &server).unwrap();
    assert_eq!(model.why, Why::Saturated);
    near(model.held, 0.003_887, 0.001);
    // 0.92 x 4 / 1029
    near(model.cpu.unwrap(), 0.003_576, 0.001);
    near(model.service, 0.003_887, 0.001);
    assert!(model.range.0 <= model.service && model.service <= model.range.1);
}

/// Puma with 2 x 5 threads, 40 clients, 200 ms of sleep: 48.9/s with a median of 815 ms.
#[test]
fn a_saturated_puma() {
    let mut server = deployment(Some(2), Some(5), None);
    let figures = parse("throughput=48.9/s users=40 median=815ms", &mut server).unwrap();
    let model = model(&figures, &server).unwrap();
    near(model.held, 0.200, 0.03);
}

/// Eight processes drain 283 tasks a minute out of a full queue: 1.696 s each.
#[test]
fn a_task_queue() {
    let mut server = deployment(Some(8), None, None);
    let figures = parse("throughput=283/min", &mut server).unwrap();
    let model = model(&figures, &server).unwrap();
    near(model.held, 1.696, 0.001);
    assert_eq!(model.why, Why::Saturated);
}

/// 115 ms at 122/s on an event loop need 14 connections (Little's law).
#[test]
fn a_database_pool() {
    let mut server = deployment(Some(1), None, None);
    server.event_loop = true;
    let figures = parse("throughput=122/s mean=115ms", &mut server).unwrap();
    let model = model(&figures, &server).unwrap();
    near(model.inside, 14.03, 0.001);
    near(model.service, 0.115, 0.001);
}

/// 100 users get 12 answers a second: with the median of 11 s they do not think at all.
#[test]
fn a_hundred_users_and_a_slow_server() {
    let mut server = deployment(Some(4), None, Some(4.0));
    let figures = parse("throughput=12/s users=100 median=11s", &mut server).unwrap();
    let model = model(&figures, &server).unwrap();
    near(model.held, 4.0 / 12.0, 0.001);
    assert_eq!(model.think, None);
}

/// M/M/1 at load 0.5: the response is twice the service; of constant service 1.5 times.
#[test]
fn the_wait_of_a_lightly_loaded_server_is_taken_out() {
    let mut server = deployment(Some(1), None, None);
    let figures = parse("rate=5/s mean=200ms", &mut server).unwrap();
    let found = model(&figures, &server).unwrap();
    assert_eq!(found.why, Why::Wait);
    near(found.held, 0.1, 0.001);
    assert!(found.range.0 < 0.1 && found.range.1 > 0.1);
}

#[test]
fn figures_are_refused_with_a_sentence() {
    for (text, part) in [
        ("users=100", "has no throughput"),
        ("throughput=12", "'throughput=12'"),
        ("throughput=12/s mean=82", "a time has a unit"),
        ("throughput=12/s p101=82ms", "'p101=82ms'"),
        ("fast", "'fast'"),
        ("throughput=12/s cpu-busy=120%", "cpu-busy"),
    ] {
        let why = parse(text, &mut Deployment::default()).unwrap_err();
        assert!(why.contains(part), "{text}: {why}");
    }
    let mut server = deployment(Some(4), None, None);
    let figures = parse("throughput=12/s cpu-busy=20%", &mut server).unwrap();
    assert!(model(&figures, &server).unwrap_err().contains("give --cores"));
}
