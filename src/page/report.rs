//! The page as one file: styles, scripts and data inside it, nothing loaded from anywhere.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use super::assets::{SCRIPTS, STYLE, filled};
use crate::render::{BEST, CLOSE, OPEN, UNFIT};

/// What a report may load: nothing.
const POLICY: &str = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
                      script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; \
                      base-uri 'none'; form-action 'none'\">";

/// A report: the page with a document inside.
pub(crate) fn html(document: &Value) -> Vec<u8> {
    let style = format!("{POLICY}\n<style>\n{}</style>", STYLE.text);
    let tag = |text: &str| format!("<script>\n{text}</script>");
    let scripts = SCRIPTS.iter().map(|asset| tag(asset.text)).collect::<Vec<_>>().join("\n");
    let data = format!(
        "<script id=\"report\" type=\"application/octet-stream\">{}</script>",
        base64(&packed(document))
    );
    filled([&style, &scripts, &data]).into_bytes()
}

/// The words and the table of a document in Markdown: what a step summary or a pull request shows.
pub(crate) fn markdown(document: &Value) -> String {
    let text = |value: &Value| escaped(value.as_str().unwrap_or_default());
    let mut lines = Vec::new();
    if document["title"].as_str().is_some_and(|title| !title.is_empty()) {
        lines.push(format!("## {}", text(&document["title"])));
    }
    lines.push(format!("**{}**", text(&document["answer"])));
    lines.push(text(&document["description"]));
    lines.push(table(document));
    if let Some(of) = document["routes"]["of"].as_str() {
        lines.push(format!("By route, {}:", escaped(of)));
        lines.push(table(&document["routes"]));
    }
    for paragraph in document["paragraphs"].as_array().into_iter().flatten() {
        lines.push(format!("**{}** {}", text(&paragraph[0]), text(&paragraph[1])));
    }
    lines.push(fenced("sh", document["command"].as_str().unwrap_or_default()));
    lines.retain(|line| !line.is_empty());
    lines.join("\n\n") + "\n"
}

fn table(document: &Value) -> String {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let columns = list(&document["table"]["columns"]);
    let rows = list(&document["table"]["rows"]);
    let cells = list(&document["cells"]);
    let line = |texts: Vec<String>| format!("| {} |", texts.join(" | "));
    let text = |value: &Value| escaped(value.as_str().unwrap_or_default()).replace('|', "\\|");
    let mut lines = vec![
        line(
            std::iter::once(String::new())
                .chain(columns.iter().map(|c| text(&c["name"])))
                .collect(),
        ),
        line(
            std::iter::once(":-:".to_owned())
                .chain(
                    columns.iter().map(|c| if c["number"] == true { "--:" } else { ":--" }.into()),
                )
                .collect(),
        ),
    ];
    for (at, row) in rows.iter().enumerate() {
        let mark = match cells.get(at).and_then(|cell| cell["mark"].as_str()) {
            Some("named") => BEST,
            Some("close" | "meets") => CLOSE,
            Some("undecided") => OPEN,
            Some("does-not-fit") => UNFIT,
            _ => "",
        };
        lines.push(line(
            std::iter::once(mark.to_owned()).chain(list(row).iter().map(text)).collect(),
        ));
    }
    lines.join("\n")
}

/// Text as Markdown shows it: no line of it begins anything, nothing in it is HTML.
pub(super) fn escaped(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let html = one_line.replace('&', "&amp;").replace('<', "&lt;");
    html.replace('*', "\\*").replace('_', "\\_").replace('[', "\\[")
}

/// A text in a block of that kind, which nothing in it can end.
pub(super) fn fenced(kind: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{kind}\n{}\n{fence}", text.trim_end())
}

/// The document as compressed JSON: a sweep of 200 cells is 1 MB of numbers, and a report stays
/// below that with the page in it.
fn packed(document: &Value) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory cannot fail.
    let _ = packer.write_all(document.to_string().as_bytes());
    packer.finish().unwrap_or_default()
}

/// RFC 4648, section 4.
pub(super) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let number = three.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        let number = number << (8 * (3 - three.len()));
        for at in 0..4 {
            let letter = LETTERS[(number >> (18 - 6 * at)) as usize & 63];
            text.push(if at <= three.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test vectors of RFC 4648, section 10.
    #[test]
    fn base64_is_that_of_the_standard() {
        for (text, expect) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(text.as_bytes()), expect);
        }
    }

    #[test]
    fn markdown_shows_texts_as_they_are() {
        let document = serde_json::json!({
            "title": "A <b> title",
            "answer": "4 workers",
            "description": "",
            "table": {
                "columns": [{ "name": "case", "number": false }, { "name": "mean", "number": true }],
                "rows": [["a|b", "3 s"]],
            },
            "cells": [{ "mark": "named" }],
            "paragraphs": [["Why", "2*3"]],
            "command": "simsrv --server '```'",
        });
        let expect = "## A &lt;b> title\n\n**4 workers**\n\n|  | case | mean |\n| :-: | :-- | --: |\n\
                      | ▶ | a\\|b | 3 s |\n\n**Why** 2\\*3\n\n````sh\nsimsrv --server '```'\n````\n";
        assert_eq!(markdown(&document), expect);
    }

    #[test]
    fn a_report_loads_nothing_and_no_text_can_end_its_data() {
        let page = html(&serde_json::json!({ "answer": "</script><script>alert(1)</script>" }));
        let page = String::from_utf8(page).expect("text");
        assert!(!page.contains("alert(1)"));
        assert!(!page.contains("src=\"/") && !page.contains("href=\"/"));
        assert!(page.len() < 600_000, "{}", page.len());
    }
}
