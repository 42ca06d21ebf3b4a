//! One plot: axes, grid, lines with intervals, and the marks that explain them.

use super::axis::{Axis, TICK_FACE, drawable};
use super::canvas::{Anchor, Frame, Pixel, Scene};
use super::font::{self, Face};
use super::page::{EDGE, LegendEntry, LegendSample};
use super::palette::{AXIS, DASHED, GRID, Ink, SOFT, Style, TEXT, VERMILLION, WHITE};
use super::words;

const TITLE_FACE: Face = Face::bold(13.0);
const AXIS_FACE: Face = Face::regular(13.0);
const LABEL_FACE: Face = Face::regular(12.0);
const TICK_LINE: f64 = 15.0;
const STRIP: f64 = 18.0;
/// The longest line from the end of a line to its name.
const LONGEST_LEADER: f64 = 60.0;

/// From so many points on, intervals are drawn as a ribbon instead of bars.
const RIBBON_FROM: usize = 25;

/// One point of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Dot {
    pub(crate) x: f64,
    pub(crate) y: f64,
    /// Half the width of the interval around `y`.
    pub(crate) half: Option<f64>,
}

/// Points in the order of x, and how they look.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PlotLine {
    pub(crate) label: String,
    pub(crate) style: Style,
    pub(crate) dots: Vec<Dot>,
    /// Whether the points are joined; not where a curve of theory runs through them.
    pub(crate) joined: bool,
}

impl PlotLine {
    /// A line through those of `dots` that can be drawn, in the order of x.
    pub(crate) fn new(label: &str, style: Style, dots: impl IntoIterator<Item = Dot>) -> Self {
        let seen = |dot: &Dot| drawable(dot.x) && drawable(dot.y);
        let mut dots: Vec<Dot> = dots.into_iter().filter(seen).collect();
        dots.sort_by(|a, b| a.x.total_cmp(&b.x));
        PlotLine { label: label.to_owned(), style, dots, joined: true }
    }

    /// The values, with their intervals as far as these do not dwarf them.
    pub(crate) fn extent(&self) -> impl Iterator<Item = f64> + '_ {
        self.dots.iter().flat_map(|dot| {
            let half = dot.half.filter(|half| *half > 0.0).unwrap_or(0.0).min(dot.y.abs() / 2.0);
            [dot.y - half, dot.y + half]
        })
    }

    /// The line's entry in a key.
    pub(crate) fn key(&self) -> LegendEntry {
        match (self.joined, self.style.mark) {
            (false, Some(mark)) => {
                LegendEntry::new(&self.label, LegendSample::Mark(mark, self.style.ink))
            }
            _ => LegendEntry::new(&self.label, LegendSample::Line(self.style)),
        }
    }
}

/// What a panel marks on its horizontal axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sign {
    /// A dashed vertical line; its words, if any, stand above the plot.
    Rule { at: f64, words: String, ink: Ink },
    /// A shaded stretch.
    Band { from: f64, to: f64, ink: Ink },
}

impl Sign {
    fn has_words(&self) -> bool {
        matches!(self, Sign::Rule { words, .. } if !words.is_empty())
    }
}

/// A shaded stretch between two lines: points `(x, low, high)` in the order of x.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ribbon {
    pub(crate) points: Vec<(f64, f64, f64)>,
    pub(crate) ink: Ink,
}

/// Places at which cells are overloaded, among all places of the axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Never {
    pub(crate) at: Vec<f64>,
    pub(crate) all: Vec<f64>,
    /// Whether the ground says so in words; not where lines run across it.
    pub(crate) in_words: bool,
    /// Where it begins, if that is known better than half-way between two places.
    pub(crate) from: Option<f64>,
}

/// A plot.
#[derive(Clone, Debug)]
pub(super) struct Panel {
    /// Empty for none.
    pub(crate) title: String,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) lines: Vec<PlotLine>,
    /// Shaded below all lines.
    pub(crate) ribbons: Vec<Ribbon>,
    pub(crate) signs: Vec<Sign>,
    /// Horizontal guides with their words.
    pub(crate) levels: Vec<(f64, String)>,
    pub(crate) never: Never,
    /// Where processes do not fit into the memory: hatched, under lines that go on.
    pub(crate) unfit: Never,
    /// Whether the lines are named at their right ends.
    pub(crate) named: bool,
    /// Room left and right that the panel takes at least, to stand in line with others.
    pub(crate) least_room: (f64, f64),
}

impl Panel {
    /// A panel with axes and lines, and nothing else.
    pub(crate) fn new(title: &str, x: Axis, y: Axis, lines: Vec<PlotLine>) -> Self {
        let (title, never) = (title.to_owned(), Never::default());
        Panel {
            title,
            x,
            y,
            lines,
            ribbons: vec![],
            signs: vec![],
            levels: vec![],
            never,
            unfit: Never::default(),
            named: false,
            least_room: (0.0, 0.0),
        }
    }

    /// Draws the panel into `frame`.
    pub(crate) fn draw(&self, scene: &mut Scene, frame: Frame) {
        let plot = self.plot(frame);
        self.draw_title(scene, frame, plot);
        self.draw_never(scene, plot);
        for ribbon in &self.ribbons {
            self.draw_ribbon(scene, plot, ribbon);
        }
        self.draw_x(scene, plot);
        self.draw_y(scene, plot, frame);
        self.draw_signs(scene, plot);
        self.draw_levels(scene, plot);
        for line in &self.lines {
            self.draw_line(scene, plot, line);
        }
        self.draw_crosses(scene, plot);
        if self.named {
            self.draw_names(scene, plot);
        }
        self.draw_never_words(scene, plot);
    }

    /// The rectangle between the axes.
    fn plot(&self, frame: Frame) -> Frame {
        let left = frame.left + EDGE + 20.0 + self.left_room().max(self.least_room.0) + 8.0;
        let right = frame.right - EDGE - self.right_room().max(self.least_room.1);
        let title = if self.title.is_empty() { 4.0 } else { 22.0 };
        let strip = if self.signs.iter().any(Sign::has_words) { STRIP } else { 0.0 };
        let top = frame.top + title + strip + 4.0;
        let lines = self.x.tick_lines((right - left).max(10.0));
        let foot = if self.x.title.is_empty() { 12.0 } else { 28.0 };
        let bottom = frame.bottom - foot - TICK_LINE * lines as f64;
        Frame::new(left, top, right.max(left + 10.0), bottom.max(top + 10.0))
    }

    /// Pixels for the figures of the vertical axis.
    pub(crate) fn left_room(&self) -> f64 {
        self.y.label_width()
    }

    /// Pixels for the words to the right of the plot.
    pub(crate) fn right_room(&self) -> f64 {
        let names = self.lines.iter().map(|line| line.key().width()).fold(0.0, f64::max);
        let levels = self.levels.iter().map(|(_, words)| words.as_str());
        let levels = font::widest(levels, LABEL_FACE);
        match self.named {
            true => names + 20.0,
            false => levels + if levels > 0.0 { 6.0 } else { 0.0 },
        }
    }

    fn at(&self, plot: Frame, x: f64, y: f64) -> Pixel {
        (self.across(plot, x), plot.bottom - self.y.scale.share(y) * plot.height())
    }

    fn across(&self, plot: Frame, x: f64) -> f64 {
        plot.left + self.x.scale.share(x).clamp(0.0, 1.0) * plot.width()
    }

    fn draw_title(&self, scene: &mut Scene, frame: Frame, plot: Frame) {
        let words = font::shortened(&self.title, TITLE_FACE, frame.right - plot.left - EDGE);
        scene.text((plot.left, frame.top + 11.0), &words, TITLE_FACE, TEXT, Anchor::Start);
    }

    fn draw_x(&self, scene: &mut Scene, plot: Frame) {
        let bottom = plot.bottom;
        let mut low = bottom;
        for (value, lines) in self.x.wrapped_ticks(plot.width()) {
            let x = self.across(plot, value);
            scene.line(&[(x, plot.top), (x, bottom)], GRID, 1.0, &[]);
            scene.line(&[(x, bottom), (x, bottom + 4.0)], AXIS, 1.0, &[]);
            for (number, words) in lines.iter().enumerate() {
                let y = bottom + 13.0 + TICK_LINE * number as f64;
                scene.text((x, y), words, TICK_FACE, TEXT, Anchor::Middle);
                low = f64::max(low, y);
            }
        }
        let middle = plot.middle().0;
        scene.text((middle, low + 18.0), &self.x.title, AXIS_FACE, SOFT, Anchor::Middle);
    }

    fn draw_y(&self, scene: &mut Scene, plot: Frame, frame: Frame) {
        let mut last = f64::INFINITY;
        for (value, words) in &self.y.ticks {
            let y = self.at(plot, 0.0, *value).1;
            if last - y < TICK_LINE || !self.y.scale.holds(*value) {
                continue;
            }
            last = y;
            scene.line(&[(plot.left, y), (plot.right, y)], GRID, 1.0, &[]);
            scene.text((plot.left - 7.0, y), words, TICK_FACE, TEXT, Anchor::End);
        }
        let axes = [(plot.left, plot.top), (plot.left, plot.bottom), (plot.right, plot.bottom)];
        scene.line(&axes, AXIS, 1.0, &[]);
        let room = plot.height() + 24.0;
        let fits = font::width(&self.y.title, AXIS_FACE) <= room;
        let title = if fits { self.y.title.clone() } else { words::brief(&self.y.title) };
        let words = font::shortened(&title, AXIS_FACE, room);
        let half = font::width(&words, AXIS_FACE) / 2.0;
        let y = plot.middle().1.max(frame.top + half).min(frame.bottom - half);
        scene.upright_text((frame.left + EDGE + 4.0, y), &words, AXIS_FACE, SOFT);
    }

    fn draw_signs(&self, scene: &mut Scene, plot: Frame) {
        for sign in &self.signs {
            match sign {
                Sign::Rule { at, words, ink } => {
                    let x = self.across(plot, *at);
                    scene.line(&[(x, plot.top), (x, plot.bottom)], *ink, 1.6, DASHED);
                    let half = font::width(words, LABEL_FACE) / 2.0;
                    let x = x.min(plot.right - half).max(plot.left + half);
                    scene.text((x, plot.top - 10.5), words, LABEL_FACE, SOFT, Anchor::Middle);
                }
                Sign::Band { from, to, ink } => {
                    let (from, to) = (self.across(plot, *from), self.across(plot, *to));
                    scene.rectangle(Frame::new(from, plot.top, to, plot.bottom), *ink);
                }
            }
        }
    }

    fn draw_levels(&self, scene: &mut Scene, plot: Frame) {
        for (value, words) in self.levels.iter().filter(|(value, _)| self.y.scale.holds(*value)) {
            let y = self.at(plot, 0.0, *value).1;
            scene.line(&[(plot.left, y), (plot.right, y)], SOFT, 1.2, DASHED);
            match self.named {
                // The names of the lines take the margin, so the words stand inside the plot.
                true => {
                    let y = if y - plot.top < 14.0 { y + 10.0 } else { y - 10.0 };
                    let half = font::width(words, LABEL_FACE) / 2.0 + 3.0;
                    let x = plot.left + 8.0 + half;
                    scene.rectangle(Frame::new(x - half, y - 8.0, x + half, y + 8.0), WHITE);
                    scene.text((x, y), words, LABEL_FACE, SOFT, Anchor::Middle);
                }
                false => {
                    scene.text((plot.right + 6.0, y), words, LABEL_FACE, SOFT, Anchor::Start);
                }
            }
        }
    }

    fn draw_line(&self, scene: &mut Scene, plot: Frame, line: &PlotLine) {
        let style = line.style;
        let places: Vec<Pixel> = line.dots.iter().map(|dot| self.at(plot, dot.x, dot.y)).collect();
        self.draw_intervals(scene, plot, line);
        for piece in clipped(&places, plot).into_iter().filter(|_| line.joined) {
            scene.line(&piece, style.ink, 2.0, style.dashes);
        }
        let radius = if places.len() >= RIBBON_FROM { 2.8 } else { 4.0 };
        let Some(mark) = style.mark else { return };
        for place in places.into_iter().filter(|place| inside(plot, *place)) {
            scene.mark(mark, place, radius, style.ink);
        }
    }

    /// The ground between the low and the high values, point by point.
    fn draw_ribbon(&self, scene: &mut Scene, plot: Frame, ribbon: &Ribbon) {
        let place = |(x, low, high): &(f64, f64, f64)| {
            let y = |value: f64| self.at(plot, *x, value).1.clamp(plot.top, plot.bottom);
            (self.across(plot, *x), y(*high), y(*low))
        };
        let places: Vec<(f64, f64, f64)> = ribbon.points.iter().map(place).collect();
        for pair in places.windows(2) {
            let ((x, high, low), (x2, high2, low2)) = (pair[0], pair[1]);
            scene.polygon(&[(x, high), (x2, high2), (x2, low2), (x, low)], ribbon.ink);
        }
    }

    fn draw_intervals(&self, scene: &mut Scene, plot: Frame, line: &PlotLine) {
        let ink = line.style.ink;
        let ends: Vec<(f64, f64, f64)> = line
            .dots
            .iter()
            .filter_map(|dot| {
                let half = dot.half.filter(|half| half.is_finite() && *half > 0.0)?;
                let x = self.across(plot, dot.x);
                let y = |value| {
                    let y = self.at(plot, dot.x, value).1;
                    if y.is_nan() { plot.bottom } else { y.clamp(plot.top, plot.bottom) }
                };
                Some((x, y(dot.y + half), y(dot.y - half)))
            })
            .collect();
        if line.dots.len() >= RIBBON_FROM {
            for pair in ends.windows(2) {
                let ((x, high, low), (x2, high2, low2)) = (pair[0], pair[1]);
                scene.polygon(&[(x, high), (x2, high2), (x2, low2), (x, low)], ink.faint(0.2));
            }
            return;
        }
        for (x, high, low) in ends {
            scene.line(&[(x, high), (x, low)], ink, 1.2, &[]);
            // An interval that leaves the picture has no end there.
            for y in [high, low].into_iter().filter(|y| *y > plot.top && *y < plot.bottom) {
                scene.line(&[(x - 4.0, y), (x + 4.0, y)], ink, 1.2, &[]);
            }
        }
    }

    /// Stretches of the axis where nothing settles, each reaching half-way to its neighbours.
    fn stretches(&self, plot: Frame, never: &Never) -> Vec<(f64, f64)> {
        let mut all = never.all.clone();
        all.sort_by(f64::total_cmp);
        all.dedup();
        let places: Vec<f64> = all.iter().map(|x| self.across(plot, *x)).collect();
        let mut stretches: Vec<(f64, f64)> = Vec::new();
        for (number, x) in all.iter().enumerate().filter(|(_, x)| never.at.contains(x)) {
            let left = match number {
                0 => plot.left,
                _ => f64::midpoint(places[number - 1], places[number]),
            };
            let left = never.from.map_or(left, |from| left.max(self.across(plot, from)));
            let right = places.get(number + 1);
            let right =
                right.map_or(plot.right, |next| f64::midpoint(self.across(plot, *x), *next));
            match stretches.last_mut() {
                Some(last) if left - last.1 < 0.5 => last.1 = right,
                _ => stretches.push((left, right)),
            }
        }
        stretches
    }

    fn draw_never(&self, scene: &mut Scene, plot: Frame) {
        let unfit = self.stretches(plot, &self.unfit);
        for (left, right) in self.stretches(plot, &self.never).into_iter().chain(unfit) {
            scene.unsettled(Frame::new(left, plot.top, right, plot.bottom));
        }
    }

    /// Last, so that no line runs through them.
    fn draw_never_words(&self, scene: &mut Scene, plot: Frame) {
        let words = "overloaded";
        let length = font::width(words, LABEL_FACE);
        for (left, right) in self.stretches(plot, &self.never) {
            let ground = Frame::new(left, plot.top, right, plot.bottom);
            let (x, y) = ground.middle();
            if !self.never.in_words || ground.width() < 20.0 || ground.height() < length + 30.0 {
                continue;
            }
            let flat = ground.width() >= length + 16.0;
            let (half_x, half_y) =
                if flat { (length / 2.0 + 4.0, 9.0) } else { (9.0, length / 2.0 + 4.0) };
            scene.rectangle(Frame::new(x - half_x, y - half_y, x + half_x, y + half_y), WHITE);
            match flat {
                true => scene.text((x, y), words, LABEL_FACE, SOFT, Anchor::Middle),
                false => scene.upright_text((x, y), words, LABEL_FACE, SOFT),
            }
        }
    }

    fn draw_crosses(&self, scene: &mut Scene, plot: Frame) {
        for x in &self.never.at {
            let x = self.across(plot, *x);
            scene.cross((x, plot.bottom), 4.5, VERMILLION);
        }
    }

    /// Names the lines beside their right ends, pushed apart where they would meet.
    fn draw_names(&self, scene: &mut Scene, plot: Frame) {
        let mut ends: Vec<(f64, Pixel, &PlotLine)> = self
            .lines
            .iter()
            .filter_map(|line| {
                let inside = |dot: &&Dot| self.y.scale.holds(dot.y);
                let last = line.dots.iter().rev().find(inside).or(line.dots.last())?;
                let (x, y) = self.at(plot, last.x, last.y);
                let y = y.clamp(plot.top, plot.bottom);
                Some((y, (x, y), line))
            })
            .collect();
        ends.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut places: Vec<f64> = ends.iter().map(|end| end.0).collect();
        push_apart(&mut places, 17.0, plot.top + 6.0, plot.bottom - 6.0);
        for ((_, end, line), y) in ends.iter().zip(places) {
            let x = plot.right + 14.0;
            // A leader across the plot would read as data: colour and mark tell which line it is.
            if plot.right - end.0 <= LONGEST_LEADER {
                let leader = [*end, (plot.right + 2.0, end.1), (x - 2.0, y)];
                scene.line(&leader, AXIS.faint(0.45), 1.0, &[]);
            }
            line.key().draw(scene, (x, y));
        }
    }
}

/// Moves rising `places` as little as needed for `gap` between neighbours, within the bounds as
/// far as they fit.
pub(super) fn push_apart(places: &mut [f64], gap: f64, low: f64, high: f64) {
    let mut least = low;
    for place in places.iter_mut() {
        *place = place.max(least);
        least = *place + gap;
    }
    let mut most = high.max(low + gap * places.len().saturating_sub(1) as f64);
    for place in places.iter_mut().rev() {
        *place = place.min(most);
        most = *place - gap;
    }
}

fn inside(plot: Frame, (x, y): Pixel) -> bool {
    (plot.left - 0.5..=plot.right + 0.5).contains(&x)
        && (plot.top - 0.5..=plot.bottom + 0.5).contains(&y)
}

/// The parts of a line between the top and the bottom of `plot`.
fn clipped(points: &[Pixel], plot: Frame) -> Vec<Vec<Pixel>> {
    let mut pieces: Vec<Vec<Pixel>> = Vec::new();
    for pair in points.windows(2) {
        let Some([from, to]) = clip(pair[0], pair[1], plot.top, plot.bottom) else { continue };
        match pieces.last_mut() {
            Some(piece) if piece.last() == Some(&from) => piece.push(to),
            _ => pieces.push(vec![from, to]),
        }
    }
    pieces
}

fn clip(from: Pixel, to: Pixel, top: f64, bottom: f64) -> Option<[Pixel; 2]> {
    let (low, high) = (from.1.min(to.1), from.1.max(to.1));
    if !(low <= bottom && high >= top) {
        return None;
    }
    let fixed = |point: Pixel| {
        let y = point.1.clamp(top, bottom);
        match y == point.1 {
            true => point,
            false => (from.0 + (to.0 - from.0) * (y - from.1) / (to.1 - from.1), y),
        }
    };
    Some([fixed(from), fixed(to)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_pushed_apart_and_stay_in_bounds() {
        let mut places = [10.0, 11.0, 12.0, 95.0, 96.0];
        push_apart(&mut places, 15.0, 0.0, 100.0);
        assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= 15.0 - 1e-9), "{places:?}");
        assert!(places[0] >= 0.0 && places[4] <= 100.0);
    }

    #[test]
    fn lines_are_cut_at_the_edges_of_the_plot() {
        let plot = Frame::new(0.0, 0.0, 100.0, 100.0);
        let pieces = clipped(&[(0.0, 50.0), (50.0, -50.0), (100.0, 50.0)], plot);
        assert_eq!(pieces, [[(0.0, 50.0), (25.0, 0.0)], [(75.0, 0.0), (100.0, 50.0)]]);
        assert!(clipped(&[(0.0, f64::NAN), (1.0, f64::NAN)], plot).is_empty());
    }
}
