//! Rates that change with the clock: their grammar, and that what comes is a Poisson process of
//! just that rate.

use proptest::prelude::*;

use super::stream;
use crate::distribution::ArrivalProcess;

#[track_caller]
fn arrivals(text: &str) -> ArrivalProcess {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn profiles_print_as_they_are_written() {
    for (text, expect) in [
        (
            "profile(0h:20%,8h:100%,12h:180%,20h:60%,period=24h)",
            "profile(0s:20%,8h:100%,12h:180%,20h:60%,period=24h)",
        ),
        ("Profile( period = 90m , 0 : 1.5 , 30 m : .5 )", "profile(0s:1.5,30m:0.5,period=90m)"),
        ("ramp(0s:20 %,1500ms:180%,period=24s)", "ramp(0s:20%,1.5s:180%,period=24s)"),
        ("steps(60s:300%,90s:100%)", "steps(1m:300%,90s:100%)"),
        ("steps(1s:0,2s:1e-9)", "steps(1s:0,2s:1e-9)"),
        ("SPIKE(by=5,at=60s,for=10s)", "spike(at=1m,for=10s,by=5)"),
        ("spike(at=0,for=1ns,by=0)", "spike(at=0s,for=1ns,by=0)"),
    ] {
        assert_eq!(arrivals(text).to_string(), expect, "{text}");
        assert_eq!(arrivals(expect), arrivals(text), "{text}");
    }
}

#[test]
fn what_is_no_profile_is_refused_with_a_sentence() {
    for (text, part) in [
        ("profile", "'profile' lacks its parameters: write profile(0h:20%,8h:100%"),
        ("ramp", "write ramp(0h:20%,12h:180%,period=24h)"),
        ("spike", "write spike(at=60s,for=10s,by=5)"),
        (
            "profile()",
            "profile has no period (a change that happens once is steps(...) or spike(...))",
        ),
        ("profile(0h:20%)", "profile has no period"),
        ("profile(period=24h)", "profile has no levels"),
        ("profile(0h:1,period=24h,period=24h)", "profile has period twice"),
        ("profile(0h:1,period=24)", "period of profile: '24' has no unit"),
        ("profile(0h:1,period=0s)", "the period of profile is 0s"),
        ("profile(0:0,period=24h)", "all levels of profile are 0"),
        ("profile(0h:0%,2h:0%,period=24h)", "all levels of profile are 0"),
        ("profile(0h:-5%,2h:1%,period=24h)", "level -5% in profile is out of bounds"),
        ("profile(0h:1e7,period=24h)", "out of bounds: it must be 0 to 1000000"),
        (
            "profile(0h:nan,period=24h)",
            "'nan' is not a plain number: write one such as 150% or 1.5",
        ),
        ("profile(0h:1,2h:50%,period=24h)", "has levels with % and levels without"),
        ("profile(0h:1,2h,period=24h)", "has a part '2h' that is not a level"),
        ("profile(0:1,2:2,period=24h)", "time in profile: '2' has no unit"),
        ("profile(8h:1,2h:2,period=24h)", "8h comes before 2h in profile: write times in order"),
        ("profile(8h:1,8h:2,period=24h)", "8h comes before 8h"),
        ("profile(0h:1,24h:2,period=24h)", "24h in profile is not before the end of its period"),
        ("ramp(0h:1,period=24h)", "a ramp needs two points or more"),
        ("ramp(0h:0,1h:0,period=24h)", "all levels of ramp are 0"),
        ("steps()", "steps has no levels"),
        ("steps(5s:0)", "all levels of steps are 0"),
        ("steps(5s:1,period=9s)", "has a part 'period=9s' that is not a level"),
        ("steps(5s:2,1s:1)", "5s comes before 1s in steps"),
        ("spike(60s,10s,5)", "spike has a value '60s' without a name"),
        ("spike(at=60s,for=10s)", "spike is not determined by at and for"),
        ("spike(at=60s,for=0s,by=2)", "a spike for 0s has no effect"),
        ("spike(at=60s,for=1s,by=1)", "a spike by=1 has no effect"),
        ("spike(at=60s,for=1s,by=-1)", "by=-1 of spike is out of bounds"),
        ("spike(at=60s,for=1s,by=2e6)", "by=2000000 of spike is out of bounds"),
        ("spike(at=60s,fro=1s,by=2)", "spike has no parameter 'fro' (did you mean 'for'?)"),
    ] {
        let error = text.parse::<ArrivalProcess>().expect_err(text).to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
}

#[test]
fn periods_and_peaks_are_told() {
    let told = |text: &str| {
        let distribution = arrivals(text);
        let profile = distribution.profile().expect("a profile");
        assert_eq!((distribution.scv(), distribution.is_constant()), (None, false));
        (distribution.period().map(|period| period.as_secs_f64()), profile.peak(), profile.ends())
    };
    assert_eq!(told("profile(0s:1,5s:3,period=10s)"), (Some(10.0), 1.5, false));
    assert_eq!(
        told("profile(2s:0,5s:100%,period=10s)".replace("0,", "0%,").as_str()).1,
        10.0 / 7.0
    );
    assert_eq!(told("ramp(0s:0,5s:7,period=10s)"), (Some(10.0), 2.0, false));
    assert_eq!(told("steps(60s:300%,90s:50%)"), (None, 3.0, false));
    assert_eq!(told("steps(60s:300%,90s:0%)"), (None, 3.0, true));
    assert_eq!(told("spike(at=60s,for=10s,by=5)"), (None, 5.0, false));
    assert_eq!(told("spike(at=60s,for=10s,by=0)"), (None, 1.0, false));
    assert_eq!(arrivals("poisson").period(), None);
}

/// A profile, and its rate at each second in multiples of the mean, written out by hand.
type Case = (&'static str, fn(f64) -> f64);

/// Greatest times that the tests look at.
const END: f64 = 40.0;
const RATE: f64 = 500.0;

const CASES: [Case; 6] = [
    // mean level (8 x 20 + 4 x 100 + 8 x 180 + 4 x 60) / 24 = 2240 / 24
    ("profile(0s:20%,8s:100%,12s:180%,20s:60%,period=24s)", |t| match t % 24.0 {
        t if t < 8.0 => 20.0 * 24.0 / 2240.0,
        t if t < 12.0 => 100.0 * 24.0 / 2240.0,
        t if t < 20.0 => 180.0 * 24.0 / 2240.0,
        _ => 60.0 * 24.0 / 2240.0,
    }),
    // before the first point the last level goes on; mean (7 x 3 + 3 x 0) / 10
    ("profile(2s:0,5s:3,period=10s)", |t| match t % 10.0 {
        t if (2.0..5.0).contains(&t) => 0.0,
        _ => 3.0 / 2.1,
    }),
    ("ramp(0s:0,5s:7,period=10s)", |t| match t % 10.0 {
        t if t < 5.0 => t / 2.5,
        t => (10.0 - t) / 2.5,
    }),
    // 1 at 3 s, 0 at 8 s, so 0.4 at 10 s and at 0 s; mean 0.5
    ("ramp(3s:1,8s:0,period=10s)", |t| match t % 10.0 {
        t if t < 3.0 => 0.8 + 0.4 * t,
        t if t < 8.0 => 2.0 - 0.4 * (t - 3.0),
        t => 0.4 * (t - 8.0),
    }),
    ("steps(10s:300%,15s:50%)", |t| match t {
        t if t < 10.0 => 1.0,
        t if t < 15.0 => 3.0,
        _ => 0.5,
    }),
    ("spike(at=20s,for=1s,by=9)", |t| if (20.0..21.0).contains(&t) { 9.0 } else { 1.0 }),
];

/// Arrivals up to `END` in seconds.
fn drawn(text: &str, lane: u64) -> Vec<f64> {
    let mut sampler = arrivals(text).sampler(RATE);
    let (mut stream, mut at) = (stream(lane), 0u64);
    let mut times = Vec::new();
    loop {
        at = at.saturating_add(sampler.next_gap(&mut stream));
        if at as f64 / 1e9 >= END {
            return times;
        }
        times.push(at as f64 / 1e9);
    }
}

/// The integral of the rate from 0 to each of `times`: midpoints of milliseconds, which is exact
/// for levels and straight lines that change at whole milliseconds.
fn integrated(times: &[f64], level: impl Fn(f64) -> f64) -> Vec<f64> {
    const STEP: f64 = 1e-3;
    let (mut sum, mut step) = (0.0, 0u32);
    let rate = |step: u32| RATE * level((f64::from(step) + 0.5) * STEP);
    let upto = |time: &f64| {
        while f64::from(step + 1) * STEP <= *time {
            sum += rate(step) * STEP;
            step += 1;
        }
        sum + rate(step) * (time - f64::from(step) * STEP)
    };
    times.iter().map(upto).collect()
}

/// sup|F_n - F| sqrt(n) of values in increasing order.
fn distance(sorted: &[f64], cdf: impl Fn(f64) -> f64) -> f64 {
    let n = sorted.len() as f64;
    let gap = |(i, x): (usize, &f64)| {
        let (low, high) = (i as f64 / n, (i + 1) as f64 / n);
        (cdf(*x) - low).abs().max((cdf(*x) - high).abs())
    };
    sorted.iter().enumerate().map(gap).fold(0.0, f64::max) * n.sqrt()
}

/// Whether transformed arrivals are a unit Poisson process (time change: Brown, Barbieri, Ventura,
/// Kass & Frank 2002): exponential gaps and uniform instants by Kolmogorov and Smirnov (level
/// 0.001 each: 1.9495), gaps that are uncorrelated, and as many arrivals in windows of 5 as their
/// variance of 5 allows (4.4 standard deviations each: level 1e-5).
fn is_unit_poisson(transformed: &[f64], end: f64) -> Result<(), String> {
    let n = transformed.len() as f64;
    let mut gaps: Vec<f64> = std::iter::once(transformed[0])
        .chain(transformed.windows(2).map(|pair| pair[1] - pair[0]))
        .collect();
    let pairs: f64 = gaps.windows(2).map(|pair| (pair[0] - 1.0) * (pair[1] - 1.0)).sum();
    gaps.sort_by(f64::total_cmp);
    let exponential = distance(&gaps, |x| 1.0 - (-x).exp());
    let uniform = distance(transformed, |x| x / end);
    let windows = (end / 5.0) as usize;
    let mut counts = vec![0.0; windows + 1];
    transformed.iter().for_each(|x| counts[(x / 5.0) as usize] += 1.0);
    counts.truncate(windows);
    let k = counts.len() as f64;
    let mean = counts.iter().sum::<f64>() / k;
    let variance = counts.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / (k - 1.0);
    // the dispersion of Poisson counts: (k - 1) s²/mean is chi-square with k - 1 degrees
    let dispersion = (variance / mean - 1.0) * ((k - 1.0) / 2.0).sqrt();
    let total = (n - end) / end.sqrt();
    for (what, value, bound) in [
        ("gaps", exponential, 1.9495),
        ("instants", uniform, 1.9495),
        ("correlation", pairs / n.sqrt(), 4.4),
        ("dispersion", dispersion, 4.4),
        ("count", total, 4.4),
    ] {
        if value.abs() >= bound {
            return Err(format!("{what}: {value:.2}"));
        }
    }
    Ok(())
}

/// The thinning test: time measured by the integrated rate makes any such process a unit Poisson
/// process. Seeds fixed.
#[test]
fn arrivals_on_the_clock_of_their_rate_are_poisson() {
    for (lane, (text, level)) in (200..).zip(CASES) {
        let times = drawn(text, lane);
        let end = integrated(&[END], level)[0];
        assert!(end > 15_000.0, "{text}: {end}");
        is_unit_poisson(&integrated(&times, level), end).unwrap_or_else(|e| panic!("{text}: {e}"));
    }
}

/// The same test can fail: at a rate that is 5 % off somewhere, or without the profile.
#[test]
fn wrong_rates_are_found_out() {
    for (lane, (text, level)) in (200..).zip(CASES) {
        let times = drawn(text, lane);
        let tilted = |t: f64| level(t) * if t < END / 2.0 { 1.05 } else { 0.95 };
        for wrong in [&tilted as &dyn Fn(f64) -> f64, &|_: f64| 1.0] {
            let end = integrated(&[END], wrong)[0];
            assert!(is_unit_poisson(&integrated(&times, wrong), end).is_err(), "{text}");
        }
    }
}

/// Over whole periods the mean is the rate: 2,000 periods, 4.4 standard errors of a Poisson
/// count (level 1e-5).
#[test]
fn the_mean_over_a_period_is_the_rate() {
    for (lane, text) in (300..).zip([
        "profile(0s:20%,8s:100%,12s:180%,20s:60%,period=24s)",
        "profile(2s:0,5s:3,period=10s)",
        "ramp(3s:1,8s:0,period=10s)",
    ]) {
        let distribution = arrivals(text);
        let end = distribution.period().unwrap().as_secs_f64() * 2_000.0;
        let (mut sampler, mut stream) = (distribution.sampler(2.0), stream(lane));
        let (mut at, mut count) = (0.0, -1.0);
        while at < end {
            at += sampler.next_gap(&mut stream) as f64 / 1e9;
            count += 1.0;
        }
        let expect = 2.0 * end;
        assert!((count - expect).abs() < 4.4 * f64::sqrt(expect), "{text}: {count} of {expect}");
    }
}

/// Levels that change far faster than requests come are felt by their mean only.
#[test]
fn profiles_that_change_too_fast_are_poisson() {
    let (mut a, mut b) = (stream(8), stream(8));
    let mut fast = arrivals("profile(0s:1,1ns:3,period=2ns)").sampler(1.0);
    let mut poisson = ArrivalProcess::Poisson.sampler(1.0);
    (0..100).for_each(|_| assert_eq!(fast.next_gap(&mut a), poisson.next_gap(&mut b)));
}

#[test]
fn nothing_comes_after_the_end() {
    let mut sampler = arrivals("steps(1s:1,2s:0)").sampler(100.0);
    let mut stream = stream(9);
    let gaps: Vec<u64> = (0..400).map(|_| sampler.next_gap(&mut stream)).collect();
    let some = gaps.iter().take_while(|gap| **gap < u64::MAX).count();
    // 200 in the mean, standard deviation 14
    assert!((130..270).contains(&some), "{some}");
    assert!(gaps[..some].iter().sum::<u64>() < 2_000_000_000);
    assert!(gaps[some..].iter().all(|gap| *gap == u64::MAX));
}

/// Profiles of times and levels, sane and absurd.
fn likely() -> impl Strategy<Value = String> {
    let time = (0u32..12, 0u64..1000).prop_map(|(power, n)| format!("{}ns", n * 10u64.pow(power)));
    let level = prop::sample::select(vec!["0", "1", "3", "0.5", "1e6", "1e-300", "-1", "2e6", "x"]);
    let sign = prop::sample::select(vec!["", "", "%"]);
    let points = prop::collection::vec((time.clone(), level.clone()), 0..5);
    (0..4, points, time.clone(), time, level, sign).prop_map(|(kind, points, a, b, x, sign)| {
        let points: Vec<String> =
            points.iter().map(|(at, level)| format!("{at}:{level}{sign}")).collect();
        let points = points.join(",");
        match kind {
            0 => format!("profile({points},period={a})"),
            1 => format!("ramp({points},period={a})"),
            2 => format!("steps({points})"),
            _ => format!("spike(at={a},for={b},by={x})"),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// What is accepted prints so that it parses back, has a mean of 1 over its period, and can be
    /// drawn from at any rate without end or NaN.
    #[test]
    fn accepted_profiles_are_whole(text in likely()) {
        if let Ok(distribution) = text.parse::<ArrivalProcess>() {
            prop_assert_eq!(&distribution.to_string().parse::<ArrivalProcess>().unwrap(), &distribution);
            let profile = distribution.profile().unwrap();
            let pieces = profile.pieces();
            if let Some(period) = distribution.period() {
                let area: f64 = pieces.iter().map(|p| (p.from + p.to) / 2.0 * p.width).sum();
                let ratio = area / (period.as_secs_f64() * 1e9);
                prop_assert!((ratio - 1.0).abs() < 1e-9, "{}: {}", text, ratio);
            }
            prop_assert!(profile.peak() > 0.0 && profile.peak().is_finite());
            for rate in [1e-9, 1.0, 1e9] {
                let (mut sampler, mut stream) = (distribution.sampler(rate), stream(10));
                let total = (0..20).fold(0u64, |sum, _| {
                    sum.saturating_add(sampler.next_gap(&mut stream))
                });
                prop_assert!(total > 0 || rate > 1e6, "{} at {}", text, rate);
            }
        }
    }
}
