//! A picture as a list of shapes, and the only file that knows plotters.
//!
//! Charts put shapes on a [`Scene`] in logical pixels; the scene is then painted twice, as pixels
//! and as SVG. plotters rounds to whole coordinates, so pixels are painted [`FINE`] times too
//! large and averaged, and the SVG counts in tenths of a pixel.

use plotters::backend::{BitMapBackend, DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    FontStyle, FontTransform, IntoFont, RGBAColor, RGBColor, ShapeStyle, TextStyle,
};

use super::font::{self, CAP_HEIGHT, FAMILY, Face};
use super::palette::{Dashes, HATCH, Ink, Mark, WHITE};

/// Pixels of the PNG for each logical pixel.
pub(super) const PNG_SCALE: u32 = 2;

/// Pixels painted for each pixel of the PNG, in each direction.
const FINE: u32 = 2;

/// Units of the SVG for each logical pixel.
const SVG_SCALE: u32 = 10;

/// A place in logical pixels, y downwards.
pub(super) type Pixel = (f64, f64);

/// A rectangle in logical pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Frame {
    /// A rectangle from its sides.
    pub(crate) fn new(left: f64, top: f64, right: f64, bottom: f64) -> Self {
        Frame { left, top, right, bottom }
    }

    /// From left to right.
    pub(crate) fn width(&self) -> f64 {
        self.right - self.left
    }

    /// From top to bottom.
    pub(crate) fn height(&self) -> f64 {
        self.bottom - self.top
    }

    /// The point in the middle.
    pub(crate) fn middle(&self) -> Pixel {
        (f64::midpoint(self.left, self.right), f64::midpoint(self.top, self.bottom))
    }

    fn corners(&self) -> [Pixel; 4] {
        let Frame { left, top, right, bottom } = *self;
        [(left, top), (right, top), (right, bottom), (left, bottom)]
    }
}

/// Which part of a text its place names.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A text whose capitals are centred on `at`.
#[derive(Clone, Debug)]
struct Text {
    at: Pixel,
    words: String,
    face: Face,
    ink: Ink,
    anchor: Anchor,
    /// Read from below to above.
    upright: bool,
}

#[derive(Clone, Debug)]
enum Shape {
    Line { points: Vec<Pixel>, ink: Ink, width: f64 },
    Fill { points: Vec<Pixel>, ink: Ink },
    Rectangle { frame: Frame, ink: Ink },
    Disc { middle: Pixel, radius: f64, ink: Ink },
}

/// A picture's shapes, painted in order, texts above all.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    width: f64,
    height: f64,
    shapes: Vec<Shape>,
    texts: Vec<Text>,
}

impl Scene {
    /// A white picture.
    pub(crate) fn new(width: f64, height: f64) -> Self {
        let mut scene =
            Scene { width: width.ceil(), height: height.ceil(), shapes: vec![], texts: vec![] };
        scene.rectangle(Frame::new(0.0, 0.0, scene.width, scene.height), WHITE);
        scene
    }

    /// A filled rectangle.
    pub(crate) fn rectangle(&mut self, frame: Frame, ink: Ink) {
        self.shapes.push(Shape::Rectangle { frame, ink });
    }

    /// The sides of a rectangle.
    pub(crate) fn outline(&mut self, frame: Frame, ink: Ink, width: f64) {
        let [a, b, c, d] = frame.corners();
        self.line(&[a, b, c, d, a, b], ink, width, &[]);
    }

    /// A filled polygon.
    pub(crate) fn polygon(&mut self, points: &[Pixel], ink: Ink) {
        self.shapes.push(Shape::Fill { points: points.to_vec(), ink });
    }

    /// A line through `points`.
    pub(crate) fn line(&mut self, points: &[Pixel], ink: Ink, width: f64, dashes: Dashes) {
        let mut pieces =
            if dashes.is_empty() { vec![points.to_vec()] } else { dashed(points, dashes) };
        pieces.retain(|piece| piece.len() > 1);
        self.shapes.extend(pieces.into_iter().map(|points| Shape::Line { points, ink, width }));
    }

    /// Diagonal strokes over `frame`, `gap` apart.
    pub(crate) fn hatch(&mut self, frame: Frame, ink: Ink, gap: f64) {
        let Frame { left, top, right, bottom } = frame;
        let mut sum = left + top + gap / 2.0;
        while sum < right + bottom {
            let low = (sum - left).min(bottom);
            let high = (sum - right).max(top);
            self.line(&[(sum - low, low), (sum - high, high)], ink, 1.0, &[]);
            sum += gap;
        }
    }

    /// The ground on which nothing settles.
    pub(crate) fn unsettled(&mut self, frame: Frame) {
        self.hatch(frame, HATCH.faint(0.8), 7.0);
    }

    /// A mark of about `radius` around `at`.
    pub(crate) fn mark(&mut self, mark: Mark, at: Pixel, radius: f64, ink: Ink) {
        let (x, y) = at;
        let tip = radius * 1.25;
        let square =
            Frame::new(x - radius * 0.9, y - radius * 0.9, x + radius * 0.9, y + radius * 0.9);
        match mark {
            Mark::Circle => self.disc(at, radius, ink),
            Mark::Ring => {
                self.disc(at, radius * 1.1, ink);
                self.disc(at, radius * 0.55, WHITE);
            }
            Mark::Square => self.rectangle(square, ink),
            Mark::Frame => {
                self.rectangle(square, ink);
                let (half, inner) = (radius * 0.45, WHITE);
                self.rectangle(Frame::new(x - half, y - half, x + half, y + half), inner);
            }
            Mark::Triangle => {
                self.polygon(&[(x, y - tip), (x + tip, y + radius), (x - tip, y + radius)], ink);
            }
            Mark::Inverted => {
                self.polygon(&[(x, y + tip), (x + tip, y - radius), (x - tip, y - radius)], ink);
            }
            Mark::Diamond => {
                let tip = tip * 1.05;
                self.polygon(&[(x, y - tip), (x + tip, y), (x, y + tip), (x - tip, y)], ink);
            }
            Mark::Cross => self.cross(at, radius, ink),
        }
    }

    /// A cross of two strokes.
    pub(crate) fn cross(&mut self, (x, y): Pixel, radius: f64, ink: Ink) {
        self.line(&[(x - radius, y - radius), (x + radius, y + radius)], ink, 2.0, &[]);
        self.line(&[(x - radius, y + radius), (x + radius, y - radius)], ink, 2.0, &[]);
    }

    fn disc(&mut self, middle: Pixel, radius: f64, ink: Ink) {
        self.shapes.push(Shape::Disc { middle, radius, ink });
    }

    /// A text; `at` is the height of the middle of its capitals.
    pub(crate) fn text(&mut self, at: Pixel, words: &str, face: Face, ink: Ink, anchor: Anchor) {
        let words = font::printable(words);
        self.texts.push(Text { at, words, face, ink, anchor, upright: false });
    }

    /// A text centred on `at` and read from below to above.
    pub(crate) fn upright_text(&mut self, at: Pixel, words: &str, face: Face, ink: Ink) {
        let words = font::printable(words);
        self.texts.push(Text { at, words, face, ink, anchor: Anchor::Middle, upright: true });
    }

    /// The picture in pixels, packed as PNG.
    pub(crate) fn to_png(&self) -> Vec<u8> {
        let (width, height) = (self.width as u32 * PNG_SCALE, self.height as u32 * PNG_SCALE);
        let (wide, high) = (width * FINE, height * FINE);
        let mut fine = vec![0; 3 * wide as usize * high as usize];
        {
            let mut backend = BitMapBackend::with_buffer(&mut fine, (wide, high));
            for shape in &self.shapes {
                paint_pixels(&mut backend, shape, f64::from(PNG_SCALE * FINE));
            }
        }
        let mut pixels = averaged(&fine, wide as usize, height as usize);
        for text in &self.texts {
            text.paint(&mut pixels, width as usize);
        }
        packed(&pixels, width, height)
    }

    /// The picture as SVG; `title` is for those who cannot see it.
    pub(crate) fn to_svg(&self, title: &str) -> String {
        let size = (self.width as u32 * SVG_SCALE, self.height as u32 * SVG_SCALE);
        let mut svg = String::new();
        {
            let mut backend = SVGBackend::with_string(&mut svg, size);
            for shape in &self.shapes {
                paint(&mut backend, shape, f64::from(SVG_SCALE));
            }
            for text in &self.texts {
                text.write(&mut backend);
            }
            finished(backend.present());
        }
        self.with_head(&self.with_widths(&svg), title)
    }

    /// Gives each text the width that was reckoned with, so that another font than the one inside
    /// the program does not run over the edge.
    fn with_widths(&self, svg: &str) -> String {
        let mut parts = svg.split("<text ");
        let mut held = parts.next().unwrap_or_default().to_owned();
        for (part, text) in parts.zip(&self.texts) {
            let width = font::width(&text.words, text.face) * f64::from(SVG_SCALE);
            held += &format!(
                "<text textLength=\"{width:.0}\" lengthAdjust=\"spacingAndGlyphs\" {part}"
            );
        }
        held
    }

    /// Replaces the opening tag: coordinates in tenths, the size in pixels, a title.
    fn with_head(&self, svg: &str, title: &str) -> String {
        let body = svg.split_once('>').map_or("", |(_, body)| body);
        let (width, height) = (self.width, self.height);
        let (wide, high) = (width * f64::from(SVG_SCALE), height * f64::from(SVG_SCALE));
        let title = font::printable(title).replace('&', "&amp;").replace('<', "&lt;");
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" \
             height=\"{height}\" viewBox=\"0 0 {wide} {high}\"><!-- simsrv -->\n<title>{title}</title>{body}"
        )
    }
}

impl Text {
    /// Distance from the start of the text to the point that its place names.
    fn offset(&self, face: Face) -> f64 {
        let share = match self.anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => 0.5,
            Anchor::End => 1.0,
        };
        share * font::width(&self.words, face)
    }

    /// Blends the text into RGB pixels of a picture `width` pixels wide.
    fn paint(&self, pixels: &mut [u8], width: usize) {
        let scale = f64::from(PNG_SCALE);
        let face = self.face.scaled(scale);
        let along = -self.offset(face).round() as i32;
        let across = (CAP_HEIGHT / 2.0 * face.size).round() as i32;
        let (x0, y0) = ((self.at.0 * scale).round() as i32, (self.at.1 * scale).round() as i32);
        font::pixels(&self.words, face, |dx, dy, coverage| {
            let (dx, dy) = (dx + along, dy + across);
            let (x, y) = if self.upright { (x0 + dy, y0 - dx) } else { (x0 + dx, y0 + dy) };
            if x >= 0 && y >= 0 && (x as usize) < width {
                let at = 3 * (y as usize * width + x as usize);
                if let Some(pixel) = pixels.get_mut(at..at + 3) {
                    blend(pixel, self.ink, f64::from(coverage.min(1.0)));
                }
            }
        });
    }

    fn write(&self, backend: &mut SVGBackend) {
        let scale = f64::from(SVG_SCALE);
        // SVGBackend sets the text's baseline half an ex below its place; an ex is half an em.
        let lower = (CAP_HEIGHT / 2.0 - 0.26) * self.face.size;
        let (x, y) = self.at;
        let (x, y) = if self.upright { (x + lower, y) } else { (x, y + lower) };
        let h_pos = match self.anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let turn = if self.upright { FontTransform::Rotate270 } else { FontTransform::None };
        let weight = if self.face.bold { FontStyle::Bold } else { FontStyle::Normal };
        // SVGBackend divides sizes by 1.24.
        let font =
            (FAMILY, self.face.size * scale * 1.24).into_font().style(weight).transform(turn);
        let color = plain(self.ink);
        let style = TextStyle::from(font).color(&color).pos(Pos::new(h_pos, VPos::Center));
        let place = ((x * scale).round() as i32, (y * scale).round() as i32);
        finished(backend.draw_text(&self.words, &style, place));
    }
}

/// Cuts a line into dashes.
fn dashed(points: &[Pixel], dashes: Dashes) -> Vec<Vec<Pixel>> {
    let mut pieces = vec![Vec::from_iter(points.first().copied())];
    let (mut turn, mut left) = (0, dashes[0]);
    for pair in points.windows(2) {
        let ((mut x, mut y), end) = (pair[0], pair[1]);
        loop {
            let length = (end.0 - x).hypot(end.1 - y);
            let pen_down = turn % 2 == 0;
            if length <= left {
                left -= length;
                if pen_down {
                    pieces.last_mut().unwrap().push(end);
                }
                break;
            }
            (x, y) = (x + (end.0 - x) * left / length, y + (end.1 - y) * left / length);
            match pen_down {
                true => pieces.last_mut().unwrap().push((x, y)),
                false => pieces.push(vec![(x, y)]),
            }
            turn += 1;
            left = dashes[turn % dashes.len()];
        }
    }
    pieces
}

fn plain(ink: Ink) -> RGBAColor {
    let (red, green, blue) = ink.rgb;
    let RGBColor(red, green, blue) = RGBColor(red, green, blue);
    RGBAColor(red, green, blue, ink.alpha)
}

/// Painting goes to memory, where nothing can go wrong.
fn finished<E>(result: Result<(), E>) {
    debug_assert!(result.is_ok(), "painting into memory failed");
}

/// Paints one shape `scale` times as large.
fn paint<B: DrawingBackend>(backend: &mut B, shape: &Shape, scale: f64) {
    let at = |&(x, y): &Pixel| ((x * scale).round() as i32, (y * scale).round() as i32);
    let style = |ink: Ink, width: f64| ShapeStyle {
        color: plain(ink),
        filled: true,
        stroke_width: (width * scale).round().max(1.0) as u32,
    };
    finished(match shape {
        Shape::Line { points, ink, width } => {
            backend.draw_path(points.iter().map(at), &style(*ink, *width))
        }
        Shape::Fill { points, ink } => {
            backend.fill_polygon(points.iter().map(at), &style(*ink, 1.0))
        }
        Shape::Rectangle { frame, ink } => {
            let (from, to) = (at(&(frame.left, frame.top)), at(&(frame.right, frame.bottom)));
            backend.draw_rect(from, to, &style(*ink, 1.0), true)
        }
        Shape::Disc { middle, radius, ink } => {
            let radius = (radius * scale).round().max(1.0) as u32;
            backend.draw_circle(at(middle), radius, &style(*ink, 1.0), true)
        }
    });
}

/// Like [`paint`], with lines in straight pieces and round joints: plotters leaves spikes and gaps
/// at sharp corners of thick lines.
fn paint_pixels(backend: &mut BitMapBackend, shape: &Shape, scale: f64) {
    let Shape::Line { points, ink, width } = shape else {
        return paint(backend, shape, scale);
    };
    for pair in points.windows(2) {
        let piece = Shape::Line { points: pair.to_vec(), ink: *ink, width: *width };
        paint(backend, &piece, scale);
    }
    for &middle in points.iter().skip(1).take(points.len().saturating_sub(2)) {
        paint(backend, &Shape::Disc { middle, radius: width / 2.0, ink: *ink }, scale);
    }
}

/// Averages squares of `FINE` x `FINE` pixels.
fn averaged(fine: &[u8], wide: usize, height: usize) -> Vec<u8> {
    let step = FINE as usize;
    let width = wide / step;
    let mut pixels = Vec::with_capacity(3 * width * height);
    for y in 0..height {
        for x in 0..width {
            for part in 0..3 {
                let mut sum = 0;
                for row in 0..step {
                    let start = 3 * ((y * step + row) * wide + x * step) + part;
                    sum += (0..step).map(|column| u32::from(fine[start + 3 * column])).sum::<u32>();
                }
                pixels.push((sum / (FINE * FINE)) as u8);
            }
        }
    }
    pixels
}

fn blend(pixel: &mut [u8], ink: Ink, coverage: f64) {
    let (red, green, blue) = ink.rgb;
    for (part, full) in pixel.iter_mut().zip([red, green, blue]) {
        let share = coverage * ink.alpha;
        *part = (f64::from(*part) * (1.0 - share) + f64::from(full) * share).round() as u8;
    }
}

fn packed(pixels: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Best);
    // Flat colours pack better as they are than as differences.
    encoder.set_filter(png::FilterType::NoFilter);
    // By this simsrv knows later that it may replace the file.
    finished(encoder.add_text_chunk("Software".to_owned(), "simsrv".to_owned()));
    finished(encoder.write_header().and_then(|mut writer| writer.write_image_data(pixels)));
    bytes
}
