//! The five models.

/// What is simulated; times in seconds, all distributions exponential.
#[derive(Clone, Copy, Debug)]
pub enum Model {
    /// Poisson arrivals at `rate`, `workers` workers, mean service 1 s.
    Open { workers: usize, rate: f64 },
    /// Clients that think 1 s on average; workers that serve in 0.1 s.
    Closed { clients: usize, workers: usize },
    /// Poisson arrivals; workers that share fewer cores equally; mean demand 1 s.
    Sharing { workers: usize, cores: f64, rate: f64 },
}

/// Their names.
pub const MODELS: [(&str, Model); 5] = [
    ("mm1", Model::Open { workers: 1, rate: 0.8 }),
    ("mm4", Model::Open { workers: 4, rate: 3.2 }),
    ("mm32", Model::Open { workers: 32, rate: 28.8 }),
    ("closed", Model::Closed { clients: 100, workers: 8 }),
    ("sharing", Model::Sharing { workers: 16, cores: 4.0, rate: 3.2 }),
];
