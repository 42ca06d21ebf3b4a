//! Tables of text: fields between delimiters, with or without quotes, named by a header.

use memchr::memchr;

/// The fields of a line. A quoted field may hold the delimiter; its quotes are taken off, doubled
/// ones inside stay doubled. A field whose quotes do not end runs to the end of the line.
pub(crate) struct Fields<'l> {
    rest: Option<&'l [u8]>,
    delimiter: u8,
}

/// Splits a line.
pub(crate) fn fields(line: &[u8], delimiter: u8) -> Fields<'_> {
    Fields { rest: Some(line), delimiter }
}

impl<'l> Iterator for Fields<'l> {
    type Item = &'l [u8];

    fn next(&mut self) -> Option<&'l [u8]> {
        let rest = self.rest?;
        let (field, after) = match rest.strip_prefix(b"\"") {
            Some(inner) => {
                let end = closing(inner).unwrap_or(inner.len());
                (&inner[..end], &inner[(end + 1).min(inner.len())..])
            }
            None => {
                let end = memchr(self.delimiter, rest).unwrap_or(rest.len());
                (&rest[..end], &rest[end..])
            }
        };
        self.rest = memchr(self.delimiter, after).map(|at| &after[at + 1..]);
        Some(field)
    }
}

/// Where the quote stands that ends a field.
fn closing(text: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr(b'"', &text[from..])?;
        if text.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        from = at + 2;
    }
}

/// A table whose first line names the columns: which of the wanted ones stand where.
#[derive(Clone, Debug)]
pub(crate) struct Header<const N: usize> {
    places: [Option<usize>; N],
    delimiter: u8,
    line: Vec<u8>,
    open: bool,
}

/// One line of a table.
pub(crate) enum TableRow<'l, const N: usize> {
    /// The wanted fields; empty where there is no such column or field.
    Fields([&'l [u8]; N]),
    /// The header again, or the rest of a quoted field that has several lines.
    Nothing,
}

impl<const N: usize> Header<N> {
    /// Reads the header if it has every column of `needed`.
    pub(crate) fn find(first: &[&[u8]], wanted: [&str; N], needed: &[&str]) -> Option<Header<N>> {
        first.iter().take(2).find_map(|line| {
            let delimiter = *b",;\t".iter().find(|byte| line.contains(byte))?;
            let names: Vec<&[u8]> = fields(line, delimiter).map(<[u8]>::trim_ascii).collect();
            let place = |name: &str| names.iter().position(|found| *found == name.as_bytes());
            needed.iter().all(|name| place(name).is_some()).then(|| Header {
                places: wanted.map(place),
                delimiter,
                line: line.to_vec(),
                open: false,
            })
        })
    }

    /// Columns in this order without a header.
    pub(crate) fn fixed(delimiter: u8, places: [Option<usize>; N]) -> Self {
        Header { places, delimiter, line: Vec::new(), open: false }
    }

    /// Reads a line.
    pub(crate) fn row<'l>(&mut self, line: &'l [u8]) -> TableRow<'l, N> {
        let odd = memchr::memchr_iter(b'"', line).count() % 2 == 1;
        let continued = self.open;
        self.open ^= odd;
        if continued || (!self.line.is_empty() && line == self.line) {
            return TableRow::Nothing;
        }
        let mut found = [&b""[..]; N];
        let last = self.places.iter().flatten().max().copied().unwrap_or(0);
        for (place, field) in fields(line, self.delimiter).enumerate().take(last + 1) {
            for (wanted, into) in self.places.iter().zip(&mut found) {
                if *wanted == Some(place) {
                    *into = field;
                }
            }
        }
        TableRow::Fields(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_split_with_and_without_quotes() {
        let split = |line: &str| -> Vec<String> {
            let text = |field: &[u8]| String::from_utf8_lossy(field).into_owned();
            fields(line.as_bytes(), b',').map(text).collect()
        };
        assert_eq!(split("a,,c"), ["a", "", "c"]);
        assert_eq!(split("\"a,b\",c"), ["a,b", "c"]);
        assert_eq!(split("\"a \"\"x\"\" b\",c,"), ["a \"\"x\"\" b", "c", ""]);
        assert_eq!(split("a,\"open"), ["a", "open"]);
        assert_eq!(split(""), [""]);
    }

    #[test]
    fn a_quoted_field_may_have_several_lines() {
        let mut header = Header::find(&[b"a;b"], ["b", "a", "c"], &["a", "b"]).expect("a header");
        let mut read = |line: &str| match header.row(line.as_bytes()) {
            TableRow::Fields(fields) => {
                Some(fields.map(|f| String::from_utf8_lossy(f).into_owned()))
            }
            TableRow::Nothing => None,
        };
        assert_eq!(read("a;b"), None);
        assert_eq!(read("1;2"), Some(["2", "1", ""].map(str::to_owned)));
        assert_eq!(read("3;\"four"), Some(["four", "3", ""].map(str::to_owned)));
        assert_eq!(read("still four\""), None);
        assert_eq!(read("5;6"), Some(["6", "5", ""].map(str::to_owned)));
    }
}
