//! A browser, driven as the W3C's WebDriver has it: chromedriver speaks plain HTTP and JSON, so
//! eighty lines are enough and no client library is needed.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::http;

pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
}

impl Browser {
    /// A browser without a window; `None` where there is none to be had.
    pub fn start() -> Option<Browser> {
        let driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut driver) = driver else {
            eprintln!("skipped: no chromedriver here; .ci/browser installs Debian's");
            return None;
        };
        let out = BufReader::new(driver.stdout.take().expect("its output"));
        let begun = |line: &String| line.contains("started successfully on port");
        let line = out.lines().map_while(Result::ok).find(begun).expect("chromedriver starts");
        let digits: String = line.chars().filter(char::is_ascii_digit).collect();
        let mut browser =
            Browser { driver, port: digits.parse().expect("a port"), session: String::new() };
        // A test runs as root in containers, where the sandbox of the browser cannot.
        let arguments =
            ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
            "timeouts": { "script": 120_000 },
        } } });
        let session = browser.call("POST", "/session", &wanted);
        browser.session = session["sessionId"].as_str().expect("a session").to_owned();
        Some(browser)
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if method == "POST" { body.to_string() } else { String::new() };
        let headers = ["Host: localhost", "Content-Type: application/json"];
        let answer = http::ask(self.port, method, path, &headers, &body);
        let value: Value = serde_json::from_str(&answer.body).expect("JSON");
        assert_eq!(answer.status, 200, "{method} {path}: {}", value["value"]["message"]);
        value["value"].clone()
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.call("POST", &format!("/session/{}{path}", self.session), body)
    }

    pub fn open(&self, address: &str) {
        self.post("/url", &json!({ "url": address }));
    }

    /// What a script gives back.
    pub fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// What a script gives to its callback `done`.
    pub fn wait(&self, script: &str) -> Value {
        let script = format!("const done = arguments[0]; {script}");
        self.post("/execute/async", &json!({ "script": script, "args": [] }))
    }

    /// Waits until the page is in one of some states.
    pub fn until(&self, states: &str) -> String {
        let state = self.wait(&format!(
            "const found = () => '{states} refused'.split(' ').includes(document.body.dataset.state) \
             && done(document.body.dataset.state); \
             if (found() === false) new MutationObserver((_, o) => {{ if (found() !== false) \
             o.disconnect(); }}).observe(document.body, {{ attributes: true }});"
        ));
        state.as_str().expect("a state").to_owned()
    }

    pub fn text(&self, id: &str) -> String {
        let text = self.run(&format!("return document.getElementById('{id}').textContent"));
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Presses a key on the element that has the focus.
    pub fn press(&self, key: &str) {
        let actions =
            json!([{ "type": "keyDown", "value": key }, { "type": "keyUp", "value": key }]);
        let keys = json!({ "type": "key", "id": "keys", "actions": actions });
        self.post("/actions", &json!({ "actions": [keys] }));
    }

    /// What the console says, warnings and errors.
    pub fn complaints(&self) -> Vec<String> {
        let log = self.post("/se/log", &json!({ "type": "browser" }));
        let lines = log.as_array().cloned().unwrap_or_default();
        let bad =
            lines.iter().filter(|line| line["level"] == "SEVERE" || line["level"] == "WARNING");
        bad.map(|line| line["message"].to_string()).collect()
    }

    /// Light or dark, and how wide.
    pub fn look(&self, theme: &str, width: u32) {
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": theme }] });
        let run = |cmd: &str, params: Value| {
            self.post("/goog/cdp/execute", &json!({ "cmd": cmd, "params": params }))
        };
        run("Emulation.setEmulatedMedia", media);
        let size =
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        run("Emulation.setDeviceMetricsOverride", size);
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let session = format!("/session/{}", self.session);
        if !std::thread::panicking() && !self.session.is_empty() {
            self.call("DELETE", &session, &Value::Null);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
