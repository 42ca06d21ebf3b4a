//! The film of a cell as the page reads it, for the machine in motion: what moves is what `--visits`
//! would list.

use std::sync::atomic::AtomicBool;

use serde_json::{Value, json};

use crate::experiment::Cell;
use crate::experiment::film::{Moved, film};
use crate::random::Seed;
use crate::record::Outcome;
use crate::render::number::time;
use crate::render::story;
use crate::time::{Span, Time};

/// The most requests that move.
pub(crate) const MOST: usize = 3_000;

/// The film of a cell as the page reads it: times in seconds, and after each answer what had been
/// seen until then; shorter once it is `unwanted`.
pub fn document(cell: &Cell, seed: Seed, most: usize, unwanted: &AtomicBool) -> Value {
    let server = cell.model.server();
    let film = film(&cell.model, seed, most.min(MOST), unwanted);
    let so_far = so_far(&film);
    json!({
        "workers": server.workers,
        "threads": server.threads,
        "hosts": server.hosts(),
        "cores": cell.axes.cores,
        "pool": server.runtime.as_ref().and_then(|runtime| runtime.pool_size()),
        "clients": cell.axes.clients,
        "routes": cell.model.routes().iter().map(|route| &route.name).collect::<Vec<_>>(),
        "label": story::label(&cell.axes, true),
        "requests": film.iter().zip(so_far).map(|(moved, seen)| one(moved, seen)).collect::<Vec<_>>(),
    })
}

fn one(moved: &Moved, (mean, longest): (String, String)) -> Value {
    let record = &moved.record;
    let seconds = |time: Time| time.as_secs_f64();
    let phases: Vec<Value> =
        moved.phases.iter().map(|(at, what)| json!([seconds(*at), what.name()])).collect();
    json!({
        "request": record.request,
        "client": record.client,
        "worker": record.worker,
        "route": record.route,
        "arrival": seconds(record.arrival),
        "start": seconds(record.start),
        "departure": seconds(record.departure),
        "outcome": record.outcome.name(),
        "phases": if record.outcome == Outcome::Served { phases } else { Vec::new() },
        "mean": mean,
        "longest": longest,
    })
}

/// Mean response time and longest wait of all that were answered up to each answer.
fn so_far(film: &[Moved]) -> Vec<(String, String)> {
    let served = |at: &usize| film[*at].record.outcome == Outcome::Served;
    let mut order: Vec<usize> = (0..film.len()).filter(served).collect();
    order.sort_by_key(|at| (film[*at].record.departure, *at));
    let mut seen = vec![(String::new(), String::new()); film.len()];
    let (mut sum, mut longest) = (0.0, Span::ZERO);
    for (before, at) in order.into_iter().enumerate() {
        let record = &film[at].record;
        sum += record.response().as_secs_f64();
        longest = longest.max(record.wait());
        seen[at] = (time(sum / (before + 1) as f64), time(longest.as_secs_f64()));
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{self, Choice, Run};
    use crate::page::question::PageQuestion;
    use crate::random::Replication;
    use crate::record::{Activity, RequestRecord};

    static NEVER: AtomicBool = AtomicBool::new(false);

    fn filmed(pairs: &[(&'static str, &'static str)], at: usize) -> Vec<Moved> {
        let question = PageQuestion::read(pairs.iter().copied()).expect("a question");
        film(&question.plan().cells[at].model, question.plan().settings.seed, MOST, &NEVER)
    }

    /// By hand: three users, one core, two workers: both share it, the third comes after.
    #[test]
    fn three_users_move_as_in_the_story() {
        let film =
            filmed(&[("workers", "2"), ("cores", "1"), ("service", "3s"), ("clients", "3")], 0);
        let seconds: Vec<(f64, f64)> = film
            .iter()
            .map(|m| (m.record.start.as_secs_f64(), m.record.departure.as_secs_f64()))
            .collect();
        assert_eq!(seconds, [(0.0, 6.0), (0.0, 6.0), (6.0, 9.0)]);
        assert!(film.iter().all(|moved| moved.phases.len() == 1));
        let seen: Vec<(String, String)> = so_far(&film);
        let seen: Vec<(&str, &str)> = seen.iter().map(|(a, b)| (&**a, &**b)).collect();
        assert_eq!(seen, [("6 s", "0 s"), ("6 s", "0 s"), ("7 s", "6 s")]);
    }

    /// Five answers of this server take 50 minutes, in which 300 million others come.
    #[test]
    fn a_film_ends_when_it_is_unwanted() {
        let pairs = [("workers", "1"), ("cpu", "10m"), ("rate", "100000/s")];
        let question = PageQuestion::read(pairs).expect("a question");
        let (model, seed) = (&question.plan().cells[0].model, question.plan().settings.seed);
        assert!(film(model, seed, 5, &AtomicBool::new(true)).len() < 5);
        // Nor is it run for longer than anybody waits.
        assert!(film(model, seed, 5, &NEVER).len() < 5);
    }

    /// A page that asks for none gets none: of open arrivals the run had no end.
    #[test]
    fn no_requests_are_an_empty_film() {
        for load in [("rate", "40/s"), ("clients", "3")] {
            let pairs = [("workers", "2"), ("cpu", "exp(20ms)"), load];
            let question = PageQuestion::read(pairs).expect("a question");
            let film =
                film(&question.plan().cells[0].model, question.plan().settings.seed, 0, &NEVER);
            assert!(film.is_empty(), "{load:?}");
        }
    }

    /// Each phase begins when the one before it ends: CPU first, then the wait of 70 ms.
    #[test]
    fn phases_follow_each_other() {
        let pairs = [("workers", "2"), ("cores", "1"), ("cpu", "10ms"), ("io", "70ms")];
        for more in [("class", ""), ("class", "sync")] {
            let mut pairs = pairs.to_vec();
            pairs.extend([
                ("rate", "20/s"),
                ("overhead", if more.1.is_empty() { "" } else { "0s" }),
            ]);
            pairs.push(more);
            let film = filmed(&pairs, 0);
            assert_eq!(film.len(), MOST);
            for moved in film {
                let [(first, Activity::Cpu), (second, Activity::Io)] = moved.phases[..] else {
                    panic!("{moved:?}")
                };
                assert_eq!(first, moved.record.start);
                assert_eq!(moved.record.departure.since(second), Span::from_nanos(70_000_000));
            }
        }
    }

    /// The engine that has phases tells the same records as the one that a run takes.
    #[test]
    fn what_moves_is_what_was_simulated() {
        for pairs in [
            [("workers", "3"), ("cpu", "exp(20ms)"), ("io", "exp(60ms)"), ("rate", "30/s")],
            [("workers", "3"), ("cores", "1"), ("service", "exp(20ms)"), ("rate", "40/s")],
            [("workers", "2"), ("cores", "1"), ("service", "exp(20ms)"), ("clients", "9")],
        ] {
            let question = PageQuestion::read(pairs).expect("a question");
            let (plan, stop) = (question.plan(), AtomicBool::new(false));
            let model = &plan.cells[0].model;
            let moved: Vec<RequestRecord> = film(model, plan.settings.seed, MOST, &NEVER)
                .iter()
                .map(|moved| moved.record)
                .collect();
            let until = match moved.len() {
                MOST => moved[MOST - 1].arrival + Span::from_nanos(1),
                _ => Time::MAX,
            };
            let run = Run {
                seed: plan.settings.seed,
                replication: Replication(0),
                until,
                stop: &stop,
                deadline: None,
            };
            let mut records: Vec<RequestRecord> = Vec::new();
            engine::run(model, Choice::Auto, run, &mut records);
            records.sort_unstable_by_key(|record| record.request);
            records.truncate(moved.len());
            assert_eq!(moved, records);
        }
    }

    #[test]
    fn what_waits_for_the_pool_says_so() {
        let film = filmed(
            &[("workers", "4"), ("pool", "1"), ("cpu", "1ms"), ("io", "30ms"), ("rate", "25/s")],
            0,
        );
        let waits = |moved: &&Moved| moved.phases.iter().any(|(_, what)| *what == Activity::Pool);
        assert!(film.iter().filter(waits).count() > 0);
    }
}
