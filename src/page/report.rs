//! The page as one file: styles, scripts and data inside it, nothing loaded from anywhere.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use super::assets::{SCRIPTS, STYLE, filled};

/// What a report may load: nothing.
const POLICY: &str = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
                      script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; \
                      base-uri 'none'; form-action 'none'\">";

/// A report: the page with a document inside.
pub fn html(document: &Value) -> Vec<u8> {
    let style = format!("{POLICY}\n<style>\n{}</style>", STYLE.text);
    let tag = |text: &str| format!("<script>\n{text}</script>");
    let scripts = SCRIPTS.iter().map(|asset| tag(asset.text)).collect::<Vec<_>>().join("\n");
    let data = format!(
        "<script id=\"report\" type=\"application/octet-stream\">{}</script>",
        base64(&packed(document))
    );
    filled([&style, &scripts, &data]).into_bytes()
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
fn base64(bytes: &[u8]) -> String {
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
    fn a_report_loads_nothing_and_no_text_can_end_its_data() {
        let page = html(&serde_json::json!({ "answer": "</script><script>alert(1)</script>" }));
        let page = String::from_utf8(page).expect("text");
        assert!(!page.contains("alert(1)"));
        assert!(!page.contains("src=\"/") && !page.contains("href=\"/"));
        assert!(page.len() < 600_000, "{}", page.len());
    }
}
