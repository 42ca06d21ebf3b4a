//! How much workers that compute at the same time slow each other down, beyond their sharing of cores.

use std::fmt;
use std::str::FromStr;

use super::super::ModelError;

/// The universal scalability law (Gunther 2007, Guerrilla Capacity Planning, chapter 4): with n busy
/// workers everything takes 1 + sigma (n - 1) + kappa n (n - 1) times as long.
///
/// What a burst of CPU asks for is multiplied by that when it begins, with the number of workers
/// (threads; of event loops processes) of its host that hold a request then, its own among them. It
/// stands for what the model has no mechanism for: locks inside the application, caches and memory
/// that are shared. Time off the CPU is not changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contention {
    /// The share of the work that only one can do at a time.
    pub sigma: f64,
    /// What each pair of busy workers costs to keep consistent.
    pub kappa: f64,
}

impl Contention {
    /// How many times as long a burst takes with so many busy workers.
    pub(crate) fn factor(&self, busy: u32) -> f64 {
        let (n, others) = (f64::from(busy), f64::from(busy.saturating_sub(1)));
        1.0 + self.sigma * others + self.kappa * n * others
    }
}

impl fmt::Display for Contention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "usl({},{})", self.sigma, self.kappa)
    }
}

impl FromStr for Contention {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Contention, ModelError> {
        let wrong = || ModelError::Contention;
        let inside = text.trim().strip_prefix("usl(").and_then(|rest| rest.strip_suffix(')'));
        let number = |text: &str| {
            let number: Option<f64> = text.trim().parse().ok();
            number.filter(|number| (0.0..=1.0).contains(number)).ok_or_else(wrong)
        };
        let (sigma, kappa) = inside.and_then(|inside| inside.split_once(',')).ok_or_else(wrong)?;
        Ok(Contention { sigma: number(sigma)?, kappa: number(kappa)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: 1 + 0.05 x 3 + 0.001 x 4 x 3 = 1.162.
    #[test]
    fn the_law_is_read_and_holds() {
        let law: Contention = "usl(0.05,0.001)".parse().unwrap();
        assert_eq!(law.to_string(), "usl(0.05,0.001)");
        assert!((law.factor(4) - 1.162).abs() < 1e-12);
        assert_eq!([0, 1].map(|busy| law.factor(busy)), [1.0, 1.0]);
        for text in ["", "0.05", "usl()", "usl(0.05)", "usl(2,0)", "usl(-1,0)", "usl(nan,0)"] {
            assert!(text.parse::<Contention>().is_err(), "{text}");
        }
    }
}
