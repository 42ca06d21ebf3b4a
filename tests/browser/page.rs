//! The page in a real browser.

use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::driver::Browser;
use super::server::Server;

const STEADY: &str = "?workers=2..5&cores=1,2&cpu=exp(20ms)&io=exp(60ms)&rate=30/s&precision=20%25";

/// Its cells have long names.
const LONG: &str = "?workers=4,5&threads=3&server=puma&cores=4&cpu=exp(30ms)&io=exp(50ms)&rate=60/s&precision=20%25";

const ROUTES: &str = "?route=health+25%25+cpu:1ms+%7C+report+75%25+cpu:100ms+io:exp(400ms)&workers=4..7&rate=8/s\
                      &slo=health:p99%3C300ms,report:p95%3C2s&precision=20%25";

fn both() -> Option<(Browser, Server)> {
    Some((Browser::start()?, Server::start(&[])))
}

fn quiet(browser: &Browser) {
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

fn texts(value: &Value) -> Vec<String> {
    let list = value.as_array().expect("a list");
    list.iter().map(|text| text.as_str().unwrap_or_default().to_owned()).collect()
}

/// Every number of the table is one of `--format markdown`, and the CSV that is downloaded is that
/// of the command shown.
#[test]
fn the_numbers_on_the_page_are_those_of_the_command() {
    let Some((browser, server)) = both() else { return };
    browser.open(&format!("http://localhost:{}/{STEADY}", server.port));
    assert_eq!(browser.until("done"), "done");
    let command = browser.text("command");
    let csv = browser.wait(
        "URL.createObjectURL = (blob) => { blob.text().then(done); return 'blob:x'; }; \
         HTMLAnchorElement.prototype.click = () => {}; document.getElementById('download').click();",
    );
    assert_eq!(super::bare(csv.as_str().expect("text")), super::bare(&super::printed(&command)));
    let words = shlex::split(&command).expect("a command");
    let printed = Command::new(env!("CARGO_BIN_EXE_simsrv"))
        .args(&words[1..])
        .args(["--format", "markdown"])
        .output()
        .expect("the program starts");
    let printed = String::from_utf8(printed.stdout).expect("text");
    // What is overloaded has no numbers; on the page its remark stands in their place, and nothing
    // stands where no row has a remark of its own.
    let rows: Vec<Vec<&str>> = printed
        .lines()
        .skip(2)
        .map(|line| line.trim_matches('|').split('|').map(str::trim))
        .map(|cells| cells.filter(|text| !["–", ""].contains(text)).collect())
        .collect();
    let table = browser.run(
        "return [...document.querySelectorAll('#table tbody tr')].map((row) => \
         [...row.cells].slice(1).map((cell) => cell.textContent.trim()))",
    );
    let table: Vec<Vec<String>> = table.as_array().expect("rows").iter().map(texts).collect();
    assert_eq!(table.len(), 8);
    assert_eq!(table, rows);
    quiet(&browser);
}

#[test]
fn every_preset_is_answered_and_nothing_complains() {
    let Some((browser, server)) = both() else { return };
    browser.open(&format!("http://localhost:{}/", server.port));
    let presets = browser.run("return document.querySelectorAll('#presets button').length");
    for at in 0..presets.as_u64().expect("a number") {
        browser.until("done refining");
        browser.run(&format!(
            "document.body.dataset.state = 'clicked'; \
             document.querySelectorAll('#presets button')[{at}].click()"
        ));
        let state = browser.until("refining done");
        assert_ne!(state, "refused", "{at}: {}", browser.text("problem"));
        let pictures = browser.run("return document.querySelectorAll('#pictures svg').length");
        assert!(pictures.as_u64() > Some(1), "{at}: {pictures} pictures");
        assert!(!browser.text("said").is_empty());
    }
    quiet(&browser);
}

/// What stands beside an answer is of the same question: the pictures of the one before are gone when the
/// first answer to the next is shown.
#[test]
fn no_picture_is_of_the_question_before() {
    let Some((browser, server)) = both() else { return };
    browser.open(&format!("http://localhost:{}/", server.port));
    browser.until("done");
    let hidden = "['map', 'load'].map((id) => document.getElementById(id).hidden)";
    assert_eq!(browser.run(&format!("return {hidden}")), serde_json::json!([false, false]));
    let first = browser.wait(&format!(
        "new MutationObserver(() => document.body.dataset.state === 'refining' && done({hidden}))\
         .observe(document.body, {{ attributes: true }}); \
         document.querySelectorAll('#presets button')[4].click()"
    ));
    assert_eq!(first, serde_json::json!([true, true]));
    quiet(&browser);
}

/// Once the answer is as fine as it becomes, curve and map are run again with more requests; who was in a cell of
/// the map stays in it. A column of remarks without a remark is left out.
#[test]
fn pictures_become_finer_and_keep_the_focus() {
    let Some((browser, server)) = both() else { return };
    let address = "?workers=4,5&cores=2,3&cpu=exp(20ms)&io=exp(60ms)&rate=30/s&precision=20%25";
    browser.open(&format!("http://localhost:{}/{address}", server.port));
    let caption = "document.querySelector('#map figcaption').textContent";
    let finer = browser.wait(&format!(
        "let first = 0; const look = () => {{ const cell = document.querySelector('#map [role=button]'); \
         if (cell && !first) {{ first = {caption}; cell.focus(); }} \
         if (first && {caption} !== first) done([first, {caption}, document.activeElement.getAttribute('role')]); }}; \
         new MutationObserver(look).observe(document.getElementById('map'), {{ childList: true, subtree: true }}); look();"
    ));
    let finer = texts(&finer);
    assert!(finer[0].contains("in 10 replications"), "{}", finer[0]);
    let within = |text: &str| text.split_once("Within ± ").map(|(_, rest)| rest.to_owned());
    assert_ne!(within(&finer[0]), within(&finer[1]), "{finer:?}");
    assert_eq!(finer[2], "button");
    let head = browser.run("return document.querySelector('#table thead').textContent");
    assert!(!head.as_str().expect("text").contains("remarks"), "{head}");
    quiet(&browser);
}

/// A server that is gone while an answer is refined leaves the answer, which is of this question.
#[test]
fn an_answer_stays_when_the_server_has_gone() {
    let Some((browser, server)) = both() else { return };
    let fine = STEADY.replace("20%25", "0.01%25");
    browser.open(&format!("http://localhost:{}/{fine}", server.port));
    browser.until("refining");
    drop(server);
    browser.until("done");
    let effort = browser.text("effort");
    assert!(effort.starts_with("Not refined further. The server does not answer"), "{effort}");
    let shown = browser.run(
        "return [document.getElementById('outdated').hidden, document.getElementById('problem').textContent, \
         document.body.classList.contains('busy')]",
    );
    assert_eq!(shown, serde_json::json!([true, "", false]));
}

/// Each click on *Add a worker* adds one, however quickly they follow. At 5.4 of 9 s the clock does not begin anew: with
/// three workers or more all are answered after 3 s.
#[test]
fn clicks_that_follow_quickly_all_count() {
    let Some((browser, server)) = both() else { return };
    browser.open(&format!("http://localhost:{}/?workers=1,2&service=3s&clients=3", server.port));
    browser.until("done");
    let shown = browser.wait(
        "const what = document.getElementById('motion-what'); \
         const film = () => what.textContent.includes('The same requests') && what.textContent.includes('6 workers') && done(what.textContent); \
         new MutationObserver(film).observe(what, { childList: true }); \
         const time = document.getElementById('time'); time.value = 600; time.dispatchEvent(new Event('input')); \
         for (let at = 0; at < 5; at++) document.getElementById('add').click();",
    );
    assert!(shown.as_str().is_some_and(|text| text.contains("6 workers")), "{shown}");
    let time = browser.run("return document.getElementById('time').getAttribute('aria-valuetext')");
    assert_eq!(time, "3 s");
    quiet(&browser);
}

/// A server in the address that is not known is refused, and not answered as another one.
#[test]
fn a_server_that_is_not_known_is_refused() {
    let Some((browser, server)) = both() else { return };
    let address = "?server=gunicorm&workers=2,3&cpu=exp(20ms)&rate=30/s";
    browser.open(&format!("http://localhost:{}/{address}", server.port));
    assert_eq!(browser.until("done"), "refused");
    let problem = browser.text("problem");
    assert!(problem.contains("gunicorm"), "{problem}");
}

/// The way to the answer keeps the token in the address, so that the page can be loaded again.
#[test]
fn the_way_to_the_answer_keeps_the_address() {
    let Some((browser, server)) = both() else { return };
    browser.open(&format!("http://localhost:{}/#token=secret", server.port));
    browser.until("done");
    browser.run("document.querySelector('.skip').click()");
    assert_eq!(browser.run("return location.hash"), "#token=secret");
    assert_eq!(browser.run("return document.activeElement.id"), "answer");
}

/// A file that is no log leaves the question before as it is; its format may be given beside it.
#[test]
fn a_log_that_is_not_read_stops_nothing() {
    let Some((browser, server)) = both() else { return };
    browser.open(&format!("http://localhost:{}/{STEADY}", server.port));
    browser.until("refining done");
    let choose = |text: &str| {
        browser.run(&format!(
            "const files = new DataTransfer(); files.items.add(new File([{text}], 'app.log')); \
             const input = document.getElementById('log'); input.files = files.files; \
             input.dispatchEvent(new Event('change'))"
        ))
    };
    let said = |part: &str| {
        browser.wait(&format!(
            "const text = document.getElementById('learned-text'); \
             const look = () => text.textContent.includes('{part}') ? done(text.textContent) : \
             requestAnimationFrame(look); look()"
        ))
    };
    let line = "`1.1.1.1 - - [30/Nov/2026:09:00:${10 + Math.floor(at / 10)} +0000] \
                \"GET / HTTP/1.1\" 200 5 ${10000 + 1000 * (at % 50)}\\n`";
    choose(&format!("Array.from({{ length: 300 }}, (_, at) => {line}).join('')"));
    let sentence = said("no service times");
    assert!(sentence.as_str().is_some_and(|text| text.contains("app.log")), "{sentence}");
    assert_eq!(browser.until("done"), "done");
    browser.run(
        "const format = document.getElementById('log-format'); \
         format.value = '%(h)s %(l)s %(u)s %(t)s \"%(r)s\" %(s)s %(b)s %(D)s'; \
         document.body.dataset.state = ''; format.dispatchEvent(new Event('change'))",
    );
    said("as the given format");
    browser.until("done refining");
    let query = browser.run("return location.search");
    assert!(query.as_str().is_some_and(|text| text.contains("workers=1..16")), "{query}");
}

/// Event loops have no share of busy workers: what stands right of that is not moved there.
#[test]
fn a_number_stands_in_its_column() {
    let Some((browser, server)) = both() else { return };
    let loops =
        "?workers=2&server=uvicorn&cores=4&cpu=exp(8ms)&io=exp(80ms)&rate=200/s&precision=50%25";
    browser.open(&format!("http://localhost:{}/{loops}", server.port));
    browser.until("done");
    let cells = |line: &str| {
        let of = format!("#table {line} > *");
        texts(&browser.run(&format!(
            "return [...document.querySelectorAll('{of}')].map((cell) => cell.textContent)"
        )))
    };
    let (head, row) = (cells("thead tr"), cells("tbody tr"));
    assert_eq!(
        (head.len(), &head[head.len() - 2..]),
        (row.len(), &["workers busy", "cores busy"].map(String::from)[..])
    );
    assert_eq!(row[row.len() - 2], "–");
    quiet(&browser);
}

/// The question is in the address, and a wrong one gets its sentence, which goes when it is mended.
#[test]
fn a_wrong_question_gets_its_sentence() {
    let Some((browser, server)) = both() else { return };
    browser.open(&format!("http://localhost:{}/?service=3&clients=3", server.port));
    assert_eq!(browser.until("done"), "refused");
    assert!(browser.text("problem").contains("unit"), "{}", browser.text("problem"));
    let type_in = |service: &str| {
        browser.run(&format!(
            "document.body.dataset.state = ''; \
             const field = document.querySelector('[name=service]'); field.value = '{service}'; \
             field.dispatchEvent(new Event('input', {{ bubbles: true }}))"
        ))
    };
    type_in("3s");
    assert_eq!(browser.until("done"), "done");
    assert_eq!(browser.text("problem"), "");
    let query = browser.run("return location.search");
    assert_eq!(query, "?clients=3&service=3s");
    // What stands beside a later sentence is said to be older.
    let hidden = "return document.getElementById('outdated').hidden";
    assert_eq!(browser.run(hidden), true);
    type_in("3");
    assert_eq!(browser.until("done"), "refused");
    assert_eq!(browser.run(hidden), false);
}

/// A story of which no cell can meet the objective: a sentence, no cell, and nothing that fails.
#[test]
fn an_objective_that_nothing_can_meet_is_answered() {
    let Some((browser, server)) = both() else { return };
    let query = "clients=3&service=3s&workers=1..4&slo=p99%3C1s";
    browser.open(&format!("http://localhost:{}/?{query}", server.port));
    assert_eq!(browser.until("done"), "done");
    assert_eq!(browser.text("problem"), "");
    assert!(browser.text("said").contains("No number of workers meets"));
    quiet(&browser);
}

/// Cells that differ in hosts alone have labels that say so, and one of both is drawn.
#[test]
fn hosts_are_told_apart() {
    let Some((browser, server)) = both() else { return };
    let query = "hosts=1,2&workers=2,4&rate=20/s&cpu=exp(10ms)&io=exp(40ms)&requests=500";
    browser.open(&format!("http://localhost:{}/?{query}", server.port));
    assert_eq!(browser.until("done"), "done");
    // The map has one number in a place, and says whose.
    let numbers = "return document.querySelectorAll('#map g.cells rect').length";
    assert_eq!(browser.run(numbers), 2 * 6);
    assert!(browser.text("map").contains("1 host"), "{}", browser.text("map"));
    let labels = texts(&browser.run(
        "return [...document.querySelectorAll('#cell option')].map((one) => one.textContent)",
    ));
    let has = |part: &str| labels.iter().filter(|label| label.contains(part)).count();
    assert_eq!((has("1 host,"), has("2 hosts,")), (2, 2), "{labels:?}");
    quiet(&browser);
}

/// The map is one stop of the Tab key; arrows move in it, Enter asks about the cell.
#[test]
fn a_cell_of_the_map_is_chosen_with_the_keyboard_and_the_mouse() {
    let Some((browser, server)) = both() else { return };
    browser.open(&format!("http://localhost:{}/{STEADY}", server.port));
    browser.until("done");
    let cell = |part: &str| {
        format!(
            "[...document.querySelectorAll('#map [role=button]')].find((cell) => \
                 cell.getAttribute('aria-label').startsWith('{part}'))"
        )
    };
    assert_eq!(browser.run("return document.querySelectorAll('#map [tabindex=\"0\"]').length"), 1);
    browser
        .run(&format!("document.body.dataset.state = ''; {}.focus()", cell("3 workers, 1 core:")));
    browser.press("\u{e012}");
    browser.press("\u{e014}");
    let label = browser.run("return document.activeElement.getAttribute('aria-label')");
    assert!(label.as_str().is_some_and(|text| text.starts_with("3 workers, 1 core:")), "{label}");
    browser.press("\u{e014}");
    browser.press("\u{e007}");
    browser.until("done");
    let query = browser.run("return location.search");
    assert!(query.as_str().is_some_and(|text| text.contains("workers=4&cores=1&")), "{query}");
    quiet(&browser);
}

/// Routes in the question: they stay in the address, the pictures may be of one of them, its objective is
/// a line, and the table by route has the numbers of the CSV.
#[test]
fn routes_are_asked_and_shown() {
    let Some((browser, server)) = both() else { return };
    browser.open(&format!("http://localhost:{}/{ROUTES}", server.port));
    assert_eq!(browser.until("done"), "done");
    let field = browser.run("return document.querySelector('[name=route]').value");
    assert_eq!(field.as_str(), Some("health 25% cpu:1ms\nreport 75% cpu:100ms io:exp(400ms)"));
    let query = browser.run("return new URLSearchParams(location.search).get('route')");
    assert_eq!(query.as_str(), Some("health 25% cpu:1ms | report 75% cpu:100ms io:exp(400ms)"));
    let lines = "return [...document.querySelectorAll('#by-workers svg text')].map((one) => \
                 one.textContent).filter((text) => text.includes('<'))";
    assert_eq!(texts(&browser.run(lines)), Vec::<String>::new());
    browser.run(
        "const of = document.getElementById('route'); of.value = 'health'; \
         of.dispatchEvent(new Event('change'))",
    );
    assert_eq!(texts(&browser.run(lines)), ["health:p99<300ms"]);
    let note = browser.text("by-workers");
    assert!(note.contains("Requests of health."), "{note}");
    let rows = "return [...document.querySelectorAll('#route-table tbody tr')].map((row) => \
                row.children[0].textContent)";
    assert_eq!(texts(&browser.run(rows)), ["health", "report"]);
    let option = "return document.querySelector('#colour [value=route]').disabled";
    assert_eq!(browser.run(option), false);
    assert!(browser.text("kinds").contains("health"));
    quiet(&browser);
}

/// Three users, one worker: step by step, until the counters meet the table.
#[test]
fn the_machine_moves_to_the_end_of_the_story() {
    let Some((browser, server)) = both() else { return };
    browser.open(&format!("http://localhost:{}/", server.port));
    browser.until("done");
    let counter = |name: &str| {
        let found = browser.run(&format!(
            "return [...document.querySelectorAll('#counters dt')].find((one) => \
             one.textContent === '{name}').nextSibling.textContent"
        ));
        found.as_str().unwrap_or_default().to_owned()
    };
    let shows = |machine: &str| {
        browser.wait(&format!(
            "const seen = () => document.getElementById('motion-what').textContent\
             .includes('{machine}') ? done(0) : requestAnimationFrame(seen); seen()"
        ))
    };
    browser.wait(
        "const seen = () => document.querySelector('#counters dt') ? done(0) : \
                  requestAnimationFrame(seen); seen()",
    );
    assert_eq!((counter("waiting"), counter("in service")), ("2".into(), "1".into()));
    browser.run("document.getElementById('step').click()");
    assert_eq!((counter("time"), counter("answered")), ("3 s".into(), "1 of 3".into()));
    browser.run("for (let i = 0; i < 5; i++) document.getElementById('step').click()");
    assert_eq!(counter("mean response so far"), counter("mean response in the table"));
    assert_eq!(counter("longest wait so far"), "6 s");
    browser.run("document.getElementById('add').click()");
    shows("2 workers");
    assert_eq!((counter("time"), counter("in service")), ("0 s".into(), "2".into()));
    browser.run("for (let i = 0; i < 5; i++) document.getElementById('step').click()");
    assert_eq!(counter("longest wait so far"), "3 s");
    // The table has this machine: it is the cell that is chosen, with its mean. Of one that it has not
    // there is a line beside those of the question.
    let cell = "const cell = document.getElementById('cell'); ";
    let chosen = || browser.run(&format!("{cell} return cell.value"));
    assert_eq!((chosen(), counter("mean response in the table")), ("1".into(), "4 s".into()));
    for workers in 3..=5 {
        browser.run("document.getElementById('add').click()");
        shows(&format!("{workers} workers"));
    }
    assert_eq!((chosen(), counter("mean response in the table")), ("changed".into(), "–".into()));
    browser.run(&format!("{cell} cell.value = '3'; cell.dispatchEvent(new Event('change'))"));
    shows("4 workers");
    quiet(&browser);
}

#[test]
fn nothing_runs_over_the_edge_and_axe_finds_nothing_serious() {
    let Some((browser, server)) = both() else { return };
    let axe = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/target/axe.min.js"));
    if axe.is_err() {
        eprintln!("skipped in part: no target/axe.min.js; .ci/browser fetches it");
    }
    browser.open(&format!("http://localhost:{}/{STEADY}", server.port));
    browser.until("done");
    let looks = [("light", 1200), ("dark", 1200), ("light", 400), ("dark", 400), ("light", 400)];
    for (at, (theme, width)) in looks.into_iter().enumerate() {
        browser.look(theme, width);
        if at == 4 {
            browser.open(&format!("http://localhost:{}/{LONG}", server.port));
            browser.until("done");
        }
        let over = browser.run("return document.documentElement.scrollWidth - innerWidth");
        assert!(over.as_i64() <= Some(0), "{theme}, {width}: {over} px too wide");
        let Ok(axe) = &axe else { continue };
        browser.run(axe);
        let found = browser.wait(
            "axe.run().then((result) => done(result.violations.filter((one) => \
             ['serious', 'critical'].includes(one.impact)).map((one) => one.id + ': ' + \
             one.nodes.map((node) => node.html.slice(0, 100)).join(' ; '))))",
        );
        assert_eq!(texts(&found), Vec::<String>::new(), "{theme}, {width}");
    }
}

/// One file, opened from the disk: the same table and pictures, no request to anywhere.
#[test]
fn a_report_opens_from_the_disk() {
    let Some(browser) = Browser::start() else { return };
    let folder = TempDir::new().expect("a folder");
    let report = folder.path().join("report.html");
    let written = Command::new(env!("CARGO_BIN_EXE_simsrv"))
        .current_dir(folder.path())
        .args("--workers 2..5 --cores 1,2 --cpu exp(20ms) --io 60ms --rate 30/s".split(' '))
        .args(["--precision", "20%", "--report", "report.html", "--export-csv", "r.csv"])
        .status()
        .expect("the program starts");
    assert!(written.success());
    let size = std::fs::metadata(&report).expect("a report").len();
    assert!(size < 1_000_000, "{size} bytes");
    browser.open(&format!("file://{}", report.display()));
    assert_eq!(browser.until("done"), "done");
    let rows = browser.run("return document.querySelectorAll('#table tbody tr').length");
    assert_eq!(rows, 8);
    let pictures = browser.run("return document.querySelectorAll('#pictures svg').length");
    assert!(pictures.as_u64() >= Some(3), "{pictures} pictures");
    let loaded = browser.run("return performance.getEntriesByType('resource').length");
    assert_eq!(loaded, 0);
    let csv = browser.wait(
        "URL.createObjectURL = (blob) => { blob.text().then(done); return 'blob:x'; }; \
         HTMLAnchorElement.prototype.click = () => {}; document.getElementById('download').click();",
    );
    let exported = std::fs::read_to_string(folder.path().join("r.csv")).expect("a CSV");
    assert_eq!(csv.as_str(), Some(exported.as_str()));
    assert_eq!(
        browser.run(
            "return document.querySelectorAll('.live').length > 0 && \
                            getComputedStyle(document.querySelector('.live')).display"
        ),
        "none"
    );
    quiet(&browser);
}
