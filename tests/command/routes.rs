//! `--route`, `[[route]]` and `--queue`, as typed.

use std::fs;
use std::path::Path;

use crate::support::{folder, number, refused_in, rows, run_in, succeeds, succeeds_in, words};

const TWO: &str = "--route 'a 50% cpu:exp(1s)' --route 'b 50% cpu:exp(1s)' --rate 0.8/s --cores 1 \
                   --workers 1 --format csv --requests 60000";

/// Cobham 1954, by hand: M/M/1 at a load of 0.8 in two halves. W_0 is 0.8 s, the first class waits
/// 0.8 / 0.6 s and the second 0.8 / (0.6 x 0.2) s; first come, first served both wait 4 s. Seed 1,
/// 20 replications: within 4 standard errors (a level of 1e-3 for t with 19 degrees of freedom), and
/// the intervals are narrow enough to tell the disciplines apart.
#[test]
fn classes_wait_as_theory_says() {
    let of = |queue: &str| rows(&succeeds(&words(&format!("{TWO} --queue {queue}"))));
    let by_hand = [
        ("fifo", [4.0, 4.0, 4.0]),
        ("priority", [4.0, 4.0 / 3.0, 20.0 / 3.0]),
        ("lifo", [4.0, 4.0, 4.0]),
    ];
    for (queue, waits) in by_hand {
        let rows = of(queue);
        assert_eq!(
            rows.iter().map(|row| row["route"].as_str()).collect::<Vec<_>>(),
            ["", "a", "b"]
        );
        for (row, wait) in rows.iter().zip(waits) {
            assert_eq!(
                row["theory_wait_mean_s"].parse().map(|w: f64| (w - wait).abs() < 1e-9),
                Ok(true)
            );
            let error = number(row, "wait_mean_s_ci") / 2.093;
            let off = (number(row, "wait_mean_s") - wait).abs();
            assert!(
                off < 4.0 * error && error < 0.03 * wait,
                "{queue} {}: {off} {error}",
                row["route"]
            );
        }
        let sum = number(&rows[1], "requests") + number(&rows[2], "requests");
        assert_eq!(sum, number(&rows[0], "requests"));
        // M/M/1: the wait of the last come, first served varies more; percentiles of FIFO are not said.
        let quantile = &rows[0]["theory_response_p95_s"];
        assert_eq!(quantile.is_empty(), queue != "fifo", "{queue}: {quantile}");
    }
}

/// Three requests at 0, 1 and 2 s of 3, 2 and 1 s, to one worker: at 3 s the discipline chooses.
#[test]
fn the_discipline_chooses_among_those_who_wait() {
    let at = folder();
    let trace = "arrival_s,phases,priority\n0,cpu:3,2\n1,cpu:2,2\n2,cpu:1,1\n2.5,cpu:1,2\n";
    fs::write(at.path().join("t.csv"), trace).unwrap();
    let starts = |queue: &str| -> Vec<String> {
        let line = format!("--trace t.csv --queue {queue} --workers 1 --visits - --engine auto");
        let rows = rows(&succeeds_in(at.path(), &words(&line)));
        rows.iter().map(|row| row["start_s"].trim_end_matches('0').to_owned()).collect()
    };
    assert_eq!(starts("fifo"), ["0.", "3.", "5.", "6."]);
    assert_eq!(starts("lifo"), ["0.", "5.", "4.", "3."]);
    assert_eq!(starts("priority"), ["0.", "4.", "3.", "6."]);
}

/// A route may have a limit of its own; the smallest number that meets all is named.
#[test]
fn objectives_of_routes_decide() {
    let line = "--route 'health 50% cpu:1ms' --route 'report 50% cpu:exp(300ms)' --rate 20/s \
                --workers 3..8 --slo 'health:p99<1s,report:p95<3s' --format json --requests 20000";
    let answer: serde_json::Value = serde_json::from_str(&succeeds(&words(line))).unwrap();
    let named = &answer["answer"]["named"]["workers"];
    let of = |workers: u64, route: &str, column: &str| {
        let rows = answer["rows"].as_array().unwrap();
        let row = rows.iter().find(|row| row["workers"] == workers && row["route"] == route);
        row.unwrap()[column].as_f64().unwrap_or(f64::INFINITY)
    };
    let workers = named.as_u64().expect("one is named");
    assert!(of(workers, "health", "response_p99_s") < 1.0);
    assert!(of(workers, "report", "response_p95_s") < 3.0);
    assert!(of(workers - 1, "health", "response_p99_s") > 1.0);
    let text = answer["answer"]["text"].as_str().unwrap();
    assert!(text.contains("the p99 response time of health is"), "{text}");
}

const SCENARIO: &str = "rate = '20/s'\nworkers = [4, 8]\nrequests = 4000\n\
    [[route]]\nname = 'health'\nshare = 0.5\ncpu = '1ms'\nslo = 'p99<2s'\n\
    [[route]]\nname = 'report'\nshare = '50%'\ncpu = 'exp(300ms)'\nio = '1ms'\n\
    [[expect]]\nworkers = 8\nroute = 'health'\nmeasure = 'p50'\nmax = '2ms'\n";

#[test]
fn a_scenario_has_routes_and_expects_of_them() {
    let at = folder();
    let missed = SCENARIO.replace("route = 'health'", "route = 'report'");
    fs::write(at.path().join("s.toml"), missed).unwrap();
    let ran = run_in(at.path(), &words("run s.toml --check"));
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let said = ran.out + &ran.err;
    assert!(said.contains("8 workers, report: p50 is"), "{said}");
    // The objective of the scenario is a case of the report as well.
    let hard = SCENARIO.replace("p99<2s", "p99<2us");
    fs::write(at.path().join("s.toml"), hard).unwrap();
    let ran = run_in(at.path(), &words("run s.toml --check --export-junit j.xml"));
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains("health:p99<2us"), "{}", ran.err);
    let xml = fs::read_to_string(at.path().join("j.xml")).unwrap();
    assert!(xml.contains("name=\"slo health:p99&lt;2us\">"), "{xml}");
    fs::write(at.path().join("s.toml"), SCENARIO).unwrap();
    let same = "--rate 20/s --workers 4,8 --requests 4000 --route 'health 50% cpu:1ms' --route \
                'report 50% cpu:exp(300ms) io:1ms' --slo health:p99<2s --format csv";
    let typed = succeeds(&words(same));
    assert_eq!(succeeds_in(at.path(), &words("run s.toml --format csv")), typed);
}

/// One route is all requests: nothing changes.
#[test]
fn one_route_changes_nothing() {
    let usual =
        succeeds(&words("--cpu exp(10ms) --rate 50/s --requests 2000 --workers 2 --format csv"));
    let line =
        "--route 'all 100% cpu:exp(10ms)' --rate 50/s --requests 2000 --workers 2 --format csv";
    assert_eq!(succeeds(&words(line)), usual);
}

/// Parts of a divided run hold what each route counts; saved results are drawn again.
#[test]
fn routes_are_divided_merged_and_drawn() {
    let at = folder();
    let at = at.path();
    fs::write(at.join("s.toml"), SCENARIO).unwrap();
    let whole = succeeds_in(at, &words("run s.toml --format csv"));
    for part in ["1/2", "2/2"] {
        let name = &part[..1];
        succeeds_in(at, &words(&format!("run s.toml --shard {part} --export-csv p{name}.csv")));
    }
    assert_eq!(succeeds_in(at, &words("merge p1.csv p2.csv --format csv")), whole);
    fs::write(at.join("r.csv"), whole).unwrap();
    succeeds_in(at, &words("plot r.csv -o plots"));
    assert!(Path::new(&at.join("plots/routes.png")).exists());
}

#[test]
fn what_does_not_go_together_is_refused() {
    let at = folder();
    let two = "--route 'a 50% cpu:1s' --route 'b 50% io:1s'";
    for (line, part) in [
        (format!("{two} --rate 1/s --cpu 1s"), "each route has phases of its own"),
        (format!("{two} --rate 1/s --slo c:p99<1s"), "there is no route 'c'"),
        ("--cpu 1ms --rate 1/s --slo c:p99<1s".to_owned(), "requests are of one kind here"),
        (
            format!("{two} --rate 1/s --class sync --queue lifo"),
            "--queue lifo is of an ideal server",
        ),
        ("--cpu 1ms --rate 1/s --queue priority".to_owned(), "needs routes"),
        (
            "--cpu 1ms --rate 1/s --slo status_504<1%".to_owned(),
            "only measured with --proxy-timeout",
        ),
        ("--cpu 1ms --rate 1/s --queue random".to_owned(), "write fifo, lifo or priority"),
        ("--route 'a 5/s cpu:1ms' --rate 1/s".to_owned(), "--rate is given too"),
    ] {
        refused_in(at.path(), &words(&line), part);
    }
    for (toml, part) in [
        ("[[route]]\nname = 'a b'\nshare = '100%'\ncpu = '1ms'\n", "without blanks"),
        ("[[route]]\nname = 'a'\ncpu = '1ms'\n", "needs a share"),
        ("[[route]]\nname = 'a'\nshare = '100%'\n", "does not say what its requests ask for"),
        ("[[route]]\nname = 'a'\nshare = '100%'\ncpu = '1ms'\nphases = 'io:1s'\n", "says twice"),
        ("[[route]]\nname = 'a'\nweight = 1\n", "unknown 'weight'"),
    ] {
        fs::write(at.path().join("s.toml"), format!("rate = '1/s'\n{toml}")).unwrap();
        refused_in(at.path(), &["run", "s.toml"], part);
    }
}

/// Under overload the last come, first served leaves some waiting for ever: the run ends all the same.
#[test]
fn an_overloaded_stack_ends() {
    let line = "--queue lifo --cpu 1s --rate 2/s --workers 1 --duration 200s --format csv";
    let rows = rows(&succeeds(&words(line)));
    assert_eq!(rows[0]["stable"], "no");
    // One worker answers one request a second, whichever it takes.
    assert!((number(&rows[0], "throughput_per_s") - 1.0).abs() < 0.02);
}

/// By hand: 8/s x (0.25 x 1 ms + 0.75 x 500 ms) keep 3.002 of 8 workers busy, 37.5 %. Workers of a real
/// server with a core each are no other way for requests of several kinds.
#[test]
fn sync_workers_with_a_core_each_have_routes() {
    let line = "--route 'health 25% cpu:1ms' --route 'report 75% cpu:100ms io:400ms' --rate 8/s --class \
                sync --overhead 0 --overhead-io 0 --workers 8 --requests 20000 --format csv";
    let auto = succeeds(&words(line));
    assert_eq!(auto, succeeds(&words(&format!("{line} --engine events"))));
    let rows = rows(&auto);
    assert!((number(&rows[0], "worker_utilisation") - 0.3752).abs() < 0.01);
    let share = number(&rows[1], "requests") / number(&rows[0], "requests");
    assert!((share - 0.25).abs() < 0.005, "{share}");
}

/// What the pool cannot serve fails after its timeout: the queue does not grow.
#[test]
fn a_pool_with_a_timeout_is_not_overloaded() {
    let line = "--rate 15/s --io exp(200ms) --workers 8 --pool 1 --pool-timeout 300ms --requests 5000 \
                --format csv";
    let rows = rows(&succeeds(&words(line)));
    assert_eq!(rows[0]["stable"], "yes");
    // At most 5/s get the connection.
    assert!(number(&rows[0], "throughput_per_s") < 5.1);
}

/// Cobham's means of `classes_wait_as_theory_says` are compared by `--check-theory`, a route each.
#[test]
fn routes_are_held_against_theory() {
    let line = TWO.replace("--format csv", "--queue priority --check-theory");
    let said = succeeds(&words(&line));
    for route in ["a", "b"] {
        for measure in ["wait_mean_s", "response_mean_s"] {
            let line = said.lines().find(|line| {
                let words: Vec<&str> = line.split_whitespace().collect();
                words.starts_with(&[route, measure]) && words.last() == Some(&"agrees")
            });
            assert!(line.is_some(), "{route} {measure}: {said}");
        }
    }
}

/// What workers do for clients that have left belongs to the route of the request, so that the rows of
/// the routes add up to that of all: areas are whole numbers of the same windows.
#[test]
fn routes_add_up_with_work_for_nobody() {
    let line = "--route 'a 60% cpu:exp(20ms) io:exp(300ms)' --route 'b 40% cpu:exp(5ms)' --rate 7/s \
                --class gthread --threads 4 --workers 2 --cores 2 --client-timeout 500ms --retries \
                1 --pool 3 --requests 6000 --replications 4 --format csv";
    let rows = rows(&succeeds(&words(line)));
    let shares = ["worker_utilisation", "core_utilisation", "queue_mean", "pool_utilisation"];
    for column in shares {
        let (all, sum) =
            (number(&rows[0], column), number(&rows[1], column) + number(&rows[2], column));
        assert!(all > 0.0 && (all - sum).abs() < 1e-9 * all, "{column}: {all}, in routes {sum}");
    }
    // Much is wasted, and most of it by the slow route.
    let wasted = |at: usize| number(&rows[at], "wasted_share");
    assert!(wasted(0) > 0.02 && wasted(1) > wasted(2), "{} {} {}", wasted(0), wasted(1), wasted(2));
}

/// Objectives decide, so their figures are told, a measure each, also where there are several choices.
#[test]
fn several_choices_are_told_by_their_objectives() {
    let line = "--cpu 'exp(20ms)' --rate 40/s --cores 1,2 --workers 1..4 --slo p99<1s --requests 4000 \
                --quiet";
    let said = succeeds(&words(line));
    assert!(said.contains("For p99<1s, at 1 core: ") && said.contains("1 worker (p99 "), "{said}");
}

/// By hand: one worker; both requests come at 0, `b` after `a` is served for 3 s and takes 1 s.
#[test]
fn the_last_answer_of_a_route_is_its_own() {
    let at = folder();
    let trace = "arrival_s,phases,route\n0,cpu:3,a\n0,cpu:1,b\n";
    fs::write(at.path().join("t.csv"), trace).unwrap();
    let rows = rows(&succeeds_in(at.path(), &words("--trace t.csv --workers 1 --format csv")));
    let made: Vec<f64> = rows.iter().map(|row| number(row, "makespan_s")).collect();
    assert_eq!(made, [4.0, 3.0, 4.0]);
}

/// A story says what was lost and which request is next.
#[test]
fn a_story_with_losses_says_so() {
    let at = folder();
    fs::write(at.path().join("t.csv"), "arrival_s,phases\n0,cpu:3\n0,cpu:3\n0,cpu:3\n").unwrap();
    let said = succeeds_in(at.path(), &words("--trace t.csv --workers 1 --patience 1s"));
    assert!(said.contains("2 of 3 requests get no answer (2 gave up)"), "{said}");
    assert!(!said.contains("no request is lost"), "{said}");
    let said = succeeds_in(at.path(), &words("--trace t.csv --workers 1 --queue lifo"));
    assert!(said.contains("the one that came last is next"), "{said}");
}

/// An expectation of a route that there is not is found before the run.
#[test]
fn an_expectation_of_an_unknown_route_is_refused() {
    let at = folder();
    let unknown = SCENARIO.replace("route = 'health'\nmeasure", "route = 'helth'\nmeasure");
    assert_ne!(unknown, SCENARIO);
    fs::write(at.path().join("s.toml"), unknown).unwrap();
    refused_in(at.path(), &words("run s.toml --check"), "there is no route 'helth'");
}

/// When the last of a route is answered is not told where some runs have no request of it.
#[test]
fn a_random_story_has_no_last_answer_of_a_route() {
    let line = "--route 'common 90% cpu:1s' --route 'rare 10% cpu:10s' --clients 2 --workers 2 --cores 2 \
                --format csv";
    let rows = rows(&succeeds(&words(line)));
    let told: Vec<bool> = rows.iter().map(|row| !row["makespan_s"].is_empty()).collect();
    assert_eq!(told, [true, false, false]);
}
