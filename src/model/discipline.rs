//! Which of the waiting requests a free worker takes.

use std::fmt;
use std::str::FromStr;

/// The discipline of the listen queue. A request in service is never interrupted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Discipline {
    /// The one that has waited longest.
    #[default]
    Fifo,
    /// The one that came last.
    Lifo,
    /// Of the route with the lowest priority number; of these the one that has waited longest.
    Priority,
}

impl Discipline {
    /// All disciplines.
    pub const ALL: [Discipline; 3] = [Discipline::Fifo, Discipline::Lifo, Discipline::Priority];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Discipline::Fifo => "fifo",
            Discipline::Lifo => "lifo",
            Discipline::Priority => "priority",
        }
    }
}

impl fmt::Display for Discipline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Discipline {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Discipline::ALL
            .into_iter()
            .find(|discipline| discipline.name() == text)
            .ok_or_else(|| format!("'{text}' is not a discipline: write fifo, lifo or priority"))
    }
}
