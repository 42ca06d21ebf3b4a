//! The files of the page, inside the program.

/// One file of the page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asset {
    /// Its path on the page.
    pub(crate) path: &'static str,
    /// Its type, as HTTP names it.
    pub(crate) mime: &'static str,
    /// Its contents.
    pub(crate) text: &'static str,
}

const fn script(path: &'static str, text: &'static str) -> Asset {
    Asset { path, mime: "text/javascript; charset=utf-8", text }
}

/// The page itself, with places for styles, scripts and data.
pub(crate) const INDEX: &str = include_str!("../../web/index.html");

/// How it looks.
pub(crate) const STYLE: Asset = Asset {
    path: "style.css",
    mime: "text/css; charset=utf-8",
    text: include_str!("../../web/style.css"),
};

/// Its scripts, in the order in which they are loaded.
pub(crate) const SCRIPTS: [Asset; 8] = [
    script("d3.js", include_str!("../../web/vendor/d3.min.js")),
    script("plot.js", include_str!("../../web/vendor/plot.min.js")),
    script("base.js", include_str!("../../web/js/base.js")),
    script("question.js", include_str!("../../web/js/question.js")),
    script("charts.js", include_str!("../../web/js/charts.js")),
    script("answer.js", include_str!("../../web/js/answer.js")),
    script("motion.js", include_str!("../../web/js/motion.js")),
    script("main.js", include_str!("../../web/js/main.js")),
];

/// The marks in [`INDEX`] that are filled in.
pub(super) const MARKS: [&str; 3] = ["<!-- styles -->", "<!-- scripts -->", "<!-- data -->"];

/// The page that loads its files.
pub(crate) fn page() -> String {
    let style = format!("<link rel=\"stylesheet\" href=\"/{}\">", STYLE.path);
    let tag = |asset: &Asset| format!("<script defer src=\"/{}\"></script>", asset.path);
    let scripts = SCRIPTS.iter().map(tag).collect::<Vec<_>>().join("\n");
    let known = super::presets::document().to_string().replace('<', "\\u003c");
    let data = format!("<script id=\"known\" type=\"application/json\">{known}</script>");
    filled([&style, &scripts, &data])
}

/// [`INDEX`] with its marks filled in.
pub(super) fn filled(parts: [&str; 3]) -> String {
    let page = MARKS
        .iter()
        .zip(parts)
        .fold(INDEX.to_owned(), |page, (mark, part)| page.replacen(mark, part, 1));
    page.replacen("<!-- version -->", env!("CARGO_PKG_VERSION"), 1)
}

/// The file of that path.
pub(crate) fn find(path: &str) -> Option<&'static Asset> {
    const STYLES: [Asset; 1] = [STYLE];
    SCRIPTS.iter().chain(&STYLES).find(|asset| asset.path == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_a_place_for_everything() {
        for mark in MARKS {
            assert_eq!(INDEX.matches(mark).count(), 1, "{mark}");
        }
        assert!(!page().contains("<!-- styles -->"));
        assert!(SCRIPTS.iter().all(|asset| page().contains(asset.path)));
        assert!(find("base.js").is_some() && find("../Cargo.toml").is_none());
    }

    /// A script that closes its own element would end a report in the middle.
    #[test]
    fn no_script_ends_its_element() {
        assert!(SCRIPTS.iter().all(|asset| !asset.text.to_lowercase().contains("</script")));
    }
}
