//! A text that knows where each of its bytes stands in the document it was read from, though it was
//! unquoted, unescaped or folded on the way: so one number of it can be changed in its place.

use std::ops::Range;

/// A part of a document, perhaps without its quotes and escapes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Piece {
    text: String,
    /// For each byte of the text, its place in the document.
    at: Vec<usize>,
    /// Where an empty text stands.
    end: usize,
}

impl Piece {
    /// A whole document, without its byte order mark.
    pub(crate) fn whole(text: &str) -> Piece {
        let begin = if text.starts_with('\u{feff}') { 3 } else { 0 };
        let at = (begin..text.len()).collect();
        Piece { text: text[begin..].to_owned(), at, end: text.len() }
    }

    /// Nothing, to which characters are pushed.
    pub(crate) fn empty(end: usize) -> Piece {
        Piece { text: String::new(), at: Vec::new(), end }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Adds a character that stands at a place of the document.
    pub(crate) fn push(&mut self, c: char, at: usize) {
        self.text.push(c);
        self.at.extend((0..c.len_utf8()).map(|byte| at + byte));
        self.end = at + c.len_utf8();
    }

    /// Adds another piece.
    pub(crate) fn append(&mut self, other: &Piece) {
        self.text += &other.text;
        self.at.extend(&other.at);
        self.end = other.end;
    }

    /// The place of a byte in the document.
    pub(crate) fn place(&self, byte: usize) -> usize {
        self.at.get(byte).copied().unwrap_or(self.end)
    }

    /// A part by its bytes.
    pub(crate) fn slice(&self, range: Range<usize>) -> Piece {
        let end = match range.end.checked_sub(1) {
            Some(last) if range.end > range.start => self.place(last) + 1,
            _ => self.place(range.start),
        };
        Piece { text: self.text[range.clone()].to_owned(), at: self.at[range].to_vec(), end }
    }

    /// Without blanks at both ends.
    pub(crate) fn trim(&self) -> Piece {
        self.trim_matches(char::is_whitespace)
    }

    /// Without characters at both ends.
    pub(crate) fn trim_matches(&self, which: impl Fn(char) -> bool) -> Piece {
        let begin = self.text.len() - self.text.trim_start_matches(&which).len();
        let kept = self.text.trim_matches(&which).len();
        self.slice(begin..begin + kept)
    }

    /// The lines, without their ends.
    pub(crate) fn lines(&self) -> Vec<Piece> {
        let mut lines = Vec::new();
        let mut begin = 0;
        for line in self.text.split_inclusive('\n') {
            let kept = line.trim_end_matches(['\n', '\r']).len();
            lines.push(self.slice(begin..begin + kept));
            begin += line.len();
        }
        lines
    }

    /// What stands before and after the first of some characters.
    pub(crate) fn split_once(&self, which: impl Fn(char) -> bool) -> Option<(Piece, Piece)> {
        let at = self.text.find(&which)?;
        let after = at + self.text[at..].chars().next().map_or(0, char::len_utf8);
        Some((self.slice(0..at), self.slice(after..self.text.len())))
    }

    /// What follows a beginning.
    pub(crate) fn strip_prefix(&self, prefix: &str) -> Option<Piece> {
        self.text.starts_with(prefix).then(|| self.slice(prefix.len()..self.text.len()))
    }

    /// What it covers in the document.
    pub(crate) fn span(&self) -> Range<usize> {
        match (self.at.first(), self.at.last()) {
            (Some(first), Some(last)) => *first..*last + 1,
            _ => self.end..self.end,
        }
    }

    /// A decoded text beside what it was decoded from: characters are found again one after the
    /// other, and what stands between (escapes, folds, indentation) belongs to none.
    pub(crate) fn aligned(decoded: &str, raw: &Piece) -> Piece {
        let mut piece = Piece::empty(raw.end);
        let mut rest = raw.text.char_indices().peekable();
        let mut last = raw.place(0);
        for c in decoded.chars() {
            let same = |found: char| found == c || c.is_whitespace() && found.is_whitespace();
            let mut ahead = rest.clone();
            let found = ahead.by_ref().take(400).find(|(_, found)| same(*found));
            if let Some((at, _)) = found {
                last = raw.place(at);
                rest = ahead;
            }
            piece.text.push(c);
            piece.at.extend((0..c.len_utf8()).map(|byte| last + byte));
        }
        piece.end = last + 1;
        piece
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_knows_its_place() {
        let piece = Piece::whole("\u{feff}a = é4 # x\nb");
        let lines = piece.lines();
        assert_eq!(lines.len(), 2);
        let (name, value) = lines[0].split_once(|c| c == '=').unwrap();
        assert_eq!((name.trim().text(), value.trim().text()), ("a", "é4 # x"));
        assert_eq!(name.trim().span(), 3..4);
        let four =
            value.slice(value.text().find('4').unwrap()..value.text().find('4').unwrap() + 1);
        assert_eq!(&"\u{feff}a = é4 # x\nb"[four.span()], "4");
    }

    #[test]
    fn a_folded_text_is_found_again() {
        let raw = "  gunicorn\n    -w 4\n    app";
        let piece = Piece::aligned("gunicorn -w 4 app", &Piece::whole(raw));
        let at = piece.text().find('4').unwrap();
        assert_eq!(&raw[piece.slice(at..at + 1).span()], "4");
    }
}
