//! What a value comes to: from its default where it names a variable that is not set, from
//! `--cores` where it asks for the number of cores.

use std::collections::BTreeMap;

use super::expression::{Expr, parse};
use super::shell::closed;
use crate::scenario::raw_options::shown;

/// In which language a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// A text of a shell (or of YAML or a unit file), with `$...` in it.
    Shell,
    /// An expression of Python, Ruby or JavaScript.
    Code,
    /// A text of uWSGI, with `%k`, `%(name)` and `$(NAME)` in it.
    Uwsgi,
    /// A text of Java, with `${name:default}` in it.
    Java,
    /// A text as it is.
    Plain,
}

/// What a name stands for: all that is assigned to it.
#[derive(Clone, Debug)]
pub(super) struct Assigned {
    pub(crate) text: String,
    pub(crate) language: Language,
    /// Whether it is always assigned: not in a branch, a loop or a function.
    pub(crate) sure: bool,
}

/// Names and what is assigned to them.
pub(super) type Names = BTreeMap<String, Vec<Assigned>>;

/// Where values are computed.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// The number of cores, or why it is not known.
    pub(crate) cores: Option<Result<u32, String>>,
    /// Variables of the environment, those of `--env` among them.
    pub(crate) environment: Names,
    /// Variables of a file's own language.
    pub(crate) names: Names,
}

/// A value that was computed.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum ComputedValue {
    Number(f64),
    Text(String),
    Bool(bool),
    List(Vec<ComputedValue>),
    Nothing,
}

impl ComputedValue {
    /// As a setting would be written.
    pub(crate) fn text(&self) -> String {
        match self {
            ComputedValue::Number(n) => n.to_string(),
            ComputedValue::Text(text) => text.clone(),
            ComputedValue::Bool(on) => on.to_string(),
            ComputedValue::List(all) => {
                all.iter().map(ComputedValue::text).collect::<Vec<_>>().join(",")
            }
            ComputedValue::Nothing => "none".to_owned(),
        }
    }

    fn number(&self) -> Result<f64, String> {
        match self {
            ComputedValue::Number(n) => Ok(*n),
            ComputedValue::Bool(on) => Ok(f64::from(u8::from(*on))),
            ComputedValue::Text(text) => text
                .trim()
                .replace('_', "")
                .parse()
                .map_err(|_| format!("'{}' is not a number", shown(text))),
            _ => Err("a value is missing".to_owned()),
        }
    }

    fn truth(&self) -> bool {
        match self {
            ComputedValue::Number(n) => *n != 0.0,
            ComputedValue::Bool(on) => *on,
            ComputedValue::Text(text) => !text.is_empty(),
            ComputedValue::List(all) => !all.is_empty(),
            ComputedValue::Nothing => false,
        }
    }
}

type Computed = Result<ComputedValue, String>;

/// What a text comes to.
///
/// # Errors
/// Why it cannot be computed.
pub(super) fn compute(scope: &Scope, text: &str, language: Language) -> Computed {
    Evaluation { scope, steps: 0, active: Vec::new() }.value(text, language)
}

/// The most names that stand for one another.
const DEEPEST: usize = 32;
/// The most values that are computed for one.
const MOST: usize = 10_000;

struct Evaluation<'a> {
    scope: &'a Scope,
    /// How many values were computed: names may stand for one another many times over.
    steps: usize,
    /// Names that are being computed: a name that stands for itself is that of the environment.
    active: Vec<String>,
}

impl Evaluation<'_> {
    fn value(&mut self, text: &str, language: Language) -> Computed {
        self.steps += 1;
        if self.active.len() > DEEPEST || self.steps > MOST {
            return Err("names stand for one another".to_owned());
        }
        match language {
            Language::Plain => Ok(ComputedValue::Text(text.to_owned())),
            Language::Shell => self.shell(text).map(ComputedValue::Text),
            Language::Uwsgi => self.uwsgi(text).map(ComputedValue::Text),
            Language::Java => self.java(text).map(ComputedValue::Text),
            Language::Code => {
                let expression = parse(text)
                    .ok_or_else(|| format!("'{}' is not computed here", shown(text.trim())))?;
                self.code(&expression)
            }
        }
    }

    fn cores(&self) -> Computed {
        match &self.scope.cores {
            Some(Ok(cores)) => Ok(ComputedValue::Number(f64::from(*cores))),
            Some(Err(why)) => Err(why.clone()),
            None => Err("the number of cores is not known".to_owned()),
        }
    }

    /// A variable of the environment; `None` if it is not set.
    fn variable(&mut self, name: &str) -> Result<Option<String>, String> {
        let found = self.assigned(&self.scope.environment.clone(), name)?;
        Ok(found.map(|value| value.text()))
    }

    fn assigned(&mut self, names: &Names, name: &str) -> Result<Option<ComputedValue>, String> {
        let known = names.get(name).filter(|_| !self.active.iter().any(|active| active == name));
        match known.map(Vec::as_slice) {
            None => Ok(None),
            Some([one]) if one.sure => {
                self.active.push(name.to_owned());
                let value = self.value(&one.text, one.language);
                self.active.pop();
                value.map(Some)
            }
            Some([_]) => Err(format!("'{}' is assigned in a branch or a function", shown(name))),
            Some(_) => Err(format!("'{}' is assigned more than once", shown(name))),
        }
    }

    fn unset(&self, name: &str) -> String {
        let name = shown(name);
        format!("{name} is not set here (--env {name}=VALUE sets it)")
    }

    // --- texts with variables in them

    fn shell(&mut self, text: &str) -> Result<String, String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['$', '`', '%']) {
            out += &rest[..at];
            rest = &rest[at..];
            let (value, length) = self.substituted(rest)?;
            out += &value;
            rest = &rest[length..];
        }
        Ok(out + rest)
    }

    /// What stands for the beginning of a text, and the length of that beginning.
    fn substituted(&mut self, text: &str) -> Result<(String, usize), String> {
        let endless = || format!("'{}' has no end", shown(text));
        if text.starts_with("$((") {
            let end = closed(&text[1..], '(', ')').ok_or_else(endless)?;
            let inner = text[3..end].trim_end_matches(')');
            return Ok((self.arithmetic(inner)?, end + 1));
        }
        if text.starts_with("$(") {
            let end = closed(&text[1..], '(', ')').ok_or_else(endless)?;
            return Ok((self.command(&text[2..end])?, end + 1));
        }
        if text.starts_with("${") {
            let end = closed(&text[1..], '{', '}').ok_or_else(endless)?;
            return Ok((self.braces(&text[2..end])?, end + 1));
        }
        if let Some(inner) = text.strip_prefix('`') {
            let end = inner.find('`').ok_or_else(endless)?;
            return Ok((self.command(&inner[..end])?, end + 2));
        }
        if let Some(name) = text.strip_prefix("%(ENV_") {
            let end = name.find(")s").ok_or_else(endless)?;
            let value = self.variable(&name[..end])?.ok_or_else(|| self.unset(&name[..end]))?;
            return Ok((value, "%(ENV_".len() + end + 2));
        }
        let name: String =
            text[1..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        if text.starts_with('%') || name.is_empty() {
            return Ok((text[..1].to_owned(), 1));
        }
        let value = self.variable(&name)?.ok_or_else(|| self.unset(&name))?;
        Ok((value, 1 + name.len()))
    }

    /// `${NAME}` and its kin.
    fn braces(&mut self, inner: &str) -> Result<String, String> {
        let end = inner.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let (name, rest) = inner.split_at(end.unwrap_or(inner.len()));
        let value = self.variable(name)?;
        let empty_too = rest.starts_with(':');
        let set = value.filter(|value| !(empty_too && value.is_empty()));
        let rest = rest.strip_prefix(':').unwrap_or(rest);
        match (rest.chars().next(), set) {
            (None | Some('-' | '=' | '?'), Some(value)) => Ok(value),
            (Some('-' | '='), None) => self.shell(&rest[1..]),
            (Some('+'), Some(_)) => self.shell(&rest[1..]),
            (Some('+'), None) => Ok(String::new()),
            (None | Some('?'), None) => Err(self.unset(name)),
            _ => Err(format!("'${{{}}}' is not computed here", shown(inner))),
        }
    }

    /// What a command prints: the number of cores, a number, or a variable by its name.
    fn command(&mut self, inner: &str) -> Result<String, String> {
        let inner = inner.trim();
        let words: Vec<&str> = inner.split_whitespace().collect();
        let cores = match words.as_slice() {
            ["nproc", ..] => true,
            ["getconf", name] => name.contains("NPROCESSORS"),
            ["sysctl", .., name] => name.contains("ncpu"),
            ["grep", rest @ ..] => rest.iter().any(|word| word.contains("/proc/cpuinfo")),
            ["cat", ..] => inner.contains("/proc/cpuinfo"),
            _ => false,
        };
        let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        match words.as_slice() {
            _ if cores && !inner.contains("expr") => self.cores().map(|cores| cores.text()),
            ["expr", ..] => self.arithmetic(&inner[4..].replace('\\', "")),
            ["echo", ..] => {
                let text = self.shell(inner[4..].trim())?;
                Ok(text.trim_matches(['"', '\'']).to_owned())
            }
            [python, "-c", ..] if python.starts_with("python") => {
                let printed = inner.find("print(").map(|at| &inner[at + 5..]);
                let printed = printed.and_then(|text| Some(&text[1..closed(text, '(', ')')? - 1]));
                let printed = printed.ok_or_else(|| not_here(inner))?;
                self.value(printed, Language::Code).map(|value| value.text())
            }
            [word] if word.chars().all(name) => {
                self.variable(word)?.ok_or_else(|| self.unset(word))
            }
            _ => Err(not_here(inner)),
        }
    }

    /// The sum in `$((...))`: whole numbers, where names stand for variables.
    fn arithmetic(&mut self, inner: &str) -> Result<String, String> {
        let text = self.shell(inner)?;
        let expression = parse(&text).ok_or_else(|| not_here(inner))?;
        let expression = self.with_variables(expression)?;
        let value = self.code(&expression)?.number()?;
        Ok(value.trunc().to_string())
    }

    fn with_variables(&mut self, expression: Expr) -> Result<Expr, String> {
        let mut boxed = |inner: Box<Expr>| self.with_variables(*inner).map(Box::new);
        Ok(match expression {
            Expr::Binary("/", a, b) => Expr::Binary("//", boxed(a)?, boxed(b)?),
            Expr::Binary(operator, a, b) => Expr::Binary(operator, boxed(a)?, boxed(b)?),
            Expr::Unary(sign, a) => Expr::Unary(sign, boxed(a)?),
            Expr::If(a, b, c) => Expr::If(boxed(a)?, boxed(b)?, boxed(c)?),
            Expr::Name(name) => Expr::Text(self.variable(&name)?.ok_or_else(|| self.unset(&name))?),
            other => other,
        })
    }

    /// uWSGI's: `%k` is the number of cores (`core/config.c`, `magic_sub`), `%(name)` another
    /// option of the file, `$(NAME)` a variable.
    fn uwsgi(&mut self, text: &str) -> Result<String, String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['%', '$']) {
            out += &rest[..at];
            rest = &rest[at..];
            let close = rest.find(')');
            let (value, length) = match (rest.get(1..2), close) {
                (Some("k"), _) if rest.starts_with('%') => (self.cores()?.text(), 2),
                (Some("("), Some(end)) => {
                    let inner = rest[2..end].trim();
                    let value = match rest.starts_with('$') {
                        true => self.variable(inner)?.ok_or_else(|| self.unset(inner))?,
                        false => self.placeholder(inner)?,
                    };
                    (value, end + 1)
                }
                _ => (rest[..1].to_owned(), 1),
            };
            out += &value;
            rest = &rest[length..];
        }
        Ok(out + rest)
    }

    /// `%(name)` or `%(name * 2)`.
    fn placeholder(&mut self, inner: &str) -> Result<String, String> {
        if let Some(found) = self.assigned(&self.scope.names.clone(), inner)? {
            return Ok(found.text());
        }
        let mut words = Vec::new();
        for word in inner.split_whitespace() {
            let known = self.assigned(&self.scope.names.clone(), word)?;
            words.push(match known {
                Some(value) => value.text(),
                None if word == "%k" => self.cores()?.text(),
                None => word.to_owned(),
            });
        }
        let expression = parse(&words.join(" ")).ok_or_else(|| not_here(inner))?;
        Ok(self.code(&expression)?.number()?.trunc().to_string())
    }

    /// Java's: `${name:default}`, where the name may be one of the environment (`MAX_THREADS`) or
    /// of a property.
    fn java(&mut self, text: &str) -> Result<String, String> {
        let Some(at) = text.find("${") else { return Ok(text.to_owned()) };
        let end = closed(&text[at + 1..], '{', '}')
            .ok_or_else(|| format!("'{}' has no end", shown(text)))?;
        let inner = &text[at + 2..at + end];
        let (name, default) = match inner.split_once(':') {
            Some((name, default)) => (name, Some(default.strip_prefix('-').unwrap_or(default))),
            None => (inner, None),
        };
        let found = match self.variable(name)? {
            Some(value) => Some(value),
            None => self.assigned(&self.scope.names.clone(), name)?.map(|value| value.text()),
        };
        let value = match (found, default) {
            (Some(value), _) => value,
            (None, Some(default)) => self.java(default)?,
            (None, None) => return Err(self.unset(name)),
        };
        Ok(format!("{}{value}{}", &text[..at], self.java(&text[at + 1 + end..])?))
    }

    // --- expressions

    fn code(&mut self, expression: &Expr) -> Computed {
        match expression {
            Expr::Number(n) => Ok(ComputedValue::Number(*n)),
            Expr::Text(text) => Ok(ComputedValue::Text(text.clone())),
            Expr::List(all) => all
                .iter()
                .map(|one| self.code(one))
                .collect::<Result<_, _>>()
                .map(ComputedValue::List),
            Expr::Name(name) => self.name(name),
            Expr::Unary('-', a) => Ok(ComputedValue::Number(-self.code(a)?.number()?)),
            Expr::Unary('!', a) => Ok(ComputedValue::Bool(!self.code(a)?.truth())),
            Expr::Unary(_, a) => self.code(a),
            Expr::Binary(operator, a, b) => self.binary(operator, a, b),
            Expr::If(condition, then, other) => {
                let chosen = if self.code(condition)?.truth() { then } else { other };
                self.code(chosen)
            }
            Expr::Index(of, index) => match (&**of, self.code(index)?) {
                (Expr::Name(name), ComputedValue::Text(variable)) if is_environment(name) => {
                    let found = self.variable(&variable)?;
                    match (found, name.starts_with("os")) {
                        (Some(text), _) => Ok(ComputedValue::Text(text)),
                        // Python's raises an error.
                        (None, true) => Err(self.unset(&variable)),
                        (None, false) => Ok(ComputedValue::Nothing),
                    }
                }
                _ => Err("an index is not computed here".to_owned()),
            },
            Expr::Member(of, name) => self.member(of, name),
            Expr::Call(function, arguments, block) => {
                self.call(function, arguments, block.as_deref())
            }
        }
    }

    fn name(&mut self, name: &str) -> Computed {
        if let Some(variable) = name.strip_prefix("process.env.") {
            let found = self.variable(variable)?;
            return Ok(found.map_or(ComputedValue::Nothing, ComputedValue::Text));
        }
        if let Some(symbol) = name.strip_prefix(':') {
            return Ok(ComputedValue::Text(symbol.to_owned()));
        }
        if counts_cores(name) {
            return self.cores();
        }
        match name {
            "True" | "true" => return Ok(ComputedValue::Bool(true)),
            "False" | "false" => return Ok(ComputedValue::Bool(false)),
            "None" | "nil" | "null" | "undefined" => return Ok(ComputedValue::Nothing),
            _ => {}
        }
        if let Some(found) = self.assigned(&self.scope.names.clone(), name)? {
            return Ok(found);
        }
        if let Some((of, member)) = name.rsplit_once('.')
            && let Ok(value) = self.name(of)
        {
            return method(&value, member);
        }
        Err(format!("'{}' is not known", shown(name)))
    }

    /// `require('os').availableParallelism`, or a method of a value.
    fn member(&mut self, of: &Expr, name: &str) -> Computed {
        match self.code(of) {
            Err(_) if counts_cores(name) => self.cores(),
            value => method(&value?, name),
        }
    }

    fn call(&mut self, function: &Expr, given: &[Expr], block: Option<&Expr>) -> Computed {
        let name = match function {
            Expr::Name(name) => name.as_str(),
            // ENV.fetch("X").to_i(): a method without arguments.
            Expr::Member(of, name) => return self.member(of, name),
            _ => return Err("a call is not computed here".to_owned()),
        };
        if counts_cores(name) {
            return self.cores();
        }
        let last = name.rsplit('.').next().unwrap_or(name);
        if is_environment(name.rsplit_once('.').map_or("", |(of, _)| of)) && last != "to_i"
            || last == "getenv"
        {
            return self.environment(name, given, block);
        }
        // Settings libraries: config("X", default=4), env.int("X", 4).
        if matches!(name, "config" | "env" | "env.int" | "env.str" | "env_int" | "environ") {
            return self.environment(name, given, block);
        }
        let values = given.iter().map(|one| self.code(one)).collect::<Result<Vec<_>, _>>()?;
        let numbers = || values.iter().map(ComputedValue::number).collect::<Result<Vec<_>, _>>();
        match (last, values.as_slice()) {
            ("int" | "Integer" | "parseInt", [first, ..]) => {
                Ok(ComputedValue::Number(first.number()?.trunc()))
            }
            ("float" | "Float" | "Number" | "parseFloat", [first, ..]) => {
                Ok(ComputedValue::Number(first.number()?))
            }
            ("str" | "String" | "bool", [first]) => Ok(first.clone()),
            ("round", [first]) => Ok(ComputedValue::Number(first.number()?.round_ties_even())),
            ("ceil", [first]) => Ok(ComputedValue::Number(first.number()?.ceil())),
            ("floor", [first]) => Ok(ComputedValue::Number(first.number()?.floor())),
            ("max", [_, ..]) => {
                Ok(ComputedValue::Number(numbers()?.into_iter().fold(f64::MIN, f64::max)))
            }
            ("min", [_, ..]) => {
                Ok(ComputedValue::Number(numbers()?.into_iter().fold(f64::MAX, f64::min)))
            }
            ("len", [ComputedValue::Number(n)]) => Ok(ComputedValue::Number(*n)),
            _ => match name.rsplit_once('.') {
                // workers.to_i() and the like: a method of a name.
                Some((of, member)) => {
                    let value = self.name(of)?;
                    method(&value, member)
                }
                None => Err(format!("{}() is not computed here", shown(name))),
            },
        }
    }

    /// `os.getenv("X", "4")`, `ENV.fetch("X") { 4 }` and their kin.
    fn environment(&mut self, name: &str, given: &[Expr], block: Option<&Expr>) -> Computed {
        let variable = match given.first() {
            Some(Expr::Text(variable)) => variable.clone(),
            _ => return Err(format!("{}(...) is not computed here", shown(name))),
        };
        if let Some(text) = self.variable(&variable)? {
            return Ok(ComputedValue::Text(text));
        }
        match (block.or(given.get(1)), name.ends_with("fetch")) {
            (Some(default), _) => self.code(default),
            (None, true) => Err(self.unset(&variable)),
            (None, false) => Ok(ComputedValue::Nothing),
        }
    }

    fn binary(&mut self, operator: &str, a: &Expr, b: &Expr) -> Computed {
        let left = self.code(a)?;
        match operator {
            "||" | "or" => return if left.truth() { Ok(left) } else { self.code(b) },
            "??" if left != ComputedValue::Nothing => return Ok(left),
            "??" => return self.code(b),
            "&&" | "and" => return if left.truth() { self.code(b) } else { Ok(left) },
            _ => {}
        }
        let right = self.code(b)?;
        match operator {
            "==" | "===" => return Ok(ComputedValue::Bool(left.text() == right.text())),
            "!=" | "!==" => return Ok(ComputedValue::Bool(left.text() != right.text())),
            "+" if matches!((&left, &right), (ComputedValue::Text(_), ComputedValue::Text(_))) => {
                return Ok(ComputedValue::Text(left.text() + &right.text()));
            }
            _ => {}
        }
        let (x, y) = (left.number()?, right.number()?);
        let value = match operator {
            "+" => x + y,
            "-" => x - y,
            "*" => x * y,
            "/" => x / y,
            "//" => (x / y).floor(),
            "%" => x.rem_euclid(y),
            "**" => x.powf(y),
            ">" => return Ok(ComputedValue::Bool(x > y)),
            "<" => return Ok(ComputedValue::Bool(x < y)),
            ">=" => return Ok(ComputedValue::Bool(x >= y)),
            _ => return Ok(ComputedValue::Bool(x <= y)),
        };
        if value.is_finite() {
            Ok(ComputedValue::Number(value))
        } else {
            Err("a division by 0".to_owned())
        }
    }
}

fn not_here(text: &str) -> String {
    format!("'{}' is not computed here", shown(text.trim()))
}

fn is_environment(name: &str) -> bool {
    matches!(name, "ENV" | "os.environ" | "environ" | "process.env")
}

/// Whether a name is one of the number of cores: of Python, Ruby and JavaScript.
fn counts_cores(name: &str) -> bool {
    let name = name.trim_end_matches(".length");
    let last = name.rsplit('.').next().unwrap_or(name);
    matches!(
        last,
        "cpu_count"
            | "process_cpu_count"
            | "sched_getaffinity"
            | "availableParallelism"
            | "cpus"
            | "nprocessors"
            | "processor_count"
            | "physical_processor_count"
            | "available_processor_count"
    )
}

/// Methods without arguments that configurations use.
fn method(value: &ComputedValue, name: &str) -> Computed {
    match name {
        "to_i" => Ok(ComputedValue::Number(value.number().unwrap_or(0.0).trunc())),
        "to_f" => value.number().map(ComputedValue::Number),
        "to_s" | "to_sym" | "strip" | "lower" | "presence" | "length" | "freeze" => {
            Ok(value.clone())
        }
        "ceil" => Ok(ComputedValue::Number(value.number()?.ceil())),
        "floor" => Ok(ComputedValue::Number(value.number()?.floor())),
        "round" => Ok(ComputedValue::Number(value.number()?.round())),
        "second" | "seconds" => Ok(value.clone()),
        "minute" | "minutes" => Ok(ComputedValue::Number(value.number()? * 60.0)),
        other => Err(format!(".{} is not computed here", shown(other))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        let assigned =
            |text: &str, language, sure| Assigned { text: text.to_owned(), language, sure };
        let names = [
            ("t", vec![assigned("ENV.fetch('T', 3)", Language::Code, true)]),
            ("twice", vec![assigned("1", Language::Code, true); 2]),
            ("branch", vec![assigned("1", Language::Code, false)]),
            ("loop", vec![assigned("loop + 1", Language::Code, true)]),
        ];
        let environment = [("SET", "7"), ("GIVEN", "6")];
        let environment =
            environment.map(|(name, text)| (name, vec![assigned(text, Language::Plain, true)]));
        let own = |(name, all): (&str, Vec<Assigned>)| (name.to_owned(), all);
        Scope {
            cores: Some(Ok(4)),
            environment: environment.map(own).into(),
            names: names.map(own).into(),
        }
    }

    /// Each worked out by hand, with 4 cores.
    #[test]
    fn values_are_computed() {
        use Language::{Code, Java, Shell, Uwsgi};
        let table = [
            ("multiprocessing.cpu_count() * 2 + 1", Code, "9"),
            ("(os.cpu_count() or 1) * 2", Code, "8"),
            ("60 * 15", Code, "900"),
            ("int(os.environ.get('X', '4'))", Code, "4"),
            ("int(os.getenv(\"SET\", 4))", Code, "7"),
            ("os.environ['GIVEN']", Code, "6"),
            ("ENV.fetch(\"X\") { 4 }", Code, "4"),
            ("ENV.fetch 'X', 4", Code, "4"),
            ("Integer(ENV.fetch('X') { Concurrent.physical_processor_count })", Code, "4"),
            ("Integer(ENV['X'] || 2)", Code, "2"),
            ("(ENV['X'] || 2).to_i", Code, "2"),
            ("ENV.fetch('X', 5).to_i", Code, "5"),
            ("t, t", Code, "3,3"),
            ("process.env.X || 3", Code, "3"),
            ("parseInt(process.env.X ?? '3', 10)", Code, "3"),
            ("os.cpus().length - 1", Code, "3"),
            ("require('node:os').availableParallelism() - 1", Code, "3"),
            ("require('os').cpus().length", Code, "4"),
            ("max(2, 3) if True else 9", Code, "3"),
            ("max(int(0.5 * 4), 3)", Code, "3"),
            ("1 == 1 ? 2 : 3", Code, "2"),
            ("1_000", Code, "1000"),
            ("2 ** 3 // 3", Code, "2"),
            ("env.int('X', default=4)", Code, "4"),
            ("len(os.sched_getaffinity(0))", Code, "4"),
            ("${X:-4}", Shell, "4"),
            ("${X-4}", Shell, "4"),
            ("a${X:-${Y:-3}}b", Shell, "a3b"),
            ("$SET", Shell, "7"),
            ("${GIVEN:-1}", Shell, "6"),
            ("$(nproc)", Shell, "4"),
            ("`nproc --all`", Shell, "4"),
            ("$(( 2 * $(nproc) + 1 ))", Shell, "9"),
            ("$((SET * 2))", Shell, "14"),
            ("$((7 / 2))", Shell, "3"),
            ("$(SET)", Shell, "7"),
            ("$(expr 2 \\* 3)", Shell, "6"),
            ("$(python -c 'import os; print(os.cpu_count() * 2)')", Shell, "8"),
            ("%(ENV_SET)s", Shell, "7"),
            ("%k", Uwsgi, "4"),
            ("$(SET)", Uwsgi, "7"),
            ("%(%k * 2)", Uwsgi, "8"),
            ("${X:200}", Java, "200"),
            ("${SET:-200}", Java, "7"),
        ];
        for (text, language, expected) in table {
            let found = compute(&scope(), text, language);
            assert_eq!(found.map(|value| value.text()), Ok(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_computed_says_why() {
        use Language::{Code, Shell};
        let table = [
            ("twice", Code, "'twice' is assigned more than once"),
            ("branch + 1", Code, "'branch' is assigned in a branch or a function"),
            ("loop", Code, "'loop' is not known"),
            ("number_of_workers()", Code, "number_of_workers() is not computed here"),
            ("os.environ['X']", Code, "X is not set here (--env X=VALUE sets it)"),
            ("ENV.fetch('X')", Code, "X is not set here (--env X=VALUE sets it)"),
            ("[w for w in x]", Code, "is not computed here"),
            ("1 / 0", Code, "a division by 0"),
            ("$X", Shell, "X is not set here"),
            ("$(cat workers)", Shell, "'cat workers' is not computed here"),
        ];
        for (text, language, part) in table {
            let error = compute(&scope(), text, language).expect_err(text);
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
