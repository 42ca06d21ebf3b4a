//! Noto Sans from bytes: how wide a text is, and which pixels it covers.
//!
//! Text is measured with the same font that draws it, so that labels can be laid out without
//! overlap and a picture has the same bytes on every machine.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, Glyph, PxScale, ScaleFont, point};

/// Height of a capital letter over the size of the font.
pub(super) const CAP_HEIGHT: f64 = 0.714;

/// What viewers of an SVG choose from, in this order.
pub(super) const FAMILY: &str = "Noto Sans, Helvetica, Arial, sans-serif";

static REGULAR: LazyLock<FontRef<'static>> = LazyLock::new(|| load(notosans::REGULAR_TTF));
static BOLD: LazyLock<FontRef<'static>> = LazyLock::new(|| load(notosans::BOLD_TTF));

/// Size and weight of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Face {
    /// Pixels per em.
    pub(crate) size: f64,
    /// Whether it is bold.
    pub(crate) bold: bool,
}

impl Face {
    /// Upright letters of `size` pixels per em.
    pub(crate) const fn regular(size: f64) -> Self {
        Face { size, bold: false }
    }

    /// Bold letters of `size` pixels per em.
    pub(crate) const fn bold(size: f64) -> Self {
        Face { size, bold: true }
    }

    /// The same face, `factor` times as large.
    pub(crate) const fn scaled(self, factor: f64) -> Self {
        Face { size: self.size * factor, bold: self.bold }
    }

    fn font(self) -> &'static FontRef<'static> {
        if self.bold { &BOLD } else { &REGULAR }
    }

    /// Scale in the sense of `ab_glyph`, which counts from ascender to descender.
    fn scale(self) -> PxScale {
        let font = self.font();
        let em = font.units_per_em().unwrap_or(1_000.0);
        PxScale::from(self.size as f32 * font.height_unscaled() / em)
    }
}

fn load(bytes: &'static [u8]) -> FontRef<'static> {
    FontRef::try_from_slice(bytes).expect("the font in the binary is a font")
}

/// Calls `record` with each glyph of `text`, its pen at (x, 0), and gives the width of the text.
fn lay_out(text: &str, face: Face, mut record: impl FnMut(Glyph)) -> f64 {
    let font = face.font().as_scaled(face.scale());
    let mut pen = 0.0;
    let mut last = None;
    for letter in text.chars() {
        let mut glyph = font.scaled_glyph(letter);
        if let Some(last) = last {
            pen += font.kern(last, glyph.id);
        }
        last = Some(glyph.id);
        glyph.position = point(pen, 0.0);
        pen += font.h_advance(glyph.id);
        record(glyph);
    }
    f64::from(pen)
}

/// Width of `text` in pixels.
pub(super) fn width(text: &str, face: Face) -> f64 {
    lay_out(text, face, |_| ())
}

/// The width of the widest of `texts`, 0 if there are none.
pub(super) fn widest<'a>(texts: impl IntoIterator<Item = &'a str>, face: Face) -> f64 {
    texts.into_iter().map(|text| width(text, face)).fold(0.0, f64::max)
}

/// Calls `paint(x, y, coverage)` for the pixels of `text` around the start of its baseline.
pub(super) fn pixels(text: &str, face: Face, mut paint: impl FnMut(i32, i32, f32)) {
    lay_out(text, face, |glyph| {
        if let Some(outline) = face.font().outline_glyph(glyph) {
            let corner = outline.px_bounds().min;
            outline.draw(|x, y, coverage| {
                paint(corner.x as i32 + x as i32, corner.y as i32 + y as i32, coverage);
            });
        }
    });
}

/// `text` without control characters, which neither a picture nor XML can show.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// `text`, cut and ended with an ellipsis where it is wider than `room`.
pub(super) fn shortened(text: &str, face: Face, room: f64) -> String {
    let text = printable(text);
    if width(&text, face) <= room {
        return text;
    }
    let mut letters: Vec<char> = text.chars().collect();
    while letters.pop().is_some() {
        let cut = format!("{}…", letters.iter().collect::<String>().trim_end());
        if width(&cut, face) <= room {
            return cut;
        }
    }
    String::new()
}

/// `text` broken at spaces into lines no wider than `room`.
pub(super) fn wrapped(text: &str, face: Face, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in printable(text).split_whitespace() {
        let longer = lines.last().map(|line| format!("{line} {word}"));
        match longer {
            Some(longer) if width(&longer, face) <= room => *lines.last_mut().unwrap() = longer,
            _ => lines.push(shortened(word, face, room)),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_has_every_letter_that_charts_use() {
        for bold in [false, true] {
            let font = Face { size: 12.0, bold }.font();
            for letter in "abcXYZ0189 λμρσΣ×≥≤·–—µ%…≈äöüß,/()".chars() {
                assert_ne!(font.glyph_id(letter).0, 0, "no glyph for '{letter}'");
            }
        }
    }

    #[test]
    fn widths_grow_with_size_and_text() {
        let small = width("12 ms", Face::regular(10.0));
        assert!((width("12 ms", Face::regular(20.0)) / small - 2.0).abs() < 0.01);
        assert!(width("123 ms", Face::regular(10.0)) > small);
        assert_eq!(width("", Face::regular(10.0)), 0.0);
    }

    #[test]
    fn long_texts_are_cut_or_wrapped_into_their_room() {
        let face = Face::regular(12.0);
        let text = "a long sentence that does not fit\ninto a line";
        assert!(width(&shortened(text, face, 80.0), face) <= 80.0);
        let lines = wrapped(text, face, 80.0);
        assert!(lines.len() > 1 && lines.iter().all(|line| width(line, face) <= 80.0));
        assert_eq!(lines.join(" "), printable(text));
    }
}
