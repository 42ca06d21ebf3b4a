//! From what was written to what it means: options become cells and settings, or a sentence.

use std::fmt;
use std::sync::Arc;

use super::auto;
use super::comparison;
use super::defaults;
use super::keys::Need;
use super::lists;
use super::memory;
use super::peak;
use super::phases;
use super::raw_options::{Place, Problem, RawOptions, shown};
use super::read::{Case, Files, distribution, parse_distribution, share, whole};
use super::routes;
use super::runtime::{self, RealServer};
use super::slo;
use crate::distribution::{ArrivalProcess, Distribution, Rate};
use crate::engine::{self, Choice};
use crate::experiment::nonstationary;
use crate::experiment::plan::{Cell, Length, Plan, Search, Searched, Select, Settings};
use crate::experiment::row::Measure;
use crate::experiment::search;
use crate::model::{
    Backlog, Closed, Cores, Discipline, Load, MAX_CLIENTS, MAX_SLOTS, Mix, Model, Open, Phase,
    PhaseKind, Ramp, Server,
};
use crate::random::Seed;
use crate::time::Span;

/// Makes the plan of some options: the product of all lists, for each case in turn.
///
/// # Errors
/// What is wrong, where.
pub fn plan(base: &RawOptions, cases: &[Case], files: &dyn Files) -> Result<Plan, Problem> {
    planned(base, cases, files, true)
}

/// The same, but a number that no option gives is 1 instead of searched for.
///
/// # Errors
/// What is wrong, where.
pub fn plan_of_one(base: &RawOptions, cases: &[Case], files: &dyn Files) -> Result<Plan, Problem> {
    planned(base, cases, files, false)
}

fn planned(
    base: &RawOptions,
    cases: &[Case],
    files: &dyn Files,
    meant: bool,
) -> Result<Plan, Problem> {
    let none = [(None, RawOptions::new())];
    let cases = if cases.is_empty() { &none } else { cases };
    let mut one_process = false;
    let mut expand = |raw: RawOptions| {
        let resolved = peak::resolved(&routes::resolved(&raw)?)?;
        let all = super::server::expand(&resolved, files)?;
        one_process |= all.server.is_some_and(|server| server.preset.single_process.is_some());
        Ok::<_, Problem>(all.raw)
    };
    let mut expanded = Vec::new();
    let mut before = Vec::new();
    for (name, overrides) in cases {
        let raw = base.with(overrides);
        // What a file says of the number that is searched for is what there is today.
        before.push(expand(raw.without_auto())?);
        expanded.push((name.clone(), expand(raw)?));
    }
    let mut cases: Vec<Case> = expanded;
    let of = if one_process { Searched::Threads } else { Searched::Workers };
    let meant = (meant && length(&cases[0].1, files)? != Length::Story).then_some(of);
    let search = auto::search(&mut cases, &before, meant)?;
    let real = cases.iter().any(|(_, raw)| runtime::wanted(raw));
    let precise = cases.iter().any(|(_, raw)| raw.has("precision"));
    let mut plan: Option<Plan> = None;
    for (name, raw) in &cases {
        // A case may decide whether there is a finite story or a steady state.
        let mut settings = settings(raw, real, files)?;
        settings.every_row = precise;
        if search.is_some() && !settings.every_row {
            settings.precision = defaults::PRECISION_OF_SEARCH;
        }
        let (cells, skipped) = cells_of(raw, name.as_deref(), &settings, files)?;
        if let Some(cell) = cells.first() {
            slo::check_routes(raw, &settings.objectives, &cell.model)?;
        }
        for cell in &cells {
            slo::check_throughput(raw, &settings.objectives, &cell.model)?;
        }
        match &mut plan {
            None => plan = Some(Plan { cells, settings, skipped, search: search.clone() }),
            Some(plan) if plan.settings == settings => plan.cells.extend(cells),
            Some(_) => {
                return Err(Problem::new(format!(
                    "the case '{}' is run differently from the cases before it (a finite story or a \
                     steady state, a backlog that is given or not): put it into a scenario of \
                     its own",
                    name.as_deref().unwrap_or_default()
                )));
            }
        }
    }
    let mut plan = plan.ok_or_else(|| Problem::new("there is no case to run"))?;
    if let Some(search) = &plan.search {
        check_search(base, search, &plan.settings)?;
        let begin = |cell: &Cell| search::begin(cell, search.of, &plan);
        plan.cells = plan.cells.iter().flat_map(begin).collect();
    }
    if !base.has("best") && plan.short_stories() {
        // Of three requests nobody asks for a percentile.
        plan.settings.best = Measure::ResponseMean;
    }
    Ok(plan)
}

/// Refuses what cannot be searched in.
fn check_search(base: &RawOptions, search: &Search, settings: &Settings) -> Result<(), Problem> {
    let option = search.of.option();
    let problem = |name: &str, sentence: &str| Err(about(base, name, sentence));
    match settings {
        Settings { length: Length::Story, .. } => problem(
            option,
            "a number that fits is searched for under a load that goes on, and this is a finite \
             story: give --rate, or --think with --clients, or numbers such as 1..8",
        ),
        Settings { select: Select::Best, .. } => problem(
            "select",
            "--select best compares a list of cells: give numbers such as --workers 4..12, or drop \
             it",
        ),
        _ => Ok(()),
    }
}

fn settings(raw: &RawOptions, real: bool, files: &dyn Files) -> Result<Settings, Problem> {
    let replications = raw.parse("replications", |text| match text {
        "auto" => Ok(None),
        text => whole(text, "replications", 1, 1_000_000).map(|n| Some(n as u32)),
    })?;
    let precision = raw.parse("precision", precision)?.unwrap_or(defaults::PRECISION);
    let confidence = raw.parse("confidence", share)?.unwrap_or(defaults::CONFIDENCE);
    let warmup = raw.parse("warmup", |text| match text {
        "auto" => Ok(None),
        text => text.parse::<Span>().map(Some).map_err(|error| error.to_string()),
    })?;
    let max_requests =
        raw.parse("max-requests-simulated", |t| whole(t, "requests", 1, u64::MAX >> 1))?;
    let mut settings = Settings {
        seed: Seed(raw.parse("seed", seed)?.unwrap_or(1)),
        replications: replications.flatten(),
        precision,
        confidence,
        length: length(raw, files)?,
        warmup: warmup.flatten(),
        engine: raw.parse("engine", choice)?.unwrap_or_default(),
        max_requests: max_requests.unwrap_or(match real {
            true => defaults::MAX_REQUESTS_REAL,
            false => defaults::MAX_REQUESTS,
        }),
        // What a server has by default was not asked for.
        backlog_asked: raw.get("backlog").is_some_and(|value| value.place != Place::Default),
        ..Settings::default()
    };
    comparison::read(raw, &mut settings)?;
    check_warmup(raw, &settings)?;
    Ok(settings)
}

/// The smallest precision: a hundred times better takes ten thousand times as many requests.
const FINEST_PRECISION: f64 = 1e-5;

fn precision(text: &str) -> Result<f64, String> {
    match share(text)? {
        value if value < FINEST_PRECISION => {
            Err(format!("'{}' is finer than can be reached: write 0.001% or more", shown(text)))
        }
        value => Ok(value),
    }
}

fn seed(text: &str) -> Result<u64, String> {
    let digits = text.trim().replace('_', "");
    digits.parse().map_err(|_| {
        format!("'{}' is not a seed: write a whole number from 0 to {}", shown(text), u64::MAX)
    })
}

fn choice(text: &str) -> Result<Choice, String> {
    match text {
        "auto" => Ok(Choice::Auto),
        "events" => Ok(Choice::Events),
        "recursion" => Ok(Choice::Recursion),
        other => Err(format!("'{other}' is not an engine: write auto, events or recursion")),
    }
}

/// Finite story or steady state, and how long.
fn length(raw: &RawOptions, files: &dyn Files) -> Result<Length, Problem> {
    let requests = raw.parse("requests", |t| whole(t, "requests", 1, 1 << 50))?;
    let duration = raw.parse("duration", |text| match text.parse::<Span>() {
        Ok(span) if span.is_zero() => Err("a duration of 0: write such as 60s".to_owned()),
        other => other.map_err(|error| error.to_string()),
    })?;
    let open = raw.has("rate");
    let thinks = think(raw, files)?.is_some_and(|distribution| !distribution.is_zero());
    if let Some(ramp) = ramp(raw)? {
        return match requests {
            None => Ok(Length::Duration(duration.unwrap_or(ramp.end()))),
            Some(_) => Err(about(
                raw,
                "requests",
                "--requests does not go with a ramp of clients, which is looked at over its time: \
                 drop it, or give --duration",
            )),
        };
    }
    match (requests, duration) {
        _ if raw.has("trace") => Ok(Length::Story),
        (Some(_), Some(_)) => Err(about(
            raw,
            "requests",
            "--requests and --duration both fix the length of a replication: give one of them",
        )),
        (_, Some(span)) => Ok(Length::Duration(span)),
        (None, None) if open || thinks => Ok(Length::Auto),
        (Some(n), None) if open || thinks => Ok(Length::Requests(n)),
        _ => Ok(Length::Story),
    }
}

/// A problem of an option that was written.
fn about(raw: &RawOptions, name: &str, sentence: impl fmt::Display) -> Problem {
    match raw.get(name) {
        Some(value) => Problem::at(value, sentence),
        None => Problem::new(sentence),
    }
}

/// Refuses a warm-up that leaves nothing to look at.
fn check_warmup(raw: &RawOptions, settings: &Settings) -> Result<(), Problem> {
    let problem = |sentence: &str| Err(about(raw, "warmup", sentence));
    match (settings.warmup, settings.length) {
        (Some(_), Length::Story) => problem(
            "--warmup cannot be used with a finite story, of which every request counts: drop it, \
             or give --duration, --think or --rate",
        ),
        (Some(warmup), Length::Duration(all)) if warmup >= all => problem(
            "--warmup is longer than the whole --duration: make it shorter, or the duration longer",
        ),
        _ => Ok(()),
    }
}

fn think(raw: &RawOptions, files: &dyn Files) -> Result<Option<Distribution>, Problem> {
    distribution(raw, "think", files)
}

fn cells_of(
    raw: &RawOptions,
    case: Option<&str>,
    settings: &Settings,
    files: &dyn Files,
) -> Result<(Vec<Cell>, Vec<String>), Problem> {
    refuse_contradictions(raw)?;
    // What is measured from its first request on is a server that was just started.
    let mid_life = settings.length != Length::Story && settings.warmup != Some(Span::ZERO);
    let (servers, skipped) = existing(servers(raw, mid_life, files)?, raw);
    let mut cells = Vec::new();
    for load in loads(raw, settings, files)? {
        for server in &servers {
            let server = &with_room(server, &load, settings);
            let model = Model::new(load.clone(), server.clone()).map_err(Problem::new)?;
            fits_into_time(&model, settings).map_err(Problem::new)?;
            fits_into_memory(&model).map_err(Problem::new)?;
            nonstationary::check(&model, settings).map_err(|why| about(raw, "arrivals", why))?;
            if settings.engine == Choice::Recursion {
                engine::recursion_fits(&model).map_err(|why| {
                    Problem::new(format!("--engine recursion does not fit: {why}"))
                })?;
            }
            cells.push(Cell::of(model, case));
        }
    }
    Ok((cells, skipped))
}

/// The server with room for all clients that go on for ever, where no option says how long the queue
/// of an ideal server is: the default of real ones is not meant to turn them away.
fn with_room(server: &Server, load: &Load, settings: &Settings) -> Server {
    let mut server = server.clone();
    let ideal = server.runtime.is_none() && !settings.backlog_asked;
    if let (true, Load::Closed(Closed { clients, requests: None, .. })) = (ideal, load) {
        let places = u64::from(server.slots()).saturating_add(defaults::BACKLOG);
        if u64::from(*clients) > places {
            server.backlog = Backlog::Unlimited;
        }
    }
    server
}

/// Without the combinations of several classes and numbers of threads that do not exist, and what
/// these are: to compare kinds of workers is one question. All, if none exists.
fn existing(all: Vec<Server>, raw: &RawOptions) -> (Vec<Server>, Vec<String>) {
    let several = raw.get("class").is_some_and(|value| value.text.contains(','));
    let exists = |server: &Server| {
        let class = server.runtime.as_ref().map(|runtime| runtime.class);
        class.is_none_or(|class| class.fits(server.threads))
    };
    if !several || !all.iter().any(exists) {
        return (all, Vec::new());
    }
    let name = |server: &Server| {
        let class = server.runtime.as_ref().map_or("", |runtime| runtime.class.name());
        format!("{class} with {} threads", server.threads)
    };
    let (kept, dropped): (Vec<Server>, Vec<Server>) = all.into_iter().partition(exists);
    let mut skipped: Vec<String> = dropped.iter().map(name).collect();
    skipped.dedup();
    (kept, skipped)
}

/// The most clients of a real server: each takes about 600 bytes, and one replication is to fit into
/// 3 GiB.
const MOST_CLIENTS_REAL: u32 = 4_000_000;

/// Refuses more clients than a real server has memory for.
fn fits_into_memory(model: &Model) -> Result<(), String> {
    match model.load() {
        Load::Closed(Closed { clients, .. })
            if *clients > MOST_CLIENTS_REAL && model.server().runtime.is_some() =>
        {
            Err(format!(
                "{clients} clients are too many for a real server: the most is \
                 {MOST_CLIENTS_REAL}; an ideal server (without --class, --server and the like) \
                 takes {MAX_CLIENTS}"
            ))
        }
        _ => Ok(()),
    }
}

/// Requests of a replication that the precision may well need.
const USUAL_REQUESTS: f64 = 100_000.0;

/// Refuses a replication that would run into the end of time (584 years), where results mean
/// nothing.
fn fits_into_time(model: &Model, settings: &Settings) -> Result<(), String> {
    let (cpu, io) = model.mean_demand();
    let server = model.server();
    let seconds = match (model.load(), settings.length) {
        (Load::Open(open), Length::Auto) => USUAL_REQUESTS / open.rate.per_second(),
        (Load::Open(open), Length::Requests(n)) => n as f64 / open.rate.per_second(),
        (Load::Closed(closed), Length::Auto) => {
            USUAL_REQUESTS * (closed.think.mean() + cpu + io) / f64::from(closed.clients)
        }
        (Load::Closed(closed), Length::Requests(n)) => n as f64 * (closed.think.mean() + cpu + io),
        (Load::Closed(closed), Length::Story) => {
            let requests = f64::from(closed.clients) * closed.requests.unwrap_or(1) as f64;
            let cores = server.cores.as_f64();
            let pooled = match server.runtime.as_ref().and_then(|runtime| runtime.pool_size()) {
                Some(size) => io / f64::from(size),
                None => 0.0,
            };
            requests * ((cpu + io) / f64::from(server.slots())).max(cpu / cores).max(pooled)
        }
        _ => 0.0,
    };
    let end = Span::from_nanos(u64::MAX).as_secs_f64();
    if seconds < end {
        return Ok(());
    }
    let years = (seconds / (end / 584.5)).round();
    Err(format!(
        "such a run takes about {years} years of simulated time, but the most is 584: give \
         shorter times, higher rates, fewer --requests, or a --duration"
    ))
}

/// Options that exclude each other.
const CONTRADICTIONS: [(&str, &[&str], &str); 9] = [
    ("rate", &["clients"], "arrivals are either open (--rate) or closed (--clients): drop one"),
    ("rate", &["think"], "clients think in a closed loop only: drop --think or --rate"),
    (
        "trace",
        &["clients", "rate", "think", "arrivals"],
        "the trace contains the arrivals: drop the other",
    ),
    (
        "route",
        &["service", "cpu", "io", "phases"],
        "each route has phases of its own: drop the other",
    ),
    (
        "trace",
        &["service", "cpu", "io", "phases", "jitter", "route"],
        "the trace contains the demands of each request: drop the other",
    ),
    (
        "trace",
        &["requests", "duration", "warmup"],
        "every request of a trace counts: drop the other",
    ),
    ("service", &["cpu", "io"], "--service is all CPU; write either --service, or --cpu and --io"),
    (
        "phases",
        &["service", "cpu", "io"],
        "--phases gives all demands of a request: drop the other",
    ),
    (
        "clients",
        &["arrivals"],
        "--arrivals is the distribution of open arrivals: give --rate instead of --clients",
    ),
];

fn refuse_contradictions(raw: &RawOptions) -> Result<(), Problem> {
    for (one, others, sentence) in CONTRADICTIONS {
        let Some(value) = raw.get(one) else { continue };
        if let Some(other) = others.iter().find(|other| raw.has(other)) {
            let sentence = format!("--{one} cannot be used with --{other}: {sentence}");
            return Err(Problem::at(value, sentence));
        }
    }
    if let Some(value) = raw.get("arrivals").filter(|_| !raw.has("rate")) {
        let sentence = "--arrivals is how arrivals are spread: give their --rate too (or --peak)";
        return Err(Problem::at(value, sentence));
    }
    Ok(())
}

/// Refuses an option that has no effect without another.
fn refuse_lonely(raw: &RawOptions) -> Result<(), Problem> {
    for (key, value) in raw.iter() {
        if let Some(Need { other, why }) = key.needs.filter(|need| !raw.has(need.other)) {
            let sentence = format!("--{} has no effect without --{other}: {why}", key.name);
            return Err(Problem::at(value, sentence));
        }
    }
    Ok(())
}

/// The one server that some options describe.
///
/// # Errors
/// What is wrong, where; also if they describe several.
pub fn server(raw: &RawOptions, files: &dyn Files) -> Result<Server, Problem> {
    let mut all = servers(&super::server::expand(raw, files)?.raw, false, files)?;
    match all.pop() {
        Some(server) if all.is_empty() => Ok(server),
        _ => Err(Problem::new("several servers: give one value to each option")),
    }
}

fn servers(raw: &RawOptions, mid_life: bool, files: &dyn Files) -> Result<Vec<Server>, Problem> {
    let counts = |name: &str| {
        let list = raw.parse(name, |text| lists::counts(text, name, MAX_SLOTS))?;
        Ok::<_, Problem>(list.unwrap_or_else(|| vec![1]))
    };
    let cores = raw.parse("cores", lists::cores)?;
    let cores = cores.unwrap_or_else(|| vec![Cores::whole(defaults::CORES)]);
    let gil = raw.parse("gil", |text| match text {
        "on" | "true" => Ok(true),
        "off" | "false" => Ok(false),
        other => Err(format!("'{other}' is neither on nor off")),
    })?;
    let backlog = raw.parse("backlog", |text| text.parse::<Backlog>())?;
    let discipline = raw.parse("queue", |text| text.parse::<Discipline>())?;
    let patience = distribution(raw, "patience", files)?;
    refuse_lonely(raw)?;
    let real = RealServer::read(raw, mid_life, files)?;
    let (threads, workers) = (counts("threads")?, counts("workers")?);
    let memories = memory::read(raw)?;
    let mut servers = Vec::new();
    for kind in real.kinds() {
        for (&cores, &threads) in cores.iter().flat_map(|c| threads.iter().map(move |t| (c, t))) {
            let runtime = real.runtime(kind, (cores, threads))?;
            for (&memory, &workers) in
                memories.iter().flat_map(|m| workers.iter().map(move |w| (m, w)))
            {
                servers.push(Server {
                    workers,
                    threads,
                    gil: gil.unwrap_or(true),
                    cores,
                    memory,
                    backlog: backlog.unwrap_or(Backlog::Places(defaults::BACKLOG)),
                    discipline: discipline.unwrap_or_default(),
                    patience: patience.clone(),
                    runtime: runtime.clone(),
                });
            }
        }
    }
    Ok(servers)
}

fn loads(raw: &RawOptions, settings: &Settings, files: &dyn Files) -> Result<Vec<Load>, Problem> {
    let place = |name: &str| raw.get(name).map_or(Place::Default, |value| value.place.clone());
    let at = place("trace");
    if let Some(trace) = raw.parse("trace", |path| files.trace(&files.resolve(path, &at)))? {
        return Ok(vec![Load::Trace(Arc::new(trace))]);
    }
    let mix = request(raw, files)?;
    let rates = raw.parse("rate", lists::rates)?;
    if let Some(rates) = rates {
        let at = place("arrivals");
        let distribution = |text: &str| {
            let load = |path: &str, column: Option<&str>, unit| {
                files.samples(&files.resolve(path, &at), column, unit)
            };
            ArrivalProcess::parse_with(text, &load).map_err(|error| error.to_string())
        };
        let arrivals = raw.parse("arrivals", distribution)?.unwrap_or_default();
        let open = |rate: Rate| Open { rate, arrivals: arrivals.clone(), mix: mix.clone() };
        return Ok(rates.into_iter().map(|rate| Load::Open(open(rate))).collect());
    }
    let ramp = ramp(raw)?;
    let clients = match &ramp {
        Some(ramp) => Some(vec![ramp.most()]),
        None => raw.parse("clients", |text| lists::counts(text, "clients", MAX_CLIENTS))?,
    };
    let think = think(raw, files)?.unwrap_or(Distribution::Constant(Span::ZERO));
    let requests = match (settings.length, raw.get("requests")) {
        (Length::Story, None) => Some(1),
        (Length::Story, Some(_)) => raw.parse("requests", |t| whole(t, "requests", 1, 1 << 50))?,
        _ => None,
    };
    let closed = |clients: u32| {
        let (think, mix, ramp) = (think.clone(), mix.clone(), ramp.clone());
        Load::Closed(Closed { clients, ramp, requests, think, mix })
    };
    Ok(clients.unwrap_or_else(|| vec![1]).into_iter().map(closed).collect())
}

/// The clients of `--clients ramp(...)`.
fn ramp(raw: &RawOptions) -> Result<Option<Ramp>, Problem> {
    let ramp = raw.parse("clients", |text| match Ramp::is_meant(text) {
        true => text.parse().map(Some),
        false => Ok(None),
    })?;
    Ok(ramp.flatten())
}

/// What requests ask for.
fn request(raw: &RawOptions, files: &dyn Files) -> Result<Mix, Problem> {
    let jitter = raw.parse("jitter", share)?;
    if let Some(mix) = routes::read(raw, files)? {
        return jittered(mix, jitter);
    }
    let at = raw.get("phases").map_or(Place::Default, |value| value.place.clone());
    let list =
        raw.parse("phases", |text| phases::phases(text, |t| parse_distribution(t, files, &at)))?;
    if let Some(list) = list {
        return jittered(list.into(), jitter);
    }
    let mut list = Vec::new();
    for (name, kind) in
        [("service", PhaseKind::Cpu), ("cpu", PhaseKind::Cpu), ("io", PhaseKind::Io)]
    {
        if let Some(demand) = distribution(raw, name, files)? {
            list.push(Phase { kind, demand });
        }
    }
    if list.is_empty() {
        return Err(Problem::new(
            "how long does one request take? Give --service 3s (CPU), or --cpu 5ms --io 50ms, or \
             --trace FILE.csv",
        ));
    }
    jittered(list.into(), jitter)
}

/// With `--jitter`, constant demands vary a little: log-normal with that cv around their value.
fn jittered(mix: Mix, jitter: Option<f64>) -> Result<Mix, Problem> {
    let Some(cv) = jitter else { return Ok(mix) };
    mix.try_map(|phase| {
        let mut phase = phase.clone();
        if let Some(span) = phase.demand.constant().filter(|span| !span.is_zero()) {
            let distribution = format!("lognormal(mean={}ns,cv={cv})", span.as_nanos());
            phase.demand =
                distribution.parse().map_err(|error| Problem::new(format!("--jitter: {error}")))?;
        }
        Ok(phase)
    })
}
