//! Where a command stands: a Dockerfile, a Procfile, Compose and Kubernetes files, units of
//! systemd, programs of supervisord, scripts. Each is a list of services with their commands, their
//! environment and the limits of their container.

use super::piece::Piece;
use super::setting::Setting;
use super::shell::{self, ShellWord, Simple, assignment};
use super::value::{Assigned, Language, Names};
use super::yaml::{self, Node};

/// How the words of a command are written, which decides how one is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CommandForm {
    /// With blanks between them.
    Shell,
    /// As a list: `["gunicorn", "-w", "4"]`, or one below another.
    List,
}

/// One command.
#[derive(Clone, Debug)]
pub(super) struct CommandLine {
    pub(crate) words: Vec<ShellWord>,
    pub(crate) form: CommandForm,
}

/// Something that is started.
#[derive(Clone, Debug, Default)]
pub(super) struct StartedProgram {
    /// Its name in the file.
    pub(crate) name: String,
    pub(crate) lines: Vec<CommandLine>,
    /// Variables of its environment.
    pub(crate) environment: Names,
    /// CPUs, memory and replicas.
    pub(crate) limits: Vec<Setting>,
}

impl StartedProgram {
    fn named(name: &str) -> StartedProgram {
        StartedProgram { name: name.to_owned(), ..StartedProgram::default() }
    }

    /// Adds the commands of a shell's text.
    fn shell(&mut self, text: &Piece) -> Result<(), String> {
        for Simple { words, sure } in shell::commands(text)? {
            self.collect(&words, sure);
            self.lines.push(CommandLine { words, form: CommandForm::Shell });
        }
        Ok(())
    }

    /// Variables that a command of a shell assigns.
    fn collect(&mut self, words: &[ShellWord], sure: bool) {
        let keyword = words.first().map(ShellWord::text);
        let exported = matches!(keyword, Some("export" | "readonly" | "local" | "declare"));
        let colon = keyword == Some(":");
        let all = words.iter().skip(usize::from(exported || colon));
        if colon {
            // : ${X:=4}
            for word in all {
                let inner = word.text().strip_prefix("${").and_then(|text| text.strip_suffix('}'));
                if let Some((name, default)) = inner.and_then(|text| text.split_once('=')) {
                    let text = format!("${{{}:-{default}}}", name.trim_end_matches(':'));
                    self.set(name.trim_end_matches(':'), &text, Language::Shell, sure);
                }
            }
            return;
        }
        let assigned: Vec<_> = all.map_while(assignment).collect();
        // What stands before a command is for that command alone.
        if exported || assigned.len() == words.len() {
            for (name, value) in assigned {
                self.set(&name, value.text(), Language::Shell, sure);
            }
        }
    }

    fn set(&mut self, name: &str, text: &str, language: Language, sure: bool) {
        let assigned = Assigned { text: text.to_owned(), language, sure };
        self.environment.entry(name.to_owned()).or_default().push(assigned);
    }

    /// Replaces what was assigned before, as a later line of such a file does.
    fn reset(&mut self, name: &str, text: &str, language: Language) {
        self.environment.remove(name);
        self.set(name, text, language, true);
    }

    fn limit(&mut self, name: &'static str, raw: &str, value: &Piece) {
        self.limits.push(Setting {
            raw: raw.to_owned(),
            language: Language::Shell,
            ..Setting::new(name, Some(value.clone()))
        });
    }
}

/// The services of a file that holds commands; `None` if it is another kind of file.
///
/// # Errors
/// A sentence: quotes that have no end.
pub(super) fn services(path: &str, text: &Piece) -> Result<Option<Vec<StartedProgram>>, String> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path).to_ascii_lowercase();
    let begins = |words: &[&str]| {
        let has = |line: &str| words.iter().any(|word| line.trim_start().starts_with(word));
        text.text().lines().any(has)
    };
    let docker = ["CMD ", "CMD[", "ENTRYPOINT ", "ENTRYPOINT["];
    if begins(&docker) || name.contains("dockerfile") || name.starts_with("containerfile") {
        return dockerfile(text).map(|service| Some(vec![service]));
    }
    if begins(&["ExecStart=", "ExecStart ="]) {
        return unit(text).map(|service| Some(vec![service]));
    }
    if begins(&["[program:"]) {
        return supervisor(text).map(Some);
    }
    if name.starts_with("procfile") {
        return procfile(text).map(Some);
    }
    if let Some(list) = json_list(text) {
        return Ok(Some(vec![list]));
    }
    let yaml = name.ends_with(".yml") || name.ends_with(".yaml") || name.ends_with(".json");
    let keys =
        ["services:", "kind:", "containers:", "command:", "\"kind\":", "- command:", "- name:"];
    if (yaml || begins(&keys))
        && let Some(documents) = yaml::parse(text)
    {
        let found = containers(&documents)?;
        if !found.is_empty() {
            return Ok(Some(found));
        }
    }
    let script = name.ends_with(".sh") || text.text().starts_with("#!") && !python_or_ruby(text);
    if script {
        let mut service = StartedProgram::default();
        service.shell(text)?;
        return Ok(Some(vec![service]));
    }
    Ok(None)
}

/// Whether a script is one of another language than a shell.
fn python_or_ruby(text: &Piece) -> bool {
    let first = text.text().lines().next().unwrap_or_default();
    ["python", "ruby", "node", "php"].iter().any(|name| first.contains(name))
}

/// The commands of a text as a shell reads them.
///
/// # Errors
/// A sentence: quotes that have no end.
pub(super) fn script(text: &Piece) -> Result<StartedProgram, String> {
    let mut service = StartedProgram::default();
    service.shell(text)?;
    Ok(service)
}

/// A list in brackets that stands alone.
fn json_list(text: &Piece) -> Option<StartedProgram> {
    if !text.trim().text().starts_with("[\"") {
        return None;
    }
    let line = list_line(yaml::parse(text)?.first()?)?;
    Some(StartedProgram { lines: vec![line], ..StartedProgram::default() })
}

fn list_line(node: &Node) -> Option<CommandLine> {
    let Node::List(items) = node else { return None };
    let word = |node: &Node| match node {
        Node::Text { piece, outer } => {
            Some(ShellWord { piece: piece.clone(), outer: outer.clone() })
        }
        _ => None,
    };
    let words = items.iter().map(word).collect::<Option<Vec<_>>>()?;
    Some(CommandLine { words, form: CommandForm::List })
}

// --- Dockerfile

/// The last stage of a Dockerfile.
fn dockerfile(text: &Piece) -> Result<StartedProgram, String> {
    let mut service = StartedProgram::default();
    let (mut entry, mut command): (Option<Piece>, Option<Piece>) = (None, None);
    for line in logical_lines(text, "#") {
        let line = line.trim();
        let Some((word, rest)) = line.split_once(char::is_whitespace) else { continue };
        let rest = rest.trim();
        match word.text().to_ascii_uppercase().as_str() {
            // What is in another stage is not in the image; its ARG before FROM is.
            "FROM" => (entry, command) = (None, None),
            "ENTRYPOINT" => (entry, command) = (Some(rest), None),
            "CMD" => command = Some(rest),
            "ENV" | "ARG" => {
                for (name, value) in pairs(&rest)? {
                    service.reset(&name, value.text(), Language::Shell);
                }
            }
            _ => {}
        }
    }
    let list = |piece: &Piece| {
        let node = piece.text().starts_with('[').then(|| yaml::parse(piece)).flatten()?;
        list_line(node.first()?)
    };
    match (entry.as_ref(), command.as_ref()) {
        (Some(entry), Some(command)) => match (list(entry), list(command)) {
            (Some(mut line), Some(more)) => {
                line.words.extend(more.words);
                service.lines.push(line);
            }
            // ENTRYPOINT as a text ignores CMD; a list takes the text as one word of a shell.
            (None, _) => service.shell(entry)?,
            (Some(line), None) => {
                service.lines.push(line);
                service.shell(command)?;
            }
        },
        (Some(only), None) | (None, Some(only)) => match list(only) {
            Some(line) => service.lines.push(line),
            None => service.shell(only)?,
        },
        (None, None) => {}
    }
    Ok(service)
}

/// Lines that end with a backslash go on; comments between them are no part of them.
fn logical_lines(text: &Piece, comment: &str) -> Vec<Piece> {
    let mut lines: Vec<Piece> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        let bare = line.trim();
        if comment.chars().any(|sign| bare.text().starts_with(sign)) {
            continue;
        }
        let goes_on = bare.text().ends_with('\\');
        let kept = line.text().trim_end().len() - usize::from(goes_on);
        let part = line.slice(0..kept.min(line.text().len()));
        match lines.last_mut().filter(|_| open) {
            Some(last) => {
                last.push(' ', line.place(0));
                last.append(&part);
            }
            None => lines.push(part),
        }
        open = goes_on;
    }
    lines
}

/// `A=1 B="2 3"`, or `A 1`; without a value there is none.
fn pairs(text: &Piece) -> Result<Vec<(String, Piece)>, String> {
    let all = shell::commands(text)?;
    let words: Vec<ShellWord> = all.into_iter().flat_map(|one| one.words).collect();
    if let [name, value] = words.as_slice()
        && !name.text().contains('=')
    {
        return Ok(vec![(name.text().to_owned(), value.piece.clone())]);
    }
    Ok(words.iter().filter_map(assignment).collect())
}

// --- Procfile, systemd, supervisord

fn procfile(text: &Piece) -> Result<Vec<StartedProgram>, String> {
    let mut all = Vec::new();
    for line in text.lines() {
        let Some((name, command)) = line.split_once(|c| c == ':') else { continue };
        if name.text().trim_start().starts_with('#') {
            continue;
        }
        let mut service = StartedProgram::named(name.trim().text());
        service.shell(&command.trim())?;
        all.push(service);
    }
    Ok(all)
}

fn unit(text: &Piece) -> Result<StartedProgram, String> {
    let mut service = StartedProgram::default();
    for line in logical_lines(text, "#;") {
        let Some((name, value)) = line.split_once(|c| c == '=') else { continue };
        let value = value.trim();
        match name.trim().text() {
            "ExecStart" => {
                let command = value.text().trim_start_matches(['-', '@', ':', '+', '!', '|']).len();
                let all = value.text().len();
                service.shell(&value.slice(all - command..all))?;
            }
            "Environment" => {
                for (name, value) in pairs(&value)? {
                    service.reset(&name, value.text(), Language::Plain);
                }
            }
            name @ "CPUQuota" => service.limit("cpu-quota", name, &value),
            name @ "MemoryMax" => service.limit("memory-max", name, &value),
            _ => {}
        }
    }
    Ok(service)
}

fn supervisor(text: &Piece) -> Result<Vec<StartedProgram>, String> {
    let mut all: Vec<StartedProgram> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        let line = line.trim();
        if let Some(section) = line.text().strip_prefix('[') {
            let name = section.trim_end_matches(']').strip_prefix("program:");
            inside = name.is_some();
            all.extend(name.map(StartedProgram::named));
            continue;
        }
        let (Some((name, value)), Some(service)) = (line.split_once(|c| c == '='), all.last_mut())
        else {
            continue;
        };
        let value = value.trim();
        match name.trim().text() {
            "command" if inside => service.shell(&value)?,
            "environment" if inside => {
                let with_blanks = value.text().replace(',', " ");
                for (name, value) in pairs(&Piece::whole(&with_blanks))? {
                    service.reset(&name, value.text(), Language::Shell);
                }
            }
            _ => {}
        }
    }
    Ok(all)
}

// --- Compose, Kubernetes and their kin

fn containers(documents: &[Node]) -> Result<Vec<StartedProgram>, String> {
    let mut found = Vec::new();
    for document in documents {
        match document.get("services") {
            Some(services) => {
                for (name, node) in services.entries() {
                    found.push(compose(name.text(), node)?);
                }
            }
            None => visit(document, None, &mut found)?,
        }
    }
    Ok(found)
}

/// Containers wherever they stand (Deployment, StatefulSet, CronJob, List), and anything else with
/// a command.
fn visit(
    node: &Node,
    replicas: Option<&Piece>,
    found: &mut Vec<StartedProgram>,
) -> Result<(), String> {
    let replicas = node.get("replicas").and_then(Node::text).or(replicas);
    for (key, value) in node.entries() {
        match (key.text(), value) {
            ("initContainers", _) => {}
            ("containers", Node::List(all)) => {
                for one in all {
                    let mut service = container(one)?;
                    if let Some(replicas) = replicas {
                        service.limit("replicas", "replicas", replicas);
                    }
                    found.push(service);
                }
            }
            ("command" | "startCommand" | "cmd" | "start" | "run" | "web", _)
                if node.get("containers").is_none() =>
            {
                let name = node.get("name").and_then(Node::text);
                let mut service = StartedProgram::named(name.map_or(key.text(), Piece::text));
                commands(&mut service, value)?;
                found.push(service);
            }
            (_, Node::Map(_)) => visit(value, replicas, found)?,
            (_, Node::List(all)) => {
                for one in all {
                    visit(one, replicas, found)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// A command as a text or as a list.
fn commands(service: &mut StartedProgram, node: &Node) -> Result<(), String> {
    match node {
        Node::Text { piece, .. } => service.shell(piece),
        node => {
            service.lines.extend(list_line(node));
            Ok(())
        }
    }
}

/// Two parts of one command: the second are arguments of the first.
fn joined(
    service: &mut StartedProgram,
    first: Option<&Node>,
    second: Option<&Node>,
) -> Result<(), String> {
    let lists = (first.and_then(list_line), second.and_then(list_line));
    if let (Some(mut line), Some(more)) = lists {
        line.words.extend(more.words);
        service.lines.push(line);
        return Ok(());
    }
    for node in [first, second].into_iter().flatten() {
        commands(service, node)?;
    }
    Ok(())
}

fn environment(service: &mut StartedProgram, node: Option<&Node>) {
    for (name, value) in node.map_or(&[][..], Node::entries) {
        if let Some(text) = value.text() {
            service.reset(name.text(), text.text(), Language::Shell);
        }
    }
    for item in node.map_or(&[][..], Node::items) {
        let pair = item.text().and_then(|text| text.split_once(|c| c == '='));
        if let Some((name, value)) = pair {
            service.reset(name.text(), value.text(), Language::Shell);
        }
        let of = |key| item.get(key).and_then(Node::text);
        if let (Some(name), Some(value)) = (of("name"), of("value")) {
            service.reset(name.text(), value.text(), Language::Shell);
        }
    }
}

fn compose(name: &str, node: &Node) -> Result<StartedProgram, String> {
    let mut service = StartedProgram::named(name);
    joined(&mut service, node.get("entrypoint"), node.get("command"))?;
    environment(&mut service, node.get("environment"));
    let limits: [(&'static str, &[&str]); 6] = [
        ("cpus", &["deploy", "resources", "limits", "cpus"]),
        ("cpus", &["cpus"]),
        ("compose-memory", &["deploy", "resources", "limits", "memory"]),
        ("compose-memory", &["mem_limit"]),
        ("replicas", &["deploy", "replicas"]),
        ("replicas", &["scale"]),
    ];
    for (limit, path) in limits {
        if let Some(value) = node.at(path).and_then(Node::text) {
            service.limit(limit, path.last().copied().unwrap_or(limit), value);
        }
    }
    Ok(service)
}

fn container(node: &Node) -> Result<StartedProgram, String> {
    let name = node.get("name").and_then(Node::text).map_or("", Piece::text);
    let mut service = StartedProgram::named(name);
    joined(&mut service, node.get("command"), node.get("args"))?;
    environment(&mut service, node.get("env"));
    for (limit, raw, path) in [
        ("cpus", "limits.cpu", ["resources", "limits", "cpu"]),
        ("memory", "limits.memory", ["resources", "limits", "memory"]),
    ] {
        if let Some(value) = node.at(&path).and_then(Node::text) {
            service.limit(limit, raw, value);
        }
    }
    Ok(service)
}
