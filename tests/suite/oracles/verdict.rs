//! When a simulated value agrees with an exact one.

/// The quantile of Student's t for a 95 % interval of 20 replications (Abramowitz & Stegun 1964,
/// table 26.10), by which the program's half-widths become standard errors.
pub const STUDENT_19: f64 = 2.093_024;

/// What is forgiven, as a share of the value.
const FORGIVEN: f64 = 0.005;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Agrees,
    /// Between 4 and 6 standard errors: one more run, four times as long, decides.
    Again,
    Differs,
}

/// |simulated - exact| <= `most` standard errors or 0.5 %, whichever is larger.
pub fn near(simulated: f64, error: f64, exact: f64, most: f64) -> bool {
    (simulated - exact).abs() <= (most * error).max(FORGIVEN * exact.abs())
}

pub fn verdict(simulated: f64, error: f64, exact: f64) -> Verdict {
    match () {
        () if near(simulated, error, exact, 4.0) => Verdict::Agrees,
        () if near(simulated, error, exact, 6.0) => Verdict::Again,
        () => Verdict::Differs,
    }
}

/// The exact value moved by ten standard errors (by 1 % where those are less than what is
/// forgiven): it must be seen to differ.
pub fn moved(simulated: f64, error: f64, exact: f64) -> f64 {
    let away = if simulated > exact { -1.0 } else { 1.0 };
    exact + away * (10.0 * error).max(2.0 * FORGIVEN * exact.abs())
}

#[test]
fn the_check_can_fail() {
    // 1 % off with an error of 0.2 %: 5 errors, once more; 7 errors, no
    assert_eq!(verdict(1.010, 0.002, 1.0), Verdict::Again);
    assert_eq!(verdict(1.014, 0.002, 1.0), Verdict::Differs);
    assert_eq!(verdict(1.004, 0.0001, 1.0), Verdict::Agrees);
    assert_eq!(verdict(0.006, 0.0, 0.0), Verdict::Differs);
    assert_eq!(verdict(f64::NAN, 0.1, 1.0), Verdict::Differs);
    for (simulated, error) in [(1.0, 0.002), (1.007, 0.002), (0.998, 0.0), (1.0, 0.05)] {
        assert_eq!(verdict(simulated, error, 1.0), Verdict::Agrees);
        let moved = moved(simulated, error, 1.0);
        assert_eq!(verdict(simulated, error, moved), Verdict::Differs, "{simulated} {error}");
    }
}
