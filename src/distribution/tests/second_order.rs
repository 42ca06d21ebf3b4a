//! How bursty arrivals are: variance and correlation of gaps and counts against theory.

use super::{load, near, stream};
use crate::distribution::ArrivalProcess;

#[track_caller]
fn arrivals(text: &str) -> ArrivalProcess {
    ArrivalProcess::parse_with(text, &load).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Arrivals up to each of `ends` (seconds, in order) in independent runs of `text`.
fn counts<const N: usize>(text: &str, rate: f64, ends: [f64; N], lanes: u64) -> Vec<[f64; N]> {
    let distribution = arrivals(text);
    let one = |lane| {
        let (mut sampler, mut stream) = (distribution.sampler(rate), stream(1_000 + lane));
        let (mut at, mut count) = (0u64, [0.0; N]);
        loop {
            at = at.saturating_add(sampler.next_gap(&mut stream));
            let late = at as f64 / 1e9;
            if late > ends[N - 1] {
                return count;
            }
            (0..N).filter(|k| late <= ends[*k]).for_each(|k| count[k] += 1.0);
        }
    };
    (0..lanes).map(one).collect()
}

/// Mean and variance with their standard errors.
fn two_moments(values: &[f64]) -> [(f64, f64); 2] {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let central = |power: i32| values.iter().map(|x| (x - mean).powi(power)).sum::<f64>() / n;
    let (variance, fourth) = (central(2), central(4));
    let error = ((fourth - variance * variance) / n).sqrt();
    [(mean, (variance / n).sqrt()), (variance, error)]
}

/// Mean and variance of the number of arrivals up to `end` of a Poisson process at rates that go
/// round through states (rate, mean time): the variance is that of a Poisson process and
/// 2∫(end − s)C(s)ds, with C the covariance of the rate (Cox & Lewis 1966, "The Statistical
/// Analysis of Series of Events", ch. 7). C by small steps of the chain of states.
fn modulated_counts(states: &[(f64, f64)], end: f64) -> (f64, f64) {
    const STEPS: usize = 20_000;
    let step = end / STEPS as f64;
    let cycle: f64 = states.iter().map(|(_, time)| time).sum();
    let mean = states.iter().map(|(rate, time)| rate * time / cycle).sum::<f64>();
    // what is expected of the rate at time s, if the state is that at 0
    let mut expected: Vec<f64> = states.iter().map(|(rate, _)| *rate).collect();
    let mut double = 0.0;
    for k in 0..STEPS {
        let product = states.iter().zip(&expected);
        let covariance =
            product.map(|((rate, time), later)| time / cycle * rate * later).sum::<f64>()
                - mean * mean;
        let weight = if k == 0 { 0.5 } else { 1.0 };
        double += weight * (end - k as f64 * step) * covariance * step;
        // backward equation e' = Qe by the midpoint rule
        let slope = |e: &[f64]| -> Vec<f64> {
            (0..e.len()).map(|i| (e[(i + 1) % e.len()] - e[i]) / states[i].1).collect()
        };
        let first = slope(&expected);
        let middle: Vec<f64> =
            expected.iter().zip(&first).map(|(e, d)| e + d * step / 2.0).collect();
        let second = slope(&middle);
        expected.iter_mut().zip(second).for_each(|(e, d)| *e += d * step);
    }
    (mean * end, mean * end + 2.0 * double)
}

/// The index of dispersion for two states in closed form (Heffes & Lucantoni 1986, "A Markov
/// modulated characterization of packetized voice and data traffic").
#[test]
fn two_states_have_the_dispersion_of_the_textbook() {
    let (a, b, x, y) = (5.0f64, 1.0f64, 1.0f64, 0.5f64); // rates, and rates of leaving them
    for end in [0.5f64, 3.0, 30.0] {
        let mean = (a * y + b * x) / (x + y);
        let sum = x + y;
        let index = 1.0
            + 2.0 * (a - b).powi(2) * x * y / (sum * sum * (a * y + b * x))
                * (1.0 - (1.0 - (-sum * end).exp()) / (sum * end));
        let (got, variance) = modulated_counts(&[(a, 1.0 / x), (b, 1.0 / y)], end);
        near(got, mean * end, 1e-12, "mean");
        near(variance / got, index, 1e-5, "index of dispersion");
    }
}

/// From time 0 on the mean count is the rate times the time (the state at 0 is one of the long
/// run), and its variance is that of theory, over short times and long. 4,000 runs; 4.4 standard
/// errors of each (level 1e-5).
#[test]
fn modulated_counts_have_their_mean_and_variance() {
    for (text, rate, states) in [
        ("mmpp(5/s:1s,1/s:2s)", 2.0, vec![(2.0 * 15.0 / 7.0, 1.0), (2.0 * 3.0 / 7.0, 2.0)]),
        ("onoff(on=1s,off=3s)", 3.0, vec![(12.0, 1.0), (0.0, 3.0)]),
        ("mmpp(1/s:2s,4/s:1s,0/s:3s)", 4.0, vec![(4.0, 2.0), (16.0, 1.0), (0.0, 3.0)]),
    ] {
        let ends = [0.5, 3.0, 20.0];
        let seen = counts(text, rate, ends, 4_000);
        for (k, end) in ends.into_iter().enumerate() {
            let values: Vec<f64> = seen.iter().map(|run| run[k]).collect();
            let (mean, variance) = modulated_counts(&states, end);
            near(mean, rate * end, 1e-9, text);
            let told = two_moments(&values);
            for ((got, error), expect) in told.into_iter().zip([mean, variance]) {
                let apart = (got - expect).abs();
                assert!(apart < 4.4 * error, "{text}: {got} ± {error}, expected {expect}");
            }
        }
        // The same test can fail: a Poisson process has less variance.
        let long: Vec<f64> = seen.iter().map(|run| run[2]).collect();
        let [_, (variance, error)] = two_moments(&long);
        assert!((variance - rate * 20.0).abs() > 4.4 * error, "{text}: {variance} ± {error}");
    }
}

/// Poisson batches of size B: mean λt, variance λt E[B²]/E[B] (compound Poisson): 3 for batches of
/// 3, 2b − 1 for geometric ones of mean b, (0.7 + 0.3 x 100) / (0.7 + 0.3 x 10) for those of 1 or
/// 10. Bounds as above.
#[test]
fn batches_have_their_dispersion() {
    for (text, index) in [
        ("poisson", 1.0),
        ("batch(3)", 3.0),
        ("batch(geometric(2.5))", 4.0),
        ("batch(mix(70%:1,30%:10))", 30.7 / 3.7),
    ] {
        let seen = counts(text, 6.0, [10.0], 4_000);
        let values: Vec<f64> = seen.iter().map(|run| run[0]).collect();
        let told = two_moments(&values);
        for ((got, error), expect) in told.into_iter().zip([60.0, 60.0 * index]) {
            assert!((got - expect).abs() < 4.4 * error, "{text}: {got} ± {error}, not {expect}");
        }
    }
}

/// Independent gaps are uncorrelated at lags 1, 2 and 5: |r| < 4.4/√n (level 1e-5 each); those of
/// two states are not.
#[test]
fn gaps_are_correlated_only_where_they_should_be() {
    let n = 40_000usize;
    let correlation = |text: &str, lag: usize| {
        let mut gaps = vec![0; n];
        arrivals(text).sampler(3.0).fill(&mut stream(31), &mut gaps);
        let gaps: Vec<f64> = gaps.iter().skip(1).map(|gap| *gap as f64).collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let of = |lag: usize| -> f64 {
            gaps.iter().zip(&gaps[lag..]).map(|(a, b)| (a - mean) * (b - mean)).sum()
        };
        of(lag) / of(0)
    };
    let bound = 4.4 / (n as f64).sqrt();
    for text in ["poisson", "gamma(cv=2)", "erlang(k=2)", "weibull(shape=0.7)", "uniform"] {
        for lag in [1, 2, 5] {
            assert!(correlation(text, lag).abs() < bound, "{text}, {lag}");
        }
    }
    // an interrupted Poisson process is a renewal process too (Kuczura 1973), two states are not
    assert!(correlation("onoff(on=1s,off=3s)", 1).abs() < bound);
    assert!(correlation("mmpp(9/s:10s,1/s:10s)", 1) > bound);
}

/// Arrivals of independent gaps come at their rate from time 0 on: the mean number up to a short
/// time, and up to a long one, is the rate times the time. 4,000 runs, 4.4 standard errors (level
/// 1e-5). If the first gap were drawn like the others, there would be (scv − 1)/2 too many or too
/// few in the end.
#[test]
fn the_rate_is_right_from_the_beginning() {
    for text in [
        "poisson",
        "uniform",
        "gamma(cv=2)",
        "erlang(k=2)",
        "hyperexp(cv=3)",
        "lognormal(cv=2)",
        "weibull(shape=0.7)",
        "weibull(cv=0.5)",
        "pareto(alpha=2.5)",
        "pareto(min=12ms,alpha=1,max=1s)",
        "pareto(min=12ms,alpha=0.5,max=1s)",
        "mix(50%:1ms,50%:exp(1s))",
        "mix(1:samples:data.csv + 1ms,2:uniform(3ms,9ms))",
        "quantiles(p50=20ms,p99=300ms,max=2s)",
        "exp(20ms) + 20ms",
    ] {
        let ends = [0.2, 1.0, 12.0];
        let seen = counts(text, 2.0, ends, 4_000);
        for (k, end) in ends.into_iter().enumerate() {
            let values: Vec<f64> = seen.iter().map(|run| run[k]).collect();
            let [(mean, error), _] = two_moments(&values);
            assert!((mean - 2.0 * end).abs() < 4.4 * error, "{text}: {mean} ± {error} by {end} s");
        }
    }
    // Independent gaps after the first alone: the same test fails.
    let distribution = arrivals("hyperexp(cv=3)");
    let one = |lane: u64| {
        let (mut sampler, mut stream) = (distribution.sampler(2.0), stream(1_000 + lane));
        sampler.next_gap(&mut stream);
        let (mut at, mut count) = (0, -1.0);
        while at < 12_000_000_000u64 {
            at += sampler.next_gap(&mut stream);
            count += 1.0;
        }
        count
    };
    let values: Vec<f64> = (0..4_000).map(one).collect();
    let [(mean, error), _] = two_moments(&values);
    assert!(mean - 24.0 > 4.4 * error, "{mean} ± {error}");
}

/// The mean first gap is (1 + scv)/2 mean gaps (Cox 1962), and gaps after it follow their
/// distribution: Kolmogorov–Smirnov against the distribution's distribution function (which has its
/// own tests against others), 20,000 gaps, level 0.001 each.
#[test]
fn gaps_follow_their_distribution() {
    for (text, whole) in [
        ("uniform", "uniform(0s,1s)"),
        ("gamma(cv=2)", "gamma(mean=500ms,cv=2)"),
        ("erlang(k=2)", "erlang(mean=500ms,k=2)"),
        ("hyperexp(cv=3)", "hyperexp(mean=500ms,cv=3)"),
        ("lognormal(cv=2)", "lognormal(mean=500ms,cv=2)"),
        ("weibull(shape=0.7)", "weibull(mean=500ms,shape=0.7)"),
        ("weibull(cv=1.5)", "weibull(mean=500ms,cv=1.5)"),
        ("pareto(alpha=2.5)", "pareto(mean=500ms,alpha=2.5)"),
        ("gamma(mean=20ms,cv=0.5)", "gamma(mean=500ms,cv=0.5)"),
        ("quantiles(p50=20ms,max=2s)", "quantiles(p50=20ms,max=2s)"),
    ] {
        let distribution: crate::distribution::Distribution = whole.parse().unwrap();
        let rate = if text.starts_with("quantiles") { 1.0 / distribution.mean() } else { 2.0 };
        let mut gaps = vec![0; 20_001];
        arrivals(text).sampler(rate).fill(&mut stream(77), &mut gaps);
        let mut gaps: Vec<f64> = gaps[1..].iter().map(|gap| *gap as f64 / 1e9).collect();
        gaps.sort_by(f64::total_cmp);
        let distance = |factor: f64| {
            let n = gaps.len() as f64;
            let one = |(i, x): (usize, &f64)| {
                let cdf = distribution.cdf(*x * factor);
                (cdf - i as f64 / n).abs().max((cdf - (i + 1) as f64 / n).abs())
            };
            gaps.iter().enumerate().map(one).fold(0.0, f64::max) * n.sqrt()
        };
        assert!(distance(1.0) < 1.9495, "{text}: {}", distance(1.0));
        assert!(distance(1.2) > 1.9495, "{text}: {}", distance(1.2));
        let firsts: Vec<f64> = (0..4_000)
            .map(|lane| arrivals(text).sampler(rate).next_gap(&mut stream(lane)) as f64 / 1e9)
            .collect();
        let [(mean, error), _] = two_moments(&firsts);
        let expect = distribution.mean() * (1.0 + distribution.scv()) / 2.0;
        let settles = !text.starts_with("pareto") && !text.starts_with("lognormal");
        assert!(!settles || (mean - expect).abs() < 4.4 * error, "{text}: {mean} ± {error}");
    }
}
