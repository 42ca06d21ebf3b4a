//! Small multiples: the same plot for each combination of the axes that are not drawn.

use super::along::RowGroup;
use super::canvas::Frame;
use super::page::{LegendEntry, LegendSample, Page, Sheet, WIDTH, never_settles_key};
use super::panel::Panel;
use crate::experiment::row::Stability;
use crate::render::spread::spread;

/// How many combinations one picture shows.
pub(super) const MOST_GROUPS: usize = 6;

/// Cuts `groups` to what one picture shows, and notes how many there were.
pub(super) fn limited(groups: &mut Vec<RowGroup>, notes: &mut Vec<String>) {
    let overloaded = |group: &RowGroup| group.rows.iter().all(|row| row.stability == Stability::No);
    let idle = groups.iter().filter(|group| overloaded(group)).count();
    if idle > 0 && idle < groups.len() && groups.len() > 1 {
        groups.retain(|group| !overloaded(group));
        notes.push(match idle {
            1 => "One more combination is overloaded everywhere.".to_owned(),
            idle => format!("{idle} more combinations are overloaded everywhere."),
        });
    }
    let all = groups.len();
    if all > MOST_GROUPS {
        notes.push(format!("{MOST_GROUPS} of {all} combinations are shown, evenly spread."));
        let shown: Vec<usize> = spread(all, MOST_GROUPS).collect();
        let mut at = 0..all;
        groups.retain(|_| at.next().is_some_and(|at| shown.contains(&at)));
    }
}

/// A picture of `blocks`, each a stack of panels. A single block names its lines at their ends,
/// several share the key above them.
pub(super) fn sheet(mut page: Page, mut blocks: Vec<Vec<Panel>>) -> Sheet<'static> {
    let stack = blocks.iter().map(Vec::len).max().unwrap_or(1);
    let columns = if blocks.len() > 1 { 2 } else { 1 };
    let alone = blocks.len() == 1;
    for panel in blocks.iter_mut().flatten() {
        panel.named = alone && panel.lines.iter().any(|line| !line.label.is_empty());
    }
    align(&mut blocks);
    if !alone {
        add_line_keys(&mut page, &blocks[..]);
    }
    if blocks.iter().flatten().any(|panel| !panel.never.at.is_empty()) {
        page.keys.push(never_settles_key());
    }
    if blocks.iter().flatten().any(|panel| !panel.unfit.at.is_empty()) {
        page.keys.push(LegendEntry::new("does not fit into the memory", LegendSample::Unsettled));
    }
    let panel_height = match (alone, stack) {
        (true, 1) => 400.0,
        (true, _) => 250.0,
        (false, 1) => 270.0,
        (false, _) => 200.0,
    };
    let (wide, high) = (WIDTH / columns as f64, panel_height * stack as f64);
    let size = (WIDTH, high * blocks.len().div_ceil(columns) as f64);
    Sheet::new(page, size, move |scene, body| {
        for (number, block) in blocks.iter().enumerate() {
            // The last of an odd number takes the whole row: no quarter is empty.
            let last = number + 1 == blocks.len() && number % columns == 0;
            let wide_here = if last { WIDTH } else { wide };
            let left = body.left + wide * (number % columns) as f64;
            let top = body.top + high * (number / columns) as f64;
            for (level, panel) in block.iter().enumerate() {
                let top = top + panel_height * level as f64;
                panel.draw(scene, Frame::new(left, top, left + wide_here, top + panel_height));
            }
        }
    })
}

/// Gives all panels the same room beside their plots.
fn align(blocks: &mut [Vec<Panel>]) {
    let most = |room: fn(&Panel) -> f64| blocks.iter().flatten().map(room).fold(0.0, f64::max);
    let least_room = (most(Panel::left_room), most(Panel::right_room));
    for panel in blocks.iter_mut().flatten() {
        panel.least_room = least_room;
    }
}

/// The key of all lines, each once, before other keys.
fn add_line_keys(page: &mut Page, blocks: &[Vec<Panel>]) {
    let mut keys: Vec<LegendEntry> = Vec::new();
    for line in blocks.iter().flatten().flat_map(|panel| &panel.lines) {
        let key = line.key();
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    page.keys.splice(0..0, keys);
}
