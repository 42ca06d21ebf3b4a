//! Arrivals: their grammar, their rate, their distribution, and that they do not drift.

use rand_distr::{Distribution as RandDistribution, Exp1};

use super::{load, near, stream};
use crate::distribution::ArrivalProcess;

fn parsed(text: &str) -> Result<ArrivalProcess, crate::distribution::error::DistributionError> {
    ArrivalProcess::parse_with(text, &load)
}

#[track_caller]
fn arrivals(text: &str) -> ArrivalProcess {
    parsed(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

pub(super) const EVERY_KIND: [&str; 25] = [
    "poisson",
    "constant",
    "uniform",
    "gamma(cv=2)",
    "gamma(cv=0)",
    "erlang(k=2)",
    "hyperexp(cv=3)",
    "lognormal(cv=2)",
    "weibull(shape=0.7)",
    "weibull(cv=1.5)",
    "pareto(alpha=2.5)",
    "mix(50%:exp(1ms),50%:exp(1s))",
    "samples:data.csv#gap",
    "gamma(mean=20ms,cv=0.5)",
    "mmpp(96/s:10s,16/s:40s)",
    "mmpp(1/s:1s,0/s:2s,5/min:3s)",
    "onoff(on=1s,off=9s)",
    "batch(3)",
    "batch(geometric(3))",
    "batch(geometric(2.5))",
    "batch(mix(70%:1,30%:10))",
    "profile(0s:20%,1s:100%,2s:180%,period=3s)",
    "ramp(0s:0,1s:2,period=3s)",
    "steps(1h:300%,2h:50%)",
    "spike(at=1h,for=1h,by=5)",
];

#[test]
fn every_kind_prints_as_it_is_written() {
    for text in EVERY_KIND {
        assert_eq!(arrivals(text).to_string(), text);
    }
    for (text, expect) in [
        (" Poisson ", "poisson"),
        ("exp", "poisson"),
        ("const", "constant"),
        ("GAMMA( cv = 2 )", "gamma(cv=2)"),
        ("gamma(20ms,cv=2)", "gamma(mean=20ms,cv=2)"),
        ("uniform(1s,2s)", "uniform(1s,2s)"),
        ("3s", "3s"),
        ("mmpp( 96 / s : 10 s , 16/s:40s)", "mmpp(96/s:10s,16/s:40s)"),
        ("onoff(1s,9s)", "onoff(on=1s,off=9s)"),
        ("batch( geometric( 3 ) )", "batch(geometric(3))"),
        ("batch(mix( 7 : 1 , 3:10))", "batch(mix(7:1,3:10))"),
    ] {
        assert_eq!(arrivals(text).to_string(), expect, "{text}");
        assert_eq!(arrivals(expect), arrivals(text), "{text}");
    }
    assert_eq!(ArrivalProcess::default(), arrivals("poisson"));
}

#[test]
fn what_is_no_distribution_of_arrivals_is_refused_with_a_sentence() {
    for (text, part) in [
        ("", "'' is not a length of time"),
        (
            "poison",
            "'poison' is not a distribution (did you mean 'poisson'?): use poisson, constant,",
        ),
        ("markov(2)", "or any distribution of service times"),
        ("gamma", "'gamma' lacks its parameters"),
        ("gamma()", "gamma has no parameters: write gamma(cv=2)"),
        ("gamma(vc=2)", "gamma has no parameter 'vc' (did you mean 'cv'?): write gamma(cv=2)"),
        ("gamma(2)", "gamma has a value '2' without a name: write gamma(cv=2)"),
        ("gamma(2s)", "gamma is not determined by mean: write gamma(mean=20ms,cv=0.5)"),
        ("gamma(cv=-2)", "cv=-2 of gamma is out of bounds"),
        ("gamma(mean=1s)", "gamma is not determined by mean: write gamma(mean=20ms,cv=0.5)"),
        ("hyperexp(cv=0.5)", "must be 1 or more"),
        ("pareto(alpha=1)", "has no mean"),
        ("weibull(shape=0.7,cv=1)", "weibull is not determined by shape and cv"),
        ("0s", "gaps of 0s have no rate"),
        ("samples:zero.csv", "have no rate"),
        ("mmpp", "'mmpp' lacks its parameters: write mmpp(96/s:10s,16/s:40s)"),
        ("mmpp()", "mmpp needs two states or more"),
        ("mmpp(96/s:10s)", "mmpp needs two states or more"),
        ("mmpp(96:10s,16/s:40s)", "rate in mmpp: '96' does not say per what time: write 96/s"),
        ("mmpp(96/s:10,16/s:40s)", "time in mmpp: '10' has no unit"),
        ("mmpp(96/s,16/s:40s)", "mmpp has a state '96/s' without a time"),
        ("mmpp(96/s:0s,16/s:40s)", "lasts 0s"),
        ("mmpp(0/s:1s,0/s:40s)", "all rates of mmpp are zero"),
        ("mmpp(-1/s:1s,1/s:40s)", "out of bounds"),
        ("onoff(on=1s)", "onoff is not determined by on: write onoff(on=1s,off=9s)"),
        ("onoff(on=1s,off=0s)", "never changes"),
        ("batch()", "batch takes one size, here are 0"),
        ("batch(0)", "a batch of 0 is out of bounds: it holds 1 to 1000000"),
        ("batch(2.5)", "size of batch: '2.5' is not a plain number"),
        ("batch(geometric(0.5))", "a batch of 0.5 is out of bounds: it holds 1 to 1000000"),
        ("batch(geometric(x))", "mean of geometric: 'x' is not a plain number"),
        ("batch(poisson(3))", "batch has no size 'poisson(3)'"),
        ("batch(mix(70%:1,30%:0))", "a batch of 0 is out of bounds: it holds 1 to 1000000"),
        ("batch(mix(70%:1,20%:10))", "the percentages in mix add up to 90, not 100"),
        ("batch(mix(1,10))", "mix has a part '1' without weight"),
        ("batch(mix(1:2.5))", "size of batch: '2.5' is not a plain number"),
        ("batch(mix(0:1))", "all weights in mix are 0"),
        ("batch(mix())", "mix has no parts"),
    ] {
        let error = parsed(text).expect_err(text).to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
}

#[test]
fn scv_of_gaps_is_told() {
    for (text, expect) in [
        ("poisson", Some(1.0)),
        ("constant", Some(0.0)),
        ("uniform", Some(1.0 / 3.0)),
        ("gamma(cv=2)", Some(4.0)),
        ("erlang(k=2)", Some(0.5)),
        ("pareto(alpha=2.5)", Some(0.8)),
        ("pareto(alpha=2)", Some(f64::INFINITY)),
        ("samples:data.csv", Some(0.2)),
        ("batch(3)", Some(5.0)),
        ("batch(mix(70%:1,30%:10))", Some(6.4)),
        ("onoff(on=1s,off=9s)", None),
    ] {
        match (arrivals(text).scv(), expect) {
            (Some(got), Some(expect)) => near(got, expect, 1e-9, text),
            (got, expect) => assert_eq!(got, expect, "{text}"),
        }
    }
    assert!(arrivals("gamma(cv=0)").is_constant() && arrivals("3s").is_constant());
    assert!(!arrivals("poisson").is_constant() && !arrivals("batch(3)").is_constant());
}

/// The k-th arrival lies at k/rate, rounded to the nearest nanosecond, halves up.
#[test]
fn equal_gaps_do_not_drift() {
    for rate in [1u64, 3, 7, 64, 1_000, 7_000_000, 999_999_937, 1_000_000_000] {
        let mut sampler = arrivals("constant").sampler(rate as f64);
        let mut at = 0;
        for k in 1..=100_000u128 {
            at += sampler.next_gap(&mut stream(0));
            let exact = (2 * k * 1_000_000_000 + u128::from(rate)) / (2 * u128::from(rate));
            assert_eq!(u128::from(at), exact, "arrival {k} at {rate}/s");
        }
    }
    let gaps = |rate: f64, n: usize| {
        let mut sampler = arrivals("constant").sampler(rate);
        (0..n).map(|_| sampler.next_gap(&mut stream(0))).collect::<Vec<_>>()
    };
    assert_eq!(gaps(2.0 / 3600.0, 3), [1_800_000_000_000; 3]);
    assert_eq!(gaps(0.1, 2), [10_000_000_000; 2]);
    assert_eq!(gaps(1.5, 3), [666_666_667, 666_666_666, 666_666_667]);
    for rate in [0.0, -1.0, f64::NAN, 1e-300, f64::MIN_POSITIVE / 4.0] {
        assert_eq!(gaps(rate, 2), [u64::MAX; 2], "{rate}");
    }
    assert!(gaps(f64::MAX, 9).iter().all(|gap| *gap == 0));
}

/// Whole gaps add up to the gaps that were drawn, at any rate, to half a nanosecond and half a step
/// of 2^-20 ns for each gap.
#[test]
fn rounding_is_carried_on() {
    for rate in [0.5, 120.0, 7e6, 1e9] {
        let (mut ours, mut theirs) = (stream(1), stream(1));
        let mut sampler = ArrivalProcess::Poisson.sampler(rate);
        let (mut whole, mut exact) = (0u64, 0.0f64);
        for gap in 1..=10_000 {
            whole += sampler.next_gap(&mut ours);
            let x: f64 = Exp1.sample(&mut theirs);
            exact += x * 1e9 / rate;
            let slack = 0.5 + exact * 1e-12 + f64::from(gap) * 0.5f64.powi(21);
            assert!((whole as f64 - exact).abs() <= slack, "{rate}/s: {whole}, {exact}");
        }
    }
}

#[test]
fn blocks_hold_what_single_gaps_give() {
    for text in EVERY_KIND {
        let distribution = arrivals(text);
        let (mut one, mut many) = (distribution.sampler(120.0), distribution.sampler(120.0));
        let (mut stream_one, mut stream_many) = (stream(2), stream(2));
        let mut gaps = vec![0; 1000];
        many.fill(&mut stream_many, &mut gaps[..301]);
        many.fill(&mut stream_many, &mut gaps[301..]);
        let single: Vec<u64> = (0..1000).map(|_| one.next_gap(&mut stream_one)).collect();
        assert_eq!(gaps, single, "{text}");
    }
}

/// Instants are the sums of gaps, whatever their size: at a request in three minutes most gaps are
/// too wide to be added up in steps; near the end of time the sums stop there.
#[test]
fn instants_are_sums_of_gaps() {
    for (text, rate, start) in EVERY_KIND.iter().flat_map(|text| {
        [
            (text, 120.0, 0),
            (text, 0.005, 0),
            (text, 2.5e8, 7),
            (text, 120.0, u64::MAX - 4_000_000_000),
        ]
    }) {
        let distribution = arrivals(text);
        let (mut one, mut many) = (distribution.sampler(rate), distribution.sampler(rate));
        let (mut stream_one, mut stream_many) = (stream(2), stream(2));
        let mut instants = vec![0; 1000];
        many.fill_arrivals(&mut stream_many, start, &mut instants[..301]);
        let last = instants[300];
        many.fill_arrivals(&mut stream_many, last, &mut instants[301..]);
        let mut now: u64 = start;
        let sums = (0..1000).map(|_| {
            now = now.saturating_add(one.next_gap(&mut stream_one));
            now
        });
        assert_eq!(instants, sums.collect::<Vec<u64>>(), "{text} at {rate}/s from {start}");
    }
}

/// Mean and standard error of the mean gap in seconds, from 100 batches of `n` gaps.
fn batch_means(distribution: &ArrivalProcess, rate: f64, n: usize) -> (f64, f64) {
    let (mut sampler, mut stream) = (distribution.sampler(rate), stream(3));
    let mut gaps = vec![0; n];
    let means: Vec<f64> = (0..100)
        .map(|_| {
            sampler.fill(&mut stream, &mut gaps);
            gaps.iter().sum::<u64>() as f64 / n as f64 / 1e9
        })
        .collect();
    let mean = means.iter().sum::<f64>() / 100.0;
    let variance = means.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 99.0;
    (mean, (variance / 100.0).sqrt())
}

/// The mean gap is 1/rate within 5 standard errors (level 6e-7 a distribution and rate); at 7
/// million a second too, where a gap is 143 ns.
#[test]
fn arrivals_come_at_the_rate_that_is_asked() {
    for text in EVERY_KIND {
        let distribution = arrivals(text);
        for rate in [0.2, 120.0, 7e6] {
            let changes = distribution.states().is_some() || distribution.period().is_some();
            let once = distribution.profile().is_some_and(|profile| profile.period().is_none());
            if once || changes && rate > 1e6 {
                continue; // a batch would lie within one state
            }
            let n = if changes { 20_000 } else { 2_000 };
            let (mean, error) = batch_means(&distribution, rate, n);
            let bound = 5.0 * error + 1e-11;
            assert!((mean - 1.0 / rate).abs() < bound, "{text} at {rate}/s: {mean} ± {error}");
        }
    }
}

/// The same test can fail: at a rate 5 % too high the mean gap is not 1/rate.
#[test]
fn a_rate_that_is_five_percent_off_is_found_out() {
    for text in ["poisson", "gamma(cv=2)", "batch(3)"] {
        let (mean, error) = batch_means(&arrivals(text), 120.0 * 1.05, 2_000);
        assert!((mean - 1.0 / 120.0).abs() > 5.0 * error, "{text}: {mean} ± {error}");
    }
}

#[test]
fn batches_arrive_together() {
    let mut gaps = vec![0; 9_000];
    arrivals("batch(3)").sampler(120.0).fill(&mut stream(4), &mut gaps);
    assert!(gaps.chunks(3).all(|batch| batch[0] > 0 && batch[1] == 0 && batch[2] == 0));
    // 3,000 batches of mean 2.5: the share of first gaps is 0.4, standard error 0.004 at most
    let mut gaps = vec![0; 15_000];
    arrivals("batch(geometric(2.5))").sampler(120.0).fill(&mut stream(5), &mut gaps);
    let share = gaps.iter().filter(|gap| **gap > 0).count() as f64 / 15_000.0;
    assert!((share - 0.4).abs() < 5.0 * 0.004, "{share}");
    let mut gaps = vec![0; 100];
    arrivals("batch(geometric(1))").sampler(120.0).fill(&mut stream(5), &mut gaps);
    assert!(gaps.iter().all(|gap| *gap > 0));
}

/// Poisson arrivals λ that are switched on and off with rates a (to off) and b (to on) have
/// independent hyperexponential gaps (Kuczura 1973, "The interrupted Poisson process as an
/// overflow process"): the share and the two rates.
fn interrupted(rate: f64, on: f64, off: f64) -> (f64, f64, f64) {
    let (lambda, a, b) = (rate * (on + off) / on, 1.0 / on, 1.0 / off);
    let sum = lambda + a + b;
    let root = (sum * sum - 4.0 * lambda * b).sqrt();
    let (fast, slow) = ((sum + root) / 2.0, (sum - root) / 2.0);
    ((lambda - slow) / (fast - slow), fast, slow)
}

/// Kolmogorov–Smirnov, 20,000 gaps, level 0.001; and a rate that is 5 % off is found out.
#[test]
fn on_off_gaps_are_hyperexponential() {
    let n = 20_000;
    let mut gaps = vec![0; n];
    arrivals("onoff(on=1s,off=2s)").sampler(2.0).fill(&mut stream(6), &mut gaps);
    gaps.sort_unstable();
    let distance = |rate: f64| {
        let (share, fast, slow) = interrupted(rate, 1.0, 2.0);
        let cdf = |x: f64| 1.0 - share * (-fast * x).exp() - (1.0 - share) * (-slow * x).exp();
        let gap = |(i, x): (usize, &u64)| {
            let expect = cdf(*x as f64 / 1e9);
            (i as f64 / n as f64 - expect).abs().max(((i + 1) as f64 / n as f64 - expect).abs())
        };
        gaps.iter().enumerate().map(gap).fold(0.0, f64::max) * (n as f64).sqrt()
    };
    assert!(distance(2.0) < 1.9495, "{}", distance(2.0));
    assert!(distance(2.0 * 1.05) > 1.9495, "{}", distance(2.0 * 1.05));
}

/// The process starts in the long run: the mean first gap is that from any instant to the next
/// arrival, (1 + scv)/2 gaps, not one gap. 4,000 lanes, 5 standard errors.
#[test]
fn modulated_arrivals_start_in_the_long_run() {
    let distribution = arrivals("onoff(on=1s,off=9s)");
    let (share, fast, slow) = interrupted(1.0, 1.0, 9.0);
    let second = 2.0 * share / fast / fast + 2.0 * (1.0 - share) / slow / slow;
    let firsts: Vec<f64> = (0..4_000)
        .map(|lane| distribution.sampler(1.0).next_gap(&mut stream(lane)) as f64 / 1e9)
        .collect();
    let mean = firsts.iter().sum::<f64>() / 4_000.0;
    let variance = firsts.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 3_999.0;
    let error = (variance / 4_000.0).sqrt();
    assert!(
        (mean - second / 2.0).abs() < 5.0 * error,
        "{mean} ± {error}, expected {}",
        second / 2.0
    );
}

/// In each state of mmpp its own share of arrivals: 96·10 s against 16·40 s, 3 to 2. Counts in
/// windows of 0.1 s split the two states almost surely.
#[test]
fn modulated_rates_keep_their_ratio() {
    let mut sampler = arrivals("mmpp(96/s:1000s,16/s:4000s)").sampler(3_200.0);
    let (mut stream, mut at) = (stream(7), 0u64);
    let mut counts = vec![0u32; 1_000_000];
    while let Some(count) = counts.get_mut((at / 100_000_000) as usize) {
        *count += 1;
        at += sampler.next_gap(&mut stream).max(1);
        if at > 3_000_000_000_000 {
            break;
        }
    }
    counts.truncate(30_000);
    // rates are 9,600/s and 1,600/s: 960 or 160 a window, standard deviation 31 and 13
    let odd =
        counts.iter().filter(|n| !(800..1120).contains(*n) && !(90..230).contains(*n)).count();
    assert!(odd < 20, "{odd} windows in neither state");
}

/// States that change far faster than requests come are felt by their mean only; drawing them
/// one by one would take for ever.
#[test]
fn rates_that_change_too_fast_are_poisson() {
    let (mut a, mut b) = (stream(8), stream(8));
    let mut fast = arrivals("onoff(on=1ns,off=1ns)").sampler(1.0);
    let mut poisson = ArrivalProcess::Poisson.sampler(1.0);
    for _ in 0..100 {
        assert_eq!(fast.next_gap(&mut a), poisson.next_gap(&mut b));
    }
}
