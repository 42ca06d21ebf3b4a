//! Cores, whole ones and fractions.

use std::fmt;
use std::str::FromStr;

use super::ModelError;

/// Cores in thousandths, because CPU quotas are written so (`500m`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cores(u32);

/// The most cores that can be asked for.
pub const MAX_CORES: u32 = 100_000;

impl Cores {
    /// `cores` whole cores, at most [`MAX_CORES`].
    pub const fn whole(cores: u32) -> Self {
        Cores(if cores > MAX_CORES { MAX_CORES } else { cores } * 1000)
    }

    /// Thousandths of a core; never zero.
    pub const fn millicores(self) -> u32 {
        self.0
    }

    /// As a number of cores.
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 1000.0
    }
}

impl FromStr for Cores {
    type Err = ModelError;

    /// Reads `8`, `0.5` or `500m`.
    fn from_str(text: &str) -> Result<Cores, ModelError> {
        let (number, scale) = match text.trim().strip_suffix('m') {
            Some(number) => (number, 1),
            None => (text.trim(), 1000),
        };
        let wrong = || {
            ModelError::text(
                text,
                " is not a number of cores: write 8, 0.5 or 500m (thousandths of a core)",
            )
        };
        let none = || ModelError::text(text, " cores: the number of cores must be above 0");
        let step =
            || ModelError::text(text, " cores: the smallest step is 1m, a thousandth of a core");
        if number.starts_with('-') {
            return Err(none());
        }
        let fine = crate::time::scaled_decimal(number, scale * 1000).ok_or_else(wrong)?;
        let fine = fine.unwrap_or(u64::MAX);
        if fine / 1000 > u64::from(MAX_CORES) * 1000 {
            let given = format!("'{text}' cores are too many");
            return Err(ModelError::TooMany { given, most: MAX_CORES });
        }
        if !fine.is_multiple_of(1000) {
            return Err(step());
        }
        match fine / 1000 {
            0 => Err(none()),
            millicores if number.parse() == Ok(millicores as f64 / scale as f64) => {
                Ok(Cores(millicores as u32))
            }
            _ => Err(step()),
        }
    }
}

impl fmt::Display for Cores {
    /// As a decimal number: `8`, `0.5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_are_read() {
        for (text, millicores) in [("8", 8000), ("0.5", 500), ("500m", 500), ("1.25", 1250)] {
            assert_eq!(text.parse::<Cores>().map(Cores::millicores), Ok(millicores), "{text}");
        }
        for text in ["0", "-1", "nan", "", "0.0001", "1e9", "0.5m", "x"] {
            let error = text.parse::<Cores>().unwrap_err().to_string();
            assert!(error.contains("cores"), "{text}: {error}");
        }
    }
}
