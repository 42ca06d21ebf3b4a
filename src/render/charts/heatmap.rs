//! Workers against cores: a value in every cell, hatched where nothing settles.

use super::along::{Along, RowGroup, common, grouped_but};
use super::axis::{Axis, LOG_FROM, Scale, drawable, range};
use super::best::named;
use super::canvas::{Anchor, Frame, Scene};
use super::font::{self, Face};
use super::grid;
use super::number;
use super::page::{EDGE, LegendEntry, LegendSample, Page, WIDTH};
use super::palette::{AXIS, BLACK, SOFT, TEXT, WHITE, heat};
use super::words::{measure_name, title};
use super::{ChartError, Sheet};
use crate::experiment::row::{Estimate, Measure, Row, Stability, Unit};

const AXIS_FACE: Face = Face::regular(13.0);
const TICK_FACE: Face = Face::regular(12.0);
const GROUP_FACE: Face = Face::bold(13.0);

/// Columns from which on cells are narrow: a unit that all figures share stands once, below the map;
/// else the text takes two lines, figure and unit.
const NARROW_FROM: usize = 12;

/// Significant figures in a cell.
const FIGURES: i32 = 2;

/// Room for the colour bar and its figures.
const BAR: f64 = 92.0;

/// `measure` in each cell of workers x cores; the named cell of each number of cores is outlined,
/// cells that are overloaded are hatched.
///
/// # Errors
/// If the rows do not differ in both workers and cores, or none has the measure.
pub(crate) fn heatmap(rows: &[Row], measure: Measure) -> Result<Sheet<'_>, ChartError> {
    let rows: Vec<&Row> = rows.iter().filter(|row| drawable(row.axes.cores)).collect();
    let columns = distinct(rows.iter().map(|row| f64::from(row.axes.workers)));
    let lines = distinct(rows.iter().map(|row| row.axes.cores));
    if columns.len() < 2 {
        return Err(ChartError::NeedsTwo { along: Along::Workers, option: "--workers 1,2,4,8" });
    }
    if lines.len() < 2 {
        return Err(ChartError::NeedsTwo { along: Along::Cores, option: "--cores 1,2,4" });
    }
    let values = || rows.iter().filter_map(|row| Some(settled(row, measure)?.value));
    let Some((least, most)) = range(values()) else {
        return Err(ChartError::NoValues(measure_name(measure)));
    };
    let (mut groups, mut notes) = (grouped_but(&rows, &[Along::Workers, Along::Cores]), vec![]);
    grid::limited(&mut groups, &mut notes);
    let mut map = Map { measure, columns, lines, scale: colour_scale(least, most), unit: None };
    map.unit = common_unit(values(), measure).filter(|_| map.narrow());
    notes.extend(map.unit.iter().map(|unit| format!("Figures in cells are in {unit}.")));
    let page = Page {
        name: format!("heatmap-{}", measure.name().replace('_', "-")),
        title: title(&format!("{} by workers and cores", measure_name(measure)), &common(&rows)),
        keys: map.keys(&groups),
        notes,
    };
    let height = map.height(&groups[0]);
    let size = (map.width(), height * groups.len() as f64);
    Ok(Sheet::new(page, size, move |scene, body| {
        for (number, group) in groups.iter().enumerate() {
            let top = body.top + height * number as f64;
            map.draw(scene, group, Frame::new(body.left, top, body.right, top + height));
        }
    }))
}

/// The sorted different values.
fn distinct(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    values
}

/// The unit that all figures of cells have, if they have one.
fn common_unit(values: impl Iterator<Item = f64>, measure: Measure) -> Option<String> {
    let unit = |value| {
        let words = number::with_unit(value, measure.unit(), FIGURES);
        words.split_once(' ').map(|(_, unit)| unit.to_owned())
    };
    let mut units = values.map(unit);
    let first = units.next()??;
    units.all(|unit| unit.as_ref() == Some(&first)).then_some(first)
}

/// The estimate of a cell that settles, if it can be drawn.
fn settled(row: &Row, measure: Measure) -> Option<Estimate> {
    let estimate = row.measures.get(measure)?;
    (row.stability != Stability::No && drawable(estimate.value)).then_some(estimate)
}

/// Colours span at least half as much again as the least value, or noise would look like news.
fn colour_scale(least: f64, most: f64) -> Scale {
    let most = if least > 0.0 { most.max(least * 1.5) } else { most };
    match least > 0.0 && most / least > LOG_FROM / 3.0 {
        true => Scale::log(least, most),
        false => Scale::linear(least, most),
    }
}

/// What all panels of the picture share.
struct Map {
    measure: Measure,
    columns: Vec<f64>,
    lines: Vec<f64>,
    scale: Scale,
    /// The unit of all figures, where it does not stand in the cells.
    unit: Option<String>,
}

impl Map {
    fn narrow(&self) -> bool {
        self.columns.len() >= NARROW_FROM
    }

    fn left(&self) -> f64 {
        let labels: Vec<String> = self.lines.iter().map(|cores| number::short(*cores, 4)).collect();
        EDGE + 20.0 + font::widest(labels.iter().map(String::as_str), TICK_FACE) + 10.0
    }

    /// Width and height of a cell.
    fn cell(&self) -> (f64, f64) {
        match self.narrow() {
            true => ((WIDTH - self.left() - BAR) / self.columns.len() as f64, 36.0),
            false => ((WIDTH - self.left() - BAR) / self.columns.len() as f64, 34.0),
        }
    }

    /// Columns are never narrower than their text.
    fn column_width(&self) -> f64 {
        self.cell().0.max(if self.narrow() { 31.0 } else { 46.0 })
    }

    fn width(&self) -> f64 {
        (self.left() + self.column_width() * self.columns.len() as f64 + BAR).max(WIDTH)
    }

    fn group_top(&self, group: &RowGroup) -> f64 {
        if group.label.is_empty() { 4.0 } else { 24.0 }
    }

    fn height(&self, group: &RowGroup) -> f64 {
        self.group_top(group) + self.cell().1 * self.lines.len() as f64 + 50.0
    }

    fn keys(&self, groups: &[RowGroup]) -> Vec<LegendEntry> {
        let mut keys = Vec::new();
        if groups.iter().any(|group| group.rows.iter().any(|row| named(row))) {
            let words = "named: the fewest workers shown to be good enough for these cores";
            keys.push(LegendEntry::new(words, LegendSample::Outline(BLACK)));
        }
        let unstable = |row: &&Row| row.stability == Stability::No;
        if groups.iter().any(|group| group.rows.iter().any(unstable)) {
            keys.push(LegendEntry::new("overloaded", LegendSample::Unsettled));
        }
        if groups.iter().any(|group| group.rows.iter().any(|row| !row.fits())) {
            keys.push(LegendEntry::new(
                "hatched figure: does not fit into the memory",
                LegendSample::Unsettled,
            ));
        }
        keys
    }

    fn draw(&self, scene: &mut Scene, group: &RowGroup, frame: Frame) {
        let top = frame.top + self.group_top(group);
        scene.text((self.left(), frame.top + 11.0), &group.label, GROUP_FACE, TEXT, Anchor::Start);
        let (width, height) = (self.column_width(), self.cell().1);
        let right = self.left() + width * self.columns.len() as f64;
        let ground = Frame::new(self.left(), top, right, top + height * self.lines.len() as f64);
        for (number, cores) in self.lines.iter().rev().enumerate() {
            let top = ground.top + height * number as f64;
            let rows: Vec<&Row> =
                group.rows.iter().copied().filter(|row| row.axes.cores == *cores).collect();
            self.draw_line(scene, &rows, (ground.left, top));
            let label = number::short(*cores, 4);
            let at = (ground.left - 8.0, top + height / 2.0);
            scene.text(at, &label, TICK_FACE, TEXT, Anchor::End);
        }
        self.draw_axes(scene, ground);
        self.draw_bar(scene, ground);
    }

    /// The cells of one number of cores, the outline above them all.
    fn draw_line(&self, scene: &mut Scene, rows: &[&Row], (left, top): (f64, f64)) {
        let (width, height) = (self.column_width(), self.cell().1);
        let frame = |number: usize| {
            let left = left + width * number as f64;
            Frame::new(left, top, left + width, top + height)
        };
        for (number, workers) in self.columns.iter().enumerate() {
            let row = rows.iter().find(|row| f64::from(row.axes.workers) == *workers);
            let Some(row) = row else { continue };
            let estimate = settled(row, self.measure);
            self.draw_cell(scene, row, estimate, frame(number));
        }
        let Some(best) = rows.iter().find(|row| named(row)) else { return };
        let workers = f64::from(best.axes.workers);
        let number = self.columns.iter().position(|column| *column == workers).unwrap_or(0);
        let Frame { left, top, right, bottom } = frame(number);
        scene.outline(Frame::new(left + 3.5, top + 3.5, right - 3.5, bottom - 3.5), WHITE, 1.5);
        scene.outline(Frame::new(left + 1.5, top + 1.5, right - 1.5, bottom - 1.5), BLACK, 2.5);
    }

    fn draw_cell(&self, scene: &mut Scene, row: &Row, estimate: Option<Estimate>, frame: Frame) {
        let (x, y) = frame.middle();
        let Some(estimate) = estimate else {
            match row.stability {
                Stability::No => scene.unsettled(frame),
                _ => scene.text((x, y), "–", Face::bold(15.0), SOFT, Anchor::Middle),
            }
            return;
        };
        let ground = heat(self.scale.share(estimate.value));
        let mut ink = ground.contrasting();
        if row.fits() {
            scene.rectangle(frame, ground);
            scene.outline(frame, WHITE, 1.0);
        } else {
            // A figure that would be so: without its colour.
            scene.unsettled(frame);
            ink = TEXT;
        }
        let words = number::with_unit(estimate.value, self.measure.unit(), FIGURES);
        match words.split_once(' ') {
            Some((figure, _)) if self.unit.is_some() => {
                scene.text((x, y), figure, Face::regular(12.0), ink, Anchor::Middle);
            }
            Some((figure, unit)) if self.narrow() => {
                scene.text((x, y - 6.5), figure, Face::regular(12.0), ink, Anchor::Middle);
                scene.text((x, y + 7.5), unit, Face::regular(10.0), ink, Anchor::Middle);
            }
            _ => scene.text((x, y), &words, Face::regular(12.5), ink, Anchor::Middle),
        }
    }

    fn draw_axes(&self, scene: &mut Scene, ground: Frame) {
        scene.outline(ground, AXIS, 1.0);
        let width = self.column_width();
        for (number, workers) in self.columns.iter().enumerate() {
            let x = ground.left + width * (number as f64 + 0.5);
            let words = number::short(*workers, 4);
            scene.text((x, ground.bottom + 12.0), &words, TICK_FACE, TEXT, Anchor::Middle);
        }
        let (x, y) = ground.middle();
        scene.text((x, ground.bottom + 31.0), "workers", AXIS_FACE, SOFT, Anchor::Middle);
        scene.upright_text((EDGE + 4.0, y), "cores", AXIS_FACE, SOFT);
    }

    /// The colours from least to most, with figures.
    fn draw_bar(&self, scene: &mut Scene, ground: Frame) {
        let (left, right) = (ground.right + 18.0, ground.right + 32.0);
        let steps = 40;
        let level = |share: f64| ground.bottom - share * ground.height();
        for step in 0..steps {
            let (from, to) = (f64::from(step) / 40.0, f64::from(step + 1) / 40.0);
            let part = Frame::new(left, level(to), right, level(from));
            scene.rectangle(part, heat(f64::midpoint(from, to)));
        }
        scene.outline(Frame::new(left, ground.top, right, ground.bottom), AXIS, 1.0);
        let mut last = f64::INFINITY;
        for (value, words) in self.bar_ticks() {
            let y = level(self.scale.share(value));
            if last - y < 15.0 {
                continue;
            }
            last = y;
            scene.line(&[(right, y), (right + 4.0, y)], AXIS, 1.0, &[]);
            scene.text((right + 7.0, y), &words, TICK_FACE, TEXT, Anchor::Start);
        }
    }

    fn bar_ticks(&self) -> Vec<(f64, String)> {
        let (low, high) = (self.scale.value(0.0), self.scale.value(1.0));
        let axis = match self.measure.unit() {
            Unit::Seconds if self.scale == Scale::log(low, high) => {
                Axis::log_seconds("", low, high)
            }
            Unit::Seconds => Axis::seconds("", low, high),
            Unit::Share => Axis::shares("", low, high),
            Unit::Bytes => Axis::bytes("", low, high),
            Unit::Requests | Unit::PerSecond => Axis::numbers("", low, high),
        };
        let values = axis.ticks.into_iter().map(|(value, _)| value);
        let values = values.filter(|value| self.scale.holds(*value));
        values.map(|value| (value, number::with_unit(value, self.measure.unit(), 3))).collect()
    }
}
