//! Amounts of memory: whole bytes, in unsigned 64 bits.
//!
//! A bare `K`, `M`, `G` or `T` is a power of 1024, as `docker run --memory`, systemd's `MemoryMax=`
//! and PHP's `memory_limit` read it; so is `KiB`, and Kubernetes' `Mi`. `KB`, `MB`, `GB` and `TB`
//! are powers of 1000. Capitals do not matter.
//!
//! ```
//! use simsrv::size::Size;
//! let size = |text: &str| text.parse::<Size>().map(Size::bytes);
//! assert_eq!(size("1.5G"), Ok(3 << 29));
//! assert_eq!(size("17MB"), Ok(17_000_000));
//! assert!(size("512").is_err(), "a bare number has no unit");
//! ```

use std::fmt;
use std::str::FromStr;

use crate::time::{number_length, rounded_decimal, scaled_decimal};

/// An amount of memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(u64);

/// The greatest amount that can be written: 2^60 bytes.
pub(crate) const MAX_SIZE: Size = Size(1 << 60);

/// Which powers a unit is one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Powers {
    /// Of 1024: KiB, MiB, GiB, TiB.
    Binary,
    /// Of 1000: KB, MB, GB, TB.
    Decimal,
}

/// Names of units, and how many bytes each is.
const UNITS: [(&str, u64); 17] = [
    ("b", 1),
    ("k", 1 << 10),
    ("ki", 1 << 10),
    ("kib", 1 << 10),
    ("kb", 1_000),
    ("m", 1 << 20),
    ("mi", 1 << 20),
    ("mib", 1 << 20),
    ("mb", 1_000_000),
    ("g", 1 << 30),
    ("gi", 1 << 30),
    ("gib", 1 << 30),
    ("gb", 1_000_000_000),
    ("t", 1 << 40),
    ("ti", 1 << 40),
    ("tib", 1 << 40),
    ("tb", 1_000_000_000_000),
];

impl Powers {
    /// Units that sizes are printed in, the greatest first.
    pub(crate) const fn units(self) -> [(&'static str, u64); 5] {
        match self {
            Powers::Binary => {
                [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)]
            }
            Powers::Decimal => [
                ("TB", 1_000_000_000_000),
                ("GB", 1_000_000_000),
                ("MB", 1_000_000),
                ("KB", 1_000),
                ("B", 1),
            ],
        }
    }

    /// The greatest unit that is no more than `bytes`, and how many bytes it is.
    pub(crate) fn unit_of(self, bytes: f64) -> (&'static str, f64) {
        let found = self.units().into_iter().find(|(_, unit)| bytes.abs() >= *unit as f64);
        found.map_or(("B", 1.0), |(name, unit)| (name, unit as f64))
    }
}

impl Size {
    /// No memory at all.
    pub const ZERO: Size = Size(0);

    /// So many bytes.
    pub const fn from_bytes(bytes: u64) -> Self {
        Size(bytes)
    }

    /// In bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// Whether it is none.
    pub(crate) const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The powers of the unit that it is printed in.
    pub(crate) fn powers(self) -> Powers {
        let (binary, decimal) = (self.shortest(Powers::Binary), self.shortest(Powers::Decimal));
        // What has no short name in either is told in bytes, of which the binary are the older.
        if decimal.len() < binary.len() { Powers::Decimal } else { Powers::Binary }
    }

    /// The exact decimal in the greatest unit that leaves at most three places behind the point.
    fn shortest(self, powers: Powers) -> String {
        for (name, unit) in powers.units() {
            let thousandths = u128::from(self.0) * 1000;
            if self.0 < unit || !thousandths.is_multiple_of(u128::from(unit)) {
                continue;
            }
            let thousandths = thousandths / u128::from(unit);
            let (whole, rest) = (thousandths / 1000, thousandths % 1000);
            let fraction = format!(".{rest:03}");
            let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
            return format!("{whole}{fraction} {name}");
        }
        "0 B".to_owned()
    }
}

impl fmt::Display for Size {
    /// Exactly, in a unit that makes it short: `512 MiB`, `180 MB`. It parses back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shortest(self.powers()))
    }
}

/// Why a text is no amount of memory.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseSizeError {
    /// Nothing there, or no number at the front.
    #[error(
        "'{0}' is not an amount of memory: write a number and a unit, such as 512M, 1.5G or 17MB"
    )]
    NoNumber(String),
    /// A number without a unit.
    #[error("'{0}' has no unit: write {0}M (of 1024 KiB), {0}MB (of 1000 KB) or {0}B (bytes)")]
    NoUnit(String),
    /// A unit that is not known.
    #[error(
        "'{unit}' in '{text}' is not a unit of memory: use K, M, G or T (powers of 1024, as KiB, MiB, \
         GiB and TiB), KB, MB, GB or TB (powers of 1000), or B"
    )]
    UnknownUnit {
        /// The whole text.
        text: String,
        /// What stands where the unit should.
        unit: String,
    },
    /// Below zero.
    #[error("'{0}' is negative: an amount of memory is zero or more")]
    Negative(String),
    /// A part of a byte.
    #[error("'{text}' has a fraction of a byte: the smallest step is 1B, so write {nearest}")]
    TooFine {
        /// The whole text.
        text: String,
        /// What is nearest, and not zero.
        nearest: Size,
    },
    /// Beyond `MAX_SIZE`.
    #[error("'{0}' is too much: the most is 1048576 TiB")]
    TooMuch(String),
}

/// The unit at the end of a size as written; empty if there is none.
pub(crate) fn unit_at_end(text: &str) -> &str {
    let text = text.trim();
    text[number_length(text)..].trim()
}

impl FromStr for Size {
    type Err = ParseSizeError;

    /// Reads `512M`, `1.5G`, `300 MiB`, `17MB`; a bare `0` is allowed. Decimals are read exactly
    /// and rounded to the nearest byte, for of most units a tenth is no whole number of them (`1.1G`). Parts
    /// of bytes are refused, and what would lose more than a thousandth.
    fn from_str(text: &str) -> Result<Size, ParseSizeError> {
        let text = text.trim();
        let owned = || text.to_owned();
        let (number, unit) = (&text[..number_length(text)], unit_at_end(text));
        if number.is_empty() {
            return Err(ParseSizeError::NoNumber(owned()));
        }
        if number.starts_with('-') {
            return Err(ParseSizeError::Negative(owned()));
        }
        let scale = match UNITS.iter().find(|(name, _)| unit.eq_ignore_ascii_case(name)) {
            Some((_, scale)) => *scale,
            None if unit.is_empty() && number.bytes().all(|b| matches!(b, b'0' | b'.')) => 1,
            None if unit.is_empty() && scaled_decimal(number, 1).is_some() => {
                return Err(ParseSizeError::NoUnit(owned()));
            }
            None if unit.is_empty() => return Err(ParseSizeError::NoNumber(owned())),
            None => {
                let unit = unit.to_owned();
                return Err(ParseSizeError::UnknownUnit { text: owned(), unit });
            }
        };
        match rounded_decimal(number, scale) {
            Some(Ok(read)) if !(read.exact || read.near && scale > 1) => {
                Err(ParseSizeError::TooFine { text: owned(), nearest: Size(read.nearest.max(1)) })
            }
            Some(Ok(read)) if read.nearest <= MAX_SIZE.0 => Ok(Size(read.nearest)),
            Some(_) => Err(ParseSizeError::TooMuch(owned())),
            None => Err(ParseSizeError::NoNumber(owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read() {
        for (text, bytes) in [
            ("512M", 536_870_912),
            ("512m", 536_870_912),
            ("512Mi", 536_870_912),
            ("300 MiB", 314_572_800),
            ("17MB", 17_000_000),
            ("17mb", 17_000_000),
            ("1.5G", 1_610_612_736),
            ("2GB", 2_000_000_000),
            ("4k", 4_096),
            ("4kB", 4_000),
            ("1T", 1 << 40),
            ("1e3 TB", 1_000_000_000_000_000),
            ("100B", 100),
            ("0.3K", 307),
            ("1.1G", 1_181_116_006),
            ("0.5K", 512),
            ("0", 0),
            ("0 M", 0),
            ("1048576T", 1 << 60),
        ] {
            assert_eq!(text.parse::<Size>().map(Size::bytes), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_refused_with_a_sentence() {
        for (text, part) in [
            ("512", "has no unit: write 512M (of 1024 KiB)"),
            ("", "number and a unit"),
            ("lots", "number and a unit"),
            ("M", "number and a unit"),
            ("1.2.3M", "number and a unit"),
            ("1.2.3", "number and a unit"),
            ("-1M", "negative"),
            ("2 Mo", "'Mo' in '2 Mo' is not a unit of memory"),
            ("3s", "not a unit of memory: use K, M, G or T"),
            ("0.3B", "the smallest step is 1B, so write 1 B"),
            ("1000.5B", "write 1001 B"),
            ("0.0001K", "fraction of a byte"),
            ("1e-30G", "fraction of a byte"),
            ("0.0121K", "write 12 B"),
            ("1048577T", "too much"),
            ("1e400G", "too much"),
        ] {
            let error = text.parse::<Size>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn printed_sizes_parse_back_in_the_units_that_they_were_written_in() {
        for (text, expect) in [
            ("512M", "512 MiB"),
            ("1.5G", "1.5 GiB"),
            ("180MB", "180 MB"),
            ("16MB", "16 MB"),
            ("2GB", "2 GB"),
            ("1.024MB", "1000 KiB"),
            ("0", "0 B"),
            ("1B", "1 B"),
            ("1234567891B", "1234567891 B"),
        ] {
            let size: Size = text.parse().unwrap();
            assert_eq!(size.to_string(), expect);
            assert_eq!(expect.parse(), Ok(size));
        }
    }
}
