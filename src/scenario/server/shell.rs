//! Commands of a shell: what is one command, and which words it has. Variables and commands in
//! `$(...)` stay as they are written; a value is computed where it is needed.

use super::piece::Piece;
use std::ops::Range;

/// One word.
#[derive(Clone, Debug)]
pub(super) struct ShellWord {
    /// Without its quotes.
    pub(crate) piece: Piece,
    /// What it covers in the document, with its quotes.
    pub(crate) outer: Range<usize>,
}

impl ShellWord {
    pub(crate) fn text(&self) -> &str {
        self.piece.text()
    }
}

/// One command.
#[derive(Clone, Debug, Default)]
pub(super) struct Simple {
    pub(crate) words: Vec<ShellWord>,
    /// Whether it always runs: it does not stand in a branch, a loop or a function.
    pub(crate) sure: bool,
}

/// What may stand before a command without being part of it.
const KEYWORDS: [&str; 13] = [
    "if", "then", "else", "elif", "fi", "while", "until", "for", "do", "done", "case", "esac", "!",
];

/// All commands of a text: pipes, `&`, `;`, `&&`, `||` and lines end one; redirections and comments
/// are no part of it.
///
/// # Errors
/// A sentence if its quotes or parentheses have no end.
pub(super) fn commands(text: &Piece) -> Result<Vec<Simple>, String> {
    let mut lexer = Lexer { text, at: 0 };
    let mut found = Vec::new();
    let mut words: Vec<ShellWord> = Vec::new();
    let mut depth = 0_usize;
    loop {
        let token = lexer.token()?;
        match token {
            Token::Word(word) => words.push(word),
            Token::Redirection => {
                // A number before it is that of a file: 2>&1.
                lexer.skip_target()?;
            }
            Token::End | Token::Separator => {
                let sure = depth == 0;
                while let Some(word) = words.first() {
                    let deeper = ["if", "while", "until", "for", "case", "{"];
                    match word.text() {
                        text if deeper.contains(&text) => depth += 1,
                        "fi" | "done" | "esac" | "}" => depth = depth.saturating_sub(1),
                        text if KEYWORDS.contains(&text) => {}
                        _ => break,
                    }
                    words.remove(0);
                }
                if !words.is_empty() {
                    let sure = sure && depth == 0;
                    found.push(Simple { words: std::mem::take(&mut words), sure });
                }
                if matches!(token, Token::End) {
                    return Ok(found);
                }
            }
        }
    }
}

enum Token {
    Word(ShellWord),
    Separator,
    Redirection,
    End,
}

struct Lexer<'a> {
    text: &'a Piece,
    at: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text.text()[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
            let joined = ["\\\n", "\\\r\n"].iter().find(|join| rest[blank..].starts_with(**join));
            self.at += blank + joined.map_or(0, |join| join.len());
            if joined.is_none() {
                break;
            }
        }
        if self.peek() == Some('#') {
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
        }
    }

    fn token(&mut self) -> Result<Token, String> {
        self.skip_blanks();
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(Token::End) };
        if rest.starts_with("&>") {
            self.at += 2;
            return Ok(Token::Redirection);
        }
        if matches!(first, '\n' | ';' | '&' | '|' | '(' | ')') {
            self.at += 1;
            return Ok(Token::Separator);
        }
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if rest[digits..].starts_with(['<', '>']) {
            self.at += digits;
            self.at +=
                self.rest().len() - self.rest().trim_start_matches(['<', '>', '&', '-']).len();
            return Ok(Token::Redirection);
        }
        self.word().map(Token::Word)
    }

    /// The file that a redirection names.
    fn skip_target(&mut self) -> Result<(), String> {
        self.skip_blanks();
        match self.peek() {
            Some(c) if !"\n;&|()".contains(c) => self.word().map(drop),
            _ => Ok(()),
        }
    }

    fn word(&mut self) -> Result<ShellWord, String> {
        let begin = self.text.place(self.at);
        let mut piece = Piece::empty(begin);
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>' => break,
                '\'' => {
                    self.at += 1;
                    let end = self.rest().find('\'').ok_or_else(|| self.endless("a quote"))?;
                    piece.append(&self.text.slice(self.at..self.at + end));
                    self.at += end + 1;
                }
                '"' => self.double_quoted(&mut piece)?,
                '\\' => self.escaped(&mut piece)?,
                '$' | '`' => self.substitution(&mut piece)?,
                '%' if self.rest().starts_with("%(") => {
                    // supervisord's %(ENV_NAME)s
                    let end = self.rest().find(')').map_or(1, |end| end + 1);
                    piece.append(&self.text.slice(self.at..self.at + end));
                    self.at += end;
                }
                c => self.copy(c, &mut piece),
            }
        }
        let last = self.at.saturating_sub(1);
        Ok(ShellWord { piece, outer: begin..self.text.place(last) + 1 })
    }

    fn copy(&mut self, c: char, piece: &mut Piece) {
        piece.push(c, self.text.place(self.at));
        self.at += c.len_utf8();
    }

    fn escaped(&mut self, piece: &mut Piece) -> Result<(), String> {
        self.at += 1;
        match self.peek() {
            Some('\r') if self.rest().starts_with("\r\n") => self.at += 2,
            Some('\n') => self.at += 1,
            Some(c) => self.copy(c, piece),
            None => return Err(self.endless("a \\")),
        }
        Ok(())
    }

    fn double_quoted(&mut self, piece: &mut Piece) -> Result<(), String> {
        self.at += 1;
        loop {
            match self.peek().ok_or_else(|| self.endless("a quote"))? {
                '"' => break,
                '\\' if self.rest()[1..].starts_with(['"', '\\', '$', '`', '\n']) => {
                    self.escaped(piece)?;
                }
                '$' | '`' => self.substitution(piece)?,
                c => self.copy(c, piece),
            }
        }
        self.at += 1;
        Ok(())
    }

    /// `${...}`, `$(...)`, `` `...` `` and `$NAME`, as they are written.
    fn substitution(&mut self, piece: &mut Piece) -> Result<(), String> {
        let rest = self.rest();
        let length = match rest.as_bytes() {
            [b'`', ..] => rest[1..].find('`').map(|end| end + 2),
            [b'$', b'(', ..] => closed(&rest[1..], '(', ')').map(|end| end + 1),
            [b'$', b'{', ..] => closed(&rest[1..], '{', '}').map(|end| end + 1),
            _ => Some(1),
        };
        let length = length.ok_or_else(|| self.endless("a $( or ${ or `"))?;
        piece.append(&self.text.slice(self.at..self.at + length));
        self.at += length;
        Ok(())
    }

    fn endless(&self, what: &str) -> String {
        let text = crate::scenario::raw_options::shown(self.text.text());
        format!("'{text}' cannot be split into words: {what} has no end")
    }
}

/// The length of a text up to the sign that closes its first character.
pub(super) fn closed(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return Some(at + c.len_utf8());
            }
        }
    }
    None
}

/// `NAME=value`, where the name is one of a variable.
pub(super) fn assignment(word: &ShellWord) -> Option<(String, Piece)> {
    let (name, value) = word.piece.split_once(|c| c == '=')?;
    let name = name.text();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    (named && name.chars().all(plain)).then(|| (name.to_owned(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<Vec<String>> {
        let all = commands(&Piece::whole(text)).unwrap();
        all.iter().map(|one| one.words.iter().map(|w| w.text().to_owned()).collect()).collect()
    }

    #[test]
    fn commands_end_where_a_shell_ends_them() {
        let table: [(&str, &[&[&str]]); 7] = [
            (
                "a -w 4 | tee log --threads 9",
                &[&["a", "-w", "4"], &["tee", "log", "--threads", "9"]],
            ),
            ("a & b && c; d # e", &[&["a"], &["b"], &["c"], &["d"]]),
            ("a > log 2>&1 -w 4 &>x", &[&["a", "-w", "4"]]),
            (
                "a $(( 2 * $(nproc) + 1 )) ${X:-4 }",
                &[&["a", "$(( 2 * $(nproc) + 1 ))", "${X:-4 }"]],
            ),
            ("a \\\n  'b c' \"d\\\"e $X\" f\\ g", &[&["a", "b c", "d\"e $X", "f g"]]),
            ("if [ x ]; then a; else b; fi; c", &[&["[", "x", "]"], &["a"], &["b"], &["c"]]),
            ("a 'x", &[]),
        ];
        for (text, expected) in &table[..6] {
            assert_eq!(split(text), *expected, "{text}");
        }
        assert!(commands(&Piece::whole(table[6].0)).unwrap_err().contains("a quote has no end"));
        let all = commands(&Piece::whole("a; if b; then c; fi; d")).unwrap();
        assert_eq!(all.iter().map(|one| one.sure).collect::<Vec<_>>(), [true, false, false, true]);
    }
}
