//! Moments, quantiles and fits against values from elsewhere.

use super::{EVERY_KIND, distribution, near};
use crate::distribution::solve::normal_quantile;
use crate::distribution::{Distribution, Tail};

/// Mean, squared coefficient of variation and E[X³]/mean³ in closed form.
#[test]
fn moments_are_those_of_the_textbooks() {
    let c2: f64 = 0.25; // squared cv of the gamma distribution
    let bounded = 10f64.ln() / 0.9; // of density x^-2/0.9 on 1..10
    for (text, mean, scv, third) in [
        ("3s", 3.0, 0.0, 1.0),
        ("exp(20ms)", 0.02, 1.0, 6.0),
        ("uniform(1s,5s)", 3.0, 16.0 / 12.0 / 9.0, 39.0 / 27.0),
        ("erlang(mean=20ms,k=3)", 0.02, 1.0 / 3.0, 20.0 / 9.0),
        ("gamma(mean=20ms,cv=0.5)", 0.02, c2, (1.0 + c2) * (1.0 + 2.0 * c2)),
        ("gamma(mean=20ms,cv=1000)", 0.02, 1e6, (1.0 + 1e6) * (1.0 + 2e6)),
        ("gamma(mean=20ms,cv=0.001)", 0.02, 1e-6, (1.0 + 1e-6) * (1.0 + 2e-6)),
        ("lognormal(mean=20ms,cv=2)", 0.02, 4.0, 125.0),
        ("lognormal(mean=20ms,cv=0.001)", 0.02, 1e-6, (1.0f64 + 1e-6).powi(3)),
        ("weibull(mean=20ms,shape=0.5)", 0.02, 5.0, 90.0), // Γ(3) = 2, Γ(5) = 24, Γ(7) = 720
        ("weibull(mean=1s,shape=1)", 1.0, 1.0, 6.0),
        (
            "weibull(mean=1s,shape=2)",
            1.0,
            4.0 / std::f64::consts::PI - 1.0,
            6.0 / std::f64::consts::PI,
        ),
        ("pareto(min=12ms,alpha=3.5)", 0.0168, 1.0 / 5.25, 7.0 / 1.4f64.powi(3)),
        ("pareto(mean=20ms,alpha=2.5)", 0.02, 0.8, f64::INFINITY),
        ("pareto(mean=20ms,alpha=2)", 0.02, f64::INFINITY, f64::INFINITY),
        (
            "pareto(min=1s,alpha=1,max=10s)",
            bounded,
            10.0 / bounded / bounded - 1.0,
            55.0 / bounded.powi(3),
        ),
        ("hyperexp(mean=20ms,cv=1)", 0.02, 1.0, 6.0),
        (
            "mix(90%:5ms,10%:exp(200ms))",
            0.0245,
            0.008_022_5 / 0.0245 / 0.0245 - 1.0,
            0.004_800_112_5 / 0.0245f64.powi(3),
        ),
        ("mix(3:1s,0:exp(9h),1:5s)", 2.0, 0.75, 4.0),
        (
            "quantiles(min=1s,max=5s)",
            4.0 / 5f64.ln(),
            12.0 / 16.0 * 5f64.ln() - 1.0,
            124.0 / 192.0 * 5f64.ln().powi(2),
        ),
        ("samples:data.csv", 0.0025, 0.2, 1.6),
        ("exp(20ms) + 10ms", 0.03, 4.0 / 9.0, 79.0 / 27.0),
    ] {
        let distribution = distribution(text);
        near(distribution.mean(), mean, 1e-12, text);
        near(distribution.scv(), scv, 1e-9, text);
        near(distribution.moment(3), third * mean.powi(3), 1e-9, text);
        near(distribution.moment(0), 1.0, 1e-12, text);
    }
}

/// Balanced means: the two parts contribute half of the mean each, and cv is as asked.
#[test]
fn hyperexponential_has_the_cv_that_is_asked() {
    for cv in [1.0, 1.5, 4.0, 30.0, 1000.0] {
        let distribution = distribution(&format!("hyperexp(mean=20ms,cv={cv})"));
        near(distribution.mean(), 0.02, 1e-12, "mean");
        near(distribution.scv(), cv * cv, 1e-9, "scv");
        let p = (1.0 + ((cv * cv - 1.0) / (cv * cv + 1.0)).sqrt()) / 2.0;
        let x: f64 = 0.03;
        let cdf =
            1.0 - p * (-x * 2.0 * p / 0.02).exp() - (1.0 - p) * (-x * 2.0 * (1.0 - p) / 0.02).exp();
        near(distribution.cdf(x), cdf, 1e-12, "cdf");
    }
}

/// E[X^n] = ∫ Q(p)^n dp with p = 1/(1+e^(-u)): the trapezoidal rule converges fast on smooth Q.
fn integrated_moment(distribution: &Distribution, n: i32, step: f64) -> f64 {
    let steps = (34.0 / step) as i32;
    let term = |i: i32| {
        let p = 1.0 / (1.0 + (-f64::from(i) * step).exp());
        distribution.quantile(p).powi(n) * p * (1.0 - p) * step
    };
    (-steps..=steps).map(term).sum()
}

#[test]
fn moments_are_the_integrals_of_the_quantile_function() {
    for (text, relative) in [
        ("uniform(10ms,30ms)", 1e-9),
        ("erlang(mean=20ms,k=3)", 1e-9),
        ("gamma(mean=20ms,cv=2)", 1e-9),
        ("lognormal(median=20ms,p99=300ms)", 1e-5), // much of E[X³] lies where 1-p loses digits
        ("lognormal(mean=20ms,p95=60ms)", 1e-6),
        ("weibull(mean=20ms,shape=0.7)", 1e-7),
        ("weibull(median=20ms,p90=60ms)", 1e-7),
        ("pareto(min=12ms,alpha=9)", 1e-7),
        ("pareto(min=12ms,alpha=2.2,max=1s)", 1e-7),
        ("hyperexp(mean=20ms,cv=3)", 1e-7),
        ("mix(1:exp(1ms),1:uniform(1ms,2ms),1:gamma(mean=3ms,cv=0.3))", 1e-3), // Q has kinks
        ("quantiles(p50=20ms,p99=300ms,max=2s)", 1e-3),                        // Q has kinks
        ("exp(20ms) + 5ms", 1e-9),
    ] {
        let distribution = distribution(text);
        for n in 1..=3 {
            let expect = integrated_moment(&distribution, n, 0.05);
            near(distribution.moment(n as u32), expect, relative, &format!("{text}, moment {n}"));
        }
    }
}

#[test]
fn fitted_parameters_give_back_what_was_asked() {
    for (text, share, seconds) in [
        ("lognormal(median=20ms,p99=300ms)", 0.5, 0.02),
        ("lognormal(median=20ms,p99=300ms)", 0.99, 0.3),
        ("lognormal(median=20ms,p90=300ms)", 0.90, 0.3),
        ("lognormal(mean=20ms,p99=100ms)", 0.99, 0.1),
        ("lognormal(mean=20ms,p99=299ms)", 0.99, 0.299),
        ("lognormal(mean=20ms,p95=21ms)", 0.95, 0.021),
        ("weibull(median=20ms,p95=100ms)", 0.5, 0.02),
        ("weibull(median=20ms,p95=100ms)", 0.95, 0.1),
        ("quantiles(p50=20ms,p99=300ms,max=2s)", 0.5, 0.02),
        ("quantiles(p50=20ms,p99=300ms,max=2s)", 0.99, 0.3),
        ("quantiles(p50=20ms,p99=300ms,max=2s)", 1.0, 2.0),
        ("quantiles(min=5ms,p50=20ms,max=2s)", 0.0, 0.005),
    ] {
        near(distribution(text).quantile(share), seconds, 1e-9, text);
    }
    for text in [
        "lognormal(mean=20ms,p99=100ms)",
        "lognormal(mean=20ms,p90=45ms)",
        "pareto(mean=20ms,alpha=1.1)",
    ] {
        near(distribution(text).mean(), 0.02, 1e-9, text);
    }
    for cv in [0.001, 0.1, 0.5, 1.0, 3.0, 1000.0] {
        let distribution = distribution(&format!("weibull(mean=20ms,cv={cv})"));
        near(distribution.mean(), 0.02, 1e-9, "mean");
        near(distribution.scv(), cv * cv, 1e-8, &format!("cv {cv}"));
    }
}

/// The narrower of the two log-normals with that mean and p99: σ below z, not above.
#[test]
fn of_two_lognormals_the_narrower_is_taken() {
    let distribution = distribution("lognormal(mean=20ms,p99=100ms)");
    let z: f64 = 2.326_347_874_040_840_8; // Abramowitz & Stegun 1964, table 26.5 gives 2.32635
    let sigma = z - (z * z - 2.0 * 5f64.ln()).sqrt();
    near(distribution.scv(), (sigma * sigma).exp_m1(), 1e-9, "scv");
}

#[test]
fn normal_quantiles_are_exact() {
    for (p, z) in [
        (0.5, 0.0),
        (0.90, 1.281_551_565_544_600_4),
        (0.95, 1.644_853_626_951_472_2),
        (0.99, 2.326_347_874_040_840_8),
        (0.01, -2.326_347_874_040_840_8),
    ] {
        assert!((normal_quantile(p) - z).abs() < 1e-14, "{p}: {}", normal_quantile(p));
    }
    assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
    assert_eq!(normal_quantile(1.0), f64::INFINITY);
}

/// F(Q(p)) >= p, and just below Q(p) it is not more than p: Q(p) = inf{x: F(x) >= p}.
#[test]
fn quantiles_turn_distribution_functions_around() {
    for text in EVERY_KIND {
        let distribution = distribution(text);
        for p in [1e-6, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999_999] {
            let x = distribution.quantile(p);
            assert!(distribution.cdf(x * (1.0 + 1e-12)) >= p - 1e-11, "{text} at {p}: {x}");
            assert!(distribution.cdf(x * (1.0 - 1e-9)) <= p + 1e-11, "{text} at {p}: {x}");
        }
        assert_eq!(distribution.cdf(-1.0), 0.0, "{text}");
        assert_eq!(distribution.cdf(f64::INFINITY), 1.0, "{text}");
        assert!(
            distribution.cdf(f64::NAN).is_nan() && distribution.quantile(f64::NAN).is_nan(),
            "{text}"
        );
    }
}

#[test]
fn steps_lie_where_they_should() {
    let steps = distribution("mix(70%:1s,20%:2s,10%:3s)");
    for (p, x) in
        [(0.0, 1.0), (0.7, 1.0), (0.700_001, 2.0), (0.9, 2.0), (0.900_001, 3.0), (1.0, 3.0)]
    {
        assert_eq!(steps.quantile(p), x, "{p}");
    }
    assert_eq!((steps.cdf(0.999_999), steps.cdf(1.0)), (0.0, 0.7));
    let samples = distribution("samples:data.csv + 1ms");
    for (p, x) in [(0.0, 0.002), (0.25, 0.002), (0.26, 0.003), (0.75, 0.004), (1.0, 0.005)] {
        assert_eq!(samples.quantile(p), x, "{p}");
    }
    assert_eq!((samples.cdf(0.001_999), samples.cdf(0.002)), (0.0, 0.25));
}

#[test]
fn distributions_with_one_value_are_known_as_constant() {
    for (text, expect) in [
        ("3s", Some(3_000_000_000)),
        ("3s + 5ns", Some(3_000_000_005)),
        ("18446744073709551615ns", Some(u64::MAX)),
        ("uniform(2ns,2ns)", Some(2)),
        ("gamma(mean=20ns,cv=0)", Some(20)),
        ("lognormal(mean=20ns,cv=0)", Some(20)),
        ("weibull(mean=20ns,cv=0)", Some(20)),
        ("mix(50%:3ns,50%:uniform(3ns,3ns))", Some(3)),
        ("mix(100%:3ns,0%:exp(1s))", Some(3)),
        ("mix(1:mix(1:3ns) + 1ns)", Some(4)),
        ("samples:zero.csv", Some(0)),
        ("mix(50%:3ns,50%:4ns)", None),
        ("exp(1ns)", None),
    ] {
        let distribution = distribution(text);
        assert_eq!(distribution.constant().map(|span| span.as_nanos()), expect, "{text}");
        assert_eq!(distribution.is_zero(), expect == Some(0), "{text}");
    }
}

#[test]
fn supports_are_told() {
    for (text, min, max) in [
        ("3s", 3.0, Some(3.0)),
        ("uniform(1s,5s)", 1.0, Some(5.0)),
        ("exp(1s) + 2s", 2.0, None),
        ("pareto(min=2s,alpha=3)", 2.0, None),
        ("pareto(min=2s,alpha=3,max=9s)", 2.0, Some(9.0)),
        ("mix(1:3s,1:exp(1s))", 0.0, None),
        ("mix(1:3s,1:uniform(1s,2s))", 1.0, Some(3.0)),
        ("quantiles(min=1s,p50=2s,max=8s)", 1.0, Some(8.0)),
        ("samples:data.csv", 0.001, Some(0.004)),
    ] {
        let distribution = distribution(text);
        near(distribution.support_min(), min, 1e-12, text);
        assert_eq!(distribution.support_max(), max, "{text}");
    }
}

#[test]
fn heavy_tails_are_told_apart() {
    for (text, part) in [
        ("exp(1s)", None),
        ("pareto(mean=1s,alpha=2)", Some("the mean wait is infinite")),
        ("pareto(mean=1s,alpha=3)", Some("no confidence interval")),
        ("pareto(mean=1s,alpha=3.1)", None),
        ("pareto(min=1s,alpha=1,max=9s)", None),
        ("lognormal(mean=1s,cv=3.9)", None),
        ("lognormal(mean=1s,cv=4)", Some("cv 4 ")),
        ("weibull(mean=1s,shape=0.5)", None),
        ("weibull(mean=1s,shape=0.4)", Some("shape 0.4 ")),
        ("hyperexp(mean=1s,cv=9)", None),
        ("mix(1:lognormal(mean=1s,cv=9),1:pareto(mean=1s,alpha=1.5) + 1s)", Some("alpha=1.5 <= 2")),
        ("mix(1:exp(1s),0:pareto(mean=1s,alpha=1.5))", None),
    ] {
        match (distribution(text).tail(), part) {
            (Tail::Light, None) => {}
            (Tail::Heavy { why }, Some(part)) => assert!(why.contains(part), "{text}: {why}"),
            (got, _) => panic!("{text}: {got:?}, expected {part:?}"),
        }
    }
}

#[test]
fn distributions_are_described_in_a_line() {
    for (text, expect) in [
        ("3s", "always 3 s"),
        ("0", "always 0 s"),
        ("exp(20ms)", "mean 20 ms, cv 1, p50 13.9 ms, p95 59.9 ms, p99 92.1 ms"),
        ("lognormal(mean=20ms,cv=2)", "mean 20 ms, cv 2, p50 8.94 ms, p95 72.1 ms, p99 171 ms"),
        (
            "pareto(mean=20ms,alpha=2.5)",
            "mean 20 ms, cv 0.894, p50 15.8 ms, p95 39.8 ms, p99 75.7 ms, third moment infinite",
        ),
        (
            "pareto(mean=20ms,alpha=2)",
            "mean 20 ms, variance infinite, p50 14.1 ms, p95 44.7 ms, p99 100 ms",
        ),
    ] {
        assert_eq!(distribution(text).describe(), expect, "{text}");
    }
}

/// The share beyond which a tenth of E[X²] lies, against E[X²; X > x] = E[X²] − ∫ up to F(x) of
/// Q(p)² dp by the midpoint rule in u with p = 1/(1 + e^(−u)).
#[test]
fn the_largest_tenth_is_as_rare_as_it_should_be() {
    for text in
        ["lognormal(mean=20ms,cv=4)", "lognormal(mean=20ms,cv=6)", "weibull(mean=20ms,shape=0.45)"]
    {
        let distribution = distribution(text);
        let share = distribution.share_of_top_tenth().expect("a heavy distribution");
        let end = ((1.0 - share) / share).ln();
        let steps = 200_000;
        let width = (end + 40.0) / f64::from(steps);
        let term = |i: i32| {
            let p = 1.0 / (1.0 + (-(-40.0 + (f64::from(i) + 0.5) * width)).exp());
            distribution.quantile(p).powi(2) * p * (1.0 - p) * width
        };
        let below: f64 = (0..steps).map(term).sum();
        near(below, 0.9 * distribution.moment(2), 1e-4, text);
    }
    // σ² = ln 17: P(Z > 2 x 1.68319 + 1.28155) = P(Z > 4.64793), 1.676e-6 by a table of Mills'
    // ratio
    near(
        distribution("lognormal(mean=20ms,cv=4)").share_of_top_tenth().unwrap(),
        1.676e-6,
        2e-3,
        "cv 4",
    );
    let mixed = distribution("mix(90%:exp(1ms),10%:lognormal(mean=20ms,cv=4) + 1ms)");
    near(mixed.share_of_top_tenth().unwrap(), 1.676e-7, 2e-3, "a tenth of it");
    assert_eq!(distribution("exp(20ms)").share_of_top_tenth(), None);
    for (text, index) in [
        ("pareto(mean=1s,alpha=2.5) + 1s", Some(2.5)),
        ("mix(1:pareto(mean=1s,alpha=2.5),1:pareto(mean=1s,alpha=1.5))", Some(1.5)),
        ("pareto(min=1s,alpha=1.5,max=9s)", None),
        ("lognormal(mean=1s,cv=9)", None),
    ] {
        assert_eq!(distribution(text).tail_index(), index, "{text}");
    }
}

/// Each way to write a distribution, over a range of parameters: what was asked comes back to 1e-9.
#[test]
fn every_way_to_write_a_distribution_gives_its_parameters_back() {
    let spans = [("1ms", 0.001), ("20ms", 0.02), ("3s", 3.0)];
    for (mean, seconds) in spans {
        for cv in [0.05, 0.5, 1.0, 2.0, 5.0] {
            for name in ["gamma", "lognormal", "weibull", "hyperexp"] {
                if name == "hyperexp" && cv < 1.0 {
                    continue;
                }
                let text = format!("{name}(mean={mean},cv={cv})");
                near(distribution(&text).mean(), seconds, 1e-9, &text);
                near(distribution(&text).scv(), cv * cv, 1e-9, &text);
            }
        }
        for (level, share) in [("p90", 0.90), ("p95", 0.95), ("p99", 0.99)] {
            for times in [1.05, 1.5, 2.2, 9.0] {
                let tail = format!("{level}={}ns", (seconds * times * 1e9).round());
                for name in ["lognormal", "weibull"] {
                    let text = format!("{name}(median={mean},{tail})");
                    near(distribution(&text).quantile(0.5), seconds, 1e-9, &text);
                    near(distribution(&text).quantile(share), seconds * times, 1e-9, &text);
                }
                if times < 2.27 {
                    let text = format!("lognormal(mean={mean},{tail})");
                    near(distribution(&text).mean(), seconds, 1e-9, &text);
                    near(distribution(&text).quantile(share), seconds * times, 1e-9, &text);
                }
            }
        }
        for k in [1, 3, 40] {
            let text = format!("erlang(mean={mean},k={k})");
            near(distribution(&text).mean(), seconds, 1e-9, &text);
            near(distribution(&text).scv(), 1.0 / f64::from(k), 1e-9, &text);
        }
        for shape in [0.3, 0.7, 1.0, 4.0] {
            // E[(X/scale)^shape] = 1: the shape is seen in the ratio of two quantiles
            let text = format!("weibull(mean={mean},shape={shape})");
            let ratio = distribution(&text).quantile(0.99) / distribution(&text).quantile(0.5);
            near(distribution(&text).mean(), seconds, 1e-9, &text);
            near((100f64.ln() / 2f64.ln()).ln() / ratio.ln(), shape, 1e-9, &text);
        }
        for alpha in [1.2, 2.0, 3.5] {
            let text = format!("pareto(mean={mean},alpha={alpha})");
            let ratio = distribution(&text).quantile(0.99) / distribution(&text).support_min();
            near(distribution(&text).mean(), seconds, 1e-9, &text);
            near(100f64.ln() / ratio.ln(), alpha, 1e-9, &text);
        }
    }
    let points = distribution("quantiles(min=1ms,p25=4ms,p50=20ms,p90=80ms,p99.9=300ms,max=2s)");
    for (share, seconds) in
        [(0.0, 0.001), (0.25, 0.004), (0.5, 0.02), (0.9, 0.08), (0.999, 0.3), (1.0, 2.0)]
    {
        near(points.quantile(share), seconds, 1e-9, "quantiles");
    }
}
