//! The frame around the panels: title above, key below it, notes at the foot.

use super::Picture;
use super::canvas::{Anchor, Frame, Pixel, Scene};
use super::font::{self, Face};
use super::palette::{BLUE, DASHED, Ink, Mark, SOFT, Style, TEXT, VERMILLION};

/// Width of a picture unless its cells need more.
pub(super) const WIDTH: f64 = 800.0;

/// Free space along the edges of a picture.
pub(super) const EDGE: f64 = 16.0;

const TITLE_FACE: Face = Face::bold(17.0);
const TITLE_LINE: f64 = 23.0;
const KEY_FACE: Face = Face::regular(13.0);
const KEY_LINE: f64 = 21.0;
const NOTE_FACE: Face = Face::regular(11.5);
const NOTE_LINE: f64 = 16.0;

/// Width of a sample in a key.
pub(super) const SAMPLE: f64 = 28.0;

/// What a key shows beside its words.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum LegendSample {
    /// A piece of line with its mark.
    Line(Style),
    /// A mark without a line.
    Mark(Mark, Ink),
    /// A dashed vertical line.
    Rule(Ink),
    /// A filled box.
    Box(Ink),
    /// A framed box.
    Outline(Ink),
    /// The ground on which nothing settles.
    Unsettled,
    /// A bar of waiting.
    Waiting,
    /// A cross.
    Cross(Ink),
}

impl LegendSample {
    /// Draws the sample to the right of `at`, [`SAMPLE`] pixels wide.
    pub(crate) fn draw(self, scene: &mut Scene, (x, y): Pixel) {
        let frame = Frame::new(x + 4.0, y - 6.0, x + SAMPLE - 2.0, y + 6.0);
        match self {
            LegendSample::Line(style) => {
                scene.line(&[(x, y), (x + SAMPLE, y)], style.ink, 2.0, style.dashes);
                if let Some(mark) = style.mark {
                    scene.mark(mark, (x + SAMPLE / 2.0, y), 4.0, style.ink);
                }
            }
            LegendSample::Mark(mark, ink) => scene.mark(mark, frame.middle(), 4.0, ink),
            LegendSample::Rule(ink) => {
                let x = frame.middle().0;
                scene.line(&[(x, y - 9.0), (x, y + 9.0)], ink, 1.6, DASHED);
            }
            LegendSample::Box(ink) => scene.rectangle(frame, ink),
            LegendSample::Outline(ink) => scene.outline(frame, ink, 2.0),
            LegendSample::Unsettled => {
                scene.unsettled(frame);
                scene.outline(frame, SOFT, 1.0);
            }
            LegendSample::Waiting => waiting_bar(scene, frame),
            LegendSample::Cross(ink) => scene.cross(frame.middle(), 4.5, ink),
        }
    }
}

/// A bar of waiting: light and hatched, so that grey print tells it from service.
pub(super) fn waiting_bar(scene: &mut Scene, frame: Frame) {
    scene.rectangle(frame, BLUE.faint(0.12));
    scene.hatch(frame, BLUE.faint(0.45), 6.0);
}

/// The key for cells that are overloaded, where they are crossed on an axis.
pub(super) fn never_settles_key() -> LegendEntry {
    LegendEntry { words: "overloaded".to_owned(), sample: LegendSample::Cross(VERMILLION) }
}

/// A sample and what it stands for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LegendEntry {
    pub(crate) words: String,
    pub(crate) sample: LegendSample,
}

impl LegendEntry {
    /// A key.
    pub(crate) fn new(words: &str, sample: LegendSample) -> Self {
        LegendEntry { words: words.to_owned(), sample }
    }

    /// Pixels that sample and words take.
    pub(crate) fn width(&self) -> f64 {
        SAMPLE + 6.0 + font::width(&self.words, KEY_FACE)
    }

    /// Draws sample and words to the right of `at`.
    pub(crate) fn draw(&self, scene: &mut Scene, (x, y): Pixel) {
        self.sample.draw(scene, (x, y));
        scene.text((x + SAMPLE + 6.0, y), &self.words, KEY_FACE, TEXT, Anchor::Start);
    }
}

/// A chart laid out but not yet painted: its title may still be changed.
pub(crate) struct Sheet<'a> {
    page: Page,
    size: (f64, f64),
    body: Body<'a>,
}

/// Draws the panels of a sheet into a frame.
type Body<'a> = Box<dyn FnOnce(&mut Scene, Frame) + 'a>;

impl<'a> Sheet<'a> {
    /// A sheet whose panels `body` draws into a frame of `size`.
    pub(super) fn new(
        page: Page,
        size: (f64, f64),
        body: impl FnOnce(&mut Scene, Frame) + 'a,
    ) -> Self {
        Sheet { page, size, body: Box::new(body) }
    }

    /// The same sheet under another title.
    pub(crate) fn titled(mut self, title: &str) -> Self {
        title.clone_into(&mut self.page.title);
        self
    }

    /// The same sheet with another stem for its files.
    pub(crate) fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.page.name);
        self
    }

    /// The same sheet with one more note at the foot.
    pub(crate) fn noted(mut self, note: &str) -> Self {
        self.page.notes.push(note.to_owned());
        self
    }

    /// The stem of its files.
    pub(crate) fn name(&self) -> &str {
        &self.page.name
    }

    /// Paints it.
    pub(crate) fn picture(self) -> Picture {
        self.page.draw(self.size, self.body)
    }
}

impl std::fmt::Debug for Sheet<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sheet").field("page", &self.page).finish_non_exhaustive()
    }
}

/// Everything of a picture but its panels.
#[derive(Clone, Debug, Default)]
pub(super) struct Page {
    /// File stem.
    pub(crate) name: String,
    /// What is seen.
    pub(crate) title: String,
    /// The key, if it stands above the panels.
    pub(crate) keys: Vec<LegendEntry>,
    /// What a reader should know.
    pub(crate) notes: Vec<String>,
}

impl Page {
    /// Paints the picture; `body` draws the panels into the frame it is given, which has the size
    /// asked for.
    fn draw(self, size: (f64, f64), body: impl FnOnce(&mut Scene, Frame)) -> Picture {
        let (width, height) = size;
        let room = width - 2.0 * EDGE;
        let title = font::wrapped(&self.title, TITLE_FACE, room);
        let notes: Vec<String> =
            self.notes.iter().flat_map(|note| font::wrapped(note, NOTE_FACE, room)).collect();
        let rows = key_rows(&self.keys, room);
        let top = 12.0 + TITLE_LINE * title.len() as f64 + KEY_LINE * rows.len() as f64 + 6.0;
        let foot = NOTE_LINE * notes.len() as f64 + 8.0;
        let mut scene = Scene::new(width, top + height + foot);
        for (line, words) in title.iter().enumerate() {
            let y = 12.0 + TITLE_LINE * (line as f64 + 0.5);
            scene.text((EDGE, y), words, TITLE_FACE, TEXT, Anchor::Start);
        }
        let keys_top = 14.0 + TITLE_LINE * title.len() as f64;
        for (line, row) in rows.iter().enumerate() {
            let y = keys_top + KEY_LINE * (line as f64 + 0.5);
            row.iter().for_each(|(x, key)| key.draw(&mut scene, (EDGE + x, y)));
        }
        body(&mut scene, Frame::new(0.0, top, width, top + height));
        for (line, words) in notes.iter().enumerate() {
            let y = top + height + NOTE_LINE * (line as f64 + 0.5);
            scene.text((EDGE, y), words, NOTE_FACE, SOFT, Anchor::Start);
        }
        let (png, svg) = (scene.to_png(), scene.to_svg(&self.title));
        Picture { name: self.name, title: self.title, png, svg }
    }
}

/// Keys in rows no wider than `room`, each with its place.
fn key_rows(keys: &[LegendEntry], room: f64) -> Vec<Vec<(f64, &LegendEntry)>> {
    let mut rows: Vec<Vec<(f64, &LegendEntry)>> = Vec::new();
    let mut x = 0.0;
    for key in keys {
        if rows.is_empty() || x + key.width() > room {
            rows.push(Vec::new());
            x = 0.0;
        }
        rows.last_mut().unwrap().push((x, key));
        x += key.width() + 22.0;
    }
    rows
}
