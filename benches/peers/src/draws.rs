//! The same generator and the same ziggurat as simsrv uses.

use rand::SeedableRng;
use rand_distr::{Distribution, Exp1};
use rand_xoshiro::Xoshiro256PlusPlus;

/// One stream for everything, as a hand-written model would have.
pub struct Draws(Xoshiro256PlusPlus);

impl Default for Draws {
    fn default() -> Self {
        Draws::new()
    }
}

impl Draws {
    pub fn new() -> Self {
        Draws(Xoshiro256PlusPlus::seed_from_u64(1))
    }

    #[inline]
    pub fn exponential(&mut self, mean: f64) -> f64 {
        let x: f64 = Exp1.sample(&mut self.0);
        mean * x
    }
}
