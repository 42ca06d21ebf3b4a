//! What is read, what is printed, what is refused and how.

use proptest::prelude::*;

use super::{EVERY_KIND, distribution, load, parsed, stream};
use crate::distribution::{ArrivalProcess, Distribution};
use crate::time::Span;

#[test]
fn every_kind_prints_as_it_is_written() {
    for text in EVERY_KIND {
        let read = distribution(text);
        assert_eq!(read.to_string(), text);
        assert_eq!(distribution(&read.to_string()), read);
    }
}

#[test]
fn other_ways_to_write_are_read() {
    for (text, expect) in [
        ("const(3s)", "3s"),
        ("lognormal(p50=20ms,p99=300ms)", "lognormal(median=20ms,p99=300ms)"),
        ("const(value=3s)", "3s"),
        ("0", "0s"),
        ("1e+3ms", "1s"),
        ("1e+3ms+5ms", "1s + 5ms"),
        ("  Exp ( mean = 20 ms ) ", "exp(20ms)"),
        ("exp(20ms)+5ms", "exp(20ms) + 5ms"),
        // Without parentheses, which a shell takes for its own.
        ("exp:20ms", "exp(20ms)"),
        ("Exp: mean=20ms+5ms", "exp(20ms) + 5ms"),
        ("lognormal:mean=20ms,cv=2", "lognormal(mean=20ms,cv=2)"),
        ("const:3s", "3s"),
        ("mix:90%:5ms,10%:exp:200ms", "mix(90%:5ms,10%:exp(200ms))"),
        ("mix(90%:5ms,10%:exp:200ms+1ms)", "mix(90%:5ms,10%:exp(200ms) + 1ms)"),
        ("quantiles:p50=20ms,max=2s", "quantiles(p50=20ms,max=2s)"),
        ("uniform(max=5s, min=1s)", "uniform(1s,5s)"),
        ("gamma(20ms,cv=.5)", "gamma(mean=20ms,cv=0.5)"),
        ("lognormal(cv=2,mean=20ms)", "lognormal(mean=20ms,cv=2)"),
        ("lognormal(20ms,p99=0.1s)", "lognormal(mean=20ms,p99=100ms)"),
        ("weibull(P99=300ms,median=20ms)", "weibull(median=20ms,p99=300ms)"),
        ("pareto(20ms,alpha=25e-1)", "pareto(mean=20ms,alpha=2.5)"),
        ("mix( 9 : 5ms , 1e0:exp(1s)+1s )", "mix(9:5ms,1:exp(1s) + 1s)"),
        ("mix(33.3333333%:1s,66.6666667 %:2s)", "mix(33.3333333%:1s,66.6666667%:2s)"),
        ("quantiles(p5=1ms,p999=1s,max=2s)", "quantiles(p5=1ms,p99.9=1s,max=2s)"),
        ("gamma(mean=20ms,cv=0)", "gamma(mean=20ms,cv=0)"),
        ("samples: data.csv # 2 ", "samples:data.csv#2"),
        ("samples:data.csv#2 in ms", "samples:data.csv#2 in ms"),
        ("samples: data.csv  in  us + 5ms", "samples:data.csv in us + 5ms"),
        ("samples:\"data in ms\" in s", "samples:\"data in ms\" in s"),
        ("samples:a+b.csv", "samples:\"a+b.csv\""),
        ("samples:a.csv+5ms", "samples:a.csv + 5ms"),
        (
            "mix(50%:samples:\"a,)\"\"#.csv\"#\"x(\",50%:1s)",
            "mix(50%:samples:\"a,)\"\"#.csv\"#\"x(\",50%:1s)",
        ),
    ] {
        let read = distribution(text);
        assert_eq!(read.to_string(), expect, "{text}");
        assert_eq!(distribution(expect), read, "{text}");
    }
}

#[test]
fn arrivals_are_read_without_parentheses_too() {
    for (text, expect) in [
        ("gamma:cv=2", "gamma(cv=2)"),
        ("batch:3", "batch(3)"),
        ("batch:geometric:3", "batch(geometric(3))"),
        ("mmpp:96/s:10s,16/s:40s", "mmpp(96/s:10s,16/s:40s)"),
        ("onoff:on=1s,off=9s", "onoff(on=1s,off=9s)"),
        ("spike:at=60s,for=10s,by=5", "spike(at=1m,for=10s,by=5)"),
        ("ramp:0h:20%,12h:180%,period=24h", "ramp(0s:20%,12h:180%,period=24h)"),
        ("lognormal:mean=20ms,cv=2", "lognormal(mean=20ms,cv=2)"),
    ] {
        let read: ArrivalProcess = text.parse().expect(text);
        assert_eq!(read.to_string(), expect, "{text}");
        assert_eq!(expect.parse::<ArrivalProcess>().expect(expect), read, "{text}");
    }
}

/// What is no distribution, and what its refusal says.
const REFUSED: &[(&str, &str)] = &[
    ("", "'' is not a length of time"),
    ("3", "'3' has no unit: write 3s, 3ms or 3us"),
    ("-1s", "'-1s' is negative"),
    ("1e400s", "too long"),
    ("nan", "'nan' is not a distribution: use a constant such as 3s, or const, exp, uniform"),
    ("inf", "'inf' is not a distribution"),
    ("lognorml(mean=1s,cv=2)", "(did you mean 'lognormal'?)"),
    ("exponential(1s)", "(did you mean 'exp'?)"),
    ("expp", "(did you mean 'exp'?)"),
    ("exp", "'exp' lacks its parameters: write exp(20ms)"),
    ("mix", "write mix(90%:5ms"),
    ("samples", "write samples:FILE.csv#column"),
    ("exp()", "exp has no parameters: write exp(20ms)"),
    ("exp:", "exp has no parameters: write exp(20ms)"),
    ("exp:20", "'20' has no unit"),
    ("epx:20ms", "'epx' is not a distribution (did you mean 'exp'?)"),
    ("exp(20)", "mean of exp: '20' has no unit"),
    ("exp(nan)", "mean of exp: 'nan' is not a length of time"),
    ("exp(0s)", "mean of exp is 0: it must be more than zero"),
    ("exp(1s,2s)", "exp has a value '2s' without a name"),
    ("exp(1s,mean=2s)", "exp has mean twice"),
    ("exp(1s", "is not closed: a ')' is missing"),
    ("exp(1s))", "has ')' after its ')'"),
    ("exp(1s)s", "has 's' after"),
    ("exp(1s) + 5", "what is added: '5' has no unit"),
    ("exp(1s) + exp(1s)", "what is added: 'exp(1s)' is not a length of time"),
    ("exp(1s) + 5ms + 5ms", "adds more than one constant"),
    ("exp(1s) - 5ms", "has '- 5ms' after"),
    ("uniform(5s,1s)", "runs backwards: write uniform(1s,5s)"),
    ("uniform(5s)", "uniform is not determined by min: write uniform(1s,5s)"),
    ("gamma(mean=1s,vc=2)", "gamma has no parameter 'vc' (did you mean 'cv'?)"),
    ("gamma(mean=1s,cv=nan)", "cv of gamma: 'nan' is not a plain number"),
    ("gamma(mean=1s,cv=inf)", "not a plain number"),
    ("gamma(mean=1s,cv=1e999)", "not a plain number"),
    ("gamma(mean=1s,cv=2s)", "'2s' is not a plain number: write one such as 2 or 0.5"),
    ("gamma(mean=1s,cv=-1)", "must be 0 (a constant), or 0.001 to 1000"),
    ("gamma(mean=1s,cv=1e-9)", "cv=1e-9 of gamma is out of bounds"),
    ("gamma(mean=1s,cv=1e9)", "cv=1000000000 of gamma is out of bounds"),
    ("erlang(mean=1s,k=0)", "k=0 of erlang is out of bounds: it must be 1 to 1000000"),
    ("erlang(mean=1s,k=2.5)", "it is a whole number"),
    ("erlang(mean=1s,k=99999999999)", "it is a whole number"),
    ("lognormal(mean=1s)", "lognormal is not determined by mean: write lognormal(mean=20ms,cv=2),"),
    ("lognormal(mean=1s,cv=2,p99=9s)", "is not determined by mean, cv and p99"),
    ("lognormal(mean=1s,p99=0.5s)", "p99 must lie above the mean, at most 14.9685 times it"),
    ("lognormal(mean=1s,p99=15s)", "no log-normal has mean=1s and p99=15s"),
    ("lognormal(mean=1s,p95=3.9s)", "at most 3.8681 times it"),
    ("lognormal(mean=1s,p90=2.3s)", "at most 2.2732 times it"),
    ("lognormal(median=1s,p99=1s)", "p99=1s of lognormal is not above the median 1s"),
    ("lognormal(median=1ms,p99=1h)", "would have a cv above 1000"),
    ("weibull(mean=1s,shape=0.01)", "shape=0.01 is out of bounds: it must be 0.05 to 10000"),
    ("weibull(median=1ns,p90=1h)", "would have a shape outside 0.05 to 10000"),
    ("pareto(mean=1s,alpha=1)", "pareto with alpha=1 has no mean: write alpha above 1"),
    ("pareto(min=1s,alpha=0.5)", "pareto with alpha=0.5 has no mean"),
    ("pareto(min=1s,alpha=2,max=1s)", "max=1s of pareto is not above min=1s"),
    ("pareto(min=1s,alpha=1e9)", "out of bounds: it must be 1 to 10000"),
    ("pareto(alpha=2)", "pareto is not determined by alpha"),
    ("hyperexp(mean=1s,cv=0.5)", "it must be 1 or more"),
    ("hyperexp(mean=1s,cv=1e4)", "it must be 1 to 1000"),
    ("mix()", "mix has no parts: write mix(90%"),
    ("mix(exp(1s))", "has a part 'exp(1s)' without weight"),
    ("mix(90%:1s,5%:2s)", "add up to 95, not 100"),
    ("mix(90%:1s,10:2s)", "weights with % and weights without"),
    ("mix(0:1s,0:2s)", "all weights in mix are 0"),
    ("mix(-1:1s,2:2s)", "weight -1 in mix is out of bounds"),
    ("mix(x:1s)", "weight in mix: 'x' is not a plain number: write one such as 90% or 9"),
    ("mix(1:3)", "'3' has no unit"),
    ("quantiles(p50=20ms)", "and then the longest value, max"),
    ("quantiles(max=20ms)", "needs one point or more"),
    ("quantiles()", "needs one point or more"),
    ("quantiles(20ms,max=1s)", "has a point '20ms' without '='"),
    ("quantiles(p100=20ms,max=1s)", "has a point 'p100'"),
    ("quantiles(p0=20ms,max=1s)", "has a point 'p0'"),
    ("quantiles(min=0s,max=1s)", "must be more than 0s"),
    ("quantiles(p90=1s,p50=2s,max=3s)", "quantiles(p90=1s,p50=2s) does not increase"),
    ("quantiles(p50=2s,p90=1s,max=3s)", "quantiles(p50=2s,p90=1s) does not increase"),
    ("samples:", "names no file"),
    ("samples:data.csv#", "names no file or no column"),
    ("samples:empty.csv", "samples:empty.csv: there is no value to draw from"),
    ("samples:missing.csv", "samples:missing.csv: no such file"),
];

#[test]
fn what_is_no_distribution_is_refused_with_a_sentence() {
    for (text, part) in REFUSED {
        let error = parsed(text).expect_err(text).to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
    let error = "samples:a.csv".parse::<Distribution>().unwrap_err().to_string();
    assert!(error.contains("no file can be read here"), "{error}");
}

#[test]
fn deep_nesting_and_long_texts_are_refused_in_short_sentences() {
    let nested = |depth: usize| format!("{}1s{}", "mix(1:".repeat(depth), ")".repeat(depth));
    assert_eq!(distribution(&nested(16)).constant(), Some(Span::from_nanos(1_000_000_000)));
    for text in [nested(17), nested(20_000), "(".repeat(100_000), "x".repeat(100_000)] {
        let error = parsed(&text).unwrap_err().to_string();
        assert!(error.chars().count() < 300, "{error}");
    }
    let error = parsed(&nested(17)).unwrap_err().to_string();
    assert!(error.contains("more than 16 deep"), "{error}");
}

/// Asks a distribution for everything: nothing may panic, be NaN or lose its mean.
fn ask_everything(distribution: &Distribution) {
    let mean = distribution.mean();
    assert!(mean.is_finite() && mean >= 0.0, "{distribution}: mean {mean}");
    assert!(distribution.scv() >= 0.0, "{distribution}: scv {}", distribution.scv());
    (0..=3).for_each(|n| assert!(distribution.moment(n) >= 0.0, "{distribution}: moment {n}"));
    let mut last = distribution.support_min();
    for p in [0.0, 1e-9, 0.01, 0.5, 0.9, 0.99, 0.999_999, 1.0 - 1e-12] {
        let x = distribution.quantile(p);
        assert!(x >= last && x.is_finite(), "{distribution}: quantile({p}) = {x} after {last}");
        assert!(
            (0.0..=1.0).contains(&distribution.cdf(x)),
            "{distribution}: cdf({x}) = {}",
            distribution.cdf(x)
        );
        last = x;
    }
    assert!(distribution.quantile(1.0) >= last, "{distribution}");
    assert!(!distribution.describe().contains("NaN"), "{}", distribution.describe());
    distribution.tail();
    let (mut stream, sampler) = (stream(0), distribution.sampler());
    (0..20).for_each(|_| assert!(sampler.draw(&mut stream) <= Span::MAX));
    assert_eq!(
        &parsed(&distribution.to_string()).expect("what is printed parses back"),
        distribution
    );
}

/// Times, numbers, names and signs of the grammar, sane and absurd, thrown together.
fn grammar_like() -> impl Strategy<Value = String> {
    let time = prop::sample::select(vec![
        "20ms",
        "1s",
        "0s",
        "584y",
        "18446744073709551615ns",
        "1ns",
        "2ns",
        "3",
        "300ms",
        "-1s",
        "100h",
        "nan",
    ]);
    let number = prop::sample::select(vec![
        "2",
        "0.5",
        "0",
        "1",
        "1e3",
        "0.05",
        "3.5",
        "1.0000001",
        "1e-3",
        "-2",
        "nan",
        "1e308",
        "10000",
        "1000000",
    ]);
    let name = prop::sample::select(vec![
        "mean", "median", "cv", "p50", "p90", "p95", "p99", "p99.9", "min", "max", "alpha",
        "shape", "k", "value",
    ]);
    let value = prop_oneof![time.clone(), number.clone()];
    let argument = (name, value.clone()).prop_map(|(name, value)| format!("{name}={value}"));
    let argument = prop_oneof![4 => argument, 1 => value.prop_map(str::to_owned)];
    let function = prop::sample::select(vec![
        "exp",
        "uniform",
        "erlang",
        "gamma",
        "lognormal",
        "weibull",
        "pareto",
        "hyperexp",
        "quantiles",
        "const",
        "foo",
    ]);
    let leaf = prop_oneof![
        1 => time.clone().prop_map(str::to_owned),
        1 => Just("samples:data.csv#x".to_owned()),
        6 => (function, prop::collection::vec(argument, 0..4))
            .prop_map(|(name, arguments)| format!("{name}({})", arguments.join(","))),
    ];
    leaf.prop_recursive(3, 12, 3, move |inner| {
        let part = (number.clone(), inner.clone())
            .prop_map(|(weight, distribution)| format!("{weight}:{distribution}"));
        prop_oneof![
            prop::collection::vec(part, 0..4).prop_map(|parts| format!("mix({})", parts.join(","))),
            (inner, time.clone())
                .prop_map(|(distribution, shift)| format!("{distribution} + {shift}")),
        ]
    })
}

/// Pairs of parameters that go together, over the whole range that is accepted and beyond.
fn likely() -> impl Strategy<Value = String> {
    let time = (0u32..20, 1u64..1000).prop_map(|(power, n)| {
        Span::from_nanos(n.saturating_mul(10u64.saturating_pow(power))).to_string()
    });
    let number = (-4.0..5.0f64).prop_map(|power| 10f64.powf(power));
    (0..14, time.clone(), time.clone(), time, number, 1u32..2_000_000).prop_map(
        |(kind, a, b, c, x, k)| match kind {
            0 => format!("exp({a})"),
            1 => format!("uniform({a},{b})"),
            2 => format!("erlang(mean={a},k={k})"),
            3 => format!("gamma(mean={a},cv={x})"),
            4 => format!("lognormal(mean={a},cv={x})"),
            5 => format!("lognormal(median={a},p90={b})"),
            6 => format!("lognormal(mean={a},p99={b})"),
            7 => format!("weibull(mean={a},shape={x})"),
            8 => format!("weibull(mean={a},cv={x})"),
            9 => format!("weibull(median={a},p99={b})"),
            10 => format!("pareto(mean={a},alpha={x})"),
            11 => format!("pareto(min={a},alpha={x},max={b})"),
            12 => format!("hyperexp(mean={a},cv={x}) + {b}"),
            _ => format!("quantiles(p50={a},p99={b},max={c})"),
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,40}") {
        let _ = parsed(&text);
        let _ = ArrivalProcess::parse_with(&text, &load);
    }

    #[test]
    fn no_soup_of_signs_makes_the_parser_panic(text in "[a-z0-9 .,:%=()+#\"/-]{0,40}") {
        let _ = parsed(&text);
        let _ = ArrivalProcess::parse_with(&text, &load);
        let _ = parsed(&format!("mix({text})"));
        let _ = parsed(&format!("samples:{text}"));
    }

    #[test]
    fn what_looks_like_a_distribution_is_refused_or_whole(text in grammar_like()) {
        if let Ok(distribution) = parsed(&text) {
            ask_everything(&distribution);
        }
        let _ = ArrivalProcess::parse_with(&text, &load);
    }

    #[test]
    fn accepted_parameters_never_lead_to_nan(text in likely()) {
        if let Ok(distribution) = parsed(&text) {
            ask_everything(&distribution);
        }
    }
}
