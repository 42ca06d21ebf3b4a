//! The words of servers (options of a command line, settings of a file), and what they mean in
//! options of simsrv.

/// An option of simsrv and its value, as one would write them.
pub(crate) type Said = (&'static str, String);

/// What a word does that is more than one number: from its value to options.
pub(crate) type WordReader = fn(&str) -> Result<Vec<Said>, String>;

/// How a value of simsrv is written in the server's own words; `None` where they cannot say it.
pub(crate) type Write = fn(&str) -> Option<String>;

/// What a word of a server does.
#[derive(Clone, Copy)]
pub(crate) enum Does {
    /// Sets an option to a whole number, from 1 on.
    Count(&'static str),
    /// The same, where 0 is a number too.
    Whole(&'static str),
    /// Sets an option to a time; a bare number is one of seconds.
    Seconds(&'static str),
    /// Switches an option on.
    Switch(&'static str),
    /// Something of its own, which sets the option named (and perhaps others).
    Special(&'static str, WordReader, Write),
    /// Sets the option named where the value has it in it (an address with `?backlog=64`); a value
    /// that cannot be computed is taken as it is written.
    Within(&'static str, WordReader),
    /// Nothing that matters to queueing.
    Nothing,
    /// Something that simsrv does not do: why, or what it does instead.
    Left(&'static str),
    /// The same, where it depends on the value.
    LeftIf(fn(&str) -> Option<String>),
    /// The path of a configuration file of the same server.
    File,
}

impl Does {
    /// The option that it sets.
    pub(crate) fn option(self) -> Option<&'static str> {
        match self {
            Does::Count(option)
            | Does::Whole(option)
            | Does::Seconds(option)
            | Does::Switch(option)
            | Does::Special(option, ..)
            | Does::Within(option, _) => Some(option),
            Does::Nothing | Does::Left(_) | Does::LeftIf(_) | Does::File => None,
        }
    }
}

/// Whether an option of a command line has a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TakesValue {
    /// None.
    No,
    /// The next word, or what stands after `=`.
    Value,
    /// Only what stands after `=` (or at once after a single letter).
    Maybe,
}

/// Words of one meaning.
#[derive(Clone, Copy)]
pub(crate) struct ServerWord {
    /// As a command line has them, without dashes; one that ends with `*` is the beginning of
    /// others. The first that is longer than a letter is the one that simsrv writes.
    pub(crate) names: &'static [&'static str],
    /// Whether it has a value.
    pub(crate) takes: TakesValue,
    /// What it does.
    pub(crate) does: Does,
}

/// Words with a value.
pub(crate) const fn with(names: &'static [&'static str], does: Does) -> ServerWord {
    ServerWord { names, takes: TakesValue::Value, does }
}

/// Words without one.
pub(crate) const fn bare(names: &'static [&'static str], does: Does) -> ServerWord {
    ServerWord { names, takes: TakesValue::No, does }
}

/// Words with a value after `=`, if any.
pub(crate) const fn maybe(names: &'static [&'static str], does: Does) -> ServerWord {
    ServerWord { names, takes: TakesValue::Maybe, does }
}

/// What happens to a word that is not in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// It is refused.
    Refuse,
    /// It is reported as not understood.
    Report,
    /// It is ignored: the file has a thousand others, and none of them matters.
    Ignore,
}

/// A word without what different files write differently: case, dashes, underscores. Single
/// letters stay as they are.
fn plain(name: &str) -> String {
    if name.chars().count() == 1 {
        return name.to_owned();
    }
    name.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect()
}

/// The meaning of a word.
pub(crate) fn find(words: &'static [ServerWord], name: &str) -> Option<&'static ServerWord> {
    let name = plain(name);
    let is = |known: &str| match known.strip_suffix('*') {
        Some(begin) => name.starts_with(&plain(begin)),
        None => plain(known) == name,
    };
    words.iter().find(|word| word.names.iter().any(|known| is(known)))
}

/// A value without quotes.
pub(crate) fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(['"', '\''])
}

/// Whether clients connect to a Unix socket, from an address: `unix:/run/app.sock`, `/run/app.sock`.
///
/// # Errors
/// None: any other address is a port.
pub(crate) fn address(text: &str) -> Result<Vec<Said>, String> {
    let path = unquoted(text.trim_matches(['[', ']', ' ', ',']));
    let unix = path.contains("unix:")
        || path.starts_with(['/', '@'])
        || path.ends_with(".sock")
        || path.ends_with(".socket");
    Ok(if unix { vec![("listen", "unix".to_owned())] } else { Vec::new() })
}

/// A whole number as simsrv writes it.
///
/// # Errors
/// A sentence: it is missing, too small, or not a whole number.
pub(crate) fn whole(text: &str, least: u64) -> Result<String, String> {
    let digits = unquoted(text).replace('_', "");
    match digits.parse::<u64>() {
        Ok(n) if n < least => Err(format!("{n} is too few: there must be at least {least}")),
        Ok(n) => Ok(n.to_string()),
        Err(_) if digits.is_empty() => Err("a whole number is missing".to_owned()),
        Err(_) => Err(format!("'{}' is not a whole number", unquoted(text))),
    }
}

/// A time of `scale` seconds for a bare number; `ms`, `s`, `m`, `h`, `d` may follow.
///
/// # Errors
/// A sentence: it is not a time, or one of more than 30 years.
pub(crate) fn seconds(text: &str, scale: f64) -> Result<String, String> {
    let text = unquoted(text);
    let wrong = || format!("'{text}' is not a number of seconds");
    let digits = text.replace('_', "");
    let at = digits.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(digits.len());
    let (number, unit) = digits.split_at(at);
    let scale = match unit.trim() {
        "" => scale,
        "ms" => 1e-3,
        "s" | "sec" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "d" => 86400.0,
        _ => return Err(wrong()),
    };
    let value = number.parse::<f64>().map_err(|_| wrong())? * scale;
    if !value.is_finite() || value > 1e9 { Err(wrong()) } else { Ok(format!("{value}s")) }
}

/// Whether a switch is on; one without a value is.
///
/// # Errors
/// A sentence: it is neither on nor off.
pub(crate) fn switch(text: &str) -> Result<bool, String> {
    match unquoted(text).to_ascii_lowercase().as_str() {
        "" | "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" | "none" | "nil" => Ok(false),
        other => Err(format!("'{other}' is neither on nor off")),
    }
}

/// A number as it is: what most servers write.
pub(crate) fn as_is(value: &str) -> Option<String> {
    value.parse::<u64>().is_ok().then(|| value.to_owned())
}

/// Nothing: the server has no word for it.
pub(crate) fn never(_: &str) -> Option<String> {
    None
}

/// The meaning of a word that is written in full, single letters and beginnings of others aside.
pub(crate) fn find_whole(words: &'static [ServerWord], name: &str) -> Option<&'static ServerWord> {
    words.iter().find(|word| word.names.iter().any(|known| known.len() > 1 && *known == name))
}
