//! Exact fractions, for the slow twin: no rounding, so no tolerance and no doubt about ties.
//!
//! They are `i128` over `i128`. A fraction that outgrows that is *lost*: it stays lost through
//! everything that is computed with it and sorts before all others, so that it is noticed.

use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Sub};

/// A fraction in lowest terms; the denominator of a lost one is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    num: i128,
    den: i128,
}

fn gcd(a: u128, b: u128) -> u128 {
    match (u64::try_from(a), u64::try_from(b)) {
        // Most numbers are small, and dividing 64 bits is many times faster than 128.
        (Ok(mut a), Ok(mut b)) => {
            while b != 0 {
                (a, b) = (b, a % b);
            }
            u128::from(a)
        }
        _ if b == 0 => a,
        _ => gcd(b, a % b),
    }
}

impl Ratio {
    pub const ZERO: Ratio = Ratio::whole(0);
    pub const ONE: Ratio = Ratio::whole(1);
    const LOST: Ratio = Ratio { num: 0, den: 0 };

    pub const fn whole(num: i128) -> Ratio {
        Ratio { num, den: 1 }
    }

    /// `num / den`, with `den` above zero.
    pub fn new(num: i128, den: i128) -> Ratio {
        let common = gcd(num.unsigned_abs(), den.unsigned_abs()) as i128;
        Ratio { num: num / common, den: den / common }
    }

    pub fn is_lost(self) -> bool {
        self.den == 0
    }

    fn or_lost(num: Option<i128>, den: Option<i128>) -> Ratio {
        num.zip(den).map_or(Ratio::LOST, |(num, den)| Ratio::new(num, den))
    }

    /// `self` x 10^9, to the nearest whole number or two; the fraction may go through a float
    /// because nobody computes with it any more.
    pub fn billionths(self) -> i128 {
        let whole = self.num.div_euclid(self.den);
        let rest = self.num.rem_euclid(self.den) as f64 / self.den as f64;
        whole * 1_000_000_000 + (rest * 1e9).round() as i128
    }
}

impl Add for Ratio {
    type Output = Ratio;

    fn add(self, other: Ratio) -> Ratio {
        if self.is_lost() || other.is_lost() {
            return Ratio::LOST;
        }
        let common = gcd(self.den as u128, other.den as u128) as i128;
        let (mine, theirs) = (other.den / common, self.den / common);
        let sum = (self.num.checked_mul(mine).zip(other.num.checked_mul(theirs)))
            .and_then(|(a, b)| a.checked_add(b));
        Ratio::or_lost(sum, self.den.checked_mul(mine))
    }
}

impl Sub for Ratio {
    type Output = Ratio;

    fn sub(self, other: Ratio) -> Ratio {
        self + Ratio { num: -other.num, den: other.den }
    }
}

impl Mul for Ratio {
    type Output = Ratio;

    fn mul(self, other: Ratio) -> Ratio {
        if self.is_lost() || other.is_lost() {
            return Ratio::LOST;
        }
        let (a, b) = (Ratio::new(self.num, other.den), Ratio::new(other.num, self.den));
        Ratio::or_lost(a.num.checked_mul(b.num), a.den.checked_mul(b.den))
    }
}

impl Div for Ratio {
    type Output = Ratio;

    /// By something above zero: times its inverse.
    #[expect(clippy::suspicious_arithmetic_impl)]
    fn div(self, other: Ratio) -> Ratio {
        self * Ratio { num: other.den, den: other.num }
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Ratio) -> Ordering {
        match (self.is_lost(), other.is_lost()) {
            (false, false) => order(self.num, self.den, other.num, other.den),
            (mine, theirs) => theirs.cmp(&mine),
        }
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Ratio) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Compares a/b with c/d by their whole parts, then the inverses of what is left (as in Euclid's
/// algorithm), so that nothing can overflow.
fn order(a: i128, b: i128, c: i128, d: i128) -> Ordering {
    let wholes = a.div_euclid(b).cmp(&c.div_euclid(d));
    let (rest, other) = (a.rem_euclid(b), c.rem_euclid(d));
    wholes.then_with(|| match (rest, other) {
        (0, _) | (_, 0) => rest.cmp(&other),
        _ => order(d, other, b, rest),
    })
}

#[test]
fn fractions_are_exact_and_know_when_they_are_not() {
    let third = Ratio::new(1, 3);
    assert_eq!(third + third + third, Ratio::ONE);
    assert_eq!(Ratio::new(2, 6) * Ratio::new(3, 4) - Ratio::new(1, 4), Ratio::ZERO);
    assert_eq!(Ratio::new(1, 2) / Ratio::new(3, 2), third);
    assert!(third < Ratio::new(1_000_001, 3_000_000) && third > Ratio::new(333, 1000));
    assert!(Ratio::new(-1, 3) < Ratio::ZERO);
    assert_eq!(Ratio::new(7, 3).billionths(), 2_333_333_333);
    let huge = Ratio::new(i128::MAX, i128::MAX - 1);
    assert!(huge > Ratio::ONE && huge < Ratio::new(i128::MAX - 2, i128::MAX - 3));
    let lost = huge * huge;
    assert!(lost.is_lost() && (lost + third).is_lost() && lost < Ratio::whole(-1));
}
