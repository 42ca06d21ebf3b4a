//! One line of JSON, read by its keys without building it.

/// A value that is not a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JsonScalar<'l> {
    /// A text between its quotes, escapes as they are.
    Text(&'l [u8]),
    /// A number.
    Number(&'l [u8]),
    /// `true`, `false` or `null`.
    Word(&'l [u8]),
}

impl<'l> JsonScalar<'l> {
    /// The bytes, whatever the kind.
    pub(crate) fn bytes(self) -> &'l [u8] {
        match self {
            JsonScalar::Text(bytes) | JsonScalar::Number(bytes) | JsonScalar::Word(bytes) => bytes,
        }
    }
}

/// How deep objects may stand in one another.
const DEEPEST: usize = 16;

/// Calls `each` with the key above (empty at the top), the key and the value of every member of
/// an object and of those inside; members of lists are passed over. `None` if it is not one
/// object of JSON.
pub(crate) fn members<'l>(
    line: &'l [u8],
    each: &mut dyn FnMut(&'l [u8], &'l [u8], JsonScalar<'l>),
) -> Option<()> {
    let mut walk = Walk { line, at: 0 };
    walk.blanks();
    walk.object(b"", each, 0)?;
    walk.blanks();
    (walk.at == line.len()).then_some(())
}

struct Walk<'l> {
    line: &'l [u8],
    at: usize,
}

type Each<'e, 'l> = &'e mut dyn FnMut(&'l [u8], &'l [u8], JsonScalar<'l>);

impl<'l> Walk<'l> {
    fn peek(&self) -> Option<u8> {
        self.line.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek() == Some(byte)).then(|| self.at += 1)
    }

    fn object(&mut self, above: &'l [u8], each: Each<'_, 'l>, depth: usize) -> Option<()> {
        self.take(b'{')?;
        self.blanks();
        if self.take(b'}').is_some() {
            return Some(());
        }
        loop {
            self.blanks();
            let key = self.text()?;
            self.blanks();
            self.take(b':')?;
            self.blanks();
            match self.peek()? {
                b'{' if depth < DEEPEST => self.object(key, each, depth + 1)?,
                b'[' => self.list()?,
                b'"' => each(above, key, JsonScalar::Text(self.text()?)),
                b'-' | b'0'..=b'9' => each(above, key, JsonScalar::Number(self.bare())),
                b't' | b'f' | b'n' => each(above, key, JsonScalar::Word(self.bare())),
                _ => return None,
            }
            self.blanks();
            if self.take(b',').is_none() {
                return self.take(b'}');
            }
        }
    }

    fn text(&mut self) -> Option<&'l [u8]> {
        self.take(b'"')?;
        let start = self.at;
        loop {
            self.at += memchr::memchr2(b'"', b'\\', &self.line[self.at..])?;
            if self.line[self.at] == b'"' {
                self.at += 1;
                return Some(&self.line[start..self.at - 1]);
            }
            self.at = (self.at + 2).min(self.line.len());
        }
    }

    /// A number or word: up to what ends it.
    fn bare(&mut self) -> &'l [u8] {
        let rest = &self.line[self.at..];
        let end = |byte: &u8| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace();
        let length = rest.iter().position(end).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// Passes over a list, texts in it included.
    fn list(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => drop(self.text()?),
                byte => {
                    self.at += 1;
                    depth += usize::from(matches!(byte, b'[' | b'{'));
                    depth -= usize::from(matches!(byte, b']' | b'}'));
                    if depth == 0 {
                        return Some(());
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<Vec<String>> {
        let mut found = Vec::new();
        members(line.as_bytes(), &mut |above, key, value| {
            let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
            found.push(format!("{}.{}={}", text(above), text(key), text(value.bytes())));
        })?;
        Some(found)
    }

    #[test]
    fn members_are_found_at_every_depth() {
        let line = r#" {"ts":1.5,"request":{"uri":"/a\"}b","headers":{"X":["{","]"]}},"ok":true} "#;
        let expected = [".ts=1.5", "request.uri=/a\\\"}b", ".ok=true"];
        assert_eq!(read(line).unwrap(), expected);
        assert_eq!(read("{}").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn what_is_not_an_object_is_refused() {
        for line in
            ["", "{", "[1]", "{\"a\"}", "{\"a\":}", "{\"a\":1} x", "{\"a\":[1}", "{\"a\":\"\\"]
        {
            assert!(read(line).is_none(), "{line}");
        }
    }
}
