//! A report of what has no page of its own, a fit or a validation: the text that the command prints,
//! its pictures, and files to download, as one file without scripts.

use super::assets::STYLE;
use super::report::{base64, escaped, fenced};

/// What a text may load: nothing.
const POLICY: &str = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
                      style-src 'unsafe-inline'; img-src data:\">";

/// What is reported.
pub(crate) struct Texts<'a> {
    /// The first line.
    pub(crate) title: &'a str,
    /// What the command prints: a Markdown table, or lines that are shown as they are.
    pub(crate) text: &'a str,
    /// Titles of pictures, each as SVG.
    pub(crate) pictures: &'a [(&'a str, &'a str)],
    /// Names of files to download, each with its text.
    pub(crate) files: &'a [(&'a str, &'a str)],
    /// The command.
    pub(crate) command: &'a str,
}

impl Texts<'_> {
    /// As one HTML file.
    pub(crate) fn html(&self) -> Vec<u8> {
        let title = plain(self.title);
        let figure = |(name, svg): &(&str, &str)| {
            let (name, data) = (plain(name), base64(svg.as_bytes()));
            format!(
                "<figure><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"The picture\">\
                 <img alt=\"{name}\" src=\"data:image/svg+xml;base64,{data}\"></div></figure>\n"
            )
        };
        let link = |(name, text): &(&str, &str)| {
            let (name, data) = (plain(name), base64(text.as_bytes()));
            format!(
                "<p><a download=\"{name}\" href=\"data:text/plain;charset=utf-8;base64,{data}\">\
                 Download {name}</a></p>\n"
            )
        };
        let version = env!("CARGO_PKG_VERSION");
        let text = if self.is_table() { table(self.text) } else { lines(self.text) };
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title} — simsrv</title>\n{POLICY}\n<style>\n{}</style>\n</head>\n\
             <body class=\"report\">\n<header><h1>{title}</h1><p class=\"from\">simsrv {version}</p>\
             </header>\n<main>\n{text}\n{}{}<h2>The command</h2>\n{}\n</main>\n</body>\n</html>\n",
            STYLE.text,
            self.pictures.iter().map(figure).collect::<String>(),
            self.files.iter().map(link).collect::<String>(),
            block(self.command),
        )
        .into_bytes()
    }

    /// As Markdown, without the pictures.
    pub(crate) fn markdown(&self) -> String {
        let text =
            if self.is_table() { self.text.to_owned() } else { fenced("text", self.text) + "\n" };
        let command = fenced("sh", self.command);
        format!("## {}\n\n{text}\n{command}\n", escaped(self.title))
    }

    fn is_table(&self) -> bool {
        self.text.starts_with('|')
    }
}

fn plain(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;")
}

fn block(text: &str) -> String {
    format!("<pre tabindex=\"0\">{}</pre>", plain(text.trim_end()))
}

/// Text in columns: it is scrolled where there is no room, not wrapped.
fn lines(text: &str) -> String {
    block(text).replacen("<pre", "<pre class=\"lines\"", 1)
}

/// A Markdown table whose first line is its head.
fn table(text: &str) -> String {
    let cells = |line: &str, kind: &str| {
        let bare =
            line.trim().trim_start_matches('|').trim_end_matches('|').replace("\\|", "\u{1}");
        let cells = bare.split('|').enumerate().map(|(at, cell)| {
            let class = if at == 0 { "words" } else { "number" };
            let cell = plain(cell.trim()).replace('\u{1}', "|");
            format!("<{kind} class=\"{class}\">{cell}</{kind}>")
        });
        format!("<tr>{}</tr>", cells.collect::<String>())
    };
    let mut lines = text.lines();
    let head = lines.next().map_or(String::new(), |line| cells(line, "th"));
    // On paper it lies on its side.
    let wide = if head.matches("<th").count() > 9 { " wide" } else { "" };
    let body: String = lines.skip(1).map(|line| cells(line, "td")).collect();
    format!(
        "<div class=\"scroll{wide}\" tabindex=\"0\" role=\"region\" aria-label=\"The table\">\
         <table><thead>{head}</thead><tbody>{body}</tbody></table></div>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts<'a>(text: &'a str, pictures: &'a [(&'a str, &'a str)]) -> Texts<'a> {
        let files = &[("app.toml", "rate = \"1/s\"\n")];
        Texts { title: "A <log>", text, pictures, files, command: "simsrv fit 'a&b'" }
    }

    #[test]
    fn a_table_becomes_one_and_nothing_is_markup() {
        let picture = [("One", "<svg/>")];
        let page = texts("| run | mean |\n|---|---:|\n| a\\|<b> | 3 s |\n", &picture).html();
        let page = String::from_utf8(page).expect("text");
        assert!(page.contains("<td class=\"words\">a|&lt;b&gt;</td><td class=\"number\">3 s</td>"));
        assert!(page.contains("<h1>A &lt;log&gt;</h1>") && page.contains("simsrv fit 'a&amp;b'"));
        // "<svg/>" and the file by RFC 4648, worked by hand with base64(1).
        assert!(page.contains("svg+xml;base64,PHN2Zy8+\""));
        assert!(page.contains("base64,cmF0ZSA9ICIxL3MiCg==\">Download app.toml"));
        assert!(!page.contains("<script") && page.len() < 20_000);
    }

    #[test]
    fn lines_stay_as_they_are() {
        let text = texts("Read  a\nMean  3 s\n", &[]);
        assert_eq!(
            text.markdown(),
            "## A &lt;log>\n\n```text\nRead  a\nMean  3 s\n```\n\n```sh\nsimsrv fit 'a&b'\n```\n"
        );
        let page = String::from_utf8(text.html()).expect("text");
        assert!(page.contains("<pre class=\"lines\" tabindex=\"0\">Read  a\nMean  3 s</pre>"));
        assert!(page.contains("<pre tabindex=\"0\">simsrv fit"));
    }
}
