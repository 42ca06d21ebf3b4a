//! Expressions of Python, Ruby and JavaScript, as far as configurations have them: one grammar for
//! all three, from a text to a tree.

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    Number(f64),
    Text(String),
    /// A name, with dots: `multiprocessing.cpu_count`.
    Name(String),
    /// A function or method, its arguments, and a block in Ruby: `ENV.fetch("X") { 4 }`.
    Call(Box<Expr>, Vec<Expr>, Option<Box<Expr>>),
    /// A method or attribute of a value that is not a name.
    Member(Box<Expr>, String),
    Index(Box<Expr>, Box<Expr>),
    Unary(char, Box<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    /// Condition, then, else.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// Several values with commas between.
    List(Vec<Expr>),
}

/// The deepest that expressions are read.
const DEEPEST: usize = 40;

/// Operators from the weakest to the strongest, those of one strength together.
const OPERATORS: [&[&str]; 6] = [
    &["||", "??", "or"],
    &["&&", "and"],
    &["===", "!==", "==", "!=", ">=", "<=", ">", "<"],
    &["+", "-"],
    &["*", "//", "/", "%"],
    &["**"],
];

/// Reads a text; `None` if it is not an expression of this grammar.
pub(super) fn parse(text: &str) -> Option<Expr> {
    let mut parser = Parser { rest: text.trim(), depth: 0 };
    let first = parser.ternary()?;
    let mut all = vec![first];
    while parser.eat(",") {
        if parser.rest.is_empty() {
            break;
        }
        all.push(parser.ternary()?);
    }
    parser.eat(";");
    let done = parser.skip().is_empty() || parser.rest.starts_with(['#']);
    match (done, all.len()) {
        (false, _) => None,
        (true, 1) => all.pop(),
        (true, _) => Some(Expr::List(all)),
    }
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn skip(&mut self) -> &'a str {
        self.rest = self.rest.trim_start();
        self.rest
    }

    /// Takes a sign or a word, if it comes next.
    fn eat(&mut self, sign: &str) -> bool {
        let Some(after) = self.skip().strip_prefix(sign) else { return false };
        let inside = |c: char| c.is_alphanumeric() || c == '_';
        if sign.ends_with(inside) && after.starts_with(inside) {
            return false;
        }
        self.rest = after;
        true
    }

    /// `a if c else b` of Python, `c ? a : b` of the others.
    fn ternary(&mut self) -> Option<Expr> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let first = self.binary(0)?;
        let found = if self.eat("if") {
            let condition = self.binary(0)?;
            let other = if self.eat("else") { self.ternary()? } else { return None };
            Expr::If(Box::new(condition), Box::new(first), Box::new(other))
        } else if self.skip().starts_with('?') && !self.rest.starts_with("??") {
            self.eat("?");
            let then = self.ternary()?;
            let other = if self.eat(":") { self.ternary()? } else { return None };
            Expr::If(Box::new(first), Box::new(then), Box::new(other))
        } else {
            first
        };
        self.depth -= 1;
        Some(found)
    }

    fn binary(&mut self, level: usize) -> Option<Expr> {
        let Some(operators) = OPERATORS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        loop {
            self.skip();
            let comes = |operator: &&&str| {
                let longer =
                    matches!(**operator, "*" | "/") && self.rest.get(1..2) == Some(**operator);
                self.rest.starts_with(**operator) && !longer
            };
            let Some(operator) = operators.iter().find(comes) else { return Some(left) };
            if !self.eat(operator) {
                return Some(left);
            }
            let right = self.binary(level + 1)?;
            left = Expr::Binary(operator, Box::new(left), Box::new(right));
        }
    }

    fn unary(&mut self) -> Option<Expr> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let sign = ["-", "+", "!", "not"].into_iter().find(|sign| self.eat(sign));
        let found = match sign.and_then(|sign| sign.chars().next()) {
            Some(sign) => {
                Expr::Unary(if sign == 'n' { '!' } else { sign }, Box::new(self.unary()?))
            }
            None => {
                let first = self.primary()?;
                self.postfix(first)?
            }
        };
        self.depth -= 1;
        Some(found)
    }

    fn primary(&mut self) -> Option<Expr> {
        let first = self.skip().chars().next()?;
        match first {
            '(' => {
                self.eat("(");
                let inner = self.ternary()?;
                self.eat(")").then_some(inner)
            }
            '[' => {
                self.eat("[");
                self.arguments("]").map(Expr::List)
            }
            '\'' | '"' => self.text(first),
            '0'..='9' | '.' => self.number(),
            c if c.is_alphabetic() || "_:$@".contains(c) => self.name(),
            _ => None,
        }
    }

    fn text(&mut self, quote: char) -> Option<Expr> {
        let inner = &self.rest[1..];
        let end = inner.find(quote)?;
        if inner[..end].contains(['\\', '{']) && inner[..end].contains(['\\', '#', '$']) {
            return None;
        }
        self.rest = &inner[end + 1..];
        Some(Expr::Text(inner[..end].to_owned()))
    }

    fn number(&mut self) -> Option<Expr> {
        let part = |c: char| c.is_ascii_digit() || matches!(c, '_' | '.');
        let end = self.rest.find(|c| !part(c)).unwrap_or(self.rest.len());
        // 5.seconds and 4.to_i: the dot is one of a method.
        let digits = self.rest[..end].trim_end_matches('.');
        let value = digits.replace('_', "").parse().ok()?;
        self.rest = &self.rest[digits.len()..];
        (!self.rest.starts_with(|c: char| c.is_alphabetic())).then_some(Expr::Number(value))
    }

    fn name(&mut self) -> Option<Expr> {
        let inside = |c: char| c.is_alphanumeric() || "_$@".contains(c);
        let begin = self.rest.len() - self.rest.trim_start_matches(':').len();
        let mut end = begin;
        loop {
            end += self.rest[end..].find(|c| !inside(c)).unwrap_or(self.rest.len() - end);
            if self.rest[end..].starts_with(['!', '?']) && !self.rest[end..].starts_with("!=") {
                let after = self.rest[end + 1..].chars().next();
                if after.is_none_or(|c| !c.is_whitespace()) {
                    end += 1;
                }
            }
            let dot = ["?.", "::", "."].iter().find(|dot| self.rest[end..].starts_with(**dot));
            let Some(dot) = dot else { break };
            let after = end + dot.len();
            if !self.rest[after..].starts_with(|c: char| c.is_alphabetic() || c == '_') {
                break;
            }
            end = after;
        }
        let name = self.rest[..end].replace("?.", ".").replace("::", ".");
        self.rest = &self.rest[end..];
        if name.is_empty() || name == ":" {
            return None;
        }
        // f"..." and b'...' are other texts.
        (!self.rest.starts_with(['"', '\''])).then_some(Expr::Name(name))
    }

    /// Calls, indices and members behind a value.
    fn postfix(&mut self, first: Expr) -> Option<Expr> {
        let mut value = first;
        loop {
            if self.rest.starts_with('(') {
                self.eat("(");
                let arguments = self.arguments(")")?;
                let block = self.block()?;
                value = Expr::Call(Box::new(value), arguments, block);
            } else if self.rest.starts_with('[') {
                self.eat("[");
                let index = self.ternary()?;
                if !self.eat("]") {
                    return None;
                }
                value = Expr::Index(Box::new(value), Box::new(index));
            } else if self.rest.starts_with('.') || self.rest.starts_with("?.") {
                self.rest = self.rest.trim_start_matches('?').strip_prefix('.')?;
                let Expr::Name(name) = self.name()? else { return None };
                value = Expr::Member(Box::new(value), name);
            } else if fetches(&value) && self.skip().starts_with(['"', '\'']) {
                // Ruby calls without parentheses.
                let mut arguments = vec![self.ternary()?];
                if self.eat(",") {
                    arguments.push(self.ternary()?);
                }
                let block = self.block()?;
                value = Expr::Call(Box::new(value), arguments, block);
            } else {
                return Some(value);
            }
        }
    }

    fn arguments(&mut self, close: &str) -> Option<Vec<Expr>> {
        let mut all = Vec::new();
        loop {
            if self.eat(close) {
                return Some(all);
            }
            // default=4: a named argument.
            let named = self.skip().split_once('=').filter(|(name, after)| {
                let plain = name.trim().chars().all(|c| c.is_alphanumeric() || c == '_');
                plain && !name.trim().is_empty() && !after.starts_with('=')
            });
            if let Some((_, after)) = named {
                self.rest = after;
            }
            all.push(self.ternary()?);
            if !self.eat(",") {
                return self.eat(close).then_some(all);
            }
        }
    }

    /// `{ 4 }` or `do 4 end`; nothing if there is none, `None` if it cannot be read.
    #[expect(clippy::option_option, reason = "there may be none, and it may be unreadable")]
    fn block(&mut self) -> Option<Option<Box<Expr>>> {
        let end = if self.skip().starts_with('{') {
            "}"
        } else if self.rest.starts_with("do ") {
            "end"
        } else {
            return Some(None);
        };
        self.rest = self.rest.strip_prefix('{').or(self.rest.strip_prefix("do"))?;
        let inner = self.ternary()?;
        self.eat(end).then_some(Some(Box::new(inner)))
    }
}

/// Whether a name is that of Ruby's `ENV.fetch`, which may stand without parentheses.
fn fetches(value: &Expr) -> bool {
    matches!(value, Expr::Name(name) if name == "ENV.fetch" || name == "Integer")
}
