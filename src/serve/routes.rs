//! What may be asked: the page, its files, and questions with their options as the query.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::{Json, Router, middleware, routing};
use serde_json::{Value, json};

use super::guard::{self, Guard};
use super::lanes::Lanes;
use crate::page::document::{Answered, withhold};
use crate::page::question::{PageQuestion, Sealed};
use crate::page::stages::{Effort, QuestionStage};
use crate::page::{assets, derived, fitted, motion};
use crate::render::Origin;
use crate::render::words::{MORE_REQUESTS, UNDECIDED};
use crate::scenario::{Problem, server, written};

/// What is asked with the options, by names that no option has.
const STAGE: &str = "_stage";
const CELL: &str = "_cell";
const MOST: &str = "_requests";

type Pairs = Vec<(String, String)>;
type Asked = Query<Pairs>;

/// All routes, behind the guard.
pub(super) fn router(guard: Arc<Guard>, lanes: Arc<Lanes>) -> Router {
    Router::new()
        .route("/", routing::get(|| async { Html(assets::page()) }))
        .route("/{file}", routing::get(asset))
        .route("/api/answer", routing::get(answer))
        .route("/api/map", routing::get(map))
        .route("/api/load", routing::get(load))
        .route("/api/motion", routing::get(moving))
        .route(guard::FIT, routing::post(fit).layer(DefaultBodyLimit::max(fitted::MOST_BYTES)))
        .route(
            "/api/{other}",
            routing::any(|| async { refused(StatusCode::NOT_FOUND, "there is no such question") }),
        )
        .with_state(lanes)
        .layer(middleware::from_fn_with_state(guard, guard::watch))
}

async fn asset(Path(file): Path<String>) -> Response {
    match assets::find(&file) {
        Some(asset) => ([(header::CONTENT_TYPE, asset.mime)], asset.text).into_response(),
        None => (StatusCode::NOT_FOUND, "there is no such file").into_response(),
    }
}

/// A refusal as the page reads it.
fn refused(status: StatusCode, sentence: &str) -> Response {
    (status, Json(json!({ "error": sentence }))).into_response()
}

async fn answer(State(lanes): State<Arc<Lanes>>, Query(pairs): Asked) -> Response {
    staged(&lanes, pairs, |asked, _, number| {
        let stage = QuestionStage::of(&asked, number)?;
        Ok((asked, stage))
    })
    .await
}

async fn map(State(lanes): State<Arc<Lanes>>, Query(pairs): Asked) -> Response {
    staged(&lanes, pairs, |asked, _, number| drawn(derived::map(&asked)?, number)).await
}

async fn load(State(lanes): State<Arc<Lanes>>, Query(pairs): Asked) -> Response {
    staged(&lanes, pairs, |asked, pairs, stage| {
        drawn(derived::load(&asked, number(pairs, CELL))?, stage)
    })
    .await
}

fn drawn(question: PageQuestion, number: u32) -> Result<(PageQuestion, QuestionStage), Problem> {
    let stage = QuestionStage::of_picture(&question, number)?;
    Ok((question, stage))
}

async fn moving(State(lanes): State<Arc<Lanes>>, Query(pairs): Asked) -> Response {
    let work = move |stop: &AtomicBool| {
        let most =
            pairs.iter().find(|(name, _)| name == MOST).map_or(300, |_| number(&pairs, MOST));
        let one = derived::one(&question(&pairs)?, number(&pairs, CELL));
        let one = one.map_err(|problem| problem.to_string())?;
        let mut film = motion::document(&one.plan().cells[0], one.plan().settings.seed, most, stop);
        // What a worker more is added to.
        let options = one.raw().iter().map(|(key, value)| json!([key.name, value.text]));
        film["options"] = options.collect();
        Ok(film)
    };
    response(lanes.run(Effort::First, work).await)
}

async fn fit(State(lanes): State<Arc<Lanes>>, Query(pairs): Asked, log: Bytes) -> Response {
    let work = move |_: &AtomicBool| {
        let of =
            |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, text)| text.clone());
        fitted::document(&log, &of)
    };
    response(lanes.run(Effort::Seconds, work).await)
}

/// A question, or one derived from it, at the stage that is asked for.
async fn staged(
    lanes: &Lanes,
    pairs: Pairs,
    derive: impl FnOnce(PageQuestion, &Pairs, u32) -> Result<(PageQuestion, QuestionStage), Problem>
    + Send
    + 'static,
) -> Response {
    let number = u32::try_from(number(&pairs, STAGE)).unwrap_or(u32::MAX);
    let read =
        move || derive(question(&pairs)?, &pairs, number).map_err(|problem| problem.to_string());
    match tokio::task::spawn_blocking(read).await {
        Ok(Ok((question, stage))) => {
            let effort = stage.effort();
            let work = move |stop: &AtomicBool| Ok(document(&question, &stage, stop));
            response(lanes.run(effort, work).await)
        }
        Ok(Err(sentence)) => response(Some(Err(sentence))),
        Err(_) => response(None),
    }
}

/// The options of a request: what begins with `_` is asked beside them.
fn question(pairs: &Pairs) -> Result<PageQuestion, String> {
    let options = pairs.iter().filter(|(name, _)| !name.starts_with('_'));
    let options = options.map(|(name, text)| (name.as_str(), text.as_str()));
    PageQuestion::read(options).map_err(|problem| problem.to_string())
}

fn number(pairs: &Pairs, name: &str) -> usize {
    let found = pairs.iter().find(|(other, _)| other == name);
    found.and_then(|(_, text)| text.parse().ok()).unwrap_or(0)
}

fn document(question: &PageQuestion, stage: &QuestionStage, stop: &AtomicBool) -> Value {
    let results = stage.run(stop);
    let raw = stage.question.raw();
    let origin = Origin {
        version: env!("CARGO_PKG_VERSION"),
        command: stage.question.command(),
        seed: results.plan.settings.seed.0,
        hash: written::hash(raw, &[]),
        partial: None,
        comments: false,
        servers: server::uses(raw, &[], &Sealed).unwrap_or_default(),
    };
    // The CSV is that of the stage; what says the same elsewhere is what was asked.
    let raw = question.raw();
    let with = |changes: &[(&'static str, String)]| written::changed("simsrv", raw, changes);
    let (results, origin) = (&results, &origin);
    let answered = Answered { results, raw, cases: &[], origin, files: &Sealed, with: &with };
    let mut document = answered.document();
    // A length that the page chose may be too short for a row.
    let length = |of: &PageQuestion| of.plan().settings.length;
    if length(question) != length(&stage.question) {
        withhold(&mut document, results);
        if let Some(answer) = document["answer"].as_str() {
            document["answer"] = refined(answer).into();
        }
    }
    document["stage"] = json!({
        "number": stage.number,
        "last": stage.last,
        "asked": question.command(),
    });
    document
}

/// The answer of a first stage: where it is open there are no figures, whose intervals are those of short runs.
fn refined(answer: &str) -> String {
    match answer.split_once(UNDECIDED) {
        Some((range, rest)) if rest.contains(MORE_REQUESTS) => {
            format!("{range}{UNDECIDED}; that is being refined.")
        }
        _ => answer.replace(MORE_REQUESTS, "that is being refined"),
    }
}

fn response(done: Option<Result<Value, String>>) -> Response {
    match done {
        Some(Ok(document)) => Json(document).into_response(),
        Some(Err(sentence)) => refused(StatusCode::BAD_REQUEST, &sentence),
        None => {
            let sentence = "too many questions wait already: ask again in a moment";
            refused(StatusCode::SERVICE_UNAVAILABLE, sentence)
        }
    }
}
